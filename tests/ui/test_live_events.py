"""States, the event table, intervals and epochs while the view follows the clock."""

import asyncio
import re
import time

import pytest
from PySide6.QtWidgets import QTableView

from tests.growing import EVENT, FIELD, SECOND_NS, Growing, until
from tests.windows import act, child, in_window

SECONDS = 1200
VIEW = ["--from", "now-18m", "--to", "now", "--overlay", f"{EVENT}@time"]
MODE = "lsst.sal.CSC.logevent_mode"
LANE = f"{MODE}:mode"


@pytest.fixture
def growing(influxd, request, monkeypatch) -> Growing:
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    database = Growing(influxd, f"live {request.node.name}")
    database.create(SECONDS)
    write_mode(database, -600, 1)
    return database


def write_mode(growing: Growing, seconds: float, mode: int) -> None:
    at_ns = time.time_ns() + round(seconds * SECOND_NS)
    growing.server.write(growing.database, f"{MODE} mode={mode}i,private_seqNum=1i {at_ns}")


def test_that_states_and_the_table_go_on_and_ask_for_the_open_end_alone(growing):
    async def work(window):
        act(window, "actionEventTable")
        act(window, "actionLiveEvery1s")
        await window.idle()
        row, model = window.plots.row(0), child(window, QTableView, "eventTable").model()
        assert [value for _, _, value in row.state_bands(LANE)] == [1]
        before = model.rowCount()
        assert before > 1000
        asked: list[str] = []
        window.workspace.statementChanged.connect(lambda each: asked.append(each.text))
        write_mode(growing, 0, 2)
        written_ns = time.time_ns()
        growing.write(written_ns, 1.0)
        states = window.workspace.states
        await until(states.lanesChanged, lambda: len(row.state_bands(LANE)) == 2, within_s=10)
        start, end, value = row.state_bands(LANE)[-1]
        assert value == 2
        assert start < end <= time.time_ns(), "no state is known of the future"
        table = window.workspace.event_table
        await until(table.rowsChanged, lambda: int(table.list.times_utc_ns[-1]) >= written_ns, within_s=10)
        spans = [
            int(b) - int(a) for text in asked for a, b in re.findall(r"time >= (\d+) AND time < (\d+)", text)
        ]
        assert spans
        assert max(spans) < 400 * SECOND_NS, "much less than the view"

    in_window([growing.address, *VIEW, "--state", LANE], work)


def test_that_intervals_and_epochs_follow_too(growing):
    async def work(window):
        act(window, "actionLiveEvery1s")
        await window.idle()
        intervals = window.docks["intervals"].widget()
        epochs = window.docks["epochs"].widget()
        assert len(intervals.intervals()) > 200
        assert intervals.unpaired() == []
        assert len(epochs.epochs()) > 200
        assert "Renewed every 30 s while live" in epochs._words.text()
        before = intervals.intervals()[-1]
        growing.write(time.time_ns(), 1.0)
        model = window.workspace.intervals
        await until(model.intervalsChanged, lambda: intervals.intervals()[-1] > before, within_s=10)

    interval = ["--interval", f"{EVENT}..{EVENT}", "--epochs", f"{FIELD}@{EVENT}:-1s..1s"]
    in_window([growing.address, *VIEW, *interval], work)


def test_that_statistics_of_the_view_go_on_with_it(growing):
    async def work(window):
        act(window, "actionStatisticsOfView")
        act(window, "actionLiveEvery1s")
        await window.idle()
        model = window.workspace.cursors.statistics
        await until(model.figuresChanged, lambda: is_known(window), within_s=10)
        first = window.cursors.statistics(FIELD)
        assert first.totals.high == 0.0
        growing.write(time.time_ns(), 7.0)
        await until(
            model.figuresChanged, lambda: window.cursors.statistics(FIELD).totals.high == 7.0, within_s=10
        )
        later = window.cursors.statistics(FIELD)
        assert later.is_whole, "figures that are there stay until the next are whole"
        assert later.span.end_utc_ns > first.span.end_utc_ns
        assert later.sampling.rate_hz == pytest.approx(1, rel=0.05)

    def is_known(window) -> bool:
        rows = model_rows(window)
        return bool(rows) and all(row.figures is not None and row.figures.is_whole for row in rows)

    def model_rows(window):
        return window.workspace.cursors.statistics.rows()

    in_window([growing.address, *VIEW, "--plot", FIELD], work)


def test_that_statistics_slower_than_refreshes_come_and_say_of_which_view_they_are(growing):
    async def work(window):
        model = window.workspace.cursors.statistics
        in_worker = model._in_worker

        async def slowly(*args):
            await asyncio.sleep(1.5)
            return await in_worker(*args)

        model._in_worker = slowly
        act(window, "actionLiveEvery1s")
        act(window, "actionStatisticsOfView")
        await until(
            model.figuresChanged,
            lambda: all(row.figures is not None and row.figures.is_whole for row in model.rows()),
            within_s=15,
        )
        await until(
            window.workspace.time.rangeChanged, lambda: "Of the view that ended" in words(window), within_s=5
        )

    def words(window) -> str:
        return window.workspace.cursors.statistics.status()

    in_window([growing.address, *VIEW, "--plot", FIELD], work)
