"""Loads what a field said in a range, and what it said before."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.errors import BadInputError, UnknownTopicError
from efdviewer.domain.levels import bucket_for
from efdviewer.domain.query import DataSource, SampleQuery, SummaryQuery
from efdviewer.domain.samples import times
from efdviewer.domain.states import SEVERAL, Several, StateRuns, StateValue, runs_of
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldRef, FieldSchema, FieldType, TopicName
from efdviewer.services.series_loader import FieldCatalog

MOST_ROWS = 20_000
"""More rows than this are looked at in buckets."""
_GRACE_NS = 120 * 10**9
"""Rows may be held up so long on their way into the database."""
_AGGREGATES = {
    FieldType.STRING: ("first", "last", "count"),
    FieldType.BOOLEAN: ("min", "max"),
    FieldType.INTEGER: ("min", "max"),
    FieldType.FLOAT: ("min", "max"),
}

Told = tuple[NDArray[np.int64], list[StateValue | Several]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedStates:
    """What a field said in `covered`, when it was asked for at `asked_utc_ns`; 0 where that is out of date.

    Nothing is known from `end_utc_ns` on: it is the present, or the end of an archive.

    `times_utc_ns` : (n,) int64 ns UTC, ascending; `values` : n values.
    `before` is the last row before the range, `after_utc_ns` the time of the first one after it; None where
    there is none. `bucket_ns` is 0 where every row is known.
    """

    covered: TimeRange
    asked_utc_ns: int
    end_utc_ns: int
    times_utc_ns: NDArray[np.int64]
    values: Sequence[StateValue | Several]
    before: tuple[int, StateValue] | None
    after_utc_ns: int | None
    bucket_ns: int

    def holds(self, time_range: TimeRange, columns: int) -> bool:
        """Tell whether a view needs no more than this."""
        is_past = self.covered.end_utc_ns <= self.asked_utc_ns - _GRACE_NS
        is_fine = not self.bucket_ns or self.bucket_ns <= bucket_for(time_range.span_ns, columns)
        return is_past and is_fine and self.covered.holds(time_range)

    def runs(self) -> StateRuns:
        """Give the states from before the range until after it; none goes beyond what is known."""
        until_ns = min(self.covered.end_utc_ns, self.end_utc_ns)
        end_ns = until_ns if self.after_utc_ns is None else self.after_utc_ns
        moments, values = self.times_utc_ns, list(self.values)
        if self.before is not None:
            moments = np.concatenate([[self.before[0]], moments])
            values = [self.before[1], *values]
        return runs_of(moments, values, end_ns)


async def load_states(
    source: DataSource,
    catalog: FieldCatalog,
    field: FieldRef,
    time_range: TimeRange,
    columns: int,
    *,
    held: LoadedStates | None = None,
) -> LoadedStates:
    """Load the states that a view of so many pixel columns shows, going on from what is held.

    Raises
    ------
    EfdViewerError
        If the source does not answer completely, or the field does not exist or is no state.
    """
    schema = await _schema(catalog, field)
    asked_utc_ns = time.time_ns()
    recorded = await source.default_range()
    end_utc_ns = asked_utc_ns if recorded is None else min(recorded.end_utc_ns, asked_utc_ns)
    if held is not None and _goes_on(held, time_range):
        since_ns = max(time_range.start_utc_ns, min(held.covered.end_utc_ns, held.asked_utc_ns - _GRACE_NS))
        later = await _rows(source, field, schema, time_range.since(since_ns))
        known = int(np.searchsorted(held.times_utc_ns, since_ns))
        if later is not None and known + len(later[0]) <= MOST_ROWS:
            return replace(
                held,
                covered=TimeRange(start_utc_ns=held.covered.start_utc_ns, end_utc_ns=time_range.end_utc_ns),
                asked_utc_ns=asked_utc_ns,
                end_utc_ns=end_utc_ns,
                times_utc_ns=np.concatenate([held.times_utc_ns[:known], later[0]]),
                values=[*held.values[:known], *later[1]],
                after_utc_ns=await _after(source, field, time_range, asked_utc_ns),
            )
    rows, before, after_utc_ns = await asyncio.gather(
        _rows(source, field, schema, time_range),
        source.latest(field.topic, (field.field,), time_range.start_utc_ns, where=field.where),
        _after(source, field, time_range, asked_utc_ns),
    )
    bucket_ns = 0
    if rows is None:
        bucket_ns = bucket_for(time_range.span_ns, columns)
        rows = await _buckets(source, field, schema, time_range, bucket_ns)
    told = _values(before, field, schema)
    return LoadedStates(
        covered=time_range,
        asked_utc_ns=asked_utc_ns,
        end_utc_ns=end_utc_ns,
        times_utc_ns=rows[0],
        values=rows[1],
        before=(int(told[0][0]), told[1][0]) if told[1] else None,  # type: ignore[arg-type]
        after_utc_ns=after_utc_ns,
        bucket_ns=bucket_ns,
    )


def state_field(topic: str, schemas: Sequence[FieldSchema]) -> str | None:
    """Choose the field of a topic that is its state; None where no field looks like one."""
    own = [schema for schema in schemas if not schema.name.startswith("private_")]
    name = TopicName.parse(topic).name.removeprefix("logevent_").lower()
    known = {schema.name: schema for schema in own}
    for wanted in ("summaryState", "detailedState", "state", "substate"):
        if wanted in known:
            return wanted
    named = [schema.name for schema in own if schema.name.lower() in name or "state" in schema.name.lower()]
    indices = ("salIndex", f"{TopicName.parse(topic).csc}ID")
    plain = [
        schema.name
        for kind in (FieldType.BOOLEAN, FieldType.INTEGER, FieldType.STRING)
        for schema in own
        if schema.type is kind and schema.name not in indices
    ]
    return next(iter([*named, *plain]), None)


def _goes_on(held: LoadedStates, time_range: TimeRange) -> bool:
    return (
        not held.bucket_ns
        and held.asked_utc_ns > 0
        and held.covered.start_utc_ns <= time_range.start_utc_ns <= held.covered.end_utc_ns
        and held.covered.end_utc_ns <= time_range.end_utc_ns
    )


async def _schema(catalog: FieldCatalog, field: FieldRef) -> FieldSchema:
    for schema in await catalog.fields(field.topic):
        if schema.name == field.field:
            return schema
    raise UnknownTopicError(f"{field.topic} has no field '{field.field}'.", hint="Check its spelling.")


async def _rows(
    source: DataSource, field: FieldRef, schema: FieldSchema, time_range: TimeRange
) -> Told | None:
    """Load all rows of a range; None where they are too many."""
    query = SampleQuery(
        topic=field.topic,
        fields=(field.field,),
        time_range=time_range,
        where=field.where,
        limit=MOST_ROWS + 1,
    )
    async with aclosing(source.stream(query)) as batches:
        found = [batch async for batch in batches]
    if not found:
        return np.empty(0, np.int64), []
    table = pa.Table.from_batches(found)
    return None if table.num_rows > MOST_ROWS else _values(table, field, schema)


async def _after(source: DataSource, field: FieldRef, time_range: TimeRange, asked_utc_ns: int) -> int | None:
    """Give the time of the first row after a range; nothing comes after the present."""
    if time_range.end_utc_ns >= asked_utc_ns:
        return None
    rest = TimeRange(start_utc_ns=time_range.end_utc_ns, end_utc_ns=asked_utc_ns)
    query = SampleQuery(topic=field.topic, fields=(field.field,), time_range=rest, where=field.where, limit=1)
    found = await source.samples(query)
    return int(times(found)[0]) if found.num_rows else None


async def _buckets(
    source: DataSource, field: FieldRef, schema: FieldSchema, time_range: TimeRange, bucket_ns: int
) -> Told:
    """Load what buckets hold: one value, or several."""
    aggregates = _AGGREGATES[schema.type]
    query = SummaryQuery(
        topic=field.topic,
        fields=(field.field,),
        time_range=time_range,
        bucket_ns=bucket_ns,
        aggregates=aggregates,
        where=field.where,
    )
    table = await source.summary(query)
    lowest, highest = (table.column(f"{field.field}_{name}").to_pylist() for name in aggregates[:2])
    starts = np.maximum(times(table), time_range.start_utc_ns)
    is_bool = schema.type is FieldType.BOOLEAN
    values = [
        (_value(low, field, is_bool=is_bool) if low == high else SEVERAL)
        for low, high in zip(lowest, highest, strict=True)
    ]
    return starts, values


def _values(table: pa.Table, field: FieldRef, schema: FieldSchema) -> Told:
    if not table.num_rows:
        return np.empty(0, np.int64), []
    column = table.column(field.field).to_pylist()
    kept = [place for place, value in enumerate(column) if value is not None]
    is_bool = schema.type is FieldType.BOOLEAN
    values: list[StateValue | Several] = [_value(column[place], field, is_bool=is_bool) for place in kept]
    return times(table)[kept], values


def _value(value: StateValue, field: FieldRef, *, is_bool: bool) -> StateValue:
    if is_bool:
        return bool(value)
    if isinstance(value, float):
        if not value.is_integer():
            raise BadInputError(f"{field.title} has decimals, so it is no state.", hint="Plot it as a curve.")
        return int(value)
    return value
