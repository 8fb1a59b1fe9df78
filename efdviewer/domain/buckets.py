"""Aggregates of samples in buckets aligned to the Unix epoch, from batches of any size."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FieldBuckets:
    """Aggregates of one field in the buckets that hold a value of it.

    All arrays have shape (k,) and the order of `starts_utc_ns`, which is strictly ascending.
    `minima`, `maxima`, `first` and `last` are int64 for integers and booleans (exact beyond 2^53),
    float64 otherwise. `totals` are sums in extended precision, so that integers cannot overflow.
    Texts are objects in `first` and `last`, and zeros stand where they have nothing.
    """

    starts_utc_ns: NDArray[np.int64]
    counts: NDArray[np.int64]
    minima: NDArray[Any]
    maxima: NDArray[Any]
    totals: NDArray[np.longdouble]
    first: NDArray[Any]
    last: NDArray[Any]

    @classmethod
    def of_samples(cls, times_utc_ns: NDArray[np.int64], values: pa.Array, bucket_ns: int) -> Self:
        """Reduce samples in ascending order of time; nulls and NaN count as absent.

        Parameters
        ----------
        times_utc_ns : (n,) int64
            Nanoseconds of UTC.
        values : (n,) pyarrow array
            Float, integer, boolean or string; booleans become 0 and 1.
        bucket_ns : int
            Width of a bucket, at least 1.
        """
        if pa.types.is_boolean(values.type):
            values = values.cast(pa.int64())
        present = values.is_valid()
        if pa.types.is_floating(values.type):
            present = pc.and_(present, pc.invert(pc.is_nan(pc.fill_null(values, 0.0))))
        kept = present.to_numpy(zero_copy_only=False)
        found = pc.filter(values, present)
        starts = times_utc_ns[kept]
        starts -= starts % bucket_ns
        # Straight from the samples: arrays of their length for each aggregate are memory that stays taken.
        begins, ends = bucket_runs(starts)
        is_text = pa.types.is_string(values.type)
        numbers = np.zeros(len(found)) if is_text else found.to_numpy(zero_copy_only=False)
        return cls(
            starts_utc_ns=starts[begins],
            counts=ends - begins + 1,
            minima=_reduced(np.minimum, numbers, begins),
            maxima=_reduced(np.maximum, numbers, begins),
            totals=summed(numbers, begins),
            first=found.take(pa.array(begins)).to_numpy(zero_copy_only=False),
            last=found.take(pa.array(ends)).to_numpy(zero_copy_only=False),
        )

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Join the buckets of successive batches; a bucket that two batches share becomes one."""
        return cls(
            starts_utc_ns=np.concatenate([part.starts_utc_ns for part in parts]),
            counts=np.concatenate([part.counts for part in parts]),
            minima=np.concatenate([part.minima for part in parts]),
            maxima=np.concatenate([part.maxima for part in parts]),
            totals=np.concatenate([part.totals for part in parts]),
            first=np.concatenate([part.first for part in parts]),
            last=np.concatenate([part.last for part in parts]),
        )._folded()

    def divided(self, before_utc_ns: int) -> tuple[Self, Self]:
        """Give the buckets that begin before a moment, and the others."""
        place = int(np.searchsorted(self.starts_utc_ns, before_utc_ns))
        return self._part(slice(None, place)), self._part(slice(place, None))

    def _part(self, part: slice) -> Self:
        return type(self)(**{each.name: getattr(self, each.name)[part] for each in fields(self)})

    def _folded(self) -> Self:
        begins, ends = bucket_runs(self.starts_utc_ns)
        return type(self)(
            starts_utc_ns=self.starts_utc_ns[begins],
            counts=_reduced(np.add, self.counts, begins),
            minima=_reduced(np.minimum, self.minima, begins),
            maxima=_reduced(np.maximum, self.maxima, begins),
            totals=summed(self.totals, begins),
            first=self.first[begins],
            last=self.last[ends],
        )

    def aggregate(self, name: str) -> NDArray[Any]:
        """Give one of `AGGREGATES` as an array of shape (k,); the mean is float64."""
        match name:
            case "min":
                return self.minima
            case "max":
                return self.maxima
            case "count":
                return self.counts
            case "first":
                return self.first
            case "last":
                return self.last
        return (self.totals / self.counts).astype(np.float64)


def bucket_runs(starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the first and the last place of each bucket in ascending starts."""
    if not len(starts):
        return starts, starts
    begins = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1)).astype(np.int64)
    return begins, np.append(begins[1:], len(starts)) - 1


def _reduced(function: np.ufunc, values: NDArray[Any], begins: NDArray[np.int64]) -> NDArray[Any]:
    return np.asarray(function.reduceat(values, begins)) if len(begins) else values


def summed(values: NDArray[Any], begins: NDArray[np.int64]) -> NDArray[np.longdouble]:
    """Give the sum of each bucket, (k,) in extended precision."""
    if not len(begins):
        return np.empty(0, np.longdouble)
    # Infinities of both signs have no sum, which is then not a number.
    with np.errstate(invalid="ignore"):
        return np.asarray(np.add.reduceat(values, begins, dtype=np.longdouble))


class StreamedReduction:
    """Reduces batches of samples in ascending order of time, holding no more than what is open."""

    def __init__(self, names: Sequence[str], bucket_ns: int, offset_ns: int = 0) -> None:
        """Name the columns of the batches; buckets begin `offset_ns` after multiples of their width."""
        self._names = names
        self._bucket_ns = bucket_ns
        self._offset_ns = offset_ns
        self._open: dict[str, FieldBuckets] = {}

    def add(self, batch: pa.RecordBatch, aggregates: Sequence[str]) -> pa.Table | None:
        """Take a batch; gives the buckets that are complete with it, None where it completes none."""
        moments = np.asarray(batch.column(0).to_numpy(zero_copy_only=False), np.int64) - self._offset_ns
        if not len(moments):
            return None
        open_from = int(moments[-1]) - int(moments[-1]) % self._bucket_ns
        complete = {}
        for name in self._names:
            buckets = FieldBuckets.of_samples(moments, batch.column(name), self._bucket_ns)
            if name in self._open:
                buckets = FieldBuckets.joined([self._open[name], buckets])
            complete[name], self._open[name] = buckets.divided(open_from)
        if not any(len(buckets.starts_utc_ns) for buckets in complete.values()):
            return None
        return summary_table(complete, aggregates, self._offset_ns)

    def rest(self, aggregates: Sequence[str]) -> pa.Table:
        """Give the buckets that are still open."""
        if not self._open:
            return pa.table({"time": pa.array([], pa.int64())})
        return summary_table(self._open, aggregates, self._offset_ns)


def summary_table(series: dict[str, FieldBuckets], aggregates: Sequence[str], offset_ns: int = 0) -> pa.Table:
    """Lay the buckets of several fields side by side, as `DataSource.summary` gives them.

    `offset_ns` is added to their starts. A bucket that only some of the fields have holds null for the
    others, and 0 for their count.
    """
    starts = np.unique(np.concatenate([buckets.starts_utc_ns for buckets in series.values()]))
    columns: dict[str, pa.Array] = {"time": pa.array(starts + offset_ns, pa.int64())}
    for name, buckets in series.items():
        places = np.searchsorted(starts, buckets.starts_utc_ns)
        absent = np.ones(len(starts), np.bool_)
        absent[places] = False
        for aggregate in aggregates:
            values = buckets.aggregate(aggregate)
            spread = np.zeros(len(starts), values.dtype)
            spread[places] = values
            mask = None if aggregate == "count" else absent
            columns[f"{name}_{aggregate}"] = pa.array(spread, mask=mask)
    return pa.Table.from_arrays(list(columns.values()), names=list(columns))
