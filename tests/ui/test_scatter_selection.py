"""What is selected among two fields, and how they are looked at, while the view goes on."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from tests.ui.hands import click, type_range
from tests.ui.test_scatter import RANGE, X, Y, folder, panel, source  # noqa: F401
from tests.windows import act, child, in_window

SCATTER = ["--scatter", f"{X},{Y}"]


def plot_of(window):
    return child(window, pg.PlotWidget, "scatterPlot")


def ringed(window) -> list[tuple[float, float]]:
    rings = plot_of(window).getPlotItem().items[2].data
    return sorted(zip(rings["x"].tolist(), rings["y"].tolist(), strict=True))


def place_of(window, x: float, y: float) -> QPoint:
    plot = plot_of(window)
    at = plot.mapFromScene(plot.getPlotItem().vb.mapViewToScene(pg.Point(x, y)))
    return QPoint(int(at.x()), int(at.y()))


def marked(window) -> list[int]:
    return window.workspace.moments.times_utc_ns.tolist()


async def shift(window) -> None:
    """Look at another range that shares the most with the one before."""
    await type_range(window, "2024-02-01T00:00:30", "2024-02-01T00:10:30")


def test_that_what_is_selected_and_zoomed_stays_while_the_view_goes_on(source):  # noqa: F811
    async def work(window):
        plot = plot_of(window)
        x, y, moments = panel(window).points()
        click(plot.viewport(), place_of(window, x[1000], y[1000]))
        await window.idle()
        [at] = marked(window)
        pair = int(np.flatnonzero(moments == at)[0])
        assert ringed(window) == [(x[pair], y[pair])]
        box = plot.getPlotItem().vb
        box.scaleBy((0.5, 0.5))
        zoomed = box.viewRange()
        await shift(window)
        assert len(panel(window).points()[0]) == 2850
        assert ringed(window) == [(x[pair], y[pair])]
        assert np.allclose(box.viewRange(), zoomed)
        assert marked(window) == [at]

    in_window([source, *RANGE, *SCATTER], work)


def test_that_many_are_selected_with_the_keyboard_alone(source):  # noqa: F811
    async def work(window):
        plot = plot_of(window)
        plot.setFocus()
        _, _, moments = panel(window).points()
        moments = moments.tolist()
        for _ in range(3):
            QTest.keyClick(plot, Qt.Key.Key_Right)
        for _ in range(4):
            QTest.keyClick(plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        assert marked(window) == moments[2:7]
        assert len(ringed(window)) == 5
        for _ in range(6):
            QTest.keyClick(plot, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
        assert marked(window) == moments[0:3]
        QTest.keyClick(plot, Qt.Key.Key_Right)
        assert marked(window) == [moments[1]]
        box = plot.getPlotItem().vb
        whole = box.viewRange()
        box.scaleBy((0.1, 0.1))
        QTest.keyClick(plot, Qt.Key.Key_Home)
        await window.idle()
        box.updateAutoRange()
        assert np.allclose(box.viewRange(), whole)

    in_window([source, *RANGE, *SCATTER], work)


def test_that_a_double_click_beside_the_samples_shows_all_with_the_mouse_alone(source):  # noqa: F811
    async def work(window):
        plot = plot_of(window)
        box = plot.getPlotItem().vb
        whole = box.viewRange()
        x, y, _ = panel(window).points()
        box.setRange(xRange=(x.max() + 1, x.max() + 2), yRange=(y.max() + 1, y.max() + 2))
        place = place_of(window, x.max() + 1.5, y.max() + 1.5)
        for press in (QTest.mouseClick, QTest.mouseDClick, QTest.mouseRelease):
            press(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
        await window.idle()
        box.updateAutoRange()
        assert np.allclose(box.viewRange(), whole)
        assert marked(window) == []

    in_window([source, *RANGE, *SCATTER], work)


def test_that_what_is_selected_is_forgotten_where_the_fields_are_taken_away_by_undo(folder):  # noqa: F811
    async def work(window):
        window.workspace.scatter.add_typed(str(Y), str(X))
        await window.idle()
        plot = plot_of(window)
        plot.setFocus()
        QTest.keyClick(plot, Qt.Key.Key_Right)
        assert len(marked(window)) == 1
        act(window, "actionUndo")
        await window.idle()
        assert marked(window) == []
        assert ringed(window) == []

    in_window([str(folder), *RANGE, *SCATTER], work)


def test_that_other_fields_are_shown_as_a_whole(folder):  # noqa: F811
    async def work(window):
        box = plot_of(window).getPlotItem().vb
        box.scaleBy((0.1, 0.1))
        click(child(window, QPushButton, "scatterSwap"))
        await window.idle()
        for values, (low, high) in zip(panel(window).points()[:2], box.viewRange(), strict=True):
            assert low < values.min()
            assert values.max() < high
            assert high - low < 1.5 * np.ptp(values)

    in_window([str(folder), *RANGE, *SCATTER], work)
