"""Bins of a histogram of delays: typed, or chosen to suit them."""

import itertools
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.delay_counts import Weighted
from efdviewer.domain.errors import BadInputError

_BINS_HINT = (
    "Allowed: auto, a count such as 50, start:stop:step such as 32.5:41.5:1, or edges such as 0, 1, 5."
)
_MOST_BINS = 10_000
_NEARLY_EVEN = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class BinSpec:
    """How to bin: explicit `edges_s`, or a `count` of equal bins, or neither for automatic ones."""

    edges_s: tuple[float, ...] = ()
    count: int = 0


def parse_bins(text: str) -> BinSpec:
    """Read `auto`, a count, `start:stop:step` or a list of edges.

    Raises
    ------
    BadInputError
        If it is none of them; the message says why.
    """
    words = text.strip()
    if words.lower() in ("", "auto"):
        return BinSpec()
    if words.isdecimal():
        if not 1 <= int(words) <= _MOST_BINS:
            raise BadInputError(f"A histogram has 1 to {_MOST_BINS:,} bins.", hint=_BINS_HINT)
        return BinSpec(count=int(words))
    separator = ":" if ":" in words else None
    try:
        numbers = [float(part) for part in (words.split(":") if separator else re.split(r"[,;\s]+", words))]
    except ValueError as error:
        raise BadInputError(f"'{words}' is not a choice of bins.", hint=_BINS_HINT) from error
    if not np.isfinite(numbers).all():
        raise BadInputError("Edges of bins have to be finite.", hint=_BINS_HINT)
    edges = _stepped(numbers) if separator else tuple(numbers)
    if len(edges) < 2 or any(low >= high for low, high in itertools.pairwise(edges)):
        raise BadInputError("Edges of bins have to rise.", hint=_BINS_HINT)
    return BinSpec(edges_s=edges)


def _stepped(numbers: list[float]) -> tuple[float, ...]:
    if len(numbers) != 3 or numbers[2] <= 0 or numbers[1] <= numbers[0]:
        raise BadInputError("start:stop:step needs start below stop and a step above 0.", hint=_BINS_HINT)
    start, stop, step = numbers
    wanted = (stop - start) / step
    if not 0.5 < wanted <= _MOST_BINS:
        raise BadInputError(f"A histogram has 1 to {_MOST_BINS:,} bins.", hint=_BINS_HINT)
    return tuple(start + index * step for index in range(round(wanted) + 1))


def bin_edges(values_s: NDArray[np.float64], spec: BinSpec, *, log: bool = False) -> NDArray[np.float64]:
    """Choose edges, (n+1,) float64 seconds, for all values together, as `weighted_edges` does."""
    return weighted_edges(Weighted.of(values_s), spec, log=log)


def weighted_edges(delays: Weighted, spec: BinSpec, *, log: bool = False) -> NDArray[np.float64]:
    """Choose edges, (n+1,) float64 seconds, for all delays together.

    Automatic bins are as wide as Freedman and Diaconis say (1981), but 20 to 200 of them; one wide bin
    more on each side takes what lies far out: at most three in two hundred, and further from the
    quartiles than six times the distance between them. Otherwise one delay of 3.7 s would put a thousand
    of 0.5 ms into one bin. With `log` bins are equal in the logarithm and hold all values above 0.
    """
    if spec.edges_s:
        return np.array(spec.edges_s, np.float64)
    chosen = delays.above(0.0) if log else delays
    if not len(chosen.values_s):
        return np.array([1e-3 if log else 0.0, 1.0])
    first, last = low, high = float(chosen.values_s[0]), float(chosen.values_s[-1])
    if not spec.count and not log:
        low, high = _core(chosen)
    if low == high:
        margin = max(abs(low) * 1e-3, 1e-6)
        low, high = (low * 0.9, high * 1.1) if log else (low - margin, high + margin)
    if log:
        scaled = Weighted(np.log10(chosen.values_s), chosen.weights)
        count = spec.count or _automatic_count(scaled, np.log10(low), np.log10(high))
        return np.geomspace(low, high, count + 1)
    edges = np.linspace(low, high, (spec.count or _automatic_count(chosen, low, high)) + 1)
    return np.unique(np.concatenate([[min(low, first)], edges, [max(high, last)]]))


def core_range_s(edges_s: NDArray[np.float64]) -> tuple[float, float]:
    """Give the range of bins of equal width, s, without the wide ones that automatic bins end in."""
    first, last = 0, len(edges_s) - 1
    widths = np.diff(edges_s)
    inner = widths[1:-1]
    # Edges that were moved to ends of cells are not quite evenly spaced; logarithmic ones are far from it.
    if len(inner) and inner.max() <= _NEARLY_EVEN * inner.min():
        first += int(widths[0] > 2 * inner[0])
        last -= int(widths[-1] > 2 * inner[0])
    return float(edges_s[first]), float(edges_s[last])


def _core(delays: Weighted) -> tuple[float, float]:
    """Give the ends of a range without far outliers."""
    first, third = delays.quantiles([0.25, 0.75])
    reach = 6 * (third - first)
    low = min(first - reach, *delays.quantiles([0.015], "higher"))
    high = max(third + reach, *delays.quantiles([0.985], "lower"))
    return float(max(low, delays.values_s[0])), float(min(high, delays.values_s[-1]))


def _automatic_count(delays: Weighted, low: float, high: float) -> int:
    first, third = delays.quantiles([0.25, 0.75])
    width = 2 * (third - first) / delays.count ** (1 / 3)
    return int(np.clip(np.ceil((high - low) / width), 20, 200)) if width > 0 else 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Histogram:
    """Delays counted in bins, as `numpy.histogram` does.

    `edges_s` : (n+1,) float64 s; `counts` : (n,) int64; `below`, `above` : numbers beyond the edges.
    """

    edges_s: NDArray[np.float64]
    counts: NDArray[np.int64]
    below: int
    above: int
