"""The events of all overlays in view as one list: filtered, sorted, selected together with the plots."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.domain.live import is_following
from efdviewer.domain.query import DataSource
from efdviewer.domain.session import EventTable, Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import TopicName
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.event_loader import Placement
from efdviewer.services.event_rows import (
    MOST_ROWS,
    EventList,
    HeldRows,
    Loaded,
    arranged,
    exported_rows,
    held_rows,
    load_event_rows,
    matching,
    no_events,
    sorted_places,
)
from efdviewer.services.exports import write_rows
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.event_focus import EventFocus, EventMark
from efdviewer.viewmodels.events import EventsViewModel, key_of
from efdviewer.viewmodels.whole_event import WholeEvent

_SETTLE_S = 0.2
_KEY, _ARRANGE = "event table", "arrange events"


class _Wanted(NamedTuple):
    """What decides which events are listed: the view, and each overlay's key and placement."""

    time_range: TimeRange
    placements: tuple[tuple[str, Placement], ...]


class EventTableViewModel(QObject):
    """Loads the rows behind the lines while somebody looks at them."""

    rowsChanged = Signal()
    wordsChanged = Signal()
    settingsChanged = Signal()
    selectionMoved = Signal()
    """Another event is selected, here or in the plots."""

    def __init__(
        self,
        document: Document,
        runner: TaskRunner,
        events: EventsViewModel,
        focus: EventFocus,
        *,
        in_worker: Callable[..., Awaitable[Any]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._events = events
        self._focus = focus
        self._in_worker = in_worker
        self._source: DataSource | None = None
        self._catalog: Catalog | None = None
        self._range = TimeRange(start_utc_ns=0, end_utc_ns=1)
        self._is_watched = False
        self._asked: _Wanted | None = None
        self._failures: dict[str, EfdViewerError] = {}
        """What could not be loaded, by overlay."""
        self._held: dict[str, HeldRows] = {}
        """The rows in view by overlay, kept while the view follows the clock."""
        self.list = no_events()
        """The events in view, ascending in time."""
        self.places: NDArray[np.int64] = np.empty(0, np.int64)
        """Those that the filter leaves, sorted."""
        self.whole = WholeEvent("event detail", document, runner, events.scale_of, self)
        """The selected event, to be read."""
        self._chosen: tuple[EventMark, int] | None = None
        """The event that was selected here, and its number among those of its overlay at its stamp."""
        focus.selectedChanged.connect(self._show_detail)

    @property
    def settings(self) -> EventTable:
        """Filter and order as the session has them."""
        return self._document.session.event_table

    @property
    def timescale(self) -> Timescale:
        """Scale of the times to be shown."""
        return Timescale(self._document.session.timescale)

    def color_of(self, place: int) -> str:
        """Give the colour of an event's overlay."""
        key = self.list.parts[int(self.list.source[place])].key
        return next((state.color for state in self._events.states() if state.key == key), "#808080")

    def mark_of(self, place: int) -> EventMark:
        """Name an event as the plots do."""
        part = self.list.parts[int(self.list.source[place])]
        return EventMark(part.key, int(self.list.times_utc_ns[place]))

    def select(self, place: int | None) -> None:
        """Select an event, here and in the plots."""
        if place is None:
            self._focus.select(None)
            return
        mark = self.mark_of(place)
        self._chosen = mark, int(np.searchsorted(self.list.places_of(*mark), place))
        if mark == self._focus.selected:
            self._show_detail()
        else:
            self._focus.select(mark)

    def hover(self, place: int | None) -> None:
        """Point at an event in the plots."""
        self._focus.hover(None if place is None else self.mark_of(place))

    @property
    def selected(self) -> int | None:
        """Place of the selected event; None where it is not in the list.

        Of several at one stamp it is the one that was selected here, or else the first.
        """
        mark = self._focus.selected
        equals = () if mark is None else self.list.places_of(*mark)
        if not len(equals):
            return None
        number = self._chosen[1] if self._chosen and self._chosen[0] == mark else 0
        return int(equals[min(number, len(equals) - 1)])

    def words(self) -> str:
        """Say how many events there are, and what stands in the way of all of them."""
        overlays = [overlay for overlay in self._document.session.overlays if overlay.visible]
        if not overlays:
            return "No events overlaid. Double-click an event in the topic list, or select it and press O."
        if self._source is None:
            return "No source is open."
        if self._is_loading:
            return "Loading …"
        if self._asked != self._wanted():
            return "Not loaded; F5 loads it."
        return self._count_words()

    def set_watched(self, watched: bool) -> None:
        """Load while the table is seen, and nothing while it is not."""
        self._is_watched = watched
        if watched:
            self._load(settle=False)
        else:
            self._runner.cancel(_KEY)

    def edit(self, name: str, *, gesture: str | None = None, **changes: Any) -> None:
        """Change filter or order, as an act with a name."""
        table = replace(self.settings, **changes)
        session = replace(self._document.session, event_table=table)
        self._document.apply(name, session, gesture=gesture)

    def sort_by(self, name: str) -> None:
        """Sort by a column; by the same one again, the other way round."""
        turned = self.settings.sort == name and not self.settings.descending
        self.edit("Sort events", sort=name, descending=turned)

    def export(self, places: Sequence[int], path: Path, origin: Mapping[str, str]) -> None:
        """Write events with all loaded fields to a .csv or .parquet file; all that are shown where none."""
        chosen = np.array(places, np.int64) if len(places) else self.places
        events = self.list

        async def write() -> None:
            table = await self._in_worker(exported_rows, events, chosen)
            await self._in_worker(write_rows, table, path, origin)

        self._runner.submit("export events", write, name=f"Export events to {path}")

    def errors(self) -> list[EfdViewerError]:
        """List what could not be loaded."""
        return list(self._failures.values())

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Take events from another source."""
        self._source, self._catalog = source, catalog
        self.whole.set_source(source, catalog)
        self._runner.cancel(_KEY)
        self._asked = None
        self._held.clear()
        self._failures.clear()
        self._take(no_events())
        self._load(settle=False)

    def set_time_range(self, time_range: TimeRange) -> None:
        """Follow the view."""
        self._range = time_range
        self._load(settle=True)

    def forget_coverage(self) -> None:
        """Ask for everything anew when a range is shown next."""
        self._asked = None
        self._held.clear()

    def forget_loading(self) -> None:
        """Tell what is known once loads were cancelled."""
        self.wordsChanged.emit()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        if old.overlays != new.overlays or old.stamp_scales != new.stamp_scales:
            self._load(settle=False)
        if old.event_table != new.event_table:
            self._arrange()
            self.settingsChanged.emit()
        if old.timescale != new.timescale:
            self.rowsChanged.emit()

    @property
    def _is_loading(self) -> bool:
        return self._runner.is_running(_KEY) and self._asked != self._wanted()

    def _wanted(self) -> "_Wanted":
        """Give all that decides which events are listed."""
        overlays = [overlay for overlay in self._document.session.overlays if overlay.visible]
        placements = tuple(
            (key_of(each), (each.topic, each.stamp, self._events.scale_of(each.topic, each.stamp)))
            for each in overlays
        )
        return _Wanted(self._range, placements)

    def _load(self, *, settle: bool) -> None:
        source, catalog, wanted = self._source, self._catalog, self._wanted()
        is_known = wanted == self._asked and not self._failures
        if not self._is_watched or source is None or catalog is None or is_known:
            self.wordsChanged.emit()
            return
        time_range, placements = wanted

        async def load() -> None:
            if settle:
                await asyncio.sleep(_SETTLE_S)
            asked_utc_ns = time.time_ns()
            loads = [
                load_event_rows(source, catalog, key, placement, time_range, held=self._held.get(key))
                for key, placement in placements
            ]
            answers = await asyncio.gather(*loads, return_exceptions=True)
            loaded, failures = _told_apart([key for key, _ in placements], answers)
            is_live = is_following(self._document.session)
            self._held = (
                {each[2]: held_rows(each, time_range, asked_utc_ns) for each in loaded} if is_live else {}
            )
            events = await self._in_worker(arranged, loaded, time_range)
            self._asked, self._failures = wanted, failures
            await self._sort_and_take(events)

        self._asked = None
        self._runner.cancel(_ARRANGE)
        self._runner.submit(_KEY, load, name="Rows of events")
        self.wordsChanged.emit()

    def _arrange(self) -> None:
        """Filter and sort what is there."""

        async def arrange() -> None:
            await self._sort_and_take(self.list)

        if not self._runner.is_running(_KEY):
            self._runner.submit(_ARRANGE, arrange, name="Sort events")

    async def _sort_and_take(self, events: EventList) -> None:
        while True:
            settings = self.settings
            places = await self._in_worker(
                _chosen, events, settings.filter.split(), settings.sort, settings.descending
            )
            if settings == self.settings:
                break
        self._take(events, places)

    def _take(self, events: EventList, places: NDArray[np.int64] | None = None) -> None:
        self.list = events
        self.places = np.empty(0, np.int64) if places is None else places
        self.rowsChanged.emit()
        self.wordsChanged.emit()

    def _count_words(self) -> str:
        failed = [
            f"{TopicName.parse(placement[0]).title}: {explain(self._failures[key])}"
            for key, placement in self._wanted().placements
            if key in self._failures
        ]
        if len(failed) == len(self._wanted().placements):
            return " · ".join(failed)
        total, shown = len(self.list.times_utc_ns), len(self.places)
        noun = "event" if total == 1 else "events"
        said = [
            f"{shown:,} of {total:,} {noun}" if self.settings.filter.split() else f"{total:,} {noun} in view"
        ]
        for part in self.list.parts:
            title = TopicName.parse(part.topic).title
            if part.is_cut:
                said.append(f"{title}: the first {MOST_ROWS:,} only; zoom in for the others")
            if part.absent:
                said.append(f"{title}: {part.absent:,} without that stamp")
        return " · ".join([*failed, *said])

    def _show_detail(self) -> None:
        """Load the whole row of the selected event, with every field."""
        self.selectionMoved.emit()
        place = self.selected
        if place is None:
            self.whole.clear()
        else:
            self.whole.show(*self.list.row(place))


def _told_apart(
    keys: Sequence[str], answers: Sequence[Loaded | BaseException]
) -> tuple[list[Loaded], dict[str, EfdViewerError]]:
    """Give what was loaded, and what failed by its overlay's key; a bug is raised."""
    loaded: list[Loaded] = []
    failures: dict[str, EfdViewerError] = {}
    for key, answer in zip(keys, answers, strict=True):
        if isinstance(answer, EfdViewerError):
            failures[key] = answer
        elif isinstance(answer, BaseException):
            raise answer
        else:
            loaded.append(answer)
    return loaded, failures


def _chosen(events: EventList, words: Sequence[str], by: str, descending: bool) -> NDArray[np.int64]:
    return sorted_places(events, matching(events, words), by, descending=descending)
