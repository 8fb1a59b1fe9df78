"""Asks a source for tiles that are not known: neighbours in one statement, the middle of the view first."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from efdviewer.domain.errors import BucketLimitError, LimitError
from efdviewer.domain.query import DataSource, SampleQuery, SummaryQuery
from efdviewer.domain.tiles import SAMPLES, Columns, Slot, cut, runs_of
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import Subset
from efdviewer.services.habits import Habits
from efdviewer.services.tiles import SeriesTiles

_WORTH_HALVING = 8
"""A run of so many tiles is begun in its middle."""
_LINGER_S = 0.25
"""A statement that nobody waits for any more is ended after this time: a view that moves asks anew sooner."""
_LONGEST_TRIP_S = 0.25
"""What takes longer than this, the source has worked for."""
_MOST_SLOTS = 256
"""16,384 buckets; a server may refuse more than 20,000 in one statement."""


Own = Callable[[asyncio.Task[None]], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowSeries:
    """Series that come from the same rows and are asked for together; `arrived` is called as tiles come."""

    subset: Subset
    tiles: Mapping[str, SeriesTiles]
    habits: Habits
    arrived: Callable[[], None]


class TileLoader:
    """Fills the tiles of one source; what has arrived stays, also when the rest is cancelled.

    Statements that summarise belong to the loader, not to who asked first: a view that moves while they
    are under way waits for those that it still needs, and those that nobody waits for are ended. Their tasks
    outlast who asked, so `own` is told of each.
    """

    def __init__(self, source: DataSource, own: Own = lambda _task: None) -> None:
        self._source = source
        self._own = own
        self._flights: list[_Flight] = []
        self._round_trip_s = _LONGEST_TRIP_S

    async def summarise(self, series: RowSeries, slots: Sequence[Slot], columns: Columns) -> None:
        """Fill tiles of aggregates in slots of one level, given in ascending order.

        Raises
        ------
        EfdViewerError
            If the source does not answer completely.
        """
        joined = [flight for flight in self._flights if flight.serves(series, slots, columns)]
        under_way = {slot for flight in joined for slot in flight.slots}
        for piece in _pieces([slot for slot in slots if slot not in under_way], series.habits):
            flight = _Flight(series, piece, columns)
            flight.begin(self._summarise(flight, series, piece, columns), self._flights.remove)
            self._flights.append(flight)
            self._own(flight.task)
            joined.append(flight)
        await together(*(flight.wait(series.arrived) for flight in joined))

    def close(self) -> None:
        """End what is under way."""
        for flight in self._flights:
            flight.end()

    def end(self, subset: Subset) -> None:
        """End at once what is under way about some rows."""
        for flight in self._flights:
            if flight.subset == subset:
                flight.end()

    def end_unwanted(self, subset: Subset) -> None:
        """End at once what is under way about some rows and nobody waits for."""
        for flight in self._flights:
            if flight.subset == subset:
                flight.end_unless_wanted()

    async def take_samples(self, series: RowSeries, slots: Sequence[Slot], limit: int | None) -> bool:
        """Fill tiles of samples, unless a run of slots has more rows than a limit, and then tell so.

        Raises
        ------
        EfdViewerError
            If the source does not answer completely.
        """
        for run in runs_of(slots):
            if not await self._take_run(series, run, limit):
                return False
            series.arrived()
        return True

    async def _summarise(
        self, flight: "_Flight", series: RowSeries, run: Sequence[Slot], columns: Columns
    ) -> None:
        strip = _Strip(series, run, columns)
        query = SummaryQuery(
            topic=series.subset[0],
            fields=tuple(series.tiles),
            time_range=strip.time_range,
            bucket_ns=run[0].bucket_ns,
            aggregates=columns,
            where=series.subset[1],
        )
        try:
            async with aclosing(self._source.stream_summary(query)) as batches:
                async for batch in batches:
                    if strip.add(batch):
                        flight.tell()
        except LimitError as error:
            if len(run) == 1:
                raise
            # Too much for one statement: what has come is kept, the rest is asked for in halves.
            middle = (len(strip.open) + 1) // 2
            granted = max(middle, len(run) - len(strip.open))
            if isinstance(error, BucketLimitError):
                series.habits.most_slots = min(series.habits.most_slots or granted, granted)
            else:
                granted_ns = granted * run[0].span_ns
                series.habits.longest_ns = min(series.habits.longest_ns or granted_ns, granted_ns)
            for half in (strip.open[:middle], strip.open[middle:]):
                if half:
                    await self._summarise(flight, series, half, columns)
            return
        strip.finish()
        self._round_trip_s = min(self._round_trip_s, strip.elapsed_s)
        series.habits.note_work(strip.time_range.span_ns, strip.elapsed_s - self._round_trip_s)
        flight.tell()

    async def _take_run(self, series: RowSeries, run: Sequence[Slot], limit: int | None) -> bool:
        strip = _Strip(series, run, SAMPLES)
        query = SampleQuery(
            topic=series.subset[0],
            fields=tuple(series.tiles),
            time_range=strip.time_range,
            where=series.subset[1],
            limit=None if limit is None else limit + 1,
        )
        table = await self._source.samples(query)
        if limit is not None and table.num_rows > limit:
            first, last = table.column("time")[0].as_py(), table.column("time")[-1].as_py()
            series.habits.note_crowd(TimeRange(start_utc_ns=first, end_utc_ns=last + 1), table.num_rows)
            series.habits.rate_hz = table.num_rows * 1e9 / max(1, last - first)
            return False
        for batch in table.combine_chunks().to_batches():
            strip.add(batch)
        strip.finish()
        return True


class _Flight:
    """One statement that fills tiles, and all who wait for it."""

    def __init__(self, series: RowSeries, slots: Sequence[Slot], columns: Columns) -> None:
        self.subset = series.subset
        self.slots = frozenset(slots)
        self._keys = {tiles.key for tiles in series.tiles.values()}
        self._columns = columns
        self._task: asyncio.Task[None] | None = None
        self._waiting: list[Callable[[], None]] = []

    def serves(self, series: RowSeries, slots: Sequence[Slot], columns: Columns) -> bool:
        """Tell whether it brings some of the tiles that are wanted, of all of the fields."""
        wanted = {tiles.key for tiles in series.tiles.values()}
        brings_some = columns == self._columns and wanted <= self._keys and not self.slots.isdisjoint(slots)
        return brings_some and not self._is_ending

    @property
    def task(self) -> asyncio.Task[None]:
        """What fills the tiles, once it was begun."""
        assert self._task is not None
        return self._task

    @property
    def _is_ending(self) -> bool:
        return self.task.cancelling() > 0

    def begin(self, work: Coroutine[Any, Any, None], ended: Callable[["_Flight"], None]) -> None:
        """Start, and call `ended` when that has come to an end."""

        def end(task: asyncio.Task[None]) -> None:
            if not task.cancelled():
                # Taken here too: a failure that nobody waits for any more needs not be told.
                task.exception()
            ended(self)

        self._task = asyncio.ensure_future(work)
        self._task.add_done_callback(end)

    async def wait(self, arrived: Callable[[], None]) -> None:
        """Wait for the end; `arrived` is called whenever tiles have come."""
        self._waiting.append(arrived)
        try:
            await asyncio.shield(self.task)
        finally:
            self._waiting.remove(arrived)
            if not self._waiting:
                # Who takes over has not begun yet.
                asyncio.get_running_loop().call_later(_LINGER_S, self.end_unless_wanted)

    def tell(self) -> None:
        """Call all who wait: tiles have come."""
        for arrived in list(self._waiting):
            arrived()

    def end(self) -> None:
        """Stop it, here and on the server."""
        self.task.cancel()

    def end_unless_wanted(self) -> None:
        """Stop it, unless somebody waits for it."""
        if not self._waiting:
            self.end()


class _Strip:
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


def _pieces(slots: list[Slot], habits: Habits) -> list[list[Slot]]:
    """Divide slots into what is asked for at once, the middle of the view first."""
    if not slots:
        return []
    middle = slots[len(slots) // 2].number
    most = habits.granted(slots[0].span_ns, _MOST_SLOTS)
    pieces: list[list[Slot]] = []
    for run in runs_of(slots):
        halves = [run]
        if len(run) >= _WORTH_HALVING and run[0].number < middle <= run[-1].number:
            place = middle - run[0].number
            halves = [run[place:], run[:place]]
        for half in halves:
            pieces += [half[begin : begin + most] for begin in range(0, len(half), most)]
    return sorted(pieces, key=lambda piece: min(abs(slot.number - middle) for slot in piece))


async def together(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Run coroutines at the same time; the first failure ends the others and is raised as it is."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
