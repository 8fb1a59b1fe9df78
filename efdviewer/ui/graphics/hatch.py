"""Hatches what is not loaded, so that nobody takes it for a gap in the data."""

import time
from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QBrush, QColor, QPainter
from PySide6.QtWidgets import QWidget

from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.graphics.frame import Frame

_PATIENCE_S = 0.4
"""What is loaded sooner is not hatched: it would blink."""


class Hatch:
    """Paints stretches of time that have been unknown for a while."""

    def __init__(self, widget: QWidget) -> None:
        self._since_s: float | None = None
        self._timer = QTimer(widget, singleShot=True, interval=int(1100 * _PATIENCE_S))
        self._timer.timeout.connect(widget.update)

    def paint(self, painter: QPainter, frame: Frame, unknown: Sequence[TimeRange], ink: QColor) -> None:
        """Draw the stretches; the painter is clipped to the frame."""
        if not unknown:
            self._since_s = None
            return
        if self._since_s is None:
            self._since_s = time.monotonic()
            self._timer.start()
        if time.monotonic() - self._since_s < _PATIENCE_S:
            return
        brush = QBrush(ink, Qt.BrushStyle.BDiagPattern)
        for stretch in unknown:
            left, right = frame.x_at(stretch.start_utc_ns), frame.x_at(stretch.end_utc_ns)
            painter.fillRect(QRectF(left, frame.top, right - left, frame.height), brush)
