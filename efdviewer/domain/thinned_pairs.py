"""Fewer of many pairs that still show the same shape."""

import numpy as np
from numpy.typing import NDArray

CELLS = 96
"""Cells along each axis; where one holds a pair, one of it stays."""


def thinned(x: NDArray[np.float64], y: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Choose pairs, (n,) finite float64 both, in the order of time, so that no part of their shape is lost.

    Both axes are cut into `CELLS` even parts from least to largest. Of each cell with pairs in it the middle
    one in time stays; so do the least and the largest of both, and of the rest some, evenly in time.

    Returns
    -------
    (k,) int64
        Their places, ascending; all where there are no more than `most`, which is `CELLS`² + 4 at least.
    """
    count = len(x)
    if count <= most:
        return np.arange(count)
    cells = _cut(x) * CELLS + _cut(y)
    order = np.argsort(cells, kind="stable")
    starts = np.flatnonzero(np.diff(cells[order], prepend=-1))
    lengths = np.diff(starts, append=count)
    ends = [pick(values) for values in (x, y) for pick in (np.argmin, np.argmax)]
    kept = np.concatenate([order[starts + lengths // 2], np.array(ends, np.int64)])
    evenly = np.linspace(0, count - 1, most - len(kept)).round().astype(np.int64)
    return np.unique(np.concatenate([kept, evenly]))


def _cut(values: NDArray[np.float64]) -> NDArray[np.int16]:
    low, high = values.min(), values.max()
    # Halves, since the difference of the largest numbers is none.
    half = high / 2 - low / 2
    if half == 0:
        return np.zeros(len(values), np.int16)
    places: NDArray[np.int16] = np.minimum((values / 2 - low / 2) / half * CELLS, CELLS - 1).astype(np.int16)
    return places
