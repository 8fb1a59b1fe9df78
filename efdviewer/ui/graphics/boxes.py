"""Buckets much wider than a pixel, as boxes: a line through their extremes would look like a wave."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QRectF

from efdviewer.ui.graphics.frame import Frame
from efdviewer.ui.graphics.strokes import FAR, segments

_WIDE_COLUMNS = 3
"""Narrower buckets are told from a line by nobody; what is complete has none wider than one column."""
_BELOW = 2
"""Pixels beneath the plot, where a minimum lies of which an axis has no place."""


class Boxes(NamedTuple):
    """What is filled, from minimum to maximum, and the lines around it."""

    areas: Any
    edges: Any


def are_wide(x: NDArray[np.float64], ratio: float) -> NDArray[np.bool_]:
    """Tell which buckets, (k,) bool, are wider than some columns, of which there are `ratio` in a pixel.

    `x` : (2 k,) float64; pixels of both points of each, in its first and its last quarter.
    """
    wide: NDArray[np.bool_] = (x[1::2] - x[::2]) * (2 * ratio) > _WIDE_COLUMNS
    return wide


def narrow_part(
    x: NDArray[np.float64], y: NDArray[np.float64], connect: NDArray[np.bool_], wide: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Give the points of the other buckets, from which no line goes to a wide one."""
    connect = connect.copy()
    connect[1:-1:2] &= ~wide[1:]
    kept = np.repeat(~wide, 2)
    return x[kept], y[kept], connect[kept]


def boxes_of(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    connect: NDArray[np.bool_],
    wide: NDArray[np.bool_],
    frame: Frame,
    *,
    stepped: bool,
) -> Boxes:
    """Collect the boxes of wide buckets, open towards neighbours that the curve goes on to.

    Parameters
    ----------
    x, y : (2 k,) float64
        Pixels of both points of each bucket.
    connect : (2 k,) bool
        Whether the curve goes on from a point to the next.
    wide : (k,) bool
        As `are_wide` tells.
    stepped : bool
        Whether a bucket counts until the next one, for its last value holds.
    """
    half = np.where(wide, (x[1::2] - x[::2]) / 2, 0)
    left, right = np.clip(x[::2] - half, -FAR, FAR), np.clip(x[1::2] + half, -FAR, FAR)
    joined = connect[1:-1:2] & (wide[:-1] | wide[1:])
    if stepped:
        right[:-1] = np.where(joined, left[1:], right[:-1])
    pairs = np.clip(y, -FAR, FAR).reshape(-1, 2)
    top, bottom = pairs.min(axis=1), pairs.max(axis=1)
    # A logarithm has no place for a minimum that is not positive.
    cut = np.isnan(bottom)
    top[cut], bottom[cut] = np.fmin(*pairs[cut].T), frame.bottom + _BELOW
    extent = np.stack([top, bottom], axis=1)
    # A narrow neighbour is met in its point.
    enters = np.where(wide[:, None], extent, pairs[:, :1])
    leaves = np.where(wide[:, None], extent, pairs[:, 1:])
    begins = np.where(wide, left, np.clip(x[1::2], -FAR, FAR))
    closed_before, closed_after = wide.copy(), wide.copy()
    closed_before[1:] &= ~joined
    closed_after[:-1] &= ~joined
    lasting, tall = right > begins, leaves[:, 1] > leaves[:, 0]
    lines = [
        _lines(begins, leaves[:, 0], right, leaves[:, 0], lasting),
        _lines(begins, leaves[:, 1], right, leaves[:, 1], lasting & tall),
        _lines(right[:-1], leaves[:-1, 0], left[1:], enters[1:, 0], joined),
        _lines(right[:-1], leaves[:-1, 1], left[1:], enters[1:, 1], joined & (tall[:-1] | tall[1:])),
        _lines(left, top, left, bottom, closed_before & tall),
        _lines(right, top, right, bottom, closed_after & tall),
    ]
    return Boxes(
        areas=_areas(np.stack([left, top, right - left, bottom - top], axis=1)[wide & tall]),
        edges=segments(*np.concatenate(lines).T),
    )


def _lines(
    x0: NDArray[np.float64],
    y0: NDArray[np.float64],
    x1: NDArray[np.float64],
    y1: NDArray[np.float64],
    chosen: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Give the ends of chosen lines, (n, 4) float64, without those that cannot be drawn or have no length."""
    ends = np.stack([x0, y0, x1, y1], axis=1)
    drawn: NDArray[np.float64] = ends[chosen & np.isfinite(ends).all(axis=1) & ((x0 != x1) | (y0 != y1))]
    return drawn


def _areas(rectangles: NDArray[np.float64]) -> Any:
    areas = PrimitiveArray(QRectF, 4)
    areas.resize(len(rectangles))
    areas.ndarray()[:] = rectangles
    return areas
