"""InfluxDB's chunked JSON to Arrow; pure, and the same wherever the network cut it."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa
from pyarrow import csv

from efdviewer.domain.errors import QueryError, ReplyError
from efdviewer.domain.topics import FieldType

ARROW_TYPES: Mapping[FieldType, pa.DataType] = {
    FieldType.FLOAT: pa.float64(),
    FieldType.INTEGER: pa.int64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.STRING: pa.string(),
}
_VALUES = b'"values":[['


class LineSplitter:
    """Puts the pieces of a stream together to whole lines, one chunk of rows each."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def feed(self, piece: bytes) -> list[bytes]:
        """Take a piece; gives the lines that it completes."""
        end = piece.rfind(b"\n")
        if end < 0:
            self._pieces.append(piece)
            return []
        self._pieces.append(piece[:end])
        whole = b"".join(self._pieces)
        self._pieces = [piece[end + 1 :]]
        return [line for line in whole.split(b"\n") if line]

    def rest(self) -> bytes:
        """Give what came after the last line break; empty where the stream ended well."""
        return b"".join(self._pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One line of a reply: its rows, and whether more lines follow."""

    batch: pa.RecordBatch | None
    partial: bool


def decode_line(line: bytes, schema: pa.Schema) -> Chunk:
    """Decode one line of a reply into rows of a schema.

    The envelope goes through orjson. A body of numbers, whose rows are `[t,v,…],[t,v,…]`, becomes CSV by
    putting line breaks for `],[`: decoded as JSON, the same reply held the interpreter many times longer.

    Raises
    ------
    QueryError
        If the line carries an error of the server.
    ReplyError
        If it is not what InfluxDB sends.
    """
    numeric = not any(pa.types.is_string(kind) for kind in schema.types)
    start = line.find(_VALUES) if numeric else -1
    if start < 0:
        return _decode_whole(line, schema)
    begin = start + len(_VALUES)
    end = line.rfind(b"]]")
    envelope = _envelope(line[:begin] + line[end:])
    series = _series(envelope)
    names = series[0]["columns"]
    body = line[begin:end].replace(b"],[", b"\n")
    return Chunk(batch=_from_csv(body, names, schema), partial=_partial(envelope))


def decode_rows(document: Any) -> list[dict[str, Any]]:
    """Give the series of a whole, small reply; none where nothing matched.

    Raises
    ------
    QueryError
        If the reply carries an error of the server.
    ReplyError
        If it was truncated, or is not what InfluxDB sends.
    """
    result = _result(document)
    if _partial(result):
        raise ReplyError("The server truncated its answer.", hint="Its max-row-limit is too low for this.")
    return list(result.get("series", []))


def _decode_whole(line: bytes, schema: pa.Schema) -> Chunk:
    envelope = _envelope(line)
    series = _series(envelope)
    if not series:
        return Chunk(batch=None, partial=_partial(envelope))
    columns = list(zip(*series[0]["values"], strict=True))
    arrays = [_array(column, part.type) for column, part in zip(columns, schema, strict=True)]
    return Chunk(batch=pa.RecordBatch.from_arrays(arrays, schema=schema), partial=_partial(envelope))


def _array(column: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_floating(kind):
        # JSON writes a float without a fraction as an integer.
        return pa.array([None if value is None else float(value) for value in column], kind)
    return pa.array(column, kind)


def _from_csv(body: bytes, names: Sequence[str], schema: pa.Schema) -> pa.RecordBatch:
    if len(names) != len(schema):
        raise ReplyError("The server answered with other columns than were asked for.")
    places = [f"c{index}" for index in range(len(schema))]
    table = csv.read_csv(
        io.BytesIO(body),
        read_options=csv.ReadOptions(
            column_names=places, use_threads=False, block_size=max(1, len(body) + 1)
        ),
        parse_options=csv.ParseOptions(quote_char=False),
        convert_options=csv.ConvertOptions(
            column_types=dict(zip(places, schema.types, strict=True)),
            null_values=["null"],
            true_values=["true"],
            false_values=["false"],
        ),
    )
    return pa.RecordBatch.from_arrays(
        [column.combine_chunks() if column.num_chunks != 1 else column.chunk(0) for column in table.columns],
        schema=schema,
    )


def _envelope(text: bytes) -> Mapping[str, Any]:
    """Read the part of a line that is not rows, and raise the error that it may carry."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ReplyError(
            "The answer is not JSON.", hint="Is this an InfluxDB 1.x, and the path right?"
        ) from error
    return _result(document)


def _result(document: Any) -> Mapping[str, Any]:
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, list):
        raise_for_reply(document)
        raise ReplyError("The answer has no results.", hint="Is this an InfluxDB 1.x, and the path right?")
    result: Mapping[str, Any] = results[0] if results else {}
    if "error" in result:
        raise QueryError(
            f"The database stopped the query: {result['error']}.", hint=hint_for(result["error"])
        )
    return result


def raise_for_reply(document: Any) -> None:
    """Raise the error that a whole reply carries, of version 1 or 2."""
    if isinstance(document, dict):
        message = document.get("error") or document.get("message")
        if message:
            raise QueryError(f"The database refused: {message}.", hint=hint_for(str(message)))


def hint_for(message: str) -> str:
    """Say what to try about an error of the server."""
    words = message.lower()
    if "timeout" in words:
        return "Choose a shorter range, or try again when the server is less busy."
    if "max-select" in words or "max-concurrent" in words:
        return "Choose a shorter range or fewer fields."
    if "database not found" in words or "retention policy" in words:
        return "Choose another database or retention policy in the connection."
    return ""


def _series(result: Mapping[str, Any]) -> list[Any]:
    series = result.get("series", [])
    if len(series) > 1:
        raise ReplyError("The server answered with several series where one was asked for.")
    return list(series)


def _partial(result: Mapping[str, Any]) -> bool:
    series = result.get("series", [])
    return bool(result.get("partial") or (series and series[0].get("partial")))
