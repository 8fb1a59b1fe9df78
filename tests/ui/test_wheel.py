"""The wheel in a window: one step of Back for a gesture, and no way into centuries without data."""

import time

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit

from tests.ui.test_plot_gestures import turn
from tests.windows import act, child, in_window, type_into

POWER = "lsst.sal.ATCamera.wrebPower:analog_I"
YEAR_NS = 365 * 86_400 * 10**9


async def wheel(window, notches: int, times: int) -> None:
    canvas = window.plots.row(0).canvas
    frame = canvas.frame()
    for _ in range(times):
        turn(canvas, (frame.left + 200, frame.top + 50), notches)
        await window.idle()


def test_that_the_notches_of_one_turn_are_one_step_back(night, monkeypatch):
    async def work(window):
        whole = window.workspace.time.time_range
        now = [1000.0]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        await wheel(window, 1, 6)
        first = window.workspace.time.time_range
        assert first.span_ns < whole.span_ns // 3
        now[0] += 5
        await wheel(window, 1, 4)
        deepest = window.workspace.time.time_range
        act(window, "actionUndoZoom")
        assert window.workspace.time.time_range == first
        act(window, "actionUndoZoom")
        assert window.workspace.time.time_range == whole
        assert not child(window, QAction, "actionUndoZoom").isEnabled()
        act(window, "actionRedoZoom")
        act(window, "actionRedoZoom")
        assert window.workspace.time.time_range == deepest
        act(window, "actionUndo")
        act(window, "actionUndo")

    in_window([str(night), "--plot", POWER], work)


def test_that_undo_takes_each_turn_back_by_itself(night, monkeypatch):
    async def work(window):
        whole = window.workspace.time.time_range
        now = [1000.0]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        await wheel(window, 1, 3)
        first = window.workspace.time.time_range
        now[0] += 5
        await wheel(window, 1, 3)
        act(window, "actionUndo")
        assert window.workspace.time.time_range == first
        act(window, "actionUndo")
        assert window.workspace.time.time_range == whole

    in_window([str(night), "--plot", POWER], work)


def test_that_the_wheel_ends_at_twenty_years_and_typing_does_not(night):
    async def work(window):
        await wheel(window, -4, 30)
        assert 15 * YEAR_NS < window.workspace.time.time_range.span_ns <= 20 * YEAR_NS
        type_into(child(window, QLineEdit, "timeFrom"), "1980-01-01")
        type_into(child(window, QLineEdit, "timeTo"), "2030-01-01")
        await window.idle()
        assert window.workspace.time.time_range.span_ns > 45 * YEAR_NS

    in_window([str(night), "--plot", POWER], work)
