"""Asks a source what fields do between two moments: exact figures, whatever is drawn."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.derived import schema_of
from efdviewer.domain.query import DataSource, SampleQuery, SummaryQuery
from efdviewer.domain.samples import column_as_float, times
from efdviewer.domain.sampling import Sampling
from efdviewer.domain.session import Cursors
from efdviewer.domain.statistics import HeldValue, Moments, SpanStatistics, Totals
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldSchema, FieldType, Subset

MOST_STREAMED = 5_000_000
"""So many values of one topic are looked at one by one, which all but count, mean and extremes needs."""
_NEEDED = f"This needs every sample, and the topic has more than {MOST_STREAMED:,} there. "
_NEARER = "Bring them nearer to each other, or show fewer curves."
_SHORTER = "Zoom in, or show fewer curves."
_TEXTS = "Texts have no standard deviation."
_FEW = "A standard deviation needs two samples or more."
_ON_ITS_WAY = "The samples are still being read."

InWorker = Callable[..., Awaitable[Any]]
Found = Mapping[str, SpanStatistics]


def span_of(cursors: Cursors) -> TimeRange | None:
    """Give the range between both cursors, whichever comes first; None unless both are set, apart."""
    ends = sorted(utc_ns for utc_ns in (cursors.a_utc_ns, cursors.b_utc_ns) if utc_ns is not None)
    if len(ends) < 2 or ends[0] == ends[1]:
        return None
    return TimeRange(start_utc_ns=ends[0], end_utc_ns=ends[1])


class SpanQuestion:
    """What some fields of the same rows do in a span, and at the cursors where these bound it."""

    def __init__(
        self,
        source: DataSource,
        subset: Subset,
        fields: Sequence[str],
        *,
        schemas: Sequence[FieldSchema],
        span: TimeRange | None,
        cursors: Cursors | None,
        in_worker: InWorker,
    ) -> None:
        self._source = source
        self._topic, self._where = subset
        found = {name: schema_of(self._topic, name, schemas) for name in fields}
        self._types = {name: schema.type for name, schema in found.items() if schema is not None}
        self._fields = tuple(dict.fromkeys(fields))
        self._known = tuple(name for name in self._fields if name in self._types)
        self._span = span
        self._cursors = cursors or Cursors()
        self._too_many = _NEEDED + (_SHORTER if cursors is None else _NEARER)
        self._in_worker = in_worker

    async def answers(self) -> AsyncGenerator[Found, None]:
        """Give the figures of all fields, and again once those are there that need every sample.

        Raises
        ------
        EfdViewerError
            If the source does not answer completely.
        """
        held = [await self._held(utc_ns) for utc_ns in (self._cursors.a_utc_ns, self._cursors.b_utc_ns)]
        span = self._span
        totals = await self._totals(span) if span else {}
        streamed = self._streamed(totals)
        reasons = {name: self._no_deviation(name, totals, streamed) for name in self._fields}
        yield self._found(held, totals, {}, reasons, streamed)
        if span and streamed:
            passes = await self._passes(span, streamed)
            few = {name: _FEW if passes[name].moments.count < 2 else "" for name in streamed}
            yield self._found(held, totals, passes, {**reasons, **few}, ())

    def _found(
        self,
        held: Sequence[Mapping[str, HeldValue]],
        totals: Mapping[str, Totals],
        passes: Mapping[str, "_Pass"],
        reasons: Mapping[str, str],
        pending: Sequence[str],
    ) -> Found:
        return {
            name: SpanStatistics(
                span=self._span,
                a_utc_ns=self._cursors.a_utc_ns,
                b_utc_ns=self._cursors.b_utc_ns,
                at_a=held[0].get(name),
                at_b=held[1].get(name),
                totals=totals.get(name),
                deviation=passes[name].moments.deviation if name in passes else None,
                rms=passes[name].moments.rms if name in passes else None,
                sampling=passes[name].sampling if name in passes else None,
                no_deviation=reasons[name],
                is_whole=name not in pending,
            )
            for name in self._fields
        }

    def _no_deviation(self, name: str, totals: Mapping[str, Totals], streamed: Sequence[str]) -> str:
        if name not in self._types:
            return f"The topic has no field {name}."
        if self._types[name] is FieldType.STRING:
            return _TEXTS
        if name in streamed:
            return _ON_ITS_WAY
        if name in totals and not totals[name].count:
            return _FEW
        return self._too_many if name in totals else ""

    def _streamed(self, totals: Mapping[str, Totals]) -> tuple[str, ...]:
        """Choose the fields that are few enough together to be looked at one by one."""
        chosen, left = [], MOST_STREAMED
        for name, found in totals.items():
            if self._types[name] is not FieldType.STRING and 0 < found.count <= left:
                chosen.append(name)
                left -= found.count
        return tuple(chosen)

    async def _held(self, utc_ns: int | None) -> dict[str, HeldValue]:
        """Find the last sample of each field at or before a moment."""
        if utc_ns is None or not self._known:
            return {}
        found = _values(await self._latest(self._known, utc_ns))
        if found:
            # Where not every row has all fields, each is asked for by itself.
            for name in self._known:
                if name not in found:
                    found |= _values(await self._latest((name,), utc_ns))
        return found

    async def _latest(self, fields: tuple[str, ...], utc_ns: int) -> pa.Table:
        return await self._source.latest(self._topic, fields, utc_ns + 1, where=self._where)

    async def _totals(self, span: TimeRange) -> dict[str, Totals]:
        texts = tuple(name for name in self._known if self._types[name] is FieldType.STRING)
        numbers = tuple(name for name in self._known if name not in texts)
        found: dict[str, Totals] = {}
        for fields, aggregates in ((numbers, ("count", "mean", "min", "max")), (texts, ("count",))):
            if fields:
                query = SummaryQuery(
                    topic=self._topic,
                    fields=fields,
                    time_range=span,
                    # Wider than the range, so that at most one edge cuts it.
                    bucket_ns=span.span_ns + 1,
                    aggregates=aggregates,
                    where=self._where,
                )
                rows = (await self._source.summary(query)).to_pylist()
                found |= {name: Totals.joined(_part(row, name) for row in rows) for name in fields}
        return found

    async def _passes(self, span: TimeRange, fields: tuple[str, ...]) -> dict[str, "_Pass"]:
        """Look at every sample of some fields; of each no more than its time is kept."""
        found = {name: Moments() for name in fields}
        times_of: dict[str, list[NDArray[np.int64]]] = {name: [] for name in fields}
        query = SampleQuery(topic=self._topic, fields=fields, time_range=span, where=self._where)
        async with aclosing(self._source.stream(query)) as batches:
            async for batch in batches:
                parts = await self._in_worker(_part_of, batch, fields)
                for name, (moments, times_utc_ns) in parts.items():
                    found[name] = found[name].merged(moments)
                    times_of[name].append(times_utc_ns)
        return {
            name: _Pass(found[name], await self._in_worker(_sampling_of, times_of[name])) for name in fields
        }


class _Pass(NamedTuple):
    """What a look at every sample gives."""

    moments: Moments
    sampling: Sampling


def _part_of(batch: pa.RecordBatch, fields: Sequence[str]) -> dict[str, tuple[Moments, NDArray[np.int64]]]:
    table = pa.Table.from_batches([batch])
    all_utc_ns, found = times(table), {}
    for name in fields:
        values = column_as_float(table, name)
        is_there = ~np.isnan(values)
        # Fields that are in every row share their times.
        found[name] = Moments.of(values), all_utc_ns if is_there.all() else all_utc_ns[is_there]
    return found


def _sampling_of(parts: Sequence[NDArray[np.int64]]) -> Sampling:
    return Sampling.of(np.concatenate(parts) if parts else np.empty(0, np.int64))


def _values(rows: pa.Table) -> dict[str, HeldValue]:
    if not rows.num_rows:
        return {}
    utc_ns, *values = rows.slice(0, 1).to_pylist()[0].values()
    return {
        name: HeldValue(utc_ns=utc_ns, value=value)
        for name, value in zip(rows.column_names[1:], values, strict=True)
        if value is not None
    }


def _part(row: Mapping[str, Any], name: str) -> Totals:
    return Totals(
        count=row[f"{name}_count"],
        mean=row.get(f"{name}_mean"),
        low=row.get(f"{name}_min"),
        high=row.get(f"{name}_max"),
    )
