"""How event overlays look, and what a line tells: colours, the colour chosen by hand, the tip on the screen."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QColorDialog, QToolTip, QTreeWidget

from efdviewer.ui.palette import OVERLAYS
from efdviewer.ui.theme import Scheme, apply_scheme
from tests.nights import CAMERA
from tests.ui.hands import open_menu_and_choose
from tests.ui.test_theme import contrast
from tests.windows import act, child, in_window, widen

EVENTS = ("startIntegration", "startReadout", "endReadout", "endShutterOpen", "endShutterClose")
HUES = (120, 220, 0)


def arguments(night, *events: str) -> list[str]:
    argv = [str(night), "--plot", f"{CAMERA}.wrebPower:analog_I"]
    for event in events:
        argv += ["--overlay", f"{CAMERA}.logevent_{event}@sndStamp"]
    return argv


def swatch(window, place: int) -> QColor:
    icon = child(window, QTreeWidget, "overlayList").topLevelItem(place).icon(0)
    return icon.pixmap(12, 12).toImage().pixelColor(6, 6)


def test_that_the_first_overlays_are_green_blue_and_red_and_more_come_from_the_palette(night):
    async def look(window):
        states = window.workspace.events.states()
        assert [state.alpha for state in states] == [0.3] * len(EVENTS)
        assert [swatch(window, place).name() for place in range(len(EVENTS))] == [
            state.color for state in states
        ]
        for place, hue in enumerate(HUES):
            away = abs(swatch(window, place).hslHue() - hue)
            assert min(away, 360 - away) <= 30, EVENTS[place]
        assert [state.color in pair for state, pair in zip(states, OVERLAYS, strict=False)] == [True] * 5
        assert len({state.color for state in states}) == len(EVENTS)

    in_window(arguments(night, *EVENTS), look)


def test_that_a_colour_chosen_from_the_menu_is_drawn_and_undone(night):
    chosen = "#123456"

    async def work(window):
        tree = child(window, QTreeWidget, "overlayList")
        canvas = window.plots.row(0).canvas
        before, drawn = swatch(window, 1).name(), canvas.grab().toImage()
        tree.setCurrentItem(tree.topLevelItem(1))
        place = tree.visualItemRect(tree.topLevelItem(1)).center()
        await open_menu_and_choose(window, tree.viewport(), place, "actionOverlayColor")
        dialog = window.overlays.findChild(QColorDialog)
        assert dialog.currentColor().name() == before
        dialog.setCurrentColor(QColor(chosen))
        dialog.accept()
        await window.idle()
        assert [swatch(window, place).name() for place in (0, 1)] == [swatch(window, 0).name(), chosen]
        assert window.workspace.session.overlays[1].color == chosen
        assert window.workspace.events.states()[1].color == chosen
        assert canvas.grab().toImage() != drawn
        act(window, "actionUndo")
        await window.idle()
        assert swatch(window, 1).name() == before

    in_window(arguments(night, *EVENTS[:2]), work)


@pytest.mark.parametrize("scheme", [Scheme.DARK, Scheme.LIGHT])
def test_that_the_box_of_an_overlay_that_is_not_ticked_is_seen(night, scheme):
    async def look(window):
        apply_scheme(scheme)
        tree = child(window, QTreeWidget, "overlayList")
        tree.topLevelItem(1).setCheckState(0, Qt.CheckState.Unchecked)
        await window.idle()
        image, line = tree.viewport().grab().toImage(), tree.visualItemRect(tree.topLevelItem(1))
        ground = image.pixelColor(line.left(), line.center().y())
        box = [image.pixelColor(x, line.center().y()) for x in range(line.left(), line.left() + 20)]
        edges = [place for place, color in enumerate(box) if contrast(color, ground) >= 1.4]
        apply_scheme(Scheme.SYSTEM)
        assert len(edges) == 2
        assert 10 <= edges[1] - edges[0] <= 16
        assert scheme is Scheme.LIGHT or contrast(box[edges[0]], ground) >= 3

    in_window(arguments(night, *EVENTS[:2]), look)


@pytest.mark.parametrize("event", EVENTS[:2])
def test_that_the_mouse_over_a_line_brings_its_tip(night, event):
    async def work(window):
        await widen(window)
        row, key = window.plots.row(0), f"{CAMERA}.logevent_{event}@sndStamp"
        line_ns = int(row.event_lines(key)[100])
        row.set_view_range_ns(line_ns - 10**9, line_ns + 10**9)
        await window.idle()
        frame = row.canvas.frame()
        x = frame.left + frame.width // 2
        QToolTip.hideText()
        QTest.mouseMove(row.canvas, QPoint(x - 200, frame.top + frame.height // 2))
        await window.idle()
        assert not QToolTip.text()
        QTest.mouseMove(row.canvas, QPoint(x, frame.top + frame.height // 2))
        await window.idle()
        told = QToolTip.text()
        assert f"ATCamera.{event}" in told
        for name in ("time", "sndStamp", "rcvStamp", "imageName"):
            assert name in told, name
        assert "written in TAI" in told

    in_window(arguments(night, event), work)
