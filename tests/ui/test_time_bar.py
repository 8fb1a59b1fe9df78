"""The time bar under the hands: typed, chosen, stepped back and forward."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton, QToolTip

from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.theme import wrong_color
from tests.windows import child, in_window, type_into


@pytest.mark.parametrize(
    ("typed", "wrong"), [("2024-13-01", "13"), ("now-20q", "q"), ("yesterday", "yesterday")]
)
def test_that_wrong_characters_are_marked_and_explained(typed, wrong):
    async def work(window):
        edit, said = child(window, QLineEdit, "timeFrom"), child(window, QLabel, "timeResolved")
        before = window.workspace.time.time_range
        type_into(edit, typed)
        assert wrong in edit.selectedText()
        assert edit.selectedText() in typed
        assert said.toolTip()
        assert window.workspace.time.time_range == before

    in_window([], work)


def test_that_each_quick_range_shows_and_back_and_forward_return():
    async def work(window):
        button = child(window, QToolButton, "timeQuick")
        labels = [action.text() for action in button.menu().actions() if action.data()]
        ranges = [window.workspace.time.time_range]
        for label in labels:
            next(action for action in button.menu().actions() if action.text() == label).trigger()
            await window.idle()
            ranges.append(window.workspace.time.time_range)
        spans_min = {time_range.span_ns // 60_000_000_000 for time_range in ranges}
        assert spans_min >= {5, 15, 60, 360, 720, 1200, 1440, 2880, 10080, 43200}
        last = window.workspace.time.time_range
        QTest.mouseClick(child(window, QToolButton, "timeBack"), Qt.MouseButton.LeftButton)
        assert window.workspace.time.time_range != last
        QTest.mouseClick(child(window, QToolButton, "timeForward"), Qt.MouseButton.LeftButton)
        assert window.workspace.time.time_range == last

    in_window([], work)


def colors(label: QLabel) -> set[str]:
    image = label.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_that_what_is_wrong_is_said_in_the_colour_of_errors():
    async def work(window):
        said = child(window, QLabel, "timeResolved")
        said.setFixedWidth(400)
        before = colors(said)
        type_into(child(window, QLineEdit, "timeFrom"), "now-20q", enter=False)
        assert wrong_color().name() in colors(said)
        assert wrong_color().name() not in before

    in_window([], work)


def test_that_short_ranges_are_written_in_fractions_of_a_second():
    async def work(window):
        said = child(window, QLabel, "timeResolved")
        start_ns = window.workspace.time.time_range.start_utc_ns
        for span_ns, digits in ((3600 * 10**9, 0), (10 * 10**9, 3), (10**8, 6), (1000, 9)):
            shown = TimeRange(start_utc_ns=start_ns, end_utc_ns=start_ns + span_ns)
            window.workspace.time.edit_range(shown, "script")
            clock = said.text().partition(" to ")[0].rpartition(":")[2]
            assert len(clock.partition(".")[2]) == digits

    in_window([], work)


def test_that_what_was_wrong_is_no_longer_said_once_it_is_mended():
    async def work(window):
        edit = child(window, QLineEdit, "timeFrom")
        type_into(edit, "now-20q")
        assert "q" in QToolTip.text()
        type_into(edit, "now-20h", enter=False)
        QTest.qWait(400)
        assert not QToolTip.isVisible()

    in_window([], work)


def test_that_a_day_is_written_once():
    async def work(window):
        said = child(window, QLabel, "timeResolved").text()
        assert said == "2024-01-31 20:00:00 to 23:00:00 UTC · 3 h"

    in_window(["--from", "2024-01-31T20:00:00", "--to", "2024-01-31T23:00:00"], work)


def test_that_back_brings_the_value_limits_of_the_view_too(night):
    async def work(window):
        row = window.plots.row(0)
        views = [(row.view_range_ns(), row.canvas.scale("left"))]
        for low, high in ((0.6, 0.7), (0.61, 0.62)):
            start, end = row.view_range_ns()
            inner = TimeRange(start_utc_ns=start + (end - start) // 4, end_utc_ns=end - (end - start) // 4)
            row.boxEdited.emit(inner, "left", low, high)
            await window.idle()
            views.append((row.view_range_ns(), row.canvas.scale("left")))
        assert len({scale for _, scale in views}) == 3
        for name, order in (("timeBack", (1, 0)), ("timeForward", (1, 2))):
            for place in order:
                QTest.mouseClick(child(window, QToolButton, name), Qt.MouseButton.LeftButton)
                await window.idle()
                assert (row.view_range_ns(), row.canvas.scale("left")) == views[place]

    in_window([str(night), "--plot", "lsst.sal.ATCamera.wrebPower:analog_I"], work)


def test_that_a_zoom_by_hand_is_written_in_few_digits(night):
    async def work(window):
        row = window.plots.row(0)
        start, end = row.view_range_ns()
        awkward = TimeRange(start_utc_ns=start + 1_234_567_891, end_utc_ns=end - 987_654_321)
        row.boxEdited.emit(awkward, "left", 0.6, 0.7)
        await window.idle()
        for name in ("timeFrom", "timeTo"):
            assert len(child(window, QLineEdit, name).text()) <= len("2024-01-31T20:00:00.123")
        found = row.view_range_ns()
        assert abs(found[0] - awkward.start_utc_ns) < awkward.span_ns / 10_000
        row.set_view_range_ns(awkward.start_utc_ns, awkward.end_utc_ns)
        await window.idle()
        assert row.view_range_ns() == (awkward.start_utc_ns, awkward.end_utc_ns)

    in_window([str(night), "--plot", "lsst.sal.ATCamera.wrebPower:analog_I"], work)


@pytest.mark.parametrize("width", [1600, 1280, 1000, 800])
@pytest.mark.parametrize(
    ("start", "end", "span"),
    [
        ("2026-11-23T15:09:36.400", "2026-11-24T06:53:19.600", "15 h 43 min"),
        ("2026-11-25T09:41:19.327800", "2026-11-25T09:42:36.127800", "1 min 16 s"),
        ("2025-12-31T01:15:59", "2026-01-01T17:15:59", "1 d 16 h"),
    ],
)
def test_that_the_range_is_never_cut(width, start, end, span):
    async def work(window):
        window.resize(width, 800)
        window.plots.setFocus()
        await window.idle()
        said = child(window, QLabel, "timeResolved")
        assert said.text().endswith(span) or (width == 800 and said.text().endswith("\u2026"))
        assert said.sizeHint().width() <= said.width()
        assert said.accessibleDescription().endswith(f"UTC · {span}")
        if width == 1600:
            assert said.text() == said.accessibleDescription()
        for name, typed in (("timeFrom", start), ("timeTo", end)):
            edit = child(window, QLineEdit, name)
            assert edit.text() == typed
            assert edit.fontMetrics().horizontalAdvance(edit.shown_text()) <= edit.width() - 6
            assert typed.startswith(edit.shown_text().rstrip("\u2026"))
            assert edit.shown_text().startswith(typed[:16])
            assert typed in edit.toolTip()

    in_window(["--from", start, "--to", end], work)


@pytest.mark.parametrize("width", [1280, 2560])
def test_that_the_fields_are_no_wider_than_what_can_be_typed(width):
    async def work(window):
        window.resize(width, 800)
        await window.idle()
        for name in ("timeFrom", "timeTo"):
            edit = child(window, QLineEdit, name)
            assert edit.width() <= 280
            assert width < 2560 or edit.shown_text() == edit.text()

    in_window(["--from", "2026-11-25T09:41:19.123456789", "--to", "2026-11-25T09:41:20.123456789"], work)


def test_that_a_field_shows_what_is_typed_where_it_is_typed():
    async def work(window):
        window.resize(800, 700)
        edit = child(window, QLineEdit, "timeFrom")
        window.plots.setFocus()
        await window.idle()
        elided = edit.grab().toImage()
        edit.setFocus()
        assert edit.grab().toImage() != elided
        window.browser.focus_filter()
        await window.idle()
        assert edit.grab().toImage() == elided

    in_window(["--from", "2026-11-25T09:41:19.327800", "--to", "2026-11-25T09:42:36"], work)
