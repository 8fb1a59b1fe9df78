"""A link that drops while the window follows the clock, and comes back."""

import signal
import time

import pytest
from PySide6.QtWidgets import QLabel, QToolButton

from efdviewer.domain import live
from efdviewer.domain.errors import BadInputError
from efdviewer.domain.timescale import Timescale
from efdviewer.ui.main_window import MainWindow
from efdviewer.viewmodels.curve_reading import reading
from efdviewer.viewmodels.curve_state import CurveStatus
from tests.growing import EVENT, FIELD, VIEW, Growing, until
from tests.influxd import Influxd, running
from tests.windows import act, child, in_window

PATIENCE_S = 30


@pytest.fixture
def growing(tmp_path, monkeypatch) -> Growing:
    with running(tmp_path) as server:
        monkeypatch.setenv("EFDVIEWER_PASSWORD", server.reader.password)
        database = Growing(server, "link")
        database.create(600)
        yield database


def says(window: MainWindow) -> list[str]:
    return [row.message.accessibleName() for row in window.plots.rows() if row.message.isVisible()]


def tells(window: MainWindow) -> tuple[str, str]:
    """Give what status bar and live button say."""
    return child(window, QLabel, "flightLabel").text(), child(window, QToolButton, "liveToggle").text()


async def fail_for(window: MainWindow, refreshes: int) -> None:
    """Wait until so many refreshes have ended, and the last of them with a failure."""
    workspace = window.workspace
    aim = workspace.live.refreshes + refreshes
    await until(
        workspace.busyChanged,
        lambda: workspace.live.refreshes >= aim and bool(workspace.plot.errors()),
        within_s=PATIENCE_S,
    )


def test_that_following_goes_on_when_the_server_is_back(growing):
    server: Influxd = growing.server

    async def work(window):
        workspace = window.workspace
        act(window, "actionLiveEvery1s")
        await window.idle()
        count = workspace.events.rows()[0].count
        points = len(window.plots.row(0).drawn_points(FIELD)[0])
        server.kill()
        await fail_for(window, 2)
        (said,) = says(window)
        seen = []
        workspace.plot.curveChanged.connect(lambda _, state: seen.append((state.status, says(window))))
        await fail_for(window, 2)
        assert seen
        assert all(found == (CurveStatus.FAILED, [said]) for found in seen), "words come and go"
        assert window.messages.texts() == []
        assert all("o answer" in told for told in tells(window))
        assert len(window.plots.row(0).drawn_points(FIELD)[0]) > points // 2, "the picture of before stays"
        assert len(window.plots.row(0).event_lines(EVENT)) > count // 2

        server.start_again()
        now_ns = time.time_ns()
        growing.write(now_ns, 777.0)
        await until(
            workspace.plot.curveChanged,
            lambda: 777.0 in window.plots.row(0).drawn_points(FIELD)[1],
            within_s=PATIENCE_S,
        )
        await window.idle()
        assert says(window) == []
        assert not any("o answer" in told for told in tells(window))
        assert now_ns in window.plots.row(0).event_lines(EVENT)
        assert workspace.events.rows()[0].status == ""
        assert workspace.latency.rows()[0].status == ""
        assert workspace.live.is_following

    in_window([growing.address, "--from", "now-5m", *VIEW], work)


def test_that_a_server_that_hangs_leaves_a_picture_that_says_it_is_out_of_date(growing, monkeypatch):
    monkeypatch.setattr(live, "LATE_S", 2)
    process = growing.server.process

    async def work(window):
        workspace = window.workspace
        (entry,) = window.plots.row(0).legend.entries()

        def status() -> str:
            return " ".join(text for text, _ in entry.words())

        act(window, "actionLiveEvery1s")
        await window.idle()
        seen = []
        workspace.plot.curveChanged.connect(lambda *_: seen.append(status()))
        before = workspace.live.refreshes
        await until(workspace.busyChanged, lambda: workspace.live.refreshes > before + 1, within_s=PATIENCE_S)
        assert not any("out of date" in said for said in seen)
        process.send_signal(signal.SIGSTOP)
        begun_s = time.monotonic()
        try:
            await until(
                workspace.plot.curveChanged,
                lambda: "out of date" in status(),
                within_s=live.LATE_INTERVALS + 4,
            )
            assert time.monotonic() - begun_s > live.LATE_INTERVALS - 0.5
            assert "samples" in status()
            end_utc_ns = window.workspace.time.time_range.end_utc_ns
            state = window.plots.row(0).canvas.states()[0]
            assert reading(state, end_utc_ns - 10**8, Timescale.UTC) == "not loaded yet"
            await until(
                workspace.link.silenceChanged,
                lambda: all("o answer" in told for told in tells(window)),
                within_s=live.LATE_INTERVALS + 4,
            )
            assert tells(window)[0].startswith("No answer since ")
            assert tells(window)[1].startswith("Live: no answer for ")
            assert len(window.plots.row(0).drawn_points(FIELD)[0]) > 100
        finally:
            process.send_signal(signal.SIGCONT)
        await until(workspace.plot.curveChanged, lambda: "out of date" not in status(), within_s=PATIENCE_S)
        assert tells(window)[1] == "Live 1 s"
        assert not tells(window)[0].startswith("No answer")

    in_window([growing.address, "--from", "now-5m", *VIEW], work)


def test_that_a_message_goes_when_the_server_is_back_and_one_of_another_kind_stays(growing):
    server: Influxd = growing.server

    async def work(window):
        workspace = window.workspace
        act(window, "actionLiveEvery1s")
        await window.idle()
        server.kill()
        await fail_for(window, 2)
        workspace.events.describe(f"{EVENT}@time", int(window.plots.row(0).event_lines(EVENT)[0]))
        await until(workspace.messageRaised, window.messages.texts, within_s=PATIENCE_S)
        (said,) = window.messages.texts()
        assert "cannot be reached" in said
        window.show_error(BadInputError("Several files were dropped."))
        server.start_again()
        await until(workspace.messageSettled, lambda: len(window.messages.texts()) == 1, within_s=PATIENCE_S)
        assert window.messages.texts() == ["Several files were dropped."]

    in_window([growing.address, "--from", "now-5m", *VIEW], work)


def test_that_topics_that_could_not_be_listed_again_are_when_the_server_is_back(growing):
    server: Influxd = growing.server

    async def work(window):
        topics = window.workspace.topics
        before = topics.status
        act(window, "actionLiveEvery1s")
        await window.idle()
        server.kill()
        act(window, "actionReload")
        await until(topics.statusChanged, lambda: "could not be listed" in topics.status, within_s=PATIENCE_S)
        server.start_again()
        await until(topics.statusChanged, lambda: topics.status == before, within_s=PATIENCE_S)

    in_window([growing.address, "--from", "now-5m", *VIEW], work)
