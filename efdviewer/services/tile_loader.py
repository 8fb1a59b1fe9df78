"""Asks a source for tiles that are not known: neighbours in one statement, the middle of the view first."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing

from efdviewer.domain.errors import BucketLimitError, LimitError
from efdviewer.domain.query import DataSource, SampleQuery, SummaryQuery
from efdviewer.domain.tiles import SAMPLES, Columns, Slot, runs_of
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import Subset
from efdviewer.services.flights import Flight, together
from efdviewer.services.habits import Habits
from efdviewer.services.tile_strip import RowSeries, TileStrip

_WORTH_HALVING = 8
"""A run of so many tiles is begun in its middle."""
_LONGEST_TRIP_S = 0.25
"""What takes longer than this, the source has worked for."""
_MOST_SLOTS = 256
"""16,384 buckets; a server may refuse more than 20,000 in one statement."""

Own = Callable[[asyncio.Task[None]], None]


class TileLoader:
    """Fills the tiles of one source; what has arrived stays, also when the rest is cancelled.

    Statements that summarise belong to the loader, not to who asked first: a view that moves while they
    are under way waits for those that it still needs, and those that nobody waits for are ended. Their tasks
    outlast who asked, so `own` is told of each.
    """

    def __init__(self, source: DataSource, own: Own = lambda _task: None) -> None:
        self._source = source
        self._own = own
        self._flights: list[Flight] = []
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
            flight = Flight(series, piece, columns)
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
        self, flight: "Flight", series: RowSeries, run: Sequence[Slot], columns: Columns
    ) -> None:
        strip = TileStrip(series, run, columns)
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
        strip = TileStrip(series, run, SAMPLES)
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
