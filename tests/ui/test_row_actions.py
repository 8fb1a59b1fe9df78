"""Rows of plots by menu and keyboard, in a real window."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QMenu

from efdviewer.domain.topics import FieldRef
from efdviewer.ui.actions import all_actions
from tests.ui.plots import A, area_of, caught, curve, row_of
from tests.windows import act, child, in_window

CAMERA = "lsst.sal.ATCamera"
POWER, WARM, COLD = f"{CAMERA}.wrebPower:analog_I", f"{CAMERA}.wreb:temp1", f"{CAMERA}.wreb:temp2"
ROWS = ["--plot", POWER, "--plot", WARM, "--plot", COLD]


def texts(window) -> list[list[str]]:
    return [[str(field) for field in row.curves()] for row in window.plots.rows()]


def test_that_a_new_row_is_the_current_one_and_marked(night):
    async def work(window):
        colour = window.palette().highlight().color().name()

        def marked() -> list[bool]:
            pictures = [row.grab().toImage() for row in window.plots.rows()]
            return [image.pixelColor(1, image.height() // 2).name() == colour for image in pictures]

        assert marked() == [False]
        window.browser.acts.plotInNewRowRequested.emit([FieldRef.parse(WARM)])
        await window.idle()
        assert window.plots.current_row() == 1
        assert marked() == [False, True]
        window.browser.acts.addToRowRequested.emit([FieldRef.parse(COLD)])
        await window.idle()
        assert texts(window) == [[POWER], [WARM, COLD]]
        window.plots.row(0).setFocus()
        assert marked() == [True, False]

    in_window([str(night), "--plot", POWER], work)


def test_that_the_current_row_moves_grows_and_goes_by_the_menu(night):
    async def work(window):
        window.plots.row(1).setFocus()
        act(window, "actionMovePlotUp")
        assert texts(window) == [[WARM], [POWER], [COLD]]
        act(window, "actionMovePlotDown")
        act(window, "actionMovePlotDown")
        assert texts(window) == [[POWER], [COLD], [WARM]]
        act(window, "actionMovePlotDown")
        assert texts(window) == [[POWER], [COLD], [WARM]]
        await window.idle()
        before = [row.height() for row in window.plots.rows()]
        act(window, "actionGrowPlot")
        await window.idle()
        after = [row.height() for row in window.plots.rows()]
        assert after[2] > before[2] * 1.1
        assert sum(after) == pytest.approx(sum(before), abs=3)
        act(window, "actionUndo")
        await window.idle()
        assert [row.height() for row in window.plots.rows()] == pytest.approx(before, abs=2)
        act(window, "actionRemovePlot")
        assert texts(window) == [[POWER], [COLD]]
        await window.idle()

    in_window([str(night), *ROWS], work)


def test_that_the_limits_of_an_axis_are_typed_locked_and_freed_from_the_keyboard(night):
    async def work(window):
        row = window.plots.row(0)
        row.setFocus()
        free = row.canvas.scale("left").limits()
        act(window, "actionLeftAxis")
        popover = child(row, object, "axisPopover")
        for name, text in (("axisLow", "-1.5"), ("axisHigh", "4")):
            child(popover, QLineEdit, name).setText(text)
        QTest.keyClick(child(popover, QLineEdit, "axisHigh"), Qt.Key.Key_Return)
        assert row.canvas.scale("left").limits() == (-1.5, 4)
        act(window, "actionZoomOut")
        await window.idle()
        assert row.canvas.scale("left").limits() == (-1.5, 4)
        act(window, "actionFitValues")
        assert row.canvas.scale("left").limits() == pytest.approx(free, rel=0.5)
        act(window, "actionLeftAxis")
        child(popover, QCheckBox, "axisLock").click()
        popover.hide()
        locked = window.workspace.session.rows[0].left
        assert (locked.low, locked.high) == row.canvas.scale("left").limits()
        await window.idle()

    in_window([str(night), "--plot", POWER], work)


@pytest.mark.parametrize(
    ("low", "high", "log", "problem"),
    [("2", "2", False, "the same"), ("-1", "5", True, "above zero"), ("0", "", True, "above zero")],
)
def test_that_limits_that_cannot_be_are_refused_in_words(low, high, log, problem):
    area = area_of(row_of(A))
    area.set_curve(0, curve(A))
    limits = caught(area.valueLimitsEdited)
    area.row(0).open_axis("left")
    popover = child(area.row(0), object, "axisPopover")
    if log:
        child(popover, QCheckBox, "axisLog").click()
    child(popover, QLineEdit, "axisLow").setText(low)
    child(popover, QLineEdit, "axisHigh").setText(high)
    QTest.keyClick(child(popover, QLineEdit, "axisLow"), Qt.Key.Key_Return)
    said = child(popover, QLabel, "axisProblem")
    assert popover.isVisible()
    assert said.isVisible()
    assert problem in said.text()
    assert limits == []
    child(popover, QLineEdit, "axisLow").setText("1.5")
    child(popover, QLineEdit, "axisHigh").setText("0.5")
    QTest.keyClick(child(popover, QLineEdit, "axisLow"), Qt.Key.Key_Return)
    assert limits == [(0, "left", 0.5, 1.5)]
    assert not popover.isVisible()
    area.close()


def test_that_keys_step_and_zoom_in_time_and_back_undoes_them(night):
    async def work(window):
        row = window.plots.row(0)
        window.activateWindow()
        row.setFocus()
        start, end = first = row.view_range_ns()
        span = end - start
        wanted = [
            (Qt.Key.Key_Right, start + span // 4, span),
            (Qt.Key.Key_Left, start, span),
            (Qt.Key.Key_Plus, start + span // 4, span // 2),
            (Qt.Key.Key_Minus, start, span),
        ]
        for key, shown_start, shown_span in wanted:
            QTest.keyClick(row, key)
            low, high = row.view_range_ns()
            assert (low, high - low) == pytest.approx((shown_start, shown_span), abs=4)
            await window.idle()
        for _ in wanted:
            act(window, "actionUndoZoom")
        assert row.view_range_ns() == first
        await window.idle()

    in_window([str(night), "--plot", POWER], work)


def test_that_every_shortcut_of_the_plots_stands_in_a_menu(night):
    async def work(window):
        keys = {key.toString() for _, action in all_actions(window.menuBar()) for key in action.shortcuts()}
        wanted = [
            "+",
            "-",
            "Left",
            "Right",
            "C",
            "Home",
            "Ctrl+N",
            "Ctrl+Shift+Up",
            "Ctrl+Shift+Down",
            "L",
            "R",
        ]
        assert {QKeySequence(key).toString() for key in wanted} <= keys
        assert not [menu for menu in window.findChildren(QMenu) if menu.isVisible()]

    in_window([str(night), "--plot", POWER], work)
