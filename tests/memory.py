"""A source that holds a few tables in memory, and panels on it: for what an archive cannot be made to do."""

import asyncio
from collections.abc import AsyncGenerator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from efdviewer.domain.errors import EfdViewerError, UnknownTopicError
from efdviewer.domain.query import SampleQuery, SummaryQuery
from efdviewer.domain.session import Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldSchema, FieldType
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.tasks import TaskRunner

SECOND_NS = 1_000_000_000
START_NS = 1_706_742_000 * SECOND_NS
LEAP_S = 37.0
RANGE = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + 1000 * SECOND_NS)
BATCH = 10_000


class MemorySource:
    """`gate` holds back rows while it is closed; `asked` and `counted` are the queries, in order."""

    origin = "memory"

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._tables = tables
        self.asked: list[SampleQuery] = []
        self.counted: list[SummaryQuery] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.reached = asyncio.Event()
        """Set when the first query stands at the gate."""

    def put(self, topic: str, table: pa.Table) -> None:
        """Hold other rows from now on."""
        self._tables = {**self._tables, topic: table}

    async def fields(self, topic: str) -> list[FieldSchema]:
        if topic not in self._tables:
            raise UnknownTopicError(f"The topic '{topic}' is not here.", hint="Check its spelling.")
        kinds = {pa.string(): FieldType.STRING, pa.int64(): FieldType.INTEGER}
        schema = self._tables[topic].schema
        return [
            FieldSchema(name=field.name, type=kinds.get(field.type, FieldType.FLOAT), units="")
            for field in schema
            if field.name != "time"
        ]

    async def samples(self, query: SampleQuery) -> pa.Table:
        self.asked.append(query)
        self.reached.set()
        await self.gate.wait()
        table = self._tables[query.topic].select(["time", *query.fields])
        start, end = query.time_range.start_utc_ns, query.time_range.end_utc_ns
        inside = pc.and_(pc.greater_equal(table["time"], start), pc.less(table["time"], end))
        return table.filter(inside).slice(0, query.limit)

    async def stream(self, query: SampleQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        for batch in (await self.samples(query)).to_batches(max_chunksize=BATCH):
            yield batch

    async def stream_summary(self, query: SummaryQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        self.counted.append(query)
        self.reached.set()
        await self.gate.wait()
        rows = await MemorySource(self._tables).samples(
            SampleQuery(topic=query.topic, fields=query.fields, time_range=query.time_range)
        )
        times = rows["time"].to_numpy()
        starts, counts = np.unique(times - times % query.bucket_ns, return_counts=True)
        yield pa.record_batch({"time": starts, f"{query.fields[0]}_count": counts})


class Desk:
    """A document and a runner; `panel` is told of changes as the window would tell it."""

    def __init__(self, session: Session) -> None:
        self.document = Document(session)
        self.reported: list[EfdViewerError] = []
        self.runner = TaskRunner(report=self.reported.append)

    def show(self, panel, source, time_range: TimeRange = RANGE):
        self.document.observers.append(panel.sessionChanged)
        panel.set_time_range(time_range)
        panel.set_source(source, Catalog(source))
        return panel

    async def settled(self) -> None:
        """Wait until no task is left."""
        while self.runner.outstanding:
            pending = [*self.runner._tasks.values(), *self.runner._ending]
            await asyncio.wait(pending)
            await asyncio.sleep(0)


def messages(
    count: int = 10, *, delay_s: float = 0.5, snd_in: str = "tai", spacing_s: float = 10.0
) -> pa.Table:
    """Messages with stamps; rcvStamp is TAI, sndStamp as told."""
    snd_utc_s = START_NS / 1e9 + np.arange(count) * spacing_s
    written = snd_utc_s + (LEAP_S if snd_in == "tai" else 0.0)
    return pa.table(
        {
            "time": START_NS + np.round(np.arange(count) * spacing_s * 1e9).astype(np.int64),
            "private_sndStamp": written,
            "private_rcvStamp": snd_utc_s + LEAP_S + delay_s,
            "private_seqNum": np.arange(count),
        }
    )
