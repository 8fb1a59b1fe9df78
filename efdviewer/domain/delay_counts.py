"""Delays counted as they stream by: exact as long as they are few, in fine cells beyond that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

MOST_EXACT = 500_000
"""So many delays are kept as they are, 4 MB."""
_CELLS = 200_000
"""Cells of equal width over the bulk of the delays."""
_REACH = 20.0
"""The cells reach so many times the distance of the quartiles beyond them."""
_RATIO = 1.0008
"""Cells beyond those are in this ratio to one another, so that no delay is off by more than 0.04 %."""
_LEAST_S, _MOST_S = 1e-9, 1e10


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """Delays with how often each occurs: (k,) float64 s, ascending, and (k,) int64."""

    values_s: NDArray[np.float64]
    weights: NDArray[np.int64]

    @classmethod
    def of(cls, values_s: NDArray[np.float64]) -> Self:
        """Count each value once; in any order."""
        return cls(np.sort(values_s), np.ones(len(values_s), np.int64))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Take several together."""
        values = np.concatenate([np.empty(0), *(part.values_s for part in parts)])
        weights = np.concatenate([np.empty(0, np.int64), *(part.weights for part in parts)])
        order = np.argsort(values, kind="stable")
        return cls(values[order], weights[order])

    @property
    def count(self) -> int:
        """Number of delays."""
        return int(self.weights.sum())

    def above(self, low_s: float) -> Self:
        """Leave out what is not larger than a delay."""
        first = int(np.searchsorted(self.values_s, low_s, side="right"))
        return type(self)(self.values_s[first:], self.weights[first:])

    def quantiles(self, shares: Sequence[float], method: str = "linear") -> list[float]:
        """Give quantiles as `numpy.quantile` does of all delays; `method` is linear, lower or higher."""
        ends = np.cumsum(self.weights)
        ranks = np.asarray(shares, np.float64) * (ends[-1] - 1)
        low, high = np.floor(ranks).astype(np.int64), np.ceil(ranks).astype(np.int64)
        lows, highs = (self.values_s[np.searchsorted(ends, rank, side="right")] for rank in (low, high))
        if method == "lower":
            return [float(value) for value in lows]
        if method == "higher":
            return [float(value) for value in highs]
        return [float(value) for value in lows + (highs - lows) * (ranks - low)]


class _Cells:
    """Counts in cells: of equal width over the bulk, and in equal ratios beyond."""

    def __init__(self, first_values_s: NDArray[np.float64]) -> None:
        first, third = np.quantile(first_values_s, [0.25, 0.75])
        reach = _REACH * (third - first) or max(1e-6, abs(first) * 1e-3)
        self.low, self.high = first - reach, third + reach
        self.width = (self.high - self.low) / _CELLS
        # Nearer to zero, cells in equal ratios are the finer ones.
        self.least = self.width / (_RATIO - 1)
        self._bulk = np.zeros(_CELLS, np.int64)
        self._number = int(np.log(_MOST_S / _LEAST_S) / np.log(_RATIO)) + 1
        self._beyond = np.zeros((2, self._number), np.int64)

    def add(self, values_s: NDArray[np.float64]) -> None:
        sizes = np.abs(values_s)
        inside = (values_s >= self.low) & (values_s < self.high) & (sizes >= self.least)
        places = ((values_s[inside] - self.low) / self.width).astype(np.int64)
        self._bulk += np.bincount(np.minimum(places, _CELLS - 1), minlength=_CELLS)
        rest = values_s[~inside]
        ratios = np.clip(sizes[~inside], _LEAST_S, _MOST_S) / _LEAST_S
        cells = np.minimum((np.log(ratios) / np.log(_RATIO)).astype(np.int64), self._number - 1)
        for sign, chosen in enumerate((rest < 0, rest >= 0)):
            self._beyond[sign] += np.bincount(cells[chosen], minlength=self._number)

    def weighted(self) -> Weighted:
        """Give the middle of each cell with its count."""
        sizes = _LEAST_S * _RATIO ** (np.arange(self._number) + 0.5)
        bulk = self.low + (np.arange(_CELLS) + 0.5) * self.width
        values = np.concatenate([-sizes, bulk, sizes])
        weights = np.concatenate([self._beyond[0], self._bulk, self._beyond[1]])
        filled = np.flatnonzero(weights)
        order = filled[np.argsort(values[filled], kind="stable")]
        return Weighted(values[order], weights[order])

    def snapped(self, edges_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Move inner edges to the nearest ends of cells, so that no cell is divided."""
        sizes = np.abs(edges_s)
        places = np.rint((edges_s - self.low) / self.width)
        inside = (edges_s > self.low) & (edges_s < self.high) & (sizes >= self.least)
        powers = np.rint(np.log(np.maximum(sizes, _LEAST_S) / _LEAST_S) / np.log(_RATIO))
        beyond = np.where(sizes < _LEAST_S, 0.0, np.sign(edges_s) * _LEAST_S * _RATIO**powers)
        moved = np.where(inside, self.low + places * self.width, beyond)
        moved[[0, -1]] = edges_s[[0, -1]]
        return np.unique(moved[(moved >= edges_s[0]) & (moved <= edges_s[-1])])


class DelayCounts:
    """Takes delays, float64 s, batch by batch, in memory that does not grow with their number.

    `edges_s` : bins whose counts shall be exact however many delays come; None where they are chosen later.
    """

    def __init__(self, edges_s: NDArray[np.float64] | None = None) -> None:
        self._edges_s = edges_s
        self._counts = None if edges_s is None else np.zeros(len(edges_s) - 1, np.int64)
        self._below = 0
        self._parts: list[NDArray[np.float64]] = []
        self._cells: _Cells | None = None
        self._weighted: Weighted | None = None
        self.count = 0
        self.low_s, self.high_s = np.inf, -np.inf

    @property
    def is_exact(self) -> bool:
        """Whether all delays are known as they are."""
        return self._cells is None

    @property
    def worst_s(self) -> float | None:
        """The largest delay in size, with its sign; None where there is none."""
        if not self.count:
            return None
        return float(self.low_s if -self.low_s > self.high_s else self.high_s)

    def add(self, values_s: NDArray[np.float64]) -> None:
        """Take a batch, (n,) float64 s, in any order."""
        if not len(values_s):
            return
        self._weighted = None
        self.count += len(values_s)
        self.low_s = min(self.low_s, float(values_s.min()))
        self.high_s = max(self.high_s, float(values_s.max()))
        if self._counts is not None and self._edges_s is not None:
            self._counts = self._counts + np.histogram(values_s, self._edges_s)[0]
            self._below += int(np.count_nonzero(values_s < self._edges_s[0]))
        if self._cells is not None:
            self._cells.add(values_s)
            return
        self._parts.append(values_s)
        if self.count > MOST_EXACT:
            held = np.concatenate(self._parts)
            self._parts.clear()
            self._cells = _Cells(held)
            self._cells.add(held)

    def weighted(self) -> Weighted:
        """Give the delays, or the middles of cells, with their counts."""
        if self._weighted is None:
            if self._cells is None:
                self._weighted = Weighted.of(np.concatenate([np.empty(0), *self._parts]))
            else:
                found = self._cells.weighted()
                inside = np.clip(found.values_s, self.low_s, self.high_s)
                # Bins end with the delays themselves, not with the middles of their cells.
                inside[0], inside[-1] = self.low_s, self.high_s
                self._weighted = Weighted(inside, found.weights)
        return self._weighted

    def quantiles(self, shares: Sequence[float]) -> list[float]:
        """Give quantiles, s; within 0.1 % of those of all delays."""
        return self.weighted().quantiles(shares)

    def suited(self, edges_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Move edges that the program chose so little that the counts are exact."""
        return edges_s if self._cells is None else self._cells.snapped(edges_s)

    def histogram(self, edges_s: NDArray[np.float64]) -> tuple[NDArray[np.int64], int, int]:
        """Count in bins, as `numpy.histogram`: (n,) int64; then how many lie below and above all bins."""
        weighted = self.weighted()
        values, weights = weighted.values_s, weighted.weights
        counts, below = self._counts, self._below
        if counts is None or self._edges_s is None or not np.array_equal(edges_s, self._edges_s):
            counts = np.histogram(values, edges_s, weights=weights)[0].astype(np.int64)
            below = int(weights[values < edges_s[0]].sum())
        return counts, below, self.count - below - int(counts.sum())
