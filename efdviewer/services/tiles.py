"""`TileStore`: what is known of each series, in memory, within a bound of bytes."""

import time
from bisect import insort
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from efdviewer.domain.levels import COARSEST_NS
from efdviewer.domain.tiles import EXTREMES, SAMPLES, Columns, Slot, Tile, parent_of, reduced, spliced
from efdviewer.domain.topics import Equals
from efdviewer.services.habits import Habits

MEMORY_BYTES = 64 * 2**20
_MOST_SAMPLES = 16_384
"""No tile of samples is made larger by joining: a plot draws four samples a column at most."""
_MOST_ROUNDS = 4
"""A memory that is far too small for all that is loaded at once would lose tiles again and again."""
_RECALLED_S = 0.0
"""When an open tile of an earlier run was asked for; by the clock of this run, never."""


class Needs(NamedTuple):
    """Slots that have to be asked for: never known, and known but perhaps grown since."""

    missing: tuple[Slot, ...]
    ageing: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """What a series is: the field, the rows that it is taken from, and where they are.

    `origin` tells source, database and retention policy, or an archive and its state.
    """

    origin: str
    topic: str
    field: str
    where: tuple[Equals, ...]


class SeriesTiles:
    """The tiles of one series, of all levels, by what they hold."""

    def __init__(self, key: SeriesKey, store: "TileStore") -> None:
        self.key = key
        self._store = store
        self._tiles: dict[tuple[Columns, Slot], tuple[Tile, float]] = {}
        self._sample_levels: list[int] = []
        self._expired_s = 0.0

    @property
    def version(self) -> int:
        """Another number whenever any tile has changed."""
        return self._store.version

    def extremes(self, slot: Slot) -> Tile | None:
        """Give the minima and maxima in a slot."""
        return self.get(EXTREMES, slot)

    def samples(self, slot: Slot) -> Tile | None:
        """Give samples that cover a slot, perhaps more."""
        for bucket_ns in self._sample_levels:
            if bucket_ns >= slot.bucket_ns:
                tile = self.get(SAMPLES, Slot(bucket_ns, slot.number // (bucket_ns // slot.bucket_ns)))
                if tile is not None:
                    return tile
        return None

    def get(self, columns: Columns, slot: Slot) -> Tile | None:
        """Give what is known in a slot."""
        found = self._tiles.get((columns, slot))
        if found is None:
            return None
        self._store.touch(self, columns, slot)
        return found[0]

    def needs(self, columns: Columns, slots: Iterable[Slot], habits: Habits, *, end_utc_ns: int) -> Needs:
        """Tell which slots have to be asked for, and which once more since they may have grown.

        What lies after the end of the view, ns UTC, is of no interest.
        """
        missing, ageing = [], []
        for slot in slots:
            found = self._tiles.get((columns, slot))
            # A tile of its own is the one that is drawn: it is judged, be it older than samples over it.
            if found is None and (covering := self.samples(slot)) is not None:
                found = self._tiles[SAMPLES, covering.slot]
            if found is None or found[1] < self._expired_s:
                missing.append(slot)
                continue
            tile, asked_s = found
            open_utc_ns = max(slot.start_utc_ns, tile.settled_utc_ns)
            seen_utc_ns = min(slot.end_utc_ns, end_utc_ns)
            if tile.is_settled or open_utc_ns >= seen_utc_ns:
                continue
            if asked_s == _RECALLED_S:
                # Only what was final of it was kept.
                missing.append(slot)
            elif habits.may_have_grown(open_utc_ns, seen_utc_ns, asked_s):
                ageing.append(slot)
        return Needs(tuple(missing), tuple(ageing))

    def answered_until(self, columns: Columns, slot: Slot) -> int:
        """Give the moment, ns UTC, up to which what is known in a slot is an answer of the source."""
        tile, asked_s = self._tiles[columns, slot]
        if tile.is_settled:
            return slot.end_utc_ns
        if asked_s == _RECALLED_S:
            return tile.settled_utc_ns
        return max(tile.settled_utc_ns, time.time_ns() - int((time.monotonic() - asked_s) * 1e9))

    def asked_from(self, columns: Columns, slot: Slot) -> int:
        """Give the moment from which a slot has to be asked for again, ns UTC: what is before is final."""
        found = self._tiles.get((columns, slot))
        if found is None or found[1] < self._expired_s:
            return slot.start_utc_ns
        return found[0].settled_utc_ns

    def expire(self) -> None:
        """Take all tiles for out of date; they are still drawn until they were asked for anew."""
        self._store.version += 1
        self._expired_s = time.monotonic()

    @property
    def is_expired(self) -> bool:
        """Whether there was a time before which nothing counts any more."""
        return self._expired_s > 0

    def is_outdated(self, columns: Columns, slot: Slot) -> bool:
        """Tell whether what a slot holds was asked for before all was taken for out of date."""
        return self._tiles[columns, slot][1] < self._expired_s

    def put(self, columns: Columns, tile: Tile, asked_s: float) -> None:
        """Keep a tile, in place of an older one, and what follows from it at its own and coarser levels.

        `asked_s` is the monotonic time, s, at which it was asked for.
        """
        self._keep(columns, tile, asked_s)
        if columns == SAMPLES and not self._has_newer(EXTREMES, tile.slot, asked_s):
            self.put(EXTREMES, reduced(tile, tile.slot, EXTREMES), asked_s)
        self._derive(columns, tile, asked_s)

    def put_recalled(self, columns: Columns, tile: Tile) -> None:
        """Keep what was final of a tile in an earlier run, unless more is known by now."""
        known = self._tiles.get((columns, tile.slot))
        if known is None or known[1] < self._expired_s:
            self.put(columns, tile, time.monotonic() if tile.is_settled else _RECALLED_S)

    def splice(self, columns: Columns, newer: Tile, from_utc_ns: int, asked_s: float) -> None:
        """Replace what is known in a slot from a moment on; all of it where nothing is final before.

        Where what was final up to that moment is known no longer, the answer alone would leave a gap; where
        another that was asked for later has come before it, there is nothing to learn from it.
        """
        if self._has_newer(columns, newer.slot, asked_s):
            return
        if from_utc_ns > newer.slot.start_utc_ns:
            known = self._tiles.get((columns, newer.slot))
            if known is None or known[0].settled_utc_ns < from_utc_ns:
                self._store.note_loss()
                return
            newer = spliced(known[0], newer, from_utc_ns)
        self.put(columns, newer, asked_s)

    def settle(self, columns: Columns, slots: Iterable[Slot], until_utc_ns: int, asked_s: float) -> None:
        """Take tiles that were asked for at a moment or later as final up to another."""
        for slot in slots:
            found = self._tiles.get((columns, slot))
            if found is not None and found[1] >= asked_s and not found[0].is_settled:
                final_utc_ns = (
                    until_utc_ns if columns == SAMPLES else until_utc_ns - until_utc_ns % slot.bucket_ns
                )
                self.put(columns, found[0].settled(final_utc_ns), found[1])

    def drop(self, columns: Columns, slot: Slot) -> int:
        """Forget the tile in a slot; gives the bytes that it took."""
        tile, _ = self._tiles.pop((columns, slot))
        return tile.byte_size

    def _keep(self, columns: Columns, tile: Tile, asked_s: float) -> None:
        before = self._tiles.get((columns, tile.slot))
        self._tiles[columns, tile.slot] = tile, asked_s
        if columns == SAMPLES and tile.slot.bucket_ns not in self._sample_levels:
            insort(self._sample_levels, tile.slot.bucket_ns)
        self._store.account(self, columns, tile, before[0].byte_size if before else 0)

    def _has_newer(self, columns: Columns, slot: Slot, asked_s: float) -> bool:
        """Tell whether a slot has a tile that was asked for after some moment."""
        found = self._tiles.get((columns, slot))
        return found is not None and found[1] > asked_s and found[1] >= self._expired_s

    def _derive(self, columns: Columns, tile: Tile, asked_s: float) -> None:
        """Join the tile with its other half, and so on upwards, as far as the earlier half is final."""
        slot = tile.slot
        other = self._tiles.get((columns, slot.sibling))
        if other is None or other[1] < self._expired_s or slot.bucket_ns >= COARSEST_NS:
            return
        left, right = (other[0], tile) if slot.number & 1 else (tile, other[0])
        too_many = columns == SAMPLES and len(left.times_utc_ns) + len(right.times_utc_ns) > _MOST_SAMPLES
        asked_s = min(asked_s, other[1])
        if left.is_settled and not too_many and not self._has_newer(columns, slot.parent, asked_s):
            parent = parent_of(left, right)
            self._keep(columns, parent, asked_s)
            self._derive(columns, parent, asked_s)


class TileStore:
    """Tiles of all series; those that were not used for longest give way."""

    def __init__(self, limit_bytes: int = MEMORY_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._series: dict[SeriesKey, SeriesTiles] = {}
        self._order: OrderedDict[tuple[SeriesTiles, Columns, Slot], None] = OrderedDict()
        self._losses = 0
        self.byte_size = 0
        self.version = 0
        """Another number after each change."""

    async def fill(self, load: Callable[[], Awaitable[None]]) -> None:
        """Load tiles, and once more what is missing if some that were counted on were lost meanwhile."""
        for _ in range(_MOST_ROUNDS):
            losses = self._losses
            await load()
            if self._losses == losses:
                break

    def note_loss(self) -> None:
        """Take note that tiles are gone that a load may have counted on."""
        self._losses += 1

    def series(self, key: SeriesKey) -> SeriesTiles:
        """Give what is known of a series."""
        if key not in self._series:
            self._series[key] = SeriesTiles(key, self)
        return self._series[key]

    def clear(self) -> None:
        """Forget everything."""
        for series, columns, slot in self._order:
            # The series themselves stay: a view that is loading holds them.
            series.drop(columns, slot)
        self._order.clear()
        self.note_loss()
        self.version += 1
        self.byte_size = 0

    def touch(self, series: SeriesTiles, columns: Columns, slot: Slot) -> None:
        """Note that a tile was used."""
        self._order.move_to_end((series, columns, slot))

    def account(self, series: SeriesTiles, columns: Columns, tile: Tile, before_bytes: int) -> None:
        """Count a new tile and make room for it."""
        self.version += 1
        self._order[series, columns, tile.slot] = None
        self._order.move_to_end((series, columns, tile.slot))
        self.byte_size += tile.byte_size - before_bytes
        while self.byte_size > self._limit_bytes and len(self._order) > 1:
            oldest, kind, slot = self._order.popitem(last=False)[0]
            self.byte_size -= oldest.drop(kind, slot)

    async def recall(self, series: Iterable[SeriesTiles], columns: Columns, slots: Sequence[Slot]) -> None:
        """Bring back tiles in adjacent slots that were kept elsewhere; a memory alone has none."""

    async def save(self) -> None:
        """Keep what is final elsewhere too; a memory alone does not."""

    def expire(self, keys: Iterable[SeriesKey]) -> None:
        """Take all that is known of some series for out of date; it is drawn until it was asked for anew."""
        for key in keys:
            self.series(key).expire()
