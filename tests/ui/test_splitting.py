"""One curve for each device of an indexed topic, by mouse and by keyboard, in a real window."""

from collections.abc import Iterable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu

from efdviewer.domain.query import SampleQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import Equals, FieldRef
from efdviewer.ui.actions import all_actions
from tests.indexed import DEVICES, ESS, START_NS, write_indexed
from tests.nights import CAMERA, address_of
from tests.ui.hands import TopicHand, open_menu_and_choose
from tests.windows import act, child, in_window, type_into

WHOLE, OTHER = FieldRef(ESS, "temperatureItem0"), FieldRef(ESS, "temperatureItem1")
DEVICE_FIELDS = WHOLE.split("salIndex", DEVICES)
MINUTES = ["--from", "2024-02-01T00:00:00", "--to", "2024-02-01T00:05:00"]
PLOT = ["--plot", str(WHOLE)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_indexed(tmp_path_factory.mktemp("indexed") / "archive")


def curves(window, row: int = 0) -> list[FieldRef]:
    return window.plots.row(row).curves()


def names(menu: QMenu) -> list[str]:
    return [action.objectName() for action in menu.actions()]


async def choose_of_curve(window, place: int, action: str) -> None:
    entry = window.plots.row(0).legend.entries()[place]
    await open_menu_and_choose(window, entry, QPoint(5, 5), action)


async def expect_samples(window, fields: Iterable[FieldRef]) -> None:
    """Compare what is drawn with what the source gives for the same condition."""
    row = window.plots.row(0)
    start, end = row.view_range_ns()
    for field in fields:
        query = SampleQuery(
            topic=field.topic,
            fields=(field.field,),
            time_range=TimeRange(start_utc_ns=start, end_utc_ns=end),
            where=field.where,
        )
        table = await window.workspace.source.samples(query)
        drawn_ns, drawn = row.drawn_points(field)
        assert table.num_rows > 50
        assert np.array_equal(drawn_ns, table.column("time").to_numpy())
        assert np.array_equal(drawn, table.column(field.field).to_numpy())


def test_that_a_click_in_the_legend_s_menu_splits_a_curve_and_undo_takes_it_back(folder):
    async def work(window):
        await choose_of_curve(window, 1, "actionCurveSplitSalIndex")
        assert curves(window) == [OTHER, *DEVICE_FIELDS]
        await expect_samples(window, DEVICE_FIELDS)
        legend = [entry.state.title for entry in window.plots.row(0).legend.entries()]
        assert legend[1:] == [f"ESS.temperature.temperatureItem0 · salIndex {index}" for index in DEVICES]
        act(window, "actionUndo")
        await window.idle()
        assert curves(window) == [OTHER, WHOLE]
        act(window, "actionRedo")
        await window.idle()
        assert curves(window) == [OTHER, *DEVICE_FIELDS]

    in_window([str(folder), *MINUTES, "--plot", f"{OTHER},temperatureItem0"], work)


def test_that_a_key_splits_all_curves_of_the_current_row(folder):
    async def work(window):
        row = window.plots.row(1)
        window.activateWindow()
        row.setFocus()
        QTest.keyClick(row, Qt.Key.Key_S)
        await window.idle()
        assert curves(window) == [WHOLE]
        assert curves(window, 1) == [
            *WHOLE.split("salIndex", DEVICES),
            *OTHER.split("salIndex", DEVICES),
        ]

    in_window([str(folder), *MINUTES, *PLOT, "--plot", f"{WHOLE},temperatureItem1"], work)


def test_that_the_row_menu_offers_what_the_row_at_hand_can_be_split_by(folder):
    async def work(window):
        for row, index in ((0, "SalIndex"), (1, "SensorName"), (1, "SalIndex")):
            window.plots.row(row).setFocus()
            act(window, f"actionRowSplit{index}")
            await window.idle()
        assert [len(curves(window, row)) for row in (0, 1)] == [3, 3]
        offered = [
            name for _, action in all_actions(window.menuBar()) if "Split" in (name := action.objectName())
        ]
        assert offered == ["actionRowSplit"]
        window.plots.row(0).setFocus()
        offered = [
            name for _, action in all_actions(window.menuBar()) if "Split" in (name := action.objectName())
        ]
        assert offered == ["actionRowSplitSensorName"]

    in_window([str(folder), *MINUTES, *PLOT, *PLOT], work)


def test_that_s_says_why_nothing_can_be_split_and_stands_in_the_menu(night):
    async def work(window):
        act(window, "actionAddPlot")
        await window.idle()
        window.activateWindow()
        said = []
        for row in range(len(window.plots.rows())):
            window.plots.row(row).setFocus()
            QTest.keyClick(window.plots.row(row), Qt.Key.Key_S)
            said.append(window.status.currentMessage())
        assert said == [
            "ATCamera.wrebPower has no field that tells devices apart.",
            "There is no curve here that could be split.",
        ]
        keys = {action.objectName(): action.shortcut() for _, action in all_actions(window.menuBar())}
        assert keys["actionRowSplit"].toString() == "S"

    in_window([str(night), "--plot", f"{CAMERA}.wrebPower:analog_I"], work)


def test_that_s_says_that_curves_are_split_already(folder):
    async def work(window):
        for index in ("SalIndex", "SensorName"):
            act(window, f"actionRowSplit{index}")
            await window.idle()
        act(window, "actionRowSplit")
        assert window.status.currentMessage() == "These curves are split already."

    in_window([str(folder), *MINUTES, *PLOT], work)


def test_that_the_action_finder_splits_by_sensor_names_of_any_text(folder):
    async def work(window):
        QTest.keyClick(
            window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        )
        finder = window.findChild(QLineEdit, "actionFilter")
        type_into(finder, "split sensorname")
        await window.idle()
        expected = WHOLE.split("sensorName", [f'sensor {index}; "{"ABC"[index]}"' for index in DEVICES])
        assert curves(window) == expected
        await expect_samples(window, expected)

    in_window([str(folder), *MINUTES, *PLOT], work)


def test_that_what_is_split_is_offered_only_what_still_tells_devices_apart(folder):
    async def work(window):
        await choose_of_curve(window, 0, "actionCurveSplitSalIndex")
        assert window.findChild(QAction, "actionRowSplitSensorName") is not None
        entry = window.plots.row(0).legend.entries()[0]
        entry.customContextMenuRequested.emit(QPoint(5, 5))
        menu = child(entry, QMenu, "curveMenu")
        assert [name for name in names(menu) if "Split" in name] == ["actionCurveSplitSensorName"]
        menu.close()
        await choose_of_curve(window, 0, "actionCurveSplitSensorName")
        first = WHOLE.split("salIndex", [0])[0].split("sensorName", ['sensor 0; "A"'])
        assert curves(window) == [*first, *DEVICE_FIELDS[1:]]

    in_window([str(folder), *MINUTES, *PLOT], work)


def test_that_a_topic_without_devices_offers_nothing(night):
    async def work(window):
        entry = window.plots.row(0).legend.entries()[0]
        entry.customContextMenuRequested.emit(QPoint(5, 5))
        menu = child(entry, QMenu, "curveMenu")
        assert not [name for name in names(menu) if "Split" in name]
        menu.close()
        offered = {
            name for action in window.findChildren(QAction) if "Split" in (name := action.objectName())
        }
        assert offered == {"actionRowSplit"}, "which says why"

    in_window([str(night), "--plot", f"{CAMERA}.wreb:temp1"], work)


def test_that_a_range_without_values_is_told_in_words(folder):
    async def work(window):
        act(window, "actionRowSplitSalIndex")
        await window.idle()
        assert curves(window) == [WHOLE]
        (said,) = window.messages.texts()
        assert "no value of salIndex in this range" in said
        assert window.workspace.document.undo_name is None

    in_window([str(folder), "--from", "2024-02-03", "--to", "2024-02-04", *PLOT], work)


def test_that_the_first_16_devices_of_many_are_taken_and_told(influxd, monkeypatch):
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    influxd.create_database("many")
    lines = [
        f"{ESS} salIndex={index}i,temperatureItem0={index} {START_NS + (3 * n + index) * 10**9}"
        for n, index in enumerate(range(20))
    ]
    influxd.write("many", "\n".join(lines))

    async def work(window):
        act(window, "actionRowSplitSalIndex")
        await window.idle()
        assert curves(window) == WHOLE.split("salIndex", range(16))
        (said,) = window.messages.texts()
        assert "20 values of salIndex" in said
        assert "first 16" in said

    in_window([address_of(influxd, "many"), *MINUTES, *PLOT], work)


def test_that_tags_of_a_camera_split_by_device(influxd, monkeypatch):
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    influxd.create_database("tagged")
    lines = [
        f"focal,Raft={raft},Reb=Reb{reb} temp={10 * reb + n % 7} {START_NS + n * 10**9 + place}"
        for n in range(100)
        for place, (raft, reb) in enumerate((raft, reb) for raft in ("R01", "R22") for reb in (0, 1))
    ]
    influxd.write("tagged", "\n".join(lines))

    async def work(window):
        await choose_of_curve(window, 0, "actionCurveSplitRaft")
        field = FieldRef("focal", "temp")
        rafts = field.split("Raft", ["R01", "R22"])
        assert curves(window) == rafts
        await expect_samples(window, rafts)
        act(window, "actionRowSplitReb")
        await window.idle()
        assert curves(window) == [ref for raft in rafts for ref in raft.split("Reb", ["Reb0", "Reb1"])]
        await expect_samples(window, curves(window))

    in_window([address_of(influxd, "tagged"), *MINUTES, "--plot", "focal:temp"], work)


@pytest.mark.parametrize("keyboard", [False, True])
def test_that_the_topic_browser_plots_a_field_split(folder, keyboard):
    async def work(window):
        hand = TopicHand(window)
        await hand.open("temperature", "ESS", "temperature")
        index = hand.row("ESS", "temperature", "temperatureItem[2]")
        if keyboard:
            window.activateWindow()
            await hand.press(index, Qt.Key.Key_S)
        else:
            hand.click(index)
            await window.idle()
            window.findChild(QAction, "actionPlotSplitSalIndex").trigger()
            await window.idle()
        assert curves(window) == [ref for field in (WHOLE, OTHER) for ref in field.split("salIndex", DEVICES)]

    in_window([str(folder), *MINUTES], work)


def test_that_the_topic_browser_plots_a_topic_by_its_first_measured_field(folder):
    async def work(window):
        hand = TopicHand(window)
        hand.click(await hand.find("temperature", "ESS", "temperature"))
        await window.idle()
        window.findChild(QAction, "actionPlotSplitSensorName").trigger()
        await window.idle()
        assert [field.field for field in curves(window)] == ["temperatureItem0"] * 3

    in_window([str(folder), *MINUTES], work)


def test_that_a_saved_session_keeps_the_devices(folder, tmp_path):
    path = tmp_path / "devices.efdview"

    async def save(window):
        act(window, "actionRowSplitSalIndex")
        await window.idle()
        await window.save_session(path)

    async def look(window):
        assert curves(window) == DEVICE_FIELDS
        await expect_samples(window, DEVICE_FIELDS)

    in_window([str(folder), *MINUTES, *PLOT], save)
    in_window([str(path)], look)


def test_that_a_split_can_be_cancelled(folder):
    async def work(window):
        act(window, "actionRowSplitSalIndex")
        window.workspace.cancel_all()
        await window.idle()
        assert curves(window) == [WHOLE]
        assert window.messages.texts() == []

    in_window([str(folder), *MINUTES, *PLOT], work)


def test_that_a_row_that_moves_meanwhile_is_split_where_it_went(folder):
    async def work(window):
        act(window, "actionRowSplitSalIndex")
        window.plots.rowMoved.emit(0, 1)
        await window.idle()
        assert [len(curves(window, row)) for row in (0, 1)] == [1, 3]
        assert curves(window, 1)[0].where == (Equals(field="salIndex", value=0),)

    in_window([str(folder), *MINUTES, *PLOT, "--plot", str(OTHER)], work)
