"""One observing day after the other, by mouse and by keyboard, in a real window."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QToolButton

from efdviewer.domain.leap_seconds import DAY_NS
from efdviewer.domain.timescale import day_obs_start_utc_ns
from tests.ui.hands import click
from tests.windows import act, child, in_window, type_into

DAY = ["demo", "--from", "2024-01-31T23:00:00", "--to", "2024-02-01T02:00:00"]


def expect_day(window, day_obs: int) -> None:
    start = day_obs_start_utc_ns(day_obs)
    found = window.workspace.time.time_range
    assert (found.start_utc_ns, found.end_utc_ns) == (start, start + DAY_NS)
    assert child(window, QLineEdit, "dayObs").text() == str(day_obs)
    assert child(window, QLineEdit, "timeFrom").text() == f"dayObs={day_obs}"


def test_days_with_the_mouse_alone():
    async def work(window):
        window.resize(1600, 900)
        assert child(window, QLineEdit, "dayObs").text() == "20240131"
        click(child(window, QToolButton, "dayObsNext"))
        await window.idle()
        expect_day(window, 20240201)
        for _ in range(2):
            click(child(window, QToolButton, "dayObsPrevious"))
            await window.idle()
        expect_day(window, 20240130)
        act(window, "actionUndo")
        await window.idle()
        expect_day(window, 20240131)

    in_window(DAY, work)


def test_days_with_the_keyboard_alone():
    async def work(window):
        window.resize(1600, 900)
        window.workspace.plot_fields([], None)
        row = window.plots.row(0)
        row.setFocus()
        QTest.keyClick(row, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
        await window.idle()
        expect_day(window, 20240130)
        QTest.keyClick(row, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
        await window.idle()
        expect_day(window, 20240131)
        type_into(child(window, QLineEdit, "dayObs"), "20231231")
        await window.idle()
        expect_day(window, 20231231)
        row.setFocus()
        QTest.keyClick(row, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
        await window.idle()
        expect_day(window, 20240101)

    in_window(DAY, work)


def test_a_day_that_is_none_is_marked_and_nothing_moves():
    async def work(window):
        window.resize(1600, 900)
        edit = child(window, QLineEdit, "dayObs")
        before = window.workspace.time.time_range
        type_into(edit, "20241332")
        await window.idle()
        assert window.workspace.time.time_range == before
        assert "20241332" in edit.toolTip()
        QTest.keyClick(edit, Qt.Key.Key_Backspace)
        assert "20241332" not in edit.toolTip()

    in_window(DAY, work)
