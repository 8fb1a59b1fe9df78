"""A small plot beside the main ones: a histogram, a scatter, curves over another axis than time."""

import pyqtgraph as pg
from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from efdviewer.domain.leap_seconds import DAY_NS
from efdviewer.domain.timescale import Timescale, digits_for, format_ns

_LABEL_WIDTH = 90
"""Pixels from one time of day to the next."""
_CLOCK_STEPS_S = (
    1.0,
    2.0,
    5.0,
    10.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    1800.0,
    3600.0,
    7200.0,
    14400.0,
    43200.0,
)
_LABEL_REACH = 24
"""Pixels; half the width of a label."""
_LABEL_RISE = 7
"""Pixels; half the height of a label."""


class Figure(pg.PlotWidget):  # type: ignore[misc]
    """Follows the colour scheme; has no menu and no buttons of its own."""

    _is_made = False

    def __init__(
        self,
        name: str,
        title: str,
        tip: str,
        *,
        axes: dict[str, pg.AxisItem] | None = None,
        box: pg.ViewBox | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, axisItems=axes or {}, viewBox=box)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setToolTip(tip)
        self.setMenuEnabled(False)
        self.hideButtons()
        # A kept background is pixels, and would be so in an SVG too.
        self.setCacheMode(pg.PlotWidget.CacheModeFlag.CacheNone)
        self.setMinimumHeight(110)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        # Room for the halves of the last labels that reach beyond the axes.
        self.getPlotItem().layout.setContentsMargins(1, _LABEL_RISE, _LABEL_REACH, 1)
        self._is_made = True
        self._follow_palette()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the colour scheme."""
        super().changeEvent(event)
        if self._is_made and event.type() is QEvent.Type.PaletteChange:
            self._follow_palette()

    def _follow_palette(self) -> None:
        palette = self.palette()
        self.setBackground(palette.color(QPalette.ColorRole.Base))
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(palette.color(QPalette.ColorRole.Text))
            axis.setTextPen(palette.color(QPalette.ColorRole.Text))


class ClockAxis(pg.AxisItem):  # type: ignore[misc]
    """Writes seconds from an origin as times of day."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)
        self.setStyle(hideOverlappingLabels=_LABEL_REACH)
        self._origin_utc_ns = 0
        self._timescale = Timescale.UTC

    def set_origin(self, utc_ns: int, timescale: Timescale) -> None:
        """Count from a moment, ns UTC, and write in a scale."""
        self._origin_utc_ns, self._timescale = utc_ns, timescale
        self.picture = None
        self.update()

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """List the distances between ticks, coarse to fine, s: those of a clock."""
        least_s = (high - low) * _LABEL_WIDTH / max(size, 1.0)
        if least_s <= _CLOCK_STEPS_S[0]:
            found: list[tuple[float, float]] = super().tickSpacing(low, high, size)
            return found
        step_s = next((step for step in _CLOCK_STEPS_S if step >= least_s), _CLOCK_STEPS_S[-1])
        # Counted from midnight, not from the origin.
        first_s = -(self._origin_utc_ns % DAY_NS) / 1e9
        return [(step_s, first_s % step_s)]

    def tickStrings(self, values: list[float], _scale: float, spacing: float) -> list[str]:
        """Write the times of the ticks."""
        digits = digits_for(max(1, round(spacing * 1e9))) if spacing < 1 else 0
        return [
            format_ns(self._origin_utc_ns + round(value * 1e9), self._timescale, digits=digits)[11:]
            for value in values
        ]
