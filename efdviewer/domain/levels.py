"""How much detail a view needs, and what is drawn of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.samples import FULL_BUCKETS_FACTOR, column_as_float, connected, times
from efdviewer.domain.timerange import TimeRange, clamped


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LevelView:
    """The points that are drawn of one field: samples, or the minimum and maximum of each bucket.

    `times_utc_ns` : (n,) int64, ascending; the two points of a bucket lie within it.
    `values` : (n,) float64.
    `connect` : (n,) bool; whether a line goes from a point to the next. False before a gap.
    `bucket_ns` : width of a bucket; 0 where the points are the samples themselves.
    `stepped` : whether a value holds until the next sample.
    `hold_ns` : how long at most the last value of steps is drawn on, ns; None for as long as the view is.
    """

    time_range: TimeRange
    times_utc_ns: NDArray[np.int64]
    values: NDArray[np.float64]
    connect: NDArray[np.bool_]
    bucket_ns: int
    stepped: bool = False
    hold_ns: int | None = None


SAMPLES_PER_COLUMN = 4
"""So many points a pixel column are the most that is drawn."""
_SECOND_NS = 1_000_000_000
_FINEST_NS = _SECOND_NS >> 9
"""About 2 ms; below this, samples are cheaper than buckets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPlan:
    """What to ask for: a summary unless `bucket_ns` is 0, samples unless `sample_limit` is 0, or both."""

    bucket_ns: int
    sample_limit: int


def bucket_for(span_ns: int, columns: int) -> int:
    """Give the width of a bucket, ns, with one to two of them a pixel column; 0 where samples are better.

    Widths are one second times a power of two, so that a person can read them; they are whole
    nanoseconds down to the finest.
    """
    columns = max(1, columns)
    width_ns = _FINEST_NS
    if span_ns < width_ns * columns:
        return 0
    while width_ns * 2 * columns <= span_ns:
        width_ns *= 2
    return width_ns


def readable(time_range: TimeRange) -> TimeRange:
    """Round a range to a power of ten of about a hundred-thousandth of it, ns.

    That is less than a pixel on any screen, and its ends are written with few digits.
    """
    step_ns = _readable_step(time_range.span_ns)
    span_ns = -(-time_range.span_ns // step_ns) * step_ns
    # Rounded up to a power of ten the span has a wider step, of which it is a multiple as well.
    step_ns = _readable_step(span_ns)
    start_utc_ns = (time_range.start_utc_ns + step_ns // 2) // step_ns * step_ns
    return clamped(start_utc_ns, start_utc_ns + span_ns)


def _readable_step(span_ns: int) -> int:
    return int(10 ** max(0, len(str(span_ns // 100_000)) - 1))


def describe_bucket(bucket_ns: int) -> str:
    """Say what the points of a view are."""
    if bucket_ns == 0:
        return "samples"
    for name, width_ns in (("d", 86_400 * _SECOND_NS), ("h", 3600 * _SECOND_NS), ("min", 60 * _SECOND_NS)):
        if bucket_ns >= 4 * width_ns:
            return f"min and max of {bucket_ns / width_ns:.3g} {name}"
    if bucket_ns >= _SECOND_NS:
        return f"min and max of {bucket_ns // _SECOND_NS} s"
    return f"min and max of {bucket_ns / 1e6:.4g} ms"


def plan(span_ns: int, columns: int, rate_hz: float | None) -> ViewPlan:
    """Choose between samples and a summary for a span where the rate of samples is known, else both."""
    limit = SAMPLES_PER_COLUMN * columns
    bucket_ns = bucket_for(span_ns, columns)
    expected = None if rate_hz is None else rate_hz * span_ns / _SECOND_NS
    if not bucket_ns or (expected is not None and expected <= limit / 2):
        return ViewPlan(bucket_ns=0, sample_limit=limit)
    if expected is not None and expected > 4 * limit:
        return ViewPlan(bucket_ns=bucket_ns, sample_limit=0)
    return ViewPlan(bucket_ns=bucket_ns, sample_limit=limit)


def view_from_samples(
    table: pa.Table,
    field: str,
    time_range: TimeRange,
    *,
    stepped: bool,
    lasting: bool = False,
    hold_ns: int | None = None,
) -> LevelView:
    """Draw the samples themselves; those without a finite value are left out and break the line.

    Nulls are no samples and break nothing. A `lasting` value, the state that an event tells of, stays
    until the next one however long that takes; telemetry that falls silent leaves a gap.
    """
    values = column_as_float(table, field)
    present = np.isfinite(values)
    moments = times(table)
    breaking = ~present & table.column(field).is_valid().to_numpy()
    broken = np.zeros(int(np.count_nonzero(present)), np.bool_)
    broken[:-1] = np.diff(np.cumsum(breaking)[present]) > 0
    times_utc_ns = moments[present]
    return LevelView(
        time_range=time_range,
        times_utc_ns=_frozen(times_utc_ns),
        values=_frozen(values[present]),
        connect=_frozen(_joined(times_utc_ns, lasting=lasting) & ~broken),
        bucket_ns=0,
        stepped=stepped,
        hold_ns=hold_ns,
    )


def view_from_summary(
    table: pa.Table,
    field: str,
    time_range: TimeRange,
    bucket_ns: int,
    *,
    stepped: bool,
    lasting: bool = False,
) -> LevelView:
    """Draw the minimum and the maximum of each bucket, both within the bucket and within the range.

    A bucket with an infinite one is left out and breaks the line. `lasting` as for samples.
    """
    lows, highs = column_as_float(table, f"{field}_min"), column_as_float(table, f"{field}_max")
    present = np.isfinite(lows) & np.isfinite(highs)
    breaking = np.isinf(lows) | np.isinf(highs)
    lows, highs, starts = lows[present], highs[present], times(table)[present]
    first = np.maximum(starts, time_range.start_utc_ns)
    last = np.minimum(starts + bucket_ns, time_range.end_utc_ns)
    quarter = (last - first) // 4
    times_utc_ns = np.stack([first + quarter, first + 3 * quarter], axis=1).ravel()
    values = np.stack([lows, highs], axis=1)
    # A falling signal passes its maximum first; drawn so, the line does not zigzag.
    falling = np.zeros(len(lows), np.bool_)
    falling[1:] = lows[1:] + highs[1:] < lows[:-1] + highs[:-1]
    falling[:1] = falling[1:2].any()
    values[falling] = values[falling, ::-1]
    connect = np.ones(2 * len(starts), np.bool_)
    connect[1::2] = _joined(starts, lasting=lasting, resolution_ns=bucket_ns)
    connect[1:-1:2] &= np.diff(np.cumsum(breaking)[present]) == 0
    return LevelView(
        time_range=time_range,
        times_utc_ns=_frozen(times_utc_ns),
        values=_frozen(values.ravel()),
        connect=_frozen(connect),
        bucket_ns=bucket_ns,
        stepped=stepped,
        hold_ns=None if lasting else int(FULL_BUCKETS_FACTOR * bucket_ns),
    )


def _joined(times_utc_ns: NDArray[np.int64], *, lasting: bool, resolution_ns: int = 0) -> NDArray[np.bool_]:
    if not lasting:
        return connected(times_utc_ns, resolution_ns=resolution_ns)
    return np.arange(len(times_utc_ns)) < len(times_utc_ns) - 1


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
