"""Loads what a view of some fields needs and lacks: samples where they are few, else minima and maxima.

Means, where they are asked for, come after them.

How many samples a range holds is not known before it was asked once. So the first time both are asked
for at the same moment, the samples with a limit: if all fit they are drawn, if not the summary is. From
then on the rate is known and one of the two is enough. A `COUNT` beforehand would double the server's work.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from efdviewer.domain.derived import schema_of
from efdviewer.domain.query import DataSource
from efdviewer.domain.tiles import EXTREMES, MEANS, SAMPLES, Columns
from efdviewer.domain.topics import FieldRef, FieldSchema, FieldType, Subset
from efdviewer.services.flights import together
from efdviewer.services.habits import Habits
from efdviewer.services.held_values import HeldValues
from efdviewer.services.series import Deliver, Series, SeriesOutcome, SeriesRequest
from efdviewer.services.series_view import SeriesView, Wanted
from efdviewer.services.surroundings import Surroundings
from efdviewer.services.tile_loader import Own, TileLoader
from efdviewer.services.tile_strip import RowSeries
from efdviewer.services.tiles import SeriesKey, TileStore

_CHEAP_S = 0.5
"""What takes the source longer is not asked for before it is wanted."""


class FieldCatalog(Protocol):
    """Where the fields of a topic are known."""

    async def fields(self, topic: str) -> list[FieldSchema]:
        """List the fields of a topic."""
        ...

    def known_fields(self, topic: str) -> list[FieldSchema] | None:
        """Give the fields of a topic if they were asked for before."""
        ...


class SeriesLoader:
    """Shows what is known of series of one source, and loads what is not."""

    def __init__(
        self, source: DataSource, catalog: FieldCatalog, store: TileStore, own: Own = lambda _task: None
    ) -> None:
        self._source = source
        self._catalog = catalog
        self._store = store
        self._tiles = TileLoader(source, own)
        self._held = HeldValues()
        self._surroundings = Surroundings(source, self._held)
        self._habits: dict[Subset, Habits] = {}

    def known(self, request: SeriesRequest) -> tuple[list[Series], bool]:
        """Make the best of what is known, and tell whether there is nothing to ask for."""
        schemas = self._catalog.known_fields(request.topic)
        if schemas is None:
            return [], False
        undrawn, numeric = _sorted_out(request, schemas)
        if not numeric:
            return undrawn, True
        view = self._view(request, numeric)
        return undrawn + view.series(), view.is_settled

    async def load(
        self,
        request: SeriesRequest,
        deliver: Deliver,
        progress: Callable[[float], None] = lambda _share: None,
    ) -> None:
        """Load all fields of a request; `deliver` may be called more than once for each, better each time.

        Raises
        ------
        EfdViewerError
            If the source does not answer completely. What has come of the answer is kept.
        """
        try:
            await self._load(request, deliver, progress)
        finally:
            await self._store.save()

    async def _load(
        self, request: SeriesRequest, deliver: Deliver, progress: Callable[[float], None]
    ) -> None:
        undrawn, numeric = _sorted_out(request, await self._catalog.fields(request.topic))
        for series in undrawn:
            deliver(series)
        if not numeric:
            return
        view = self._view(request, numeric)
        begun_s, begun_utc_ns = time.monotonic(), time.time_ns()

        def show() -> None:
            progress(view.share)
            for series in view.series():
                deliver(series)

        await together(self._surroundings.load_newest(view), self._fill(view, show))
        for kind in (SAMPLES, EXTREMES, MEANS):
            for tiles in view.tiles.values():
                tiles.settle(kind, view.slots, view.habits.settled_until(begun_utc_ns), begun_s)
        show()
        if view.lacks_spacing:
            await self._surroundings.load_spacing(view)
            await self._fill(view, show)
            show()
        if unheld := view.unheld:
            await self._surroundings.load_held(view, unheld)
            show()

    async def prefetch(self, request: SeriesRequest) -> None:
        """Load what a view that is likely to come will need, if that is cheap.

        Raises
        ------
        EfdViewerError
            If the source does not answer completely.
        """
        _, numeric = _sorted_out(request, self._catalog.known_fields(request.topic) or [])
        habits = self._habits.get(request.subset)
        if not numeric or habits is None:
            return
        if habits.server_share * request.time_range.span_ns / 1e9 <= _CHEAP_S:
            await self._fill(self._view(request, numeric), _say_nothing)
            await self._store.save()

    def close(self) -> None:
        """End what is under way."""
        self._tiles.close()

    def end(self, subset: Subset) -> None:
        """End at once what is under way about some rows."""
        self._tiles.end(subset)

    def expire(self, fields: Sequence[FieldRef]) -> None:
        """Ask for fields anew from now on; what is drawn of them stays until then."""
        keys = [SeriesKey(self._source.origin, field.topic, field.field, field.where) for field in fields]
        self._store.expire(keys)
        for key in keys:
            self._held.forget(key)
        for field in fields:
            self._habits.pop(field.subset, None)

    def _view(self, request: SeriesRequest, schemas: dict[str, FieldSchema]) -> SeriesView:
        origin = self._source.origin
        tiles = {
            name: self._store.series(SeriesKey(origin, request.topic, name, request.where))
            for name in schemas
        }
        habits = self._habits.setdefault(request.subset, Habits())
        return SeriesView(request, schemas, tiles, habits, self._held, now_utc_ns=time.time_ns())

    async def _fill(self, view: SeriesView, show: Callable[[], None]) -> None:
        """Load what is missing of a view, and what has grown."""
        await self._store.fill(lambda: self._fill_once(view, show))

    async def _fill_once(self, view: SeriesView, show: Callable[[], None]) -> None:
        """Load until nothing is missing: what was learnt on the way may change what the view is made of."""
        recalled: set[Columns] = set()
        fewest: dict[tuple[tuple[Columns, ...], int], int] = {}
        while True:
            wanted = view.wants()
            lacking = sum(len(slots) * len(names) for slots, names in view.missing(wanted[0]).items())
            # A view that has learnt how far apart samples are may reach further.
            stage = wanted, len(view.slots)
            if not lacking or lacking >= fewest.get(stage, lacking + 1):
                # What is still lacking though it was asked for had to give way to the rest of the view.
                break
            if not recalled.issuperset(wanted):
                await self._recall(view, wanted, show)
                recalled.update(wanted)
                continue
            fewest[stage] = lacking
            if len(wanted) == 2:
                await self._race(view, show)
            elif wanted == (SAMPLES,):
                await self._take_samples(view, view.missing(SAMPLES), show)
            else:
                await self._summarise(view, EXTREMES, view.missing(EXTREMES), show)
        # Samples may have become many since the rest of them was asked for.
        if wanted[0] != SAMPLES or not await self._take_samples(view, view.ageing(SAMPLES), show):
            await self._summarise(view, EXTREMES, view.ageing(EXTREMES), show)
        if view.wants_means:
            await self._add_means(view, show)

    async def _add_means(self, view: SeriesView, show: Callable[[], None]) -> None:
        """Load means once the extremes are there: the picture does not wait for what costs as much again."""
        await self._recall(view, (MEANS,), show)
        await self._summarise(view, MEANS, view.missing(MEANS), show)
        await self._summarise(view, MEANS, view.ageing(MEANS), show)

    async def _recall(self, view: SeriesView, wanted: Iterable[Columns], show: Callable[[], None]) -> None:
        """Bring back what was saved of what is missing."""
        for columns in wanted:
            missing = view.missing(columns)
            if missing:
                names = {name for names in missing.values() for name in names}
                await self._store.recall([view.tiles[name] for name in sorted(names)], columns, view.slots)
                show()

    async def _race(self, view: SeriesView, show: Callable[[], None]) -> None:
        summary = asyncio.ensure_future(self._summarise(view, EXTREMES, view.missing(EXTREMES), show))
        try:
            if not await self._take_samples(view, view.missing(SAMPLES), show):
                await summary
        finally:
            summary.cancel()
            # Takes what it raised too: where both fail, one of them is enough to tell of.
            await asyncio.gather(summary, return_exceptions=True)
        self._tiles.end_unwanted(view.request.subset)

    async def _summarise(
        self, view: SeriesView, columns: Columns, wanted: Wanted, show: Callable[[], None]
    ) -> None:
        await together(
            *(
                self._tiles.summarise(_rows_of(view, names, show), slots, columns)
                for slots, names in wanted.items()
            )
        )

    async def _take_samples(self, view: SeriesView, wanted: Wanted, show: Callable[[], None]) -> bool:
        """Take samples where they are few; tells whether they are."""
        for slots, names in wanted.items():
            if not await self._tiles.take_samples(_rows_of(view, names, show), slots, view.sample_limit):
                return False
        return True


def _say_nothing() -> None:
    """Tell nobody: what is loaded in advance is not in view."""


def _rows_of(view: SeriesView, names: tuple[str, ...], arrived: Callable[[], None]) -> RowSeries:
    tiles = {name: view.tiles[name] for name in names}
    return RowSeries(subset=view.request.subset, tiles=tiles, habits=view.habits, arrived=arrived)


def _sorted_out(
    request: SeriesRequest, schemas: Sequence[FieldSchema]
) -> tuple[list[Series], dict[str, FieldSchema]]:
    """Give what can be said of fields that are not drawn, and the others."""
    undrawn, numeric = [], {}
    for name in request.fields:
        schema = schema_of(request.topic, name, schemas)
        if schema is None:
            undrawn.append(Series(field=request.ref(name), outcome=SeriesOutcome.UNKNOWN))
        elif schema.type is FieldType.STRING:
            undrawn.append(Series(field=request.ref(name), outcome=SeriesOutcome.TEXT))
        else:
            numeric[name] = schema
    return undrawn, numeric
