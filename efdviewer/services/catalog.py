"""Topics and fields of a source, asked for once."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from efdviewer.domain.query import DataSource
from efdviewer.domain.topics import FieldSchema, TopicName


class Notes(Protocol):
    """What is known of fields beside what the source says."""

    def applied(self, topic: str, schemas: Sequence[FieldSchema]) -> list[FieldSchema]:
        """Give the fields of a topic with units and descriptions."""
        ...

    def want(self, topic: str) -> None:
        """Find out what is known of a topic; whoever asks does not wait for it."""
        ...

    def describe(self, topic: str) -> str:
        """Say what a topic is; empty where that is not known."""
        ...


class Catalog:
    """Remembers what a source has.

    Calls at the same time share one request. It belongs to the first of them: where that is cancelled
    or fails, the next one asks for itself.
    """

    def __init__(self, source: DataSource, notes: Notes | None = None) -> None:
        self._source = source
        self._notes = notes
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
                        observer(topic, self._noted(topic, fields[topic]))
            if self._notes is not None:
                self._notes.want(topic)
            return self._noted(topic, fields[topic])

    async def tags(self, topic: str) -> list[str]:
        """List the tags of a topic, sorted."""
        tags, turn = self._tags, self._turns["tags", topic]
        async with turn:
            if topic not in tags:
                tags[topic] = await self._source.tags(topic)
            return tags[topic]

    def known_fields(self, topic: str) -> list[FieldSchema] | None:
        """Give the fields of a topic if they were asked for before."""
        known = self._fields.get(topic)
        return None if known is None else self._noted(topic, known)

    def describe(self, topic: str) -> str:
        """Say what a topic is; empty where that is not known."""
        return "" if self._notes is None else self._notes.describe(topic)

    def tell_notes(self, topics: Collection[str] | None) -> None:
        """Tell observers that more is known of the fields of some topics, or of all."""
        for topic in [topic for topic in self._fields if topics is None or topic in topics]:
            for observer in self.observers:
                observer(topic, self._noted(topic, self._fields[topic]))

    def _noted(self, topic: str, fields: list[FieldSchema]) -> list[FieldSchema]:
        return fields if self._notes is None else self._notes.applied(topic, fields)

    def reload(self) -> None:
        """Ask anew from now on."""
        self._topics: list[list[TopicName]] = []
        self._fields: dict[str, list[FieldSchema]] = {}
        self._tags: dict[str, list[str]] = {}
        self._turns: defaultdict[str | tuple[str, str] | None, asyncio.Lock] = defaultdict(asyncio.Lock)
