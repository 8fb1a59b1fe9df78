"""`InfluxSource`: an EFD in an InfluxDB 1.x."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from efdviewer.domain.errors import UnknownTopicError
from efdviewer.domain.query import SampleQuery, Statement, SummaryQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldSchema, FieldType, TopicName
from efdviewer.sources import influxql
from efdviewer.sources.decode import ARROW_TYPES
from efdviewer.sources.influx_http import InfluxConnection
from efdviewer.sources.units import units_of

_NUMBERS = (FieldType.FLOAT, FieldType.INTEGER, FieldType.BOOLEAN)


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
        self._database = database
        self._policy = retention_policy
        self._fields: dict[str, dict[str, FieldType]] = {}
        self.statement_observers: list[Callable[[Statement], None]] = []
        scheme = "influxdbs" if tls else "influxdb"
        user = f"{username}@" if username else ""
        policy = f"&rp={retention_policy}" if retention_policy else ""
        shown_host = f"[{host}]" if ":" in host else host
        self._address = f"{scheme}://{user}{shown_host}:{port}{path.rstrip('/')}?db={database}{policy}"
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
        self._opened = InfluxConnection(**self._options)
        self._opened.observers = self.statement_observers
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
        series = await self._connection.rows(influxql.show_measurements(self._database))
        return sorted(TopicName.parse(row[0]) for part in series for row in part["values"])

    async def retention_policies(self) -> list[str]:
        """List the retention policies of the database, the default one first."""
        series = await self._connection.rows(influxql.show_retention_policies(self._database))
        rows = [
            dict(zip(part["columns"], row, strict=True)) for part in series for row in part.get("values", [])
        ]
        return [row["name"] for row in sorted(rows, key=lambda row: not row["default"])]

    async def fields(self, topic: str) -> list[FieldSchema]:
        """List the fields of a measurement in the retention policy in force.

        Raises
        ------
        UnknownTopicError
            If it has none there; the hint names the other policies.
        """
        types = await self._types(topic)
        if not types:
            policy = await self._policy_in_force()
            others = [other for other in await self.retention_policies() if other != policy]
            hint = "Check its spelling."
            if others:
                hint += f" Other retention policies may hold it: {', '.join(others)} (&rp=… in the address)."
            raise UnknownTopicError(f"The topic '{topic}' is not in {self._database} ({policy}).", hint=hint)
        return [
            FieldSchema(name=name, type=kind, units=units_of(topic, name)) for name, kind in types.items()
        ]

    async def samples(self, query: SampleQuery) -> pa.Table:
        """Load samples, ascending also where the query is descending."""
        schema = await self._schema(query.topic, query.fields)
        async with aclosing(self.stream(query)) as batches:
            table = pa.Table.from_batches([batch async for batch in batches], schema)
        return table.sort_by("time") if query.descending else table

    async def stream(self, query: SampleQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Load samples batch by batch; closing ends the query on the server within a second."""
        known = await self._known(query.topic, query.fields)
        if not known:
            return
        statement = influxql.select_samples(query, await self._target(query.topic), known)
        async with aclosing(self._rows(query.topic, query.fields, known, statement)) as batches:
            async for batch in batches:
                yield batch

    async def latest(self, topic: str, fields: tuple[str, ...], before_utc_ns: int) -> pa.Table:
        """Load the last row before a time in which one of the fields has a value."""
        schema = await self._schema(topic, fields)
        known = await self._known(topic, fields)
        if not known:
            return schema.empty_table()
        statement = influxql.select_latest(await self._target(topic), known, before_utc_ns)
        async with aclosing(self._rows(topic, fields, known, statement)) as batches:
            return pa.Table.from_batches([batch async for batch in batches], schema)

    async def count(self, query: SampleQuery) -> int:
        """Count the rows that `samples` would give."""
        known = await self._known(query.topic, query.fields)
        if not known:
            return 0
        if len(known) > 1:
            # A row counts once however many of the fields it has, which InfluxQL cannot say.
            async with aclosing(self.stream(query)) as batches:
                return sum([batch.num_rows async for batch in batches])
        statement = influxql.select_count(query, await self._target(query.topic), known[0])
        series = await self._connection.rows(statement)
        total = int(series[0]["values"][0][1]) if series else 0
        return total if query.limit is None else min(total, query.limit)

    async def summary(self, query: SummaryQuery) -> pa.Table:
        """Load aggregates of buckets from the server; booleans come as 0 and 1."""
        types = await self._types(query.topic)
        numeric = [name for name in query.fields if types.get(name) in _NUMBERS]
        schema = summary_schema(query, types)
        if not numeric:
            return schema.empty_table()
        statement = influxql.select_summary(query, await self._target(query.topic), numeric)
        names = [f"{name}_{aggregate}" for name in numeric for aggregate in query.aggregates]
        received = pa.schema([schema.field("time"), *(_as_sent(schema.field(name), types) for name in names)])
        async with aclosing(self._connection.stream(statement, received)) as batches:
            return pa.Table.from_batches([_completed(batch, schema) async for batch in batches], schema)

    async def default_range(self) -> TimeRange | None:
        """Leave the range to the clock."""
        return None

    async def _rows(
        self, topic: str, fields: Sequence[str], known: Sequence[str], statement: str
    ) -> AsyncGenerator[pa.RecordBatch, None]:
        schema = await self._schema(topic, fields)
        received = pa.schema([schema.field("time"), *(schema.field(name) for name in known)])
        async with aclosing(self._connection.stream(statement, received)) as batches:
            async for batch in batches:
                yield batch if len(known) == len(fields) else _completed(batch, schema)

    async def _policy_in_force(self) -> str:
        if self._policy is None:
            self._policy = (await self.retention_policies() or ["autogen"])[0]
        return self._policy

    async def _target(self, topic: str) -> str:
        return influxql.measurement(self._database, await self._policy_in_force(), topic)

    async def _types(self, topic: str) -> dict[str, FieldType]:
        """Give the fields of a topic with their types; of two types over time, float."""
        if topic not in self._fields:
            policy = await self._policy_in_force()
            series = await self._connection.rows(influxql.show_field_keys(self._database, policy, topic))
            types: dict[str, FieldType] = {}
            for name, kind in (row for part in series for row in part["values"]):
                types[name] = FieldType.FLOAT if name in types else FieldType(kind)
            if not types:
                return {}
            self._fields[topic] = types
        return self._fields[topic]

    async def _known(self, topic: str, fields: Sequence[str]) -> list[str]:
        types = await self._types(topic)
        return [name for name in fields if name in types]

    async def _schema(self, topic: str, fields: Sequence[str]) -> pa.Schema:
        types = await self._types(topic)
        columns = [(name, ARROW_TYPES[types.get(name, FieldType.FLOAT)]) for name in fields]
        return pa.schema([("time", pa.int64()), *columns])


def summary_schema(query: SummaryQuery, types: dict[str, FieldType]) -> pa.Schema:
    """Give the columns of a summary: `time`, then `<field>_<aggregate>`."""
    columns = []
    for name in query.fields:
        own = pa.float64() if types.get(name) is FieldType.FLOAT else pa.int64()
        special = {"count": pa.int64(), "mean": pa.float64()}
        columns += [(f"{name}_{aggregate}", special.get(aggregate, own)) for aggregate in query.aggregates]
    return pa.schema([("time", pa.int64()), *columns])


def _as_sent(column: pa.Field, types: dict[str, FieldType]) -> pa.Field:
    """Booleans travel as true and false, but for their counts and means."""
    name, _, aggregate = column.name.rpartition("_")
    if types.get(name) is FieldType.BOOLEAN and aggregate not in ("count", "mean"):
        return column.with_type(pa.bool_())
    return column


def _completed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Put columns that the server does not have in their places, all null, and booleans as numbers."""
    arrays = []
    for part in schema:
        if part.name in batch.schema.names:
            arrays.append(batch.column(part.name).cast(part.type))
        else:
            arrays.append(pa.nulls(batch.num_rows, part.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
