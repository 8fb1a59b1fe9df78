"""Gathers the batches of an answer into tables that are worth a worker's while."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import pyarrow as pa

from efdviewer.domain.query import DataSource, SampleQuery

_ROWS = 50_000


async def stream_blocks(source: DataSource, query: SampleQuery) -> AsyncGenerator[pa.Table, None]:
    """Load samples, ascending, in tables of some fifty thousand rows.

    Raises
    ------
    EfdViewerError
        If the source does not answer completely.
    """
    waiting: list[pa.RecordBatch] = []
    rows = 0
    async with aclosing(source.stream(query)) as batches:
        async for batch in batches:
            waiting.append(batch)
            rows += batch.num_rows
            if rows >= _ROWS:
                yield pa.Table.from_batches(waiting)
                waiting, rows = [], 0
    if waiting:
        yield pa.Table.from_batches(waiting)
