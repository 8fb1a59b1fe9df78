"""Delays between two stamps of a topic, and their distribution."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.delay_counts import DelayCounts
from efdviewer.domain.errors import BadInputError
from efdviewer.domain.events import full_stamp, is_stamp, short_stamp, stamp_s, stamp_scale
from efdviewer.domain.odd_delays import LONGEST_S, OddDelays, odd_delays
from efdviewer.domain.quoting import split_quoted, unquote
from efdviewer.domain.samples import times
from efdviewer.domain.timerange import FIRST_SHOWN_NS
from efdviewer.domain.timescale import Timescale, ns_from_s, tai_ns_from_utc_ns, utc_ns_from_tai_ns

DEFAULT_MINUEND, DEFAULT_SUBTRAHEND = "private_rcvStamp", "private_sndStamp"
_NEAR_OFFSET_S = 0.6


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
    """What is left of two stamps, in the order of the rows.

    `values_s` : (n,) float64 seconds; `index_utc_ns` : (n,) int64, the index of each row. `odd` : how many
    rows are odd, and how; those of more than a day are not among the values.
    """

    values_s: NDArray[np.float64]
    index_utc_ns: NDArray[np.int64]
    odd: OddDelays

    @property
    def absent(self) -> int:
        """Rows in which one of the two stamps is missing or zero."""
        return self.odd.absent


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
    has_minuend, has_subtrahend = is_stamp(minuend), is_stamp(subtrahend)
    present = has_minuend & has_subtrahend
    zero_later = (minuend == 0) & ~has_minuend
    zero_earlier = (subtrahend == 0) & ~has_subtrahend & ~zero_later
    moments = times(table)
    values = _subtracted(minuend[present], subtrahend[present], pair, {} if raw else scales, raw=raw)
    sane = np.abs(values) <= LONGEST_S
    kept = values[sane]
    offset_s = leap_offset_s(int(moments[0])) if len(moments) else 0.0
    left_out = OddDelays(
        zero_later=int(np.count_nonzero(zero_later)),
        zero_earlier=int(np.count_nonzero(zero_earlier)),
        missing=int(np.count_nonzero(~present & ~zero_later & ~zero_earlier)),
        absurd=len(values) - len(kept),
        offset_s=offset_s,
    )
    return Differences(
        values_s=kept,
        index_utc_ns=moments[present][sane],
        odd=left_out.plus(odd_delays(kept, offset_s)),
    )


def _subtracted(
    minuend: NDArray[np.float64],
    subtrahend: NDArray[np.float64],
    pair: StampPair,
    scales: Mapping[str, Timescale],
    *,
    raw: bool,
) -> NDArray[np.float64]:
    values = minuend - subtrahend
    scale_of_minuend, scale_of_subtrahend = (
        scales.get(stamp) or stamp_scale(stamp) for stamp in (pair.minuend, pair.subtrahend)
    )
    if raw or not scale_of_minuend or not scale_of_subtrahend or scale_of_minuend is scale_of_subtrahend:
        return values
    moments = ns_from_s(minuend if scale_of_minuend is Timescale.TAI else subtrahend)
    offset_s = (moments - utc_ns_from_tai_ns(moments)) / 1e9
    return values - offset_s if scale_of_minuend is Timescale.TAI else values + offset_s


def leap_offset_s(utc_ns: int) -> float:
    """Give TAI minus UTC at a moment, s; that of 1972 before it."""
    at_utc_ns = max(utc_ns, FIRST_SHOWN_NS)
    return (tai_ns_from_utc_ns(at_utc_ns) - at_utc_ns) / 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class DelaySummary:
    """Figures of a set of delays, seconds; None where there are no delays. `worst` is the largest in size."""

    count: int
    absent: int
    median_s: float | None = None
    p90_s: float | None = None
    p99_s: float | None = None
    worst_s: float | None = None


def summarise(counts: DelayCounts, absent: int) -> DelaySummary:
    """Give count, median, 90th and 99th percentile and the worst."""
    if not counts.count:
        return DelaySummary(count=0, absent=absent)
    median, p90, p99 = counts.quantiles([0.5, 0.9, 0.99])
    return DelaySummary(
        count=counts.count, absent=absent, median_s=median, p90_s=p90, p99_s=p99, worst_s=counts.worst_s
    )


def suspect_scale(median_s: float | None, at_utc_ns: int) -> str | None:
    """Say so when delays look as if one stamp were written in UTC and the other in TAI."""
    offset_s = leap_offset_s(at_utc_ns)
    if median_s is None or abs(abs(median_s) - offset_s) > _NEAR_OFFSET_S:
        return None
    return (
        f"The median is {median_s:+.1f} s, and TAI minus UTC is {offset_s:.0f} s: one of the stamps seems "
        "to be in UTC, the other in TAI."
    )
