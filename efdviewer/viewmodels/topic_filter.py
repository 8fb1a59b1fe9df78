"""What of a source's topics a person asked to see, and what to say of it."""

from collections.abc import Iterator
from itertools import groupby

from efdviewer.domain.search import Found
from efdviewer.domain.topics import FieldGroup, TopicKind, TopicName
from efdviewer.viewmodels.topic_list import TopicList

_FEW_TOPICS = 40
_FEW_FIELDS = 100


class TopicFilter:
    """Words and kinds, and which of the `listed` topics match; `apply` follows any change of the three."""

    def __init__(self) -> None:
        self.listed = TopicList()
        self.text = ""
        self.kinds = frozenset(TopicKind)
        self._found = Found()
        self._others = 0

    def apply(self) -> None:
        """Find what matches."""
        self._found, self._others = self.listed.find(self.text, self.kinds)

    @property
    def is_typed(self) -> bool:
        """Whether there are words."""
        return bool(self.text.strip())

    @property
    def status(self) -> str:
        """How many of the topics match, and whether it is by resemblance."""
        places = self._found.places
        status = f"{len(places):,} of {len(self.listed.topics):,} topics"
        return f"{status}, by resemblance" if self._found.resembling and places else status

    @property
    def notice(self) -> str:
        """Why nothing matches."""
        if not self.listed.topics:
            return "This source holds no topics."
        if self._others:
            return f"No topic of the chosen kinds matches; {self._others:,} of the others would."
        return "No topic matches. Fields are searched too, in the topics that have been opened."

    @property
    def begins_with_field(self) -> bool:
        """Whether the first topic matches by its fields."""
        return any(words for words in list(self._found.places.values())[:1])

    def by_csc(self) -> Iterator[tuple[str, list[TopicName]]]:
        """Give the topics that match, CSC by CSC, in the order in which they are shown."""
        matching = (self.listed.topics[place] for place in self._found.places)
        for csc, topics in groupby(matching, key=lambda topic: topic.csc):
            yield csc, list(topics)

    def shown(self, name: str) -> TopicName | None:
        """Give a topic by its name, if it matches."""
        place = self.listed.place_of(name)
        return self.listed.topics[place] if place is not None and place in self._found.places else None

    def groups(self, topic: TopicName) -> list[FieldGroup]:
        """Give the fields of a topic that match, arrays folded; all of them where its name does."""
        place = self.listed.place_of(str(topic))
        words = self._found.places.get(place, ()) if place is not None else ()
        return self.listed.groups(topic, words)

    def worth_opening(self) -> list[TopicName] | None:
        """Give the topics that match by their fields, none where these are many; None if all is too much."""
        places = self._found.places
        if not self.is_typed or not 0 < len(places) <= _FEW_TOPICS:
            return None
        topics = {self.listed.topics[place]: words for place, words in places.items() if words}
        fields = sum(self.listed.number_of_fields(topic, words) for topic, words in topics.items())
        return list(topics) if fields <= _FEW_FIELDS else []
