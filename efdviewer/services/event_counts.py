"""How many messages of a topic lie in which bucket, as far as tiles tell it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.levels import COARSEST_NS, FINEST_NS, bucket_for
from efdviewer.domain.tiles import COUNTS, Slot, Tile, reduced, slots_over
from efdviewer.domain.timerange import TimeRange
from efdviewer.services.habits import Habits
from efdviewer.services.tiles import Needs, SeriesTiles

_COARSER_LEVELS = 8
"""So much coarser tiles may tell that a view is crowded: a wheel zooms in by less at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountView:
    """The counts that a view needs; looks at the tiles as they are at the moment.

    `time_range` is counted by the rows' `time`, wherever the events themselves may be placed.
    """

    tiles: SeriesTiles
    habits: Habits
    time_range: TimeRange
    columns: int

    @property
    def bucket_ns(self) -> int:
        """Width of a bucket: one to two of them a pixel column, but never finer than tiles are."""
        return bucket_for(self.time_range.span_ns, self.columns) or FINEST_NS

    @property
    def slots(self) -> list[Slot]:
        """The places of the tiles, in ascending order."""
        return slots_over(self.time_range, self.bucket_ns)

    def needs(self) -> Needs:
        """Tell which slots have to be asked for, and which once more since they may have grown."""
        found = [self._needs(slot) for slot in self.slots]
        return Needs(
            tuple(slot for needs in found for slot in needs.missing),
            tuple(slot for needs in found for slot in needs.ageing),
        )

    def buckets(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give what is known: the starts of buckets that hold messages, (k,) int64 ns UTC, and the counts."""
        return self._joined(self.slots)

    def at_least(self) -> int:
        """Give how many messages the range holds for certain, whichever level of tiles tells it."""
        most, bucket_ns = 0, self.bucket_ns
        for _ in range(_COARSER_LEVELS):
            known = [slot for slot in slots_over(self.time_range, bucket_ns) if not self._needs(slot).missing]
            starts, counts = self._joined(known)
            inside = (starts >= self.time_range.start_utc_ns) & (
                starts + bucket_ns <= self.time_range.end_utc_ns
            )
            most = max(most, int(counts[inside].sum()))
            if bucket_ns >= COARSEST_NS:
                break
            bucket_ns *= 2
        return most

    def _needs(self, slot: Slot) -> Needs:
        return self.tiles.needs(COUNTS, [slot], self.habits, end_utc_ns=self.time_range.end_utc_ns)

    def _joined(self, slots: Sequence[Slot]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        tiles = [tile for slot in slots if (tile := self._tile(slot)) is not None]
        nothing = np.empty(0, np.int64)
        return (
            np.concatenate([nothing, *(tile.times_utc_ns for tile in tiles)]),
            np.concatenate([nothing, *(tile.columns["count"] for tile in tiles)]),
        )

    def _tile(self, slot: Slot) -> Tile | None:
        tile = self.tiles.get(COUNTS, slot)
        if tile is None and (samples := self.tiles.samples(slot)) is not None:
            return reduced(samples, slot, COUNTS)
        return tile
