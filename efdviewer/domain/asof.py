"""Two series side by side: each row of one with the row of the other that is nearest in time."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Direction(StrEnum):
    """Which row of the other series counts: the last before, the first after, or the nearest of both."""

    BACKWARD = "backward"
    FORWARD = "forward"
    NEAREST = "nearest"


def asof(
    left_utc_ns: NDArray[np.int64],
    right_utc_ns: NDArray[np.int64],
    direction: Direction,
    tolerance_ns: int | None = None,
) -> NDArray[np.int64]:
    """Find the row of the right series for each row of the left one, as `pandas.merge_asof` does.

    Parameters
    ----------
    left_utc_ns, right_utc_ns : (n,), (m,) int64
        Times of the rows, ns UTC, ascending; equal times match.
    direction : Direction
        Where to look. Of rows at the same time the last counts backward, the first forward; of two that are
        equally near the one before.
    tolerance_ns : int or None
        The largest distance, included; None for any.

    Returns
    -------
    (n,) int64
        Places in the right series, -1 where there is none.
    """
    count = len(right_utc_ns)
    if not count:
        return np.full(len(left_utc_ns), -1, np.int64)
    before = np.searchsorted(right_utc_ns, left_utc_ns, side="right") - 1
    after = np.searchsorted(right_utc_ns, left_utc_ns, side="left")
    back_ns = np.where(before >= 0, left_utc_ns - right_utc_ns[before], np.iinfo(np.int64).max)
    ahead_ns = np.where(
        after < count, right_utc_ns[np.minimum(after, count - 1)] - left_utc_ns, np.iinfo(np.int64).max
    )
    if direction is Direction.BACKWARD:
        places, away_ns = before, back_ns
    elif direction is Direction.FORWARD:
        places, away_ns = np.where(after < count, after, -1), ahead_ns
    else:
        is_back = back_ns <= ahead_ns
        places, away_ns = np.where(is_back, before, after), np.where(is_back, back_ns, ahead_ns)
    if tolerance_ns is not None:
        places = np.where(away_ns <= tolerance_ns, places, -1)
    return places.astype(np.int64)
