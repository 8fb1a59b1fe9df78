"""Durations of intervals: how often which, and how they went over time."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from efdviewer.domain.bins import BinSpec, bin_edges, core_range_s
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.ui.graphics.figure import ClockAxis, Figure
from efdviewer.ui.palette import shown_color
from efdviewer.ui.theme import strong_color

_MOST_POINTS = 5_000
_REACH_PIXELS = 12


class DurationHistogram(Figure):
    """How many intervals have which duration."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "intervalHistogram", "Histogram of durations", "The wheel zooms the durations", parent=parent
        )
        self.setMouseEnabled(x=True, y=False)
        self.setLabel("left", "intervals")
        self.setLabel("bottom", "duration", units="s")
        self.getAxis("left").enableAutoSIPrefix(False)

    def show_durations(self, durations_s: NDArray[np.float64], color: str) -> None:
        """Draw them, (n,) float64 s."""
        self.clear()
        if not len(durations_s):
            return
        edges_s = bin_edges(durations_s, BinSpec())
        counts, _ = np.histogram(durations_s, edges_s)
        pen = pg.mkPen(shown_color(color), width=1.5)
        self.plot(edges_s, counts, stepMode="center", pen=pen)
        self.setYRange(0, 1.08 * max(1, int(counts.max())), padding=0)
        self.setXRange(*core_range_s(edges_s), padding=0.02)


class DurationsOverTime(Figure):
    """One point an interval: when it began, and how long it was."""

    picked = Signal(int)
    """Place of the interval whose point was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._clock = ClockAxis("bottom")
        super().__init__(
            "intervalTrend",
            "Durations over time",
            "A click selects the nearest interval; the wheel zooms",
            axes={"bottom": self._clock},
            parent=parent,
        )
        self.setLabel("left", "duration", units="s")
        self._points = pg.ScatterPlotItem(size=5, pen=None)
        self._marked = pg.ScatterPlotItem(size=11, brush=None)
        self.addItem(self._points)
        self.addItem(self._marked)
        self._x = self._y = np.empty(0)
        self.scene().sigMouseClicked.connect(self._pick)

    def show_durations(
        self,
        starts_utc_ns: NDArray[np.int64],
        durations_s: NDArray[np.float64],
        color: str,
        time_range: TimeRange,
        timescale: Timescale,
    ) -> None:
        """Draw them over the range in view."""
        self._x = (starts_utc_ns - time_range.start_utc_ns) / 1e9
        self._y = durations_s
        self._clock.set_origin(time_range.start_utc_ns, timescale)
        # The largest of each stretch stays when there are too many to be drawn one by one.
        shown = _thinned(durations_s)
        self._points.setData(self._x[shown], self._y[shown], brush=pg.mkBrush(shown_color(color)))
        self.setLabel("bottom", f"start, {timescale.value.upper()}")
        self.setXRange(0, time_range.span_ns / 1e9, padding=0.01)
        if len(durations_s):
            low, high = float(durations_s.min()), float(durations_s.max())
            room = 0.1 * (high - low) or 0.5 * abs(high) or 1.0
            self.setYRange(low - room, high + room, padding=0)

    def mark(self, place: int | None) -> None:
        """Draw a ring around a point."""
        if place is None or place >= len(self._x):
            self._marked.setData([], [])
        else:
            pen = pg.mkPen(strong_color(), width=1.5)
            self._marked.setData([self._x[place]], [self._y[place]], pen=pen)

    def _pick(self, event: object) -> None:
        if not len(self._x):
            return
        box = self.getPlotItem().vb
        at = box.mapSceneToView(event.scenePos())  # type: ignore[attr-defined]
        width, height = box.viewPixelSize()
        away = np.hypot((self._x - at.x()) / width, (self._y - at.y()) / height)
        nearest = int(np.argmin(away))
        if away[nearest] <= _REACH_PIXELS:
            self.picked.emit(nearest)


def _thinned(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Choose at most so many places, the lowest and the highest value of each stretch among them."""
    if len(values) <= _MOST_POINTS:
        return np.arange(len(values))
    length = -(-len(values) // (_MOST_POINTS // 2))
    count = len(values) // length
    stretches = values[: count * length].reshape(count, length)
    first = np.arange(count) * length
    rest = np.arange(count * length, len(values))
    return np.unique(np.concatenate([first + stretches.argmin(1), first + stretches.argmax(1), rest]))
