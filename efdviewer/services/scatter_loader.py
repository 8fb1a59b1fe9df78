"""Loads two fields of a range and puts their samples side by side."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.asof import Direction, asof
from efdviewer.domain.correlation import Lags, lags_of, pearson
from efdviewer.domain.derived import schema_of
from efdviewer.domain.errors import BadInputError, LimitError, UnknownTopicError
from efdviewer.domain.query import DataSource, SampleQuery
from efdviewer.domain.samples import column_as_float, times
from efdviewer.domain.session import Scatter
from efdviewer.domain.thinned_pairs import thinned
from efdviewer.domain.timerange import TimeRange, clamped
from efdviewer.domain.topics import FieldRef, FieldType
from efdviewer.services.catalog import Catalog

MOST_SAMPLES = 3_000_000
"""So many samples of each field are joined; more would take too much memory."""
MOST_DRAWN = 20_000

InWorker = Callable[..., Awaitable[Any]]
Series = tuple[NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JoinedFields:
    """Pairs of samples: `x`, `y`, (n,) float64, at the times of x, (n,) int64 ns UTC ascending.

    `drawn` : (k,) places of the pairs that are drawn. `unpaired` : samples of x without one of y. `lags` :
    the correlation at each lag; None where the two share too little time.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    times_utc_ns: NDArray[np.int64]
    drawn: NDArray[np.int64]
    units: tuple[str, str]
    unpaired: int
    correlation: float | None
    lags: Lags | None


async def load_scatter(
    source: DataSource, catalog: Catalog, scatter: Scatter, time_range: TimeRange, in_worker: InWorker
) -> JoinedFields:
    """Load both fields and join them.

    Raises
    ------
    EfdViewerError
        If the source does not answer completely, a field does not exist or is text, or there are too many
        samples.
    """
    units = (await _units(catalog, scatter.x), await _units(catalog, scatter.y))
    x = await _series(source, scatter.x, time_range, in_worker)
    # Rows of y beyond the view may be the ones next to a row of x within it.
    margin_ns = round(scatter.tolerance_s * 1e9)
    reached = clamped(time_range.start_utc_ns - margin_ns, time_range.end_utc_ns + margin_ns)
    y = await _series(source, scatter.y, reached, in_worker)
    joined: JoinedFields = await in_worker(_joined, x, y, scatter, units)
    return joined


async def _units(catalog: Catalog, field: FieldRef) -> str:
    schema = schema_of(field.topic, field.field, await catalog.fields(field.topic))
    if schema is None:
        raise UnknownTopicError(f"{field.topic} has no field '{field.field}'.", hint="Check its spelling.")
    if schema.type is FieldType.STRING:
        raise BadInputError(f"{field.title} is text, which has no place on an axis.", hint="Choose a number.")
    return schema.units


async def _series(source: DataSource, field: FieldRef, time_range: TimeRange, in_worker: InWorker) -> Series:
    query = SampleQuery(topic=field.topic, fields=(field.field,), time_range=time_range, where=field.where)
    batches: list[pa.RecordBatch] = []
    rows = 0
    async with aclosing(source.stream(query)) as stream:
        async for batch in stream:
            rows += batch.num_rows
            if rows > MOST_SAMPLES:
                raise LimitError(
                    f"{field.title} has more than {MOST_SAMPLES:,} samples in view.", hint="Zoom in."
                )
            batches.append(batch)
    if not batches:
        return np.empty(0, np.int64), np.empty(0)
    found: Series = await in_worker(_numbers, batches)
    return found


def _numbers(batches: list[pa.RecordBatch]) -> Series:
    table = pa.Table.from_batches(batches)
    values = column_as_float(table, table.column_names[1])
    finite = np.isfinite(values)
    return times(table)[finite], values[finite]


def _joined(x: Series, y: Series, scatter: Scatter, units: tuple[str, str]) -> JoinedFields:
    places = asof(x[0], y[0], Direction(scatter.direction), round(scatter.tolerance_s * 1e9))
    paired = places >= 0
    first, second = x[1][paired], y[1][places[paired]]
    return JoinedFields(
        x=first,
        y=second,
        times_utc_ns=x[0][paired],
        drawn=thinned(first, second, MOST_DRAWN),
        units=units,
        unpaired=int(np.count_nonzero(~paired)),
        correlation=pearson(first, second),
        lags=lags_of(*x, *y),
    )
