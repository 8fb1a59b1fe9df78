"""How delays went over time: median, 99th percentile and the worst of each stretch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.delay_counts import DelayCounts
from efdviewer.domain.timerange import TimeRange

STRETCHES = 240


@dataclass(frozen=True, slots=True, eq=False)
class DelaysOverTime:
    """Figures of stretches, all of shape (k,) and ascending in time; those without a delay are left out.

    `starts_utc_ns` : int64; `counts` : int64; the others float64 s, `worsts_s` the largest in size.
    """

    width_ns: int
    starts_utc_ns: NDArray[np.int64]
    counts: NDArray[np.int64]
    medians_s: NDArray[np.float64]
    p99s_s: NDArray[np.float64]
    worsts_s: NDArray[np.float64]


class DelayTimeline:
    """Takes delays in the order of their messages; holds those of one stretch alone, in bounded memory."""

    def __init__(self, time_range: TimeRange) -> None:
        self._width_ns = max(1, -(-time_range.span_ns // STRETCHES))
        self._start_ns = time_range.start_utc_ns
        self._open = -1
        self._counts = DelayCounts()
        self._done: list[tuple[int, int, float, float, float]] = []

    def add(self, moments: NDArray[np.int64], values_s: NDArray[np.float64]) -> None:
        """Take delays, (n,) float64 s, of messages, (n,) int64 ns UTC ascending."""
        if not len(moments):
            return
        places = (moments - self._start_ns) // self._width_ns
        cuts = np.flatnonzero(np.diff(places)) + 1
        for first, last in zip([0, *cuts], [*cuts, len(places)], strict=True):
            if int(places[first]) != self._open:
                self._close()
                self._open = int(places[first])
            self._counts.add(values_s[first:last])

    def figures(self) -> DelaysOverTime:
        """Give the figures so far."""
        self._close()
        found = np.array(self._done, np.float64).reshape(-1, 5)
        starts = np.array([self._start_ns + place * self._width_ns for place, *_ in self._done], np.int64)
        return DelaysOverTime(
            self._width_ns, starts, found[:, 1].astype(np.int64), found[:, 2], found[:, 3], found[:, 4]
        )

    def _close(self) -> None:
        worst_s = self._counts.worst_s
        if worst_s is not None:
            median_s, p99_s = self._counts.quantiles([0.5, 0.99])
            self._done.append((self._open, self._counts.count, median_s, p99_s, worst_s))
            self._counts = DelayCounts()
