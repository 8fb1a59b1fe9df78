"""`KeptTiles`: a memory of tiles that outlasts the program."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any

from efdviewer.domain.tiles import Columns, Slot, Tile
from efdviewer.services.tile_disk import TileDisk
from efdviewer.services.tiles import SeriesKey, SeriesTiles, TileStore

_PARTS = 8
"""A tile that is still open is written when another such part of it is final."""
_PATIENCE_S = 0.5


class KeptTiles(TileStore):
    """Writes what is final of tiles to disk, in a worker, and finds it there again.

    One write follows the other, in the order in which things became known. A task that is cancelled while
    it writes ends once that is done, so whoever waits for the task waits for the disk too.
    """

    def __init__(self, disk: TileDisk, in_worker: Callable[..., Awaitable[Any]]) -> None:
        super().__init__()
        self._disk = disk
        self._in_worker = in_worker
        self._unsaved: dict[tuple[SeriesKey, Columns, Slot], Tile] = {}
        self._open: dict[tuple[SeriesKey, Columns, Slot], int] = {}
        """Up to which moment, ns UTC, tiles were noted that are not final as a whole."""
        self._forgotten: set[SeriesKey] = set()
        """Series that are still to be thrown away on disk; that comes before anything else there."""
        self._writing = asyncio.Lock()
        self._is_recalling = False

    def account(self, series: SeriesTiles, columns: Columns, tile: Tile, before_bytes: int) -> None:
        """Count a new tile, and note it for saving; not what was asked for before a Reload."""
        super().account(series, columns, tile, before_bytes)
        if self._is_recalling or series.is_outdated(columns, tile.slot):
            return
        place = series.key, columns, tile.slot
        saved_until_ns = self._open.get(place, tile.slot.start_utc_ns)
        if tile.is_settled:
            self._unsaved[place] = tile
            self._open.pop(place, None)
        elif tile.settled_utc_ns - saved_until_ns >= tile.slot.span_ns // _PARTS:
            self._unsaved[place] = tile
            self._open[place] = tile.settled_utc_ns

    async def recall(self, series: Iterable[SeriesTiles], columns: Columns, slots: Sequence[Slot]) -> None:
        """Bring back tiles in adjacent slots that this or another window has saved."""
        if self._forgotten:
            await self.save()
        wanted = {each.key: each for each in series if not each.is_expired}
        if not wanted:
            return
        found = await self._in_worker(self._disk.recall, list(wanted), columns, slots)
        self._is_recalling = True
        try:
            for key, tile in found:
                if not wanted[key].is_expired:
                    wanted[key].put_recalled(columns, tile)
        finally:
            self._is_recalling = False

    async def save(self) -> None:
        """Write what is final and not yet written."""
        await _to_the_end(self._write())

    def expire(self, keys: Iterable[SeriesKey]) -> None:
        """Take all that is known of some series for out of date, on disk too."""
        keys = set(keys)
        super().expire(keys)
        self._forgotten |= keys
        self._unsaved = {place: tile for place, tile in self._unsaved.items() if place[0] not in keys}
        self._open = {place: until for place, until in self._open.items() if place[0] not in keys}

    async def clear_everywhere(self) -> None:
        """Throw away what is known and what was saved."""
        self.clear()
        self._unsaved.clear()
        self._open.clear()
        await _to_the_end(self._clear_disk())

    async def close(self) -> None:
        """Write what waits for it and let the file go; a disk that is slow is not waited for."""
        ending = asyncio.ensure_future(self._end())
        await asyncio.wait([ending], timeout=_PATIENCE_S)

    @property
    def disk_bytes(self) -> int:
        """Room taken on disk."""
        return self._disk.byte_size

    async def _write(self) -> None:
        async with self._writing:
            if self._forgotten:
                forgotten, self._forgotten = self._forgotten, set()
                if not await self._in_worker(self._disk.forget, forgotten):
                    self._forgotten |= forgotten
            if self._unsaved:
                tiles = [(key, columns, tile) for (key, columns, _), tile in self._unsaved.items()]
                self._unsaved = {}
                await self._in_worker(self._disk.keep, tiles)

    async def _clear_disk(self) -> None:
        async with self._writing:
            await self._in_worker(self._disk.clear)

    async def _end(self) -> None:
        await self._write()
        await self._in_worker(self._disk.close)


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Wait for work that must not be broken off; cancelling takes effect when it is done."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
