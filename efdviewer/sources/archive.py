"""`ArchiveSource`: an EFD in a folder of Parquet files."""

import math
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from efdviewer.domain.errors import UnknownTopicError
from efdviewer.domain.leap_seconds import SECOND_NS
from efdviewer.domain.query import (
    COUNTED_FIELD,
    MOST_COUNTED_FIELDS,
    MOST_DISTINCT,
    Equals,
    SampleQuery,
    Statement,
    SummaryQuery,
    too_many_values,
)
from efdviewer.domain.rows import reversed_rows
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.domain.topics import SAL_PREFIX, FieldSchema, FieldType, TopicName
from efdviewer.sources.archive_files import ArchiveFiles
from efdviewer.sources.archive_manifest import ArchivedTopic, read_manifest
from efdviewer.sources.archive_writer import MANIFEST
from efdviewer.sources.reply import ARROW_TYPES
from efdviewer.sources.statement_log import StatementLog
from efdviewer.sources.streamed_summary import samples_of, summarised, summary_schema
from efdviewer.sources.workers import run_in_worker

_SUGGESTED_NS = 20 * 3600 * 1_000_000_000
_EARLIEST_NS = -(2**63)


class ArchiveSource:
    """Answers from an archive's manifest and files; work on files happens in worker threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._origin = str(folder)
        self._topics: Mapping[str, ArchivedTopic] = {}
        self._files = ArchiveFiles(folder, self._topics)
        self.statement_observers: list[Callable[[Statement], None]] = []
        self._log = StatementLog(self.statement_observers)

    @property
    def address(self) -> str:
        """The folder."""
        return str(self._folder)

    @property
    def label(self) -> str:
        """The folder's name."""
        return self._folder.name

    @property
    def origin(self) -> str:
        """The folder, and when its manifest was written: another archive may take its place."""
        return self._origin

    async def __aenter__(self) -> Self:
        self._topics = await run_in_worker(read_manifest, self._folder)
        self._origin = await run_in_worker(_origin, self._folder)
        self._files = ArchiveFiles(self._folder, self._topics)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files = ArchiveFiles(self._folder, {})

    async def check(self) -> None:
        """Nothing more to ask: opening has read the manifest."""

    async def topics(self) -> list[TopicName]:
        """List the topics of the manifest."""
        return sorted(TopicName.parse(name) for name in self._topics)

    async def fields(self, topic: str) -> list[FieldSchema]:
        """List the fields of a topic.

        Raises
        ------
        UnknownTopicError
            If the archive does not hold it.
        """
        if topic not in self._topics:
            raise UnknownTopicError(
                f"The topic '{topic}' is not in {self.label}.", hint="Check its spelling."
            )
        return list(self._topics[topic].schemas)

    async def tags(self, _topic: str) -> list[str]:
        """List none: an archive has fields alone."""
        return []

    async def distinct(
        self, topic: str, field: str, time_range: TimeRange, *, where: tuple[Equals, ...] = ()
    ) -> list[int | float | bool | str]:
        """List the values that a field has in a range, by streaming."""
        found: set[int | float | bool | str] = set()
        query = SampleQuery(topic=topic, fields=(field,), time_range=time_range, where=where)
        async with aclosing(self.stream(query)) as batches:
            async for batch in batches:
                found.update((await run_in_worker(pc.unique, batch.column(1))).to_pylist())
                if len(found) > MOST_DISTINCT:
                    raise too_many_values(topic, field)
        # A NaN equals nothing, so no condition could ask for it.
        return sorted(value for value in found if not (isinstance(value, float) and math.isnan(value)))

    def known_fields(self) -> Mapping[str, list[FieldSchema]]:
        """Give the fields of all topics, as the manifest lists them."""
        return {name: list(topic.schemas) for name, topic in self._topics.items()}

    async def samples(self, query: SampleQuery) -> pa.Table:
        """Load samples, ascending."""
        async with aclosing(self.stream(query)) as batches:
            table = pa.Table.from_batches([batch async for batch in batches], self._schema(query))
        return reversed_rows(table) if query.descending else table

    async def stream(self, query: SampleQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Load samples batch by batch; closing stops reading."""
        async with self._log.running(_words(query)) as running:
            left = query.limit
            rows = self._files.read(query, self._schema(query))
            while left != 0 and (batch := await run_in_worker(next, rows, None)) is not None:
                if left is not None:
                    batch = batch.slice(0, left)
                    left -= batch.num_rows
                running.received(rows=batch.num_rows, share=query.share_at(batch.column(0)[-1].as_py()))
                yield batch

    async def latest(
        self, topic: str, fields: tuple[str, ...], before_utc_ns: int, *, where: tuple[Equals, ...] = ()
    ) -> pa.Table:
        """Load the last row before a time in which one of the fields has a value."""
        query = SampleQuery(
            topic=topic,
            fields=fields,
            time_range=TimeRange(start_utc_ns=_EARLIEST_NS, end_utc_ns=before_utc_ns),
            where=where,
            limit=1,
            descending=True,
        )
        return await self.samples(query)

    async def count(self, query: SampleQuery) -> int:
        """Count the rows that `samples` would give."""
        async with aclosing(self.stream(query)) as batches:
            return sum([batch.num_rows async for batch in batches])

    async def counts(self, topics: Sequence[str], time_range: TimeRange) -> dict[str, int]:
        """Count the messages of many topics in a range; files that end before it are not opened."""
        found: dict[str, int] = {}
        for topic in topics:
            known = self._topics.get(topic)
            if known is None or known.end_utc_ns is None or known.end_utc_ns < time_range.start_utc_ns:
                continue
            names = [schema.name for schema in known.schemas]
            is_sal = topic.startswith(SAL_PREFIX)
            fields = (COUNTED_FIELD,) if is_sal else tuple(names[:MOST_COUNTED_FIELDS])
            if count := await self.count(SampleQuery(topic=topic, fields=fields, time_range=time_range)):
                found[topic] = count
        return found

    async def summary(self, query: SummaryQuery) -> pa.Table:
        """Aggregate in buckets by streaming."""
        async with aclosing(self.stream_summary(query)) as batches:
            found = [batch async for batch in batches]
        return pa.Table.from_batches(found, summary_schema(query, self._types(query.topic)))

    async def stream_summary(self, query: SummaryQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Aggregate in buckets by streaming; those that no further row can fall into are given at once.

        Raises
        ------
        BadInputError
            If a field holds texts, and more is asked of it than counts and ends.
        """
        kinds = self._types(query.topic)
        query.check_types(kinds)
        known = tuple(name for name in dict.fromkeys(query.fields) if name in kinds)
        if not known:
            return
        samples = self.stream(samples_of(query, known))
        async with aclosing(summarised(samples, known, query, kinds)) as batches:
            async for batch in batches:
                yield batch

    async def default_range(self) -> TimeRange | None:
        """Give the archive's last 20 hours, to the whole second after its last row."""
        ends = [topic.end_utc_ns for topic in self._topics.values() if topic.end_utc_ns is not None]
        if not ends:
            return None
        end_utc_ns = (max(ends) // SECOND_NS + 1) * SECOND_NS
        return TimeRange(start_utc_ns=end_utc_ns - _SUGGESTED_NS, end_utc_ns=end_utc_ns)

    def _schema(self, query: SampleQuery) -> pa.Schema:
        types = self._types(query.topic)
        columns = [
            (name, ARROW_TYPES[types[name]] if name in types else pa.float64()) for name in query.fields
        ]
        return pa.schema([("time", pa.int64()), *columns])

    def _types(self, topic: str) -> dict[str, FieldType]:
        return self._topics[topic].types if topic in self._topics else {}


def _origin(folder: Path) -> str:
    return f"{folder.resolve()} {(folder / MANIFEST).stat().st_mtime_ns}"


def _words(query: SampleQuery) -> str:
    conditions = f"WHERE {' AND '.join(map(str, query.where))} " if query.where else ""
    return f"READ {', '.join(query.fields)} FROM {query.topic} {conditions}{_range_text(query.time_range)}"


def _range_text(time_range: TimeRange) -> str:
    if time_range.start_utc_ns <= -9_000_000_000_000_000_000:
        return f"before {format_ns(time_range.end_utc_ns, Timescale.UTC)}Z"
    start = format_ns(time_range.start_utc_ns, Timescale.UTC)
    return f"from {start}Z to {format_ns(time_range.end_utc_ns, Timescale.UTC)}Z"
