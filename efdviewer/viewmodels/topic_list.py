"""The topics of one source, with what is known of their fields, and which of them match a filter."""

from collections.abc import Iterable, Sequence

from efdviewer.domain.search import Found, SearchIndex, Word, holding
from efdviewer.domain.topics import FieldGroup, FieldSchema, TopicKind, TopicName, group_fields, natural_key

MANY_FIELDS = 1000
"""Folding so many fields into arrays takes 8 ms: more than that is work for a thread."""


class TopicList:
    """Topics in the order in which they are shown: by CSC, then by name, numbers by their value.

    To build one of 3,093 topics takes 20 ms.
    """

    def __init__(self, topics: Iterable[TopicName] = ()) -> None:
        self.topics = sorted(
            topics, key=lambda topic: (topic.csc.casefold(), topic.csc, natural_key(topic.name))
        )
        self._of_kind = {
            kind: {place for place, topic in enumerate(self.topics) if topic.kind is kind}
            for kind in TopicKind
        }
        self._places = {str(topic): place for place, topic in enumerate(self.topics)}
        self._index = SearchIndex(f"{topic.csc}.{topic.name}" for topic in self.topics)
        self._fields: dict[str, Sequence[FieldSchema]] = {}
        self._groups: dict[str, list[FieldGroup]] = {}

    def place_of(self, topic: str) -> int | None:
        """Give the place of a topic in the list."""
        return self._places.get(topic)

    def find(self, text: str, kinds: frozenset[TopicKind]) -> tuple[Found, int]:
        """Find topics of some kinds that match, and count those of the other kinds that would."""
        found = self._index.find(text)
        others = set().union(*(places for kind, places in self._of_kind.items() if kind not in kinds))
        places = {place: words for place, words in found.places.items() if place not in others}
        return Found(places=places, resembling=found.resembling), len(found.places) - len(places)

    def learn(self, topic: str, fields: Sequence[FieldSchema]) -> None:
        """Remember the fields of a topic."""
        place = self._places.get(topic)
        if place is not None:
            self._fields[topic] = fields
            if len(fields) <= MANY_FIELDS:
                self._groups.pop(topic, None)
            self._index.learn(place, (schema.name for schema in fields))

    def fields_of(self, topic: str) -> Sequence[FieldSchema] | None:
        """Give the fields of a topic, as far as they are known."""
        return self._fields.get(topic)

    def inherit(self, older: "TopicList") -> None:
        """Take over what an older list knows of topics of which nothing is known here."""
        for topic, fields in older._fields.items():
            if topic not in self._fields:
                self.learn(topic, fields)
                if topic in older._groups:
                    self.fold(topic, older._groups[topic])

    def fold(self, topic: str, groups: list[FieldGroup]) -> None:
        """Remember the arrays that the fields of a topic make, worked out in a thread."""
        if topic in self._fields:
            self._groups[topic] = groups

    def number_of_fields(self, topic: TopicName, words: Sequence[Word]) -> int:
        """Count the fields of a topic that hold all words."""
        return sum(holding(words, [schema.name for schema in self._fields.get(str(topic), ())]))

    def is_ready(self, topic: TopicName) -> bool:
        """Whether `groups` answers at once."""
        name = str(topic)
        return name in self._groups or (name in self._fields and len(self._fields[name]) <= MANY_FIELDS)

    def groups(self, topic: TopicName, words: Sequence[Word]) -> list[FieldGroup]:
        """Give a topic's fields, arrays folded: those that hold all words, as long as they are not many."""
        name = str(topic)
        fields = self._fields[name]
        if words:
            held = holding(words, [schema.name for schema in fields])
            kept = [schema for schema, holds in zip(fields, held, strict=True) if holds]
            if 0 < len(kept) <= MANY_FIELDS:
                return group_fields(kept)
        if name not in self._groups:
            self._groups[name] = group_fields(fields)
        return self._groups[name]
