"""What one database of an InfluxDB holds: measurements, retention policies, fields and their types."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

import pyarrow as pa

from efdviewer.domain.errors import QueryError, UnknownTopicError
from efdviewer.domain.query import MOST_DISTINCT, too_many_values
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import Equals, FieldSchema, FieldType, TopicName
from efdviewer.sources import influxql
from efdviewer.sources.influx_http import InfluxConnection
from efdviewer.sources.reply import ARROW_TYPES
from efdviewer.sources.units import units_of

P = TypeVar("P")
R = TypeVar("R")

_SLICE = 500


class InfluxCatalog:
    """Asks for the default retention policy once, unless one is given, and once for the types of a topic."""

    def __init__(self, connection: InfluxConnection, database: str, policy: str | None) -> None:
        self._connection = connection
        self._database = database
        self._policy = policy
        self._types_of: dict[str, dict[str, FieldType]] = {}

    @property
    def policy(self) -> str | None:
        """Retention policy in force; None until it was looked up."""
        return self._policy

    async def topics(self) -> list[TopicName]:
        """List all measurements, of all retention policies."""
        rows = await self._connection.rows(influxql.show_measurements(self._database))
        if not rows:
            # A database that does not exist has no measurements either; this statement says so.
            await self.retention_policies()
        return sorted(await _in_slices(lambda row: TopicName.parse(row[0]), rows), key=_measurement)

    async def check(self) -> None:
        """Find the retention policy in force.

        Raises
        ------
        QueryError
            If the database has no policy of the name that was given.
        """
        policies = await self.retention_policies()
        if self._policy is None:
            self._policy = policies[0] if policies else "autogen"
        elif self._policy not in policies:
            raise QueryError(
                f"The database '{self._database}' has no retention policy '{self._policy}'.",
                hint=f"It has {', '.join(policies)}.",
            )

    async def databases(self) -> list[str]:
        """List the databases that the account may read; `_internal` is the server's own."""
        rows = await self._connection.rows(influxql.SHOW_DATABASES)
        return sorted(row[0] for row in rows if row[0] != "_internal")

    async def retention_policies(self) -> list[str]:
        """List the retention policies, the default one first."""
        rows = await self._connection.rows(influxql.show_retention_policies(self._database))
        # In every 1.x the name stands first, and last whether it is the default.
        return [row[0] for row in sorted(rows, key=lambda row: not row[-1])]

    async def fields(self, topic: str) -> list[FieldSchema]:
        """List the fields of a measurement in the retention policy in force.

        Raises
        ------
        UnknownTopicError
            If it has none there; the hint names the policies that have it.
        """
        # A measurement may have got fields since it was asked about for a query.
        self.forget(topic)
        types = await self.types(topic)
        if not types:
            raise await self._unknown(topic)
        return await _in_slices(
            lambda item: FieldSchema(name=item[0], type=item[1], units=units_of(topic, item[0])),
            list(types.items()),
        )

    async def types(self, topic: str) -> dict[str, FieldType]:
        """Give the fields of a topic with their types; empty for an unknown topic."""
        types = self._types_of.get(topic)
        if types is None:
            policy = await self._policy_in_force()
            rows = await self._connection.rows(influxql.show_field_keys(self._database, policy, topic))
            if not rows:
                return {}
            types = {}
            for name, kind in await _in_slices(lambda row: (row[0], FieldType(row[1])), rows):
                types[name] = _joined(types[name], kind) if name in types else kind
            self._types_of[topic] = types
        return types

    async def tags(self, topic: str) -> list[str]:
        """List the tags of a measurement in the retention policy in force."""
        policy = await self._policy_in_force()
        rows = await self._connection.rows(influxql.show_tag_keys(self._database, policy, topic))
        return sorted(row[0] for row in rows)

    async def distinct(
        self, topic: str, field: str, time_range: TimeRange, where: Sequence[Equals]
    ) -> list[int | float | bool | str]:
        """List the values of a field in a range, or all of a tag.

        Raises
        ------
        BadInputError
            If there are more than `MOST_DISTINCT`.
        """
        limit = MOST_DISTINCT + 1
        kind = (await self.types(topic)).get(field)
        if kind is None:
            policy = await self._policy_in_force()
            statement = influxql.show_tag_values(self._database, policy, topic, field, limit)
        else:
            target = await self.target(topic)
            statement = influxql.select_distinct(target, field, time_range, where, limit)
        values = [row[1] for row in await self._connection.rows(statement)]
        if len(values) > MOST_DISTINCT:
            raise too_many_values(topic, field)
        # JSON writes a float without a fraction as a whole number.
        return sorted(map(float, values) if kind is FieldType.FLOAT else values)

    async def known(self, topic: str, fields: Sequence[str]) -> list[str]:
        """Give those of the fields that the topic has, each once; asks anew where one is missing."""
        types = await self.types(topic)
        if types and not set(fields) <= types.keys():
            self.forget(topic)
            types = await self.types(topic)
        return [name for name in dict.fromkeys(fields) if name in types]

    async def schema(self, topic: str, fields: Sequence[str]) -> pa.Schema:
        """Give the columns of samples: `time`, then the fields; float64 for those that do not exist."""
        types = await self.types(topic)
        columns = [(name, ARROW_TYPES[types.get(name, FieldType.FLOAT)]) for name in fields]
        return pa.schema([("time", pa.int64()), *columns])

    async def target(self, topic: str) -> str:
        """Name a measurement in full."""
        return influxql.measurement(self._database, await self._policy_in_force(), topic)

    def forget(self, topic: str) -> None:
        """Ask anew for the types of a topic when they are wanted next."""
        self._types_of.pop(topic, None)

    async def _policy_in_force(self) -> str:
        if self._policy is None:
            await self.check()
        assert self._policy is not None
        return self._policy

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


async def _in_slices(function: Callable[[P], R], items: Sequence[P]) -> list[R]:
    """Map many items without holding the event loop: a topic has up to 14,494 fields.

    In a worker it would be worse: Python code there holds the interpreter for 5 ms each time.
    """
    results: list[R] = []
    for begin in range(0, len(items), _SLICE):
        results += map(function, items[begin : begin + _SLICE])
        await asyncio.sleep(0)
    return results


def _measurement(topic: TopicName) -> str:
    return topic.measurement


def _joined(first: FieldType, second: FieldType) -> FieldType:
    """Give the type in which InfluxDB returns a field that has had two."""
    if FieldType.FLOAT in (first, second) or FieldType.INTEGER in (first, second):
        return FieldType.FLOAT
    return FieldType.STRING
