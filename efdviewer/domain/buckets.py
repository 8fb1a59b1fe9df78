"""Aggregates of samples in buckets aligned to the Unix epoch, from batches of any size."""

from collections.abc import Sequence
from dataclasses import dataclass
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
            Float, integer or boolean; booleans become 0 and 1.
        bucket_ns : int
            Width of a bucket, at least 1.
        """
        if pa.types.is_boolean(values.type):
            values = values.cast(pa.int64())
        present = values.is_valid()
        if pa.types.is_floating(values.type):
            present = pc.and_(present, pc.invert(pc.is_nan(pc.fill_null(values, 0.0))))
        kept = present.to_numpy(zero_copy_only=False)
        numbers = pc.filter(values, present).to_numpy(zero_copy_only=False)
        times = times_utc_ns[kept]
        starts = times - times % bucket_ns
        return cls(
            starts_utc_ns=starts,
            counts=np.ones(len(starts), np.int64),
            minima=numbers,
            maxima=numbers,
            totals=numbers.astype(np.longdouble),
            first=numbers,
            last=numbers,
        )._folded()

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

    def _folded(self) -> Self:
        if len(self.starts_utc_ns) == 0:
            return self
        begins = np.flatnonzero(np.diff(self.starts_utc_ns, prepend=self.starts_utc_ns[0] - 1))
        ends = np.append(begins[1:], len(self.starts_utc_ns)) - 1
        return type(self)(
            starts_utc_ns=self.starts_utc_ns[begins],
            counts=np.add.reduceat(self.counts, begins),
            minima=np.minimum.reduceat(self.minima, begins),
            maxima=np.maximum.reduceat(self.maxima, begins),
            totals=np.add.reduceat(self.totals, begins),
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


def summary_table(fields: dict[str, FieldBuckets], aggregates: Sequence[str]) -> pa.Table:
    """Lay the buckets of several fields side by side, as `DataSource.summary` gives them.

    A bucket that only some of the fields have holds null for the others, and 0 for their count.
    """
    starts = np.unique(np.concatenate([buckets.starts_utc_ns for buckets in fields.values()]))
    columns: dict[str, pa.Array] = {"time": pa.array(starts, pa.int64())}
    for name, buckets in fields.items():
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
