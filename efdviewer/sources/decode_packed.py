"""InfluxDB's chunked MessagePack to Arrow; pure, and the same wherever the network cut it.

A row of floats without nulls always has the same length, so that a chunk of them is an array to numpy.
"""

from collections.abc import Sequence
from typing import Any

import msgpack
import numpy as np
import pyarrow as pa

from efdviewer.domain.errors import ReplyError
from efdviewer.sources.reply import WRONG_PLACE, ReplyState, batch_of, cut, result_in

CONTENT_TYPE = "application/x-msgpack"
_INT64, _FLOAT64 = 0xD3, 0xCB
_SHORT_ARRAY, _LONG_ARRAY = 0x90, 0xDC
_MOST_IN_SHORT_ARRAY = 15
_NO_ROWS = b"\x90"
# Around the rows of a chunk stand its names and flags; no more than this is copied to read them.
_LONGEST_HEAD = 1 << 18
_LONGEST_TAIL = 1 << 8


def suits(schema: pa.Schema) -> bool:
    """Tell whether rows of these types are of one length, for which alone this form is the faster one."""
    return all(pa.types.is_floating(kind) for kind in schema.types[1:])


class PackedReplyDecoder:
    """Turns the bytes of one reply, in pieces of any size, into batches of one schema.

    Not for two threads at once, but each call may come from another one.

    Parameters
    ----------
    schema : pyarrow.Schema
        `time`, int64, then columns of float64 in the order of the statement; by place, not by name.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._row, self._marks = _row_type(len(schema))
        self._rest = b""
        self._lacking = 1
        """So many bytes more may complete a chunk."""
        self._state = ReplyState(len(schema))

    def completes(self, piece: bytes) -> bool:
        """Tell whether rows may be complete with this piece, which `feed` or `finish` is to take later."""
        self._lacking -= len(piece)
        return self._lacking <= 0

    def feed(self, pieces: Sequence[bytes]) -> list[pa.RecordBatch]:
        """Take the next pieces of the reply; gives rows that they complete, the last ones perhaps later.

        Raises
        ------
        QueryError
            If the server reports an error in place of rows, be it after many good ones.
        ReplyError
            If it is not what InfluxDB sends.
        """
        return self._decoded(b"".join((self._rest, *pieces)), ended=False)

    def finish(self, pieces: Sequence[bytes] = ()) -> list[pa.RecordBatch]:
        """Take the last pieces and the end of the reply.

        Raises
        ------
        StreamCutError
            If the reply was not complete; and what `feed` raises.
        """
        batches = self._decoded(b"".join((self._rest, *pieces)), ended=True)
        if self._rest or not self._state.complete:
            raise cut()
        return batches

    def _decoded(self, data: bytes, *, ended: bool) -> list[pa.RecordBatch]:
        batches = []
        begin = 0
        self._lacking = 1
        try:
            while begin < len(data):
                batch, begin = self._next(data, begin, ended=ended)
                if batch is not None:
                    batches.append(batch)
        except msgpack.OutOfData:
            pass
        except ValueError as error:
            raise ReplyError("The answer is not MessagePack.", hint=WRONG_PLACE) from error
        self._rest = data[begin:]
        return batches

    def _next(self, data: bytes, begin: int, *, ended: bool) -> tuple[pa.RecordBatch | None, int]:
        """Give the rows of the chunk that begins at a place, and the place of the next chunk."""
        place, first, count = _rows_in(memoryview(data)[begin : begin + _LONGEST_HEAD])
        end = begin + first + count * self._row.itemsize
        if len(data) >= end and count:
            cells = np.frombuffer(data, self._row, count, begin + first)
            if all((cells[name] == mark).all() for name, mark in self._marks.items()):
                shell = b"".join((data[begin : begin + place], _NO_ROWS, data[end : end + _LONGEST_TAIL]))
                document, length = _unpacked(shell)
                self._state.note(result_in(document))
                return self._batch(cells), end + length - place - len(_NO_ROWS)
        elif count and not ended:
            # Rows with nulls are shorter; but to try at each piece would cost more than to wait.
            self._lacking = max(1, end - len(data))
            raise msgpack.OutOfData
        document, length = _unpacked(data[begin:])
        result = result_in(document)
        self._state.note(result)
        series = result.get("series")
        return batch_of(series[0]["values"], self._schema) if series else None, begin + length

    def _batch(self, cells: "np.ndarray[Any, np.dtype[np.void]]") -> pa.RecordBatch:
        arrays = [
            pa.array(cells[str(index)].astype(self._row[str(index)].newbyteorder("=")))
            for index in range(len(self._schema))
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)


def _row_type(columns: int) -> tuple["np.dtype[np.void]", dict[str, int]]:
    """Describe a row of one int64 and floats: its cells by number, and the marks that stand before them."""
    short = columns <= _MOST_IN_SHORT_ARRAY
    parts: list[tuple[str, str]] = [("row", "u1")] if short else [("row", "u1"), ("columns", ">u2")]
    marks = {"row": _SHORT_ARRAY | columns} if short else {"row": _LONG_ARRAY, "columns": columns}
    for index in range(columns):
        parts += [(f"mark {index}", "u1"), (str(index), ">f8" if index else ">i8")]
        marks[f"mark {index}"] = _FLOAT64 if index else _INT64
    return np.dtype(parts), marks


def _rows_in(head: memoryview) -> tuple[int, int, int]:
    """Give where the array of rows stands in a chunk, where its first row, and their number; else zeros."""
    walk = msgpack.Unpacker()
    walk.feed(head)
    for key in ("results", "series"):
        if not _found(walk, key) or not walk.read_array_header():
            return 0, 0, 0
    if not _found(walk, "values"):
        return 0, 0, 0
    place = walk.tell()
    count = walk.read_array_header()
    return place, walk.tell(), count


def _found(walk: msgpack.Unpacker, key: str) -> bool:
    """Walk into a map, to the value of a key."""
    for _ in range(walk.read_map_header()):
        if walk.unpack() == key:
            return True
        walk.skip()
    return False


def _unpacked(data: bytes) -> tuple[Any, int]:
    """Give the first object in the data, and its length in bytes."""
    unpacker = msgpack.Unpacker()
    unpacker.feed(data)
    return unpacker.unpack(), unpacker.tell()
