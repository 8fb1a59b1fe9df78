"""Intervals between events: of each pair of topics those that touch the view, and what found no partner."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from efdviewer.domain import interval_edits as edits
from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.intervals import Intervals, in_order_of_names, partner_of
from efdviewer.domain.query import DataSource
from efdviewer.domain.session import IntervalPair, Session
from efdviewer.domain.timerange import TimeRange, clamped
from efdviewer.domain.timescale import Timescale, digits_for, format_ns
from efdviewer.domain.topics import TopicKind, TopicName
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.interval_loader import LoadedIntervals, load_intervals
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.panel_loads import PanelLoads
from efdviewer.viewmodels.time_range import SCRIPT, TimeRangeViewModel

_SETTLE_S = 0.15
_PADDING = 0.1
"""The share of its length that stands on each side of an interval that became the view."""
_LEAST_PADDING_NS = 1_000_000
_FIRST_COLOR = 3
"""The first curves have the colours before it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IntervalState:
    """The intervals of one pair that touch the view. `status` is empty where they are all there is to say."""

    pair: IntervalPair
    title: str
    color: str
    found: Intervals | None
    status: str
    notes: tuple[str, ...]
    """How they were paired, and what was left aside."""
    by: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    is_whole: bool = False
    """All of the view was asked for. Until then `found` has no lone events: their partners may be to come."""
    looked: TimeRange | None = None
    """The stretch of which the source has told."""
    open_start_utc_ns: int | None = None
    """The latest start there, ns UTC, if no end was found for it."""


class IntervalsViewModel(QObject):
    """Loads the pairs of the session, and tells what is in view."""

    intervalsChanged = Signal()
    bandsChanged = Signal()
    """What the plots draw of them is another."""
    topicsChanged = Signal()
    chosenChanged = Signal()
    formRequested = Signal()
    """A person wants to say by hand which two topics make intervals; the start may be known."""

    def __init__(
        self,
        document: Document,
        runner: TaskRunner,
        time: TimeRangeViewModel,
        *,
        in_worker: Callable[..., Awaitable[Any]],
        palette: Callable[[int], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._time = time
        self._in_worker = in_worker
        self._palette = palette
        self._source: DataSource | None = None
        self._catalog: Catalog | None = None
        self._range = time.time_range
        self._loads: PanelLoads[IntervalPair, LoadedIntervals] = PanelLoads("intervals", runner, self._renew)
        self._chosen = 0
        self._states: tuple[IntervalState, ...] = ()
        self.suggested_start = ""
        self.selected: tuple[int, int] | None = None
        """The interval that is emphasised, (start, end) ns UTC."""
        self.topics: tuple[str, ...] = ()
        """Events, commands and acknowledgements of the source, as far as they were asked for."""
        time.timescaleChanged.connect(self._renew)

    @property
    def chosen(self) -> int:
        """Place of the pair that the panel shows."""
        return min(self._chosen, max(0, len(self._states) - 1))

    @property
    def timescale(self) -> Timescale:
        """Scale of the times to be shown."""
        return self._time.timescale

    @property
    def time_range(self) -> TimeRange:
        """The range in view."""
        return self._range

    def states(self) -> tuple[IntervalState, ...]:
        """Give what is known of each pair."""
        return self._states

    def choose(self, place: int) -> None:
        """Show another pair in the panel."""
        if place != self._chosen:
            self._chosen, self.selected = place, None
            self.chosenChanged.emit()
            self.bandsChanged.emit()

    def select(self, interval: tuple[int, int] | None) -> None:
        """Emphasise an interval in the plots."""
        if interval != self.selected:
            self.selected = interval
            self.bandsChanged.emit()

    def zoom_to(self, interval: tuple[int, int]) -> None:
        """Make an interval the view, with some room on both sides."""
        start, end = interval
        padding_ns = max(_LEAST_PADDING_NS, round((end - start) * _PADDING))
        self._time.edit_range(clamped(start - padding_ns, end + padding_ns), SCRIPT)

    def add(self, start: str, end: str) -> None:
        """Show the times between the events of two topics."""
        pair = IntervalPair(start=start, end=end)
        self._chosen = next(
            (
                place
                for place, known in enumerate(self._document.session.intervals)
                if (known.start, known.end) == (start, end)
            ),
            len(self._document.session.intervals),
        )
        self._document.apply("Show intervals", edits.add_interval(self._document.session, pair))
        self.chosenChanged.emit()

    def show_of(self, topics: Sequence[str]) -> None:
        """Show the intervals that one or two topics make; asks for the end where the name tells none."""
        if len(topics) == 2:
            self.add(*in_order_of_names(*topics))
            return
        if len(topics) != 1 or self._catalog is None:
            self.formRequested.emit()
            return
        topic, catalog = topics[0], self._catalog

        async def find() -> None:
            partner = partner_of(topic, map(str, await catalog.topics()))
            if partner is None:
                self.suggested_start = topic
                self.formRequested.emit()
            else:
                self.add(*partner)

        self._runner.submit("interval partner", find, name=f"Partner of {topic}")

    def learn_topics(self) -> None:
        """Ask which topics there are to choose from."""
        catalog = self._catalog
        if catalog is None:
            return

        async def learn() -> None:
            names = await catalog.topics()
            self.topics = tuple(str(name) for name in names if name.kind is not TopicKind.TELEMETRY)
            self.topicsChanged.emit()

        self._runner.submit("interval topics", learn, name="Topics of intervals")

    def edit(self, place: int, name: str, **changes: object) -> None:
        """Change a pair, as an act with a name."""
        session = self._document.session
        pair = replace(session.intervals[place], **changes)  # type: ignore[arg-type]
        self._document.apply(name, edits.set_interval(session, place, pair))

    def remove(self, place: int) -> None:
        """Take a pair away."""
        self._document.apply("Remove intervals", edits.remove_interval(self._document.session, place))

    def errors(self) -> list[EfdViewerError]:
        """List the pairs that could not be loaded."""
        return list(self._loads.failures.values())

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Take events from another source."""
        self._source, self._catalog, self.topics = source, catalog, ()
        self._loads.keep(())
        self._load(settle=False)

    def set_time_range(self, time_range: TimeRange) -> None:
        """Follow the view; what is known of it is shown at once."""
        self._range = time_range
        self._load(settle=True)

    def forget_coverage(self) -> None:
        """Ask for everything anew when a range is shown next."""
        for pair, known in self._loads.loaded.items():
            self._loads.loaded[pair] = replace(known, is_stale=True)

    def forget_loading(self) -> None:
        """Tell what is known once loads were cancelled."""
        self._renew()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        if old.intervals != new.intervals:
            self._loads.keep([_asked(pair) for pair in new.intervals])
            self._load(settle=False)

    def _load(self, *, settle: bool) -> None:
        for pair in dict.fromkeys(map(_asked, self._document.session.intervals)):
            known = self._loads.loaded.get(pair)
            if known is None or not known.holds(self._range):
                self._submit(pair, settle=settle)
            else:
                self._loads.cancel(pair)
        self._renew()

    def _submit(self, pair: IntervalPair, *, settle: bool) -> None:
        source, catalog, time_range = self._source, self._catalog, self._range
        if source is None or catalog is None:
            return

        async def load() -> LoadedIntervals:
            return await load_intervals(source, catalog, pair, time_range, self._in_worker)

        self._loads.submit(
            pair,
            load,
            name=f"Intervals from {pair.start} to {pair.end}",
            settle_s=_SETTLE_S if settle else 0.0,
            keeps=False,
        )

    def _renew(self) -> None:
        pairs = enumerate(self._document.session.intervals)
        self._states = tuple(self._state(place, pair) for place, pair in pairs)
        self.intervalsChanged.emit()
        self.bandsChanged.emit()

    def _state(self, place: int, pair: IntervalPair) -> IntervalState:
        asked = _asked(pair)
        known = self._loads.loaded.get(asked)
        is_whole = known is not None and known.searched.holds(self._range)
        found = known.found.touching(self._range) if known else None
        if found is not None and not is_whole:
            found = found.paired()
        return IntervalState(
            pair=pair,
            title=pair_title(pair),
            color=pair.color or self._palette(place + _FIRST_COLOR),
            found=found,
            status=self._loads.status(asked, is_known=is_whole, has_source=self._source is not None),
            notes=self._notes(pair, known, found) if known and found else (),
            by=known.by if known else (),
            common=known.common if known else (),
            is_whole=is_whole,
            looked=known.looked if known else None,
            open_start_utc_ns=known.found.open_start_utc_ns if known else None,
        )

    def _notes(self, pair: IntervalPair, known: LoadedIntervals, found: Intervals) -> tuple[str, ...]:
        how = f"Paired by {' and '.join(known.by)}" if known.by else "Paired in the order of time"
        them = "it" if len(known.by) == 1 else "them"
        chosen = f" (chosen, since both topics have {them})" if pair.by is None and known.by else ""
        digits = digits_for(self._range.span_ns)
        from_, to = (
            format_ns(utc_ns, self.timescale, digits=min(digits, 3)).replace("T", " ")
            for utc_ns in (known.looked.start_utc_ns, known.looked.end_utc_ns)
        )
        notes = [f"{how}{chosen}, among the events from {from_} to {to} {self.timescale.value.upper()}."]
        if not len(found.starts_utc_ns):
            notes.append("One that began before and ended after that is not seen.")
        if found.others:
            notes.append(f"{found.others:,} acknowledgements of other commands are left aside.")
        return tuple(notes)


def pair_title(pair: IntervalPair) -> str:
    """Name a pair for people: `ATCamera.startReadout → endReadout`."""
    start, end = TopicName.parse(pair.start), TopicName.parse(pair.end)
    return f"{start.title} → {end.title.removeprefix(f'{start.csc}.')}"


def _asked(pair: IntervalPair) -> IntervalPair:
    """Give what of a pair decides which events make intervals."""
    return IntervalPair(start=pair.start, end=pair.end, by=pair.by)
