"""Intervals in a window, on both sources: found, named where unpaired, shown, and gone to."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QTabBar, QTableView

from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.services import interval_loader
from efdviewer.sources.simulate_schedule import READOUT_S
from efdviewer.ui.graphics.figure import Figure
from efdviewer.ui.interval_plots import DurationsOverTime
from tests.benchmarks.clock import Ticker
from tests.both import has_database, load_topics, write_topics
from tests.nights import CAMERA
from tests.ui.hands import HELD, LEFT, TopicHand, open_menu_and_choose, tick, type_range
from tests.ui.plots import application, caught
from tests.windows import act, child, in_window, type_into

START, END = f"{CAMERA}.logevent_startReadout", f"{CAMERA}.logevent_endReadout"
TAKE, ACK = f"{CAMERA}.command_takeImages", f"{CAMERA}.ackcmd"
READOUTS = ["--interval", f"{START}..{END}"]
POWER = ["--plot", f"{CAMERA}.wrebPower:analog_I"]
HOUR = ["--from", "2024-02-01T03:00", "--to", "2024-02-01T04:00"]
GUIDER = "lsst.sal.Guider.logevent_"
BASE_NS = 1_706_745_600_000_000_000
SECOND = 10**9


def panel(window):
    return window.docks["intervals"].widget()


def words(window) -> str:
    return child(window, QLabel, "intervalWords").text()


def rows_of(night, topic: str) -> list[int]:
    files = sorted((night / topic).glob("*.parquet"))
    return [at for file in files for at in pq.read_table(file).column("time").cast(pa.int64()).to_pylist()]


@pytest.fixture(scope="module")
def guiders(tmp_path_factory):
    """Two guiders in one topic, their exposures interleaved; of each one event is missing."""
    begun = [(0, 1), (1, 2), (20, 1), (21, 2), (40, 1)]
    ended = [(10, 1), (13, 2), (33, 2), (50, 1), (51, 2)]

    def table(rows):
        return pa.table(
            {
                "time": [BASE_NS + at * SECOND for at, _ in rows],
                "salIndex": [index for _, index in rows],
                "private_seqNum": list(range(len(rows))),
            }
        )

    topics = {f"{GUIDER}startExposure": table(begun), f"{GUIDER}endExposure": table(ended)}
    topics["lsst.sal.Guider.telemetry"] = pa.table({"time": [BASE_NS], "value": [1.0]})
    return write_topics(tmp_path_factory.mktemp("guiders") / "archive", topics)


@pytest.fixture(params=["archive", "influxd"])
def guider(request, guiders, influxd, monkeypatch) -> str:
    if request.param == "archive":
        return str(guiders)
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    if not has_database(influxd, "guiders"):
        return load_topics(guiders, influxd, "guiders")
    return f"influxdb://{influxd.reader.name}@127.0.0.1:{influxd.port}?db=guiders"


def test_that_every_readout_is_found_with_its_duration(source, night):
    async def work(window):
        found = panel(window).intervals()
        starts, ends = rows_of(night, START), rows_of(night, END)
        assert found == list(zip(starts, ends, strict=True))
        assert {end - start for start, end in found} == {round(READOUT_S * SECOND)}
        assert panel(window).unpaired() == []
        assert "Paired by imageName" in words(window)
        assert f"{len(starts)} intervals in view: median 2.3 s" in words(window)
        share = 100 * len(starts) * READOUT_S / (20 * 3600)
        assert f"{share:.3g} % of the view" in words(window)

    in_window([source, *READOUTS, "--from", "2024-01-31T12:00", "--to", "2024-02-01T08:00"], work)


def test_that_commands_are_paired_with_their_acknowledgements(source, night):
    async def work(window):
        taken = rows_of(night, TAKE)
        assert [start for start, _ in panel(window).intervals()] == taken
        assert "Paired by private_seqNum" in words(window)

    span = ["--from", "2024-01-31T12:00", "--to", "2024-02-01T08:00"]
    in_window([source, "--interval", f"{TAKE}..{ACK}", *span], work)


def test_that_devices_are_told_apart_and_what_has_no_partner_is_named(guider):
    async def work(window):
        found = [((a - BASE_NS) // SECOND, (b - BASE_NS) // SECOND) for a, b in panel(window).intervals()]
        assert found == [(0, 10), (1, 13), (21, 33), (40, 50)]
        lone = [
            (topic.rpartition("_")[2], (at - BASE_NS) // SECOND) for topic, at in panel(window).unpaired()
        ]
        assert lone == [("startExposure", 20), ("endExposure", 51)]
        assert "Paired by salIndex" in words(window)
        assert "2 events unpaired" in words(window)
        lone_table = child(window, QTableView, "intervalUnpaired").model()
        why = [lone_table.index(row, 2).data() for row in range(lone_table.rowCount())]
        assert why == [
            "no own endExposure up to 01:01:00",
            "no own startExposure since 2024-01-31 23:00:00",
        ]

    span = ["--from", "2024-02-01T00:00", "--to", "2024-02-01T00:01"]
    in_window([guider, "--interval", f"{GUIDER}startExposure..{GUIDER}endExposure", *span], work)


def test_that_an_interval_over_the_edge_is_found_and_one_or_none_are_said(guider):
    async def work(window):
        assert [(start - BASE_NS) // SECOND for start, _ in panel(window).intervals()] == [21]
        assert "1 interval in view" in words(window)
        type_into(child(window, QLineEdit, "timeFrom"), "2024-02-01T00:05", enter=False)
        type_into(child(window, QLineEdit, "timeTo"), "2024-02-01T00:06")
        await window.idle()
        assert panel(window).intervals() == []
        assert "No intervals in view" in words(window)

    span = ["--from", "2024-02-01T00:00:25", "--to", "2024-02-01T00:00:30"]
    in_window([guider, "--interval", f"{GUIDER}startExposure..{GUIDER}endExposure", *span], work)


def test_that_more_events_than_can_be_paired_are_said_and_zooming_in_helps(guiders, monkeypatch):
    monkeypatch.setattr(interval_loader, "MOST_EVENTS", 4)

    async def work(window):
        assert words(window) == "More than 4 events of one topic are in view. Zoom in to pair them."
        assert panel(window).intervals() == panel(window).unpaired() == []
        await type_range(window, "2024-02-01T00:00", "2024-02-01T00:00:15")
        assert [(start - BASE_NS) // SECOND for start, _ in panel(window).intervals()] == [0, 1]

    span = ["--from", "2024-02-01T00:00", "--to", "2024-02-01T00:01"]
    in_window([str(guiders), "--interval", f"{GUIDER}startExposure..{GUIDER}endExposure", *span], work)


def test_that_an_event_without_a_name_is_named_also_where_messages_are_not_numbered(tmp_path):
    def table(moments):
        names = ["a", None, "c"]
        return pa.table(
            {"time": [BASE_NS + at * SECOND for at in moments], "imageName": names, "exposureTime": [1.0] * 3}
        )

    topics = {f"{GUIDER}startExposure": table([0, 10, 20]), f"{GUIDER}endExposure": table([5, 15, 25])}
    archive = write_topics(tmp_path / "archive", topics)

    async def work(window):
        assert [(start - BASE_NS) // SECOND for start, _ in panel(window).intervals()] == [0, 20]
        assert [(at - BASE_NS) // SECOND for _, at in panel(window).unpaired()] == [10, 15]

    span = ["--from", "2024-02-01T00:00", "--to", "2024-02-01T00:01"]
    in_window([str(archive), "--interval", f"{GUIDER}startExposure..{GUIDER}endExposure", *span], work)


def test_that_the_latest_start_without_an_end_is_perhaps_still_open(guiders):
    async def work(window):
        lone = child(window, QTableView, "intervalUnpaired").model()
        why = [lone.index(row, 2).data() for row in range(lone.rowCount())]
        assert [text.startswith("perhaps still open: ") for text in why] == [False, False, False, True]
        assert [(start - BASE_NS) // SECOND for start, _ in panel(window).intervals()] == [10, 13]

    span = ["--from", "2024-02-01T00:00:05", "--to", "2024-02-01T00:01"]
    in_window([str(guiders), "--interval", f"{GUIDER}endExposure..{GUIDER}startExposure", *span], work)


def test_that_nothing_is_called_none_that_was_not_asked_for(night):
    async def work(window):
        bar, whole = child(window, QTabBar, "intervalTabs"), words(window)
        act(window, "actionReload")
        assert words(window) == f"Loading …\n{whole}", "how far was looked stays true"
        await window.idle()
        window.plots.row(0).set_view_range_ns(BASE_NS - 3 * 3600 * SECOND, BASE_NS - 2 * 3600 * SECOND)
        for act_on, status in ((lambda: None, "Loading …"), (window.workspace.cancel_all, "Cancelled; ")):
            act_on()
            assert words(window).startswith(status)
            assert "\n" not in words(window)
            assert [bar.tabText(place) for place in (0, 1)] == ["List", "Unpaired"]
        act(window, "actionReload")
        await window.idle()
        assert "in view" in words(window)
        window.plots.row(0).set_view_range_ns(BASE_NS - 8 * 3600 * SECOND, BASE_NS + 8 * 3600 * SECOND)
        window.workspace.cancel_all()
        known = len(panel(window).intervals())
        assert known
        assert words(window).endswith(f"\n{known} intervals are known so far.")
        assert panel(window).unpaired() == [], "their partners may be to come"

    in_window([str(night), *POWER, *READOUTS, *HOUR], work)


def test_that_by_the_mouse_alone_intervals_are_made_and_gone_to(night):
    async def work(window):
        hand = TopicHand(window)
        await hand.find("readout", "ATCamera", "logevent_startReadout")
        hand.click(hand.row("ATCamera", "logevent_endReadout"))
        hand.click(hand.row("ATCamera", "logevent_startReadout"), HELD.ControlModifier)
        place = hand.tree.visualRect(hand.row("ATCamera", "logevent_startReadout")).center()
        await open_menu_and_choose(window, hand.tree.viewport(), place, "actionShowIntervals")
        assert len(panel(window).intervals()) > 20
        first = panel(window).intervals()[0]
        table = child(window, QTableView, "intervalTable")
        cell = table.visualRect(table.model().index(0, 0)).center()
        for press in (QTest.mouseClick, QTest.mouseDClick):
            press(table.viewport(), LEFT, HELD.NoModifier, cell)
        await window.idle()
        start, end = window.plots.row(0).view_range_ns()
        assert start < first[0] < first[1] < end
        assert end - start == pytest.approx(1.2 * (first[1] - first[0]), rel=0.01)
        assert panel(window).intervals() == [first]
        await tick(window, "timeBack")
        assert len(panel(window).intervals()) > 20
        bar = child(window, QTabBar, "intervalTabs")
        QTest.mouseClick(bar, LEFT, HELD.NoModifier, bar.tabRect(3).center())
        await window.idle()
        trend = child(window, Figure, "intervalTrend")
        wanted = panel(window).intervals()[7]
        at_s = (wanted[0] - window.plots.row(0).view_range_ns()[0]) / 1e9
        place = trend.mapFromScene(trend.getPlotItem().vb.mapViewToScene(QPointF(at_s, READOUT_S)))
        QTest.mouseClick(trend.viewport(), LEFT, HELD.NoModifier, place)
        await window.idle()
        assert window.workspace.intervals.selected == wanted
        assert table.currentIndex().row() == 7
        canvas = window.plots.row(0).canvas
        with_bands = canvas.grab().toImage()
        await tick(window, "intervalVisible")
        assert not window.workspace.session.intervals[0].visible
        assert canvas.grab().toImage() != with_bands
        assert len(panel(window).intervals()) > 20, "hidden in the plots, still listed"
        await tick(window, "intervalVisible")
        assert canvas.grab().toImage() == with_bands
        await tick(window, "intervalRemove")
        assert window.workspace.session.intervals == ()

    in_window([str(night), *POWER, *HOUR], work)


def test_that_by_keys_alone_intervals_are_made_gone_to_and_undone(night):
    async def work(window):
        window.activateWindow()
        row = window.plots.row(0)
        row.setFocus()
        QTest.keyClick(row, Qt.Key.Key_I)
        await window.idle()
        edit = child(window, QLineEdit, "intervalStart")
        assert edit.hasFocus()
        QTest.keyClicks(edit, END)
        QTest.keyClick(edit, Qt.Key.Key_Return)
        await window.idle()
        assert window.workspace.session.intervals[0].start == START, "the end of a readout tells its start"
        assert len(panel(window).intervals()) > 20
        table = child(window, QTableView, "intervalTable")
        table.setFocus()
        table.selectRow(2)
        wanted = panel(window).intervals()[2]
        QTest.keyClick(table, Qt.Key.Key_Return)
        await window.idle()
        assert panel(window).intervals() == [wanted]
        box = child(window, QComboBox, "intervalMatching")
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_Down)
        await window.idle()
        assert window.workspace.session.intervals[0].by == ()
        bands = child(window, QCheckBox, "intervalVisible")
        bands.setFocus()
        QTest.keyClick(bands, Qt.Key.Key_Space)
        await window.idle()
        assert not window.workspace.session.intervals[0].visible
        for _ in range(4):
            act(window, "actionUndo")
            await window.idle()
        assert window.workspace.session.intervals == ()

    in_window([str(night), *POWER, *HOUR], work)


def test_that_intervals_are_saved_and_drawn(night, tmp_path):
    async def work(window):
        before = panel(window).intervals()
        plain = window.plots.row(0).canvas.grab().toImage()
        await window.save_session(tmp_path / "readouts.efdview")
        await tick(window, "intervalRemove")
        assert panel(window).intervals() == []
        assert window.plots.row(0).canvas.grab().toImage() != plain, "bands are gone"
        await window.open_session(tmp_path / "readouts.efdview")
        await window.idle()
        assert panel(window).intervals() == before
        assert window.docks["intervals"].isVisible()

    in_window([str(night), *POWER, *HOUR, *READOUTS], work)


def test_that_the_longest_and_the_shortest_of_many_durations_stay_among_the_points():
    application()
    durations_s = np.random.default_rng(1).uniform(2.0, 3.0, 43_210)
    extremes = {7: 9.0, 20_000: 0.1, 43_209: 8.0}
    for place, duration_s in extremes.items():
        durations_s[place] = duration_s
    starts = BASE_NS + np.arange(len(durations_s)) * SECOND
    view = TimeRange(start_utc_ns=BASE_NS, end_utc_ns=BASE_NS + len(starts) * SECOND)
    trend = DurationsOverTime()
    trend.show_durations(starts, durations_s, "#ff0000", view, Timescale.UTC)
    drawn = [item.getData() for item in trend.getPlotItem().items if isinstance(item, pg.ScatterPlotItem)]
    x, y = max(drawn, key=lambda each: len(each[0]))
    assert len(x) < 6_000
    assert {place: y[x == place].tolist() for place in extremes} == {
        place: [duration_s] for place, duration_s in extremes.items()
    }
    trend.close()


def test_that_100_000_intervals_come_and_are_sorted_without_a_pause(tmp_path):
    count = 100_000
    starts = BASE_NS + np.arange(count) * SECOND // 4
    names = pa.array([f"image {number}" for number in range(count)])

    def table(moments):
        return pa.table({"time": moments, "imageName": names, "private_seqNum": np.arange(count)})

    topics = {f"{GUIDER}startExposure": table(starts), f"{GUIDER}endExposure": table(starts + SECOND // 8)}
    archive = write_topics(tmp_path / "archive", topics)

    async def work(window):
        ticker = Ticker()
        ticker.start()
        act(window, "actionReload")
        await window.idle()
        view = child(window, QTableView, "intervalTable")
        for column in (1, 2, 0):
            view.sortByColumn(column, Qt.SortOrder.DescendingOrder)
            view.scrollToBottom()
            await window.idle()
        bar = child(window, QTabBar, "intervalTabs")
        for page in range(bar.count()):
            bar.setCurrentIndex(page)
            await window.idle()
        ticker.stop_ms()
        worked_ms = ticker.worked_ms
        assert view.model().rowCount() == count
        assert worked_ms < 150, f"the window's thread was at work for {worked_ms:.0f} ms"

    span = ["--from", "2024-02-01", "--to", "2024-02-01T08:00"]
    interval = ["--interval", f"{GUIDER}startExposure..{GUIDER}endExposure"]
    in_window([str(archive), *interval, *span], work)


def test_that_a_band_tells_its_interval_where_the_mouse_rests_on_it(night):
    async def work(window):
        row, (start, end) = window.plots.row(0), panel(window).intervals()[0]
        told = caught(row.eventHovered)
        frame = row.canvas.frame()
        QTest.mouseMove(row.canvas, QPoint(round(frame.x_at((start + end) // 2)), frame.top + 40))
        await window.idle()
        hit = told[-1][0]
        assert (hit.start_utc_ns, hit.end_utc_ns) == (start, end)
        assert hit.key.startswith("AT_O_20240131_")
        assert hit.title == "ATCamera.startReadout → endReadout"

    in_window([str(night), *POWER, *READOUTS, "--from", "2024-02-01T03:00", "--to", "2024-02-01T03:01"], work)
