"""Samples that leave the program as tables: chosen, streamed, and merged in time."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from efdviewer.domain.derived import schema_of
from efdviewer.domain.errors import BadInputError, EfdViewerError, UnknownTopicError
from efdviewer.domain.query import DataSource, SampleQuery, Statement
from efdviewer.domain.session import DAY_OBS, Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldRef, FieldType, Subset
from efdviewer.services.merging import RowStream, merged
from efdviewer.services.series_loader import FieldCatalog
from efdviewer.services.table_files import CsvSink, ParquetSink, Sink

_TIME = pa.timestamp("ns", tz="UTC")
_ARROW_TYPES = {
    FieldType.FLOAT: pa.float64(),
    FieldType.INTEGER: pa.int64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.STRING: pa.string(),
}


EXPORTS: Mapping[str, Callable[[Path, pa.Schema, Path], Sink]] = {
    ".csv": CsvSink,
    ".parquet": ParquetSink,
}
"""Kinds of table by the ending of the file's name."""


def check_export_path(path: Path) -> None:
    """Raise a BadInputError if no table can be written under that name."""
    if path.suffix.lower() not in EXPORTS:
        raise BadInputError(
            f"'{path.name}' is neither {' nor '.join(EXPORTS)}.",
            hint="A name without an ending is an archive.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What to export: fields with their types and units."""

    types: dict[FieldRef, FieldType] = field(default_factory=dict)
    units: dict[FieldRef, str] = field(default_factory=dict)

    @property
    def subsets(self) -> dict[Subset, list[FieldRef]]:
        """Fields by topic and conditions: each is one stream of rows."""
        found: dict[Subset, list[FieldRef]] = {}
        for ref in self.types:
            found.setdefault(ref.subset, []).append(ref)
        return found

    def columns(self) -> dict[FieldRef, str]:
        """Names of the columns of a table: that within the topic, or in full where there are several."""
        is_alone = len({ref.topic for ref in self.types}) == 1
        return {ref: ref.column if is_alone else str(ref) for ref in self.types}


async def select(session: Session, catalog: FieldCatalog) -> Selection:
    """Choose the fields of curves, states and epochs, the stamps of latency pairs, and whole events.

    Raises
    ------
    BadInputError
        If nothing is shown, or a field does not exist.
    """
    wanted = {curve.field: None for row in session.rows for curve in row.curves}
    wanted |= {field: None for row in session.rows for field in row.lanes}
    wanted |= {epochs.field: None for epochs in session.epochs}
    wanted |= {field: None for scatter in session.scatters for field in (scatter.x, scatter.y)}
    for pair in session.latency.pairs:
        stamps = (stamp for stamp in (pair.minuend, pair.subtrahend) if stamp != "time")
        wanted.update(dict.fromkeys(FieldRef(pair.topic, stamp) for stamp in stamps))
    events = [overlay.topic for overlay in session.overlays]
    events += [topic for pair in session.intervals for topic in (pair.start, pair.end)]
    events += [epochs.event for epochs in session.epochs if epochs.event != DAY_OBS]
    if not wanted and not events:
        raise BadInputError("There is nothing to export.", hint="Choose fields with --plot TOPIC:FIELD.")
    for topic in dict.fromkeys(events):
        names = [schema.name for schema in await catalog.fields(topic)]
        wanted.update(dict.fromkeys(FieldRef(topic, name) for name in names))
    selection = Selection()
    by_subset: dict[Subset, list[FieldRef]] = {}
    for ref in wanted:
        by_subset.setdefault(ref.subset, []).append(ref)
    for (topic, _), refs in by_subset.items():
        schemas = await catalog.fields(topic)
        for ref in refs:
            schema = schema_of(topic, ref.field, schemas)
            if schema is None:
                raise UnknownTopicError(f"{topic} has no field '{ref.field}'.", hint="Check its spelling.")
            selection.types[ref] = schema.type
            selection.units[ref] = schema.units
    return selection


async def export_table(
    source: DataSource, selection: Selection, time_range: TimeRange, path: Path, origin: Mapping[str, str]
) -> int:
    """Write the samples of a range into one table, ascending in time; gives the number of rows.

    Fields of one topic keep their names; of several, columns are `TOPIC:FIELD`; conditions follow. Memory
    stays bounded. The statements that were sent are told beside the origin.

    Raises
    ------
    EfdViewerError
        If the source fails or the file cannot be written; no incomplete file is left.
    """
    check_export_path(path)
    columns = selection.columns()
    schema = pa.schema(
        [pa.field("time", _TIME)]
        + [
            pa.field(columns[ref], _ARROW_TYPES[kind], metadata={"units": selection.units[ref]})
            for ref, kind in selection.types.items()
        ]
    )
    streams = [
        RowStream(source.stream(_query(subset, refs, time_range)), ["time", *(columns[ref] for ref in refs)])
        for subset, refs in selection.subsets.items()
    ]
    beside = path.with_name(f".{path.name}.part")
    rows = 0
    statements: dict[str, None] = {}

    def note(statement: Statement) -> None:
        statements[statement.text] = None

    source.statement_observers.append(note)
    try:
        sink = EXPORTS[path.suffix.lower()](beside, schema, path)
        try:
            async with aclosing(merged(streams, schema)) as tables:
                async for table in tables:
                    sink.write(table)
                    rows += table.num_rows
            sink.finish({**origin, "statements": "\n".join(statements)})
        finally:
            sink.close()
        beside.replace(path)
    except OSError as error:
        raise EfdViewerError(
            f"{path} could not be written: {error}.", hint="Choose another folder."
        ) from error
    finally:
        source.statement_observers.remove(note)
        beside.unlink(missing_ok=True)
    return rows


def write_rows(table: pa.Table, path: Path, origin: Mapping[str, str]) -> None:
    """Write a table whose first column is `time`, timestamp[ns, UTC], to a file of one of the `EXPORTS`.

    Raises
    ------
    EfdViewerError
        If it cannot be written; no incomplete file is left.
    """
    check_export_path(path)
    beside = path.with_name(f".{path.name}.part")
    try:
        sink = EXPORTS[path.suffix.lower()](beside, table.schema, path)
        try:
            sink.write(table)
            sink.finish(origin)
        finally:
            sink.close()
        beside.replace(path)
    except OSError as error:
        raise EfdViewerError(
            f"{path} could not be written: {error}.", hint="Choose another folder."
        ) from error
    finally:
        beside.unlink(missing_ok=True)


async def archived_rows(
    source: DataSource, selection: Selection, topic: str, time_range: TimeRange
) -> AsyncGenerator[pa.Table, None]:
    """Give the rows of one topic of a selection as an archive keeps them, ascending in time.

    What a condition compares with becomes a column, so that the same can be asked of the archive. Where not
    all fields of the topic are narrowed by the same indices, its rows come whole.
    """
    subsets = {subset: refs for subset, refs in selection.subsets.items() if subset[0] == topic}
    names = {ref.field: _ARROW_TYPES[selection.types[ref]] for refs in subsets.values() for ref in refs}
    indices = {part.field: part.value for _, where in subsets for part in where}
    if len({tuple(part.field for part in where) for _, where in subsets}) > 1:
        refs = [FieldRef(topic, name) for name in dict.fromkeys([*names, *indices])]
        subsets = {(topic, ()): refs}
    added = {name: pa.scalar(value).type for name, value in indices.items() if name not in names}
    schema = pa.schema([("time", pa.int64()), *names.items(), *added.items()])
    streams = [
        RowStream(
            source.stream(_query(subset, refs, time_range)),
            ["time", *(ref.field for ref in refs)],
            {part.field: part.value for part in subset[1]},
        )
        for subset, refs in subsets.items()
    ]
    async with aclosing(merged(streams, schema)) as tables:
        async for table in tables:
            yield table


def _query(subset: Subset, refs: list[FieldRef], time_range: TimeRange) -> SampleQuery:
    topic, where = subset
    fields = tuple(ref.field for ref in refs)
    return SampleQuery(topic=topic, fields=fields, time_range=time_range, where=where)
