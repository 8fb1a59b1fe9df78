"""Event overlays: the moments of each topic, at the stamp that was chosen."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from efdviewer.domain import edits
from efdviewer.domain.coverage import Coverage
from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.domain.events import (
    EventSet,
    placed,
    short_stamp,
    stamp_scale,
    stamps_of,
)
from efdviewer.domain.query import DataSource, SampleQuery
from efdviewer.domain.session import Overlay, Session
from efdviewer.domain.timerange import TimeRange, clamped
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import FieldSchema, TopicName
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.stamp_loader import load_stamps
from efdviewer.services.tasks import TaskRunner
from efdviewer.sources.workers import run_in_worker
from efdviewer.viewmodels.curve_state import OverlayState
from efdviewer.viewmodels.event_tip import tip_fields, tip_text
from efdviewer.viewmodels.row_names import row_names

MARGIN_NS = 120 * 1_000_000_000
"""A placed stamp may lie in view while the row's `time` lies outside: the clocks of 2019 were 37 s apart."""
_LARGE = 50_000
"""From so many events on, they are placed in a worker: 100,000 take 4.4 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayRow:
    """One overlay as the list shows it."""

    overlay: Overlay
    title: str
    name: str
    """The title, shortened where it stays unmistakable."""
    color: str
    stamps: tuple[str, ...]
    count: int
    absent: int
    status: str


class EventsViewModel(QObject):
    """Loads the events of all overlays, a little beyond the range, and tells what is in view."""

    overlaysChanged = Signal()
    eventDescribed = Signal(str, object, str)
    """Key of the overlay, int64 ns UTC of the line, and its stamps and fields as HTML."""

    def __init__(
        self,
        document: Document,
        runner: TaskRunner,
        palette: Callable[[int], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._palette = palette
        self._source: DataSource | None = None
        self._catalog: Catalog | None = None
        self._range = TimeRange(start_utc_ns=0, end_utc_ns=1)
        self._events: dict[str, EventSet] = {}
        self._covered: dict[str, Coverage] = {}
        self._asked: dict[str, Coverage] = {}
        self._stamps: dict[str, tuple[str, ...]] = {}
        self._failures: dict[str, EfdViewerError] = {}

    def states(self) -> tuple[OverlayState, ...]:
        """Give what the rows draw."""
        return tuple(
            OverlayState(
                key=key_of(overlay),
                title=TopicName.parse(overlay.topic).title,
                color=overlay.color or self._palette(index),
                alpha=overlay.alpha,
                visible=overlay.visible,
                times_utc_ns=self._events[key_of(overlay)].times_utc_ns,
            )
            for index, overlay in enumerate(self._document.session.overlays)
            if key_of(overlay) in self._events
        )

    def rows(self) -> list[OverlayRow]:
        """Give what the list shows."""
        overlays = self._document.session.overlays
        names = _names(overlays)
        return [self._row(index, overlay, names[overlay.topic]) for index, overlay in enumerate(overlays)]

    def errors(self) -> list[EfdViewerError]:
        """List the overlays that could not be loaded."""
        return list(self._failures.values())

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Take events from another source."""
        self._source, self._catalog = source, catalog
        for key in self._asked:
            self._runner.cancel(("overlay", key))
        for known in (self._events, self._covered, self._asked, self._stamps, self._failures):
            known.clear()
        self._load()
        self.overlaysChanged.emit()

    def set_time_range(self, time_range: TimeRange) -> None:
        """Show another range; events that are there already are not asked for again."""
        self._range = time_range
        self._load()
        self.overlaysChanged.emit()

    def forget_coverage(self) -> None:
        """Ask the source for everything anew when a range is shown next; what is drawn stays until then."""
        self._covered.clear()
        self._asked.clear()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        if old.stamp_scales != new.stamp_scales:
            self.forget_coverage()
        if old.overlays != new.overlays or old.stamp_scales != new.stamp_scales:
            keys = {key_of(overlay) for overlay in new.overlays}
            for gone in (self._events.keys() | self._asked.keys() | self._failures.keys()) - keys:
                self._runner.cancel(("overlay", gone))
                for known in (self._events, self._covered, self._asked, self._failures):
                    known.pop(gone, None)
            self._load()
            self.overlaysChanged.emit()

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
        events = self._events.get(key)
        source, catalog = self._source, self._catalog
        if events is None or source is None or catalog is None:
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

    def scale_of(self, topic: str, stamp: str) -> Timescale:
        """Give the scale of a stamp: set by hand, or told by its name."""
        for known in self._document.session.stamp_scales:
            if (known.topic, known.stamp) == (topic, stamp):
                return Timescale(known.scale)
        return stamp_scale(stamp) or Timescale.TAI

    def _load(self) -> None:
        if self._source is None or self._catalog is None:
            return
        for overlay in self._document.session.overlays:
            key = key_of(overlay)
            # What was asked for counts only while it is under way: a cancelled load brings nothing.
            under_way = self._runner.is_running(("overlay", key))
            covered = (self._asked if under_way else self._covered).get(key)
            if covered is None or not covered.holds(self._range):
                self._submit(key, overlay, self._source, self._catalog)
            elif not under_way:
                self._failures.pop(key, None)

    def _submit(self, key: str, overlay: Overlay, source: DataSource, catalog: Catalog) -> None:
        wanted = clamped(self._range.start_utc_ns, self._range.end_utc_ns)
        asked = self._asked[key] = Coverage(time_range=wanted, asked_utc_ns=time.time_ns())
        covered, held = self._covered.get(key), self._events.get(key)
        open_ns = covered.open_from(wanted, margin_ns=MARGIN_NS) if covered and held else None

        async def load() -> None:
            schemas = await catalog.fields(overlay.topic)
            self._stamps[overlay.topic] = stamps_of(schemas)
            whole = wanted.padded(MARGIN_NS)
            missing = whole if open_ns is None else whole.since(open_ns)
            found = await self._find(source, overlay, schemas, missing)
            if held is not None and open_ns is not None:
                found = held.continued(found, start_utc_ns=whole.start_utc_ns, from_utc_ns=open_ns)
            self._events[key] = found
            self._covered[key] = asked
            self._failures.pop(key, None)
            self.overlaysChanged.emit()

        def fail(error: EfdViewerError) -> None:
            self._failures[key] = error
            self._asked.pop(key, None)
            self.overlaysChanged.emit()

        self._runner.submit(("overlay", key), load, name=f"Events of {overlay.topic}", on_error=fail)

    async def _find(
        self, source: DataSource, overlay: Overlay, schemas: list[FieldSchema], time_range: TimeRange
    ) -> EventSet:
        topic, stamp = overlay.topic, overlay.stamp
        # Messages that lack the stamp are counted too.
        table = await load_stamps(source, topic, (stamp,), schemas, time_range, every_message=True)
        place = partial(placed, table, topic=topic, stamp=stamp, scale=self.scale_of(topic, stamp))
        return await run_in_worker(place) if table.num_rows > _LARGE else place()

    def _row(self, index: int, overlay: Overlay, name: str) -> OverlayRow:
        key = key_of(overlay)
        events = self._events.get(key)
        count = len(events.in_range(self._range)) if events else 0
        if key in self._failures:
            status = explain(self._failures[key])
        elif self._runner.is_running(("overlay", key)) and events is None:
            status = "Loading …"
        elif events is None:
            status = "Not loaded"
        else:
            status = "" if count else "No events in this range"
        return OverlayRow(
            overlay=overlay,
            title=TopicName.parse(overlay.topic).title,
            name=name,
            color=overlay.color or self._palette(index),
            stamps=self._stamps.get(overlay.topic, (overlay.stamp,)),
            count=count,
            absent=events.absent if events else 0,
            status=status,
        )


def key_of(overlay: Overlay) -> str:
    """Name an overlay: `TOPIC@STAMP`, the stamp as people call it."""
    return f"{overlay.topic}@{short_stamp(overlay.stamp)}"


def _names(overlays: tuple[Overlay, ...]) -> dict[str, str]:
    topics = list(dict.fromkeys(overlay.topic for overlay in overlays))
    return dict(zip(topics, row_names(topics), strict=True))
