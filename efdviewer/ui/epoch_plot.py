"""Epochs over each other: traces, what is usual, and the one that is selected."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from efdviewer.domain.epochs import EpochBands
from efdviewer.domain.session import DAY_OBS
from efdviewer.domain.timescale import Timescale
from efdviewer.services.epoch_loader import LoadedEpochs
from efdviewer.ui.graphics.figure import ClockAxis, Figure
from efdviewer.ui.palette import curve_color
from efdviewer.ui.theme import muted_color, strong_color

_REACH_PIXELS = 14
_FAINT, _WIDE_BAND, _INNER_BAND = 45, 45, 80
_DOTS = 3000
"""So many points are drawn as dots too: of slow telemetry an epoch has only a few."""


class EpochPlot(Figure):
    """Seconds from the event on one axis, or hours of the night, values on the other."""

    picked = Signal(int)
    """The epoch whose trace was clicked."""
    entered = Signal(int)
    """The epoch whose trace was double-clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._clock = ClockAxis("bottom")
        super().__init__(
            "epochPlot",
            "Epochs over each other",
            "A click selects the nearest epoch, a double-click goes there; the wheel zooms",
            parent=parent,
        )
        self._seconds = self.getAxis("bottom")
        self.getAxis("left").enableAutoSIPrefix(False)
        self._loaded: LoadedEpochs | None = None
        self._traces = pg.PlotCurveItem(connect="finite")
        self._dots = pg.ScatterPlotItem(size=4, pen=None)
        self._outer = _band()
        self._inner = _band()
        self._median = pg.PlotCurveItem(connect="finite")
        self._selected = pg.PlotDataItem(connect="finite", symbolSize=6)
        self._zero = pg.InfiniteLine(0, angle=90)
        for item in (self._traces, self._dots, *self._outer, *self._inner, self._median, self._selected):
            self.addItem(item)
        self.addItem(self._zero)
        self.scene().sigMouseClicked.connect(self._pick)

    def show_epochs(self, loaded: LoadedEpochs | None, timescale: Timescale) -> None:
        """Draw these; none leaves the plot empty."""
        is_other = loaded is not self._loaded
        self._loaded = loaded
        color = QColor(curve_color(0))
        muted = muted_color()
        x, y, _ = loaded.traces if loaded else (np.empty(0), np.empty(0), None)
        self._traces.setData(x, y, pen=_pen(muted, _FAINT))
        shown = np.isfinite(x) if len(x) <= _DOTS else np.zeros(len(x), np.bool_)
        self._dots.setData(x[shown], y[shown], brush=pg.mkBrush(muted.red(), muted.green(), muted.blue(), 90))
        self._draw_bands(loaded.bands if loaded else None, color)
        self._zero.setPen(_pen(strong_color(), 140))
        if loaded is None:
            return
        self._name_axes(loaded, timescale)
        if is_other:
            self.setXRange(loaded.start_ns / 1e9, loaded.end_ns / 1e9, padding=0.01)
            self.getPlotItem().enableAutoRange(axis="y")

    def select(self, epoch: int | None) -> None:
        """Emphasise an epoch."""
        if epoch is None or self._loaded is None:
            self._selected.setData([], [])
            return
        found = self._loaded.found
        strong = strong_color()
        self._selected.setData(
            found.offsets_s(epoch),
            found.values_of(epoch),
            pen=pg.mkPen(strong, width=1.6),
            symbol="o" if found.counts[epoch] < 200 else None,
            symbolBrush=pg.mkBrush(strong),
            symbolPen=None,
        )

    def _draw_bands(self, bands: EpochBands | None, color: QColor) -> None:
        if bands is None:
            empty = np.empty(0)
            for low, high, _fill in (self._outer, self._inner):
                low.setData(empty, empty)
                high.setData(empty, empty)
            self._median.setData(empty, empty)
            return
        x = _stairs_x(bands)
        quantiles = [_stairs_y(line) for line in bands.quantiles]
        for (low, high, fill), (below, above), alpha in (
            (self._outer, (0, 4), _WIDE_BAND),
            (self._inner, (1, 3), _INNER_BAND),
        ):
            low.setData(x, quantiles[below], pen=None)
            high.setData(x, quantiles[above], pen=None)
            fill.setBrush(color.red(), color.green(), color.blue(), alpha)
        self._median.setData(x, quantiles[2], pen=pg.mkPen(color, width=2))

    def _name_axes(self, loaded: LoadedEpochs, timescale: Timescale) -> None:
        units = f" [{loaded.units}]" if loaded.units else ""
        self.setLabel("left", f"{loaded.epochs.field.short_title}{units}")
        if loaded.epochs.event == DAY_OBS and len(loaded.found.events_utc_ns):
            self._clock.set_origin(int(loaded.found.events_utc_ns[-1]), timescale)
            self.setAxisItems({"bottom": self._clock})
            self.setLabel("bottom", f"time of day, {timescale.value.upper()}")
        else:
            self.setAxisItems({"bottom": self._seconds})
            self.setLabel("bottom", "from the event", units="s")
        self._follow_palette()

    def _pick(self, event: object) -> None:
        if self._loaded is None or not len(self._loaded.traces[0]):
            return
        box = self.getPlotItem().vb
        at = box.mapSceneToView(event.scenePos())  # type: ignore[attr-defined]
        width, height = box.viewPixelSize()
        x, y, owners = self._loaded.traces
        away = np.hypot((x - at.x()) / width, (y - at.y()) / height)
        if not np.isfinite(away).any():
            return
        nearest = int(np.nanargmin(away))
        if away[nearest] <= _REACH_PIXELS:
            is_double = event.double()  # type: ignore[attr-defined]
            (self.entered if is_double else self.picked).emit(int(owners[nearest]))


def _band() -> tuple[pg.PlotCurveItem, pg.PlotCurveItem, pg.FillBetweenItem]:
    low, high = pg.PlotCurveItem(connect="finite"), pg.PlotCurveItem(connect="finite")
    return low, high, pg.FillBetweenItem(low, high)


def _pen(color: QColor, alpha: int) -> object:
    return pg.mkPen(color.red(), color.green(), color.blue(), alpha)


def _stairs_x(bands: EpochBands) -> NDArray[np.float64]:
    """Give both ends of each bin, s."""
    return np.stack([bands.starts_ns, bands.starts_ns + bands.width_ns], axis=1).ravel() / 1e9


def _stairs_y(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.repeat(values, 2)
