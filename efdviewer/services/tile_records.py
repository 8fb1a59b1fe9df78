"""How a series is named and a tile written on disk."""

import json
import struct
import zlib
from typing import Any

import numpy as np

from efdviewer.domain.tiles import Columns, Slot, Tile
from efdviewer.services.tiles import SeriesKey


def name_of(key: SeriesKey) -> str:
    """Give a name that no other series has, whatever its parts hold."""
    # JSON tells 1, 1.0, true and "1" apart, and writes what is no valid text too.
    conditions = [[condition.field, condition.value] for condition in key.where]
    return json.dumps([key.origin, key.topic, key.field, conditions])


def encoded(key: SeriesKey, columns: Columns, tile: Tile) -> bytes:
    """Write the number of rows, the kind of each array, the arrays; in front a sum that vouches for all."""
    final = int(np.searchsorted(tile.times_utc_ns, tile.settled_utc_ns))
    arrays = [array[:final] for array in (tile.times_utc_ns, *(tile.columns[name] for name in columns))]
    kinds = "".join(array.dtype.kind for array in arrays).encode()
    body = struct.pack(f"<I{len(kinds)}s", final, kinds)
    body += b"".join(array.astype(f"<{array.dtype.kind}8").tobytes() for array in arrays)
    return struct.pack("<I", _check_sum(key, tile.slot, tile.settled_utc_ns, body)) + body


def decoded(key: SeriesKey, columns: Columns, slot: Slot, settled_utc_ns: int, data: bytes) -> Tile:
    """Read a tile.

    Raises
    ------
    ValueError
        If it is damaged, or another one.
    """
    count = 1 + len(columns)
    begin = 8 + count
    if len(data) < begin or struct.unpack_from("<I", data)[0] != _check_sum(
        key, slot, settled_utc_ns, data[4:]
    ):
        raise ValueError(f"the tile {slot} is not what was written")
    rows, kinds = struct.unpack_from(f"<I{count}s", data, 4)
    arrays: list[Any] = [
        np.frombuffer(data, f"<{chr(kind)}8", rows, begin + 8 * rows * place)
        for place, kind in enumerate(kinds)
    ]
    return Tile(
        slot=slot,
        times_utc_ns=arrays[0],
        columns=dict(zip(columns, arrays[1:], strict=True)),
        settled_utc_ns=settled_utc_ns,
    )


def _check_sum(key: SeriesKey, slot: Slot, settled_utc_ns: int, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(f"{name_of(key)} {slot} {settled_utc_ns}".encode()))
