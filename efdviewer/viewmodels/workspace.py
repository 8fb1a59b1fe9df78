"""One window's work: its document, its source, and the state of each panel."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from platformdirs import user_cache_path
from PySide6.QtCore import QObject, Signal

from efdviewer import __version__
from efdviewer.domain import edits
from efdviewer.domain.errors import CredentialsError, EfdViewerError
from efdviewer.domain.leap_seconds import doubt
from efdviewer.domain.query import DataSource, Statement
from efdviewer.domain.session import LatencyPair, Layout, Session
from efdviewer.domain.tai_index import TaiIndex
from efdviewer.domain.timerange import TimeRange, spec_of
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.domain.topics import FieldRef
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document, load_session, save_session
from efdviewer.services.kept_tiles import KeptTiles
from efdviewer.services.tasks import TaskRunner
from efdviewer.services.tile_disk import TileDisk
from efdviewer.sources.opening import indexed, suggested_range
from efdviewer.sources.workers import run_in_worker
from efdviewer.viewmodels.activity import ActivityModel
from efdviewer.viewmodels.connection import Connection
from efdviewer.viewmodels.cursors import CursorsViewModel
from efdviewer.viewmodels.curve_state import CurveStatus
from efdviewer.viewmodels.deriving import DerivingViewModel
from efdviewer.viewmodels.epochs import EpochsViewModel
from efdviewer.viewmodels.event_focus import EventFocus
from efdviewer.viewmodels.event_labels import EventLabels
from efdviewer.viewmodels.event_steps import EventSteps
from efdviewer.viewmodels.event_table import EventTableViewModel
from efdviewer.viewmodels.events import EventsViewModel
from efdviewer.viewmodels.intervals import IntervalsViewModel
from efdviewer.viewmodels.latency import LatencyViewModel
from efdviewer.viewmodels.latency_bin import LatencyBin
from efdviewer.viewmodels.link import Link
from efdviewer.viewmodels.live import LiveViewModel
from efdviewer.viewmodels.moments import PickedMoments
from efdviewer.viewmodels.panel import PanelModel
from efdviewer.viewmodels.plot import PlotViewModel
from efdviewer.viewmodels.provenance import Provenance, provenance_of
from efdviewer.viewmodels.sal_schema import SalSchema
from efdviewer.viewmodels.scatter import ScatterViewModel
from efdviewer.viewmodels.sequence import SequenceViewModel
from efdviewer.viewmodels.splitting import SplittingViewModel
from efdviewer.viewmodels.standing_errors import StandingErrors
from efdviewer.viewmodels.states import StatesViewModel
from efdviewer.viewmodels.surroundings import SurroundingsViewModel
from efdviewer.viewmodels.time_range import TimeRangeViewModel
from efdviewer.viewmodels.topic_tree import TopicTreeModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Palettes:
    """Colours by index, as the theme in force gives them."""

    curve: Callable[[int], str]
    overlay: Callable[[int], str]


class Workspace(QObject):
    """Wires document, source and view models; the window shows it and hands it what people want."""

    messageRaised = Signal(object)
    """An `EfdViewerError` that no panel shows itself."""
    noticeRaised = Signal(str)
    """What a person should know, in words, once."""
    messageSettled = Signal(object)
    """An `EfdViewerError` that was raised before no longer holds."""
    sourceChanged = Signal()
    absenceChanged = Signal()
    """Why there is no source is another thing than before."""
    passwordNeeded = Signal(str)
    """Address of a source that refuses, or misses, the password."""
    documentChanged = Signal()
    busyChanged = Signal(int)
    statementChanged = Signal(object)
    """A `Statement` of the source was sent, went on, or ended."""

    def __init__(
        self, session: Session, palettes: Palettes, *, prefetches: bool, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.document = Document(session)
        self._errors = StandingErrors(self)
        self._errors.raised.connect(self.messageRaised)
        self._errors.settled.connect(self.messageSettled)
        self.runner = TaskRunner(
            report=self._errors.report, withdraw=self._errors.withdraw, changed=self._count
        )
        self.time = TimeRangeViewModel(self.document, self)
        self.live = LiveViewModel(self.document, self.runner, self.time, self)
        self.topics = TopicTreeModel(self.runner, self)
        self.tiles = KeptTiles(TileDisk(user_cache_path("efdviewer")), run_in_worker)
        self.plot = PlotViewModel(
            self.document,
            self.runner,
            self.tiles,
            self.time.time_range,
            palettes.curve,
            prefetches=prefetches,
            parent=self,
        )
        self.events = EventsViewModel(self.document, self.runner, self.tiles, palettes.overlay, self)
        self.latency = LatencyViewModel(self.document, self.runner, run_in_worker, self)
        self.moments = PickedMoments(self)
        self.latency_bin = LatencyBin(self.document, self.runner, self.moments, self)
        self.sequence = SequenceViewModel(self.document, self.runner, self)
        self.focus = EventFocus(self)
        self.steps = EventSteps(self.events, self.focus, self.time, self.runner, self)
        self.labels = EventLabels(self.events, self.runner, self)
        self.cursors = CursorsViewModel(self.document, self.runner, run_in_worker, palettes.curve, self)
        self.intervals = IntervalsViewModel(
            self.document,
            self.runner,
            self.time,
            in_worker=run_in_worker,
            palette=palettes.curve,
            parent=self,
        )
        self.states = StatesViewModel(self.document, self.runner, self.time.time_range, self)
        self.event_table = EventTableViewModel(
            self.document, self.runner, self.events, self.focus, in_worker=run_in_worker, parent=self
        )
        self.epochs = EpochsViewModel(
            self.document, self.runner, self.time, in_worker=run_in_worker, parent=self
        )
        self.scatter = ScatterViewModel(
            self.document, self.runner, self.time, self.moments, in_worker=run_in_worker, parent=self
        )
        self.surroundings = SurroundingsViewModel(
            self.document, self.runner, self.events, in_worker=run_in_worker, parent=self
        )
        self.panels: tuple[PanelModel, ...] = (
            self.states,
            self.events,
            self.event_table,
            self.latency,
            self.latency_bin,
            self.sequence,
            self.intervals,
            self.epochs,
            self.scatter,
            self.surroundings,
            self.labels,
            self.steps,
            self.cursors,
        )
        self.splitting = SplittingViewModel(self.document, self.runner, self.time.time_range, self)
        self.deriving = DerivingViewModel(self.document, self.runner, self.time.time_range, self)
        self.activity = ActivityModel(self)
        self.sal_schema = SalSchema(self.runner, self)
        self.link = Link(self)
        self.link.answered.connect(self._errors.answered)
        self.link.answered.connect(self.topics.renew_missed)
        self.source: DataSource | None = None
        self.catalog: Catalog | None = None
        self.absence = ""
        """Why there is no source, in words; empty where none was asked for."""
        self._address = session.source
        """Address of the session's source, as far as it was followed."""
        self._connection = Connection(self.runner, self._take_statement, self)
        self._has_doubted = False
        self._connect()

    def _connect(self) -> None:
        self.sal_schema.notesChanged.connect(self._take_notes)
        self._connection.opening.connect(self._say_connecting)
        self._connection.opened.connect(self._take_source)
        self._connection.failed.connect(self._failed_to_open)
        for panel in self.panels:
            panel.set_time_range(self.time.time_range)
        self.time.rangeChanged.connect(self._follow_range)
        self.live.lateChanged.connect(self.plot.set_late)
        self.live.stateChanged.connect(self._set_patience)
        self._set_patience()
        self.document.observers.append(self._follow)

    @property
    def session(self) -> Session:
        """What the window shows."""
        return self.document.session

    def start(self, password: str | None = None) -> None:
        """Open the session's source."""
        self._tell_doubt(self.time.time_range)
        self.sal_schema.start()
        if self.session.source:
            self._connection.open(self.session.source, password)

    def connect_to(self, address: str, password: str | None = None, remember: bool = False) -> None:
        """Show another source, or the same with another password; until it answers, this one stays."""
        self._connection.open(address, password, remember=remember)

    def reload(self) -> None:
        """Take relative times from this moment, ask again for the topics and for everything in view."""
        if self.source is None:
            self.start()
            return
        self.topics.reload()
        for panel in self.panels:
            panel.forget_coverage()
        before = self.time.time_range
        self.plot.expire()
        self.time.refresh()
        if self.time.time_range == before:
            self._follow_range(before)

    def cancel_all(self) -> None:
        """Stop every query; what is drawn stays."""
        self.runner.cancel_all()
        if self.source is None:
            self._tell_absence(CurveStatus.CANCELLED, "Connecting was cancelled.")
        self.plot.forget_loading()
        for panel in self.panels:
            panel.forget_loading()

    @property
    def source_name(self) -> str:
        """What the source is called: the profile or label by which it was opened, or its own name.

        Where its index is not taken for UTC, that is said too.
        """
        if self.source is None:
            return ""
        name = self.session.source
        is_address = "://" in name or Path(name).is_absolute()
        name = self.source.label if is_address else name
        index = TaiIndex.parse(self.session.tai_index)
        return f"{name} ({index.title})" if index else name

    def provenance(self) -> Provenance:
        """Say where what is shown comes from."""
        return provenance_of(
            self.source,
            self.source_name,
            self.time,
            self.events,
            statements="\n".join(self.activity.recent_texts()),
        )

    def origin(self) -> dict[str, str]:
        """Say where what is exported comes from, as files keep it."""
        time_range = self.time.time_range
        return {
            "source": self.source.address if self.source else "",
            "start": format_ns(time_range.start_utc_ns, Timescale.UTC) + "Z",
            "end": format_ns(time_range.end_utc_ns, Timescale.UTC) + "Z",
            "timescale": "UTC",
            "program": f"efdviewer {__version__}",
            "statements": self.provenance().statements,
        }

    def plot_fields(self, fields: list[FieldRef], row: int | None, axis: str | None = None) -> None:
        """Plot fields in a row, or in a new one."""
        if row is not None and row < len(self.session.rows) and self.session.rows[row].lanes:
            self.states.add(fields, row)
        elif row is None or not self.session.rows:
            self.document.apply("Add plot", edits.add_row(self.session, fields))
        else:
            self.document.apply("Add curve", edits.add_curves(self.session, row, fields, axis=axis))

    def overlay(self, topic: str) -> None:
        """Lay a topic's events over the plots, at their send stamps where it has them."""

        async def add() -> None:
            stamp = "time"
            if self.catalog is not None:
                names = {schema.name for schema in await self.catalog.fields(topic)}
                stamp = "private_sndStamp" if "private_sndStamp" in names else "time"
            self.document.apply("Overlay events", edits.add_overlay(self.session, topic, stamp))

        self.runner.submit(("overlay stamp", topic), add, name=f"Stamps of {topic}")

    def set_tai_index(self, tai_index: str) -> None:
        """Take the index of the source for TAI before a day, `always`, or for UTC where empty.

        Raises
        ------
        BadInputError
            If it is no day.
        """
        TaiIndex.parse(tai_index)
        self.document.apply("Change index's scale", edits.set_tai_index(self.session, tai_index))

    def show_latency(self, topic: str) -> None:
        """Show how long a topic's messages took from sending to receiving."""
        self.document.apply("Show latency", edits.add_latency(self.session, LatencyPair(topic=topic)))

    def save(self, path: Path, layout: Layout) -> None:
        """Save the session to a file.

        Raises
        ------
        EfdViewerError
            If it cannot be written.
        """
        save_session(self.session, path, layout=layout)
        self.document.note_saved(path)
        self.documentChanged.emit()

    def open(self, path: Path, *, untitled: bool = False) -> None:
        """Open a session file in place of what is shown; an untitled one is not the file to save to.

        Raises
        ------
        SessionFormatError
            If it cannot be read; what is shown stays.
        """
        session = load_session(path)
        self.time.check(session)
        self.document.replace_all(session, path=None if untitled else path)

    async def close(self) -> None:
        """Cancel everything, and close what is kept and the source."""
        self.live.stop()
        self.plot.close()
        self.events.close()
        await self.runner.close()
        await self.tiles.close()
        await self._connection.close()

    def _say_connecting(self) -> None:
        self._tell_absence(CurveStatus.LOADING, "Connecting …")

    def _tell_absence(self, status: CurveStatus, words: str) -> None:
        self.plot.set_absence(status, words)
        if self.source is None:
            self.absence = words
            self.topics.setAbsence(words)
            self.absenceChanged.emit()

    def _take_source(self, address: str, source: DataSource) -> None:
        self._address = address
        if address != self.session.source:
            self.document.apply("Open source", edits.set_source(self.session, address))
        self._use(indexed(source, TaiIndex.parse(self.session.tai_index)))

    def _failed_to_open(self, address: str, error: EfdViewerError) -> None:
        self._tell_absence(CurveStatus.FAILED, "The source could not be opened.")
        if isinstance(error, CredentialsError):
            self.passwordNeeded.emit(address)
        self.messageRaised.emit(error)

    def _follow_source(self, address: str) -> None:
        """Go to the source that the session names; nothing of another one is shown under its name."""
        self._address = address
        self._connection.drop()
        self._use(None)
        self.start()

    def _use(self, source: DataSource | None) -> None:
        self.source, self.absence = source, ""
        self.catalog = Catalog(source, self.sal_schema) if source is not None else None
        self.link.set_source(source)
        self.topics.setCatalog(self.catalog)
        self.plot.set_source(source, self.catalog)
        self.splitting.set_source(source, self.catalog)
        self.deriving.set_source(self.catalog)
        for panel in self.panels:
            panel.set_source(source, self.catalog)
        self.sourceChanged.emit()

    def _follow(self, old: Session, new: Session) -> None:
        self.time.sessionChanged(old, new)
        self.plot.sessionChanged(old, new)
        for panel in self.panels:
            panel.sessionChanged(old, new)
        self.live.sessionChanged(old, new)
        if new.source != self._address:
            self._follow_source(new.source)
        elif new.tai_index != old.tai_index and self.source is not None:
            self._use(indexed(self.source, TaiIndex.parse(new.tai_index)))
        self.documentChanged.emit()

    def _follow_range(self, time_range: TimeRange) -> None:
        self._tell_doubt(time_range)
        self.plot.set_time_range(time_range, goes_on=self.live.is_refreshing)
        self.splitting.set_time_range(time_range)
        self.deriving.set_time_range(time_range)
        for panel in self.panels:
            panel.set_time_range(time_range)

    def _tell_doubt(self, time_range: TimeRange) -> None:
        words = doubt(time_range.end_utc_ns)
        if words and not self._has_doubted:
            self._has_doubted = True
            self.noticeRaised.emit(words)

    def _take_notes(self, topics: Collection[str] | None) -> None:
        if self.catalog is not None:
            for topic in self.session.topics if topics is None else ():
                self.sal_schema.want(topic)
            self.catalog.tell_notes(topics)
            self.topics.renewNotes()
            self.plot.retry()

    def _set_patience(self) -> None:
        self.link.set_patience(self.live.patience_s)

    def _take_statement(self, statement: Statement) -> None:
        self.activity.observe(statement)
        self.plot.observe(statement)
        self.statementChanged.emit(statement)

    def _count(self) -> None:
        self.live.tasksChanged()
        self.busyChanged.emit(self.runner.outstanding)


async def prepared(session: Session, *, keep_range: bool) -> Session:
    """Give a new window's session the range that its source suggests, unless one was asked for.

    Raises
    ------
    EfdViewerError
        If there is no such source, or it is an archive that cannot be read.
    """
    suggested = await suggested_range(session.source) if session.source else None
    if keep_range or suggested is None:
        return session
    spec = spec_of(suggested, Timescale(session.timescale))
    return replace(session, start=spec.start, end=spec.end)
