"""Draws the lines of all event overlays of a plot in one go."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QImage, QPaintEngine, QPainter, QPen

from efdviewer.domain.events import thin_to_columns
from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.graphics.frame import Frame
from efdviewer.ui.palette import shown_color
from efdviewer.viewmodels.curve_state import OverlayState

_PERIOD = 24
_PATTERNS = (
    (True,) * _PERIOD,
    tuple(row % 12 < 8 for row in range(_PERIOD)),
    tuple(row % 4 < 2 for row in range(_PERIOD)),
    tuple(row % 12 < 6 or row % 12 in (8, 9) for row in range(_PERIOD)),
)
"""Line styles by an overlay's place, so that no meaning rests on colour alone."""
_LABELLED = 24
"""Up to so many lines in view carry the topic's short name."""


class EventLines:
    """The lines of all overlays, shared by the rows of a plot area since they show the same time.

    They are the same in every pixel row but for the dashes, so a strip of 24 rows is blended once and
    repeated downwards: the cost of a frame does not depend on the number of lines.
    """

    def __init__(self) -> None:
        self.overlays: tuple[OverlayState, ...] = ()
        self._key: tuple[object, ...] | None = None
        self._strip = QImage()

    def set_overlays(self, overlays: Sequence[OverlayState]) -> None:
        """Draw these; the arrays are not copied."""
        self.overlays = tuple(overlays)
        self._key = None

    def forget(self) -> None:
        """Mix colours anew."""
        self._key = None

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Draw at most one line for each pixel column and overlay."""
        if not any(overlay.visible and len(overlay.times_utc_ns) for overlay in self.overlays):
            return
        if painter.paintEngine().type() == QPaintEngine.Type.SVG:
            self._paint_lines(painter, frame)
            return
        ratio = painter.device().devicePixelRatioF()
        columns = max(1, round(frame.width * ratio))
        key = (frame.time_range, columns, ratio)
        if key != self._key:
            self._key, self._strip = key, self._blended(frame.time_range, columns)
            self._strip.setDevicePixelRatio(ratio)
        brush = QBrush(self._strip)
        painter.setBrushOrigin(QPoint(frame.left, frame.top))
        painter.fillRect(QRect(frame.left, frame.top, frame.width, frame.height), brush)
        painter.setBrushOrigin(QPoint(0, 0))

    def paint_labels(self, painter: QPainter, frame: Frame, left: float) -> None:
        """Write the topics' short names at the top of the lines, while there are few of them.

        Names give way to one another and to what covers the plot up to `left`.
        """
        marks = [
            (x, overlay)
            for overlay in self.overlays
            if overlay.visible
            for x in frame.x_of(in_view(overlay, frame.time_range)[: _LABELLED + 1])
        ]
        if len(marks) > _LABELLED:
            return
        metrics = QFontMetricsF(painter.font())
        edge = left
        for x, overlay in sorted(marks, key=lambda mark: float(mark[0])):
            name = overlay.title.rpartition(".")[2]
            width = metrics.horizontalAdvance(name)
            if x < edge or x + width + 4 > frame.right:
                continue
            painter.setPen(shown_color(overlay.color))
            painter.drawText(QRectF(x + 3, frame.top + 1, width + 2, metrics.height()), name)
            edge = x + width + 10

    def nearest(self, frame: Frame, x: int, reach: int) -> tuple[str, int] | None:
        """Give key and time, ns UTC, of the line nearest to a pixel column, within a reach of pixels."""
        wanted, best = frame.ns_at(x), None
        reach_ns = max(1, frame.ns_of(reach))
        for overlay in self.overlays:
            if not overlay.visible:
                continue
            times = in_view(overlay, frame.time_range)
            place = int(np.searchsorted(times, wanted))
            for candidate in times[max(0, place - 1) : place + 1]:
                distance = abs(int(candidate) - wanted)
                if distance <= reach_ns and (best is None or distance < best[0]):
                    best = (distance, overlay.key, int(candidate))
        return None if best is None else (best[1], best[2])

    def _blended(self, time_range: TimeRange, columns: int) -> QImage:
        """Mix the overlays, each over those before it, into premultiplied ARGB.

        Few of the 24 rows differ, and few sets of overlays meet in a column: only those are mixed.
        """
        kinds, kind_of_row = np.unique(np.array(_PATTERNS).T, axis=0, return_inverse=True)
        code = np.zeros(columns, np.int64)
        mixed = np.zeros((len(kinds), 1, 4))
        for place, overlay in enumerate(self.overlays):
            if not overlay.visible:
                continue
            lines = thin_to_columns(overlay.times_utc_ns, time_range, columns)
            has_line = np.zeros(columns, np.int64)
            has_line[lines[lines < columns]] = 1
            found, code = np.unique(2 * code + has_line, return_inverse=True)
            mixed = mixed[:, found >> 1]
            color, alpha = shown_color(overlay.color), float(overlay.alpha)
            ink = np.array([color.blue(), color.green(), color.red(), 255]) * alpha
            cells = np.ix_(kinds[:, place % len(_PATTERNS)], found & 1 == 1)
            mixed[cells] = mixed[cells] * (1 - alpha) + ink
        table = np.rint(mixed).astype(np.uint8).view(np.uint32)[:, :, 0]
        pixels = np.ascontiguousarray(table[:, code][kind_of_row.ravel()])
        image = QImage(pixels.data, columns, _PERIOD, 4 * columns, QImage.Format.Format_ARGB32_Premultiplied)
        return image.copy()

    def _paint_lines(self, painter: QPainter, frame: Frame) -> None:
        styles = (
            Qt.PenStyle.SolidLine,
            Qt.PenStyle.DashLine,
            Qt.PenStyle.DotLine,
            Qt.PenStyle.DashDotLine,
        )
        for place, overlay in enumerate(self.overlays):
            if not overlay.visible:
                continue
            color = QColor(shown_color(overlay.color))
            color.setAlphaF(overlay.alpha)
            painter.setPen(QPen(color, 1, styles[place % len(styles)]))
            for column in thin_to_columns(overlay.times_utc_ns, frame.time_range, frame.width):
                x = frame.left + int(column)
                painter.drawLine(x, frame.top, x, frame.bottom)


def in_view(overlay: OverlayState, time_range: TimeRange) -> NDArray[np.int64]:
    """Give the events of an overlay within a range, (m,) int64 ns UTC, sorted."""
    first, last = np.searchsorted(overlay.times_utc_ns, [time_range.start_utc_ns, time_range.end_utc_ns])
    return overlay.times_utc_ns[first:last]
