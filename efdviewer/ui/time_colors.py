"""Times told by colour, from the begin of the view to its end."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, digits_for, format_ns
from efdviewer.ui.theme import is_dark

_COLORS = 64
_BAR_HEIGHT = 10


def time_colors() -> list[QColor]:
    """Give the colours from the begin of the view to its end: one hue never means two times."""
    stops = pg.colormap.get("viridis").getLookupTable(nPts=_COLORS, alpha=False)
    # The darkest are not seen on dark, the brightest not on light.
    first, last = (10, _COLORS) if is_dark() else (0, _COLORS - 10)
    places = np.linspace(first, last - 1, _COLORS).astype(int)
    return [QColor(*map(int, stops[place])) for place in places]


def time_brushes(utc_ns: NDArray[np.int64], time_range: TimeRange) -> list[QBrush]:
    """Give the colour of each time, (n,) int64 ns UTC; those beyond the range have the colour of its end."""
    brushes = [QBrush(color) for color in time_colors()]
    shares = (utc_ns - time_range.start_utc_ns) / time_range.span_ns
    return [brushes[place] for place in np.clip((shares * _COLORS).astype(int), 0, _COLORS - 1)]


class TimeColors(QWidget):
    """Which colour means which time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scatterTimes")
        self._labels = ("", "")
        self.setFixedHeight(_BAR_HEIGHT + self.fontMetrics().height() + 6)

    def show_range(self, time_range: TimeRange, timescale: Timescale) -> None:
        """Write the ends of the range in view beneath the colours."""
        digits = digits_for(time_range.span_ns)
        ends = (time_range.start_utc_ns, time_range.end_utc_ns)
        start, end = (format_ns(utc_ns, timescale, digits=digits).replace("T", " ") for utc_ns in ends)
        self._labels = (start, f"{end} {timescale.value.upper()}")
        self.setAccessibleName(f"Colours from {start} to {end}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the colours and their ends."""
        painter = QPainter(self)
        gradient = QLinearGradient(0, 0, self.width(), 0)
        colors = time_colors()
        for place, color in enumerate(colors):
            gradient.setColorAt(place / (len(colors) - 1), color)
        painter.fillRect(0, 2, self.width(), _BAR_HEIGHT, gradient)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        below = QRectF(0, _BAR_HEIGHT + 3, self.width(), self.height() - _BAR_HEIGHT - 3)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
        for text, side in zip(self._labels, sides, strict=True):
            painter.drawText(below, side | Qt.AlignmentFlag.AlignTop, text)
        painter.end()
