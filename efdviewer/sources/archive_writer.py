"""Writes archives: one folder of Parquet files a topic, and a manifest."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from efdviewer.domain.errors import ArchiveError
from efdviewer.domain.timescale import day_obs_of
from efdviewer.domain.topics import FieldType

FORMAT = "efdviewer-archive"
VERSION = 1
MANIFEST = "manifest.json"
TIME_TYPE = pa.timestamp("ns", tz="UTC")
ROW_GROUP_ROWS = 131_072
_HALF_DAY_NS = 43_200 * 10**9
_DAY_NS = 2 * _HALF_DAY_NS


def folder_name(topic: str) -> str:
    """Name the folder of a topic: percent-encoded but for letters, digits and `_.-~`."""
    encoded = quote(topic, safe="")
    if encoded.startswith("."):
        encoded = "%2E" + encoded[1:]
    return encoded[:-1] + "%2E" if encoded.endswith(".") else encoded


def field_type_of(arrow_type: pa.DataType) -> FieldType | None:
    """Tell which of InfluxDB's types holds an Arrow column; None where none does."""
    if pa.types.is_boolean(arrow_type):
        return FieldType.BOOLEAN
    if pa.types.is_integer(arrow_type):
        return FieldType.INTEGER
    if pa.types.is_floating(arrow_type):
        return FieldType.FLOAT
    if pa.types.is_string(arrow_type) or pa.types.is_large_string(arrow_type):
        return FieldType.STRING
    return None


@dataclass(slots=True)
class _OpenTopic:
    folder: Path
    schema: pa.Schema
    units: Mapping[str, str]
    rows: int = 0
    start_utc_ns: int = 0
    end_utc_ns: int = 0
    day_index: int | None = None
    writer: pq.ParquetWriter | None = None
    waiting: list[pa.RecordBatch] = field(default_factory=list)
    waiting_rows: int = 0


class ArchiveWriter:
    """Writes an archive into a new or empty folder; a context manager.

    Batches of a topic come in ascending time. The manifest is written last, when the context ends
    without an exception, so that a folder with a manifest is complete.

    Raises
    ------
    ArchiveError
        If the folder is not empty, cannot be written, or a batch does not follow its predecessors.
    """

    def __init__(self, folder: Path, origin: str) -> None:
        self._folder = folder
        self._origin = origin
        self._topics: dict[str, _OpenTopic] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            occupied = any(folder.iterdir())
        except OSError as error:
            raise ArchiveError(f"The archive {folder} cannot be written: {error.strerror}.") from error
        if occupied:
            raise ArchiveError(f"The folder {folder} is not empty.", hint="Choose a new folder.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._finish()
            return
        for topic in self._topics.values():
            if topic.writer is not None:
                topic.writer.close()

    def append(self, topic: str, batch: pa.RecordBatch, units: Mapping[str, str] | None = None) -> None:
        """Append samples of a topic.

        Parameters
        ----------
        topic : str
            Name of the measurement.
        batch : pyarrow.RecordBatch
            Column `time`, int64 ns UTC or timestamp, ascending; then the fields, the same each time.
        units : mapping, optional
            Unit by field; taken from the first batch of a topic.
        """
        batch = batch.set_column(0, pa.field("time", TIME_TYPE, nullable=False), _stamps(batch["time"]))
        state = self._topics.get(topic)
        if state is None:
            state = _OpenTopic(self._folder / folder_name(topic), batch.schema, units or {})
            self._topics[topic] = state
        elif batch.schema != state.schema:
            raise ArchiveError(f"The fields of {topic} change from batch to batch.")
        if batch.num_rows == 0:
            return
        times = batch["time"].cast(pa.int64()).to_numpy()
        if np.any(np.diff(times) < 0) or (state.rows and times[0] < state.end_utc_ns):
            raise ArchiveError(f"The samples of {topic} are not in ascending time.")
        if not state.rows:
            state.start_utc_ns = int(times[0])
        state.rows += len(times)
        state.end_utc_ns = int(times[-1])
        try:
            self._split(state, batch, times)
        except OSError as error:
            raise ArchiveError(f"The archive {self._folder} cannot be written: {error}.") from error

    def _split(self, state: _OpenTopic, batch: pa.RecordBatch, times: np.ndarray[Any, Any]) -> None:
        days = (times - _HALF_DAY_NS) // _DAY_NS
        begins = np.flatnonzero(np.diff(days, prepend=days[0] - 1))
        for begin, end in zip(begins, [*begins[1:], len(days)], strict=True):
            day = int(days[begin])
            if state.day_index != day:
                _close(state)
                state.day_index = day
                state.folder.mkdir(exist_ok=True)
                path = state.folder / f"{day_obs_of(int(times[begin]))}.parquet"
                state.writer = _open_parquet(path, state.schema)
            state.waiting.append(batch.slice(begin, end - begin))
            state.waiting_rows += int(end - begin)
            if state.waiting_rows >= ROW_GROUP_ROWS:
                _flush(state)

    def _finish(self) -> None:
        try:
            for state in self._topics.values():
                _close(state)
            written = self._folder / (MANIFEST + ".part")
            written.write_text(json.dumps(self._manifest(), indent=1, ensure_ascii=False), encoding="utf-8")
            os.replace(written, self._folder / MANIFEST)
        except OSError as error:
            raise ArchiveError(f"The archive {self._folder} cannot be written: {error}.") from error

    def _manifest(self) -> dict[str, Any]:
        topics = {
            name: {
                "fields": {
                    column.name: {
                        "type": str(field_type_of(column.type)),
                        "units": state.units.get(column.name, ""),
                    }
                    for column in list(state.schema)[1:]
                },
                "rows": state.rows,
                "start": iso_of(state.start_utc_ns) if state.rows else None,
                "end": iso_of(state.end_utc_ns) if state.rows else None,
            }
            for name, state in sorted(self._topics.items())
        }
        return {"format": FORMAT, "version": VERSION, "origin": self._origin, "topics": topics}


def iso_of(utc_ns: int) -> str:
    """Write nanoseconds of UTC as ISO 8601 with nine decimals and a Z."""
    return f"{np.datetime64(utc_ns, 'ns')}Z"


def _stamps(times: pa.Array) -> pa.Array:
    if pa.types.is_integer(times.type):
        times = times.cast(pa.int64())
    return times.cast(TIME_TYPE)


def _open_parquet(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    # Byte stream split halves the size of noisy floats: only their low bytes are random.
    encodings = {
        column.name: "BYTE_STREAM_SPLIT" if pa.types.is_floating(column.type) else "DELTA_BINARY_PACKED"
        for column in schema
        if pa.types.is_floating(column.type)
        or pa.types.is_timestamp(column.type)
        or pa.types.is_integer(column.type)
    }
    texts = [column.name for column in schema if field_type_of(column.type) is FieldType.STRING]
    return pq.ParquetWriter(
        path, schema, compression="zstd", use_dictionary=texts or False, column_encoding=encodings or None
    )


def _flush(state: _OpenTopic) -> None:
    if state.writer is not None and state.waiting:
        table = pa.Table.from_batches(state.waiting, state.schema)
        state.writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
    state.waiting.clear()
    state.waiting_rows = 0


def _close(state: _OpenTopic) -> None:
    _flush(state)
    if state.writer is not None:
        state.writer.close()
        state.writer = None
