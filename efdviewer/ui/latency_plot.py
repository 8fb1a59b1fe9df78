"""The histograms of delays, one outline a pair."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from efdviewer.domain.bins import core_range_s
from efdviewer.domain.session import Latency
from efdviewer.ui.delay_text import delay_text
from efdviewer.ui.latency_table import line_pen

_LABEL_REACH = 24
"""Pixels; half the width of a label."""

Drawn = tuple[NDArray[np.float64], NDArray[np.int64]]


class LatencyPlot(QWidget):
    """Draws histograms that share their edges; says in words what lies beyond the axis.

    A bin is selected by a click, or by the arrow keys.
    """

    binSelected = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[Sequence[Drawn | None], Latency, tuple[int, int]] = ((), Latency(), (0, 0))
        self._is_operable = True
        self._plot = pg.PlotWidget(axisItems={"left": _CountAxis("left"), "bottom": _DelayAxis("bottom")})
        self._plot.setObjectName("latencyPlot")
        self._plot.setAccessibleName("Histogram of delays")
        self._plot.setToolTip("A click or the arrow keys select a bin and list its messages; the wheel zooms")
        self._plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._plot.installEventFilter(self)
        self._selected: int | None = None
        self._box = pg.LinearRegionItem(movable=False)
        self._box.setZValue(-10)
        self._box.hide()
        self._plot.scene().sigMouseClicked.connect(self._pick)
        self._plot.setMouseEnabled(x=True, y=False)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        # A kept background is pixels, and would be so in an SVG too.
        self._plot.setCacheMode(pg.PlotWidget.CacheModeFlag.CacheNone)
        self._plot.setMinimumHeight(140)
        # Its preferred height is that of a page; here it takes what is left.
        self._plot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._plot.setLabel("left", "messages")
        # Room for the half of the last label that reaches beyond the axis.
        self._plot.getPlotItem().layout.setContentsMargins(1, 1, _LABEL_REACH, 1)
        self._plot.getAxis("left").enableAutoSIPrefix(False)
        self._beyond = QLabel()
        self._beyond.setObjectName("latencyBeyond")
        self._beyond.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        # Above the plot, where a low panel shows it without being scrolled.
        layout.addWidget(self._beyond)
        layout.addWidget(self._plot, 1)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the colour scheme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.show_histograms(*self._shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Select the next bin that holds something, to the left or to the right."""
        if watched is self._plot and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
            if step is not None:
                self._step(step)
                return True
        return super().eventFilter(watched, event)

    def select(self, place: int | None) -> None:
        """Show a bin as selected, or none."""
        self._selected = place
        self._draw_selected()

    def show_as_picture(self) -> None:
        """Give no advice on what to do with the mouse."""
        self._is_operable = False
        self.show_histograms(*self._shown)

    def show_histograms(
        self, histograms: Sequence[Drawn | None], latency: Latency, outside: tuple[int, int] = (0, 0)
    ) -> None:
        """Draw them at their places, None where there is none yet.

        `outside` tells how many delays lie below and above all bins.
        """
        self._shown = histograms, latency, outside
        self._show_palette()
        self._plot.clear()
        self._plot.addItem(self._box, ignoreBounds=True)
        self._plot.setLogMode(x=latency.log_delay, y=latency.log_count)
        self._plot.getAxis("bottom").enableAutoSIPrefix(not latency.log_delay)
        self._plot.setLabel("bottom", "delay", units=None if latency.log_delay else "s")
        present = [found for found in histograms if found is not None]
        for place, found in enumerate(histograms):
            if found is not None:
                self._draw(place, *found, latency)
        self._draw_selected()
        self._fit(present, latency)
        words = _unseen(present, latency, outside, self._is_operable)
        self._beyond.setText(words)
        self._beyond.setVisible(bool(words))

    @property
    def _edges_s(self) -> NDArray[np.float64]:
        present = [found for found in self._shown[0] if found is not None]
        return present[0][0] if present else np.empty(0)

    def _pick(self, event: MouseClickEvent) -> None:
        edges_s = self._edges_s
        if not len(edges_s) or event.button() is not Qt.MouseButton.LeftButton:
            return
        at = self._plot.getPlotItem().vb.mapSceneToView(event.scenePos()).x()
        delay_s = 10.0**at if self._shown[1].log_delay else at
        place = int(np.searchsorted(edges_s, delay_s, side="right")) - 1
        if 0 <= place < len(edges_s) - 1:
            self.binSelected.emit(place)

    def _step(self, step: int) -> None:
        filled = [counts > 0 for _, counts in (found for found in self._shown[0] if found is not None)]
        if not filled:
            return
        places = np.flatnonzero(np.logical_or.reduce(filled))
        if self._selected is None:
            following = places[:1] if step > 0 else places[-1:]
        elif step > 0:
            following = places[places > self._selected][:1]
        else:
            following = places[places < self._selected][-1:]
        if len(following):
            self.binSelected.emit(int(following[0]))

    def _draw_selected(self) -> None:
        edges_s, place = self._edges_s, self._selected
        self._box.hide()
        if place is None or place >= len(edges_s) - 1:
            return
        ends = edges_s[place : place + 2]
        if self._shown[1].log_delay:
            if ends[0] <= 0:
                return
            ends = np.log10(ends)
        color = self.palette().color(QPalette.ColorRole.Highlight)
        color.setAlphaF(0.35)
        self._box.setBrush(color)
        for line in self._box.lines:
            line.setPen(pg.mkPen(self.palette().color(QPalette.ColorRole.Highlight), width=1))
        self._box.setRegion(ends)
        self._box.show()

    def _draw(
        self, place: int, edges_s: NDArray[np.float64], counts: NDArray[np.int64], latency: Latency
    ) -> None:
        if latency.log_delay:
            # A bin that begins at or below zero has no place on a logarithmic axis.
            edges_s, counts = edges_s[edges_s > 0], counts[edges_s[:-1] > 0]
        if not len(counts):
            return
        shown = np.where(counts > 0, counts, np.nan) if latency.log_count else counts
        self._plot.plot(edges_s, shown, stepMode="center", pen=line_pen(place))

    def _fit(self, present: Sequence[Drawn], latency: Latency) -> None:
        self._plot.autoRange()
        if not latency.log_count:
            top = max((int(counts.max(initial=0)) for _, counts in present), default=0)
            self._plot.setYRange(0, 1.08 * max(1, top), padding=0)
        if present and not latency.log_delay:
            self._plot.setXRange(*core_range_s(present[0][0]), padding=0.02)

    def _show_palette(self) -> None:
        palette = self.palette()
        self._plot.setBackground(palette.color(QPalette.ColorRole.Base))
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(palette.color(QPalette.ColorRole.Text))
            axis.setTextPen(palette.color(QPalette.ColorRole.Text))


class _CountAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks at whole numbers alone: there is no half message."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """List the distances between ticks, coarse to fine."""
        found: list[tuple[float, float]] = super().tickSpacing(low, high, size)
        return [(spacing, offset) for spacing, offset in found if spacing >= 1] or [(1.0, 0.0)]

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        """Write them in full."""
        return [f"{value:,.0f}" for value in values]


class _DelayAxis(pg.AxisItem):  # type: ignore[misc]
    """Each decade in the unit that a person would give it; labels at the ends may reach beyond the axis."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.setStyle(hideOverlappingLabels=_LABEL_REACH)

    def logTickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        """Write the delays, s, of which the values are the logarithms."""
        return [delay_text(10.0**value) for value in values]


def _unseen(present: Sequence[Drawn], latency: Latency, outside: tuple[int, int], is_operable: bool) -> str:
    """Say how many delays the axis does not show, and where they are; empty for none."""
    if not present:
        return ""
    edges_s = present[0][0]
    ends = f"{delay_text(float(edges_s[0]))} to {delay_text(float(edges_s[-1]))}"
    sides = [f"{count:,} {side}" for count, side in zip(outside, ("below", "above"), strict=True) if count]
    sentences = [f"Outside the bins, {ends}: {' and '.join(sides)}."] if sides else []
    if latency.log_delay:
        below = _count(present, edges_s[:-1] <= 0)
        if below:
            sentences.append(
                f"{below:,} in bins from zero or below, which a logarithmic axis has no place for."
            )
    else:
        low, high = core_range_s(edges_s)
        beyond = _count(present, (edges_s[:-1] < low) | (edges_s[1:] > high))
        if beyond:
            total = _count(present, np.ones(len(edges_s) - 1, np.bool_))
            advice = " Log delay shows them." if is_operable else ""
            sentences.append(f"{beyond:,} of {total:,} lie beyond this axis; all are within {ends}.{advice}")
    return " ".join(sentences)


def _count(present: Sequence[Drawn], bins: NDArray[np.bool_]) -> int:
    return sum(int(counts[bins].sum()) for _, counts in present)
