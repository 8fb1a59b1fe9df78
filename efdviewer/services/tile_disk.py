"""`TileDisk`: what is final of tiles, in a bounded file that windows share and that is begun anew if damaged.

It is called in worker threads. Nothing in it is worth an error: what cannot be read is asked for again.
"""

import contextlib
import logging
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from efdviewer.domain.tiles import SAMPLES, TILE_BUCKETS, Columns, Slot, Tile
from efdviewer.services.tile_records import decoded, encoded, name_of
from efdviewer.services.tiles import SeriesKey

R = TypeVar("R")

VERSION = 3
LIMIT_BYTES = 512 * 2**20
_KEPT_SHARE = 0.8
_MOST_JOURNAL_BYTES = 4 * 2**20
_PATIENCE_S = 2.0
_HOUR_S = 3600
_log = logging.getLogger(__name__)

# A table with rowids: without them SQLite takes a page for each tile, of which two fill one.
_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS tile (
    id INTEGER PRIMARY KEY, series INTEGER NOT NULL, kind TEXT NOT NULL, bucket_ns INTEGER NOT NULL,
    number INTEGER NOT NULL, settled_utc_ns INTEGER NOT NULL, used_hour INTEGER NOT NULL, data BLOB NOT NULL,
    UNIQUE (series, kind, bucket_ns, number)
);
CREATE INDEX IF NOT EXISTS tile_by_use ON tile (used_hour);
COMMIT;
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
        """Write tiles, each as far as it is final, unless more of it was written before."""
        self._safely(lambda connection: self._keep(connection, tiles))

    def forget(self, keys: Iterable[SeriesKey]) -> bool:
        """Throw away what is known of some series; tells whether that was possible."""

        def delete(connection: sqlite3.Connection) -> bool:
            with connection:
                connection.executemany(
                    "DELETE FROM tile WHERE series = (SELECT id FROM series WHERE name = ?)",
                    [(name_of(key),) for key in keys],
                )
            return True

        return self._safely(delete) or False

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
                "SELECT bucket_ns, number, settled_utc_ns, used_hour, data FROM tile WHERE "
                "series = (SELECT id FROM series WHERE name = ?) AND kind = ? "
                "AND (bucket_ns = ? OR ? AND bucket_ns > ?) "
                "AND (number + 1) * bucket_ns * ? > ? AND number * bucket_ns * ? < ?",
                (
                    *(name_of(key), ",".join(columns), slots[0].bucket_ns, columns == SAMPLES),
                    *(slots[0].bucket_ns, TILE_BUCKETS, slots[0].start_utc_ns),
                    *(TILE_BUCKETS, slots[-1].end_utc_ns),
                ),
            ).fetchall()
            tiles = [decoded(key, columns, Slot(*row[:2]), row[2], row[4]) for row in rows]
            found += [(key, tile) for tile in tiles]
            if any(used_hour < _this_hour() for _, _, _, used_hour, _ in rows):
                self._touch(connection, key, columns, [tile.slot for tile in tiles])
        return found

    @staticmethod
    def _touch(
        connection: sqlite3.Connection, key: SeriesKey, columns: Columns, slots: Sequence[Slot]
    ) -> None:
        """Note that tiles were used; without them the answer is as good."""
        with contextlib.suppress(sqlite3.OperationalError), connection:
            connection.executemany(
                "UPDATE tile SET used_hour = ? WHERE series = (SELECT id FROM series WHERE name = ?) "
                "AND kind = ? AND bucket_ns = ? AND number = ?",
                [(_this_hour(), name_of(key), ",".join(columns), *slot) for slot in slots],
            )

    def _keep(self, connection: sqlite3.Connection, tiles: Sequence[tuple[SeriesKey, Columns, Tile]]) -> None:
        with connection:
            ids = {key: _series_id(connection, key) for key in {key for key, _, _ in tiles}}
            connection.executemany(
                "INSERT INTO tile VALUES (NULL, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (series, kind, bucket_ns, number) DO UPDATE "
                "SET (settled_utc_ns, used_hour, data) = "
                "(excluded.settled_utc_ns, excluded.used_hour, excluded.data) "
                "WHERE excluded.settled_utc_ns > settled_utc_ns",
                [
                    (
                        ids[key],
                        ",".join(columns),
                        *tile.slot,
                        tile.settled_utc_ns,
                        _this_hour(),
                        encoded(key, columns, tile),
                    )
                    for key, columns, tile in tiles
                ],
            )
        if self.byte_size > self._limit_bytes:
            self._make_room(connection)

    def _make_room(self, connection: sqlite3.Connection) -> None:
        """Give free room back; if that is not enough, throw away what was not used for longest."""
        _shrink(connection)
        surplus_bytes = _used_bytes(connection) - _KEPT_SHARE * self._limit_bytes
        if self.byte_size <= self._limit_bytes or surplus_bytes <= 0:
            return
        doomed, freed_bytes = [], 0
        # Of what was used in the same hour, the earliest written goes first.
        for tile, byte_size in connection.execute("SELECT id, length(data) FROM tile ORDER BY used_hour, id"):
            if freed_bytes >= surplus_bytes:
                break
            doomed.append((tile,))
            freed_bytes += byte_size
        with connection:
            connection.executemany("DELETE FROM tile WHERE id = ?", doomed)
            connection.execute("DELETE FROM series WHERE id NOT IN (SELECT series FROM tile)")
        _shrink(connection)

    def _safely(self, work: Callable[[sqlite3.Connection], R]) -> R | None:
        with self._lock:
            for is_last in (False, True):
                try:
                    return work(self._open())
                except (sqlite3.OperationalError, OSError, OverflowError) as error:
                    # Busy with another window, a full disk, a folder that may not be written, a number that
                    # SQLite does not hold: not damaged.
                    _log.info("The cache of tiles cannot be used now: %s", error)
                    self._drop_connection()
                    return None
                except (sqlite3.DatabaseError, ValueError) as error:
                    _log.warning("The cache of tiles is damaged and begun anew: %s", error)
                    self._drop_connection()
                    if is_last or not self._begin_anew():
                        return None
        return None

    def _open(self) -> sqlite3.Connection:
        """Give the open database.

        Raises
        ------
        sqlite3.Error, OSError
            If it cannot be opened; a `DatabaseError` that is no `OperationalError` if it is not ours.
        """
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            for version in range(VERSION):
                for path in self._path.parent.glob(f"tiles-{version}.sqlite*"):
                    _remove(path)
            if any(path.exists() and not path.is_file() for path in self._files()):
                raise sqlite3.DatabaseError("in its place there is something that is not a file")
            # What a person may read is nobody else's business on a machine that is shared.
            self._path.touch(mode=0o600)
            connection = sqlite3.connect(self._path, timeout=_PATIENCE_S, check_same_thread=False)
            self._connection = connection
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA journal_size_limit = {_MOST_JOURNAL_BYTES}")
            connection.execute("PRAGMA synchronous = NORMAL")
            if not _schema_of(connection):
                connection.executescript(_SCHEMA)
            if _schema_of(connection) != _our_schema():
                raise sqlite3.DatabaseError("it has other tables")
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _begin_anew(self) -> bool:
        try:
            for path in self._files():
                _remove(path)
        except OSError:
            return False
        return True

    def _files(self) -> list[Path]:
        return [self._path.with_name(self._path.name + ending) for ending in ("", "-wal", "-shm")]


def _series_id(connection: sqlite3.Connection, key: SeriesKey) -> int:
    connection.execute("INSERT OR IGNORE INTO series (name) VALUES (?)", (name_of(key),))
    return int(connection.execute("SELECT id FROM series WHERE name = ?", (name_of(key),)).fetchone()[0])


def _used_bytes(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _shrink(connection: sqlite3.Connection) -> None:
    # A script runs to its end; one step of the vacuum, which is all that `execute` does, frees one page.
    connection.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)")


def _schema_of(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    return set(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


def _our_schema() -> set[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(_SCHEMA)
        return _schema_of(connection)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _this_hour() -> int:
    return int(time.time()) // _HOUR_S
