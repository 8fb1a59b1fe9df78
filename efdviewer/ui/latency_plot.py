"""The histograms of delays, one outline a pair."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from efdviewer.domain.bins import core_range_s
from efdviewer.domain.session import Latency
from efdviewer.ui.delay_text import delay_text
from efdviewer.ui.latency_table import line_pen

_LABEL_REACH = 24
"""Pixels; half the width of a label."""

Drawn = tuple[NDArray[np.float64], NDArray[np.int64]]


class LatencyPlot(QWidget):
    """Draws histograms that share their edges; says in words what lies beyond the axis."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[Sequence[Drawn | None], Latency, tuple[int, int]] = ((), Latency(), (0, 0))
        self._is_operable = True
        self._plot = pg.PlotWidget(axisItems={"left": _CountAxis("left"), "bottom": _DelayAxis("bottom")})
        self._plot.setObjectName("latencyPlot")
        self._plot.setAccessibleName("Histogram of delays")
        self._plot.setToolTip("The wheel zooms the delays")
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
        self._plot.setLogMode(x=latency.log_delay, y=latency.log_count)
        self._plot.getAxis("bottom").enableAutoSIPrefix(not latency.log_delay)
        self._plot.setLabel("bottom", "delay", units=None if latency.log_delay else "s")
        present = [found for found in histograms if found is not None]
        for place, found in enumerate(histograms):
            if found is not None:
                self._draw(place, *found, latency)
        self._fit(present, latency)
        words = _unseen(present, latency, outside, self._is_operable)
        self._beyond.setText(words)
        self._beyond.setVisible(bool(words))

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
