"""`InfluxSource`: an EFD in an InfluxDB 1.x."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import pyarrow as pa

from efdviewer.domain.errors import SourceError
from efdviewer.domain.query import (
    COUNTED_FIELD,
    MOST_COUNTED_FIELDS,
    Equals,
    SampleQuery,
    Statement,
    SummaryQuery,
)
from efdviewer.domain.rows import reversed_rows
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import SAL_PREFIX, FieldSchema, TopicName
from efdviewer.sources import influxql
from efdviewer.sources.influx_catalog import InfluxCatalog
from efdviewer.sources.influx_http import InfluxConnection, ShareAt
from efdviewer.sources.influx_summary import SummaryPlan
from efdviewer.sources.workers import run_in_worker

_MOST_COUNTED_ON_SERVER = 4
_COUNTED_AT_ONCE = 500
"""So many topics are counted by one statement."""
_STREAMED_BUCKETS = 64
"""So many buckets come at a time, while the server works on the next."""


class InfluxSource:
    """Asks one database of an InfluxDB; an async context manager.

    Without a retention policy the database's default one is looked up once, and every statement names it.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        path: str = "/",
        database: str,
        retention_policy: str | None = None,
        tls: bool = False,
        username: str | None = None,
        password: str | None = None,
    ) -> None:
        self.statement_observers: list[Callable[[Statement], None]] = []
        self._database = database
        self._policy = retention_policy
        scheme = "influxdbs" if tls else "influxdb"
        user = f"{quote(username, safe='')}@" if username else ""
        policy = f"&rp={quote(retention_policy, safe='')}" if retention_policy else ""
        shown_host = f"[{host}]" if ":" in host else host
        folder = quote(path.rstrip("/"))
        self._address = f"{scheme}://{user}{shown_host}:{port}{folder}?db={quote(database, safe='')}{policy}"
        self._label = f"{database} on {host}"
        self._options: dict[str, Any] = {
            "host": host,
            "port": port,
            "path": path,
            "tls": tls,
            "database": database,
            "username": username,
            "password": password,
        }
        self._opened: tuple[InfluxConnection, InfluxCatalog] | None = None

    def __repr__(self) -> str:
        return f"InfluxSource({self._address!r})"

    @property
    def address(self) -> str:
        """Address without password."""
        return self._address

    @property
    def database(self) -> str:
        """Name of the database."""
        return self._database

    @property
    def label(self) -> str:
        """Database and host."""
        return self._label

    @property
    def origin(self) -> str:
        """Server, database and retention policy; who asks makes no difference."""
        options = self._options
        policy = self._policy if self._opened is None else self._catalog.policy
        # Names may hold any separator.
        return json.dumps([options["host"], options["port"], options["path"], self._database, policy])

    async def __aenter__(self) -> Self:
        connection = InfluxConnection(**self._options, observers=self.statement_observers)
        self._opened = connection, InfluxCatalog(connection, self._database, self._policy)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened is not None:
            await self._connection.close()
            self._opened = None

    @property
    def _connection(self) -> InfluxConnection:
        if self._opened is None:
            raise RuntimeError("The source is not open.")
        return self._opened[0]

    @property
    def _catalog(self) -> InfluxCatalog:
        if self._opened is None:
            raise RuntimeError("The source is not open.")
        return self._opened[1]

    async def check(self) -> None:
        """Look up the retention policy that statements will name.

        Raises
        ------
        EfdViewerError
            If the server is out of reach, refuses the account, or lacks the database or the policy.
        """
        await self._catalog.check()

    async def databases(self) -> list[str]:
        """List the databases that the account may read."""
        return await self._catalog.databases()

    async def topics(self) -> list[TopicName]:
        """List all measurements of the database, of all retention policies."""
        return await self._catalog.topics()

    async def retention_policies(self) -> list[str]:
        """List the retention policies of the database, the default one first."""
        return await self._catalog.retention_policies()

    def known_fields(self) -> Mapping[str, list[FieldSchema]]:
        """Give none: the fields of all topics would be a reply of megabytes."""
        return {}

    async def fields(self, topic: str) -> list[FieldSchema]:
        """List the fields of a measurement in the retention policy in force.

        Raises
        ------
        UnknownTopicError
            If it has none there; the hint names the policies that have it.
        """
        return await self._catalog.fields(topic)

    async def tags(self, topic: str) -> list[str]:
        """List the tags of a measurement in the retention policy in force."""
        return await self._catalog.tags(topic)

    async def distinct(
        self, topic: str, field: str, time_range: TimeRange, *, where: tuple[Equals, ...] = ()
    ) -> list[int | float | bool | str]:
        """List the values that a field has in a range; of a tag, those in the server's index."""
        return await self._catalog.distinct(topic, field, time_range, where)

    async def samples(self, query: SampleQuery) -> pa.Table:
        """Load samples, ascending also where the query is descending."""
        if query.limit is None:
            query = replace(query, descending=False)
        async with aclosing(self.stream(query)) as batches:
            received = [batch async for batch in batches]
        schema = received[0].schema if received else await self._catalog.schema(query.topic, query.fields)
        table = pa.Table.from_batches(received, schema)
        return await run_in_worker(reversed_rows, table) if query.descending else table

    async def stream(self, query: SampleQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Load samples batch by batch, from the end where the query is descending.

        Closing ends the query on the server within a second.
        """
        known = await self._catalog.known(query.topic, query.fields)
        if not known or query.limit == 0:
            return
        statement = influxql.select_samples(query, await self._catalog.target(query.topic), known)
        rows = self._rows(query.topic, query.fields, known, statement, query.share_at)
        async with aclosing(rows) as batches:
            async for batch in batches:
                yield batch

    async def latest(
        self, topic: str, fields: tuple[str, ...], before_utc_ns: int, *, where: tuple[Equals, ...] = ()
    ) -> pa.Table:
        """Load the last row before a time in which one of the fields has a value."""
        known = await self._catalog.known(topic, fields)
        schema = await self._catalog.schema(topic, fields)
        if not known:
            return schema.empty_table()
        statement = influxql.select_latest(await self._catalog.target(topic), known, before_utc_ns, where)
        async with aclosing(self._rows(topic, fields, known, statement)) as batches:
            return pa.Table.from_batches([batch async for batch in batches], schema)

    async def count(self, query: SampleQuery) -> int:
        """Count the rows that `samples` would give."""
        known = await self._catalog.known(query.topic, query.fields)
        if len(known) > _MOST_COUNTED_ON_SERVER:
            async with aclosing(self.stream(query)) as batches:
                return sum([batch.num_rows async for batch in batches])
        types = await self._catalog.types(query.topic)
        target = await self._catalog.target(query.topic)
        total = 0
        for index, name in enumerate(known):
            # A row counts once: by the first of the fields that it has.
            absent = [(earlier, types[earlier]) for earlier in known[:index]]
            rows = await self._connection.rows(influxql.select_count(query, target, name, absent))
            total += rows[0][1] if rows else 0
        return total if query.limit is None else min(total, query.limit)

    async def counts(self, topics: Sequence[str], time_range: TimeRange) -> dict[str, int]:
        """Count the messages of many topics in a range, hundreds of them with each statement."""
        found: dict[str, int] = {}
        named = [topic for topic in topics if topic.startswith(SAL_PREFIX)]
        for first in range(0, len(named), _COUNTED_AT_ONCE):
            part = named[first : first + _COUNTED_AT_ONCE]
            targets = [await self._catalog.target(topic) for topic in part]
            statement = influxql.select_counts(targets, COUNTED_FIELD, time_range)
            found |= {name: row[1] for name, row in await self._connection.named_rows(statement)}
        for topic in topics:
            if not topic.startswith(SAL_PREFIX):
                fields = tuple(field.name for field in await self.fields(topic))[:MOST_COUNTED_FIELDS]
                query = SampleQuery(topic=topic, fields=fields, time_range=time_range)
                if count := await self.count(query):
                    found[topic] = count
        return found

    async def summary(self, query: SummaryQuery) -> pa.Table:
        """Load aggregates of buckets from the server; booleans come as 0 and 1.

        Raises
        ------
        BadInputError
            If a field holds texts, and more is asked of it than counts and ends.
        """
        await self._catalog.known(query.topic, query.fields)
        plan = SummaryPlan(query, await self._catalog.types(query.topic))
        if not plan.columns:
            return plan.schema.empty_table()
        target = await self._catalog.target(query.topic)
        statement = influxql.select_summary(query, target, plan.columns)
        table = await self._table(statement, plan.sent_schema, query.time_range.share_at)
        trues = {
            name: await self._table(influxql.select_true_counts(query, target, name), plan.count_schema)
            for name in plan.booleans_with_mean
        }
        return plan.finished(table, trues)

    async def stream_summary(self, query: SummaryQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Load aggregates of buckets as the server works them out; booleans come as 0 and 1.

        Raises
        ------
        BadInputError
            If a field holds texts, and more is asked of it than counts and ends.
        """
        await self._catalog.known(query.topic, query.fields)
        plan = SummaryPlan(query, await self._catalog.types(query.topic))
        if not plan.columns:
            return
        statement = influxql.select_summary(query, await self._catalog.target(query.topic), plan.columns)
        replies = self._connection.stream(
            statement,
            plan.sent_schema,
            query.time_range.share_at,
            chunk_rows=_STREAMED_BUCKETS,
            # A bucket that holds anything has all aggregates of its only field.
            may_have_nulls=len(set(query.fields)) > 1,
        )
        async with aclosing(replies) as batches:
            async for batch in batches:
                for finished in plan.finished(pa.Table.from_batches([batch]), {}).to_batches():
                    yield finished

    async def default_range(self) -> TimeRange | None:
        """Leave the range to the clock."""
        return None

    async def _table(self, statement: str, schema: pa.Schema, share_at: ShareAt | None = None) -> pa.Table:
        async with aclosing(self._connection.stream(statement, schema, share_at)) as batches:
            return pa.Table.from_batches([batch async for batch in batches], schema)

    async def _rows(
        self,
        topic: str,
        fields: Sequence[str],
        known: Sequence[str],
        statement: str,
        share_at: ShareAt | None = None,
    ) -> AsyncGenerator[pa.RecordBatch, None]:
        """Send a SELECT of the known fields; null columns stand for the others."""
        schema = await self._catalog.schema(topic, fields)
        sent = await self._catalog.schema(topic, known)
        places = {name: place for place, name in enumerate(known, start=1)}
        try:
            async with aclosing(self._connection.stream(statement, sent, share_at)) as batches:
                async for batch in batches:
                    columns = [
                        batch.column(places[name])
                        if name in places
                        else pa.nulls(batch.num_rows, pa.float64())
                        for name in fields
                    ]
                    yield pa.RecordBatch.from_arrays([batch.column(0), *columns], schema=schema)
        except SourceError:
            # A field may have got a second type since we asked for the types.
            self._catalog.forget(topic)
            raise
