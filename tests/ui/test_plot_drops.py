"""Fields and topics dropped on plots, by real events."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent
from PySide6.QtTest import QTest

from efdviewer.domain.topics import FieldRef, TopicName
from efdviewer.ui.drop_hint import DropHint
from efdviewer.viewmodels.topic_drag import mime_data
from tests.ui.plots import A, B, C, application, area_of, caught, curve, drop, row_of, settle
from tests.windows import in_window

COPY, LEFT, NONE = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
POWER, TEMPERATURE = (
    FieldRef("lsst.sal.ATCamera.wrebPower", "analog_I"),
    FieldRef("lsst.sal.ATCamera.wreb", "temp1"),
)
EVENT = TopicName.parse("lsst.sal.CSC.logevent_x")


@pytest.fixture
def area():
    made = area_of(row_of(A))
    made.set_curve(0, curve(A))
    settle(made)
    yield made
    made.close()


def place_in(row, zone: str) -> QPoint:
    frame = row.canvas.frame()
    x = {"left": frame.left - 10, "right": frame.right - 5}.get(zone, frame.left + frame.width // 2)
    if zone == "new":
        return row.canvas.mapTo(row, QPoint(x, frame.bottom + 10))
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


def test_that_fields_dropped_beneath_the_lowest_plot_make_a_new_one():
    area = area_of(row_of(A), row_of(B))
    dropped, window = caught(area.fieldsDropped), area.windowHandle()
    place = area.row(1).mapTo(area, place_in(area.row(1), "new"))
    # To the window, which finds the widget below the mouse as it does for a real drag.
    drop(window, place, mime_data([C], []))
    drop(window, area.row(0).mapTo(area, place_in(area.row(0), "plot")), mime_data([C], []))
    assert dropped == [(-1, [C], None), (0, [C], None)]
    area.close()


def test_that_fields_dropped_on_an_empty_window_make_its_first_plot(night):
    async def work(window):
        drop(window.empty, QPoint(20, 20), mime_data([POWER], []))
        await window.idle()
        assert window.plots.row(0).curves() == [POWER]
        assert len(window.plots.row(0).drawn_points(POWER)[0]) > 1000
        drop(window.plots.row(0), place_in(window.plots.row(0), "right"), mime_data([TEMPERATURE], []))
        await window.idle()
        assert len(window.plots.rows()) == 1
        assert window.plots.row(0).canvas.has_side("right")
        drop(window.plots.row(0), place_in(window.plots.row(0), "new"), mime_data([TEMPERATURE], []))
        assert [row.curves() for row in window.plots.rows()] == [[POWER, TEMPERATURE], [TEMPERATURE]]
        await window.idle()

    in_window([str(night)], work)


def test_that_topics_become_event_lines_wherever_they_fall(area):
    dropped = caught(area.topicsDropped)
    drop(area.row(0), place_in(area.row(0), "left"), mime_data([], [EVENT]))
    drop(area, QPoint(5, 5), mime_data([], [EVENT]))
    assert dropped == [([str(EVENT)],), ([str(EVENT)],)]


def test_that_fields_dropped_beside_the_rows_make_a_new_one(area):
    dropped = caught(area.fieldsDropped)
    drop(area, QPoint(5, 5), mime_data([B], []))
    assert dropped == [(-1, [B], None)]


def test_that_a_plot_on_which_something_fell_lets_its_buttons_go_with_the_mouse():
    area = area_of(row_of(A), row_of(B))
    first, second = area.rows()
    # The focus, which a window gives to its first plot, would show them too.
    first.clearFocus()
    drop(first, place_in(first, "plot"), mime_data([C], []))
    frame = second.canvas.frame()
    for x in (100, 120):
        QTest.mouseMove(second.canvas, QPoint(frame.left + x, frame.top + 20))
        settle(area)
    assert second.buttons.isVisible()
    assert not first.buttons.isVisible()
    area.close()
