"""Cuts the rows of one answer into tiles, as they come."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from efdviewer.domain.tiles import SAMPLES, Columns, Slot, cut
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import Subset
from efdviewer.services.habits import Habits
from efdviewer.services.tiles import SeriesTiles


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowSeries:
    """Series that come from the same rows and are asked for together; `arrived` is called as tiles come."""

    subset: Subset
    tiles: Mapping[str, SeriesTiles]
    habits: Habits
    arrived: Callable[[], None]


class TileStrip:
    """Tiles of adjacent slots while they are filled, in ascending order of time."""

    def __init__(self, series: RowSeries, run: Sequence[Slot], columns: Columns) -> None:
        tiles = series.tiles
        self._tiles = tiles
        self._columns = columns
        self._habits = series.habits
        self._asked_s = time.monotonic()
        self._asked_utc_ns = time.time_ns()
        self._parts: dict[str, list[tuple[NDArray[np.int64], dict[str, NDArray[Any]]]]] = {
            name: [] for name in tiles
        }
        self.open = list(run)
        from_utc_ns = min(each.asked_from(columns, run[0]) for each in tiles.values())
        if columns != SAMPLES:
            from_utc_ns -= from_utc_ns % run[0].bucket_ns
        # A tile that is final needs not be asked for; but then nobody would ask.
        self._from_utc_ns = min(max(from_utc_ns, run[0].start_utc_ns), run[0].end_utc_ns - 1)
        self.time_range = TimeRange(start_utc_ns=self._from_utc_ns, end_utc_ns=run[-1].end_utc_ns)

    @property
    def elapsed_s(self) -> float:
        """Time since it was asked for, s."""
        return time.monotonic() - self._asked_s

    def add(self, batch: pa.RecordBatch) -> bool:
        """Take rows; tells whether tiles are complete with them."""
        if not batch.num_rows:
            return False
        for name in self._tiles:
            self._parts[name].append(self._arrays(batch, name))
        reached_utc_ns = batch.column(0)[-1].as_py()
        self._habits.saw(reached_utc_ns)
        count = sum(1 for slot in self.open if slot.end_utc_ns <= reached_utc_ns)
        if count:
            self._close(count)
        return count > 0

    def finish(self) -> None:
        """Take what has not come for absent."""
        if self.open:
            self._close(len(self.open))

    def _close(self, count: int) -> None:
        done, self.open = self.open[:count], self.open[count:]
        settled_utc_ns = self._habits.settled_until(self._asked_utc_ns)
        if self._columns != SAMPLES:
            settled_utc_ns -= settled_utc_ns % done[0].bucket_ns
        for name, tiles in self._tiles.items():
            times_utc_ns, columns = _joined(self._parts[name], self._columns)
            for tile in cut(times_utc_ns, columns, done, settled_utc_ns):
                tiles.splice(self._columns, tile, self._from_utc_ns, self._asked_s)
            place = int(np.searchsorted(times_utc_ns, done[-1].end_utc_ns))
            rest = {key: array[place:] for key, array in columns.items()}
            self._parts[name] = [(times_utc_ns[place:], rest)]

    def _arrays(self, batch: pa.RecordBatch, name: str) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
        """Give times and columns of one field, without the rows in which it has no value."""
        arrays = {
            column: batch.column(name if self._columns == SAMPLES else f"{name}_{column}")
            for column in self._columns
        }
        present = pc.and_kleene(
            next(iter(arrays.values())).is_valid(),
            pc.greater(arrays["count"], 0) if "count" in arrays else True,
        )
        times_utc_ns = np.asarray(
            pc.filter(batch.column(0), present).to_numpy(zero_copy_only=False), np.int64
        )
        return times_utc_ns, {column: _numbers(pc.filter(array, present)) for column, array in arrays.items()}


def _numbers(array: pa.Array) -> NDArray[Any]:
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.int64())
    return np.asarray(array.to_numpy(zero_copy_only=False))


def _joined(
    parts: Sequence[tuple[NDArray[np.int64], dict[str, NDArray[Any]]]], names: Columns
) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
    if not parts:
        return np.empty(0, np.int64), {name: np.empty(0, np.int64) for name in names}
    times_utc_ns = np.concatenate([part[0] for part in parts])
    return times_utc_ns, {name: np.concatenate([part[1][name] for part in parts]) for name in names}
