"""Curves added, removed and moved, and docks arranged by hand: the same again after save, close and open."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu

from tests.nights import CAMERA
from tests.ui.hands import TopicHand, click, open_menu_and_choose
from tests.ui.views import VIEW, shown
from tests.windows import act, child, in_window

COLOUR = 4
CURVES = [
    [f"{CAMERA}.wreb:temp2", f"{CAMERA}.wreb:temp3", f"{CAMERA}.wrebPower:digital_I"],
    [f"{CAMERA}.wrebPower:analog_I"],
]


def arrangement(window) -> dict:
    """Give all that is shown, and where each dock stands."""
    docks = {
        name: (
            dock.isFloating(),
            window.dockWidgetArea(dock),
            sorted(other.objectName() for other in window.tabifiedDockWidgets(dock)),
        )
        for name, dock in window.docks.items()
    }
    counts = window.workspace.latency.rows()[0].figures.count
    return shown(window) | {"areas": docks, "counts": counts}


async def choose_of_curve(window, row: int, field: str, action: str) -> None:
    entry = child(window.plots.row(row), QAbstractButton, f"legend {field}")
    await open_menu_and_choose(window, entry, QPoint(5, 5), action)


async def change_colour(window, row: int, field: str) -> None:
    """Open the menu of a curve, and choose from its sub-menu by the arrow keys."""
    entry = child(window.plots.row(row), QAbstractButton, f"legend {field}")
    place = QPoint(5, 5)
    QApplication.sendEvent(
        entry, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, entry.mapToGlobal(place))
    )
    menu = QApplication.activePopupWidget()
    colours = next(action for action in menu.actions() if action.text() == "Colour")
    while menu.activeAction() is not colours:
        QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Right)
    below = QApplication.activePopupWidget()
    assert isinstance(below, QMenu)
    assert below is not menu
    while below.activeAction() is not below.actions()[COLOUR]:
        QTest.keyClick(below, Qt.Key.Key_Down)
    QTest.keyClick(below, Qt.Key.Key_Return)
    await window.idle()


async def move_curves(window) -> None:
    """Add a curve, remove one, move one to the other row, and change the places of the rows."""
    window.activateWindow()
    await window.idle()
    hand = TopicHand(window)
    await choose_of_curve(window, 0, f"{CAMERA}.wrebPower:digital_I", "actionCurveRemove")
    await choose_of_curve(window, 1, f"{CAMERA}.wreb:temp1", "actionCurveRemove")
    for words, topic, field in (("wreb", "wreb", "temp3"), ("wrebpower", "wrebPower", "digital_I")):
        window.plots.set_current_row(1)
        await hand.open(f"atcamera {words}", "ATCamera", topic)
        await hand.double_click(hand.row("ATCamera", topic, field))
    await change_colour(window, 1, f"{CAMERA}.wreb:temp3")
    window.plots.set_current_row(1)
    act(window, "actionMovePlotUp")
    await window.idle()


async def move_docks(window) -> None:
    """Move one to another area, put one behind another, and float one by its title bar."""
    act(window, "actionShowActivity")
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, window.docks["overlays"])
    window.tabifyDockWidget(window.docks["topics"], window.docks["latency"])
    await window.idle()
    click(window.docks["activity"].findChild(QAbstractButton, "qt_dockwidget_floatbutton"))
    await window.idle()


def test_that_curves_and_docks_moved_by_hand_are_there_again(source, tmp_path):
    path = tmp_path / "view.efdview"

    async def save(window):
        before = arrangement(window)
        await move_curves(window)
        await move_docks(window)
        changed = arrangement(window)
        for part in ("curves", "points", "looks", "areas", "docks"):
            assert changed[part] != before[part], part
        assert [[str(field) for field in row] for row in changed["curves"]] == CURVES
        assert changed["counts"] == sum(changed["histogram"][1]) > 100
        assert changed["areas"]["activity"][0]
        assert changed["areas"]["overlays"][1] == Qt.DockWidgetArea.BottomDockWidgetArea
        assert changed["areas"]["latency"][2] == ["topicsDock"]
        await window.save_session(path)
        return changed

    async def look(window):
        return arrangement(window)

    saved, opened = in_window([source, *VIEW], save), in_window(["--session", str(path)], look)
    room = QGuiApplication.primaryScreen().size().width()
    for name, (left, top, width, height) in saved.pop("places").items():
        # Qt parks what is behind a tab beyond the window's corner, and makes what floats fit the screen.
        assert (opened["places"][name][0] < 0) == (left < 0), name
        expected = (left, top, min(width, room) if saved["areas"][name][0] else width, height)
        assert left < 0 or opened["places"][name] == pytest.approx(expected, abs=3), name
    assert {part: opened[part] == saved[part] for part in saved} == dict.fromkeys(saved, True)
