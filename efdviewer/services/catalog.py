"""Topics and fields of a source, asked for once."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from efdviewer.domain.query import DataSource
from efdviewer.domain.topics import FieldSchema, TopicName


class Catalog:
    """Remembers what a source has.

    Calls at the same time share one request. It belongs to the first of them: where that is cancelled
    or fails, the next one asks for itself.
    """

    def __init__(self, source: DataSource) -> None:
        self._source = source
        self.observers: list[Callable[[str, list[FieldSchema]], None]] = []
        """Called with a topic and its fields when these become known."""
        self.reload()

    async def topics(self) -> list[TopicName]:
        """List all topics, sorted by name."""
        topics, turn = self._topics, self._turns[None]
        async with turn:
            if not topics:
                fields = self._fields
                topics.append(await self._source.topics())
                for topic, schemas in self._source.known_fields().items():
                    fields.setdefault(topic, schemas)
            return topics[0]

    async def fields(self, topic: str) -> list[FieldSchema]:
        """List the fields of a topic.

        Raises
        ------
        UnknownTopicError
            If the source does not have the topic.
        """
        # A reply to a question from before `reload` goes into the memory of that time, which nobody reads.
        fields, turn = self._fields, self._turns[topic]
        async with turn:
            if topic not in fields:
                fields[topic] = await self._source.fields(topic)
                if fields is self._fields:
                    for observer in self.observers:
                        observer(topic, fields[topic])
            return fields[topic]

    async def tags(self, topic: str) -> list[str]:
        """List the tags of a topic, sorted."""
        tags, turn = self._tags, self._turns["tags", topic]
        async with turn:
            if topic not in tags:
                tags[topic] = await self._source.tags(topic)
            return tags[topic]

    def known_fields(self, topic: str) -> list[FieldSchema] | None:
        """Give the fields of a topic if they were asked for before."""
        return self._fields.get(topic)

    def reload(self) -> None:
        """Ask anew from now on."""
        self._topics: list[list[TopicName]] = []
        self._fields: dict[str, list[FieldSchema]] = {}
        self._tags: dict[str, list[str]] = {}
        self._turns: defaultdict[str | tuple[str, str] | None, asyncio.Lock] = defaultdict(asyncio.Lock)
