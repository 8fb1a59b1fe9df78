"""How much detail a view needs, and what is drawn of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.timerange import TimeRange


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LevelView:
    """The points that are drawn of one field: samples, or the minimum and maximum of each bucket.

    `times_utc_ns` : (n,) int64, ascending; the two points of a bucket lie within it.
    `values` : (n,) float64.
    `connect` : (n,) bool; whether a line goes from a point to the next. False before a gap.
    `bucket_ns` : width of a bucket; 0 where the points are the samples themselves.
    `stepped` : whether a value holds until the next sample.
    """

    time_range: TimeRange
    times_utc_ns: NDArray[np.int64]
    values: NDArray[np.float64]
    connect: NDArray[np.bool_]
    bucket_ns: int
    stepped: bool = False
