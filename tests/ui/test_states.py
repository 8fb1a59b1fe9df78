"""Lanes of states in a window, on both sources, and on recordings of the real mount."""

import gzip

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QTableView

from efdviewer.domain.states import SEVERAL
from efdviewer.domain.timescale import day_obs_start_utc_ns
from tests.both import has_database, load_topics, write_topics
from tests.nights import CAMERA, END_NS, START_NS, address_of
from tests.ui.hands import TopicHand
from tests.windows import act, child, in_window

SUMMARY = f"{CAMERA}.logevent_summaryState:summaryState"
MOTION = "lsst.sal.MTMount.logevent_azimuthMotionState"
WHOLE = ["--from", "2024-01-31T12:00", "--to", "2024-02-01T08:00"]
DEVICE = "lsst.sal.Device.logevent_mode"
DAY_NS, SECOND = 86_400 * 10**9, 10**9
BASE_NS = 1_706_745_600 * SECOND


def table_of(window) -> list[list[str]]:
    model = child(window, QTableView, "stateTable").model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def told(night, topic: str, field: str) -> list[tuple[int, object]]:
    files = sorted((night / topic).glob("*.parquet"))
    tables = [pq.read_table(file, columns=["time", field]) for file in files]
    return [
        (at, value)
        for table in tables
        for at, value in zip(
            table.column("time").cast(pa.int64()).to_pylist(), table.column(field).to_pylist(), strict=True
        )
    ]


def plainly(rows: list[tuple[int, object]], start: int, end: int) -> dict[object, int]:
    """Add up how long each value lasted in a range, the straightforward way."""
    totals: dict[object, int] = {}
    for (at, value), until in zip(rows, [at for at, _ in rows[1:]] + [end], strict=True):
        lasted = min(until, end) - max(at, start)
        if lasted > 0:
            totals[value] = totals.get(value, 0) + lasted
    return totals


def totals_of(bands: list[tuple[int, int, object]], start: int, end: int) -> dict[object, int]:
    totals: dict[object, int] = {}
    for begin, stop, value in bands:
        totals[value] = totals.get(value, 0) + min(stop, end) - max(begin, start)
    return totals


@pytest.fixture(scope="module")
def modes(tmp_path_factory):
    """A device that told its mode ten days before the night, and all kinds of values; another beside it."""
    rows = [(-10 * DAY_NS, 1), (0, 2), (10 * SECOND, 2), (20 * SECOND, 3), (20 * DAY_NS, 1)]
    many = 30_000
    topics = {
        DEVICE: pa.table(
            {
                "time": [BASE_NS + at for at, _ in rows],
                "mode": [value for _, value in rows],
                "wish": [float(value) for _, value in rows],
                "level": [value + 0.5 for _, value in rows],
                "name": ["idle", "a longer\nname", "a longer\nname", "", "idle"],
                "isOn": [True, False, False, True, True],
                "salIndex": [1, 1, 2, 1, 1],
            }
        ),
        "lsst.sal.Device.fast": pa.table(
            {
                "time": BASE_NS + np.arange(many) * (SECOND // 10),
                "isOn": np.arange(many) // 10_000 == 1,
                "blink": np.arange(many) % 2 == 0,
            }
        ),
    }
    return write_topics(tmp_path_factory.mktemp("modes") / "archive", topics)


@pytest.fixture(params=["archive", "influxd"])
def mode(request, modes, influxd, monkeypatch) -> str:
    if request.param == "archive":
        return str(modes)
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    if not has_database(influxd, "modes"):
        return load_topics(modes, influxd, "modes")
    return address_of(influxd, "modes")


def test_that_each_state_of_the_night_is_a_band_with_its_label_and_total(source, night):
    async def work(window):
        bands = window.plots.row(0).state_bands(SUMMARY)
        rows = told(night, f"{CAMERA}.logevent_summaryState", "summaryState")
        assert [(start, value) for start, _, value in bands] == rows
        assert totals_of(bands, START_NS, END_NS) == plainly(rows, START_NS, END_NS)
        assert window.plots.row(0).lanes()[0].field == "summaryState"
        lines = table_of(window)
        assert lines[0][1:3] == ["ENABLED", "96.00 %"]
        assert [line[1] for line in lines] == ["ENABLED", "FAULT", "STANDBY", "DISABLED", "not known"]
        assert lines[0][4] == "2", "before and after the fault"

    in_window([source, "--state", SUMMARY, *WHOLE], work)


@pytest.mark.parametrize("day_obs", [20230531, 20230615])
def test_that_motion_states_of_the_real_mount_add_up_as_plainly(recordings, influxd, monkeypatch, day_obs):
    lines = gzip.decompress((recordings / "efd" / f"{MOTION}.lp.gz").read_bytes())
    if not has_database(influxd, "motion"):
        influxd.create_database("motion")
        influxd.write("motion", lines)
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    start = day_obs_start_utc_ns(day_obs)
    rows = sorted(
        (int(line.rpartition(b" ")[2]), int(line.partition(b",state=")[2].partition(b"i")[0]))
        for line in lines.splitlines()
    )

    async def work(window):
        bands = window.plots.row(0).state_bands(f"{MOTION}:state")
        assert len(bands) > 100
        assert totals_of(bands, start, start + DAY_NS) == plainly(rows, start, start + DAY_NS)
        shown = {line[1]: line[2] for line in table_of(window)}
        labels = ["STOPPING", "STOPPED", "MOVING_POINT_TO_POINT", "JOGGING", "TRACKING"]
        for value, total in plainly(rows, start, start + DAY_NS).items():
            assert shown[labels[value]] == f"{100 * total / DAY_NS:.2f} %"

    span = ["--from", f"dayObs={day_obs}", "--to", f"dayObs={day_obs}"]
    in_window([address_of(influxd, "motion"), "--state", f"{MOTION}:state", *span], work)


def test_that_the_state_from_days_before_is_there_with_its_age_for_one_statement(mode):
    async def work(window):
        row = window.plots.row(0)
        assert row.state_bands(f"{DEVICE}:mode") == [(BASE_NS - 10 * DAY_NS, BASE_NS, 1)]
        lane = row.canvas.lanes.lanes[0]
        assert lane.carried_ns == 9 * DAY_NS
        sent: dict[int, str] = {}

        def note(statement):
            sent[statement.number] = statement.text

        window.workspace.statementChanged.connect(note)
        row.set_view_range_ns(BASE_NS - 3 * DAY_NS, BASE_NS - 2 * DAY_NS)
        await window.idle()
        assert row.state_bands(f"{DEVICE}:mode")[0][:1] == (BASE_NS - 10 * DAY_NS,)
        before = [text for text in sent.values() if "ORDER BY time DESC" in text or "READ mode" in text]
        asked = [text for text in before if ("LIMIT 1" in text and "DESC" in text) or "before" in text]
        assert len(asked) == 1, sent

    span = ["--from", "2024-01-31", "--to", "2024-01-31T01:00"]
    in_window([mode, "--state", f"{DEVICE}:mode", *span], work)


def test_that_every_kind_of_value_is_a_state_but_decimals(mode):
    fields = [
        f"{DEVICE}:{name}" for name in ("mode", "wish", "name", "isOn", "mode;salIndex=2", "level", "nothing")
    ]

    async def work(window):
        row = window.plots.row(0)
        found = {
            field: [((start - BASE_NS) // SECOND, value) for start, _, value in row.state_bands(field)]
            for field in fields
        }
        assert found[fields[0]] == [(-864_000, 1), (0, 2), (20, 3)]
        assert found[fields[1]] == [(-864_000, 1), (0, 2), (20, 3)]
        assert all(type(value) is int for _, value in found[fields[1]])
        assert found[fields[2]] == [(-864_000, "idle"), (0, "a longer\nname"), (20, "")]
        assert found[fields[3]] == [(-864_000, True), (0, False), (20, True)]
        assert found[fields[4]] == [(10, 2)]
        assert found[fields[5]] == found[fields[6]] == []
        words = child(window, QLabel, "stateWords").text().replace("\u200b", "")
        assert "level has decimals, so it is no state" in words
        assert "has no field 'nothing'" in words

    lanes = [part for field in fields for part in ("--state", field)]
    in_window([mode, *lanes, "--from", "2024-01-31T23:59:50", "--to", "2024-02-01T00:00:40"], work)


def test_that_before_the_first_row_nothing_is_claimed(mode):
    async def work(window):
        row = window.plots.row(0)
        assert row.state_bands(f"{DEVICE}:mode") == []
        assert "none before it" in row.canvas.lanes.lanes[0].status

    in_window([mode, "--state", f"{DEVICE}:mode", "--from", "2023-12-01", "--to", "2023-12-02"], work)


def test_that_a_crowd_of_changes_is_said_and_not_made_up(mode):
    fast = "lsst.sal.Device.fast"

    async def work(window):
        row = window.plots.row(0)
        steady = row.state_bands(f"{fast}:isOn")
        assert [value for _, _, value in steady] == [False, True, False]
        lane = row.canvas.lanes.lanes[0]
        assert abs(steady[1][0] - (BASE_NS + 1000 * SECOND)) <= lane.bucket_ns
        assert row.state_bands(f"{fast}:blink") == []
        assert SEVERAL in row.canvas.lanes.lanes[1].runs.values
        assert "not told apart" in child(window, QLabel, "stateWords").text()
        row.set_view_range_ns(BASE_NS + 10 * SECOND, BASE_NS + 12 * SECOND)
        await window.idle()
        assert len(row.state_bands(f"{fast}:blink")) >= 20
        assert SEVERAL not in row.canvas.lanes.lanes[1].runs.values

    lanes = ["--state", f"{fast}:isOn", "--state", f"{fast}:blink"]
    in_window([mode, *lanes, "--from", "2024-02-01", "--to", "2024-02-01T00:50"], work)


def test_that_by_the_mouse_alone_a_topic_becomes_a_lane_and_a_curve(night):
    async def work(window):
        hand = TopicHand(window)
        index = await hand.find("summary", "ATCamera", "logevent_summaryState")
        hand.click(index)
        await hand.choose(index, "actionShowStates")
        row = window.plots.row(1)
        assert [str(field) for field in row.lanes()] == [SUMMARY]
        assert row.height() < window.plots.row(0).height() / 2
        place = QPoint(200, 40)
        QTest.mouseMove(row.canvas, place)
        await window.idle()
        assert "ENABLED" in child(row, QLabel, "laneReading")._forms[0]
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, row.mapToGlobal(place))
        QApplication.sendEvent(row, event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        entry = next(action for action in menu.actions() if action.objectName() == "actionLaneToCurve")
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry).center())
        await window.idle()
        assert [str(field) for field in window.plots.row(1).curves()] == [SUMMARY]
        act(window, "actionUndo")
        await window.idle()
        assert window.plots.row(1).state_bands(SUMMARY)

    in_window([str(night), "--plot", f"{CAMERA}.wrebPower:analog_I", *WHOLE], work)


def test_that_by_keys_alone_a_field_becomes_a_lane_that_is_saved(night, tmp_path):
    async def work(window):
        hand = TopicHand(window)
        await hand.open("summary", "ATCamera", "logevent_summaryState")
        await hand.press(hand.row("ATCamera", "logevent_summaryState", "summaryState"), Qt.Key.Key_T)
        bands = window.plots.row(0).state_bands(SUMMARY)
        assert len(bands) == 9
        await window.save_session(tmp_path / "states.efdview")
        act(window, "actionUndo")
        await window.idle()
        await window.open_session(tmp_path / "states.efdview")
        await window.idle()
        assert window.plots.row(0).state_bands(SUMMARY) == bands
        table = child(window, QTableView, "stateTable")
        table.setFocus()
        table.selectAll()
        QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        copied = QApplication.clipboard().text().splitlines()
        assert copied[0].split("\t")[:2] == ["Field", "State"]
        assert len(copied) == 6

    in_window([str(night), *WHOLE], work)
