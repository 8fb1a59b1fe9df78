"""`ArchiveSource`: an EFD in a folder of Parquet files."""

import itertools
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from efdviewer.domain.buckets import FieldBuckets, summary_table
from efdviewer.domain.errors import ArchiveError, BadInputError, EfdViewerError, UnknownTopicError
from efdviewer.domain.query import SampleQuery, Statement, SummaryQuery
from efdviewer.domain.samples import times
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import SECOND_NS, Timescale, format_ns, parse_iso_ns
from efdviewer.domain.topics import FieldSchema, FieldType, TopicName
from efdviewer.sources.archive_writer import FORMAT, MANIFEST, TIME_TYPE, VERSION, folder_name
from efdviewer.sources.decode import ARROW_TYPES
from efdviewer.sources.workers import run_in_worker

_SUGGESTED_NS = 20 * 3600 * 1_000_000_000
_BATCH_ROWS = 65_536
_EARLIEST_NS = -(2**63)


class ArchiveSource:
    """Reads an archive as a stream: of a file only the row groups that a range touches."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._topics: Mapping[str, Any] = {}
        self._datasets: dict[str, ds.Dataset] = {}
        self._numbers = itertools.count(1)
        self.statement_observers: list[Callable[[Statement], None]] = []

    @property
    def address(self) -> str:
        """The folder."""
        return str(self._folder)

    @property
    def label(self) -> str:
        """The folder's name."""
        return self._folder.name

    async def __aenter__(self) -> Self:
        self._topics = await run_in_worker(read_manifest, self._folder)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._datasets.clear()

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
        return self._schemas(topic)

    def known_fields(self) -> Mapping[str, list[FieldSchema]]:
        """Give the fields of all topics, as the manifest lists them."""
        return {topic: self._schemas(topic) for topic in self._topics}

    def _schemas(self, topic: str) -> list[FieldSchema]:
        return [
            FieldSchema(name=name, type=FieldType(parts["type"]), units=parts.get("units", ""))
            for name, parts in self._topics[topic]["fields"].items()
        ]

    async def samples(self, query: SampleQuery) -> pa.Table:
        """Load samples, ascending."""
        async with aclosing(self.stream(query)) as batches:
            table = pa.Table.from_batches([batch async for batch in batches], self._schema(query))
        return table.sort_by("time") if query.descending else table

    async def stream(self, query: SampleQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Load samples batch by batch; closing stops reading."""
        words = f"READ {', '.join(query.fields)} FROM {query.topic} {_range_text(query.time_range)}"
        statement = self._begin(words)
        try:
            left = query.limit
            rows = self._read(query)
            while (batch := await run_in_worker(next, rows, None)) is not None:
                if left is not None:
                    batch = batch.slice(0, left)
                    left -= batch.num_rows
                statement = self._tell(statement, rows=statement.rows + batch.num_rows)
                if batch.num_rows:
                    yield batch
                if left == 0:
                    break
        except EfdViewerError as error:
            self._tell(statement, outcome=str(error))
            raise
        except BaseException:
            self._tell(statement, outcome="cancelled")
            raise
        self._tell(statement, outcome="done")

    async def latest(self, topic: str, fields: tuple[str, ...], before_utc_ns: int) -> pa.Table:
        """Load the last row before a time in which one of the fields has a value."""
        query = SampleQuery(
            topic=topic,
            fields=fields,
            time_range=TimeRange(start_utc_ns=_EARLIEST_NS, end_utc_ns=before_utc_ns),
            limit=1,
            descending=True,
        )
        return await self.samples(query)

    async def count(self, query: SampleQuery) -> int:
        """Count the rows that `samples` would give."""
        async with aclosing(self.stream(query)) as batches:
            return sum([batch.num_rows async for batch in batches])

    async def summary(self, query: SummaryQuery) -> pa.Table:
        """Aggregate in buckets by streaming."""
        found = self._topics.get(query.topic, {}).get("fields", {})
        kinds = {name: FieldType(parts["type"]) for name, parts in found.items()}
        if texts := [name for name in query.fields if kinds.get(name) is FieldType.STRING]:
            raise BadInputError(
                f"{', '.join(texts)} of {query.topic} holds texts, which have no minimum, maximum or mean.",
                hint="Choose a number or a boolean.",
            )
        numeric = tuple(name for name in query.fields if name in kinds)
        parts: dict[str, list[FieldBuckets]] = {name: [] for name in numeric}
        if numeric:
            samples = SampleQuery(
                topic=query.topic, fields=numeric, time_range=query.time_range, where=query.where
            )
            async with aclosing(self.stream(samples)) as batches:
                async for batch in batches:
                    for name in numeric:
                        moments = times(pa.Table.from_batches([batch]))
                        reduced = await run_in_worker(
                            FieldBuckets.of_samples, moments, batch.column(name), query.bucket_ns
                        )
                        parts[name].append(reduced)
        joined = {name: FieldBuckets.joined(found) for name, found in parts.items() if found}
        table = summary_table(joined, query.aggregates) if joined else None
        return _in_columns(table, query, kinds)

    async def default_range(self) -> TimeRange | None:
        """Give the archive's last 20 hours, to the whole second after its last row."""
        ends = [
            parse_iso_ns(topic["end"].removesuffix("Z"), Timescale.UTC)
            for topic in self._topics.values()
            if topic["end"]
        ]
        if not ends:
            return None
        end_utc_ns = (max(ends) // SECOND_NS + 1) * SECOND_NS
        return TimeRange(start_utc_ns=end_utc_ns - _SUGGESTED_NS, end_utc_ns=end_utc_ns)

    def _schema(self, query: SampleQuery) -> pa.Schema:
        kinds = self._topics.get(query.topic, {}).get("fields", {})
        columns = [
            (name, ARROW_TYPES[FieldType(kinds[name]["type"])] if name in kinds else pa.float64())
            for name in query.fields
        ]
        return pa.schema([("time", pa.int64()), *columns])

    def _read(self, query: SampleQuery) -> Iterator[pa.RecordBatch]:
        """Read a topic's rows in a worker thread; what pyarrow raises becomes an `ArchiveError`."""
        if query.topic not in self._topics:
            return
        schema = self._schema(query)
        fields = self._topics[query.topic]["fields"]
        known = [name for name in query.fields if name in fields]
        if not known or any(condition.field not in fields for condition in query.where):
            return
        try:
            for batch in self._scan(query, known):
                yield _shaped(batch, schema)
        except (OSError, pa.ArrowException, KeyError) as error:
            raise ArchiveError(
                f"The archive {self._folder} is damaged at {query.topic}: {_first_line(error)}.",
                hint="Write or copy it again.",
            ) from error

    def _scan(self, query: SampleQuery, known: list[str]) -> Iterator[pa.RecordBatch]:
        dataset = self._datasets.get(query.topic)
        if dataset is None:
            folder = self._folder / folder_name(query.topic)
            dataset = _complete_dataset(folder, self._topics[query.topic])
            if dataset is None:
                return
            self._datasets[query.topic] = dataset
        start = max(query.time_range.start_utc_ns, _EARLIEST_NS)
        wanted = (ds.field("time") >= pa.scalar(start, TIME_TYPE)) & (
            ds.field("time") < pa.scalar(query.time_range.end_utc_ns, TIME_TYPE)
        )
        for condition in query.where:
            wanted &= ds.field(condition.field) == condition.value
        present = ds.field(known[0]).is_valid()
        for name in known[1:]:
            present |= ds.field(name).is_valid()
        fragments = list(dataset.get_fragments(wanted))
        if query.descending:
            fragments.reverse()
        for fragment in fragments:
            scanned = fragment.to_batches(
                columns=["time", *known],
                filter=wanted & present,
                schema=dataset.schema,
                batch_size=_BATCH_ROWS,
                use_threads=False,
            )
            if query.descending:
                table = pa.Table.from_batches(list(scanned))
                yield from table.sort_by([("time", "descending")]).to_batches()
            else:
                yield from scanned

    def _begin(self, text: str) -> Statement:
        statement = Statement(number=next(self._numbers), text=text, started_utc_ns=time.time_ns())
        return self._tell(statement)

    def _tell(self, statement: Statement, **changes: Any) -> Statement:
        elapsed_s = (time.time_ns() - statement.started_utc_ns) / 1e9
        statement = replace(statement, elapsed_s=elapsed_s, **changes)
        for observer in list(self.statement_observers):
            observer(statement)
        return statement


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """Read the topics of an archive's manifest.

    Raises
    ------
    ArchiveError
        If the folder is missing, no archive, newer, or damaged.
    """
    if not folder.is_dir():
        raise ArchiveError(f"The folder {folder} does not exist.", hint="Give a folder that is an archive.")
    try:
        manifest = orjson.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise ArchiveError(f"{folder} is not an archive: it has no {MANIFEST}.") from error
    except (OSError, orjson.JSONDecodeError) as error:
        raise ArchiveError(f"The manifest of {folder} is damaged: {_first_line(error)}.") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArchiveError(f"{folder} is not an efdviewer archive.")
    if manifest.get("version") != VERSION:
        raise ArchiveError(
            f"The archive {folder} has version {manifest.get('version')!r}; this program reads {VERSION}.",
            hint="Update efdviewer.",
        )
    topics = manifest.get("topics")
    if not isinstance(topics, dict) or not all(
        isinstance(topic, dict) and isinstance(topic.get("fields"), dict) for topic in topics.values()
    ):
        raise ArchiveError(f"The manifest of {folder} is damaged: it lists no topics.")
    return topics


def _complete_dataset(folder: Path, topic: Mapping[str, Any]) -> ds.Dataset | None:
    """Open the files of a topic; None where it has no rows. Only the footers are read.

    Raises
    ------
    ArchiveError
        If a file or a column that the manifest tells of is missing: a hole must not look like no data.
    """
    files = sorted(str(path) for path in folder.glob("*.parquet"))
    dataset = ds.dataset(files, format="parquet") if files else None
    fragments = [] if dataset is None else list(dataset.get_fragments())
    for fragment in fragments:
        missing = set(topic["fields"]) - set(fragment.physical_schema.names)
        if missing:
            raise ArchiveError(
                f"The file {fragment.path} has no column {min(missing)}.", hint="Write or copy it again."
            )
    rows = sum(fragment.metadata.num_rows for fragment in fragments)
    if rows != topic["rows"]:
        raise ArchiveError(
            f"The archive is damaged: {folder} holds {rows} rows, the manifest tells of {topic['rows']}.",
            hint="Write or copy it again.",
        )
    return dataset


def _shaped(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    arrays = [
        batch.column(part.name).cast(part.type)
        if part.name in batch.schema.names
        else pa.nulls(len(batch), part.type)
        for part in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _in_columns(table: pa.Table | None, query: SummaryQuery, kinds: Mapping[str, FieldType]) -> pa.Table:
    columns = {"time": pa.int64()}
    for name in query.fields:
        own = pa.float64() if kinds.get(name, FieldType.FLOAT) is FieldType.FLOAT else pa.int64()
        for aggregate in query.aggregates:
            columns[f"{name}_{aggregate}"] = {"count": pa.int64(), "mean": pa.float64()}.get(aggregate, own)
    schema = pa.schema(list(columns.items()))
    if table is None:
        return schema.empty_table()
    # A field that the archive does not have has no extremes, and was counted 0 times.
    absent = {part.name: 0 if part.name.endswith("_count") else None for part in schema}
    arrays = [
        pc.cast(table.column(part.name), part.type)
        if part.name in table.column_names
        else pa.array([absent[part.name]] * table.num_rows, part.type)
        for part in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _range_text(time_range: TimeRange) -> str:
    if time_range.start_utc_ns <= -9_000_000_000_000_000_000:
        return f"before {format_ns(time_range.end_utc_ns, Timescale.UTC)}Z"
    start = format_ns(time_range.start_utc_ns, Timescale.UTC)
    return f"from {start}Z to {format_ns(time_range.end_utc_ns, Timescale.UTC)}Z"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
