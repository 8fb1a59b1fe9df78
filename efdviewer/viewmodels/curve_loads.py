"""The loads of the curves in view: what is under way, what failed, and what may be wanted next."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.query import Statement
from efdviewer.domain.timerange import TimeRange, shifted, zoomed
from efdviewer.domain.topics import FieldRef, Subset
from efdviewer.services.series import Series, SeriesRequest
from efdviewer.services.series_loader import SeriesLoader
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.load_progress import LoadProgress

MOVING_S = 0.15
"""A range that changes again within this time is still being moved."""
SETTLE_S = 0.05
"""So long a moving range has to rest before the source is asked: a wheel asks once, not at every tick."""
REST_S = 0.2
"""So long a complete view has to rest before what is beside it is loaded too."""
_PREFETCH = "prefetch"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is looked at: a range, in so many pixel columns, with or without means."""

    time_range: TimeRange
    columns: int
    means: bool

    def beside(self) -> list["View"]:
        """List the views that a person may go to next: before, after, and one level out."""
        middle_utc_ns = self.time_range.start_utc_ns + self.time_range.span_ns // 2
        ranges = (
            shifted(self.time_range, -1),
            shifted(self.time_range, 1),
            zoomed(self.time_range, 2.0, middle_utc_ns),
        )
        return [replace(self, time_range=each) for each in ranges if each.start_utc_ns < time.time_ns()]


class CurveLoads:
    """Shows at once what is known of curves, and loads the rest in tasks, one for the fields of equal rows.

    `take` gets each series; `announce` the fields of which something else is to be said. `prefetches` tells
    whether views beside the one in sight are loaded too.
    """

    def __init__(
        self,
        runner: TaskRunner,
        take: Callable[[Series], None],
        announce: Callable[[set[FieldRef]], None],
        *,
        prefetches: bool,
    ) -> None:
        self._runner = runner
        self._hand_on = take
        self._announce = announce
        self._prefetches = prefetches
        self._loader: SeriesLoader | None = None
        self._loading: set[FieldRef] = set()
        self._going_on: set[FieldRef] = set()
        """Fields that are loading only because the view follows the clock."""
        self._awaited: set[Subset] = set()
        """What the source was asked for, also where only the open end of it is not known."""
        self._seen: set[FieldRef] = set()
        self._moved_s = 0.0
        self._progress = LoadProgress()
        self.cancelled: set[FieldRef] = set()
        self.failures: dict[FieldRef, EfdViewerError] = {}

    @property
    def has_source(self) -> bool:
        """Whether there is anything to load from."""
        return self._loader is not None

    @property
    def fields(self) -> set[FieldRef]:
        """Fields that are loading, were cancelled, or failed."""
        return self._loading | self.cancelled | self.failures.keys()

    def is_told_of(self, field: FieldRef) -> bool:
        """Tell whether a person should know that a field is loading: not while the view only goes on."""
        return field in self._loading and field not in self._going_on

    def is_going_on(self, field: FieldRef) -> bool:
        """Tell whether the source was asked for a field only because the view goes on with the clock."""
        return field in self._going_on and field.subset in self._awaited

    def words(self, subset: Subset) -> str:
        """Write how far a load has come."""
        return self._progress.words(subset)

    def set_loader(self, loader: SeriesLoader | None) -> None:
        """Load from another source, or from none; of the one before nothing more is taken."""
        if self._loader is not None:
            self._loader.close()
        self._loader = loader
        self._runner.cancel(_PREFETCH)
        for subset in self._awaited:
            self._runner.cancel(("series", *subset))
        for known in (self._loading, self._going_on, self._awaited, self._seen, self.cancelled):
            known.clear()
        self.failures.clear()

    def load(self, fields: set[FieldRef], view: View, *, moving: bool, goes_on: bool) -> None:
        """Draw what is known of fields in a view, and ask for the rest."""
        if self._loader is None:
            return
        self._runner.cancel(_PREFETCH)
        now_s = time.monotonic()
        delay_s = SETTLE_S if moving and now_s - self._moved_s < MOVING_S else 0.0
        if moving:
            self._moved_s = now_s
        self._going_on = self._going_on | fields if goes_on else self._going_on - fields
        self._seen |= fields
        for subset, wanted in _by_subset(fields).items():
            # Fields of the subset that are still travelling join the new request, which replaces theirs.
            wanted |= {field for field in self._loading if field.subset == subset}
            self.cancelled -= wanted
            self._show_known(self._loader, _request(subset, wanted, view), view, delay_s)
        self._prefetch(view)

    def expire(self, fields: set[FieldRef]) -> None:
        """Ask for fields anew with the next load."""
        if self._loader is not None:
            self._loader.expire(list(fields))

    def observe(self, statement: Statement) -> None:
        """Count a statement of the source for the load that it belongs to."""
        subset = self._progress.observe(statement)
        self._announce({field for field in self._loading if field.subset == subset})

    def cancel(self, subset: Subset) -> None:
        """Stop loading the fields that come from the same rows, here and on the server."""
        self._runner.cancel(("series", *subset))
        if self._loader is not None:
            self._loader.end(subset)
        self._mark_cancelled({field for field in self._loading if field.subset == subset})

    def forget_loading(self) -> None:
        """Take what was still travelling for cancelled."""
        self._mark_cancelled(set(self._loading))

    def drop(self, field: FieldRef) -> None:
        """Forget what became of a field."""
        self._seen.discard(field)
        self._loading.discard(field)
        self.cancelled.discard(field)
        self.failures.pop(field, None)

    def _mark_cancelled(self, fields: set[FieldRef]) -> None:
        self._loading -= fields
        self.cancelled |= fields
        self._announce(fields)

    def _show_known(self, loader: SeriesLoader, request: SeriesRequest, view: View, delay_s: float) -> None:
        fields = {request.ref(name) for name in request.fields}
        found, is_all = loader.known(request)
        for series in found:
            if is_all:
                self._take(series)
            else:
                # What went wrong before is not over until the source has answered.
                self._show(series)
        if is_all:
            self._loading -= fields
            self._awaited.discard(request.subset)
            self._runner.cancel(("series", *request.subset))
        else:
            self._loading |= fields - {series.field for series in found if series.complete}
            self._submit(loader, request, view, delay_s)
        self._announce(fields & self._loading)

    def _submit(self, loader: SeriesLoader, request: SeriesRequest, view: View, delay_s: float) -> None:
        subset = request.subset
        fields = {request.ref(name) for name in request.fields}

        def take(series: Series) -> None:
            # What is being ended may still have something to say.
            if loader is self._loader:
                self._take(series)

        async def load() -> None:
            self._progress.enter(subset)
            if delay_s:
                await asyncio.sleep(delay_s)
            await loader.load(request, take, partial(self._progress.tell, subset))
            self._loading -= fields
            self._awaited.discard(subset)
            self._announce(fields)
            self._prefetch(view)

        def fail(error: EfdViewerError) -> None:
            self._loading -= fields
            self._awaited.discard(subset)
            for field in fields:
                # The picture of before stays; the words over it say that it is one.
                self.failures[field] = error
            self._announce(fields)

        self._awaited.add(subset)
        self._progress.begin(subset)
        self._runner.submit(("series", *subset), load, name=f"Load {request.topic}", on_error=fail)

    def _take(self, series: Series) -> None:
        self.failures.pop(series.field, None)
        self._show(series)

    def _show(self, series: Series) -> None:
        if series.complete:
            self._loading.discard(series.field)
        self._hand_on(series)
        self._announce({series.field})

    def _prefetch(self, view: View) -> None:
        """Load what lies beside a view while nothing else is under way, as long as nobody moves."""
        loader = self._loader
        if loader is None or self._loading or self._going_on or not self._prefetches:
            return
        subsets = _by_subset(self._seen)

        async def load() -> None:
            self._progress.enter(None)
            await asyncio.sleep(REST_S)
            for beside in view.beside():
                for subset, fields in subsets.items():
                    await self._runner.until_alone()
                    await loader.prefetch(_request(subset, fields, beside))

        self._runner.submit(_PREFETCH, load, name="Load what is beside the view", on_error=_ignore)


def _ignore(_error: EfdViewerError) -> None:
    """Say nothing: nobody has asked for it yet."""


def _by_subset(fields: set[FieldRef]) -> dict[Subset, set[FieldRef]]:
    subsets: dict[Subset, set[FieldRef]] = {}
    for field in fields:
        subsets.setdefault(field.subset, set()).add(field)
    return subsets


def _request(subset: Subset, fields: set[FieldRef], view: View) -> SeriesRequest:
    return SeriesRequest(
        topic=subset[0],
        fields=tuple(sorted(field.field for field in fields)),
        time_range=view.time_range,
        columns=view.columns,
        where=subset[1],
        means=view.means,
    )
