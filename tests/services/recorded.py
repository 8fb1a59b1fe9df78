"""A real source, and note of what it was asked."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pyarrow as pa

from efdviewer.domain.query import DataSource, SampleQuery, SummaryQuery


class RecordedSource:
    """Hands all on; `stops_after` so many batches of a summary it waits until it is cancelled."""

    def __init__(self, source: DataSource) -> None:
        self.source = source
        self.asked: list[SampleQuery | SummaryQuery] = []
        self.stops_after: int | None = None
        self.stopped = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.source, name)

    async def samples(self, query: SampleQuery) -> pa.Table:
        self.asked.append(query)
        return await self.source.samples(query)

    async def stream_summary(self, query: SummaryQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        self.asked.append(query)
        count = 0
        async for batch in self.source.stream_summary(query):
            if count == self.stops_after:
                self.stopped.set()
                await asyncio.Event().wait()
            count += 1
            yield batch

    def taken(self) -> list[SampleQuery | SummaryQuery]:
        """Give what was asked since the last time."""
        asked, self.asked = self.asked, []
        return asked
