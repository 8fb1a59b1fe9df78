"""Series: what became of a field in a range."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from efdviewer.domain.level_view import LevelView
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import Equals, FieldRef, FieldSchema, FieldType, Subset, TopicKind, TopicName

SLOW_NS = 5_000_000_000
"""Telemetry that usually comes no more often than this is drawn in steps, as what is known of it is."""


class SeriesOutcome(Enum):
    """What became of one field."""

    READY = "ready"
    NO_DATA = "no data"
    UNKNOWN = "unknown"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One field in one range.

    `latest_utc_ns` is the time of the last sample before the range where it has none, int64 ns UTC.
    `held` is that sample of a field drawn in steps, (int64 ns UTC, value). `complete` is False while better
    is on its way.
    """

    field: FieldRef
    outcome: SeriesOutcome
    units: str = ""
    description: str = ""
    stepped: bool = False
    view: LevelView | None = None
    held: tuple[int, float] | None = None
    latest_utc_ns: int | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRequest:
    """Fields of one topic, over a range, for so many pixel columns; of buckets their means too, if asked."""

    topic: str
    fields: tuple[str, ...]
    time_range: TimeRange
    columns: int
    where: tuple[Equals, ...] = ()
    means: bool = False

    @property
    def subset(self) -> Subset:
        """The rows that the fields are read from."""
        return self.topic, self.where

    def ref(self, name: str) -> FieldRef:
        """Name one of the fields in full."""
        return FieldRef(self.topic, name, self.where)


Deliver = Callable[[Series], None]


def is_state(topic: str, schema: FieldSchema) -> bool:
    """Events and commands hold their value until the next one; so do whole numbers, which count or name."""
    is_whole = schema.type in (FieldType.BOOLEAN, FieldType.INTEGER)
    return is_whole or TopicName.parse(topic).kind is not TopicKind.TELEMETRY
