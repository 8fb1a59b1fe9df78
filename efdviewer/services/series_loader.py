"""Loads what a view of some fields needs: samples where they are few, else minima and maxima.

How many samples a range holds is not known before it was asked once. So the first time both are asked
for at the same moment, the samples with a limit: if all fit they are drawn, if not the summary is. From
then on the rate is known and one of the two is enough. A `COUNT` beforehand would double the server's work.
"""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, Protocol

import pyarrow as pa

from efdviewer.domain.levels import SAMPLES_PER_COLUMN, ViewPlan, bucket_for, plan
from efdviewer.domain.query import DataSource, SampleQuery, SummaryQuery
from efdviewer.domain.samples import times
from efdviewer.domain.timerange import clamped
from efdviewer.domain.topics import FieldSchema, FieldType, Subset
from efdviewer.services.series import Deliver, Series, SeriesOutcome, SeriesPresenter, SeriesRequest

_FEW = 100
"""So many samples tell how often they come."""
_LOOK_BACK_NS = 86_400 * 10**9


class FieldCatalog(Protocol):
    """Where the fields of a topic are known."""

    async def fields(self, topic: str) -> list[FieldSchema]:
        """List the fields of a topic."""
        ...


class SeriesLoader:
    """Loads series of one source and remembers how densely its topics are sampled."""

    def __init__(self, source: DataSource, catalog: FieldCatalog) -> None:
        self._source = source
        self._catalog = catalog
        self._rates_hz: dict[tuple[Subset, tuple[str, ...]], float] = {}
        self._spacings_ns: dict[Subset, float] = {}

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
                deliver(Series(field=request.ref(name), outcome=SeriesOutcome.UNKNOWN))
            elif schema.type is FieldType.STRING:
                deliver(Series(field=request.ref(name), outcome=SeriesOutcome.TEXT))
            else:
                numeric[name] = schema
        if numeric:
            subset = request.topic, request.where
            known_ns = self._spacings_ns.get(subset)
            presenter = SeriesPresenter(
                request, numeric, deliver, spacing_ns=known_ns, now_utc_ns=time.time_ns()
            )
            held = presenter.stepped
            await _together(self._load_held(presenter, held), self._load_points(presenter))
            if presenter.lacks_spacing:
                presenter.learn_spacing(await self._samples_before(presenter))
            await self._load_held(presenter, tuple(name for name in presenter.stepped if name not in held))
            if presenter.spacing_ns is not None:
                self._spacings_ns[subset] = presenter.spacing_ns

    async def _load_held(self, presenter: SeriesPresenter, names: tuple[str, ...]) -> None:
        """Find the last sample before the range of fields that hold their value.

        One row has them all as a rule; only those that it lacks are asked for alone.
        """
        if not names:
            return
        row = await self._latest(presenter, names)
        lacking = presenter.hold(row, names)
        for name in lacking if row.num_rows and len(names) > 1 else ():
            row = await self._latest(presenter, (name,))
            presenter.hold(row, (name,))

    async def _load_points(self, presenter: SeriesPresenter) -> None:
        request = presenter.request
        span_ns = request.time_range.span_ns
        key = ((request.topic, request.where), presenter.fields)
        bucket_ns = bucket_for(span_ns, request.columns)
        if not bucket_ns:
            presenter.show_samples(await self._samples(presenter, limit=None))
        else:
            chosen = plan(span_ns, request.columns, self._rates_hz.get(key))
            await self._load_samples_or_summary(presenter, chosen, bucket_ns)
        if presenter.rate_hz is not None:
            self._rates_hz[key] = presenter.rate_hz
        for name in presenter.empty:
            row = await self._latest(presenter, (name,))
            presenter.show_empty(name, int(times(row)[0]) if row.num_rows else None)

    async def _load_samples_or_summary(
        self, presenter: SeriesPresenter, chosen: ViewPlan, bucket_ns: int
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
            if summary is not None:
                summary.cancel()
                # Takes what it raised too: where both fail, one of them is enough to tell of.
                await asyncio.gather(summary, return_exceptions=True)
        if not chosen.sample_limit and presenter.buckets < presenter.request.columns // SAMPLES_PER_COLUMN:
            presenter.show_samples(await self._samples(presenter, limit=limit + 1), limit=limit)

    async def _latest(self, presenter: SeriesPresenter, names: tuple[str, ...]) -> pa.Table:
        request = presenter.request
        start_utc_ns = request.time_range.start_utc_ns
        return await self._source.latest(request.topic, names, start_utc_ns, where=request.where)

    async def _samples(self, presenter: SeriesPresenter, *, limit: int | None) -> pa.Table:
        request = presenter.request
        return await self._source.samples(
            SampleQuery(
                topic=request.topic,
                fields=presenter.fields,
                time_range=request.time_range,
                where=request.where,
                limit=limit,
            )
        )

    async def _samples_before(self, presenter: SeriesPresenter) -> pa.Table:
        request = presenter.request
        start_utc_ns = request.time_range.start_utc_ns
        return await self._source.samples(
            SampleQuery(
                topic=request.topic,
                fields=presenter.fields,
                time_range=clamped(start_utc_ns - _LOOK_BACK_NS, start_utc_ns),
                where=request.where,
                limit=_FEW,
                descending=True,
            )
        )

    async def _show_summary(self, presenter: SeriesPresenter, bucket_ns: int) -> None:
        request = presenter.request
        table = await self._source.summary(
            SummaryQuery(
                topic=request.topic,
                fields=presenter.fields,
                time_range=request.time_range,
                bucket_ns=bucket_ns,
                aggregates=("min", "max"),
                where=request.where,
            )
        )
        presenter.show_summary(table, bucket_ns)


async def _together(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Run coroutines at the same time; the first failure ends the others and is raised as it is."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
