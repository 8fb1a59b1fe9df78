"""Events as moments: which stamps a topic has, in which scale, and where they lie on the UTC axis."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.samples import column_as_float, times
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, ns_from_s, utc_ns_from_tai_ns
from efdviewer.domain.topics import FieldSchema, FieldType

PRIVATE_STAMPS = ("private_sndStamp", "private_rcvStamp", "private_kafkaStamp", "private_efdStamp")
"""Stamps that SAL and the EFD add; the first three are TAI seconds, the last UTC seconds."""
_EARLIEST_STAMP_S = 63_072_010.0
"""1972-01-01 in TAI; anything earlier is no stamp, zero above all."""
_LEAST_MS = 1e11


def stamp_scale(name: str) -> Timescale | None:
    """Tell the scale of a stamp by its name; None for a field that is no stamp."""
    if name in ("time", "private_efdStamp"):
        return Timescale.UTC
    if name in PRIVATE_STAMPS or name.lower().endswith("timestamp"):
        return Timescale.TAI
    return None


def stamps_of(fields: Sequence[FieldSchema]) -> tuple[str, ...]:
    """List a topic's own stamps: `time`, the private ones, then those that say when it was measured."""
    numeric = [field.name for field in fields if field.type in (FieldType.FLOAT, FieldType.INTEGER)]
    private = [name for name in PRIVATE_STAMPS if name in numeric]
    measured = sorted(name for name in numeric if name not in private and stamp_scale(name) is not None)
    return ("time", *private, *measured)


def short_stamp(name: str) -> str:
    """Give the name that people use, e.g. `sndStamp`."""
    return name.removeprefix("private_") if name in PRIVATE_STAMPS else name


def full_stamp(name: str) -> str:
    """Give the field's name of what people call `sndStamp`; other names are fields as they are."""
    return f"private_{name}" if f"private_{name}" in PRIVATE_STAMPS else name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EventSet:
    """Events of one topic placed at one of their stamps.

    `times_utc_ns` : (n,) int64, sorted; where the stamp lies, ns UTC.
    `index_utc_ns` : (n,) int64; the row's `time`, in the same order.
    `absent_utc_ns` : (m,) int64; `time` of the rows whose stamp is zero, missing or not a number.
    `covered` : where none is missing, as of when it was asked for; None if that was not told.
    """

    topic: str
    stamp: str
    times_utc_ns: NDArray[np.int64]
    index_utc_ns: NDArray[np.int64]
    absent_utc_ns: NDArray[np.int64]
    covered: TimeRange | None = None

    @property
    def absent(self) -> int:
        """Number of rows that could not be placed."""
        return len(self.absent_utc_ns)

    def in_range(self, time_range: TimeRange) -> NDArray[np.int64]:
        """Give the events that lie in a range, (m,) int64 ns UTC."""
        first, last = np.searchsorted(self.times_utc_ns, [time_range.start_utc_ns, time_range.end_utc_ns])
        return self.times_utc_ns[first:last]

    def count_in(self, time_range: TimeRange) -> tuple[int, bool]:
        """Count the events in a range, which is always exact."""
        return len(self.in_range(time_range)), True

    def least_in(self, time_range: TimeRange) -> int:
        """Give how many events a range holds for certain, also where not all are known."""
        return len(self.in_range(time_range))

    def continued(self, later: "EventSet", *, start_utc_ns: int, from_utc_ns: int) -> "EventSet":
        """Go on with rows that were loaded later: they replace all whose `time` is not before `from_utc_ns`.

        Rows before `start_utc_ns` are forgotten. The outcome is as if all had been loaded at once.
        """
        kept = _between(self.index_utc_ns, start_utc_ns, from_utc_ns)
        absent = self.absent_utc_ns[_between(self.absent_utc_ns, start_utc_ns, from_utc_ns)]
        return _event_set(
            self.topic,
            self.stamp,
            moments=np.concatenate([self.times_utc_ns[kept], later.times_utc_ns]),
            index=np.concatenate([self.index_utc_ns[kept], later.index_utc_ns]),
            absent=np.concatenate([absent, later.absent_utc_ns]),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EventDensity:
    """How many events of one topic lie where, for views in which they are too many to be drawn one by one.

    `starts_utc_ns` : (k,) int64, ascending; the starts of the buckets that hold events, ns UTC.
    `counts` : (k,) int64; the events in each.
    `bucket_ns` : width of a bucket.
    `covered` : as for an `EventSet`.
    """

    topic: str
    stamp: str
    starts_utc_ns: NDArray[np.int64]
    counts: NDArray[np.int64]
    bucket_ns: int
    covered: TimeRange | None = None

    def count_in(self, time_range: TimeRange) -> tuple[int, bool]:
        """Count the events in a range, and tell whether that is exact.

        It is not where the range ends within a bucket, which then counts by its share.
        """
        first, last = self._touched(time_range)
        starts, counts = self.starts_utc_ns[first:last], self.counts[first:last]
        begins = np.maximum(starts, time_range.start_utc_ns)
        inside_ns = np.minimum(starts + self.bucket_ns, time_range.end_utc_ns) - begins
        is_exact = bool((inside_ns == self.bucket_ns).all())
        return round(float((counts * (inside_ns / self.bucket_ns)).sum())), is_exact

    def least_in(self, time_range: TimeRange) -> int:
        """Give how many events a range holds for certain: those of the buckets that lie wholly within."""
        ends = [time_range.start_utc_ns, time_range.end_utc_ns - self.bucket_ns + 1]
        first, last = np.searchsorted(self.starts_utc_ns, ends)
        return int(self.counts[first:last].sum())

    def crowd_over(self, time_range: TimeRange) -> tuple[TimeRange, int] | None:
        """Give the buckets that a range touches, from the first to the last with events, and how many."""
        first, last = self._touched(time_range)
        if first == last:
            return None
        touched = TimeRange(
            start_utc_ns=int(self.starts_utc_ns[first]),
            end_utc_ns=int(self.starts_utc_ns[last - 1]) + self.bucket_ns,
        )
        return touched, int(self.counts[first:last].sum())

    def by_column(self, time_range: TimeRange, columns: int) -> NDArray[np.float64]:
        """Spread the events over pixel columns, (columns,) float64: each bucket evenly over its width.

        Whole buckets would make stripes, since some columns have two of them and others one.
        """
        first, last = self._touched(time_range)
        starts = (self.starts_utc_ns[first:last] - time_range.start_utc_ns).astype(np.float64)
        if not len(starts):
            return np.zeros(columns)
        corners = np.stack([starts, starts + self.bucket_ns], axis=1).ravel()
        passed = np.concatenate([[0], np.cumsum(self.counts[first:last])]).astype(np.float64)
        heights = np.stack([passed[:-1], passed[1:]], axis=1).ravel()
        return np.diff(np.interp(np.linspace(0, time_range.span_ns, columns + 1), corners, heights))

    def _touched(self, time_range: TimeRange) -> tuple[int, int]:
        bounds = [time_range.start_utc_ns - self.bucket_ns + 1, time_range.end_utc_ns]
        first, last = np.searchsorted(self.starts_utc_ns, bounds)
        return int(first), int(last)


def density_of(events: EventSet, bucket_ns: int) -> EventDensity:
    """Count events in buckets that begin at multiples of their width since the Unix epoch."""
    starts = events.times_utc_ns - events.times_utc_ns % bucket_ns
    firsts = np.flatnonzero(np.diff(starts, prepend=starts[:1] - 1))
    counts = np.diff(firsts, append=len(starts)).astype(np.int64)
    return density(events.topic, events.stamp, starts[firsts], counts, bucket_ns, covered=events.covered)


def density(
    topic: str,
    stamp: str,
    starts_utc_ns: NDArray[np.int64],
    counts: NDArray[np.int64],
    bucket_ns: int,
    *,
    covered: TimeRange | None = None,
) -> EventDensity:
    """Make a density of buckets, given in ascending order; the arrays become read-only."""
    for array in (starts_utc_ns, counts):
        array.flags.writeable = False
    return EventDensity(
        topic=topic,
        stamp=stamp,
        starts_utc_ns=starts_utc_ns,
        counts=counts,
        bucket_ns=bucket_ns,
        covered=covered,
    )


def placed(table: pa.Table, *, topic: str, stamp: str, scale: Timescale) -> EventSet:
    """Place the rows of a table with `time` and a stamp column on the UTC axis.

    Parameters
    ----------
    table : pyarrow.Table
        `time`, int64 ns UTC, and the stamp in `scale`, as `stamp_s` reads it (unless it is `time`).
    """
    index = times(table)
    moments, rows = placed_rows(table, stamp=stamp, scale=scale)
    absent = np.ones(len(index), np.bool_)
    absent[rows] = False
    return _event_set(topic, stamp, moments=moments, index=index[rows], absent=index[absent])


def placed_rows(
    table: pa.Table, *, stamp: str, scale: Timescale
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Place rows as `placed` does.

    Returns
    -------
    (n,) int64, (n,) int64
        Where each row with a stamp lies, ns UTC, ascending, and which row of the table it is.
    """
    index = times(table)
    if stamp == "time":
        # Before October 2021 some writers put TAI here, which a person may say by hand.
        moments = utc_ns_from_tai_ns(index) if scale is Timescale.TAI else index
        rows = np.arange(len(index))
    else:
        stamps_s = stamp_s(table, stamp)
        rows = np.flatnonzero(is_stamp(stamps_s))
        moments = ns_from_s(stamps_s[rows])
        if scale is Timescale.TAI:
            moments = utc_ns_from_tai_ns(moments)
    order = np.argsort(moments, kind="stable")
    return moments[order], rows[order]


def _event_set(
    topic: str,
    stamp: str,
    *,
    moments: NDArray[np.int64],
    index: NDArray[np.int64],
    absent: NDArray[np.int64],
) -> EventSet:
    order = np.argsort(moments, kind="stable")
    times_utc_ns, index_utc_ns = moments[order], index[order]
    for array in (times_utc_ns, index_utc_ns, absent):
        array.flags.writeable = False
    return EventSet(
        topic=topic,
        stamp=stamp,
        times_utc_ns=times_utc_ns,
        index_utc_ns=index_utc_ns,
        absent_utc_ns=absent,
    )


def _between(times_utc_ns: NDArray[np.int64], start_utc_ns: int, end_utc_ns: int) -> NDArray[np.bool_]:
    return (times_utc_ns >= start_utc_ns) & (times_utc_ns < end_utc_ns)


def stamp_s(table: pa.Table, stamp: str) -> NDArray[np.float64]:
    """Give a stamp of each row, (n,) float64 seconds in its own scale, NaN for null.

    `time` becomes seconds too. SAL seconds and the milliseconds in which the camera writes `timestamp`
    cannot be taken for one another: 1e11 s lies in the year 5138, 1e11 ms in 1973.
    """
    if stamp == "time":
        return times(table) / 1e9
    stamps = column_as_float(table, stamp)
    return np.where(stamps > _LEAST_MS, stamps / 1e3, stamps)


def is_stamp(stamps_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which values are stamps; zero means absent, and so does what cannot be a time."""
    with np.errstate(invalid="ignore"):
        return np.isfinite(stamps_s) & (stamps_s >= _EARLIEST_STAMP_S) & (stamps_s < 9.2e9)


def thin_to_columns(
    times_utc_ns: NDArray[np.int64], time_range: TimeRange, columns: int
) -> NDArray[np.int64]:
    """Give the pixel columns, (m,) int64 ascending, in which at least one of the sorted times lies."""
    # A column begins at the first nanosecond that is drawn in it, rounded up; no product overflows int64.
    whole, rest = divmod(time_range.span_ns, columns)
    places = np.arange(columns + 1, dtype=np.int64)
    edges = time_range.start_utc_ns + places * whole - (-places * rest) // columns
    bounds = np.searchsorted(times_utc_ns, edges)
    return np.flatnonzero(np.diff(bounds)).astype(np.int64)
