"""`KeptTiles`: a memory of tiles that outlasts the program."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from efdviewer.domain.tiles import Columns, Slot, Tile
from efdviewer.services.tile_disk import TileDisk
from efdviewer.services.tiles import SeriesKey, SeriesTiles, TileStore

_PARTS = 8
"""A tile that is still open is written when another such part of it is final."""


class KeptTiles(TileStore):
    """Writes what is final of tiles to disk, in a worker, and finds it there again."""

    def __init__(self, disk: TileDisk, in_worker: Callable[..., Awaitable[Any]]) -> None:
        super().__init__()
        self._disk = disk
        self._in_worker = in_worker
        self._unsaved: dict[tuple[SeriesKey, Columns, Slot], Tile] = {}
        self._open: dict[tuple[SeriesKey, Columns, Slot], int] = {}
        """Up to which moment, ns UTC, tiles were noted that are not final as a whole."""
        self._forgotten: set[SeriesKey] = set()
        self._is_recalling = False

    def account(self, series: SeriesTiles, columns: Columns, tile: Tile, before_bytes: int) -> None:
        """Count a new tile, and note it for saving."""
        super().account(series, columns, tile, before_bytes)
        if self._is_recalling:
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
        wanted = {each.key: each for each in series if not each.is_expired}
        if not wanted:
            return
        found = await self._in_worker(self._disk.recall, list(wanted), columns, slots)
        self._is_recalling = True
        for key, tile in found:
            wanted[key].put_recalled(columns, tile)
        self._is_recalling = False

    async def save(self) -> None:
        """Write what is final and not yet written."""
        forgotten, self._forgotten = self._forgotten, set()
        unsaved, self._unsaved = self._unsaved, {}
        if forgotten:
            await self._in_worker(self._disk.forget, forgotten)
        if unsaved:
            tiles = [(key, columns, tile) for (key, columns, _), tile in unsaved.items()]
            await self._in_worker(self._disk.keep, tiles)

    def expire(self, keys: Iterable[SeriesKey]) -> None:
        """Take all that is known of some series for out of date, on disk too."""
        keys = set(keys)
        super().expire(keys)
        self._forgotten |= keys
        self._unsaved = {place: tile for place, tile in self._unsaved.items() if place[0] not in keys}

    async def clear_everywhere(self) -> None:
        """Throw away what is known and what was saved."""
        self.clear()
        self._unsaved.clear()
        await self._in_worker(self._disk.clear)

    @property
    def disk_bytes(self) -> int:
        """Room taken on disk."""
        return self._disk.byte_size
