"""How two series go together, and by how much one follows the other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST_POINTS = 1 << 17
"""So many points of the grid at most: a lag is found to 1/130,000 of the view."""
_LEAST = 8
_LEAST_SHARE = 0.25
"""A lag needs so much of the points that the best overlap has: few points go together by chance."""
_GAP = 3.0
"""Samples that are so many usual distances apart have a gap between them."""


def pearson(x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
    """Give the correlation of pairs, (n,) float64 both; None where one of them does not vary."""
    finite = np.isfinite(x) & np.isfinite(y)
    x, y = x[finite] - x[finite].mean() if finite.any() else x[finite], y[finite]
    if len(x) < 2:
        return None
    y = y - y.mean()
    scale = np.sqrt((x * x).sum() * (y * y).sum())
    return float(np.clip((x * y).sum() / scale, -1, 1)) if scale > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lags:
    """Correlation of two series at each lag.

    `lags_s` : (k,) float64 s, ascending; positive where the second follows the first. `correlations` : (k,).
    `best_s`, `best` : the lag at which they go together most, in either sense, and the correlation there.
    """

    lags_s: NDArray[np.float64]
    correlations: NDArray[np.float64]
    best_s: float
    best: float

    @property
    def step_s(self) -> float:
        """From one lag to the next, s: a lag is not known better than that."""
        return float(self.lags_s[1] - self.lags_s[0])


def lags_of(
    x_utc_ns: NDArray[np.int64],
    x: NDArray[np.float64],
    y_utc_ns: NDArray[np.int64],
    y: NDArray[np.float64],
) -> Lags | None:
    """Correlate two series at every lag up to half of the time that both cover.

    Both are put on one even grid, as fine as the finer of them where that is not too many points, by
    straight lines between samples; holding the last value would delay the coarser one. Where one of them
    has a gap nothing is compared. None where they share too little.
    """
    if len(x) < _LEAST or len(y) < _LEAST:
        return None
    start = max(int(x_utc_ns[0]), int(y_utc_ns[0]))
    end = min(int(x_utc_ns[-1]), int(y_utc_ns[-1]))
    if end <= start:
        return None
    usual_ns = [float(np.median(np.diff(times))) for times in (x_utc_ns, y_utc_ns)]
    step_ns = max(min(usual_ns), (end - start) / _MOST_POINTS, 1.0)
    count = int((end - start) / step_ns) + 1
    if count < _LEAST:
        return None
    grid = start + (np.arange(count) * step_ns).astype(np.int64)
    first, second = (
        _between(times, values, grid, _GAP * max(usual, step_ns))
        for times, values, usual in ((x_utc_ns, x, usual_ns[0]), (y_utc_ns, y, usual_ns[1]))
    )
    reach = count // 2
    correlations = _correlations(first, second, reach)
    if not np.isfinite(correlations).any():
        return None
    best = int(np.nanargmax(np.abs(correlations)))
    lags_s = np.arange(-reach, reach + 1, dtype=np.float64) * (step_ns / 1e9)
    return Lags(
        lags_s=lags_s, correlations=correlations, best_s=float(lags_s[best]), best=float(correlations[best])
    )


def _between(
    times: NDArray[np.int64], values: NDArray[np.float64], grid: NDArray[np.int64], gap_ns: float
) -> NDArray[np.float64]:
    """Give values on straight lines between samples, NaN where those are further apart than a gap."""
    finite = np.isfinite(values)
    times, values = times[finite], values[finite]
    if len(times) < 2:
        return np.full(len(grid), np.nan)
    # From the first point on, for moments in ns are beyond what a float tells apart.
    places, known = ((moments - grid[0]).astype(np.float64) for moments in (grid, times))
    found: NDArray[np.float64] = np.interp(places, known, values)
    after = np.clip(np.searchsorted(times, grid), 1, len(times) - 1)
    in_gap = (times[after] - times[after - 1] > gap_ns) & (times[after] != grid)
    found[in_gap | (grid < times[0]) | (grid > times[-1])] = np.nan
    return found


def _correlations(x: NDArray[np.float64], y: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Give Pearson's correlation of x(t) and y(t + lag) over what both have, for lags of -reach to reach."""
    lags = np.arange(-reach, reach + 1)
    found = np.full(len(lags), np.nan)
    known_x, known_y = np.isfinite(x), np.isfinite(y)
    if not (known_x.any() and known_y.any()):
        return found
    x = np.where(known_x, x - x[known_x].mean(), 0.0)
    y = np.where(known_y, y - y[known_y].mean(), 0.0)
    size = 1 << (2 * len(x) - 1).bit_length()
    firsts = [np.conj(np.fft.rfft(part, size)) for part in (known_x.astype(np.float64), x, x * x)]
    seconds = [np.fft.rfft(part, size) for part in (known_y.astype(np.float64), y, y * y)]

    def sums(first: int, second: int) -> NDArray[np.float64]:
        return np.asarray(np.fft.irfft(firsts[first] * seconds[second], size)[lags % size], np.float64)

    overlap = np.rint(sums(0, 0))
    counts = np.maximum(overlap, 1)
    sum_x, sum_y = sums(1, 0), sums(0, 1)
    spread = (sums(2, 0) - sum_x * sum_x / counts) * (sums(0, 2) - sum_y * sum_y / counts)
    enough = overlap >= max(_LEAST, _LEAST_SHARE * overlap.max())
    enough &= spread > 1e-12 * (x @ x) * (y @ y)
    products = sums(1, 1) - sum_x * sum_y / counts
    found[enough] = np.clip(products[enough] / np.sqrt(spread[enough]), -1.0, 1.0)
    return found
