"""Loads stamps of a topic's messages, for event lines and for delays."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing

import pyarrow as pa

from efdviewer.domain.errors import UnknownTopicError
from efdviewer.domain.events import short_stamp, stamps_of
from efdviewer.domain.query import DataSource, SampleQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldSchema, FieldType, TopicName
from efdviewer.services.blocks import stream_blocks

_MOST_FIELDS = 40
_EVERY_MESSAGE_HAS = "private_seqNum"


def counted_field(stamp: str, schemas: Sequence[FieldSchema]) -> str:
    """Choose the field that tells how many messages there are: one that each of them has, if there is one."""
    names = [schema.name for schema in schemas]
    if _EVERY_MESSAGE_HAS in names:
        return _EVERY_MESSAGE_HAS
    if stamp != "time":
        return stamp
    return next((schema.name for schema in schemas if schema.type is not FieldType.STRING), names[0])


def check_stamps(topic: str, stamps: Iterable[str], schemas: Sequence[FieldSchema]) -> None:
    """Raise an UnknownTopicError if a topic lacks one of these stamps; the hint names those it has."""
    known = {schema.name for schema in schemas} | {"time"}
    for stamp in stamps:
        if stamp not in known:
            raise UnknownTopicError(
                f"{TopicName.parse(topic).title} has no stamp '{short_stamp(stamp)}'.",
                hint=f"It has {', '.join(map(short_stamp, stamps_of(schemas)))}.",
            )


async def load_stamps(
    source: DataSource,
    topic: str,
    stamps: Sequence[str],
    schemas: Sequence[FieldSchema],
    time_range: TimeRange,
    *,
    every_message: bool,
    limit: int | None = None,
) -> pa.Table:
    """Load the rows that have one of the stamps, or all rows with `every_message`; the first up to a limit.

    Returns
    -------
    pyarrow.Table
        `time`, int64 ns UTC, ascending, then the stamps as they are written, and whatever else came along.

    Raises
    ------
    EfdViewerError
        If the source does not answer completely, or the topic lacks a stamp.
    """
    query = _query(topic, stamps, schemas, time_range, every_message=every_message, limit=limit)
    async with aclosing(source.stream(query)) as batches:
        found = [batch async for batch in batches]
    if found:
        return pa.Table.from_batches(found)
    return pa.schema([("time", pa.int64()), *((name, pa.float64()) for name in query.fields)]).empty_table()


async def stream_stamps(
    source: DataSource,
    topic: str,
    stamps: Sequence[str],
    schemas: Sequence[FieldSchema],
    time_range: TimeRange,
) -> AsyncGenerator[pa.Table, None]:
    """Load the rows that have one of the stamps, ascending, in blocks.

    Raises
    ------
    EfdViewerError
        If the source does not answer completely, or the topic lacks a stamp.
    """
    query = _query(topic, stamps, schemas, time_range, every_message=False, limit=None)
    async with aclosing(stream_blocks(source, query)) as blocks:
        async for table in blocks:
            yield table


def _query(
    topic: str,
    stamps: Sequence[str],
    schemas: Sequence[FieldSchema],
    time_range: TimeRange,
    *,
    every_message: bool,
    limit: int | None,
) -> SampleQuery:
    check_stamps(topic, stamps, schemas)
    names = [schema.name for schema in schemas]
    fields = [stamp for stamp in dict.fromkeys(stamps) if stamp != "time"]
    if every_message and _EVERY_MESSAGE_HAS in names and _EVERY_MESSAGE_HAS not in fields:
        fields.append(_EVERY_MESSAGE_HAS)
    # `time` alone is no field: the rows are then those in which any field has a value.
    return SampleQuery(
        topic=topic, fields=tuple(fields or names[:_MOST_FIELDS]), time_range=time_range, limit=limit
    )
