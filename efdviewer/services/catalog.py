"""Topics and fields of a source, asked for once."""

import asyncio

from efdviewer.domain.query import DataSource
from efdviewer.domain.topics import FieldSchema, TopicName


class Catalog:
    """Remembers what a source has; calls at the same time share one request."""

    def __init__(self, source: DataSource) -> None:
        self._source = source
        self._topics: list[TopicName] | None = None
        self._fields: dict[str, list[FieldSchema]] = {}
        self._asked: dict[str | None, asyncio.Lock] = {}

    async def topics(self) -> list[TopicName]:
        """List all topics, sorted by name."""
        async with self._asked.setdefault(None, asyncio.Lock()):
            if self._topics is None:
                self._topics = await self._source.topics()
            return self._topics

    async def fields(self, topic: str) -> list[FieldSchema]:
        """List the fields of a topic.

        Raises
        ------
        UnknownTopicError
            If the source does not have the topic.
        """
        async with self._asked.setdefault(topic, asyncio.Lock()):
            if topic not in self._fields:
                self._fields[topic] = await self._source.fields(topic)
            return self._fields[topic]

    def known_fields(self, topic: str) -> list[FieldSchema] | None:
        """Give the fields of a topic if they were asked for before."""
        return self._fields.get(topic)

    def forget(self) -> None:
        """Ask anew from now on."""
        self._topics = None
        self._fields.clear()
