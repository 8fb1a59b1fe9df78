"""Tiles: what is known of a series in fixed stretches of time, and the arithmetic on them.

A tile spans 64 buckets of a level; both begin at multiples of their width since the Unix epoch, so that
whatever was asked for one view serves every other. Tiles of samples lie on the same grid.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.buckets import bucket_runs, summed
from efdviewer.domain.levels import FINEST_NS
from efdviewer.domain.timerange import TimeRange

TILE_BUCKETS = 64
"""So many buckets make a tile: a view of 1,000 columns has 16 to 32 tiles, which is how fine it fills in."""

SAMPLES = ("value",)
EXTREMES = ("min", "max")
COUNTS = ("count",)
MEANS = ("mean", "count")
"""What a tile can hold: columns of samples, or aggregates of buckets; means go with what weighs them."""

Columns = tuple[str, ...]

_FOLDS: Mapping[str, Callable[[NDArray[Any], NDArray[np.int64]], NDArray[Any]]] = {
    "min": np.minimum.reduceat,
    "max": np.maximum.reduceat,
    "count": np.add.reduceat,
}
_OVERHEAD_BYTES = 700
"""What Python and numpy take beside the numbers themselves."""
_FIRST_UTC_NS, _LAST_UTC_NS = -(2**63) + 2, 2**63 - 2
"""InfluxDB knows no time outside; int64 hardly more."""


class Slot(NamedTuple):
    """The place of a tile: a level, told by the width of its buckets, and a number in it."""

    bucket_ns: int
    number: int

    @property
    def span_ns(self) -> int:
        """Length of the tile."""
        return self.bucket_ns * TILE_BUCKETS

    @property
    def start_utc_ns(self) -> int:
        """First moment of the tile; of one that reaches beyond all time, the first that there is."""
        return _in_time(self.number * self.bucket_ns * TILE_BUCKETS)

    @property
    def end_utc_ns(self) -> int:
        """First moment after the tile; of one that reaches beyond all time, the last that there is."""
        return _in_time((self.number + 1) * self.bucket_ns * TILE_BUCKETS)

    @property
    def parent(self) -> "Slot":
        """The tile of the next coarser level that this one is half of."""
        return Slot(self.bucket_ns * 2, self.number >> 1)

    @property
    def sibling(self) -> "Slot":
        """The other half of the parent."""
        return Slot(self.bucket_ns, self.number ^ 1)

    @property
    def children(self) -> tuple["Slot", "Slot"]:
        """The two halves; only where `bucket_ns` is above the finest."""
        return Slot(self.bucket_ns // 2, self.number * 2), Slot(self.bucket_ns // 2, self.number * 2 + 1)


def slots_over(time_range: TimeRange, bucket_ns: int) -> list[Slot]:
    """List the slots of a level that a range touches; of the finest level for a width of 0."""
    width_ns = bucket_ns or FINEST_NS
    span_ns = width_ns * TILE_BUCKETS
    first, last = time_range.start_utc_ns // span_ns, (time_range.end_utc_ns - 1) // span_ns
    return [Slot(width_ns, number) for number in range(first, last + 1)]


def runs_of(slots: Iterable[Slot]) -> list[list[Slot]]:
    """Join neighbours of one level, given in ascending order, into runs."""
    runs: list[list[Slot]] = []
    for slot in slots:
        if runs and runs[-1][-1].number + 1 == slot.number:
            runs[-1].append(slot)
        else:
            runs.append([slot])
    return runs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tile:
    """What is known of one series in one slot.

    `times_utc_ns` : (k,) int64, ascending; the starts of buckets that hold a sample, or the times of samples.
    `columns` : arrays of shape (k,) by name, of `SAMPLES`, `EXTREMES`, `COUNTS` or `MEANS`; int64 for
    integers and booleans, which stay exact beyond 2^53, float64 otherwise and for means.
    `settled_utc_ns` : what lies before is final; later samples may still come.
    """

    slot: Slot
    times_utc_ns: NDArray[np.int64]
    columns: Mapping[str, NDArray[Any]]
    settled_utc_ns: int

    @property
    def is_settled(self) -> bool:
        """Whether the whole tile is final."""
        return self.settled_utc_ns >= self.slot.end_utc_ns

    @property
    def byte_size(self) -> int:
        """Memory that it takes, about."""
        return (
            self.times_utc_ns.nbytes + sum(array.nbytes for array in self.columns.values()) + _OVERHEAD_BYTES
        )

    def settled(self, until_utc_ns: int) -> "Tile":
        """Give the same tile, final up to a moment or to its end."""
        settled_utc_ns = min(until_utc_ns, self.slot.end_utc_ns)
        return self if settled_utc_ns <= self.settled_utc_ns else replace(self, settled_utc_ns=settled_utc_ns)


def cut(
    times_utc_ns: NDArray[np.int64],
    columns: Mapping[str, NDArray[Any]],
    slots: Sequence[Slot],
    settled_utc_ns: int,
) -> list[Tile]:
    """Cut arrays, in ascending order of time, into the tiles of adjacent slots; the rest is dropped."""
    edges = [slot.start_utc_ns for slot in slots] + [slots[-1].end_utc_ns]
    bounds = np.searchsorted(times_utc_ns, edges)
    return [
        Tile(
            slot=slot,
            # Copies: a slice would keep the whole array in memory for as long as the tile lives.
            times_utc_ns=_kept(times_utc_ns[first:last]),
            columns={name: _kept(column[first:last]) for name, column in columns.items()},
            settled_utc_ns=max(slot.start_utc_ns, min(settled_utc_ns, slot.end_utc_ns)),
        )
        for slot, first, last in zip(slots, bounds[:-1], bounds[1:], strict=True)
    ]


def parent_of(left: Tile, right: Tile) -> Tile:
    """Join two halves: samples stay what they are, buckets become twice as wide."""
    slot = left.slot.parent
    times_utc_ns = np.concatenate([left.times_utc_ns, right.times_utc_ns])
    columns = {name: np.concatenate([left.columns[name], right.columns[name]]) for name in left.columns}
    if tuple(columns) != SAMPLES:
        times_utc_ns, columns = folded(times_utc_ns, columns, slot.bucket_ns)
    settled_utc_ns = right.settled_utc_ns if left.is_settled else left.settled_utc_ns
    settled_utc_ns -= settled_utc_ns % slot.bucket_ns
    return _tile(slot, times_utc_ns, columns, settled_utc_ns)


def spliced(tile: Tile, newer: Tile, from_utc_ns: int) -> Tile:
    """Replace what a tile holds from a moment on by what was asked for anew."""
    kept = int(np.searchsorted(tile.times_utc_ns, from_utc_ns))
    first = int(np.searchsorted(newer.times_utc_ns, from_utc_ns))
    times_utc_ns = np.concatenate([tile.times_utc_ns[:kept], newer.times_utc_ns[first:]])
    columns = {
        name: np.concatenate([tile.columns[name][:kept], newer.columns[name][first:]])
        for name in tile.columns
    }
    return _tile(tile.slot, times_utc_ns, columns, newer.settled_utc_ns)


def reduced(samples: Tile, slot: Slot, names: Columns) -> Tile:
    """Summarise samples in the buckets of a slot that they cover; a NaN counts as absent."""
    first, last = np.searchsorted(samples.times_utc_ns, [slot.start_utc_ns, slot.end_utc_ns])
    times_utc_ns, values = samples.times_utc_ns[first:last], samples.columns["value"][first:last]
    if values.dtype.kind == "f":
        present = ~np.isnan(values)
        times_utc_ns, values = times_utc_ns[present], values[present]
    ones = np.ones(len(values), np.int64)
    sources = {name: ones if name == "count" else values for name in names}
    starts, columns = folded(times_utc_ns, sources, slot.bucket_ns)
    settled_utc_ns = max(slot.start_utc_ns, min(samples.settled_utc_ns, slot.end_utc_ns))
    # A bucket that samples may still fall into is not final.
    settled_utc_ns -= settled_utc_ns % slot.bucket_ns
    return _tile(slot, starts, columns, settled_utc_ns)


def folded(
    times_utc_ns: NDArray[np.int64], columns: Mapping[str, NDArray[Any]], bucket_ns: int
) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
    """Bring aggregates, in ascending order of time, together in wider buckets.

    Means come with counts, by which they are weighed; of infinities of both signs there is none, but NaN.
    """
    if not len(times_utc_ns):
        return times_utc_ns, dict(columns)
    starts = times_utc_ns - times_utc_ns % bucket_ns
    begins, _ = bucket_runs(starts)
    return starts[begins], {name: _fold(name, columns, begins) for name in columns}


def _fold(name: str, columns: Mapping[str, NDArray[Any]], begins: NDArray[np.int64]) -> NDArray[Any]:
    if name != "mean":
        return _FOLDS[name](columns[name], begins)
    totals = summed(columns["mean"] * columns["count"].astype(np.longdouble), begins)
    return (totals / np.add.reduceat(columns["count"], begins)).astype(np.float64)


def _tile(
    slot: Slot, times_utc_ns: NDArray[np.int64], columns: Mapping[str, NDArray[Any]], settled_utc_ns: int
) -> Tile:
    for array in (times_utc_ns, *columns.values()):
        array.flags.writeable = False
    return Tile(slot=slot, times_utc_ns=times_utc_ns, columns=dict(columns), settled_utc_ns=settled_utc_ns)


def _in_time(utc_ns: int) -> int:
    # Compared first: a picture asks for this a thousand times.
    return (
        utc_ns if _FIRST_UTC_NS <= utc_ns <= _LAST_UTC_NS else min(max(utc_ns, _FIRST_UTC_NS), _LAST_UTC_NS)
    )


def _kept(array: NDArray[Any]) -> NDArray[Any]:
    copy = array.copy()
    copy.flags.writeable = False
    return copy
