"""Files that tables are written to, batch by batch, each with where its rows come from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet


class Sink(Protocol):
    """Where merged batches go."""

    def write(self, table: pa.Table) -> None:
        """Take the next rows, ascending in time."""
        ...

    def close(self) -> None:
        """End the file as it is."""
        ...

    def finish(self, origin: Mapping[str, str]) -> None:
        """Say where the rows come from, and end the file."""
        ...


class CsvSink:
    """CSV, with its origin in a second file after the "CSV on the Web" convention."""

    def __init__(self, path: Path, schema: pa.Schema, final: Path) -> None:
        self._writer = csv.CSVWriter(path, schema.set(0, pa.field("time", pa.string())))
        self._final = final

    def write(self, table: pa.Table) -> None:
        """Take the next rows, ascending in time."""
        moments = pc.strftime(table.column("time"), format="%Y-%m-%dT%H:%M:%SZ")
        self._writer.write_table(table.set_column(0, "time", moments))

    def close(self) -> None:
        """End the file as it is."""
        self._writer.close()

    def finish(self, origin: Mapping[str, str]) -> None:
        """Say where the rows come from, and end the file."""
        self.close()
        note = {"@context": "http://www.w3.org/ns/csvw", "url": self._final.name, **origin}
        self._final.with_name(f"{self._final.name}-metadata.json").write_bytes(
            orjson.dumps(note, option=orjson.OPT_INDENT_2)
        )


class ParquetSink:
    """Parquet, with its origin in the file's own metadata."""

    def __init__(self, path: Path, schema: pa.Schema, _final: Path) -> None:
        self._writer = parquet.ParquetWriter(path, schema, compression="zstd")

    def write(self, table: pa.Table) -> None:
        """Take the next rows, ascending in time."""
        self._writer.write_table(table)

    def close(self) -> None:
        """End the file as it is."""
        self._writer.close()

    def finish(self, origin: Mapping[str, str]) -> None:
        """Say where the rows come from, and end the file."""
        self._writer.add_key_value_metadata(dict(origin))
        self.close()
