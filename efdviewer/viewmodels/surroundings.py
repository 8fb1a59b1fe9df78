"""What happened around a moment, in any topic."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.domain.query import DataSource
from efdviewer.domain.session import Session, Surroundings
from efdviewer.domain.timerange import TimeRange, clamped
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.domain.topics import TopicName
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.happened import MOST_LISTED, MOST_TOPICS, Happened, load_happened
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.events import EventsViewModel
from efdviewer.viewmodels.whole_event import WholeEvent

_SETTLE_S = 0.15
_KEY = "what happened"


class SurroundingsViewModel(QObject):
    """Asks the source for everything around the moment that the session names."""

    happenedChanged = Signal()
    wordsChanged = Signal()
    pointChanged = Signal(object)
    """The moment to be marked in the plots, int64 ns UTC, or None."""

    def __init__(
        self,
        document: Document,
        runner: TaskRunner,
        events: EventsViewModel,
        *,
        in_worker: Callable[..., Awaitable[Any]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._in_worker = in_worker
        self._source: DataSource | None = None
        self._catalog: Catalog | None = None
        self._failure: EfdViewerError | None = None
        self._found_for: Surroundings | None = None
        self._progress = ""
        self.whole = WholeEvent("what happened, whole", document, runner, events.scale_of, self)
        """The selected message, to be read."""
        self.happened: Happened | None = None
        """What was found last; of the moment before while the next one loads."""
        self.cscs: tuple[str, ...] = ()
        """The components of the source, once they are known."""

    @property
    def settings(self) -> Surroundings:
        """The moment, and how far around it is looked."""
        return self._document.session.surroundings

    @property
    def timescale(self) -> Timescale:
        """Scale of the times to be shown."""
        return Timescale(self._document.session.timescale)

    @property
    def is_current(self) -> bool:
        """Whether what was found is of the moment that the session names."""
        return self.happened is not None and self._found_for == self.settings

    def show_at(self, utc_ns: int) -> None:
        """Ask what happened around a moment."""
        self.edit("What happened here", at_utc_ns=utc_ns)

    def edit(self, name: str, *, gesture: str | None = None, **changes: Any) -> None:
        """Change the moment or how it is looked at, as an act with a name."""
        settings = replace(self.settings, **changes)
        session = replace(self._document.session, surroundings=settings)
        self._document.apply(name, session, gesture=gesture)

    def words(self) -> str:
        """Say what was asked, what was found, and what is missing."""
        if self.settings.at_utc_ns is None:
            return "Right-click in a plot, or press W over it, to see what happened there in any topic."
        if self._source is None:
            return "No source is open."
        if self._runner.is_running(_KEY) and not self.is_current:
            return f"Asking … {self._progress}".strip()
        if self._failure is not None:
            return explain(self._failure)
        if self.happened is None or not self.is_current:
            return "Cancelled; F5 asks again."
        return " · ".join(_found_words(self.happened))

    def select(self, place: int | None) -> None:
        """Mark a message in the plots, and tell all that it says."""
        if place is None or self.happened is None:
            self.pointChanged.emit(self.settings.at_utc_ns)
            self.whole.clear()
            return
        self.pointChanged.emit(int(self.happened.events.times_utc_ns[place]))
        self.whole.show(*self.happened.events.row(place))

    def errors(self) -> list[EfdViewerError]:
        """List nothing: pictures do not show it."""
        return []

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Ask another source."""
        self._source, self._catalog, self.cscs = source, catalog, ()
        self.whole.set_source(source, catalog)
        self._runner.cancel(_KEY)
        self.happened = self._found_for = self._failure = None
        self.happenedChanged.emit()
        self._load()

    def set_time_range(self, _time_range: TimeRange) -> None:
        """Stay at the moment, whatever is in view."""

    def forget_coverage(self) -> None:
        """Ask anew."""
        self._found_for = None
        self._load()

    def forget_loading(self) -> None:
        """Tell what is known once loads were cancelled."""
        self.wordsChanged.emit()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        if old.surroundings != new.surroundings:
            self.pointChanged.emit(new.surroundings.at_utc_ns)
            self._load(settle=old.surroundings.at_utc_ns == new.surroundings.at_utc_ns)
        elif old.timescale != new.timescale:
            self.happenedChanged.emit()

    def _load(self, *, settle: bool = False) -> None:
        source, catalog, settings = self._source, self._catalog, self.settings
        if settings.at_utc_ns is None or source is None or catalog is None:
            self._runner.cancel(_KEY)
            self.wordsChanged.emit()
            return
        at_utc_ns = settings.at_utc_ns
        time_range = clamped(
            at_utc_ns - round(settings.before_s * 1e9), at_utc_ns + round(settings.after_s * 1e9) + 1
        )

        async def load() -> None:
            if settle:
                await asyncio.sleep(_SETTLE_S)
            self.cscs = tuple(sorted({topic.csc for topic in await catalog.topics()}))
            self.happened = await load_happened(
                source,
                catalog,
                time_range,
                cscs=settings.cscs,
                heartbeats=settings.heartbeats,
                in_worker=self._in_worker,
                progress=self._tell_progress,
            )
            self._found_for, self._failure = settings, None
            self.happenedChanged.emit()

        def fail(error: EfdViewerError) -> None:
            self._failure = error
            self.wordsChanged.emit()

        self._progress = ""
        self._runner.submit(_KEY, load, name="What happened", on_error=fail)
        self.wordsChanged.emit()

    def _tell_progress(self, done: int, total: int) -> None:
        self._progress = f"{done:,} of {total:,} topics with messages"
        self.wordsChanged.emit()


def point_words(utc_ns: int | None, timescale: Timescale) -> str:
    """Write the moment for people."""
    if utc_ns is None:
        return ""
    return f"{format_ns(utc_ns, timescale, digits=6).replace('T', ' ')} {timescale.value.upper()}"


def _found_words(happened: Happened) -> list[str]:
    count = len(happened.events.times_utc_ns)
    said = [
        f"{count:,} {'message' if count == 1 else 'messages'} in {len(happened.events.parts):,} of "
        f"{happened.asked:,} topics asked"
    ]
    if not count:
        said = [f"Nothing in the {happened.asked:,} topics asked"]
    if happened.heartbeats:
        said.append(f"{happened.heartbeats:,} heartbeats left out")
    said += [f"{TopicName.parse(topic).title}: the first {MOST_LISTED} only" for topic in happened.cut]
    said += [f"{TopicName.parse(topic).title}: {explain(error)}" for topic, error in happened.failed]
    if happened.left_out:
        said.append(f"{happened.left_out:,} topics beyond {MOST_TOPICS} left out; choose fewer seconds")
    return said
