"""Fields and topics dropped on plots, by real events."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent

from efdviewer.domain.topics import TopicName
from efdviewer.ui.drop_hint import DropHint
from efdviewer.viewmodels.topic_drag import mime_data
from tests.ui.plots import A, B, C, application, area_of, caught, curve, row_of, settle

COPY, LEFT, NONE = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
EVENT = TopicName.parse("lsst.sal.CSC.logevent_x")


def drop(widget, place: QPoint, mime) -> None:
    """Enter, move and let go, as a drag from the tree does."""
    send = application().sendEvent
    send(widget, QDragEnterEvent(place, COPY, mime, LEFT, NONE))
    send(widget, QDragMoveEvent(place, COPY, mime, LEFT, NONE))
    send(widget, QDropEvent(QPointF(place), COPY, mime, LEFT, NONE))


@pytest.fixture
def area():
    made = area_of(row_of(A))
    made.set_curve(0, curve(A))
    settle(made)
    yield made
    made.close()


def place_in(row, zone: str) -> QPoint:
    frame = row.canvas.frame()
    x = {"left": frame.left - 10, "plot": frame.left + frame.width // 2, "right": frame.right - 5}[zone]
    return row.canvas.mapTo(row, QPoint(x, frame.top + frame.height // 2))


@pytest.mark.parametrize(("zone", "axis"), [("left", "left"), ("right", "right"), ("plot", None)])
def test_that_fields_dropped_on_an_axis_choose_it(area, zone, axis):
    dropped = caught(area.fieldsDropped)
    drop(area.row(0), place_in(area.row(0), zone), mime_data([B, C], []))
    assert dropped == [(0, [B, C], axis)]


def test_that_a_hint_shows_where_a_drag_would_go_and_leaves_with_it(area):
    row, mime = area.row(0), mime_data([B], [])
    hint = row.findChild(DropHint)
    place = place_in(row, "right")
    application().sendEvent(row, QDragEnterEvent(place, COPY, mime, LEFT, NONE))
    application().sendEvent(row, QDragMoveEvent(place, COPY, mime, LEFT, NONE))
    assert hint.isVisible()
    assert hint.geometry().right() >= row.canvas.frame().right - 1
    assert hint.width() < 100
    application().sendEvent(row, QDragLeaveEvent())
    assert not hint.isVisible()


def test_that_topics_become_event_lines_wherever_they_fall(area):
    dropped = caught(area.topicsDropped)
    drop(area.row(0), place_in(area.row(0), "left"), mime_data([], [EVENT]))
    drop(area, QPoint(5, 5), mime_data([], [EVENT]))
    assert dropped == [([str(EVENT)],), ([str(EVENT)],)]


def test_that_fields_dropped_beside_the_rows_make_a_new_one(area):
    dropped = caught(area.fieldsDropped)
    drop(area, QPoint(5, 5), mime_data([B], []))
    assert dropped == [(-1, [B], None)]
