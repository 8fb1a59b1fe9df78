"""What an archive says that it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from efdviewer.domain.errors import ArchiveError, BadInputError
from efdviewer.domain.timescale import Timescale, parse_iso_ns
from efdviewer.domain.topics import FieldSchema, FieldType
from efdviewer.sources.archive_writer import FORMAT, MANIFEST, VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedTopic:
    """A topic of an archive; `end_utc_ns` is the time of its last row, int64 ns UTC, None without rows."""

    schemas: tuple[FieldSchema, ...]
    rows: int
    end_utc_ns: int | None

    @property
    def types(self) -> dict[str, FieldType]:
        """Fields with their types."""
        return {schema.name: schema.type for schema in self.schemas}


def read_manifest(folder: Path) -> Mapping[str, ArchivedTopic]:
    """Read the topics of an archive's manifest.

    Raises
    ------
    ArchiveError
        If the folder is missing, no archive, newer, or damaged.
    """
    if not folder.is_dir():
        raise ArchiveError(
            f"The folder {folder} does not exist.",
            hint="A source is an archive folder, influxdb://…, a saved profile, or demo.",
        )
    try:
        manifest = orjson.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise ArchiveError(f"{folder} is not an archive: it has no {MANIFEST}.") from error
    except (OSError, orjson.JSONDecodeError) as error:
        raise ArchiveError(f"The manifest of {folder} is damaged: {first_line(error)}.") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArchiveError(f"{folder} is not an efdviewer archive.")
    if manifest.get("version") != VERSION:
        raise ArchiveError(
            f"The archive {folder} has version {manifest.get('version')!r}; this program reads {VERSION}.",
            hint="Update efdviewer.",
        )
    try:
        return {name: _topic(parts) for name, parts in manifest["topics"].items()}
    except (KeyError, TypeError, ValueError, AttributeError, BadInputError) as error:
        raise ArchiveError(
            f"The manifest of {folder} is damaged in its topics.", hint="Write or copy the archive again."
        ) from error


def first_line(error: Exception) -> str:
    """Give what an error says in its first line, without a full stop."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _topic(parts: Mapping[str, Any]) -> ArchivedTopic:
    schemas = (
        FieldSchema(name=name, type=FieldType(field["type"]), units=str(field.get("units", "")))
        for name, field in parts["fields"].items()
    )
    end = parts["end"]
    return ArchivedTopic(
        schemas=tuple(schemas),
        rows=int(parts["rows"]),
        end_utc_ns=parse_iso_ns(end.removesuffix("Z"), Timescale.UTC) if end else None,
    )
