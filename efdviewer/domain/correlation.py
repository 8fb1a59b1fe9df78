"""How two series go together, and by how much one follows the other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST_POINTS = 1 << 17
"""So many points of the grid at most: a lag is found to 1/130,000 of the view."""
_LEAST = 8


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

    Both are put on one even grid, as fine as the finer of them where that is not too many points, by the
    last value at or before each of its points. None where they share too little.
    """
    if len(x) < _LEAST or len(y) < _LEAST:
        return None
    start = max(int(x_utc_ns[0]), int(y_utc_ns[0]))
    end = min(int(x_utc_ns[-1]), int(y_utc_ns[-1]))
    if end <= start:
        return None
    usual_ns = min(float(np.median(np.diff(times))) for times in (x_utc_ns, y_utc_ns))
    step_ns = max(usual_ns, (end - start) / _MOST_POINTS, 1.0)
    count = int((end - start) / step_ns) + 1
    if count < _LEAST:
        return None
    grid = start + (np.arange(count) * step_ns).astype(np.int64)
    first, second = (_held(times, values, grid) for times, values in ((x_utc_ns, x), (y_utc_ns, y)))
    reach = count // 2
    correlations = _correlations(first, second, reach)
    if not np.isfinite(correlations).any():
        return None
    best = int(np.nanargmax(np.abs(correlations)))
    lags_s = np.arange(-reach, reach + 1, dtype=np.float64) * (step_ns / 1e9)
    return Lags(
        lags_s=lags_s, correlations=correlations, best_s=float(lags_s[best]), best=float(correlations[best])
    )


def _held(
    times: NDArray[np.int64], values: NDArray[np.float64], grid: NDArray[np.int64]
) -> NDArray[np.float64]:
    finite = np.isfinite(values)
    times, values = times[finite], values[finite]
    places = np.searchsorted(times, grid, side="right") - 1
    return values[np.maximum(places, 0)]


def _correlations(x: NDArray[np.float64], y: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Give Pearson's correlation of x(t) and y(t + lag) over what overlaps, for lags of -reach to reach."""
    count = len(x)
    x, y = x - x.mean(), y - y.mean()
    size = 1 << (2 * count - 1).bit_length()
    transforms = np.fft.rfft(x, size), np.fft.rfft(y, size)
    products = np.fft.irfft(np.conj(transforms[0]) * transforms[1], size)
    lags = np.arange(-reach, reach + 1)
    sums = products[lags % size]
    overlap = count - np.abs(lags)
    # Sums over the part of each series that overlaps: x from max(0, -lag) on, y from max(0, lag) on.
    totals = []
    for values, begin in ((x, np.maximum(0, -lags)), (y, np.maximum(0, lags))):
        heads = np.concatenate([[0.0], np.cumsum(values)])
        squares = np.concatenate([[0.0], np.cumsum(values * values)])
        totals.append((heads[begin + overlap] - heads[begin], squares[begin + overlap] - squares[begin]))
    (sum_x, square_x), (sum_y, square_y) = totals
    spread = (square_x - sum_x * sum_x / overlap) * (square_y - sum_y * sum_y / overlap)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (sums - sum_x * sum_y / overlap) / np.sqrt(spread)
    found[~(spread > 1e-12 * (x @ x + 1e-300) * (y @ y + 1e-300))] = np.nan
    return np.asarray(np.clip(found, -1.0, 1.0), np.float64)
