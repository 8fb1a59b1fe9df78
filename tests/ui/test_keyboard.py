"""The window without a mouse: Tab comes round to everything that can be operated."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from tests.ui.hands import TopicHand
from tests.windows import child, in_window, type_into

CAMERA = "lsst.sal.ATCamera"
VIEW = [
    *("--plot", f"{CAMERA}.wrebPower:analog_I", "--plot", f"{CAMERA}.wreb:temp1"),
    *("--overlay", f"{CAMERA}.logevent_startReadout", "--latency", f"{CAMERA}.logevent_startReadout"),
]
OPERABLE = {
    "topicFilter",
    "topicTree",
    "timeFrom",
    "timeTo",
    "timeQuick",
    "timeZoomOut",
    "timescaleSwitch",
    "liveToggle",
    "plotRow0",
    "plotRow1",
    "overlayList",
    "latencyBins",
    "activityTable",
}


def walked(window, *, back: bool = False) -> list[QWidget]:
    """Press Tab until it comes round; gives each widget that had the focus, in order."""
    window.activateWindow()
    window.findChild(QWidget, "topicFilter").setFocus()
    modifier = Qt.KeyboardModifier.ShiftModifier if back else Qt.KeyboardModifier.NoModifier
    seen: list[QWidget] = []
    for _ in range(200):
        holder = QApplication.focusWidget()
        if holder in seen:
            break
        seen.append(holder)
        QTest.keyClick(holder, Qt.Key.Key_Tab, modifier)
    return seen


@pytest.mark.parametrize("back", [False, True], ids=["Tab", "Shift+Tab"])
def test_that_tab_comes_round_to_all_that_can_be_operated(night, back):
    async def work(window):
        window.docks["activity"].show()
        await window.idle()
        holders = walked(window, back=back)
        names = {holder.objectName() for holder in holders}
        assert names >= OPERABLE, OPERABLE - names
        nameless = [holder for holder in holders if not holder.accessibleName()]
        assert not nameless
        assert len(holders) < 200, "Tab is caught"

    in_window([str(night), *VIEW], work)


def test_that_what_can_be_operated_can_be_reached(night):
    async def work(window):
        window.docks["activity"].show()
        await window.idle()
        holders = walked(window)
        reached = set(holders)
        for button in window.findChildren(QWidget):
            operable = button.metaObject().className() in {
                "QToolButton",
                "QPushButton",
                "QCheckBox",
                "QComboBox",
            }
            in_dock_frame = button.objectName().startswith("qt_")
            if operable and button.isVisible() and button.isEnabled() and not in_dock_frame:
                assert button in reached, button.objectName()

    in_window([str(night), *VIEW], work)


def test_that_tab_reaches_what_is_enabled_only_at_times(night):
    async def work(window):
        for end in ("2024-02-01T07:00:00", "2024-02-01T06:00:00"):
            type_into(child(window, QLineEdit, "timeTo"), end)
            await window.idle()
        child(window, QWidget, "timeBack").click()
        await window.idle()
        stop = asyncio.Event()
        window.workspace.runner.submit("wait", stop.wait, name="Wait")
        await asyncio.sleep(0)
        holders = walked(window)
        names = {holder.objectName() for holder in holders}
        fields = [str(field) for row in window.plots.rows() for field in row.curves()]
        wanted = {"timeBack", "timeForward", "cancelAll", *(f"legend {field}" for field in fields)}
        assert len(fields) == 2
        assert names >= wanted, wanted - names
        QTest.keyClick(child(window, QWidget, "cancelAll"), Qt.Key.Key_Space)
        await window.idle()
        assert not child(window, QWidget, "cancelAll").isEnabled()

    in_window([str(night), *VIEW], work)


def test_that_the_empty_window_offers_its_three_ways_by_keys():
    async def work(window):
        names = {holder.objectName() for holder in walked(window)}
        assert names >= {"emptyDemo", "emptyConnect", "emptyOpen"}

    in_window([], work)


def test_that_time_keys_work_from_the_tree_where_it_has_no_use_for_them(night):
    async def work(window):
        window.activateWindow()
        hand, row = TopicHand(window), window.plots.row(0)
        await hand.open("wrebpower", "ATCamera", "wrebPower")
        topic = hand.row("ATCamera", "wrebPower")
        await hand.press(hand.row("ATCamera", "wrebPower", "analog_I"), Qt.Key.Key_Return)

        def spans_after(*keys: str) -> list[float]:
            spans = []
            for key in keys:
                before, _ = row.view_range_ns(), QTest.keyClick(hand.tree, key)
                after = row.view_range_ns()
                spans.append((after[1] - after[0]) / (before[1] - before[0]))
            return spans

        assert hand.tree.hasFocus()
        assert spans_after("+", "-", "=") == pytest.approx([0.5, 2, 0.5], rel=1e-3)
        hand.click(topic)
        QTest.keyClicks(hand.tree, "ana")
        assert hand.tree.currentIndex().data() == "analog_I", "names are found by typing"
        hand.click(topic)
        assert spans_after("-") == [1]
        assert not hand.tree.isExpanded(topic)
        assert spans_after("+") == [1]
        assert hand.tree.isExpanded(topic)
        before = row.view_range_ns()
        QTest.keyClick(hand.tree, Qt.Key.Key_Left)
        assert not hand.tree.isExpanded(topic)
        QTest.keyClick(hand.tree, Qt.Key.Key_Right)
        assert hand.tree.isExpanded(topic)
        assert row.view_range_ns() == before

    in_window([str(night), *VIEW], work)
