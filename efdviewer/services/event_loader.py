"""Loads the events of overlays: their stamps where they are few, else how many there are in which bucket.

Stamps are asked for first, with a limit: most events are few. Where there are more of them in view than
pixel columns, lines would tell less than counts do, which cost the same whatever the number of events.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from efdviewer.domain.coverage import Coverage
from efdviewer.domain.events import EventDensity, EventSet, density, density_of, placed
from efdviewer.domain.levels import FINEST_NS, bucket_for
from efdviewer.domain.query import DataSource
from efdviewer.domain.tiles import COUNTS
from efdviewer.domain.timerange import TimeRange, clamped
from efdviewer.domain.timescale import Timescale, utc_ns_from_tai_ns
from efdviewer.domain.topics import FieldSchema
from efdviewer.services.event_counts import CountView
from efdviewer.services.habits import Habits
from efdviewer.services.known_events import MARGIN_NS, KnownEvents
from efdviewer.services.series_loader import FieldCatalog
from efdviewer.services.stamp_loader import check_stamps, counted_field, load_stamps
from efdviewer.services.tile_loader import Own, TileLoader
from efdviewer.services.tile_strip import RowSeries
from efdviewer.services.tiles import SeriesKey, TileStore

_NARROW_NS = 2 * 10**9
"""The margin where so many events lie in the other that it cannot be loaded."""
_STAMPS_A_COLUMN = 4
_MOST_MARGIN = 4
"""A view shorter than its margins may take so many times the stamps."""
_FEW = 20
"""So many rows tell how far a stamp lies from `time`."""

Events = EventSet | EventDensity
Placement = tuple[str, str, Timescale]
"""Topic, stamp, and the scale that the stamp was written in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRequest:
    """The events that a view of so many pixel columns shows."""

    placement: Placement
    time_range: TimeRange
    columns: int

    @property
    def topic(self) -> str:
        """Name of the measurement."""
        return self.placement[0]

    @property
    def stamp(self) -> str:
        """Field at which the events are placed, or `time`."""
        return self.placement[1]

    def holds(self, other: "EventRequest") -> bool:
        """Tell whether another request is for the same events, or some of them."""
        return self.placement == other.placement and self.time_range.holds(other.time_range)


class EventLoader:
    """Shows what is known of the events of one source, and loads what is not."""

    def __init__(
        self, source: DataSource, catalog: FieldCatalog, store: TileStore, own: Own = lambda _task: None
    ) -> None:
        self._source = source
        self._catalog = catalog
        self._store = store
        self._tiles = TileLoader(source, own)
        self._known: dict[Placement, KnownEvents] = {}
        self._habits: dict[str, Habits] = {}
        self._counted: set[SeriesKey] = set()

    def known(self, request: EventRequest) -> tuple[Events | None, bool]:
        """Give what is known, if it is enough for the view, and tell whether there is nothing to ask."""
        known = self._of(request)
        if known.events is not None and known.holds(request.time_range):
            habits = self._habits_of(request.topic)
            return _drawn(known.events, request), not known.may_have_grown(request.time_range, habits)
        schemas = self._catalog.known_fields(request.topic)
        offset_ns = self._offset(request)
        if not schemas or offset_ns is None:
            return None, False
        view = self._view(request, schemas, offset_ns)
        needs = view.needs()
        if needs.missing or view.at_least() <= request.columns:
            return None, False
        return _shaded(view, request), not needs.ageing

    async def load(self, request: EventRequest) -> Events:
        """Load the events of a view.

        Counts are those of the rows' `time`. Where a stamp lies further from it than a bucket is wide (in
        2019: 37 s), they are moved by the median distance in a few rows of the view, so they stand where
        most of the events do.

        Raises
        ------
        EfdViewerError
            If the source does not answer completely, or the topic lacks the stamp.
        """
        schemas = await self._catalog.fields(request.topic)
        check_stamps(request.topic, (request.stamp,), schemas)
        if not self._is_crowded(request, schemas):
            events = await self._go_on(request, schemas)
            if events is not None:
                return _drawn(events, request)
        self._of(request).forget_over(request.time_range)
        offset_ns = self._offset(request)
        if offset_ns is None:
            offset_ns = await self._measure_offset(request, schemas)
        view = self._view(request, schemas, offset_ns)
        await self._store.fill(lambda: self._count(view))
        if view.at_least() <= request.columns:
            # The crowd is in the margins, or in the buckets that the view cuts.
            narrow = view.time_range.padded(_NARROW_NS)
            events = await self._take(request, schemas, narrow, _limit(request.columns * _MOST_MARGIN))
            if events is not None:
                return _drawn(events, request)
        return _shaded(view, request)

    def close(self) -> None:
        """End what is under way."""
        self._tiles.close()

    def expire(self) -> None:
        """Ask for everything anew from now on."""
        self._known.clear()
        self._habits.clear()
        self._store.expire(self._counted)

    def keep(self, placements: Collection[Placement]) -> None:
        """Forget the stamps of all other placements."""
        self._known = {each: known for each, known in self._known.items() if each in placements}

    def _of(self, request: EventRequest) -> KnownEvents:
        return self._known.setdefault(request.placement, KnownEvents())

    def _habits_of(self, topic: str) -> Habits:
        return self._habits.setdefault(topic, Habits())

    def _is_crowded(self, request: EventRequest, schemas: list[FieldSchema]) -> bool:
        """Tell whether more events than columns are known to be in view."""
        view = self._view(request, schemas, self._offset(request) or 0)
        if self._habits_of(request.topic).is_crowded(view.time_range, request.columns):
            return True
        return view.at_least() > request.columns

    async def _go_on(self, request: EventRequest, schemas: list[FieldSchema]) -> EventSet | None:
        """Load the stamps that are missing; None where they are too many."""
        known = self._of(request)
        if known.covered and known.holds(request.time_range):
            # All that is held goes on, lest a part of it take its place.
            request = replace(request, time_range=known.covered.time_range)
        wanted = request.time_range
        whole = wanted.padded(MARGIN_NS)
        limit = _limit(request.columns * min(_MOST_MARGIN, whole.span_ns / wanted.span_ns))
        held = known.events if known.events and len(known.events.times_utc_ns) <= limit else None
        open_ns = known.covered.open_from(wanted, margin_ns=MARGIN_NS) if held and known.covered else None
        if held is None or open_ns is None:
            return await self._take(request, schemas, whole, limit)
        found = await self._take(request, schemas, whole.since(open_ns), limit)
        if found is None:
            return None
        gone_on = held.continued(found, start_utc_ns=whole.start_utc_ns, from_utc_ns=open_ns)
        known.events = replace(gone_on, covered=wanted)
        return known.events

    async def _take(
        self, request: EventRequest, schemas: list[FieldSchema], time_range: TimeRange, limit: int
    ) -> EventSet | None:
        """Load and keep the stamps of the rows in a range; None, and the knowledge of it, if too many."""
        asked_s, asked_utc_ns = time.monotonic(), time.time_ns()
        table = await self._stamps(request, schemas, time_range, limit + 1)
        events = replace(_placed(table, request), covered=request.time_range)
        known, habits = self._of(request), self._habits_of(request.topic)
        known.offsets.note(events)
        moments = table.column("time")
        if table.num_rows:
            habits.saw(moments[-1].as_py())
        if table.num_rows > limit:
            crowd = TimeRange(start_utc_ns=moments[0].as_py(), end_utc_ns=moments[-1].as_py() + 1)
            habits.note_crowd(crowd, table.num_rows)
            return None
        known.events, known.asked_s = events, asked_s
        known.covered = Coverage(
            time_range=request.time_range, asked_utc_ns=asked_utc_ns, newest_utc_ns=habits.newest_utc_ns
        )
        return events

    async def _stamps(
        self, request: EventRequest, schemas: list[FieldSchema], time_range: TimeRange, limit: int
    ) -> pa.Table:
        # Messages that lack the stamp are counted too.
        return await load_stamps(
            self._source,
            request.topic,
            (request.stamp,),
            schemas,
            time_range,
            every_message=True,
            limit=limit,
        )

    def _offset(self, request: EventRequest) -> int | None:
        """Give how far events stand from their rows' `time`, ns; None if that is not known yet."""
        if request.stamp != "time":
            return self._of(request).offsets.find(request.time_range)
        if request.placement[2] is Timescale.UTC:
            return 0
        start_utc_ns = request.time_range.start_utc_ns
        return int(utc_ns_from_tai_ns(np.array([start_utc_ns]))[0]) - start_utc_ns

    async def _measure_offset(self, request: EventRequest, schemas: list[FieldSchema]) -> int:
        table = await self._stamps(request, schemas, request.time_range, _FEW)
        self._of(request).offsets.note(_placed(table, request))
        return self._offset(request) or 0

    def _view(self, request: EventRequest, schemas: list[FieldSchema], offset_ns: int) -> CountView:
        wanted = request.time_range
        if abs(offset_ns) > (bucket_for(wanted.span_ns, request.columns) or FINEST_NS):
            wanted = clamped(wanted.start_utc_ns - offset_ns, wanted.end_utc_ns - offset_ns)
        name = counted_field(request.stamp, schemas)
        key = SeriesKey(self._source.origin, request.topic, name, ())
        self._counted.add(key)
        return CountView(
            tiles=self._store.series(key),
            habits=self._habits_of(request.topic),
            time_range=wanted,
            columns=request.columns,
        )

    async def _count(self, view: CountView) -> None:
        """Fill the tiles of a view."""
        key, habits = view.tiles.key, view.habits
        begun_s, begun_utc_ns = time.monotonic(), time.time_ns()
        if view.needs().missing:
            await self._store.recall([view.tiles], COUNTS, view.slots)
        needs = view.needs()
        if lacking := sorted(needs.missing + needs.ageing):
            rows = RowSeries(
                subset=(key.topic, ()), tiles={key.field: view.tiles}, habits=habits, arrived=_ignore
            )
            await self._tiles.summarise(rows, lacking, COUNTS)
            view.tiles.settle(COUNTS, view.slots, habits.settled_until(begun_utc_ns), begun_s)
            await self._store.save()


def _ignore() -> None:
    """Parts of a shading are not drawn: it would change at each of them."""


def _drawn(events: EventSet, request: EventRequest) -> Events:
    """Give the stamps, or counts of them where there are more in view than pixel columns."""
    if len(events.in_range(request.time_range)) <= request.columns:
        return events
    return density_of(events, bucket_for(request.time_range.span_ns, request.columns) or FINEST_NS)


def _shaded(view: CountView, request: EventRequest) -> EventDensity:
    starts, counts = view.buckets()
    moved_ns = request.time_range.start_utc_ns - view.time_range.start_utc_ns
    covered = TimeRange(
        start_utc_ns=view.slots[0].start_utc_ns + moved_ns, end_utc_ns=view.slots[-1].end_utc_ns + moved_ns
    )
    return density(request.topic, request.stamp, starts + moved_ns, counts, view.bucket_ns, covered=covered)


def _placed(table: pa.Table, request: EventRequest) -> EventSet:
    topic, stamp, scale = request.placement
    return placed(table, topic=topic, stamp=stamp, scale=scale)


def _limit(columns: float) -> int:
    return int(_STAMPS_A_COLUMN * columns)
