"""What can be asked of a source, and the protocol that every source answers."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from efdviewer.domain.errors import BadInputError
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import Equals, FieldSchema, FieldType, TopicName

__all__ = [
    "AGGREGATES",
    "COUNTED_FIELD",
    "MOST_COUNTED_FIELDS",
    "MOST_DISTINCT",
    "DataSource",
    "Equals",
    "SampleQuery",
    "Statement",
    "SummaryQuery",
    "too_many_values",
]

AGGREGATES = ("min", "max", "mean", "count", "first", "last")
"""Aggregates that a summary can hold."""
_OF_NUMBERS = {"min", "max", "mean"}
MOST_DISTINCT = 1000
"""A field with more values than this is no index of devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleQuery:
    """Samples of some fields of one topic, at most `limit` rows from the start (or the end) of the range."""

    topic: str
    fields: tuple[str, ...]
    time_range: TimeRange
    where: tuple[Equals, ...] = ()
    limit: int | None = None
    descending: bool = False

    def __post_init__(self) -> None:
        if not self.fields:
            raise BadInputError(f"No field of {self.topic} was chosen.")
        if self.limit is not None and self.limit < 0:
            raise BadInputError("A limit cannot be negative.")

    def share_at(self, utc_ns: int) -> float:
        """Give how much of the range has come, 0 to 1, with a row of this time the last so far."""
        share = self.time_range.share_at(utc_ns)
        return 1.0 - share if self.descending else share


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryQuery:
    """Aggregates of fields in buckets of `bucket_ns`, aligned to so much after the Unix epoch."""

    topic: str
    fields: tuple[str, ...]
    time_range: TimeRange
    bucket_ns: int
    aggregates: tuple[str, ...] = ("min", "max", "count")
    where: tuple[Equals, ...] = ()
    offset_ns: int = 0

    def __post_init__(self) -> None:
        if not self.fields:
            raise BadInputError(f"No field of {self.topic} was chosen.")
        if self.bucket_ns <= 0:
            raise BadInputError("A bucket must be at least 1 ns wide.")
        if unknown := set(self.aggregates) - set(AGGREGATES):
            raise BadInputError(f"Unknown aggregates: {', '.join(sorted(unknown))}.")

    def check_types(self, types: Mapping[str, FieldType]) -> None:
        """Raise a BadInputError if something is asked of texts that they do not have."""
        texts = [name for name in dict.fromkeys(self.fields) if types.get(name) is FieldType.STRING]
        if texts and _OF_NUMBERS.intersection(self.aggregates):
            raise BadInputError(
                f"{', '.join(texts)} of {self.topic} holds texts, which have no minimum, maximum or mean.",
                hint="Choose a number or a boolean.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one statement sent to a source has come to; a new value for each change."""

    number: int
    text: str
    started_utc_ns: int
    elapsed_s: float = 0.0
    rows: int = 0
    received_bytes: int = 0
    share: float = 0.0
    """How much of the range in question has come, 0 to 1."""
    outcome: str = "running"
    """`running`, `done`, `cancelled`, or the message of the failure."""
    lost_link: bool = False
    """Whether it failed because the way to the source did."""


COUNTED_FIELD = "private_sndStamp"
"""The field by which messages of SAL topics are counted: each of them has it."""
MOST_COUNTED_FIELDS = 20


class DataSource(Protocol):
    """An EFD, wherever it lives.

    Every method raises an `EfdViewerError` when the answer is not complete; it never returns less.
    A topic that the source does not have gives empty answers, except that `fields` raises
    `UnknownTopicError`.
    """

    @property
    def address(self) -> str:
        """Address without password, as `open_source` takes it."""
        ...

    @property
    def label(self) -> str:
        """Short name for people."""
        ...

    @property
    def origin(self) -> str:
        """What tells its data from those of any other source: what came from the same origin stays true."""
        ...

    statement_observers: list[Callable[[Statement], None]]
    """Called on the event loop with each statement when it starts, ends, and now and then in between."""

    async def check(self) -> None:
        """Ask for something small, to learn whether the source answers at all.

        Raises
        ------
        EfdViewerError
            If it is out of reach, refuses the account, or has no such database or retention policy.
        """
        ...

    async def topics(self) -> list[TopicName]:
        """List all topics, sorted by name."""
        ...

    async def fields(self, topic: str) -> list[FieldSchema]:
        """List the fields of a topic; one that has two types over time is listed once (float wins)."""
        ...

    async def tags(self, topic: str) -> list[str]:
        """List the tags of a topic, sorted; conditions may name them like fields."""
        ...

    async def distinct(
        self, topic: str, field: str, time_range: TimeRange, *, where: tuple[Equals, ...] = ()
    ) -> list[int | float | bool | str]:
        """List the values that a field has in a range, sorted; of a tag, all that it ever had.

        Empty for a field that does not exist.

        Raises
        ------
        BadInputError
            If there are more than `MOST_DISTINCT`.
        """
        ...

    def known_fields(self) -> Mapping[str, list[FieldSchema]]:
        """Give the fields, by topic, that need no asking; an archive lists all, a database none."""
        ...

    async def samples(self, query: SampleQuery) -> pa.Table:
        """Load samples: column `time`, int64 ns UTC, ascending, then the fields.

        Null where a field has no value in a row; rows in which all of them are null are left out.
        """
        ...

    def stream(self, query: SampleQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Load samples batch by batch, in the columns of `samples`; `aclose()` ends the query."""
        ...

    async def latest(
        self, topic: str, fields: tuple[str, ...], before_utc_ns: int, *, where: tuple[Equals, ...] = ()
    ) -> pa.Table:
        """Load the last row before a time in which one of the fields has a value; at most one row."""
        ...

    async def count(self, query: SampleQuery) -> int:
        """Count the rows that `samples` would give."""
        ...

    async def counts(self, topics: Sequence[str], time_range: TimeRange) -> dict[str, int]:
        """Count the messages of many topics in a range; those without any are left out.

        Of a SAL topic a message counts that has a send stamp; of any other, one that has any of its first
        `MOST_COUNTED_FIELDS` fields.
        """
        ...

    async def summary(self, query: SummaryQuery) -> pa.Table:
        """Load aggregates: `time` (start of the bucket), then `<field>_<aggregate>` for each.

        Empty buckets are left out. The first `time` may precede the range; its aggregates cover only
        the range. Booleans are summarised as 0 and 1; texts have `count`, `first` and `last` alone.
        A bucket in which one field has no value holds null for its aggregates and 0 for its count.
        """
        ...

    def stream_summary(self, query: SummaryQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Load aggregates in the columns of `summary`, ascending, as they are worked out.

        `aclose()` ends the query. A boolean has no mean here.
        """
        ...

    async def default_range(self) -> TimeRange | None:
        """Range that a new window should show; None for the last 20 hours of the clock."""
        ...


def too_many_values(topic: str, field: str) -> BadInputError:
    """Say that a field has more than `MOST_DISTINCT` values."""
    return BadInputError(
        f"{field} of {topic} has more than {MOST_DISTINCT:,} values in this range.",
        hint="Choose a shorter range, or a field that tells devices apart.",
    )
