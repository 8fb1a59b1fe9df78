"""Goes from one event to the next, over all overlays that are shown."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.events import EventSet
from efdviewer.domain.query import DataSource
from efdviewer.domain.session import Overlay, Session
from efdviewer.domain.timerange import TimeRange, clamped
from efdviewer.domain.topics import TopicName
from efdviewer.services.catalog import Catalog
from efdviewer.services.event_loader import Events
from efdviewer.services.event_seek import next_event
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.event_focus import EventFocus, EventMark
from efdviewer.viewmodels.events import EventsViewModel, key_of
from efdviewer.viewmodels.time_range import TimeRangeViewModel

_TASK = "event step"
_MOST_WAITING = 5
"""Presses of the key that wait for the source; what a key that is held gives beyond is dropped."""
_NO_OVERLAY = "No events are shown to step through. Select a topic in the list and press O."


class _Place(NamedTuple):
    """An event in the order in which they are gone through: by time, then by the place of its overlay."""

    utc_ns: int
    overlay: int


class EventSteps(QObject):
    """Selects the next or the previous event, and brings it into view.

    Where it is not among the events that are loaded, the source is asked for it.
    """

    told = Signal(str)
    """Something for the status bar: why the selection stays where it is."""

    def __init__(
        self,
        events: EventsViewModel,
        focus: EventFocus,
        time_range: TimeRangeViewModel,
        runner: TaskRunner,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._events = events
        self._focus = focus
        self._time = time_range
        self._runner = runner
        self._source: DataSource | None = None
        self._catalog: Catalog | None = None
        self._waiting: list[bool] = []
        self._from_utc_ns = 0
        """Where to begin while no event is selected."""

    def step(self, *, forward: bool, from_utc_ns: int | None = None) -> None:
        """Go on from the selected event, else from a moment, else from the middle of the view."""
        if self._focus.selected is None and from_utc_ns is not None:
            self._from_utc_ns = from_utc_ns
        elif self._focus.selected is None:
            view = self._time.time_range
            self._from_utc_ns = view.start_utc_ns + view.span_ns // 2
        if not self._events.shown():
            self.told.emit(_NO_OVERLAY)
            return
        if self._source is None or self._catalog is None:
            self.told.emit("No source is open.")
            return
        source, catalog = self._source, self._catalog
        is_under_way = self._runner.is_running(_TASK)
        if not is_under_way:
            self._waiting.clear()
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append(forward)

        async def go() -> None:
            while self._waiting:
                await self._step(source, catalog, forward=self._waiting[0])
                del self._waiting[:1]

        if not is_under_way:
            self._runner.submit(_TASK, go, name="Find event")

    def errors(self) -> list[EfdViewerError]:
        """List none: a step that fails is reported when that happens."""
        return []

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Go through the events of another source."""
        self._runner.cancel(_TASK)
        self._source, self._catalog = source, catalog
        self._focus.select(None)
        self._focus.hover(None)

    def set_time_range(self, _time_range: TimeRange) -> None:
        """Go on: the selected event stays, in view or not."""

    def forget_coverage(self) -> None:
        """Nothing is kept."""

    def forget_loading(self) -> None:
        """Nothing waits for a step that was cancelled."""
        self._waiting.clear()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Let go of an event whose overlay is gone, hidden, or at another stamp."""
        if old.overlays != new.overlays:
            keys = {key_of(overlay) for overlay in new.overlays if overlay.visible}
            for mark, let_go in (
                (self._focus.selected, self._focus.select),
                (self._focus.hovered, self._focus.hover),
            ):
                if mark is not None and mark.key not in keys:
                    let_go(None)

    async def _step(self, source: DataSource, catalog: Catalog, *, forward: bool) -> None:
        shown = self._events.shown()
        start = self._start(shown, forward=forward)
        known = [_next_known(found, start, place, forward=forward) for place, (_, found) in enumerate(shown)]
        best = _nearest([each for each in known if each is not None], forward=forward)
        unasked = [
            place
            for place, (_, found) in enumerate(shown)
            if known[place] is None and not _reaches(found, start.utc_ns, best, forward=forward)
        ]

        async def ask(place: int) -> _Place | None:
            overlay = shown[place][0]
            # Of those at the same time the ones of later overlays are still to come.
            is_open = (place > start.overlay) == forward and place != start.overlay
            from_utc_ns = start.utc_ns - (1 if forward else -1) * is_open
            utc_ns = await next_event(
                source,
                catalog,
                (overlay.topic, overlay.stamp, self._events.scale_of(overlay.topic, overlay.stamp)),
                from_utc_ns,
                forward=forward,
                until_utc_ns=best.utc_ns if best else None,
            )
            return None if utc_ns is None else _Place(utc_ns, place)

        try:
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(ask(place)) for place in unasked]
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        answers = [best, *(task.result() for task in asked)]
        found = _nearest([each for each in answers if each is not None], forward=forward)
        if found is None:
            names = ", ".join(TopicName.parse(overlay.topic).title for overlay, _ in shown)
            self._waiting.clear()
            self.told.emit(f"No {'later' if forward else 'earlier'} event of {names}")
            return
        self._focus.select(EventMark(key_of(shown[found.overlay][0]), found.utc_ns))
        self._bring_into_view(found.utc_ns, forward=forward)

    def _start(self, shown: Sequence[tuple[Overlay, Events | None]], *, forward: bool) -> _Place:
        selected = self._focus.selected
        if selected is None:
            return _Place(self._from_utc_ns, len(shown) if forward else -1)
        keys = [key_of(overlay) for overlay, _ in shown]
        return _Place(selected.utc_ns, keys.index(selected.key) if selected.key in keys else -1)

    def _bring_into_view(self, utc_ns: int, *, forward: bool) -> None:
        """Move a view in which an event is not, keeping its length: most of it is what lies ahead."""
        view = self._time.time_range
        if not view.start_utc_ns <= utc_ns < view.end_utc_ns:
            start_utc_ns = utc_ns - view.span_ns // 4 * (1 if forward else 3)
            self._time.edit_range(clamped(start_utc_ns, start_utc_ns + view.span_ns), "event step")


def _next_known(found: Events | None, start: _Place, place: int, *, forward: bool) -> _Place | None:
    """Give the next event of an overlay where it is certain that none of it lies between."""
    if not isinstance(found, EventSet) or found.covered is None or not _covers(found, start.utc_ns):
        return None
    times = found.times_utc_ns
    if forward:
        is_open = place > start.overlay
        index = int(times.searchsorted(start.utc_ns, side="left" if is_open else "right"))
        is_held = index < len(times) and times[index] < found.covered.end_utc_ns
    else:
        is_open = place < start.overlay
        index = int(times.searchsorted(start.utc_ns, side="right" if is_open else "left")) - 1
        is_held = index >= 0 and times[index] >= found.covered.start_utc_ns
    return _Place(int(times[index]), place) if is_held else None


def _covers(found: EventSet, utc_ns: int) -> bool:
    assert found.covered is not None
    return found.covered.start_utc_ns <= utc_ns <= found.covered.end_utc_ns


def _reaches(found: Events | None, start_utc_ns: int, best: _Place | None, *, forward: bool) -> bool:
    """Tell whether an overlay is known to have nothing up to the best that was found."""
    if best is None or not isinstance(found, EventSet) or found.covered is None:
        return False
    ends = found.covered.start_utc_ns, found.covered.end_utc_ns
    return _covers(found, start_utc_ns) and (best.utc_ns < ends[1] if forward else best.utc_ns >= ends[0])


def _nearest(places: Sequence[_Place], *, forward: bool) -> _Place | None:
    return (min if forward else max)(places, default=None)
