"""Loads what a view of some fields needs: samples where they are few, else minima and maxima.

How many samples a range holds is not known before it was asked once. So the first time both are asked
for at the same moment, the samples with a limit: if all fit they are drawn, if not the summary is. From
then on the rate is known and one of the two is enough. A `COUNT` beforehand would double the server's work.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Protocol

import pyarrow as pa

from efdviewer.domain.levels import (
    SAMPLES_PER_COLUMN,
    LevelView,
    ViewPlan,
    bucket_for,
    plan,
    view_from_samples,
    view_from_summary,
)
from efdviewer.domain.query import DataSource, SampleQuery, SummaryQuery
from efdviewer.domain.samples import column_as_float, times
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldRef, FieldSchema, FieldType, TopicKind, TopicName


class FieldCatalog(Protocol):
    """Where the fields of a topic are known."""

    async def fields(self, topic: str) -> list[FieldSchema]:
        """List the fields of a topic."""
        ...


class SeriesOutcome(Enum):
    """What became of one field."""

    READY = "ready"
    NO_DATA = "no data"
    UNKNOWN = "unknown"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One field in one range.

    `latest_utc_ns` is the time of the last sample before the range where it has none, int64 ns UTC.
    `held` is that sample of a field drawn in steps, (int64 ns UTC, value).
    """

    field: FieldRef
    outcome: SeriesOutcome
    units: str = ""
    stepped: bool = False
    view: LevelView | None = None
    held: tuple[int, float] | None = None
    latest_utc_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRequest:
    """Fields of one topic, over a range, for so many pixel columns."""

    topic: str
    fields: tuple[str, ...]
    time_range: TimeRange
    columns: int


Deliver = Callable[[Series], None]


class SeriesLoader:
    """Loads series of one source and remembers how densely its topics are sampled."""

    def __init__(self, source: DataSource, catalog: FieldCatalog) -> None:
        self._source = source
        self._catalog = catalog
        self._rates_hz: dict[tuple[str, tuple[str, ...]], float] = {}

    async def load(self, request: SeriesRequest, deliver: Deliver) -> None:
        """Load all fields of a request; `deliver` may be called more than once for each, better each time.

        Raises
        ------
        EfdViewerError
            If the source does not answer completely.
        """
        schemas = {schema.name: schema for schema in await self._catalog.fields(request.topic)}
        numeric: dict[str, FieldSchema] = {}
        for name in request.fields:
            schema = schemas.get(name)
            if schema is None:
                deliver(Series(field=FieldRef(request.topic, name), outcome=SeriesOutcome.UNKNOWN))
            elif schema.type is FieldType.STRING:
                deliver(Series(field=FieldRef(request.topic, name), outcome=SeriesOutcome.TEXT))
            else:
                numeric[name] = schema
        if numeric:
            presenter = _Presenter(request, numeric, deliver)
            await _together(self._load_held(presenter), self._load_points(presenter))

    async def _load_held(self, presenter: "_Presenter") -> None:
        """Find the last sample before the range of each field that holds its value."""
        request = presenter.request
        for name in presenter.stepped:
            row = await self._source.latest(request.topic, (name,), request.time_range.start_utc_ns)
            if row.num_rows:
                presenter.hold(name, int(times(row)[0]), float(column_as_float(row, name)[0]))

    async def _load_points(self, presenter: "_Presenter") -> None:
        request = presenter.request
        span_ns = request.time_range.span_ns
        key = (request.topic, presenter.fields)
        bucket_ns = bucket_for(span_ns, request.columns)
        if not bucket_ns:
            presenter.show_samples(await self._samples(presenter, limit=None))
        else:
            chosen = plan(span_ns, request.columns, self._rates_hz.get(key))
            await self._load_samples_or_summary(presenter, chosen, bucket_ns)
        if presenter.rate_hz is not None:
            self._rates_hz[key] = presenter.rate_hz
        for name in presenter.empty:
            row = await self._source.latest(request.topic, (name,), request.time_range.start_utc_ns)
            presenter.show_empty(name, int(times(row)[0]) if row.num_rows else None)

    async def _load_samples_or_summary(
        self, presenter: "_Presenter", chosen: ViewPlan, bucket_ns: int
    ) -> None:
        limit = SAMPLES_PER_COLUMN * presenter.request.columns
        summary: asyncio.Task[None] | None = None
        if chosen.bucket_ns:
            summary = asyncio.ensure_future(self._show_summary(presenter, bucket_ns))
        try:
            if chosen.sample_limit and presenter.show_samples(
                await self._samples(presenter, limit=limit + 1), limit=limit
            ):
                return
            await (summary or self._show_summary(presenter, bucket_ns))
        finally:
            if summary is not None and not summary.done():
                summary.cancel()
                await asyncio.wait({summary})
        if not chosen.sample_limit and presenter.buckets < presenter.request.columns // SAMPLES_PER_COLUMN:
            presenter.show_samples(await self._samples(presenter, limit=limit + 1), limit=limit)

    async def _samples(self, presenter: "_Presenter", *, limit: int | None) -> pa.Table:
        request = presenter.request
        return await self._source.samples(
            SampleQuery(
                topic=request.topic, fields=presenter.fields, time_range=request.time_range, limit=limit
            )
        )

    async def _show_summary(self, presenter: "_Presenter", bucket_ns: int) -> None:
        request = presenter.request
        table = await self._source.summary(
            SummaryQuery(
                topic=request.topic,
                fields=presenter.fields,
                time_range=request.time_range,
                bucket_ns=bucket_ns,
                aggregates=("min", "max"),
            )
        )
        presenter.show_summary(table, bucket_ns)


class _Presenter:
    """Turns the tables of one request into series, and delivers them."""

    def __init__(self, request: SeriesRequest, schemas: Mapping[str, FieldSchema], deliver: Deliver) -> None:
        self.request = request
        self.fields = tuple(schemas)
        self.stepped = tuple(name for name in schemas if _is_stepped(request.topic, schemas[name]))
        self.lasting = TopicName.parse(request.topic).kind is not TopicKind.TELEMETRY
        self.empty: tuple[str, ...] = ()
        self.buckets = 0
        self.rate_hz: float | None = None
        self._schemas = schemas
        self._deliver = deliver
        self._held: dict[str, tuple[int, float]] = {}
        self._views: dict[str, LevelView] = {}
        self._complete = False

    def hold(self, name: str, utc_ns: int, value: float) -> None:
        """Take the last sample before the range of a field drawn in steps."""
        self._held[name] = (utc_ns, value)
        if name in self._views or name in self.empty:
            self._send(name)

    def show_samples(self, table: pa.Table, *, limit: int | None = None) -> bool:
        """Draw samples; not if there are more than the limit, and then tell so."""
        times_utc_ns = times(table)
        if limit is not None and len(times_utc_ns) > limit:
            self.rate_hz = len(times_utc_ns) * 1e9 / max(1, int(times_utc_ns[-1] - times_utc_ns[0]))
            return False
        self.rate_hz = len(times_utc_ns) * 1e9 / self.request.time_range.span_ns
        self._complete = True
        for name in self.fields:
            self._views[name] = view_from_samples(
                table,
                name,
                self.request.time_range,
                stepped=name in self.stepped,
                lasting=self.lasting,
            )
        self._send_all()
        return True

    def show_summary(self, table: pa.Table, bucket_ns: int) -> None:
        """Draw minima and maxima, unless the samples are there already."""
        if self._complete:
            return
        self.buckets = table.num_rows
        for name in self.fields:
            self._views[name] = view_from_summary(
                table,
                name,
                self.request.time_range,
                bucket_ns,
                stepped=name in self.stepped,
                lasting=self.lasting,
            )
        self._send_all()

    def show_empty(self, name: str, latest_utc_ns: int | None) -> None:
        """Say that a field has no sample in the range, and when it last had one."""
        self._deliver(replace(self._series(name), latest_utc_ns=latest_utc_ns))

    def _send_all(self) -> None:
        self.empty = tuple(name for name in self.fields if not len(self._views[name].times_utc_ns))
        for name in self.fields:
            if name not in self.empty:
                self._send(name)

    def _send(self, name: str) -> None:
        self._deliver(self._series(name))

    def _series(self, name: str) -> Series:
        return Series(
            field=FieldRef(self.request.topic, name),
            outcome=SeriesOutcome.NO_DATA if name in self.empty else SeriesOutcome.READY,
            units=self._schemas[name].units,
            stepped=name in self.stepped,
            view=self._views.get(name),
            held=self._held.get(name),
        )


def _is_stepped(topic: str, schema: FieldSchema) -> bool:
    """Events and commands hold their value until the next one; so do booleans."""
    return schema.type is FieldType.BOOLEAN or TopicName.parse(topic).kind is not TopicKind.TELEMETRY


async def _together(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Run coroutines at the same time; the first failure ends the others and is raised as it is."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
