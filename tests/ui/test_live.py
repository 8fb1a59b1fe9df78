"""The window while it follows the clock, on a real server to which messages are written meanwhile."""

import itertools
import time

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QToolButton, QToolTip

from efdviewer.app.window import make_application
from efdviewer.domain.session import Session
from efdviewer.ui import status
from efdviewer.ui.sheet import Sheet
from tests.growing import EVENT, FIELD, SECOND_NS, VIEW, Growing, until
from tests.ui.hands import click
from tests.windows import act, child, in_window, type_into

SECONDS = 3000
NOISE_S = 1.5
"""Grace for a machine that does other things too."""
RANGE = ["--from", "now-40m", "--to", "now"]
LINES = ["--from", "now-5m", "--to", "now"]
"""Short enough for an event a second to be a line each."""


@pytest.fixture
def growing(influxd, request, monkeypatch) -> Growing:
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    database = Growing(influxd, f"live {request.node.name}")
    database.create(SECONDS)
    return database


def follow(growing: Growing, work, *view: str) -> None:
    """Open a window that follows with a refresh every second."""

    async def work_live(window):
        act(window, "actionLiveEvery1s")
        await window.idle()
        await work(window)

    in_window([growing.address, *(view or RANGE), *VIEW], work_live)


def button(window, name: str) -> QToolButton:
    return child(window, QToolButton, name)


def drawn(window, value: float) -> bool:
    return value in window.plots.row(0).drawn_points(FIELD)[1]


def lines(window) -> set[int]:
    return set(window.plots.row(0).event_lines(EVENT).tolist())


def zoom_with_the_mouse(window) -> None:
    canvas = window.plots.row(0).canvas
    frame = canvas.frame()
    middle = frame.top + frame.height // 2
    places = [QPoint(frame.left + frame.width * part // 4, middle) for part in (1, 2)]
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=places[0])
    QTest.mouseMove(canvas, places[1])
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=places[1])


def test_that_a_click_follows_and_says_so_in_words(growing):
    async def work(window):
        toggle = button(window, "liveToggle")
        assert (toggle.text(), toggle.isChecked()) == ("Live", False)
        click(toggle, QPoint(8, toggle.height() // 2))
        await window.idle()
        assert (toggle.text(), toggle.isChecked()) == ("Live 5 s", True)
        assert toggle.accessibleDescription() == "Live 5 s"
        assert child(window, QAction, "actionLive").isChecked()
        assert child(window, QAction, "actionLiveEvery5s").isChecked()
        assert not button(window, "liveResume").isVisible()
        act(window, "actionUndo")
        assert (toggle.text(), toggle.isChecked()) == ("Live", False)
        act(window, "actionRedo")
        assert window.workspace.session.live_s == 5
        QTest.keyClick(window, Qt.Key.Key_F6)
        assert window.workspace.session.live_s == 0

    in_window([growing.address, *RANGE, *VIEW], work)


def test_that_new_messages_appear_within_two_intervals(growing):
    async def work(window):
        workspace, now_ns = window.workspace, time.time_ns()
        growing.write(now_ns, 777.0)
        await until(workspace.plot.curveChanged, lambda: drawn(window, 777.0), within_s=2 + NOISE_S)
        await until(workspace.events.overlaysChanged, lambda: now_ns in lines(window), within_s=2 + NOISE_S)
        assert window.workspace.time.time_range.end_utc_ns >= now_ns

    follow(growing, work, *LINES)


def test_that_a_message_that_comes_late_appears_everywhere(growing):
    async def work(window):
        workspace, late_ns = window.workspace, time.time_ns() - 60 * SECOND_NS + 1
        before = workspace.events.rows()[0].count
        growing.write(late_ns, 5.0)
        await until(workspace.events.overlaysChanged, lambda: late_ns in lines(window), within_s=2 + NOISE_S)
        count = workspace.events.rows()[0].count
        assert before - 3 <= count <= before + 3
        moments = window.plots.row(0).event_lines(EVENT)
        assert len(moments) == len(set(moments.tolist()))

    follow(growing, work, *LINES)


def test_that_delays_go_on_too(growing):
    async def work(window):
        workspace = window.workspace
        count = workspace.latency.rows()[0].figures.count
        for step in range(30):
            growing.write(time.time_ns() - step, 1.0)
        await until(
            workspace.latency.latencyChanged,
            lambda: workspace.latency.rows()[0].figures.count > count + 20,
            within_s=2 + NOISE_S,
        )

    follow(growing, work)


def test_that_a_tick_asks_for_few_events_and_stamps(growing):
    async def work(window):
        ended: dict[int, int] = {}
        workspace = window.workspace

        def note(statement):
            if EVENT in statement.text and statement.outcome == "done":
                ended[statement.number] = statement.rows

        workspace.statementChanged.connect(note)
        before = workspace.live.refreshes
        await until(
            workspace.events.overlaysChanged, lambda: workspace.live.refreshes > before + 2, within_s=20
        )
        assert len(ended) >= 4
        assert max(ended.values()) < 300 < SECONDS // 5
        assert workspace.events.rows()[0].count > 2000

    follow(growing, work)


@pytest.mark.parametrize("start", ["now-40m", "now-2m"])
def test_that_a_tick_asks_for_the_open_end_of_a_curve_alone(growing, start):
    async def work(window):
        rows: list[int] = []
        workspace = window.workspace

        def note(statement):
            if '"value"' in statement.text and statement.outcome == "done":
                rows.append(statement.rows)

        workspace.statementChanged.connect(note)
        before = workspace.live.refreshes
        late_ns = time.time_ns() - 30 * SECOND_NS + 1
        growing.write(late_ns, -555.0)
        await until(workspace.plot.curveChanged, lambda: drawn(window, -555.0), within_s=2 + NOISE_S)
        await until(workspace.plot.curveChanged, lambda: workspace.live.refreshes > before + 3, within_s=20)
        assert len(rows) >= 3
        assert max(rows) < 200

    follow(growing, work, "--from", start, "--to", "now")


def test_that_a_zoom_pauses_and_resume_live_goes_on(growing):
    async def work(window):
        toggle, resume = button(window, "liveToggle"), button(window, "liveResume")
        for way in ("mouse", "keyboard", "key"):
            zoom_with_the_mouse(window)
            await window.idle()
            assert (toggle.text(), toggle.isChecked()) == ("Live paused", False)
            assert resume.isVisible()
            span_ns = window.workspace.time.time_range.span_ns
            if way == "mouse":
                click(resume)
            elif way == "keyboard":
                resume.setFocus()
                QTest.keyClick(resume, Qt.Key.Key_Space)
            else:
                QTest.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
            await window.idle()
            assert toggle.text() == "Live 1 s"
            assert not resume.isVisible()
            shown = window.workspace.time.time_range
            assert abs(shown.span_ns - span_ns) < SECOND_NS
            assert abs(shown.end_utc_ns - time.time_ns()) < 5 * SECOND_NS
            assert child(window, QLineEdit, "timeTo").text() == "now"

    follow(growing, work)


def test_that_a_view_that_was_scrolled_back_stays(growing):
    async def work(window):
        act(window, "actionEarlier")
        await window.idle()
        shown = window.plots.row(0).view_range_ns()
        with pytest.raises(TimeoutError):
            await until(window.workspace.statementChanged, bool, within_s=2.5)
        assert window.plots.row(0).view_range_ns() == shown
        assert button(window, "liveResume").isVisible()

    follow(growing, work)


def test_that_switching_off_ends_the_statements(growing):
    async def work(window):
        click(button(window, "liveToggle"), QPoint(8, 10))
        await window.idle()
        shown = window.plots.row(0).view_range_ns()
        with pytest.raises(TimeoutError):
            await until(window.workspace.statementChanged, bool, within_s=2.5)
        assert window.plots.row(0).view_range_ns() == shown
        assert child(window, QLineEdit, "timeFrom").text() == "now-40m"

    follow(growing, work)


def test_that_the_view_scrolls_between_refreshes_without_a_statement(growing):
    async def work(window):
        act(window, "actionLiveEvery60s")
        await window.idle()
        numbers, seen = [], []
        window.workspace.statementChanged.connect(numbers.append)
        window.workspace.time.rangeScrolled.connect(
            lambda shown: seen.append((shown.end_utc_ns, window.plots.row(0).view_range_ns()[1]))
        )
        await until(window.workspace.time.rangeScrolled, lambda: len(seen) >= 5, within_s=10)
        assert numbers == []
        assert all(told == shown for told, shown in seen)
        column_ns = 60 * SECOND_NS // window.plots.columns()
        steps = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(seen)]
        assert min(steps) >= column_ns

    follow(growing, work, "--from", "now-1m", "--to", "now")


def test_that_the_tip_of_an_event_goes_when_the_event_scrolls_away(growing):
    async def work(window):
        row = window.plots.row(0)
        frame = row.canvas.frame()
        event_utc_ns = int(row.event_lines(EVENT)[30])
        start_ns, end_ns = row.view_range_ns()
        column = frame.width * (event_utc_ns - start_ns) // (end_ns - start_ns)
        QTest.mouseMove(row.canvas, QPoint(frame.left + column, 80))
        await until(window.workspace.events.eventDescribed, QToolTip.isVisible, within_s=5)
        assert "CSC.x" in QToolTip.text()
        act(window, "actionLive")
        await until(window.workspace.time.rangeScrolled, lambda: not QToolTip.isVisible(), within_s=5)

    in_window([growing.address, "--from", "now-1m", "--to", "now", *VIEW], work)


def test_that_a_box_is_not_scrolled_away_beneath_the_mouse(growing):
    async def work(window):
        canvas = window.plots.row(0).canvas
        place = canvas.frame().left + 100
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(place, 80))
        shown = window.plots.row(0).view_range_ns()
        with pytest.raises(TimeoutError):
            await until(window.workspace.time.rangeScrolled, bool, within_s=1.5)
        assert window.plots.row(0).view_range_ns() == shown
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(place, 80))
        await until(
            window.workspace.time.rangeScrolled,
            lambda: window.plots.row(0).view_range_ns() != shown,
            within_s=5,
        )

    follow(growing, work, "--from", "now-1m", "--to", "now")


def test_that_the_clock_does_not_wipe_out_what_is_being_typed(growing):
    async def work(window):
        type_into(child(window, QLineEdit, "timeFrom"), "now-20q", enter=False)
        said = child(window, QLabel, "timeResolved")
        wrong, before = said.text(), window.workspace.live.refreshes
        await until(
            window.workspace.time.rangeChanged, lambda: window.workspace.live.refreshes > before, within_s=5
        )
        assert said.text() == wrong
        assert child(window, QLineEdit, "timeFrom").text() == "now-20q"

    follow(growing, work)


def test_that_a_saved_session_follows_again(growing, tmp_path):
    async def work(window):
        await window.save_session(tmp_path / "live.efdview")
        act(window, "actionLiveOff")
        await window.open_session(tmp_path / "live.efdview")
        await window.idle()
        assert window.workspace.session.live_s == 1
        assert button(window, "liveToggle").text() == "Live 1 s"
        growing.write(time.time_ns(), 42.0)
        await until(window.workspace.plot.curveChanged, lambda: drawn(window, 42.0), within_s=2 + NOISE_S)

    follow(growing, work)


def test_that_idle_waits_for_one_refresh_and_not_for_all(growing):
    async def work(window):
        live = window.workspace.live

        def go_on(outstanding: int) -> None:
            if not outstanding:
                QTimer.singleShot(0, live.refresh)

        window.workspace.busyChanged.connect(go_on)
        live.refresh()
        for _ in range(3):
            before = live.refreshes
            await window.idle(10)
            assert before < live.refreshes

    follow(growing, work)


def test_that_nothing_flickers_in_the_status_bar(growing, monkeypatch):
    monkeypatch.setattr(status, "_PATIENCE_MS", 60_000)

    async def work(window):
        cancel, before = child(window, QPushButton, "cancelAll"), window.workspace.live.refreshes
        seen = []
        window.workspace.busyChanged.connect(lambda _: seen.append(cancel.isVisible()))
        await until(
            window.workspace.busyChanged, lambda: window.workspace.live.refreshes > before + 1, within_s=10
        )
        assert seen
        assert not any(seen)

    follow(growing, work, "--from", "now-2m", "--to", "now")


def test_that_a_refresh_that_takes_long_can_be_cancelled(monkeypatch):
    monkeypatch.setattr(status, "_PATIENCE_MS", 200)

    async def work(window):
        window.status.set_patient(True)
        window.status.show_busy(1)
        cancel = child(window, QPushButton, "cancelAll")
        assert not cancel.isVisible()
        QTest.qWait(500)
        assert cancel.isVisible()
        assert cancel.isEnabled()
        window.status.show_busy(0)
        assert not cancel.isVisible()

    in_window([], work)


def test_that_a_picture_of_a_live_session_stands_still():
    make_application()
    sheet = Sheet(Session(live_s=1), 400, 300)
    assert not sheet.workspace.live.is_following
    assert sheet.workspace.session.end == "now"


def test_that_all_of_the_time_bar_is_legible_at_1280_pixels():
    async def work(window):
        window.resize(1280, 800)
        act(window, "actionLive")
        act(window, "actionPauseLive")
        await window.idle()
        said, edit = child(window, QLabel, "timeResolved"), child(window, QLineEdit, "timeFrom")
        assert button(window, "liveResume").isVisible()
        assert said.fontMetrics().horizontalAdvance(said.text()) <= said.width()
        assert edit.fontMetrics().horizontalAdvance("2024-01-31T20:00:00.123") < edit.width() - 4
        places = [edit.geometry(), button(window, "liveToggle").geometry()]
        button(window, "liveResume").click()
        await window.idle()
        assert [edit.geometry(), button(window, "liveToggle").geometry()] == places

    in_window(["--from", "now-20h"], work)


def test_that_closing_while_live_ends_at_once(growing):
    begun = []

    async def work(window):
        window.workspace.live.refresh()
        begun.append(time.monotonic())

    follow(growing, work)
    assert time.monotonic() - begun[0] < 2.0


def test_that_who_follows_an_archive_is_told_that_it_does_not_grow(night):
    async def work(window):
        act(window, "actionLive")
        await window.idle()
        assert "does not grow" in button(window, "liveToggle").toolTip()
        assert "does not grow" in window.status.currentMessage()
        assert child(window, QLineEdit, "timeFrom").text() == "now-20h"

    in_window([str(night)], work)
