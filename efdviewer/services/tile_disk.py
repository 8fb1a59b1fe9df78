"""`TileDisk`: what is final of tiles, in a bounded file that windows share and that is begun anew if damaged.

It is called in worker threads. Nothing in it is worth an error: what cannot be read is asked for again.
"""

import contextlib
import logging
import sqlite3
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from efdviewer.domain.tiles import SAMPLES, TILE_BUCKETS, Columns, Slot, Tile
from efdviewer.services.tiles import SeriesKey

R = TypeVar("R")

VERSION = 2
LIMIT_BYTES = 512 * 2**20
_KEPT_SHARE = 0.8
_PATIENCE_S = 2.0
_DAY_S = 86_400
_log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS tile (
    series INTEGER NOT NULL, kind TEXT NOT NULL, bucket_ns INTEGER NOT NULL, number INTEGER NOT NULL,
    settled_utc_ns INTEGER NOT NULL, used_day INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (series, kind, bucket_ns, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tile_by_use ON tile (used_day);
"""


class TileDisk:
    """Tiles in SQLite, in a folder of the user's caches; another version of the format is another file."""

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._path = folder / f"tiles-{VERSION}.sqlite"
        self._limit_bytes = limit_bytes
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def recall(
        self, keys: Iterable[SeriesKey], columns: Columns, slots: Sequence[Slot]
    ) -> list[tuple[SeriesKey, Tile]]:
        """Give the tiles of some series in adjacent slots; of samples also coarser ones that cover them."""
        return self._safely(lambda connection: self._recall(connection, keys, columns, slots)) or []

    def keep(self, tiles: Sequence[tuple[SeriesKey, Columns, Tile]]) -> None:
        """Write tiles, each as far as it is final."""
        self._safely(lambda connection: self._keep(connection, tiles))

    def forget(self, keys: Iterable[SeriesKey]) -> None:
        """Throw away what is known of some series."""

        def delete(connection: sqlite3.Connection) -> None:
            with connection:
                connection.executemany(
                    "DELETE FROM tile WHERE series = (SELECT id FROM series WHERE name = ?)",
                    [(_name_of(key),) for key in keys],
                )

        self._safely(delete)

    def clear(self) -> None:
        """Throw everything away and give the room back."""

        def delete(connection: sqlite3.Connection) -> None:
            with connection:
                connection.execute("DELETE FROM tile")
                connection.execute("DELETE FROM series")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        self._safely(delete)

    @property
    def byte_size(self) -> int:
        """Room that the file takes, with what SQLite keeps beside it."""
        return sum(path.stat().st_size for path in self._files() if path.exists())

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            self._drop_connection()

    def _recall(
        self,
        connection: sqlite3.Connection,
        keys: Iterable[SeriesKey],
        columns: Columns,
        slots: Sequence[Slot],
    ) -> list[tuple[SeriesKey, Tile]]:
        found = []
        for key in keys:
            rows = connection.execute(
                "SELECT bucket_ns, number, settled_utc_ns, used_day, data FROM tile WHERE "
                "series = (SELECT id FROM series WHERE name = ?) AND kind = ? "
                "AND (bucket_ns = ? OR ? AND bucket_ns > ?) "
                "AND (number + 1) * bucket_ns * ? > ? AND number * bucket_ns * ? < ?",
                (
                    *(_name_of(key), ",".join(columns), slots[0].bucket_ns, columns == SAMPLES),
                    *(slots[0].bucket_ns, TILE_BUCKETS, slots[0].start_utc_ns),
                    *(TILE_BUCKETS, slots[-1].end_utc_ns),
                ),
            ).fetchall()
            tiles = [_decoded(key, columns, Slot(*row[:2]), row[2], row[4]) for row in rows]
            found += [(key, tile) for tile in tiles]
            if any(used_day < _today() for _, _, _, used_day, _ in rows):
                self._touch(connection, key, columns, [tile.slot for tile in tiles])
        return found

    @staticmethod
    def _touch(
        connection: sqlite3.Connection, key: SeriesKey, columns: Columns, slots: Sequence[Slot]
    ) -> None:
        """Note that tiles were used; without them the answer is as good."""
        with contextlib.suppress(sqlite3.OperationalError), connection:
            connection.executemany(
                "UPDATE tile SET used_day = ? WHERE series = (SELECT id FROM series WHERE name = ?) "
                "AND kind = ? AND bucket_ns = ? AND number = ?",
                [(_today(), _name_of(key), ",".join(columns), *slot) for slot in slots],
            )

    def _keep(self, connection: sqlite3.Connection, tiles: Sequence[tuple[SeriesKey, Columns, Tile]]) -> None:
        with connection:
            ids = {key: _series_id(connection, key) for key in {key for key, _, _ in tiles}}
            connection.executemany(
                "INSERT OR REPLACE INTO tile VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        ids[key],
                        ",".join(columns),
                        *tile.slot,
                        tile.settled_utc_ns,
                        _today(),
                        _encoded(key, columns, tile),
                    )
                    for key, columns, tile in tiles
                ],
            )
        if _used_bytes(connection) > self._limit_bytes:
            self._make_room(connection)

    def _make_room(self, connection: sqlite3.Connection) -> None:
        """Throw away what was not used for longest."""
        share = 1 - _KEPT_SHARE * self._limit_bytes / _used_bytes(connection)
        with connection:
            (count,) = connection.execute("SELECT COUNT(*) FROM tile").fetchone()
            connection.execute(
                "DELETE FROM tile WHERE (series, kind, bucket_ns, number) IN "
                "(SELECT series, kind, bucket_ns, number FROM tile ORDER BY used_day LIMIT ?)",
                (max(1, round(share * count)),),
            )
        connection.execute("PRAGMA incremental_vacuum")

    def _safely(self, work: Callable[[sqlite3.Connection], R]) -> R | None:
        with self._lock:
            for is_last in (False, True):
                try:
                    return work(self._open())
                except (sqlite3.OperationalError, OSError) as error:
                    # Busy with another window, a full disk, a folder that may not be written: not damaged.
                    _log.info("The cache of tiles cannot be used now: %s", error)
                    self._drop_connection()
                    return None
                except (sqlite3.DatabaseError, ValueError) as error:
                    _log.warning("The cache of tiles is damaged and begun anew: %s", error)
                    self._drop_connection()
                    if is_last or not self._remove():
                        return None
        return None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            for path in self._path.parent.glob("tiles-*.sqlite*"):
                if not path.name.startswith(self._path.name):
                    path.unlink(missing_ok=True)
            # What a person may read is nobody else's business on a machine that is shared.
            self._path.touch(mode=0o600)
            connection = sqlite3.connect(self._path, timeout=_PATIENCE_S, check_same_thread=False)
            self._connection = connection
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_SCHEMA)
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _remove(self) -> bool:
        try:
            for path in self._files():
                path.unlink(missing_ok=True)
        except OSError:
            return False
        return True

    def _files(self) -> list[Path]:
        return [self._path.with_name(self._path.name + ending) for ending in ("", "-wal", "-shm")]


def _name_of(key: SeriesKey) -> str:
    return "\n".join([key.origin, key.topic, key.field, *map(str, key.where)])


def _series_id(connection: sqlite3.Connection, key: SeriesKey) -> int:
    connection.execute("INSERT OR IGNORE INTO series (name) VALUES (?)", (_name_of(key),))
    return int(connection.execute("SELECT id FROM series WHERE name = ?", (_name_of(key),)).fetchone()[0])


def _encoded(key: SeriesKey, columns: Columns, tile: Tile) -> bytes:
    """Write the number of rows, the kind of each array, the arrays; in front a sum that vouches for all."""
    final = int(np.searchsorted(tile.times_utc_ns, tile.settled_utc_ns))
    arrays = [array[:final] for array in (tile.times_utc_ns, *(tile.columns[name] for name in columns))]
    kinds = "".join(array.dtype.kind for array in arrays).encode()
    body = struct.pack(f"<I{len(kinds)}s", final, kinds)
    body += b"".join(array.astype(f"<{array.dtype.kind}8").tobytes() for array in arrays)
    return struct.pack("<I", _check_sum(key, tile.slot, tile.settled_utc_ns, body)) + body


def _decoded(key: SeriesKey, columns: Columns, slot: Slot, settled_utc_ns: int, data: bytes) -> Tile:
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
    return zlib.crc32(body, zlib.crc32(f"{_name_of(key)} {slot} {settled_utc_ns}".encode()))


def _used_bytes(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _today() -> int:
    return int(time.time()) // _DAY_S
