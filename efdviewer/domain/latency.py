"""Delays between two stamps of a topic, and their distribution."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.errors import BadInputError
from efdviewer.domain.events import full_stamp, is_stamp, short_stamp, stamp_s, stamp_scale
from efdviewer.domain.quoting import split_quoted, unquote
from efdviewer.domain.timescale import Timescale, ns_from_s, tai_ns_from_utc_ns, utc_ns_from_tai_ns

DEFAULT_MINUEND, DEFAULT_SUBTRAHEND = "private_rcvStamp", "private_sndStamp"
_BINS_HINT = (
    "Allowed: auto, a count such as 50, start:stop:step such as 32.5:41.5:1, or edges such as 0, 1, 5."
)
_MOST_BINS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StampPair:
    """Two stamps of a topic, by the names of their fields; the delay is the first minus the second."""

    topic: str
    minuend: str = DEFAULT_MINUEND
    subtrahend: str = DEFAULT_SUBTRAHEND

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `TOPIC[:STAMP-STAMP]`; stamps may be named as people name them, `rcvStamp-sndStamp`.

        Raises
        ------
        BadInputError
            If it has another form.
        """
        topic, *stamps = split_quoted(text, ":")
        if not unquote(topic) or len(stamps) > 1:
            raise BadInputError(f"'{text}' is not TOPIC[:STAMP-STAMP].")
        if not stamps:
            return cls(topic=unquote(topic))
        pair = split_quoted(stamps[0], "-")
        if len(pair) != 2 or not all(pair):
            raise BadInputError(f"'{stamps[0]}' is not STAMP-STAMP.", hint="Example: rcvStamp-sndStamp.")
        minuend, subtrahend = (full_stamp(unquote(stamp)) for stamp in pair)
        return cls(topic=unquote(topic), minuend=minuend, subtrahend=subtrahend)

    @property
    def title(self) -> str:
        """Text for people."""
        return f"{short_stamp(self.minuend)} − {short_stamp(self.subtrahend)}"  # noqa: RUF001


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Differences:
    """What is left of two stamps.

    `values_s` : (n,) float64 seconds, ascending, which makes all that is asked of them quick.
    `absent` : rows in which one of the two stamps is missing or zero.
    """

    values_s: NDArray[np.float64]
    absent: int


def differences_s(
    table: pa.Table, pair: StampPair, *, scales: Mapping[str, Timescale], raw: bool
) -> Differences:
    """Subtract two stamps in float64 seconds.

    Parameters
    ----------
    table : pyarrow.Table
        `time` (int64 ns UTC) and the columns of both stamps (float64 s), unless a stamp is `time`.
    scales : mapping
        Scales set by hand, by stamp; the others are told by their names.
    raw : bool
        Take the numbers as they are written, whatever their scales.
    """
    minuend, subtrahend = stamp_s(table, pair.minuend), stamp_s(table, pair.subtrahend)
    present = is_stamp(minuend) & is_stamp(subtrahend)
    minuend, subtrahend = minuend[present], subtrahend[present]
    values = minuend - subtrahend
    scale_of_minuend, scale_of_subtrahend = (
        scales.get(stamp) or stamp_scale(stamp) for stamp in (pair.minuend, pair.subtrahend)
    )
    if not raw and scale_of_minuend and scale_of_subtrahend and scale_of_minuend is not scale_of_subtrahend:
        in_tai = minuend if scale_of_minuend is Timescale.TAI else subtrahend
        moments = ns_from_s(in_tai)
        offset_s = (moments - utc_ns_from_tai_ns(moments)) / 1e9
        values = values - offset_s if scale_of_minuend is Timescale.TAI else values + offset_s
    return Differences(values_s=np.sort(values), absent=int(len(present) - np.count_nonzero(present)))


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
    """Choose edges, (n+1,) float64 seconds, for all values together.

    Automatic bins are as wide as Freedman and Diaconis say (1981), but 20 to 200 of them; one wide bin
    more on each side takes what lies far out: at most three in two hundred, and further from the
    quartiles than six times the distance between them. Otherwise one delay of 3.7 s would put a thousand
    of 0.5 ms into one bin. With `log` bins are equal in the logarithm and hold all values above 0.
    """
    if spec.edges_s:
        return np.array(spec.edges_s, np.float64)
    finite = values_s[values_s > 0] if log else values_s
    if not len(finite):
        return np.array([1e-3 if log else 0.0, 1.0])
    low, high = float(finite.min()), float(finite.max())
    if not spec.count and not log:
        low, high = _core(finite)
    if low == high:
        margin = max(abs(low) * 1e-3, 1e-6)
        low, high = (low * 0.9, high * 1.1) if log else (low - margin, high + margin)
    scaled = (np.log10(finite), np.log10(low), np.log10(high)) if log else (finite, low, high)
    count = spec.count or _automatic_count(*scaled)
    if log:
        return np.geomspace(low, high, count + 1)
    edges = np.linspace(low, high, count + 1)
    return np.unique(np.concatenate([[finite.min(initial=low)], edges, [finite.max(initial=high)]]))


def core_range_s(edges_s: NDArray[np.float64]) -> tuple[float, float]:
    """Give the range of bins of equal width, s, without the wide ones that automatic bins end in."""
    first, last = 0, len(edges_s) - 1
    widths = np.diff(edges_s)
    inner = widths[1:-1]
    if len(inner) and np.allclose(inner, inner[0], rtol=1e-6, atol=0):
        first += int(widths[0] > 2 * inner[0])
        last -= int(widths[-1] > 2 * inner[0])
    return float(edges_s[first]), float(edges_s[last])


def _core(values: NDArray[np.float64]) -> tuple[float, float]:
    """Give the ends of a range without far outliers."""
    first, third = np.quantile(values, [0.25, 0.75])
    reach = 6 * (third - first)
    low = min(first - reach, np.quantile(values, 0.015, method="higher"))
    high = max(third + reach, np.quantile(values, 0.985, method="lower"))
    return float(max(low, values.min())), float(min(high, values.max()))


def _automatic_count(values: NDArray[np.float64], low: float, high: float) -> int:
    first, third = np.quantile(values, [0.25, 0.75])
    width = 2 * (third - first) / len(values) ** (1 / 3)
    return int(np.clip(np.ceil((high - low) / width), 20, 200)) if width > 0 else 20


class Histogram:
    """Counts values batch by batch in fixed edges, as `numpy.histogram` does for all at once.

    `counts` : (n,) int64, one for each bin; `below`, `above` : numbers of values beyond the edges.
    """

    def __init__(self, edges_s: NDArray[np.float64]) -> None:
        self.edges_s = edges_s
        self.counts: NDArray[np.int64] = np.zeros(len(edges_s) - 1, np.int64)
        self.below = 0
        self.above = 0

    def add(self, values_s: NDArray[np.float64]) -> None:
        """Count one batch."""
        self.counts = self.counts + np.histogram(values_s, self.edges_s)[0]
        self.below += int(np.count_nonzero(values_s < self.edges_s[0]))
        self.above += int(np.count_nonzero(values_s > self.edges_s[-1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class DelaySummary:
    """Figures of a set of delays, seconds; None where there are no delays. `worst` is the largest in size."""

    count: int
    absent: int
    median_s: float | None = None
    p90_s: float | None = None
    p99_s: float | None = None
    worst_s: float | None = None


def summarise(delays: Differences) -> DelaySummary:
    """Give count, median, 90th and 99th percentile and the worst."""
    values = delays.values_s
    if not len(values):
        return DelaySummary(count=0, absent=delays.absent)
    median, p90, p99 = (float(figure) for figure in np.quantile(values, [0.5, 0.9, 0.99]))
    worst = float(values[0] if -values[0] > values[-1] else values[-1])
    return DelaySummary(
        count=len(values), absent=delays.absent, median_s=median, p90_s=p90, p99_s=p99, worst_s=worst
    )


def suspect_scale(values_s: NDArray[np.float64], at_utc_ns: int) -> str | None:
    """Say so when the delays look as if one stamp were written in UTC and the other in TAI."""
    if not len(values_s):
        return None
    offset_s = (tai_ns_from_utc_ns(at_utc_ns) - at_utc_ns) / 1e9
    median = float(np.median(values_s))
    if abs(abs(median) - offset_s) > 0.6:
        return None
    return f"The median is {median:+.1f} s, TAI minus UTC: one of the stamps seems to be in another scale."
