"""The latency workbench in a real window: shares, time, ranking, bins, odd delays; on both sources."""

import gzip

import numpy as np
import pyarrow as pa
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QTabBar, QTableView

from tests.both import has_database, load_topics, write_topics
from tests.nights import address_of
from tests.windows import act, child, in_window

FAST, SLOW, BROKEN = (f"lsst.sal.Test.{name}" for name in ("fast", "slow", "broken"))
AZIMUTH, SCRIPT = "lsst.sal.MTMount.azimuth", "lsst.sal.Script.logevent_state"
START = 1_706_745_600 * 10**9
RNG = np.random.default_rng(8)
COUNT = 6000
RANGE = ["--from", "2024-02-01T00:00:00", "--to", "2024-02-01T00:10:00"]
PAIRS = [part for topic in (FAST, SLOW, BROKEN) for part in ("--latency", topic)]


def table(delays_s: np.ndarray, *, sent_s=None, received=None) -> pa.Table:
    moments = START + np.arange(len(delays_s)) * 100_000_000
    sent = moments / 1e9 + 37 if sent_s is None else sent_s
    received = sent + delays_s if received is None else received
    return pa.table({"time": moments, "private_sndStamp": sent, "private_rcvStamp": received})


def tables() -> dict[str, pa.Table]:
    fast = RNG.lognormal(np.log(5e-4), 0.3, COUNT)
    fast[3000:3010] = 0.25
    slow = RNG.lognormal(np.log(0.02), 0.5, COUNT)
    broken = table(RNG.lognormal(np.log(1e-3), 0.3, COUNT))
    received = broken.column("private_rcvStamp").to_numpy().copy()
    received[:40] = 0.0
    received[40:50] += 37.0
    received[50:57] -= 0.5
    received[57:60] = 1e9
    return {
        FAST: table(fast),
        SLOW: table(slow),
        BROKEN: broken.set_column(2, "private_rcvStamp", pa.array(received)),
    }


TABLES = tables()


def delays(topic: str) -> np.ndarray:
    parts = TABLES[topic]
    return parts.column("private_rcvStamp").to_numpy() - parts.column("private_sndStamp").to_numpy()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_topics(tmp_path_factory.mktemp("workbench") / "archive", TABLES)


@pytest.fixture(params=["archive", "influxd"])
def source(request, folder, influxd, monkeypatch) -> str:
    if request.param == "archive":
        return str(folder)
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    if has_database(influxd, "workbench"):
        return f"influxdb://{influxd.reader.name}@127.0.0.1:{influxd.port}?db=workbench"
    return load_topics(folder, influxd, "workbench")


async def turn_to(window, view: str) -> None:
    """Click on a tab."""
    tabs = child(window, QTabBar, "latencyTabs")
    place = next(place for place in range(tabs.count()) if tabs.tabText(place) == view)
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(place).center())
    await window.idle()
    assert tabs.currentIndex() == place


def texts(view: QTableView) -> list[list[str]]:
    model = view.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def expect_bin(window, low_s: float, high_s: float) -> None:
    found = delays(FAST)
    rows = np.flatnonzero((found >= low_s) & (found < high_s))
    marked = window.workspace.moments.times_utc_ns
    assert (marked == TABLES[FAST].column("time").to_numpy()[rows]).all()
    assert len(marked) > 0
    assert f"{len(rows):,} messages" in child(window, QLabel, "latencyBinWords").text()


def test_a_bin_lists_its_messages_and_marks_them_with_the_mouse_alone(source):
    async def work(window):
        window.resize(1600, 1000)
        await window.idle()
        edges, counts = window.latency.histogram(FAST)
        plot = child(window, pg.PlotWidget, "latencyPlot")
        place = int(np.argmax(counts))
        scene = plot.getPlotItem().vb.mapViewToScene(
            pg.Point((edges[place] + edges[place + 1]) / 2, counts[place] / 2)
        )
        click = plot.mapFromScene(scene)
        for press in (QTest.mousePress, QTest.mouseRelease):
            press(plot.viewport(), Qt.MouseButton.LeftButton, pos=click)
        await window.idle()
        expect_bin(window, edges[place], edges[place + 1])
        await turn_to(window, "Messages")
        view = child(window, QTableView, "latencyEvents")
        assert len(texts(view)) == len(window.workspace.moments.times_utc_ns)
        chosen = int(window.workspace.moments.times_utc_ns[2])
        cell = view.visualRect(view.model().index(2, 0)).center()
        for press in (QTest.mouseClick, QTest.mouseDClick):
            press(view.viewport(), Qt.MouseButton.LeftButton, pos=cell)
        await window.idle()
        middle = window.workspace.time.time_range
        at = (middle.start_utc_ns + middle.end_utc_ns) // 2
        assert abs(at - chosen) <= middle.span_ns // 500

    in_window([source, *RANGE, "--plot", f"{FAST}:private_seqNum", "--latency", FAST], work)


def test_a_bin_with_the_keyboard_alone(source):
    async def work(window):
        edges, counts = window.latency.histogram(FAST)
        plot = child(window, pg.PlotWidget, "latencyPlot")
        plot.setFocus()
        QTest.keyClick(plot, Qt.Key.Key_Right)
        await window.idle()
        first, second = np.flatnonzero(counts)[:2]
        expect_bin(window, edges[first], edges[first + 1])
        QTest.keyClick(plot, Qt.Key.Key_Right)
        await window.idle()
        expect_bin(window, edges[second], edges[second + 1])
        QTest.keyClick(plot, Qt.Key.Key_Left)
        await window.idle()
        expect_bin(window, edges[first], edges[first + 1])
        tabs = child(window, QTabBar, "latencyTabs")
        tabs.setFocus()
        for _ in range(4):
            QTest.keyClick(tabs, Qt.Key.Key_Right)
        await window.idle()
        view = child(window, QTableView, "latencyEvents")
        view.setFocus()
        QTest.keyClick(view, Qt.Key.Key_Down)
        before = window.workspace.time.time_range
        QTest.keyClick(view, Qt.Key.Key_Return)
        await window.idle()
        assert window.workspace.time.time_range != before

    in_window([source, *RANGE, "--latency", FAST], work)


def test_pairs_are_ranked_by_their_99th_percentile(source):
    async def work(window):
        await turn_to(window, "Ranking")
        view = child(window, QTableView, "latencyRanking")
        ranked = [row[0].rpartition(".")[2] for row in texts(view)]
        assert ranked == ["slow", "broken", "fast"]
        shown = {row[0].rpartition(".")[2]: row[1] for row in texts(view)}
        p99 = np.quantile(delays(SLOW), 0.99) * 1e3
        assert abs(float(shown["slow"].split()[0]) - p99) < 0.01 * p99
        act(window, "actionUndo")
        await window.idle()
        assert child(window, QTabBar, "latencyTabs").currentIndex() == 0

    in_window([source, *RANGE, *PAIRS], work)


def test_shares_and_the_course_over_time(source):
    async def work(window):
        await turn_to(window, "Shares")
        plot = child(window, pg.PlotWidget, "latencyShares")
        (line,) = plot.getPlotItem().listDataItems()
        shown_s, shown = line.getData()
        np.testing.assert_allclose(shown_s, np.quantile(delays(FAST), shown / 100), rtol=1e-9)
        await turn_to(window, "Time")
        plot = child(window, pg.PlotWidget, "latencyOverTime")
        medians, p99s, worst = plot.getPlotItem().listDataItems()
        assert len(medians.getData()[0]) == 240
        # Ten messages of a quarter of a second, five minutes after the start.
        at, largest = worst.getData()
        assert largest.max() == pytest.approx(0.25)
        assert abs(at[np.argmax(largest)] - 300) < 5
        assert p99s.getData()[1].max() > 0.2
        assert np.median(medians.getData()[1]) < 1e-3

    in_window([source, *RANGE, "--latency", FAST], work)


def test_odd_delays_are_set_apart_counted_and_named(source):
    async def work(window):
        words = child(window, QLabel, "latencyNotice").text().replace("\u200b", "")
        assert "40 with rcvStamp zero, which means that it was not written: left out" in words
        assert "3 differ by more than a day: left out" in words
        assert "10 near +37 s, TAI minus UTC: in these one stamp is UTC" in words
        assert "7 below zero" in words
        _, counts = window.latency.histogram(BROKEN)
        assert counts.sum() == COUNT - 43

    in_window([source, *RANGE, "--latency", BROKEN], work)


def test_the_view_is_saved_and_opened_again(source, tmp_path):
    saved = tmp_path / "latency.efdview"

    async def save(window):
        await turn_to(window, "Time")
        await window.save_session(saved)

    async def look(window):
        tabs = child(window, QTabBar, "latencyTabs")
        assert tabs.tabText(tabs.currentIndex()) == "Time"
        assert child(window, pg.PlotWidget, "latencyOverTime").isVisible()

    in_window([source, *RANGE, "--latency", FAST], save)
    in_window([source, "--session", str(saved)], look)


@pytest.fixture
def recorded(recordings, influxd, monkeypatch) -> str:
    """The real mount and the real scripts."""
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    if not has_database(influxd, "recorded_stamps"):
        influxd.create_database("recorded_stamps")
        for topic in (AZIMUTH, SCRIPT):
            lines = gzip.decompress((recordings / "efd" / f"{topic}.lp.gz").read_bytes())
            influxd.write("recorded_stamps", lines)
    return address_of(influxd, "recorded_stamps")


def test_the_real_mount_is_received_half_a_millisecond_after_it_sent(recorded):
    async def work(window):
        received, measured = (found.counts for found in window.workspace.latency.delays())
        assert 0.3e-3 < received.quantiles([0.5])[0] < 0.8e-3
        # Measured 0.07 to 0.22 s before it was sent.
        assert measured.count > 400
        low, high = measured.quantiles([0.01, 0.99])
        assert 0.06 < low < high < 0.24

    best = ["--from", "2023-05-31T14:29:00", "--to", "2023-05-31T14:31:00"]
    in_window([recorded, *best, "--latency", AZIMUTH, "--latency", f"{AZIMUTH}:sndStamp-timestamp"], work)


def test_the_zero_receive_stamps_of_2025_are_set_apart_counted_and_named(recorded):
    async def work(window):
        (row,) = window.workspace.latency.rows()
        words = child(window, QLabel, "latencyNotice").text().replace("\u200b", "")
        assert "4,365 with rcvStamp zero, which means that it was not written: left out" in words
        assert (row.figures.count, row.figures.absent) == (0, 4365)

    days = ["--from", "2025-04-20", "--to", "2025-04-22"]
    in_window([recorded, *days, "--latency", SCRIPT], work)


NUMBERED = "lsst.sal.Test.numbered"


@pytest.fixture(scope="module")
def numbered(tmp_path_factory):
    count = 400
    moments = START + np.arange(count) * 10**9
    numbers = np.arange(count) // 2 + 1000
    # Of the second publisher ten messages are lost, and two come in the wrong order.
    numbers[101::2] += 10
    numbers[[201, 203]] = numbers[[203, 201]]
    table = pa.table(
        {
            "time": moments,
            "private_seqNum": numbers,
            "private_origin": np.arange(count) % 2 + 40,
            "private_identity": ["Test"] * count,
            "private_sndStamp": moments / 1e9 + 37,
            "private_rcvStamp": moments / 1e9 + 37.001,
        }
    )
    return write_topics(tmp_path_factory.mktemp("numbered") / "archive", {NUMBERED: table})


@pytest.fixture(params=["archive", "influxd"])
def numbered_source(request, numbered, influxd, monkeypatch) -> str:
    if request.param == "archive":
        return str(numbered)
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    if has_database(influxd, "numbered"):
        return address_of(influxd, "numbered")
    return load_topics(numbered, influxd, "numbered")


def expect_numbers(window) -> None:
    words = child(window, QLabel, "sequenceWords").text().replace("\u200b", "")
    assert words == "Test.numbered: 400 messages of 2 publishers, 10 lost, 1 out of order."
    rows = texts(child(window, QTableView, "sequenceTable"))
    assert [row[1] for row in rows] == ["10 lost", "1 lost", "out of order"]


def test_lost_and_late_messages_with_the_mouse_alone(numbered_source):
    async def work(window):
        window.resize(1900, 1000)
        await turn_to(window, "Numbers")
        expect_numbers(window)
        view = child(window, QTableView, "sequenceTable")
        place = view.visualRect(view.model().index(0, 0)).center()
        for press in (QTest.mouseClick, QTest.mouseDClick):
            press(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        await window.idle()
        shown = window.workspace.time.time_range
        middle = (shown.start_utc_ns + shown.end_utc_ns) // 2
        assert abs(middle - (START + 101 * 10**9)) <= shown.span_ns // 500

    in_window([numbered_source, *RANGE, "--latency", NUMBERED], work)


def test_lost_and_late_messages_with_the_keyboard_alone(numbered_source):
    async def work(window):
        tabs = child(window, QTabBar, "latencyTabs")
        tabs.setFocus()
        for _ in range(5):
            QTest.keyClick(tabs, Qt.Key.Key_Right)
        await window.idle()
        expect_numbers(window)
        view = child(window, QTableView, "sequenceTable")
        view.setFocus()
        for _ in range(2):
            QTest.keyClick(view, Qt.Key.Key_Down)
        QTest.keyClick(view, Qt.Key.Key_Return)
        await window.idle()
        shown = window.workspace.time.time_range
        middle = (shown.start_utc_ns + shown.end_utc_ns) // 2
        assert middle < START + 230 * 10**9

    in_window([numbered_source, *RANGE, "--latency", NUMBERED], work)
