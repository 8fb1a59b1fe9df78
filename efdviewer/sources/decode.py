"""InfluxDB's chunked JSON to Arrow; pure, and the same wherever the network cut it."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa
from pyarrow import csv

from efdviewer.domain.errors import QueryError, ReplyError, StreamCutError
from efdviewer.domain.topics import FieldType

ARROW_TYPES: Mapping[FieldType, pa.DataType] = {
    FieldType.FLOAT: pa.float64(),
    FieldType.INTEGER: pa.int64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.STRING: pa.string(),
}
_VALUES = b',"values":'
_GRID = bytes.maketrans(b"[]", b",\n")
_WRONG_PLACE = "Is this an InfluxDB 1.x, and the path right?"


class ReplyDecoder:
    """Turns the bytes of one reply, in pieces of any size, into batches of one schema.

    Not for two threads at once, but each call may come from another one.

    Parameters
    ----------
    schema : pyarrow.Schema
        `time`, int64, then the columns of the statement in its order; by place, not by name.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._has_text = any(pa.types.is_string(kind) for kind in schema.types)
        self._places = [str(index) for index in range(len(schema))]
        self._convert = csv.ConvertOptions(
            include_columns=self._places,
            column_types=dict(zip(self._places, schema.types, strict=True)),
            null_values=["null"],
            true_values=["true"],
            false_values=["false"],
        )
        self._rest = b""
        self._begun = False
        self._complete = False

    def feed(self, pieces: Sequence[bytes]) -> list[pa.RecordBatch]:
        """Take the next pieces of the reply; gives the rows that they complete.

        Raises
        ------
        QueryError
            If the server reports an error in place of rows, be it after many good ones.
        ReplyError
            If it is not what InfluxDB sends.
        """
        data = b"".join((self._rest, *pieces))
        # CSV, not JSON: the same rows as JSON objects held the interpreter many times longer. In the grid
        # `[[t,v],[t,v]]` has become `,,t,v` and a line break for each row, at the same places as before.
        grid = None if self._has_text else pa.py_buffer(data.translate(_GRID))
        batches = []
        begin = 0
        while (end := data.find(b"\n", begin)) >= 0:
            if end > begin and (batch := self._decoded(data, begin, end, grid)) is not None:
                batches.append(batch)
            begin = end + 1
        self._rest = data[begin:]
        return batches

    def finish(self, pieces: Sequence[bytes] = ()) -> list[pa.RecordBatch]:
        """Take the last pieces and the end of the reply.

        Raises
        ------
        StreamCutError
            If the reply was not complete; and what `feed` raises.
        """
        batches = self.feed(pieces)
        rest = self._rest.strip()
        if rest:
            try:
                batches += self.feed([b"\n"])
            except ReplyError as error:
                if self._begun or rest.startswith(b"{"):
                    raise _cut() from error
                raise
        if not self._complete:
            raise _cut()
        return batches

    def _decoded(self, data: bytes, begin: int, end: int, grid: pa.Buffer | None) -> pa.RecordBatch | None:
        values = data.find(_VALUES, begin, end)
        if grid is None or values < 0:
            return self._from_json(data[begin:end])
        first = values + len(_VALUES)
        last = data.rfind(b"]]", first, end) + 1
        result = result_of(b"".join((data[begin:first], b"[]", data[last + 1 : end])))
        self._note(result, result["series"][0]["columns"])
        try:
            table = csv.read_csv(
                pa.BufferReader(grid.slice(first, last - first)),
                read_options=csv.ReadOptions(
                    column_names=["[", "[[", *self._places], use_threads=False, block_size=last - first + 1
                ),
                parse_options=csv.ParseOptions(quote_char=False),
                convert_options=self._convert,
            )
        except pa.ArrowInvalid as error:
            raise _other_types() from error
        return table.combine_chunks().rename_columns(self._schema.names).to_batches()[0]

    def _from_json(self, line: bytes) -> pa.RecordBatch | None:
        result = result_of(line)
        series = result.get("series")
        if not series:
            self._note(result, self._places)
            return None
        self._note(result, series[0]["columns"])
        columns = zip(*series[0]["values"], strict=True)
        try:
            arrays = [_array(column, part.type) for column, part in zip(columns, self._schema, strict=True)]
        except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, ValueError) as error:
            raise _other_types() from error
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)

    def _note(self, result: Mapping[str, Any], columns: Sequence[str]) -> None:
        if len(columns) != len(self._schema):
            raise ReplyError("The server answered with other columns than were asked for.")
        self._begun = True
        self._complete = not is_partial(result)


def result_of(line: bytes) -> Mapping[str, Any]:
    """Read one line of a reply, and raise the error that it may carry.

    Raises
    ------
    QueryError
        If the server reports an error, in the form of version 1 or 2.
    ReplyError
        If it is not what InfluxDB sends.
    """
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ReplyError("The answer is not JSON.", hint=_WRONG_PLACE) from error
    return result_in(document)


def result_in(document: Any) -> Mapping[str, Any]:
    """Give the one result in a document of a reply; errors as `result_of`."""
    if message := error_in(document):
        raise refused(message)
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, list):
        raise ReplyError("The answer has no results.", hint=_WRONG_PLACE)
    result: Mapping[str, Any] = results[0] if results else {}
    if message := error_in(result):
        raise refused(message)
    return result


def error_in(document: Any) -> str:
    """Give the message of an error of version 1 or 2; empty where there is none."""
    if not isinstance(document, dict):
        return ""
    message = document.get("error")
    if message is None and "code" in document:
        message = document.get("message") or document["code"]
    return "" if message is None else str(message)


def is_partial(result: Mapping[str, Any]) -> bool:
    """Tell whether more lines must follow."""
    series = result.get("series") or [{}]
    return bool(result.get("partial") or series[-1].get("partial"))


def refused(message: str) -> QueryError:
    """Make the error for a message of the server, with what to try."""
    words = message.lower()
    hint = "Try again; if it stays, tell those who run the server."
    if "timeout" in words:
        hint = "Choose a shorter range, or try again when the server is less busy."
    elif "max-select-buckets" in words:
        hint = "The range holds too many buckets of this width: choose wider ones or a shorter range."
    elif "max-concurrent-queries" in words:
        hint = "The server is busy: try again in a moment."
    elif "max-select" in words:
        hint = "Choose a shorter range or fewer fields."
    elif "database not found" in words:
        hint = "Check the database in the address (?db=…)."
    elif "retention policy not found" in words:
        hint = "Check the retention policy in the address (&rp=…), or leave it out."
    return QueryError(f"The database refused: {message.rstrip('.')}.", hint=hint)


def _array(column: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_floating(kind):
        # JSON writes a float without a fraction as an integer.
        return pa.array([None if value is None else float(value) for value in column], kind)
    return pa.array(column, kind)


def _cut() -> StreamCutError:
    return StreamCutError("The answer ended before it was complete.", hint="Try again.")


def _other_types() -> ReplyError:
    return ReplyError(
        "The values do not have the type that the server lists for their field.",
        hint="Load it again: the field may have changed its type.",
    )
