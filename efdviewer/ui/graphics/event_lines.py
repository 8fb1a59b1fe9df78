"""Draws the lines of all event overlays of a plot in one go."""

from collections.abc import Sequence
from typing import NamedTuple

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
_LANE, _TICK = 5, 4
"""Height of an overlay's lane of ticks at the top, and of the ticks in it, in pixels."""
_OPEN, _FAINTEST = 0.2, 0.2
"""Up to this share of columns with a line, lines are drawn in full; the faintest have this part of it."""


Drawn = tuple[int, OverlayState, NDArray[np.int64]]
"""Place, overlay, and the pixel columns with a line of it."""


class EventHit(NamedTuple):
    """The line nearest to a place, and how many events of all visible overlays lie within reach of it."""

    key: str
    utc_ns: int
    reached: int


class EventLines:
    """The lines of all overlays, shared by the rows of a plot area since they show the same time.

    A line's tick at the top has its overlay's full colour, in a lane of its own: so it stays clear which
    events crowd where, also where the lines themselves make a wash. Lines are the same in every pixel row
    but for the dashes, so a strip of 24 rows is blended once and repeated downwards: the cost of a frame
    does not depend on the number of lines.
    """

    def __init__(self) -> None:
        self.overlays: tuple[OverlayState, ...] = ()
        self._key: tuple[object, ...] | None = None
        self._strip = self._ticks = QImage()

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
            shown = [
                (place, overlay, _columns_with_line(overlay, frame.time_range, columns))
                for place, overlay in self._visible()
            ]
            self._key, self._strip, self._ticks = key, _blended(shown, columns), _ticks(shown, columns)
            self._strip.setDevicePixelRatio(ratio)
        brush = QBrush(self._strip)
        painter.setBrushOrigin(QPoint(frame.left, frame.top))
        painter.fillRect(QRect(frame.left, frame.top, frame.width, frame.height), brush)
        painter.setBrushOrigin(QPoint(0, 0))
        painter.drawImage(QRect(frame.left, frame.top, frame.width, self._lanes_height()), self._ticks)

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
        edge, top = 0.0, frame.top + self._lanes_height() + 1
        for x, overlay in sorted(marks, key=lambda mark: float(mark[0])):
            name = overlay.title.rpartition(".")[2]
            width = metrics.horizontalAdvance(name)
            if x < edge or x + width + 4 > frame.right:
                continue
            painter.setPen(shown_color(overlay.color))
            painter.drawText(QRectF(x + 3, top, width + 2, metrics.height()), name)
            edge = x + width + 10

    def nearest(self, frame: Frame, x: int, reach: int) -> EventHit | None:
        """Give the line nearest to a pixel column, within a reach of pixels."""
        wanted, best, count = frame.ns_at(x), None, 0
        reach_ns = max(1, frame.ns_of(reach))
        for _, overlay in self._visible():
            times = in_view(overlay, frame.time_range)
            place = int(np.searchsorted(times, wanted))
            first, last = np.searchsorted(times, [wanted - reach_ns, wanted + reach_ns + 1])
            count += int(last - first)
            for candidate in times[max(0, place - 1) : place + 1]:
                distance = abs(int(candidate) - wanted)
                if distance <= reach_ns and (best is None or distance < best[0]):
                    best = (distance, overlay.key, int(candidate))
        return None if best is None else EventHit(best[1], best[2], count)

    def _visible(self) -> list[tuple[int, OverlayState]]:
        return [(place, overlay) for place, overlay in enumerate(self.overlays) if overlay.visible]

    def _lanes_height(self) -> int:
        return _LANE * len(self._visible())

    def _paint_lines(self, painter: QPainter, frame: Frame) -> None:
        styles = (
            Qt.PenStyle.SolidLine,
            Qt.PenStyle.DashLine,
            Qt.PenStyle.DotLine,
            Qt.PenStyle.DashDotLine,
        )
        for lane, (place, overlay) in enumerate(self._visible()):
            lines = _columns_with_line(overlay, frame.time_range, frame.width)
            top = frame.top + lane * _LANE
            for column, share in zip(lines, _share_of_ink(lines, frame.width)[lines], strict=True):
                color = QColor(shown_color(overlay.color))
                color.setAlphaF(overlay.alpha * float(share))
                style = styles[place % len(styles)] if share == 1 else Qt.PenStyle.SolidLine
                painter.setPen(QPen(color, 2 if share == 1 else 1, style))
                x = frame.left + int(column)
                painter.drawLine(x, frame.top, x, frame.bottom)
                painter.setPen(QPen(shown_color(overlay.color), 4 if share == 1 else 1))
                painter.drawLine(x, top, x, top + _TICK)


def _columns_with_line(overlay: OverlayState, time_range: TimeRange, columns: int) -> NDArray[np.int64]:
    lines = thin_to_columns(overlay.times_utc_ns, time_range, columns)
    return lines[lines < columns]


def _blended(shown: Sequence[Drawn], columns: int) -> QImage:
    """Mix the overlays, each over those before it, into premultiplied ARGB."""
    inks = []
    for place, overlay, thin in shown:
        shares = _share_of_ink(thin, columns)
        lines = _widened(thin, shares, (0, 1))
        inks.append((lines, shares[lines], _PATTERNS[place % len(_PATTERNS)], overlay))
    # Dashes side by side would make stripes across the plot: lines that crowd are drawn through.
    patterns = [pattern if (shares == 1).any() else _PATTERNS[0] for _, shares, pattern, _ in inks]
    kinds, kind_of_row = np.unique(np.array(patterns).T, axis=0, return_inverse=True)
    mixed = np.zeros((len(kinds), columns, 4), np.float32)
    for place, (lines, shares, _, overlay) in enumerate(inks):
        drawn = kinds[:, place, None] | (shares < 1)
        alpha = (drawn * (shares * np.float32(overlay.alpha)))[..., None]
        mixed[:, lines] += alpha * (_ink(overlay) - mixed[:, lines])
    pixels = np.ascontiguousarray(np.rint(mixed).astype(np.uint8)[kind_of_row.ravel()])
    return _image(pixels)


def _ticks(shown: Sequence[Drawn], columns: int) -> QImage:
    """Draw each overlay's ticks into a lane of its own, in full colour."""
    pixels = np.zeros((_LANE * max(1, len(shown)), columns, 4), np.uint8)
    for lane, (_, overlay, thin) in enumerate(shown):
        lines = _widened(thin, _share_of_ink(thin, columns), (-1, 0, 1, 2))
        pixels[lane * _LANE : lane * _LANE + _TICK, lines] = _ink(overlay)
    return _image(pixels)


def _widened(
    lines: NDArray[np.int64], shares: NDArray[np.float32], offsets: tuple[int, ...]
) -> NDArray[np.int64]:
    """Add the columns beside lines that stand apart; where they crowd they stay as they are."""
    apart = lines[shares[lines] == 1]
    wide = np.union1d(lines, np.concatenate([apart + offset for offset in offsets]))
    return wide[(wide >= 0) & (wide < len(shares))]


def _ink(overlay: OverlayState) -> NDArray[np.float32]:
    color = shown_color(overlay.color)
    return np.array([color.blue(), color.green(), color.red(), 255], np.float32)


def _image(pixels: NDArray[np.uint8]) -> QImage:
    """Copy (rows, columns, 4) premultiplied BGRA."""
    rows, columns, _ = pixels.shape
    format_ = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(pixels.data, columns, rows, 4 * columns, format_).copy()


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
