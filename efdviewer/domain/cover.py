"""The best picture that can be made of what is known: exact tiles, else finer or coarser ones instead."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.level_view import Buckets, MeanBuckets
from efdviewer.domain.levels import FINEST_NS
from efdviewer.domain.tiles import EXTREMES, MEANS, SAMPLES, Columns, Slot, Tile, reduced
from efdviewer.domain.timerange import TimeRange

_FINER_LEVELS = 3
_COARSER_LEVELS = 14
"""So far a tile may stand in for one that is missing; a bucket of 2^14 times the width fills a plot."""


class KnownTiles(Protocol):
    """What is known of one field."""

    def get(self, columns: Columns, slot: Slot) -> Tile | None:
        """Give what is known in a slot, of `EXTREMES` or `MEANS`."""
        ...

    def samples(self, slot: Slot) -> Tile | None:
        """Give samples that cover a slot, perhaps more."""
        ...

    def answered_until(self, columns: Columns, slot: Slot) -> int:
        """Give the moment, ns UTC, up to which what is known in a slot is an answer of the source."""
        ...


class _Source(NamedTuple):
    """What a slot is drawn from: a tile of some kind, or nothing."""

    slot: Slot
    columns: Columns = SAMPLES
    tile: Tile | None = None


class _Part(NamedTuple):
    starts_utc_ns: NDArray[np.int64]
    width_ns: int
    values: tuple[NDArray[Any], ...]


def samples_over(known: KnownTiles, slots: Sequence[Slot]) -> tuple[NDArray[np.int64], NDArray[Any]] | None:
    """Give the samples in adjacent slots: times (n,) int64 ns UTC, values (n,); None if some are unknown."""
    times_utc_ns, values = [], []
    for slot in slots:
        tile = known.samples(slot)
        if tile is None:
            return None
        # Each slot by itself: the tile may be wider than it, and another one be known of its neighbour.
        first, last = np.searchsorted(tile.times_utc_ns, [slot.start_utc_ns, slot.end_utc_ns])
        times_utc_ns.append(tile.times_utc_ns[first:last])
        values.append(tile.columns["value"][first:last])
    return np.concatenate(times_utc_ns), np.concatenate(values)


def buckets_over(known: KnownTiles, slots: Sequence[Slot], *, prefers_samples: bool) -> Buckets:
    """Give what is known in adjacent slots, as near to their level as there is.

    `prefers_samples` takes samples for the buckets of slots where they are known.
    """
    sources = _sources(known, slots, EXTREMES, prefers_samples=prefers_samples)
    starts, widths, (minima, maxima) = _joined(sources, EXTREMES, prefers_samples=prefers_samples)
    unknown = _untold(known, sources)
    return Buckets(starts_utc_ns=starts, widths_ns=widths, minima=minima, maxima=maxima, unknown=unknown)


def means_over(known: KnownTiles, slots: Sequence[Slot]) -> MeanBuckets:
    """Give the means that are known in adjacent slots, as near to their level as there are some."""
    starts, widths, (means, _) = _joined(_sources(known, slots, MEANS), MEANS, prefers_samples=False)
    return MeanBuckets(starts_utc_ns=starts, widths_ns=widths, means=means)


def unknown_over(known: KnownTiles, slots: Sequence[Slot], *, prefers_samples: bool) -> tuple[TimeRange, ...]:
    """List the stretches of adjacent slots of which the source has told nothing, ascending and apart.

    A bucket of any width is told: where it holds no sample there is none. It is judged by the same tiles that
    `buckets_over` draws.
    """
    return _untold(known, _sources(known, slots, EXTREMES, prefers_samples=prefers_samples))


def _untold(known: KnownTiles, sources: Sequence[_Source]) -> tuple[TimeRange, ...]:
    stretches: list[tuple[int, int]] = []
    for slot, columns, tile in sources:
        start_utc_ns = slot.start_utc_ns
        if tile is not None:
            start_utc_ns = max(start_utc_ns, known.answered_until(columns, tile.slot))
        if start_utc_ns >= slot.end_utc_ns:
            continue
        if stretches and stretches[-1][1] == start_utc_ns:
            start_utc_ns = stretches.pop()[0]
        stretches.append((start_utc_ns, slot.end_utc_ns))
    return tuple(TimeRange(start_utc_ns=start, end_utc_ns=end) for start, end in stretches)


def _sources(
    known: KnownTiles, slots: Sequence[Slot], columns: Columns, *, prefers_samples: bool = False
) -> list[_Source]:
    """Choose what adjacent slots are drawn from, in ascending order."""
    found: list[_Source] = []
    for slot in slots:
        _resolve(known, slot, columns, found, prefers_samples=prefers_samples)
    return found


def _joined(
    sources: Sequence[_Source], columns: Columns, *, prefers_samples: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[NDArray[Any]]]:
    """Give the starts and widths of buckets, and their columns, all of shape (k,)."""
    parts = [
        _part(slot, kind, tile, columns, prefers_samples=prefers_samples)
        for slot, kind, tile in sources
        if tile is not None
    ]
    nothing = np.empty(0, np.int64)
    if not parts:
        return nothing, nothing, [nothing for _ in columns]
    starts = np.concatenate([part.starts_utc_ns for part in parts])
    widths = np.repeat(
        np.array([part.width_ns for part in parts], np.int64), [len(part.starts_utc_ns) for part in parts]
    )
    return (
        starts,
        widths,
        [np.concatenate(column) for column in zip(*(part.values for part in parts), strict=True)],
    )


def _resolve(
    known: KnownTiles, slot: Slot, columns: Columns, found: list[_Source], *, prefers_samples: bool
) -> None:
    samples, tile = known.samples(slot), known.get(columns, slot)
    if samples is not None and (prefers_samples or tile is None):
        found.append(_Source(slot, SAMPLES, samples))
    elif tile is not None:
        found.append(_Source(slot, columns, tile))
    elif not _resolve_finer(known, slot, columns, found, _FINER_LEVELS):
        found.append(_coarser(known, slot, columns))


def _resolve_finer(known: KnownTiles, slot: Slot, columns: Columns, found: list[_Source], depth: int) -> bool:
    """Take finer tiles where at least one of the halves has some, coarser ones for the rest."""
    if depth == 0 or slot.bucket_ns <= FINEST_NS or not _has_finer(known, slot, columns, depth):
        return False
    for child in slot.children:
        tile = known.get(columns, child)
        if tile is not None:
            found.append(_Source(child, columns, tile))
        elif not _resolve_finer(known, child, columns, found, depth - 1):
            found.append(_coarser(known, child, columns))
    return True


def _has_finer(known: KnownTiles, slot: Slot, columns: Columns, depth: int) -> bool:
    if depth == 0 or slot.bucket_ns <= FINEST_NS:
        return False
    return any(
        known.get(columns, child) is not None or _has_finer(known, child, columns, depth - 1)
        for child in slot.children
    )


def _coarser(known: KnownTiles, slot: Slot, columns: Columns) -> _Source:
    coarser = slot
    for _ in range(_COARSER_LEVELS):
        coarser = coarser.parent
        tile = known.get(columns, coarser)
        if tile is not None:
            return _Source(slot, columns, tile)
    return _Source(slot)


def _part(slot: Slot, kind: Columns, tile: Tile, columns: Columns, *, prefers_samples: bool) -> _Part:
    """Take the buckets of a tile that touch a slot; one that is wider than the slot fills it, and no more.

    Such a one may have reached its extremes beside the slot. It is cut so that it neither hides the
    neighbours, of which more may be known, nor is left out because of them.
    """
    if kind == SAMPLES and prefers_samples:
        first, last = np.searchsorted(tile.times_utc_ns, [slot.start_utc_ns, slot.end_utc_ns])
        return _Part(tile.times_utc_ns[first:last], 0, (tile.columns["value"][first:last],) * len(columns))
    if kind == SAMPLES:
        tile = reduced(tile, slot, columns)
    width_ns, values = tile.slot.bucket_ns, tuple(tile.columns.values())
    if tile.slot == slot:
        return _Part(tile.times_utc_ns, width_ns, values)
    first, last = np.searchsorted(tile.times_utc_ns, [slot.start_utc_ns - width_ns + 1, slot.end_utc_ns])
    return _Part(
        np.maximum(tile.times_utc_ns[first:last], slot.start_utc_ns),
        min(width_ns, slot.span_ns),
        tuple(column[first:last] for column in values),
    )
