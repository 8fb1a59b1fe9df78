"""Draws one curve."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from efdviewer.domain.level_view import LevelView, MeanLine
from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.graphics.frame import Frame, ValueScale
from efdviewer.viewmodels.curve_state import CurveState

_FAR = 1e5
"""Pixels; points beyond are brought in, since painters count in 26.6 fixed point."""
_SPARSE_PIXELS = 6
"""Markers stand where samples have so much room on average."""
_SMOOTH_WIDTHS = 6
"""Edges are smoothed while the line is at most so many times as long as the plot is wide."""
_WIDE_COLUMNS = 3
_FAINT = 0.45
"""Opacity of minima and maxima beneath the line of their means."""
_MEAN_WIDTH = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    lines: Any
    dots: Any
    dot_size: float
    smooth: bool
    means: "_Picture | None" = None


class CurvePainter:
    """Turns a `CurveState` into lines and markers, and keeps them until view or data change."""

    def __init__(self) -> None:
        self.state: CurveState | None = None
        self._key: tuple[LevelView, tuple[int, float] | None, Frame, ValueScale, float] | None = None
        self._picture: _Picture | None = None

    def paint(self, painter: QPainter, frame: Frame, scale: ValueScale, color: QColor) -> None:
        """Draw the curve; the painter is clipped to the frame."""
        if self.state is None or self.state.view is None or not len(self.state.view.times_utc_ns):
            self._picture = None
            if self.state is not None and self.state.held is not None:
                self._paint_held(painter, frame, scale, color)
            return
        ratio = painter.device().devicePixelRatioF()
        key = (self.state.view, self.state.held, frame, scale, ratio)
        if self._picture is None or self._key is None or key != self._key:
            self._key, self._picture = key, _picture(self.state, frame, scale, ratio)
        picture, ink = self._picture, QColor(color)
        if picture.means is not None:
            ink.setAlphaF(_FAINT * color.alphaF())
        _paint(painter, picture, QPen(ink, 1.5 if picture.smooth else 1))

    def paint_means(self, painter: QPainter, color: QColor) -> None:
        """Draw the means of what `paint` has drawn."""
        if self._picture is not None and self._picture.means is not None:
            _paint(painter, self._picture.means, QPen(color, _MEAN_WIDTH))

    def _paint_held(self, painter: QPainter, frame: Frame, scale: ValueScale, color: QColor) -> None:
        assert self.state is not None
        assert self.state.held is not None
        held_utc_ns, value = self.state.held
        y = float(scale.y_of(frame, np.array([value]))[0])
        right = float(frame.right)
        if self.state.view is not None:
            end_utc_ns = _end_of_hold(self.state.view, held_utc_ns)
            right = min(right, float(frame.x_of(np.array([end_utc_ns], np.int64))[0]))
        if np.isfinite(y) and right > frame.left:
            painter.setPen(QPen(color, 1))
            painter.drawLine(QPointF(frame.left, y), QPointF(right, y))


def _paint(painter: QPainter, picture: _Picture, pen: QPen) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, picture.smooth)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if len(picture.lines):
        painter.drawLines(*picture.lines.drawargs())
    if len(picture.dots):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        pen.setWidthF(picture.dot_size)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(*picture.dots.drawargs())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _end_of_hold(view: LevelView, sample_utc_ns: int) -> int:
    end_utc_ns = view.time_range.end_utc_ns
    return end_utc_ns if view.hold_ns is None else min(end_utc_ns, sample_utc_ns + view.hold_ns)


def visible_slice(view: LevelView, time_range: TimeRange) -> slice:
    """Give the points of a view that lie within a range."""
    first, last = np.searchsorted(view.times_utc_ns, [time_range.start_utc_ns, time_range.end_utc_ns])
    return slice(int(first), int(last))


def values_in_view(state: CurveState, time_range: TimeRange) -> NDArray[np.float64]:
    """Give the values that free limits have to hold: those in view, and those held or passing through."""
    parts = [np.array([state.held[1]])] if state.held is not None else []
    if state.view is not None:
        inside = visible_slice(state.view, time_range)
        if inside.start == inside.stop:
            # Nothing but the line between two samples crosses the view.
            inside = slice(max(0, inside.start - 1), inside.stop + 1)
        parts.append(state.view.values[inside])
    return np.concatenate(parts) if parts else np.empty(0)


def _picture(state: CurveState, frame: Frame, scale: ValueScale, ratio: float) -> _Picture:
    view = state.view
    assert view is not None
    inside = visible_slice(view, frame.time_range)
    drawn = slice(max(0, inside.start - 1), inside.stop + 1)
    if view.bucket_ns:
        # Both points of each bucket.
        drawn = slice(drawn.start // 2 * 2, (drawn.stop + 1) // 2 * 2)
    times, values, connect = view.times_utc_ns[drawn], view.values[drawn], view.connect[drawn]
    x, y = frame.x_of(times), scale.y_of(frame, values)
    dots = _dots(x, y, connect, view, frame)
    count = len(x)
    sparse = view.bucket_ns == 0 and count * _SPARSE_PIXELS <= frame.width
    if view.stepped:
        x, y, connect = _steps(
            x, y, connect, state=state, frame=frame, scale=scale, is_first=drawn.start == 0
        )
    _bring_in(x, y)
    smooth = view.bucket_ns == 0 and _is_calm(y, frame)
    is_band = view.bucket_ns and not view.stepped and len(x) > frame.width and np.isfinite(y).all()
    if is_band and _are_narrow(x, ratio):
        lines = _bands(x, y, connect, ratio)
    else:
        lines = _strokes(x, y, connect, frame, ratio, smooth=smooth)
    return _Picture(
        lines=lines,
        dots=dots,
        dot_size=4.5 if sparse else 2.5,
        smooth=smooth,
        means=None if view.means is None else _picture_of_means(view.means, frame, scale, ratio),
    )


def _picture_of_means(line: MeanLine, frame: Frame, scale: ValueScale, ratio: float) -> _Picture:
    time_range = frame.time_range
    first, last = np.searchsorted(line.times_utc_ns, [time_range.start_utc_ns, time_range.end_utc_ns])
    drawn = slice(max(0, int(first) - 1), int(last) + 1)
    x, y = frame.x_of(line.times_utc_ns[drawn]), scale.y_of(frame, line.values[drawn])
    connect = line.connect[drawn]
    dots = _points(x, y, _alone(connect))
    _bring_in(x, y)
    smooth = _is_calm(y, frame)
    lines = _strokes(x, y, connect, frame, ratio, smooth=smooth)
    return _Picture(lines=lines, dots=dots, dot_size=_MEAN_WIDTH + 1, smooth=smooth)


def _is_calm(y: NDArray[np.float64], frame: Frame) -> bool:
    drop = np.abs(np.diff(np.clip(y, frame.top, frame.bottom)))
    return float(np.nansum(drop)) <= _SMOOTH_WIDTHS * frame.width


def _strokes(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    connect: NDArray[np.bool_],
    frame: Frame,
    ratio: float,
    *,
    smooth: bool,
) -> Any:
    dense = not smooth and len(x) > frame.width
    return _columns(x, y, connect, ratio) if dense else _lines(x, y, connect)


def _lines(x: NDArray[np.float64], y: NDArray[np.float64], connect: NDArray[np.bool_]) -> Any:
    """Collect the segments; a path with gaps takes 0.5 ms to make, these 0.2 ms."""
    drawn = connect[:-1] & np.isfinite(y[:-1]) & np.isfinite(y[1:])
    return _segments(x[:-1][drawn], y[:-1][drawn], x[1:][drawn], y[1:][drawn])


def _columns(x: NDArray[np.float64], y: NDArray[np.float64], connect: NDArray[np.bool_], ratio: float) -> Any:
    """Collect one upright line for each pixel column: what the segments would cover, for half their cost."""
    finite = np.isfinite(y)
    connect = connect.copy()
    connect[-1] = False
    connect[:-1] &= finite[1:]
    x, y, connect = x[finite], y[finite], connect[finite]
    if not len(x):
        return PrimitiveArray(QLineF, 4)
    column = np.floor(x * ratio)
    starts = np.concatenate([[0], np.flatnonzero((column[1:] != column[:-1]) | ~connect[:-1]) + 1])
    low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    last, first = starts[1:] - 1, starts[1:]
    joined = connect[last]
    near = joined & (column[first] - column[last] <= 1)
    middle = (y[last] + y[first]) / 2
    for side in (slice(None, -1), slice(1, None)):
        low[side] = np.where(near, np.minimum(low[side], middle), low[side])
        high[side] = np.where(near, np.maximum(high[side], middle), high[side])
    centre = (column[starts] + 0.5) / ratio
    far = joined & ~near
    return _segments(
        np.concatenate([centre, x[last][far]]),
        np.concatenate([low, y[last][far]]),
        np.concatenate([centre, x[first][far]]),
        np.concatenate([np.maximum(high, low + 0.5 / ratio), y[first][far]]),
    )


def _bands(x: NDArray[np.float64], y: NDArray[np.float64], connect: NDArray[np.bool_], ratio: float) -> Any:
    """Collect one upright line for each pixel column, from the lowest to the highest of the buckets in it.

    A bucket is in each column whose centre it covers, and in one at least. Where only its two points were in
    theirs, columns would show half of the band by turns: a comb, whose gaps look like lost data.

    Parameters
    ----------
    x, y : (2 k,) float64
        Pixels of both points of each bucket, which stand in its first and its last quarter.
    connect : (2 k,) bool
        Whether a line goes from a point to the next.
    ratio : float
        Columns in a pixel.
    """
    left, right = x[::2] * ratio, x[1::2] * ratio
    quarter = (right - left) / 2
    first, last = np.ceil(left - quarter - 0.5), np.ceil(right + quarter - 0.5) - 1
    middle = np.floor((left + right) / 2)
    first, last = np.where(last < first, middle, first), np.where(last < first, middle, last)
    number = (last - first + 1).astype(np.intp)
    owner = np.repeat(np.arange(len(number)), number)
    ends = np.cumsum(number)
    column = first[owner] + np.arange(len(owner)) - (ends - number)[owner]
    goes_on = np.ones(len(owner), np.bool_)
    goes_on[ends - 1] = connect[1::2]
    starts = np.concatenate([[0], np.flatnonzero((column[1:] != column[:-1]) | ~goes_on[:-1]) + 1])
    low = np.minimum.reduceat(np.minimum(y[::2], y[1::2])[owner], starts)
    high = np.maximum.reduceat(np.maximum(y[::2], y[1::2])[owner], starts)
    before, after = starts[1:] - 1, starts[1:]
    near = goes_on[before] & (column[after] - column[before] <= 1)
    far = goes_on[before] & ~near
    # Neighbours that do not overlap meet halfway.
    meeting = (np.minimum(high[:-1], high[1:]) + np.maximum(low[:-1], low[1:])) / 2
    for side in (slice(None, -1), slice(1, None)):
        low[side] = np.where(near, np.minimum(low[side], meeting), low[side])
        high[side] = np.where(near, np.maximum(high[side], meeting), high[side])
    centre = (column[starts] + 0.5) / ratio
    return _segments(
        np.concatenate([centre, centre[:-1][far]]),
        np.concatenate([low, y[1::2][owner[before[far]]]]),
        np.concatenate([centre, centre[1:][far]]),
        np.concatenate([np.maximum(high, low + 0.5 / ratio), y[::2][owner[after[far]]]]),
    )


def _are_narrow(x: NDArray[np.float64], ratio: float) -> bool:
    """Tell whether no bucket is wide: those are there until finer ones come, and drawn as a line."""
    return bool(np.all((x[1::2] - x[::2]) * 2 * ratio <= _WIDE_COLUMNS))


def _segments(
    x0: NDArray[np.float64], y0: NDArray[np.float64], x1: NDArray[np.float64], y1: NDArray[np.float64]
) -> Any:
    lines = PrimitiveArray(QLineF, 4)
    lines.resize(len(x0))
    for place, part in enumerate((x0, y0, x1, y1)):
        lines.ndarray()[:, place] = part
    return lines


def _steps(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    connect: NDArray[np.bool_],
    *,
    state: CurveState,
    frame: Frame,
    scale: ValueScale,
    is_first: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Let each value hold until the next sample, the last one as long as it may within what was loaded."""
    view = state.view
    assert view is not None
    if is_first and state.held is not None:
        held_y = scale.y_of(frame, np.array([state.held[1]]))
        start = max(state.held[0], view.time_range.start_utc_ns)
        x = np.concatenate([frame.x_of(np.array([start], np.int64)), x])
        y = np.concatenate([held_y, y])
        reaches = view.hold_ns is None or int(view.times_utc_ns[0]) - state.held[0] <= view.hold_ns
        connect = np.concatenate([[reaches], connect])
    if x[-1] < frame.right:
        end_utc_ns = _end_of_hold(view, int(view.times_utc_ns[-1]))
        end_x = frame.x_of(np.array([end_utc_ns], np.int64))
        x, y = np.concatenate([x, np.maximum(end_x, x[-1])]), np.concatenate([y, y[-1:]])
        connect = np.concatenate([connect[:-1], [True, False]])
    stepped_x, stepped_y = np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
    return stepped_x, stepped_y, np.repeat(connect, 2)[:-1]


def _bring_in(x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Shorten lines that reach far outside, along themselves."""
    for outer, inner in ((0, 1), (-1, -2)):
        if len(x) > 1 and abs(x[outer]) > _FAR and x[outer] != x[inner]:
            place = np.copysign(_FAR, x[outer])
            y[outer] = y[inner] + (y[outer] - y[inner]) * ((place - x[inner]) / (x[outer] - x[inner]))
            x[outer] = place
    np.clip(x, -_FAR, _FAR, out=x)
    np.clip(y, -_FAR, _FAR, out=y)


def _dots(
    x: NDArray[np.float64], y: NDArray[np.float64], connect: NDArray[np.bool_], view: LevelView, frame: Frame
) -> Any:
    """Collect the markers: every sample where they are sparse, else those that no line touches."""
    if view.bucket_ns:
        return PrimitiveArray(QPointF, 2)
    sparse = len(x) * _SPARSE_PIXELS <= frame.width
    return _points(x, y, np.ones(len(x), np.bool_) if sparse else _alone(connect))


def _alone(connect: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which points no line touches."""
    alone = ~connect
    alone[1:] &= ~connect[:-1]
    return alone


def _points(x: NDArray[np.float64], y: NDArray[np.float64], chosen: NDArray[np.bool_]) -> Any:
    dots = PrimitiveArray(QPointF, 2)
    chosen = chosen & np.isfinite(y) & (np.abs(x) < _FAR) & (np.abs(y) < _FAR)
    dots.resize(int(np.count_nonzero(chosen)))
    dots.ndarray()[:] = np.column_stack([x[chosen], y[chosen]])
    return dots
