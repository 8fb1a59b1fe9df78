"""`InfluxSource`: an EFD in an InfluxDB 1.x."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import pyarrow as pa

from efdviewer.domain.errors import SourceError, UnknownTopicError
from efdviewer.domain.query import SampleQuery, Statement, SummaryQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldSchema, FieldType, TopicName
from efdviewer.sources import influxql
from efdviewer.sources.decode import ARROW_TYPES
from efdviewer.sources.influx_http import InfluxConnection
from efdviewer.sources.influx_summary import SummaryPlan
from efdviewer.sources.units import units_of

_MOST_COUNTED_ON_SERVER = 4


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
        self._types_of: dict[str, dict[str, FieldType]] = {}
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
        self._opened: InfluxConnection | None = None

    def __repr__(self) -> str:
        return f"InfluxSource({self._address!r})"

    @property
    def address(self) -> str:
        """Address without password."""
        return self._address

    @property
    def label(self) -> str:
        """Database and host."""
        return self._label

    async def __aenter__(self) -> Self:
        self._opened = InfluxConnection(**self._options, observers=self.statement_observers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened is not None:
            await self._opened.close()
            self._opened = None

    @property
    def _connection(self) -> InfluxConnection:
        if self._opened is None:
            raise RuntimeError("The source is not open.")
        return self._opened

    async def topics(self) -> list[TopicName]:
        """List all measurements of the database, of all retention policies."""
        rows = await self._connection.rows(influxql.show_measurements(self._database))
        if not rows:
            # A database that does not exist has no measurements either; this statement says so.
            await self.retention_policies()
        return sorted((TopicName.parse(row[0]) for row in rows), key=str)

    async def retention_policies(self) -> list[str]:
        """List the retention policies of the database, the default one first."""
        rows = await self._connection.rows(influxql.show_retention_policies(self._database))
        # Name first, whether it is the default last, in every 1.x.
        return [row[0] for row in sorted(rows, key=lambda row: not row[-1])]

    async def fields(self, topic: str) -> list[FieldSchema]:
        """List the fields of a measurement in the retention policy in force.

        Raises
        ------
        UnknownTopicError
            If it has none there; the hint names the policies that have it.
        """
        types = await self._types(topic)
        if not types:
            raise await self._unknown(topic)
        return [
            FieldSchema(name=name, type=kind, units=units_of(topic, name)) for name, kind in types.items()
        ]

    async def samples(self, query: SampleQuery) -> pa.Table:
        """Load samples, ascending also where the query is descending."""
        async with aclosing(self.stream(query)) as batches:
            received = [batch async for batch in batches]
        schema = received[0].schema if received else await self._schema(query.topic, query.fields)
        return pa.Table.from_batches(received, schema)

    async def stream(self, query: SampleQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Load samples batch by batch, ascending; closing ends the query on the server within a second."""
        known = await self._known(query.topic, query.fields)
        if not known or query.limit == 0:
            return
        statement = influxql.select_samples(query, await self._target(query.topic), known)
        async with aclosing(self._rows(query.topic, query.fields, known, statement)) as batches:
            if query.descending and query.limit is not None:
                for batch in reversed([batch async for batch in batches]):
                    yield batch.take(pa.array(range(batch.num_rows - 1, -1, -1), pa.int64()))
            else:
                async for batch in batches:
                    yield batch

    async def latest(self, topic: str, fields: tuple[str, ...], before_utc_ns: int) -> pa.Table:
        """Load the last row before a time in which one of the fields has a value."""
        known = await self._known(topic, fields)
        schema = await self._schema(topic, fields)
        if not known:
            return schema.empty_table()
        statement = influxql.select_latest(await self._target(topic), known, before_utc_ns)
        async with aclosing(self._rows(topic, fields, known, statement)) as batches:
            return pa.Table.from_batches([batch async for batch in batches], schema)

    async def count(self, query: SampleQuery) -> int:
        """Count the rows that `samples` would give."""
        known = await self._known(query.topic, query.fields)
        if len(known) > _MOST_COUNTED_ON_SERVER:
            async with aclosing(self.stream(query)) as batches:
                return sum([batch.num_rows async for batch in batches])
        types = await self._types(query.topic)
        target = await self._target(query.topic)
        total = 0
        for index, name in enumerate(known):
            # A row counts once: by the first of the fields that it has.
            absent = [(earlier, types[earlier]) for earlier in known[:index]]
            rows = await self._connection.rows(influxql.select_count(query, target, name, absent))
            total += rows[0][1] if rows else 0
        return total if query.limit is None else min(total, query.limit)

    async def summary(self, query: SummaryQuery) -> pa.Table:
        """Load aggregates of buckets from the server; booleans come as 0 and 1.

        Raises
        ------
        BadInputError
            If a field holds texts.
        """
        await self._known(query.topic, query.fields)
        plan = SummaryPlan(query, await self._types(query.topic))
        if not plan.columns:
            return plan.schema.empty_table()
        target = await self._target(query.topic)
        table = await self._table(influxql.select_summary(query, target, plan.columns), plan.sent_schema)
        trues = {
            name: await self._table(influxql.select_true_counts(query, target, name), plan.count_schema)
            for name in plan.booleans_with_mean
        }
        return plan.finished(table, trues)

    async def default_range(self) -> TimeRange | None:
        """Leave the range to the clock."""
        return None

    async def _table(self, statement: str, schema: pa.Schema) -> pa.Table:
        async with aclosing(self._connection.stream(statement, schema)) as batches:
            return pa.Table.from_batches([batch async for batch in batches], schema)

    async def _rows(
        self, topic: str, fields: Sequence[str], known: Sequence[str], statement: str
    ) -> AsyncGenerator[pa.RecordBatch, None]:
        """Send a SELECT of the known fields; null columns stand for the others."""
        schema = await self._schema(topic, fields)
        sent = await self._schema(topic, known)
        places = {name: place for place, name in enumerate(known, start=1)}
        try:
            async with aclosing(self._connection.stream(statement, sent)) as batches:
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
            self._types_of.pop(topic, None)
            raise

    async def _unknown(self, topic: str) -> UnknownTopicError:
        policy = await self._policy_in_force()
        holders = [
            other
            for other in await self.retention_policies()
            if other != policy
            and await self._connection.rows(influxql.show_field_keys(self._database, other, topic))
        ]
        hint = "Check its spelling."
        if holders:
            hint = (
                f"It is in the retention policy {' and '.join(holders)}: add &rp={holders[0]} to the address."
            )
        return UnknownTopicError(
            f"The topic '{topic}' is not in the database {self._database} (retention policy {policy}).",
            hint=hint,
        )

    async def _policy_in_force(self) -> str:
        if self._policy is None:
            self._policy = (await self.retention_policies() or ["autogen"])[0]
        return self._policy

    async def _target(self, topic: str) -> str:
        return influxql.measurement(self._database, await self._policy_in_force(), topic)

    async def _types(self, topic: str) -> dict[str, FieldType]:
        """Give the fields of a topic with their types, asked once; empty for an unknown topic."""
        if topic not in self._types_of:
            policy = await self._policy_in_force()
            rows = await self._connection.rows(influxql.show_field_keys(self._database, policy, topic))
            types: dict[str, FieldType] = {}
            for name, kind in rows:
                types[name] = _joined(types[name], FieldType(kind)) if name in types else FieldType(kind)
            if not types:
                return {}
            self._types_of[topic] = types
        return self._types_of[topic]

    async def _known(self, topic: str, fields: Sequence[str]) -> list[str]:
        """Give those of the fields that the topic has, each once; asks anew where one is missing."""
        types = await self._types(topic)
        if types and not set(fields) <= types.keys():
            del self._types_of[topic]
            types = await self._types(topic)
        return [name for name in dict.fromkeys(fields) if name in types]

    async def _schema(self, topic: str, fields: Sequence[str]) -> pa.Schema:
        types = await self._types(topic)
        columns = [(name, ARROW_TYPES[types.get(name, FieldType.FLOAT)]) for name in fields]
        return pa.schema([("time", pa.int64()), *columns])


def _joined(first: FieldType, second: FieldType) -> FieldType:
    """Give the type in which InfluxDB returns a field that has had two."""
    if FieldType.FLOAT in (first, second) or FieldType.INTEGER in (first, second):
        return FieldType.FLOAT
    return FieldType.STRING
