"""A source in front of another: what it does not answer in its own way, it hands on."""

from collections.abc import AsyncGenerator, Mapping, Sequence

import pyarrow as pa

from efdviewer.domain.query import DataSource, Equals, SampleQuery, SummaryQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldSchema, TopicName


def behind(source: DataSource) -> DataSource:
    """Give the source that really answers."""
    while isinstance(source, WrappedSource):
        source = source.source
    return source


class WrappedSource:
    """Answers as the source behind it; see `DataSource`."""

    def __init__(self, source: DataSource) -> None:
        self.source = source
        self.statement_observers = source.statement_observers

    @property
    def address(self) -> str:
        """Address of the source behind it."""
        return self.source.address

    @property
    def label(self) -> str:
        """Name of the source behind it."""
        return self.source.label

    @property
    def origin(self) -> str:
        """Origin of the source behind it."""
        return self.source.origin

    async def check(self) -> None:
        """Ask for something small."""
        await self.source.check()

    async def topics(self) -> list[TopicName]:
        """List all topics."""
        return await self.source.topics()

    async def fields(self, topic: str) -> list[FieldSchema]:
        """List the fields of a topic."""
        return await self.source.fields(topic)

    async def tags(self, topic: str) -> list[str]:
        """List the tags of a topic."""
        return await self.source.tags(topic)

    async def distinct(
        self, topic: str, field: str, time_range: TimeRange, *, where: tuple[Equals, ...] = ()
    ) -> list[int | float | bool | str]:
        """List the values that a field has in a range."""
        return await self.source.distinct(topic, field, time_range, where=where)

    def known_fields(self) -> Mapping[str, list[FieldSchema]]:
        """Give the fields that need no asking."""
        return self.source.known_fields()

    async def samples(self, query: SampleQuery) -> pa.Table:
        """Load samples."""
        return await self.source.samples(query)

    def stream(self, query: SampleQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Load samples batch by batch."""
        return self.source.stream(query)

    async def latest(
        self, topic: str, fields: tuple[str, ...], before_utc_ns: int, *, where: tuple[Equals, ...] = ()
    ) -> pa.Table:
        """Load the last row before a time."""
        return await self.source.latest(topic, fields, before_utc_ns, where=where)

    async def count(self, query: SampleQuery) -> int:
        """Count rows."""
        return await self.source.count(query)

    async def counts(self, topics: Sequence[str], time_range: TimeRange) -> dict[str, int]:
        """Count the messages of many topics."""
        return await self.source.counts(topics, time_range)

    async def summary(self, query: SummaryQuery) -> pa.Table:
        """Load aggregates."""
        return await self.source.summary(query)

    def stream_summary(self, query: SummaryQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Load aggregates as they are worked out."""
        return self.source.stream_summary(query)

    async def default_range(self) -> TimeRange | None:
        """Range that a new window should show."""
        return await self.source.default_range()
