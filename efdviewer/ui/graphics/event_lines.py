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
_NEAR = 16
"""Over so many pixel columns to either side the density of lines is taken."""
_OPEN, _FAINTEST = 0.2, 0.2
"""Up to this share of columns with a line, lines are drawn in full; the faintest have this part of it."""


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

    def paint_labels(self, painter: QPainter, frame: Frame) -> None:
        """Write the topics' short names at the top of the lines, while there are few of them.

        Names give way to one another.
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
        edge = 0.0
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
        """Mix the overlays, each over those before it, into premultiplied ARGB."""
        inks = []
        for place, overlay in enumerate(self.overlays):
            if overlay.visible:
                lines = thin_to_columns(overlay.times_utc_ns, time_range, columns)
                lines = lines[lines < columns]
                inks.append(
                    (lines, _share_of_ink(lines, columns)[lines], _PATTERNS[place % len(_PATTERNS)], overlay)
                )
        # Dashes side by side would make stripes across the plot: lines that crowd are drawn through.
        patterns = [pattern if (shares == 1).any() else _PATTERNS[0] for _, shares, pattern, _ in inks]
        kinds, kind_of_row = np.unique(np.array(patterns).T, axis=0, return_inverse=True)
        mixed = np.zeros((len(kinds), columns, 4), np.float32)
        for place, (lines, shares, _, overlay) in enumerate(inks):
            drawn = kinds[:, place, None] | (shares < 1)
            alpha = (drawn * (shares * np.float32(overlay.alpha)))[..., None]
            color = shown_color(overlay.color)
            ink = np.array([color.blue(), color.green(), color.red(), 255], np.float32)
            mixed[:, lines] += alpha * (ink - mixed[:, lines])
        pixels = np.ascontiguousarray(np.rint(mixed).astype(np.uint8)[kind_of_row.ravel()])
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
            lines = thin_to_columns(overlay.times_utc_ns, frame.time_range, frame.width)
            lines = lines[lines < frame.width]
            for column, share in zip(lines, _share_of_ink(lines, frame.width)[lines], strict=True):
                color = QColor(shown_color(overlay.color))
                color.setAlphaF(overlay.alpha * float(share))
                style = styles[place % len(styles)] if share == 1 else Qt.PenStyle.SolidLine
                painter.setPen(QPen(color, 1, style))
                x = frame.left + int(column)
                painter.drawLine(x, frame.top, x, frame.bottom)


def _share_of_ink(lines: NDArray[np.int64], columns: int) -> NDArray[np.float32]:
    """Give the part of its opacity, 0 to 1, that a line keeps in each column: less where lines crowd.

    Where every column has its line they make a wash through which the curves can be read.
    """
    has_line = np.zeros(columns + 2 * _NEAR, np.float32)
    has_line[lines + _NEAR] = 1
    sums = np.concatenate([[0], np.cumsum(has_line)]).astype(np.float32)
    # To the denser side, so that the wash has no darker rim.
    after = sums[2 * _NEAR : -1] - sums[_NEAR : -_NEAR - 1]
    before = sums[_NEAR + 1 : -_NEAR] - sums[1 : -2 * _NEAR]
    density = np.maximum(before, after) / _NEAR
    shares: NDArray[np.float32] = np.maximum(_OPEN / np.maximum(density, _OPEN), _FAINTEST).astype(np.float32)
    return shares


def in_view(overlay: OverlayState, time_range: TimeRange) -> NDArray[np.int64]:
    """Give the events of an overlay within a range, (m,) int64 ns UTC, sorted."""
    first, last = np.searchsorted(overlay.times_utc_ns, [time_range.start_utc_ns, time_range.end_utc_ns])
    return overlay.times_utc_ns[first:last]
