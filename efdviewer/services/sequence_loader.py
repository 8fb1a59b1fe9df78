"""Looks through the numbers of a topic's messages in a range."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from efdviewer.domain.errors import UnknownTopicError
from efdviewer.domain.query import DataSource, SampleQuery
from efdviewer.domain.samples import times
from efdviewer.domain.sequence import SequenceBreaks, SequenceCounts
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import TopicName, index_fields
from efdviewer.services.blocks import stream_blocks
from efdviewer.services.catalog import Catalog

NUMBER = "private_seqNum"
_ORIGINS = ("private_origin", "private_identity")

InWorker = Callable[..., Awaitable[Any]]


async def load_sequence(
    source: DataSource, catalog: Catalog, topic: str, time_range: TimeRange, in_worker: InWorker
) -> SequenceBreaks:
    """Stream the numbers of a topic, and who gave them, in bounded memory.

    Raises
    ------
    EfdViewerError
        If the source does not answer completely, or the messages are not numbered.
    """
    names = [schema.name for schema in await catalog.fields(topic)]
    if NUMBER not in names:
        raise UnknownTopicError(f"The messages of {TopicName.parse(topic).title} are not numbered.")
    origins = [name for name in (*_ORIGINS, *index_fields(topic, names)) if name in names]
    counts = SequenceCounts()
    publishers: dict[object, int] = {}
    query = SampleQuery(topic=topic, fields=(NUMBER, *origins), time_range=time_range)
    async with aclosing(stream_blocks(source, query)) as blocks:
        async for table in blocks:
            await in_worker(_add, counts, table, publishers)
    return counts.figures()


def _add(counts: SequenceCounts, table: pa.Table, publishers: dict[object, int]) -> None:
    table = table.filter(pc.is_valid(table.column(NUMBER)))
    numbers = np.asarray(table.column(NUMBER).cast(pa.int64()).to_numpy(), np.int64)
    who = np.zeros(table.num_rows, np.int64)
    for name in table.column_names[2:]:
        encoded = pc.dictionary_encode(table.column(name).combine_chunks(), null_encoding="encode")
        codes = np.array(
            [
                publishers.setdefault((name, value), len(publishers) + 1)
                for value in encoded.dictionary.to_pylist()
            ],
            np.int64,
        )
        who = who * 1_000_003 + (codes[encoded.indices.to_numpy(zero_copy_only=False)] if len(codes) else 0)
    if len(numbers):
        counts.add(times(table), numbers, who)
