"""InfluxDB's chunked JSON to Arrow; pure, and the same wherever the network cut it."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa
from pyarrow import csv

from efdviewer.domain.errors import ReplyError
from efdviewer.sources.reply import WRONG_PLACE, ReplyState, batch_of, cut, other_types, result_in

_VALUES = b',"values":'
_GRID = bytes.maketrans(b"[]", b",\n")


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
        self._state = ReplyState(len(schema))

    def completes(self, piece: bytes) -> bool:
        """Tell whether rows may be complete with this piece."""
        return b"\n" in piece

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
                if self._state.begun or rest.startswith(b"{"):
                    raise cut() from error
                raise
        if not self._state.complete:
            raise cut()
        return batches

    def _decoded(self, data: bytes, begin: int, end: int, grid: pa.Buffer | None) -> pa.RecordBatch | None:
        values = data.find(_VALUES, begin, end)
        if grid is None or values < 0:
            return self._from_json(data[begin:end])
        first = values + len(_VALUES)
        last = data.rfind(b"]]", first, end) + 1
        self._state.note(_result_of(b"".join((data[begin:first], b"[]", data[last + 1 : end]))))
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
            raise other_types() from error
        return table.combine_chunks().rename_columns(self._schema.names).to_batches()[0]

    def _from_json(self, line: bytes) -> pa.RecordBatch | None:
        result = _result_of(line)
        self._state.note(result)
        series = result.get("series")
        return batch_of(series[0]["values"], self._schema) if series else None


def _result_of(line: bytes) -> Mapping[str, Any]:
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ReplyError("The answer is not JSON.", hint=WRONG_PLACE) from error
    return result_in(document)
