"""The Parquet files of an archive, read as a stream: of a file only the row groups that a range touches."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds

from efdviewer.domain.errors import ArchiveError
from efdviewer.domain.query import Equals, SampleQuery
from efdviewer.domain.topics import FieldType
from efdviewer.sources.archive_manifest import ArchivedTopic, first_line
from efdviewer.sources.archive_writer import TIME_TYPE, folder_name

_BATCH_ROWS = 65_536
_EARLIEST_NS = -(2**63)


class ArchiveFiles:
    """Opens the files of a topic when they are first wanted, and keeps them open."""

    def __init__(self, folder: Path, topics: Mapping[str, ArchivedTopic]) -> None:
        self._folder = folder
        self._topics = topics
        self._datasets: dict[str, ds.Dataset] = {}

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
        dataset = self._dataset(query.topic)
        if dataset is None:
            return
        wanted = _wanted(query, known, self._topics[query.topic].types)
        fragments = list(dataset.get_fragments(wanted))
        if query.descending:
            fragments.reverse()
        for fragment in fragments:
            scanned = fragment.to_batches(
                columns=["time", *known],
                filter=wanted,
                schema=dataset.schema,
                batch_size=_BATCH_ROWS,
                batch_readahead=1,
                fragment_readahead=1,
                use_threads=False,
            )
            if query.descending:
                table = pa.Table.from_batches(list(scanned))
                yield from table.sort_by([("time", "descending")]).to_batches()
            else:
                yield from scanned

    def _dataset(self, topic: str) -> ds.Dataset | None:
        if topic not in self._datasets:
            found = _complete_dataset(self._folder / folder_name(topic), self._topics[topic])
            if found is None:
                return None
            self._datasets[topic] = found
        return self._datasets[topic]


def _wanted(query: SampleQuery, known: list[str], types: Mapping[str, FieldType]) -> ds.Expression:
    """Choose the rows of the range that fulfil the conditions and have a value in one of the fields."""
    start = max(query.time_range.start_utc_ns, _EARLIEST_NS)
    wanted = (ds.field("time") >= pa.scalar(start, TIME_TYPE)) & (
        ds.field("time") < pa.scalar(query.time_range.end_utc_ns, TIME_TYPE)
    )
    for condition in query.where:
        wanted &= _equals(condition, types[condition.field])
    present = ds.field(known[0]).is_valid()
    for name in known[1:]:
        present |= ds.field(name).is_valid()
    return wanted & present


def _can_hold(kind: FieldType | None, value: int | float | bool | str) -> bool:
    """Tell whether a field of a kind can equal a value; as in InfluxDB, only numbers mix."""
    if isinstance(value, bool):
        return kind is FieldType.BOOLEAN
    if isinstance(value, str):
        return kind is FieldType.STRING
    if isinstance(value, int) and kind is FieldType.INTEGER:
        return -(2**63) <= value < 2**63
    return kind in (FieldType.INTEGER, FieldType.FLOAT)


def _equals(condition: Equals, kind: FieldType) -> ds.Expression:
    column, value = ds.field(condition.field), condition.value
    if kind is FieldType.FLOAT:
        return column == pa.scalar(float(value), pa.float64())
    if isinstance(value, float):
        # Arrow refuses to compare integers beyond 2^53 with a float; InfluxDB rounds them.
        return column.cast(pa.float64(), safe=False) == pa.scalar(value, pa.float64())
    return column == value


def _complete_dataset(folder: Path, topic: ArchivedTopic) -> ds.Dataset | None:
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
        missing = topic.types.keys() - set(fragment.physical_schema.names)
        if missing:
            raise ArchiveError(
                f"The file {fragment.path} has no column {min(missing)}.", hint="Write or copy it again."
            )
    rows = sum(fragment.metadata.num_rows for fragment in fragments)
    if rows != topic.rows:
        raise ArchiveError(
            f"The archive is damaged: {folder} holds {rows} rows, the manifest tells of {topic.rows}.",
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
