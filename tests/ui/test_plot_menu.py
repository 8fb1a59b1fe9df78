"""The right click in a plot, and what a plot says while it loads, in a real window."""

import asyncio
import re

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QMenu, QPushButton

from efdviewer.domain.timescale import Timescale, parse_iso_ns
from tests.ui.plots import application
from tests.windows import in_window, widen

POWER = "lsst.sal.ATCamera.wrebPower:analog_I"
READOUT = "lsst.sal.ATCamera.logevent_startReadout"


def menu_at(window, place: QPoint) -> QMenu:
    row = window.plots.row(0)
    at = row.canvas.mapTo(row, place)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, row.mapToGlobal(at), Qt.NoModifier)
    application().sendEvent(row, event)
    return next(menu for menu in window.findChildren(QMenu, "plotMenu") if menu.isVisible())


def choose(menu: QMenu, name: str) -> str:
    next(action for action in menu.actions() if action.objectName() == name).trigger()
    menu.close()
    return QGuiApplication.clipboard().text()


@pytest.mark.parametrize("scale", ["utc", "tai"])
def test_that_value_and_time_under_the_mouse_are_copied_exactly(night, scale):
    async def work(window):
        frame = window.plots.row(0).canvas.frame()
        place = QPoint(frame.left + frame.width // 3, frame.top + 30)
        utc_ns = frame.ns_at(place.x())
        copied = choose(menu_at(window, place), "actionCopyTime")
        number, marked = re.fullmatch(r"(\S+?)(Z| TAI)", copied).groups()
        assert marked == {"utc": "Z", "tai": " TAI"}[scale]
        assert parse_iso_ns(number, Timescale(scale)) == utc_ns
        times, values = window.plots.row(0).drawn_points(POWER)
        number, units = choose(menu_at(window, place), "actionCopyValue").split()
        assert units == "A"
        value = float(number)
        near = np.abs(times - utc_ns) <= 2 * np.abs(times - utc_ns).min() + 1
        assert value in values[near]

    in_window([str(night), "--plot", POWER, "--timescale", scale], work)


def test_that_the_time_of_an_event_line_under_the_mouse_is_its_stamp(night):
    async def work(window):
        await widen(window)
        row = window.plots.row(0)
        stamp = int(row.event_lines(READOUT)[0])
        place = QPoint(int(row.canvas.frame().x_of(np.array([stamp]))[0]) + 1, row.canvas.frame().top + 20)
        copied = choose(menu_at(window, place), "actionCopyTime")
        assert parse_iso_ns(copied.removesuffix("Z"), Timescale.UTC) == stamp

    in_window([str(night), "--plot", POWER, "--overlay", f"{READOUT}@sndStamp"], work)


def test_that_the_menu_offers_what_the_window_can_do(night):
    async def work(window):
        menu = menu_at(window, QPoint(200, 100))
        names = [action.objectName() for action in menu.actions() if not action.isSeparator()]
        assert names[:2] == ["actionCopyValue", "actionCopyTime"]
        assert {"actionUndoZoom", "actionFitValues", "actionRemovePlot"} <= set(names)
        before = window.plots.row(0).view_range_ns()
        choose(menu, "actionZoomOut")
        await window.idle()
        start, end = window.plots.row(0).view_range_ns()
        assert end - start > before[1] - before[0]

    in_window([str(night), "--plot", POWER], work)


def test_that_a_load_is_cancelled_and_taken_up_again_in_the_plot(night):
    async def work(window):
        message = window.plots.row(0).message
        assert "Connecting" in message.accessibleName()
        connected = asyncio.Event()
        window.workspace.sourceChanged.connect(connected.set)
        while window.workspace.source is None:
            await connected.wait()
            connected.clear()
        assert "Loading" in message.accessibleName()
        message.findChild(QPushButton, "plotCancel").click()
        await window.idle()
        assert "cancelled" in message.accessibleName()
        assert not len(window.plots.row(0).drawn_points(POWER)[0])
        message.findChild(QPushButton, "plotRetry").click()
        await window.idle()
        assert not message.isVisible()
        assert len(window.plots.row(0).drawn_points(POWER)[0])

    in_window([str(night), "--plot", POWER], work, idle=False)
