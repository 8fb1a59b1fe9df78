"""Epochs and nights in a window, on both sources."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTableView

from efdviewer.domain.leap_seconds import DAY_NS
from efdviewer.domain.timescale import day_obs_start_utc_ns
from efdviewer.sources.simulate_schedule import READOUT_S
from efdviewer.ui.graphics.figure import Figure
from tests.both import has_database, load_topics, write_topics
from tests.nights import CAMERA, address_of
from tests.ui.hands import HELD, LEFT, TopicHand, tick
from tests.windows import act, child, in_window

POWER, READOUT = f"{CAMERA}.wrebPower:analog_I", f"{CAMERA}.logevent_startReadout"
ALIGNED = ["--epochs", f"{POWER}@{READOUT}:-2s..30s"]
WHOLE = ["--from", "2024-01-31T12:00", "--to", "2024-02-01T08:00"]
STEP_A = 0.085
DOME = "lsst.sal.Dome.temperature"
SECOND = 10**9
NIGHTS = (20240129, 20240130, 20240131)


def panel(window):
    return window.docks["epochs"].widget()


def words(window) -> str:
    return child(window, QLabel, "epochWords").text()


def column(night, topic: str, name: str) -> np.ndarray:
    tables = [pq.read_table(file, columns=[name]) for file in sorted((night / topic).glob("*.parquet"))]
    values = pa.concat_tables(tables).column(name)
    return (values.cast(pa.int64()) if name == "time" else values).to_numpy()


@pytest.fixture(scope="module")
def dome(tmp_path_factory):
    """Three nights, each a degree warmer than the one before; and one event with, one without telemetry."""
    moments = np.concatenate(
        [day_obs_start_utc_ns(night) + np.arange(0, 12 * 3600, 10) * SECOND for night in NIGHTS]
    )
    warmth = np.repeat([1.0, 2.0, 3.0], len(moments) // 3) + np.tile(np.arange(4320) % 2, 3) * 0.1
    events = [
        day_obs_start_utc_ns(NIGHTS[0]) + 3600 * SECOND,
        day_obs_start_utc_ns(NIGHTS[0]) + 13 * 3600 * SECOND,
    ]
    topics = {
        DOME: pa.table({"time": moments, "value": warmth, "name": ["x"] * len(moments)}),
        "lsst.sal.Dome.logevent_opened": pa.table({"time": events, "private_seqNum": [1, 2]}),
    }
    return write_topics(tmp_path_factory.mktemp("dome") / "archive", topics)


@pytest.fixture(params=["archive", "influxd"])
def nights(request, dome, influxd, monkeypatch) -> str:
    if request.param == "archive":
        return str(dome)
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    if not has_database(influxd, "nights"):
        return load_topics(dome, influxd, "nights")
    return address_of(influxd, "nights")


def test_that_epochs_are_the_samples_around_each_event_and_the_median_shows_the_step(source, night):
    async def work(window):
        found = panel(window).epochs()
        events, moments = column(night, READOUT, "time"), column(night, f"{CAMERA}.wrebPower", "time")
        current = column(night, f"{CAMERA}.wrebPower", "analog_I")
        assert [event for event, _, _ in found] == events.tolist()
        for event, offsets, values in found:
            inside = (moments >= event - 2 * SECOND) & (moments < event + 30 * SECOND)
            np.testing.assert_array_equal(values, current[inside])
            np.testing.assert_allclose(offsets, (moments[inside] - event) / SECOND)
        starts, median = panel(window).median()
        known = np.isfinite(median)
        raised = median > np.nanmedian(median) + STEP_A / 2
        stepped = (starts > -0.05) & (starts < READOUT_S - 0.05)
        np.testing.assert_array_equal(raised[known], stepped[known])
        before = median[known & (starts < -0.05)].mean()
        assert median[stepped & known].mean() - before == pytest.approx(STEP_A - 0.018, abs=0.006)
        assert "904 epochs" in words(window)

    in_window([source, *ALIGNED, *WHOLE], work)


def test_that_a_click_selects_an_epoch_and_a_double_click_goes_there(night):
    async def work(window):
        plot = child(window, Figure, "epochPlot")
        number = next(
            place
            for place, (_, offsets, _) in enumerate(panel(window).epochs())
            if len(offsets) and 0.5 < offsets[0] < 2
        )
        event, offsets, values = panel(window).epochs()[number]
        scene = plot.getPlotItem().vb.mapViewToScene(QPointF(offsets[0], values[0]))
        place = plot.mapFromScene(scene)
        QTest.mouseClick(plot.viewport(), LEFT, HELD.NoModifier, place)
        await window.idle()
        table = child(window, QTableView, "epochTable")
        chosen = panel(window)._table.current_place()
        assert chosen is not None
        chosen_event = panel(window).epochs()[chosen][0]
        await tick(window, "epochGo")
        shown = window.plots.row(0).view_range_ns()
        assert shown == (chosen_event - 2 * SECOND, chosen_event + 30 * SECOND)
        assert event in {each[0] for each in panel(window).epochs()} or chosen != number
        await tick(window, "timeBack")
        table.setFocus()
        cell = table.visualRect(table.model().index(3, 0)).center()
        for press in (QTest.mouseClick, QTest.mouseDClick):
            press(table.viewport(), LEFT, HELD.NoModifier, cell)
        await window.idle()
        assert window.plots.row(0).view_range_ns()[0] == rows_event(night, 3) - 2 * SECOND

    in_window([str(night), "--plot", POWER, *ALIGNED, *WHOLE], work)


def rows_event(night, place: int) -> int:
    return int(column(night, READOUT, "time")[place])


def test_that_by_the_mouse_alone_telemetry_is_aligned(night):
    async def work(window):
        hand = TopicHand(window)
        index = await hand.find("startreadout", "ATCamera", "logevent_startReadout")
        hand.click(index)
        await hand.choose(index, "actionAlignOn")
        assert len(panel(window).epochs()) == 904
        await tick(window, "epochRemove")
        assert panel(window).epochs() == []
        assert "No epochs shown" in words(window)

    in_window([str(night), "--plot", POWER, *WHOLE], work)


def test_that_by_keys_alone_epochs_are_made_walked_through_saved_and_undone(night, tmp_path):
    async def work(window):
        window.activateWindow()
        row = window.plots.row(0)
        row.setFocus()
        QTest.keyClick(row, Qt.Key.Key_K)
        await window.idle()
        edit = child(window, QLineEdit, "epochEvent")
        assert edit.hasFocus(), "the field is known from the plot"
        QTest.keyClicks(edit, READOUT)
        before = child(window, QLineEdit, "epochBefore")
        before.setFocus()
        before.selectAll()
        QTest.keyClicks(before, "-1 h")
        QTest.keyClick(before, Qt.Key.Key_Return)
        await window.idle()
        assert window.workspace.session.epochs[0].before_ns == 3600 * SECOND
        before.selectAll()
        QTest.keyClicks(before, "soon")
        QTest.keyClick(before, Qt.Key.Key_Return)
        assert "not a duration" in child(window, QLabel, "epochWrong").text()
        table = child(window, QTableView, "epochTable")
        table.setFocus()
        table.selectRow(0)
        QTest.keyClick(table, Qt.Key.Key_Down)
        QTest.keyClick(table, Qt.Key.Key_Return)
        await window.idle()
        assert window.plots.row(0).view_range_ns()[0] == rows_event(night, 1) - 3600 * SECOND
        await window.save_session(tmp_path / "epochs.efdview")
        for _ in range(2):
            act(window, "actionUndo")
            await window.idle()
        assert panel(window).epochs() == []
        await window.open_session(tmp_path / "epochs.efdview")
        await window.idle()
        assert panel(window).epochs()

    in_window([str(night), "--plot", POWER, *WHOLE], work)


def test_that_no_event_one_event_and_no_sample_are_said(nights):
    async def work(window):
        assert [len(values) for _, _, values in panel(window).epochs()] == [3]
        assert "1 epoch, 3 samples" in words(window)
        row = window.plots.row(0)
        row.set_view_range_ns(day_obs_start_utc_ns(NIGHTS[0]), day_obs_start_utc_ns(NIGHTS[0]) + DAY_NS)
        await window.idle()
        assert [len(values) for _, _, values in panel(window).epochs()] == [3, 0]
        assert "1 without a sample" in words(window)
        row.set_view_range_ns(day_obs_start_utc_ns(NIGHTS[1]), day_obs_start_utc_ns(NIGHTS[1]) + DAY_NS)
        await window.idle()
        assert panel(window).epochs() == []
        assert "No events of Dome.opened in view" in words(window)

    span = ["--from", "dayObs=20240129", "--to", "2024-01-29T20:00"]
    epochs = ["--epochs", f"{DOME}:value@lsst.sal.Dome.logevent_opened:-2s..30s"]
    in_window([nights, "--plot", f"{DOME}:value", *epochs, *span], work)


def test_that_nights_lie_over_each_other(nights):
    async def work(window):
        found = panel(window).epochs()
        assert [event for event, _, _ in found] == [
            day_obs_start_utc_ns(20240131) - back * DAY_NS for back in range(6, -1, -1)
        ]
        assert [len(values) > 0 for _, _, values in found] == [False] * 4 + [True] * 3
        for (_, offsets, values), warmth in zip(found[4:], (1.05, 2.05, 3.05), strict=True):
            assert offsets[0] == pytest.approx(2 * 3600, abs=60)
            np.testing.assert_allclose(values, warmth, atol=0.051)
        _, median = panel(window).median()
        np.testing.assert_allclose(median[np.isfinite(median)], 2.05, atol=0.06)
        assert "no data: dayObs 20240125, dayObs 20240126" in words(window)
        child(window, QLineEdit, "epochNights").setText("20240129, 20240131")
        QTest.mouseClick(child(window, QPushButton, "epochChange"), LEFT)
        await window.idle()
        assert [event for event, _, _ in panel(window).epochs()] == [
            day_obs_start_utc_ns(20240129),
            day_obs_start_utc_ns(20240131),
        ]
        panel(window)._table.chosen.emit(0)
        await window.idle()
        shown = window.plots.row(0).view_range_ns()
        assert shown[0] == day_obs_start_utc_ns(20240129) + 2 * 3600 * SECOND

    span = ["--from", "2024-01-31T14:00", "--to", "2024-01-31T18:00"]
    in_window([nights, "--plot", f"{DOME}:value", "--epochs", f"{DOME}:value@dayObs", *span], work)


def test_that_what_cannot_be_laid_over_itself_is_said(nights):
    async def work(window):
        assert "is text" in words(window)
        assert panel(window).epochs() == []

    epochs = ["--epochs", f"{DOME}:name@lsst.sal.Dome.logevent_opened"]
    in_window([nights, *epochs, "--from", "dayObs=20240129", "--to", "dayObs=20240129"], work)
