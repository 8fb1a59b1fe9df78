"""Samples as a source gives them: one `time` column, int64 ns UTC, and one column for each field."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from efdviewer.domain.errors import BadInputError

GAP_FACTOR = 10.0
"""A spacing this many times the usual one is a gap: ten missed samples are no jitter."""
FULL_BUCKETS_FACTOR = 3.0
"""The same where every bucket is usually filled."""


def times(table: pa.Table) -> NDArray[np.int64]:
    """Give the `time` column, (n,) int64 ns UTC."""
    return np.asarray(table.column("time").to_numpy(), np.int64)


def continued(held: pa.Table, later: pa.Table, start_utc_ns: int, from_utc_ns: int) -> pa.Table:
    """Go on with rows that were loaded later: they replace all held ones from `from_utc_ns` on.

    Both are ascending in `time`; held rows before `start_utc_ns` are forgotten.
    """
    first, last = np.searchsorted(times(held), [start_utc_ns, from_utc_ns])
    kept = held.slice(first, max(0, last - first))
    # A column without a value in one of them may come as another type.
    return pa.concat_tables([kept, later], promote_options="permissive").combine_chunks()


def column_as_float(table: pa.Table, name: str) -> NDArray[np.float64]:
    """Give a numeric or boolean column as (n,) float64, NaN for null, 0 and 1 for booleans.

    Raises
    ------
    BadInputError
        If the column holds text.
    """
    column = table.column(name)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        raise BadInputError(f"{name} is text and has no numeric value.")
    if pa.types.is_boolean(column.type):
        column = pc.cast(column, pa.int8())
    values = pc.cast(column, pa.float64(), safe=False)
    return np.asarray(pc.fill_null(values, float("nan")).to_numpy(), np.float64)


def usual_spacing_ns(times_utc_ns: NDArray[np.int64]) -> float | None:
    """Give the usual spacing of samples, ns; None for fewer than three, which do not tell.

    It is the 90th percentile of all, so that what comes in bursts, or now and then, has a long one.
    """
    if len(times_utc_ns) < 3:
        return None
    return float(np.quantile(np.diff(times_utc_ns), 0.9))


def connected(times_utc_ns: NDArray[np.int64], *, resolution_ns: int = 0) -> NDArray[np.bool_]:
    """Tell where a line may go from a sample to the next.

    It may not where the spacing is more than ten times the usual one. The usual spacing is the 90th
    percentile of all, so that what comes in bursts, or now and then, is not torn apart, while a hole in
    steady telemetry is one. `resolution_ns`, the width of a bucket, is the least spacing that counts.

    Returns
    -------
    (n,) bool
        False for the last sample.
    """
    connect = np.zeros(len(times_utc_ns), np.bool_)
    if len(times_utc_ns) > 1:
        spacing = np.diff(times_utc_ns)
        usual_ns = max(float(np.quantile(spacing, 0.9)), resolution_ns)
        # Full buckets follow each other without a break: more than two empty ones are a hole.
        factor = FULL_BUCKETS_FACTOR if usual_ns <= resolution_ns else GAP_FACTOR
        connect[:-1] = spacing <= factor * usual_ns
    return connect
