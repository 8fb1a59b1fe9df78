import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLineEdit

from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.crosshair import Crosshair
from tests.ui.plots import (
    RANGE,
    SECOND_NS,
    START_NS,
    A,
    application,
    area_of,
    caught,
    curve,
    overlay,
    row_of,
    settle,
    view,
)

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def area():
    made = area_of(row_of(A))
    made.set_curve(0, curve(view=view([0.0, 10.0] * 50)))
    settle(made)
    yield made
    made.close()


def drag(canvas, start, end, button=LEFT, modifiers=NONE):
    QTest.mousePress(canvas, button, modifiers, QPoint(*start))
    for part in (0.3, 0.7, 1.0):
        place = QPoint(*(round(a + (b - a) * part) for a, b in zip(start, end, strict=True)))
        QTest.mouseMove(canvas, place)
        application().processEvents()
    QTest.mouseRelease(canvas, button, modifiers, QPoint(*end))


def turn(canvas, place, notches):
    event = QWheelEvent(
        QPointF(*place),
        canvas.mapToGlobal(QPointF(*place)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    application().sendEvent(canvas, event)


def test_that_a_flat_box_zooms_in_time_to_the_pixel(area):
    canvas, found, boxes = area.row(0).canvas, caught(area.rangeEdited), caught(area.boxEdited)
    frame = canvas.frame()
    drag(canvas, (frame.left + 100, 200), (frame.left + 300, 215))
    assert found == [
        (
            type(RANGE)(start_utc_ns=frame.ns_at(frame.left + 100), end_utc_ns=frame.ns_at(frame.left + 300)),
            "zoom",
        )
    ]
    assert boxes == []


def test_that_a_tall_box_zooms_in_value_too(area):
    canvas, found, boxes = area.row(0).canvas, caught(area.rangeEdited), caught(area.boxEdited)
    frame, scale = canvas.frame(), canvas.scale("left")
    drag(canvas, (frame.left + 100, 100), (frame.left + 300, 300))
    assert found == []
    row, time_range, side, low, high = boxes[0]
    assert (row, side, len(boxes)) == (0, "left", 1)
    assert time_range.start_utc_ns == frame.ns_at(frame.left + 100)
    assert (low, high) == pytest.approx((scale.value_at(frame, 300), scale.value_at(frame, 100)))


@pytest.mark.parametrize(
    ("button", "modifiers", "mode"), [(MIDDLE, NONE, "zoom"), (LEFT, SHIFT, "zoom"), (LEFT, NONE, "pan")]
)
def test_that_a_pan_moves_the_range_and_keeps_its_length(area, button, modifiers, mode):
    area.set_drag_mode(mode)
    canvas, found = area.row(0).canvas, caught(area.rangeEdited)
    frame = canvas.frame()
    drag(canvas, (frame.left + 300, 200), (frame.left + 400, 205), button, modifiers)
    moved, gesture = found[-1]
    assert gesture == "pan"
    assert moved.span_ns == RANGE.span_ns
    assert moved.start_utc_ns == START_NS - frame.ns_of(100)


def test_that_the_wheel_zooms_at_the_cursor_once_a_frame(area):
    canvas, found = area.row(0).canvas, caught(area.rangeEdited)
    frame = canvas.frame()
    x = frame.left + frame.width // 4
    for _ in range(3):
        turn(canvas, (x, 100), 1)
    assert found == []
    assert QSignalSpy(area.rangeEdited).wait(2000)
    zoomed, gesture = found[0]
    assert len(found) == 1
    assert gesture == "wheel"
    assert zoomed.span_ns == pytest.approx(RANGE.span_ns * 0.8**3, rel=1e-6)
    at_ns = frame.ns_at(x)
    share = (at_ns - zoomed.start_utc_ns) / zoomed.span_ns
    assert share == pytest.approx((x - frame.left) / frame.width, abs=1e-3)


def test_that_an_axis_changes_alone(area):
    canvas, ranges, limits = area.row(0).canvas, caught(area.rangeEdited), caught(area.valueLimitsEdited)
    frame, scale = canvas.frame(), canvas.scale("left")
    drag(canvas, (10, 200), (10, 200 + frame.height // 10))
    assert ranges == []
    row, side, low, high = limits[-1]
    tenth = (scale.high - scale.low) * (frame.height // 10) / frame.height
    assert (row, side) == (0, "left")
    assert (low, high) == pytest.approx((scale.low + tenth, scale.high + tenth))
    drag(canvas, (frame.left + 300, frame.bottom + 10), (frame.left + 200, frame.bottom + 10))
    assert ranges[-1][1] == "axis"
    assert ranges[-1][0].start_utc_ns == START_NS - frame.ns_of(-100)


def test_that_a_double_click_fits_and_on_an_axis_opens_its_limits(area):
    canvas, fits, limits, logs = (
        area.row(0).canvas,
        caught(area.fitRequested),
        caught(area.valueLimitsEdited),
        caught(area.valueLogEdited),
    )
    QTest.mouseDClick(canvas, LEFT, NONE, QPoint(400, 200))
    assert fits == [(0,)]
    QTest.mouseDClick(canvas, LEFT, NONE, QPoint(10, 200))
    popover = area.row(0).findChild(object, "axisPopover")
    assert popover.isVisible()
    popover.findChild(QLineEdit, "axisLow").setText("2.5")
    high = popover.findChild(QLineEdit, "axisHigh")
    high.setText("8")
    popover.findChild(object, "axisLog").click()
    QTest.keyClick(high, Qt.Key.Key_Return)
    assert limits == [(0, "left", 2.5, 8.0)]
    assert logs == [(0, "left", True)]
    assert not popover.isVisible()


def test_that_escape_gives_up_a_box(area):
    canvas, found = area.row(0).canvas, caught(area.rangeEdited)
    left = canvas.frame().left
    QTest.mousePress(canvas, LEFT, NONE, QPoint(left + 100, 200))
    QTest.mouseMove(canvas, QPoint(left + 300, 210))
    QTest.keyClick(area.row(0), Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(left + 300, 210))
    settle(area)
    assert found == []


def test_that_the_cursor_and_the_event_under_it_are_told(area):
    area.set_overlays([overlay([500])])
    canvas, cursor, events = area.row(0).canvas, caught(area.cursorMoved), caught(area.eventHovered)
    frame = canvas.frame()
    place = QPoint(frame.left + frame.width // 2 + 2, 150)
    QTest.mouseMove(canvas, place)
    QTest.mouseMove(canvas, place + QPoint(1, 0))
    settle(area)
    assert cursor[-1] == (frame.ns_at(place.x() + 1),)
    assert [tuple(hit) for hit, _ in events] == [
        (area._events.overlays[0].key, START_NS + 500 * SECOND_NS, 1)
    ]


def test_that_an_event_is_left_when_the_view_moves_it_away_from_a_resting_mouse(area):
    area.set_overlays([overlay([500])])
    canvas, left = area.row(0).canvas, caught(area.eventLeft)
    frame = canvas.frame()
    QTest.mouseMove(canvas, QPoint(frame.left + frame.width // 2, 150))
    settle(area)
    column_ns = RANGE.span_ns // frame.width
    area.set_time_range(RANGE)
    for columns, times in ((2, 0), (40, 1), (80, 1)):
        shift_ns = columns * column_ns
        area.set_time_range(
            TimeRange(start_utc_ns=RANGE.start_utc_ns + shift_ns, end_utc_ns=RANGE.end_utc_ns + shift_ns)
        )
        assert len(left) == times


def test_that_no_event_is_told_of_while_a_box_is_drawn(area):
    area.set_overlays([overlay([500, 600])])
    canvas, found, left = area.row(0).canvas, caught(area.eventHovered), caught(area.eventLeft)
    frame = canvas.frame()
    places = [QPoint(frame.left + frame.width * share // 10, 150) for share in (5, 6)]
    for off in (1, 0):
        QTest.mouseMove(canvas, places[0] + QPoint(off, 0))
    settle(area)
    assert (len(found), len(left)) == (1, 0)
    QTest.mousePress(canvas, LEFT, NONE, places[0])
    QTest.mouseMove(canvas, places[1])
    settle(area)
    assert (len(found), len(left)) == (1, 1)
    QTest.mouseRelease(canvas, LEFT, NONE, places[1])


def test_that_the_crosshair_comes_and_goes_beneath_a_resting_mouse(area):
    canvas, cursor = area.row(0).canvas, caught(area.cursorMoved)
    line = canvas.findChild(Crosshair)
    QTest.mouseMove(canvas, QPoint(canvas.frame().left + 100, 150))
    settle(area)
    moment = cursor[-1]
    for shown in (True, False, True):
        area.set_crosshair(shown)
        assert line.isVisible() == shown
        assert cursor[-1] == moment
