"""The Parquet files of an archive, read as a stream: of a file only the row groups that a range touches."""

from collections.abc import Iterator, Mapping
from functools import reduce
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from efdviewer.domain.errors import ArchiveError
from efdviewer.domain.query import Equals, SampleQuery
from efdviewer.domain.rows import reversed_rows
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldType
from efdviewer.sources.archive_manifest import ArchivedTopic, first_line
from efdviewer.sources.archive_writer import folder_name

_BATCH_ROWS = 32_768
_BUFFER_BYTES = 1 << 16


class ArchiveFiles:
    """Opens the files of a topic when they are first wanted, and keeps what their footers tell."""

    def __init__(self, folder: Path, topics: Mapping[str, ArchivedTopic]) -> None:
        self._folder = folder
        self._topics = topics
        self._files: dict[str, list[tuple[Path, pq.FileMetaData]]] = {}

    def read(self, query: SampleQuery, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Read the rows of a query in batches of a schema; null columns stand for fields it does not have.

        Raises
        ------
        ArchiveError
            If files are damaged or missing.
        """
        if query.topic not in self._topics:
            return
        fields = self._topics[query.topic].types
        known = [name for name in dict.fromkeys(query.fields) if name in fields]
        if not known or not all(_can_hold(fields.get(part.field), part.value) for part in query.where):
            return
        try:
            for batch in self._scan(query, known):
                yield _shaped(batch, schema)
        except (OSError, pa.ArrowException, KeyError) as error:
            raise ArchiveError(
                f"The archive {self._folder} is damaged at {query.topic}: {first_line(error)}.",
                hint="Write or copy it again.",
            ) from error

    def _scan(self, query: SampleQuery, known: list[str]) -> Iterator[pa.RecordBatch]:
        files = self._files_of(query.topic)
        types = self._topics[query.topic].types
        columns = list(dict.fromkeys(["time", *known, *(part.field for part in query.where)]))
        for path, footer in reversed(files) if query.descending else files:
            groups = _groups_within(footer, query.time_range)
            if not groups:
                continue
            # Piece by piece: whole row groups, or what Arrow reads ahead, make browsing take more memory.
            with pq.ParquetFile(path, metadata=footer, pre_buffer=False, buffer_size=_BUFFER_BYTES) as file:
                for batch in _batches(file, groups, columns, descending=query.descending):
                    chosen = _chosen(batch, query, known, types)
                    if chosen.num_rows:
                        yield chosen

    def _files_of(self, topic: str) -> list[tuple[Path, pq.FileMetaData]]:
        if topic not in self._files:
            self._files[topic] = _complete_files(self._folder / folder_name(topic), self._topics[topic])
        return self._files[topic]


def _groups_within(footer: pq.FileMetaData, time_range: TimeRange) -> list[int]:
    """List the row groups that may hold rows of a range."""
    place = footer.schema.names.index("time")
    found = []
    for number in range(footer.num_row_groups):
        # In raw numbers, for as moments they would be pandas', which takes half a second to import.
        times = footer.row_group(number).column(place).statistics
        if (
            times is None
            or not times.has_min_max
            or (times.min_raw < time_range.end_utc_ns and times.max_raw >= time_range.start_utc_ns)
        ):
            found.append(number)
    return found


def _batches(
    file: pq.ParquetFile, groups: list[int], columns: list[str], *, descending: bool
) -> Iterator[pa.RecordBatch]:
    if not descending:
        yield from file.iter_batches(_BATCH_ROWS, row_groups=groups, columns=columns, use_threads=False)
        return
    for group in reversed(groups):
        table = file.read_row_group(group, columns=columns, use_threads=False)
        yield from reversed_rows(table).combine_chunks().to_batches()


def _chosen(
    batch: pa.RecordBatch, query: SampleQuery, known: list[str], types: Mapping[str, FieldType]
) -> pa.RecordBatch:
    """Choose the rows of the range that fulfil the conditions and have a value in one of the fields."""
    times = batch.column("time").cast(pa.int64()).to_numpy()
    ends = (query.time_range.start_utc_ns, query.time_range.end_utc_ns)
    if query.descending:
        stop, begin = len(times) - np.searchsorted(times[::-1], ends)
    else:
        begin, stop = np.searchsorted(times, ends)
    rows = batch.slice(begin, stop - begin)
    wanted = reduce(pc.or_, (rows.column(name).is_valid() for name in known))
    for condition in query.where:
        wanted = pc.and_(wanted, _equals(rows.column(condition.field), condition, types[condition.field]))
    return rows.filter(wanted)


def _can_hold(kind: FieldType | None, value: int | float | bool | str) -> bool:
    """Tell whether a field of a kind can equal a value; as in InfluxDB, only numbers mix."""
    if isinstance(value, bool):
        return kind is FieldType.BOOLEAN
    if isinstance(value, str):
        return kind is FieldType.STRING
    if isinstance(value, int) and kind is FieldType.INTEGER:
        return -(2**63) <= value < 2**63
    return kind in (FieldType.INTEGER, FieldType.FLOAT)


def _equals(values: pa.Array, condition: Equals, kind: FieldType) -> pa.BooleanArray:
    wanted = condition.value
    if kind is FieldType.FLOAT:
        return pc.equal(values, pa.scalar(float(wanted), pa.float64()))
    if isinstance(wanted, float):
        # Arrow refuses to compare integers beyond 2^53 with a float; InfluxDB rounds them.
        return pc.equal(values.cast(pa.float64(), safe=False), pa.scalar(wanted, pa.float64()))
    return pc.equal(values, pa.scalar(wanted))


def _complete_files(folder: Path, topic: ArchivedTopic) -> list[tuple[Path, pq.FileMetaData]]:
    """Give the files of a topic with their footers, in order of time; only those are read.

    Raises
    ------
    ArchiveError
        If a file or a column that the manifest tells of is missing: a hole must not look like no data.
    """
    files = [(path, pq.read_metadata(path)) for path in sorted(folder.glob("*.parquet"))]
    for path, footer in files:
        missing = {"time", *topic.types} - set(footer.schema.to_arrow_schema().names)
        if missing:
            raise ArchiveError(
                f"The file {path} has no column {min(missing)}.", hint="Write or copy it again."
            )
    rows = sum(footer.num_rows for _path, footer in files)
    if rows != topic.rows:
        raise ArchiveError(
            f"The archive is damaged: {folder} holds {rows} rows, the manifest tells of {topic.rows}.",
            hint="Write or copy it again.",
        )
    return files


def _shaped(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    arrays = [
        batch.column(part.name).cast(part.type)
        if part.name in batch.schema.names
        else pa.nulls(len(batch), part.type)
        for part in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
