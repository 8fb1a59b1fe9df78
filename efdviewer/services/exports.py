"""Samples that leave the program as tables: chosen, streamed, and merged in time."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from efdviewer.domain.errors import BadInputError, EfdViewerError, UnknownTopicError
from efdviewer.domain.query import DataSource, SampleQuery, Statement
from efdviewer.domain.session import Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldRef, FieldType
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
    """What to export: fields by topic, with their types and units."""

    types: dict[FieldRef, FieldType] = field(default_factory=dict)
    units: dict[FieldRef, str] = field(default_factory=dict)

    @property
    def topics(self) -> dict[str, tuple[str, ...]]:
        """Fields by topic."""
        found: dict[str, tuple[str, ...]] = {}
        for ref in self.types:
            found[ref.topic] = (*found.get(ref.topic, ()), ref.field)
        return found


async def select(session: Session, catalog: FieldCatalog) -> Selection:
    """Choose the fields of all curves, all fields of overlaid events, and the stamps of latency pairs.

    Raises
    ------
    BadInputError
        If nothing is shown, or a field does not exist.
    """
    wanted: dict[str, dict[str, None]] = {}
    for row in session.rows:
        for curve in row.curves:
            wanted.setdefault(curve.field.topic, {})[curve.field.field] = None
    for pair in session.latency.pairs:
        stamps = (stamp for stamp in (pair.minuend, pair.subtrahend) if stamp != "time")
        wanted.setdefault(pair.topic, {}).update(dict.fromkeys(stamps))
    if not wanted and not session.overlays:
        raise BadInputError("There is nothing to export.", hint="Choose fields with --plot TOPIC:FIELD.")
    selection = Selection()
    for topic in {**wanted, **{overlay.topic: {} for overlay in session.overlays}}:
        schemas = {schema.name: schema for schema in await catalog.fields(topic)}
        names = dict(wanted.get(topic, {}))
        if any(overlay.topic == topic for overlay in session.overlays):
            names.update(dict.fromkeys(schemas))
        for name in names:
            if name not in schemas:
                raise UnknownTopicError(f"{topic} has no field '{name}'.", hint="Check its spelling.")
            selection.types[FieldRef(topic, name)] = schemas[name].type
            selection.units[FieldRef(topic, name)] = schemas[name].units
    return selection


async def export_table(
    source: DataSource, selection: Selection, time_range: TimeRange, path: Path, origin: Mapping[str, str]
) -> int:
    """Write the samples of a range into one table, ascending in time; gives the number of rows.

    Fields of one topic keep their names; of several, columns are `TOPIC:FIELD`. Memory stays bounded. The
    statements that were sent are told beside the origin.

    Raises
    ------
    EfdViewerError
        If the source fails or the file cannot be written; no incomplete file is left.
    """
    check_export_path(path)
    schema = pa.schema(
        [pa.field("time", _TIME)]
        + [
            pa.field(_column(selection, ref), _ARROW_TYPES[kind], metadata={"units": selection.units[ref]})
            for ref, kind in selection.types.items()
        ]
    )
    beside = path.with_name(f".{path.name}.part")
    rows = 0
    statements: dict[str, None] = {}

    def note(statement: Statement) -> None:
        statements[statement.text] = None

    source.statement_observers.append(note)
    try:
        sink = EXPORTS[path.suffix.lower()](beside, schema, path)
        try:
            async with aclosing(_merged(source, selection, time_range, schema)) as tables:
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


def _column(selection: Selection, ref: FieldRef) -> str:
    return ref.field if len(selection.topics) == 1 else str(ref)


class _Stream:
    """Rows of one topic that were read and not yet merged."""

    def __init__(
        self, batches: AsyncGenerator[pa.RecordBatch, None], names: list[str], schema: pa.Schema
    ) -> None:
        self._batches = batches
        self._names = names
        self._schema = schema
        self._waiting: pa.Table | None = None

    async def fill(self) -> bool:
        """Have rows waiting; False at the end of the stream."""
        while self._waiting is None or not self._waiting.num_rows:
            batch = await anext(self._batches, None)
            if batch is None:
                return False
            self._waiting = pa.Table.from_batches([batch]).rename_columns(self._names)
        return True

    @property
    def last_ns(self) -> int:
        """Time of the last waiting row, ns UTC."""
        assert self._waiting is not None
        return int(self._waiting.column("time")[-1].cast(pa.int64()).as_py())

    def take(self, upto_ns: int) -> pa.Table:
        """Remove and give the rows up to a time."""
        assert self._waiting is not None
        moments = np.asarray(self._waiting.column("time").cast(pa.int64()).to_numpy())
        count = int(np.searchsorted(moments, upto_ns, side="right"))
        taken, self._waiting = self._waiting.slice(0, count), self._waiting.slice(count)
        return taken


async def _merged(
    source: DataSource, selection: Selection, time_range: TimeRange, schema: pa.Schema
) -> AsyncGenerator[pa.Table, None]:
    streams = []
    generators: list[Any] = []
    for topic, names in selection.topics.items():
        batches = source.stream(SampleQuery(topic=topic, fields=names, time_range=time_range))
        generators.append(batches)
        columns = ["time", *(_column(selection, FieldRef(topic, name)) for name in names)]
        streams.append(_Stream(batches, columns, schema))
    try:
        while streams := [stream for stream in streams if await stream.fill()]:
            horizon_ns = min(stream.last_ns for stream in streams)
            parts = [stream.take(horizon_ns) for stream in streams]
            table = pa.concat_tables(parts, promote_options="default")
            if len(parts) > 1:
                table = table.sort_by("time")
            yield _shaped(table, schema)
    finally:
        for batches in generators:
            await batches.aclose()


def _shaped(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        table.column(part.name).cast(part.type)
        if part.name in table.column_names
        else pa.nulls(table.num_rows, part.type)
        for part in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)
