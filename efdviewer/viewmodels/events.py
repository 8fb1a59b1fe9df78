"""Event overlays: the moments of each topic, at the stamp that was chosen."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from efdviewer.domain import edits
from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.events import EventDensity, EventSet, short_stamp, stamp_scale, stamps_of
from efdviewer.domain.query import DataSource, SampleQuery
from efdviewer.domain.session import Overlay, Session
from efdviewer.domain.timerange import TimeRange, clamped
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import FieldSchema, TopicName
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.event_loader import EventLoader, EventRequest, Events
from efdviewer.services.tasks import TaskRunner
from efdviewer.services.tiles import TileStore
from efdviewer.viewmodels.curve_state import OverlayRow, OverlayState
from efdviewer.viewmodels.event_tip import tip_fields, tip_text
from efdviewer.viewmodels.overlay_counts import count_in_view, late_ns, status_of
from efdviewer.viewmodels.row_names import row_names

_NO_TIMES = np.empty(0, np.int64)


class EventsViewModel(QObject):
    """Loads the events of all overlays, or how many there are where, and tells what is in view."""

    overlaysChanged = Signal()
    eventDescribed = Signal(str, object, str)
    """Key of the overlay, int64 ns UTC of the line, and its stamps and fields as HTML."""

    def __init__(
        self,
        document: Document,
        runner: TaskRunner,
        tiles: TileStore,
        palette: Callable[[int], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._tiles = tiles
        self._palette = palette
        self._source: DataSource | None = None
        self._catalog: Catalog | None = None
        self._loader: EventLoader | None = None
        self._range = TimeRange(start_utc_ns=0, end_utc_ns=1)
        self._columns = 1000
        self._shown: dict[str, Events] = {}
        self._asked: dict[str, EventRequest] = {}
        self._stamps: dict[str, tuple[str, ...]] = {}
        self._failures: dict[str, EfdViewerError] = {}

    def states(self) -> tuple[OverlayState, ...]:
        """Give what the rows draw."""
        overlays = enumerate(self._document.session.overlays)
        return tuple(self._state(index, each) for index, each in overlays if key_of(each) in self._shown)

    def rows(self) -> list[OverlayRow]:
        """Give what the list shows."""
        overlays = self._document.session.overlays
        names = _names(overlays)
        return [self._row(index, overlay, names[overlay.topic]) for index, overlay in enumerate(overlays)]

    def shown(self) -> list[tuple[Overlay, Events | None]]:
        """List the visible overlays, each with what is drawn of it; None while nothing is."""
        overlays = self._document.session.overlays
        return [(overlay, self._shown.get(key_of(overlay))) for overlay in overlays if overlay.visible]

    def fields_of(self, index: int) -> list[FieldSchema] | None:
        """List the fields of an overlay's topic; None while they are not known."""
        topic = self._document.session.overlays[index].topic
        return self._catalog.known_fields(topic) if self._catalog is not None else None

    def errors(self) -> list[EfdViewerError]:
        """List the overlays that could not be loaded."""
        return list(self._failures.values())

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Take events from another source."""
        self.close()
        self._source, self._catalog = source, catalog
        own = partial(self._runner.adopt, "statement")
        self._loader = EventLoader(source, catalog, self._tiles, own) if source and catalog else None
        for key in self._asked:
            self._runner.cancel(("overlay", key))
        for known in (self._shown, self._asked, self._stamps, self._failures):
            known.clear()
        self._load()

    def close(self) -> None:
        """End the statements that are under way."""
        if self._loader is not None:
            self._loader.close()

    def set_time_range(self, time_range: TimeRange) -> None:
        """Show another range; what is there already is not asked for again."""
        self._range = time_range
        self._load()

    def set_columns(self, columns: int) -> None:
        """Follow the width of the plots, in pixels: more events than that are shaded."""
        if columns != self._columns:
            self._columns = max(1, columns)
            self._load()

    def forget_coverage(self) -> None:
        """Ask the source for everything anew when a range is shown next; what is drawn stays until then."""
        self._asked.clear()
        if self._loader is not None:
            self._loader.expire()

    def forget_loading(self) -> None:
        """Tell what is known of each overlay once loads were cancelled."""
        self.overlaysChanged.emit()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        if old.overlays == new.overlays and old.stamp_scales == new.stamp_scales:
            return
        keys = {key_of(overlay) for overlay in new.overlays}
        for gone in (self._shown.keys() | self._asked.keys() | self._failures.keys()) - keys:
            self._runner.cancel(("overlay", gone))
            for known in (self._shown, self._asked, self._failures):
                known.pop(gone, None)
        if self._loader is not None:
            self._loader.keep([self._request(overlay).placement for overlay in new.overlays])
        self._load()

    def edit(self, index: int, name: str, **changes: object) -> None:
        """Change an overlay's stamp, colour or visibility, as an act with a name."""
        overlay = replace(self._document.session.overlays[index], **changes)  # type: ignore[arg-type]
        self._document.apply(name, edits.set_overlay(self._document.session, index, overlay))

    def remove(self, index: int) -> None:
        """Take an overlay away."""
        self._document.apply("Remove overlay", edits.remove_overlay(self._document.session, index))

    def set_scale(self, index: int, scale: str | None) -> None:
        """Say by hand in which scale an overlay's stamp was written."""
        overlay = self._document.session.overlays[index]
        session = edits.set_stamp_scale(self._document.session, overlay.topic, overlay.stamp, scale)
        self._document.apply("Change stamp's scale", session)

    def describe(self, key: str, utc_ns: int, count: int = 1) -> None:
        """Ask for the row behind a line, the nearest of so many; `eventDescribed` brings it."""
        events = self._shown.get(key)
        source, catalog = self._source, self._catalog
        if not isinstance(events, EventSet) or source is None or catalog is None:
            return
        place = int(events.times_utc_ns.searchsorted(utc_ns))
        if place >= len(events.times_utc_ns):
            return
        index_utc_ns = int(events.index_utc_ns[place])

        async def load() -> None:
            schemas = await catalog.fields(events.topic)
            moment = TimeRange(start_utc_ns=index_utc_ns, end_utc_ns=index_utc_ns + 1)
            query = SampleQuery(topic=events.topic, fields=tip_fields(schemas), time_range=moment)
            rows = await source.samples(query)
            if rows.num_rows:
                text = tip_text(events.topic, rows.slice(0, 1), self.scale_of, count)
                self.eventDescribed.emit(key, utc_ns, text)

        self._runner.submit("describe event", load, name="Describe event")

    def stop_describing(self) -> None:
        """Ask no more for what is behind a line that is gone from beneath the mouse."""
        self._runner.cancel("describe event")

    def scale_of(self, topic: str, stamp: str) -> Timescale:
        """Give the scale of a stamp: set by hand, or told by its name."""
        for known in self._document.session.stamp_scales:
            if (known.topic, known.stamp) == (topic, stamp):
                return Timescale(known.scale)
        return stamp_scale(stamp) or Timescale.TAI

    def _request(self, overlay: Overlay) -> EventRequest:
        return EventRequest(
            placement=(overlay.topic, overlay.stamp, self.scale_of(overlay.topic, overlay.stamp)),
            time_range=clamped(self._range.start_utc_ns, self._range.end_utc_ns),
            columns=self._columns,
        )

    def _load(self) -> None:
        """Show at once what is known, and ask for the rest."""
        if self._loader is not None:
            for overlay in self._document.session.overlays:
                self._show_known(overlay, self._loader)
        self.overlaysChanged.emit()

    def _show_known(self, overlay: Overlay, loader: EventLoader) -> None:
        key, request = key_of(overlay), self._request(overlay)
        found, is_all = loader.known(request)
        if found is not None:
            self._shown[key] = found
        # What was asked for counts only while it is under way: a cancelled load brings nothing.
        under_way = self._asked.get(key) if self._runner.is_running(("overlay", key)) else None
        if is_all:
            self._runner.cancel(("overlay", key))
            self._failures.pop(key, None)
        elif under_way is None or not under_way.holds(request):
            self._submit(key, overlay, request, loader)

    def _submit(self, key: str, overlay: Overlay, request: EventRequest, loader: EventLoader) -> None:
        catalog = self._catalog
        assert catalog is not None
        self._asked[key] = request

        async def load() -> None:
            self._stamps[overlay.topic] = stamps_of(await catalog.fields(overlay.topic))
            wanted = request
            self._shown[key] = await loader.load(wanted)
            while (now_wanted := self._request(overlay)) != wanted:
                # The view went on within what was asked for, which may be too coarse for it, or enough.
                wanted = now_wanted
                found, is_all = loader.known(wanted)
                self._shown[key] = found if found and is_all else await loader.load(wanted)
            self._failures.pop(key, None)
            self.overlaysChanged.emit()

        def fail(error: EfdViewerError) -> None:
            self._failures[key] = error
            self._asked.pop(key, None)
            self.overlaysChanged.emit()

        self._runner.submit(("overlay", key), load, name=f"Events of {overlay.topic}", on_error=fail)

    def _state(self, index: int, overlay: Overlay) -> OverlayState:
        shown = self._shown[key_of(overlay)]
        return OverlayState(
            key=key_of(overlay),
            title=TopicName.parse(overlay.topic).title,
            color=overlay.color or self._palette(index),
            alpha=overlay.alpha,
            visible=overlay.visible,
            times_utc_ns=shown.times_utc_ns if isinstance(shown, EventSet) else _NO_TIMES,
            density=shown if isinstance(shown, EventDensity) else None,
        )

    def _row(self, index: int, overlay: Overlay, name: str) -> OverlayRow:
        key = key_of(overlay)
        shown = self._shown.get(key)
        counted = count_in_view(shown, self._range, late_ns=late_ns(self._document.session))
        return OverlayRow(
            overlay=overlay,
            title=TopicName.parse(overlay.topic).title,
            name=name,
            color=overlay.color or self._palette(index),
            stamps=self._stamps.get(overlay.topic, (overlay.stamp,)),
            count=counted.number,
            is_exact=counted.is_exact,
            is_complete=counted.is_complete,
            absent=shown.absent if isinstance(shown, EventSet) else 0,
            status=status_of(
                shown,
                counted,
                is_loading=self._runner.is_running(("overlay", key)),
                failure=self._failures.get(key),
            ),
        )


def key_of(overlay: Overlay) -> str:
    """Name an overlay: `TOPIC@STAMP`, the stamp as people call it."""
    return f"{overlay.topic}@{short_stamp(overlay.stamp)}"


def _names(overlays: tuple[Overlay, ...]) -> dict[str, str]:
    topics = list(dict.fromkeys(overlay.topic for overlay in overlays))
    return dict(zip(topics, row_names(topics), strict=True))
