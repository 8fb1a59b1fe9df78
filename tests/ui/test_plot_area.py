import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QAbstractButton, QPushButton

from efdviewer.domain.session import PlotRow, ValueAxis
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldRef
from efdviewer.viewmodels.curve_state import CurveStatus
from efdviewer.viewmodels.topic_drag import FIELDS_MIME, TOPICS_MIME
from tests.ui.plots import (
    SECOND_NS,
    START_NS,
    A,
    B,
    C,
    area_of,
    caught,
    curve,
    drop,
    overlay,
    row_of,
    settle,
    view,
)


def test_that_rows_are_kept_moved_made_and_removed_with_their_curves():
    area = area_of(row_of(A), row_of(B))
    area.set_curve(0, curve(A))
    first, second = area.rows()
    area.set_rows([row_of(B), row_of(C), row_of(A)])
    assert area.row(0) is second
    assert area.row(2) is first
    assert area.row(2).curves() == [A]
    assert [row.objectName() for row in area.rows()] == ["plotRow0", "plotRow1", "plotRow2"]
    area.set_rows([row_of(C)])
    assert len(area.rows()) == 1
    assert len(area.row(0).drawn_points(A)[0]) == 0


def test_that_the_range_set_is_the_range_shown_to_the_nanosecond():
    area = area_of(row_of(A))
    exact = TimeRange(start_utc_ns=START_NS + 123_456_789, end_utc_ns=START_NS + 123_456_989)
    area.set_time_range(exact)
    settle(area)
    assert area.row(0).view_range_ns() == (exact.start_utc_ns, exact.end_utc_ns)
    asked = caught(area.rangeEdited)
    area.row(0).set_view_range_ns(START_NS + 1, START_NS + 1001)
    assert asked == [(TimeRange(start_utc_ns=START_NS + 1, end_utc_ns=START_NS + 1001), "script")]


def test_that_drawn_points_are_those_in_view_of_visible_curves():
    area = area_of(row_of(A, B))
    area.set_curve(0, curve(A, view=view(np.arange(100.0))))
    area.set_curve(0, curve(B, visible=False))
    area.set_time_range(TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + 100 * SECOND_NS))
    times, values = area.row(0).drawn_points(str(A))
    assert values.tolist() == list(range(10))
    assert times.dtype == np.int64
    assert len(area.row(0).drawn_points(B)[0]) == 0


def test_that_event_lines_answer_by_topic_and_by_either_name_of_the_stamp():
    area = area_of(row_of(A))
    area.set_overlays([overlay([5, 5, 2000])])
    row, topic = area.row(0), "lsst.sal.CSC.logevent_x"
    for name in (topic, f"{topic}@sndStamp", f"{topic}@private_sndStamp"):
        assert row.event_lines(name).tolist() == [START_NS + 5 * SECOND_NS] * 2
    assert len(row.event_lines(f"{topic}@rcvStamp")) == 0
    area.set_overlays([overlay([5], visible=False)])
    assert len(row.event_lines(topic)) == 0


def test_that_value_axes_line_up_and_only_the_lowest_row_has_labels_of_time():
    area = area_of(row_of(A), row_of(B))
    area.set_curve(0, curve(A, view=view([1.0, 2.0])))
    area.set_curve(1, curve(B, view=view([1_234_567.0, 1_234_568.0]), side="right"))
    settle(area)
    top, low = (row.canvas.frame() for row in area.rows())
    assert (top.left, top.width) == (low.left, low.width)
    assert area.columns() == top.width
    gaps = [row.canvas.height() - row.canvas.frame().bottom for row in area.rows()]
    assert gaps[0] < 10 < gaps[1]


def test_that_a_new_width_is_told():
    area = area_of(row_of(A))
    told = caught(area.columnsChanged)
    area.resize(1400, 600)
    settle(area)
    assert told[-1] == (area.columns(),)
    assert area.columns() > 1200


def test_that_fixed_limits_and_logarithm_are_drawn():
    area = area_of(PlotRow(curves=row_of(A).curves, left=ValueAxis(low=0.1, high=1000, log=True)))
    area.set_curve(0, curve(A))
    assert area.row(0).canvas.scale("left").limits() == pytest.approx((0.1, 1000))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (CurveStatus.LOADING, "Loading"),
        (CurveStatus.NO_DATA, "the last one was"),
        (CurveStatus.UNKNOWN, "no such field"),
        (CurveStatus.FAILED, "refused"),
        (CurveStatus.CANCELLED, "Cancelled"),
    ],
)
def test_that_the_plot_says_in_words_why_nothing_is_drawn(status, words):
    area = area_of(row_of(A))
    message = "" if status is CurveStatus.LOADING else words
    area.set_curve(0, curve(A, status=status, message=message, view=None))
    box = area.row(0).message
    assert box.isVisible()
    assert words in box.accessibleName()
    asked = {
        CurveStatus.LOADING: caught(area.cancelRequested),
        CurveStatus.FAILED: caught(area.retryRequested),
        CurveStatus.CANCELLED: caught(area.retryRequested),
    }.get(status)
    buttons = box.findChildren(QPushButton)
    assert len(buttons) == (0 if asked is None else 1)
    for button in buttons:
        button.click()
        assert asked == [(0, A)]
    area.set_curve(0, curve(A))
    assert not box.isVisible()


def test_that_loading_again_leaves_the_old_picture_and_tells_only_after_a_while():
    area = area_of(row_of(A))
    area.set_curve(0, curve(A, status=CurveStatus.LOADING))
    box = area.row(0).message
    assert not box.isVisible()
    shown = QSignalSpy(box.resized)
    assert shown.wait(5000)
    assert box.isVisible()
    assert "Loading" in box.accessibleName()
    assert len(area.row(0).drawn_points(A)[0]) == 3
    area.set_curve(0, curve(A))
    assert not box.isVisible()


def test_that_the_legend_lies_beside_the_plot_and_never_over_it():
    fields = [FieldRef("lsst.sal.CSC.topic", f"field{index}") for index in range(12)]
    area = area_of(row_of(*fields))
    for field in fields:
        area.set_curve(0, curve(field, title=f"CSC.topic.a_rather_long_name_of_{field.field}"))
    settle(area)
    row = area.row(0)
    legend = row.legend
    assert legend.geometry().bottom() <= row.canvas.geometry().top() + 1
    assert legend.height() < 0.4 * row.height()
    assert all(legend.rect().contains(entry.geometry()) for entry in legend.entries())


def test_that_reading_a_value_moves_nothing():
    area = area_of(row_of(A, B))
    area.set_curve(0, curve(A))
    area.set_curve(0, curve(B))
    settle(area)
    row = area.row(0)
    before = [entry.geometry() for entry in row.legend.entries()], row.canvas.geometry()
    QTest.mouseMove(row.canvas, QPoint(300, 60))
    settle(area)
    assert row.legend.entries()[0].accessibleDescription()
    assert ([entry.geometry() for entry in row.legend.entries()], row.canvas.geometry()) == before


def test_that_the_legend_hides_isolates_and_reads_values():
    area = area_of(row_of(A, B))
    area.set_curve(0, curve(A, view=view([1.0, 2.0, 3.0])))
    area.set_curve(0, curve(B, visible=False))
    first, second = area.row(0).legend.entries()
    hidden, alone = caught(area.curveVisibilityEdited), caught(area.curveIsolated)
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    QTest.mouseClick(second, Qt.MouseButton.LeftButton)
    QTest.mouseClick(first, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier)
    assert hidden == [(0, A, False), (0, B, True)]
    assert alone == [(0, A)]
    canvas = area.row(0).canvas
    QTest.mouseMove(canvas, QPoint(canvas.frame().left + canvas.frame().width // 2, 40))
    settle(area)
    assert first.accessibleDescription().startswith("2 at ")


def test_that_row_buttons_tell_which_row_they_belong_to():
    area = area_of(row_of(A), row_of(B))
    moved, removed = caught(area.rowMoved), caught(area.rowRemoved)
    buttons = {button.objectName(): button for button in area.row(1).buttons.findChildren(QAbstractButton)}
    buttons["rowUp"].click()
    buttons["rowDown"].click()
    buttons["rowRemove"].click()
    assert moved == [(1, 0)]
    assert removed == [(1,)]
    assert all(button.accessibleName() and button.toolTip() for button in buttons.values())


def test_that_dropped_fields_and_topics_are_told_with_row_and_axis():
    area = area_of(row_of(A), row_of(B))
    fields, topics = caught(area.fieldsDropped), caught(area.topicsDropped)

    def fall(target, x, mime, text):
        data = QMimeData()
        data.setData(mime, text)
        drop(target, QPoint(x, 50), data)

    names = f'["{A}", "{B}"]'.encode()
    fall(area.row(1), 400, FIELDS_MIME, names)
    fall(area.row(0), 5, FIELDS_MIME, names)
    fall(area, 400, FIELDS_MIME, names)
    fall(area.row(0), 400, FIELDS_MIME, b"not json")
    fall(area.row(0), 400, TOPICS_MIME, b'["lsst.sal.CSC.logevent_x"]')
    assert fields == [(1, [A, B], None), (0, [A, B], "left"), (-1, [A, B], None)]
    assert topics == [(["lsst.sal.CSC.logevent_x"],)]


def test_that_rows_have_names_for_screen_readers_and_take_the_focus():
    area = area_of(row_of(A), row_of(B))
    area.set_curve(0, curve(A, title="CSC.topic.a"))
    told = caught(area.currentRowChanged)
    assert area.row(0).accessibleName() == "Plot of CSC.topic.a"
    QTest.mouseClick(area.row(1).canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 50))
    assert told == [(1,)]
    assert area.current_row() == 1


def test_that_a_plot_that_was_asked_for_is_the_current_one():
    area = area_of(row_of(A))
    area.set_rows([row_of(A), row_of(B)])
    assert area.current_row() == 1
    area.set_rows([row_of(A), row_of(B, C)])
    assert area.current_row() == 1
    area.set_rows([row_of(A)])
    assert area.current_row() == 0
    area.close()
