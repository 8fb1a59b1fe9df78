"""Lines and points for a painter, of curves that are given in pixels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF

from efdviewer.ui.graphics.frame import Frame

FAR = 1e5
"""Pixels; points beyond are brought in, since painters count in 26.6 fixed point."""
_SMOOTH_WIDTHS = 6
"""Edges are smoothed while the line is at most so many times as long as the plot is wide."""


def is_calm(y: NDArray[np.float64], frame: Frame) -> bool:
    """Tell whether a line is short enough to be drawn with smooth edges."""
    drop = np.abs(np.diff(np.clip(y, frame.top, frame.bottom)))
    return float(np.nansum(drop)) <= _SMOOTH_WIDTHS * frame.width


def bring_in(x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Shorten lines that reach far outside, along themselves."""
    for outer, inner in ((0, 1), (-1, -2)):
        if len(x) > 1 and abs(x[outer]) > FAR and x[outer] != x[inner]:
            place = np.copysign(FAR, x[outer])
            y[outer] = y[inner] + (y[outer] - y[inner]) * ((place - x[inner]) / (x[outer] - x[inner]))
            x[outer] = place
    np.clip(x, -FAR, FAR, out=x)
    np.clip(y, -FAR, FAR, out=y)


def strokes_of(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    connect: NDArray[np.bool_],
    frame: Frame,
    ratio: float,
    *,
    smooth: bool,
    in_pairs: bool = False,
) -> Any:
    """Collect the lines of a curve: segments, or one upright for each column where it is dense.

    Parameters
    ----------
    x, y : (n,) float64
        Pixels of its points; with `in_pairs` of both of each bucket, in its first and its last quarter.
    connect : (n,) bool
        Whether a line goes from a point to the next.
    ratio : float
        Columns in a pixel.
    """
    if smooth or len(x) <= frame.width:
        return _lines(x, y, connect)
    if in_pairs and np.isfinite(y).all():
        return _bands(x, y, connect, ratio)
    return _columns(x, y, connect, ratio)


def _lines(x: NDArray[np.float64], y: NDArray[np.float64], connect: NDArray[np.bool_]) -> Any:
    """Collect the segments; a path with gaps takes 0.5 ms to make, these 0.2 ms."""
    drawn = connect[:-1] & np.isfinite(y[:-1]) & np.isfinite(y[1:])
    return segments(x[:-1][drawn], y[:-1][drawn], x[1:][drawn], y[1:][drawn])


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
    return _uprights(
        column[starts],
        low,
        high,
        ratio,
        joined=connect[last],
        meeting=(y[last] + y[first]) / 2,
        between=(x[last], y[last], x[first], y[first]),
    )


def _bands(x: NDArray[np.float64], y: NDArray[np.float64], connect: NDArray[np.bool_], ratio: float) -> Any:
    """Collect one upright line for each pixel column, from the lowest to the highest of the buckets in it.

    A bucket is in each column whose centre it covers, and in one at least. Where only its two points were in
    theirs, columns would show half of the band by turns: a comb, whose gaps look like lost data.
    """
    left, right = x[::2] * ratio, x[1::2] * ratio
    quarter = (right - left) / 2
    first, last = np.ceil(left - quarter - 0.5), np.ceil(right + quarter - 0.5) - 1
    missed = last < first
    first[missed] = last[missed] = np.floor((left[missed] + right[missed]) / 2)
    enters, leaves, goes_on = y[::2], y[1::2], connect[1::2]
    column = first
    if (last > first).any():
        column, owner, is_last = _spread(first, last)
        enters, leaves, goes_on = enters[owner], leaves[owner], goes_on[owner] | ~is_last
    starts = np.concatenate([[0], np.flatnonzero((column[1:] != column[:-1]) | ~goes_on[:-1]) + 1])
    low = np.minimum.reduceat(np.minimum(enters, leaves), starts)
    high = np.maximum.reduceat(np.maximum(enters, leaves), starts)
    before, after = starts[1:] - 1, starts[1:]
    # Neighbours that do not overlap meet halfway.
    meeting = (np.minimum(high[:-1], high[1:]) + np.maximum(low[:-1], low[1:])) / 2
    centre = (column + 0.5) / ratio
    return _uprights(
        column[starts],
        low,
        high,
        ratio,
        joined=goes_on[before],
        meeting=meeting,
        between=(centre[before], leaves[before], centre[after], enters[after]),
    )


def _spread(
    first: NDArray[np.float64], last: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.bool_]]:
    """List the columns of all buckets, the bucket that each belongs to, and whether it is that one's last."""
    number = (last - first + 1).astype(np.intp)
    owner = np.repeat(np.arange(len(number)), number)
    ends = np.cumsum(number)
    place = np.arange(len(owner))
    return first[owner] + place - (ends - number)[owner], owner, place == (ends - 1)[owner]


def _uprights(
    column: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    ratio: float,
    *,
    joined: NDArray[np.bool_],
    meeting: NDArray[np.float64],
    between: tuple[NDArray[np.float64], ...],
) -> Any:
    """Draw each column from its lowest to its highest, and join those that belong together.

    Parameters
    ----------
    column, low, high : (k,) float64
        Numbers of the columns, and heights in pixels.
    ratio : float
        Columns in a pixel.
    joined : (k - 1,) bool
        Whether a column goes on to the next.
    meeting : (k - 1,) float64
        Where both meet, if they are neighbours.
    between : four of (k - 1,) float64
        x0, y0, x1, y1 of the line from one to the next, if they are not.
    """
    near = joined & (np.diff(column) <= 1)
    for side in (slice(None, -1), slice(1, None)):
        low[side] = np.where(near, np.minimum(low[side], meeting), low[side])
        high[side] = np.where(near, np.maximum(high[side], meeting), high[side])
    centre = (column + 0.5) / ratio
    x0, y0, x1, y1 = (part[joined & ~near] for part in between)
    return segments(
        np.concatenate([centre, x0]),
        np.concatenate([low, y0]),
        np.concatenate([centre, x1]),
        np.concatenate([np.maximum(high, low + 0.5 / ratio), y1]),
    )


def segments(
    x0: NDArray[np.float64], y0: NDArray[np.float64], x1: NDArray[np.float64], y1: NDArray[np.float64]
) -> Any:
    """Collect lines by their ends, all of shape (n,), in pixels."""
    lines = PrimitiveArray(QLineF, 4)
    lines.resize(len(x0))
    for place, part in enumerate((x0, y0, x1, y1)):
        lines.ndarray()[:, place] = part
    return lines


def alone(connect: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which points no line touches."""
    lonely = ~connect
    lonely[1:] &= ~connect[:-1]
    return lonely


def points_of(x: NDArray[np.float64], y: NDArray[np.float64], chosen: NDArray[np.bool_]) -> Any:
    """Collect chosen points, without those that cannot be drawn."""
    dots = PrimitiveArray(QPointF, 2)
    chosen = chosen & np.isfinite(y) & (np.abs(x) < FAR) & (np.abs(y) < FAR)
    dots.resize(int(np.count_nonzero(chosen)))
    dots.ndarray()[:] = np.column_stack([x[chosen], y[chosen]])
    return dots
