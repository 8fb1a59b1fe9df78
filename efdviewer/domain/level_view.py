"""What is drawn of a field: samples, or the minimum and the maximum of each bucket."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.samples import FULL_BUCKETS_FACTOR, connected
from efdviewer.domain.timerange import TimeRange


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeanLine:
    """The means of buckets as a line through them.

    `times_utc_ns` : (k,) int64, ascending; midway between the two points of the bucket.
    `values` : (k,) float64.
    `connect` : (k,) bool; whether the line goes on to the next.
    """

    times_utc_ns: NDArray[np.int64]
    values: NDArray[np.float64]
    connect: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LevelView:
    """The points that are drawn of one field: samples, or the minimum and maximum of each bucket.

    They reach a little beyond `time_range`, so that lines go on to its edges and a view that is moved finds
    more there.

    `times_utc_ns` : (n,) int64, ascending; the two points of a bucket lie within it.
    `values` : (n,) float64.
    `connect` : (n,) bool; whether a line goes from a point to the next. False before a gap.
    `bucket_ns` : width of a bucket, the widest where they differ; 0 where the points are the samples.
    `stepped` : whether a value holds until the next sample.
    `hold_ns` : how long at most the last value of steps is drawn on, ns; None for as long as the view is.
    `means` : the means of the buckets; None where none was asked for or is known.
    `unknown` : the stretches within `time_range` of which the source has told nothing, ascending and apart.
    """

    time_range: TimeRange
    times_utc_ns: NDArray[np.int64]
    values: NDArray[np.float64]
    connect: NDArray[np.bool_]
    bucket_ns: int
    stepped: bool = False
    hold_ns: int | None = None
    means: MeanLine | None = None
    unknown: tuple[TimeRange, ...] = ()

    @property
    def has_points(self) -> bool:
        """Whether a point lies within the range."""
        first, last = np.searchsorted(
            self.times_utc_ns, [self.time_range.start_utc_ns, self.time_range.end_utc_ns]
        )
        return bool(last > first)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Buckets:
    """Minima and maxima of buckets that may differ in width; a sample is a bucket without width.

    All arrays have shape (k,); `starts_utc_ns` and `widths_ns` are int64, ascending and without overlap.
    `unknown` : the stretches of which the source has told nothing, ascending and apart.
    """

    starts_utc_ns: NDArray[np.int64]
    widths_ns: NDArray[np.int64]
    minima: NDArray[Any]
    maxima: NDArray[Any]
    unknown: tuple[TimeRange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeanBuckets:
    """Means of buckets, as `Buckets` has their extremes: all of shape (k,), the means float64."""

    starts_utc_ns: NDArray[np.int64]
    widths_ns: NDArray[np.int64]
    means: NDArray[np.float64]


def view_of_samples(
    times_utc_ns: NDArray[np.int64],
    values: NDArray[Any],
    time_range: TimeRange,
    *,
    stepped: bool,
    lasting: bool = False,
    hold_ns: int | None = None,
) -> LevelView:
    """Draw the samples themselves; those without a finite value are left out and break the line.

    A `lasting` value, the state that an event tells of, stays until the next one however long that takes;
    telemetry that falls silent leaves a gap.
    """
    numbers = values.astype(np.float64)
    present = np.isfinite(numbers)
    broken = np.zeros(int(np.count_nonzero(present)), np.bool_)
    broken[:-1] = np.diff(np.cumsum(~present)[present]) > 0
    moments = times_utc_ns[present]
    return LevelView(
        time_range=time_range,
        times_utc_ns=_frozen(moments),
        values=_frozen(numbers[present]),
        connect=_frozen(_joined(moments, lasting=lasting) & ~broken),
        bucket_ns=0,
        stepped=stepped,
        hold_ns=hold_ns,
    )


def view_of_buckets(
    buckets: Buckets, time_range: TimeRange, *, stepped: bool, lasting: bool = False
) -> LevelView:
    """Draw the minimum and the maximum of each bucket, both within the bucket.

    Of a bucket that reaches across an end of the range both are drawn within the range too, lest an extreme
    at the edge of the picture be hidden. An infinite one breaks the line; the finite one beside it is drawn.
    `lasting` as for samples.
    """
    lows, highs = buckets.minima.astype(np.float64), buckets.maxima.astype(np.float64)
    breaking = np.isinf(lows) | np.isinf(highs)
    lows, highs = np.where(np.isinf(lows), highs, lows), np.where(np.isinf(highs), lows, highs)
    present = np.isfinite(lows) & np.isfinite(highs)
    lows, highs = lows[present], highs[present]
    starts, widths = buckets.starts_utc_ns[present], buckets.widths_ns[present]
    bucket_ns = int(widths.max(initial=0))
    times_utc_ns = np.stack(_places(starts, starts + widths, time_range)[::2], axis=1).ravel()
    values = np.stack([lows, highs], axis=1)
    # A falling signal passes its maximum first; drawn so, the line does not zigzag.
    falling = np.zeros(len(lows), np.bool_)
    falling[1:] = lows[1:] + highs[1:] < lows[:-1] + highs[:-1]
    falling[:1] = falling[1:2].any()
    values[falling] = values[falling, ::-1]
    connect = np.ones(2 * len(starts), np.bool_)
    connect[1::2] = _joined(starts, lasting=lasting, resolution_ns=bucket_ns)
    broken_before = np.cumsum(breaking)[present]
    connect[1:-1:2] &= np.diff(broken_before) + breaking[present][:-1] == 0
    return LevelView(
        time_range=time_range,
        times_utc_ns=_frozen(times_utc_ns),
        values=_frozen(values.ravel()),
        connect=_frozen(connect),
        bucket_ns=bucket_ns,
        stepped=stepped,
        hold_ns=None if lasting else int(FULL_BUCKETS_FACTOR * bucket_ns),
    )


def line_of_means(buckets: MeanBuckets, time_range: TimeRange) -> MeanLine:
    """Draw a line through the means, each midway between the extremes of its bucket.

    One that is not finite, as where a bucket holds an infinite sample, is left out and breaks the line.
    """
    present = np.isfinite(buckets.means)
    starts, widths = buckets.starts_utc_ns[present], buckets.widths_ns[present]
    connect = connected(starts, resolution_ns=int(widths.max(initial=0)))
    connect[:-1] &= np.diff(np.cumsum(~present)[present]) == 0
    return MeanLine(
        times_utc_ns=_frozen(_places(starts, starts + widths, time_range)[1]),
        values=_frozen(buckets.means[present]),
        connect=_frozen(connect),
    )


def _places(
    starts: NDArray[np.int64], ends: NDArray[np.int64], time_range: TimeRange
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Give the times of the first point of each bucket, of its middle and of its second point, ns UTC."""
    for edge in (time_range.start_utc_ns, time_range.end_utc_ns):
        across = (starts < edge) & (edge < ends)
        if edge == time_range.start_utc_ns:
            starts = np.where(across, edge, starts)
        else:
            ends = np.where(across, edge, ends)
    quarter = (ends - starts) // 4
    return starts + quarter, starts + 2 * quarter, starts + 3 * quarter


def _joined(times_utc_ns: NDArray[np.int64], *, lasting: bool, resolution_ns: int = 0) -> NDArray[np.bool_]:
    if not lasting:
        return connected(times_utc_ns, resolution_ns=resolution_ns)
    return np.arange(len(times_utc_ns)) < len(times_utc_ns) - 1


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
