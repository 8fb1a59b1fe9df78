"""Epochs: telemetry around each event in view, laid over each other; and nights in the same way."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from efdviewer.domain import epoch_edits as edits
from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.levels import describe_bucket
from efdviewer.domain.live import duration_text, is_following
from efdviewer.domain.query import DataSource
from efdviewer.domain.session import DAY_OBS, Epochs, Session
from efdviewer.domain.timerange import TimeRange, clamped, parse_span_ns
from efdviewer.domain.timescale import Timescale, day_obs_of, format_ns
from efdviewer.domain.topics import FieldRef, TopicName
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.epoch_loader import LoadedEpochs, load_epochs
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.panel_loads import PanelLoads
from efdviewer.viewmodels.time_range import SCRIPT, TimeRangeViewModel

_SETTLE_S = 0.25
_GRACE_NS = 120 * 10**9
_RENEWED_NS = 30 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EpochState:
    """One pair of field and event as the panel shows it; `loaded` may be of the view before while loading."""

    epochs: Epochs
    title: str
    loaded: LoadedEpochs | None
    status: str


class EpochsViewModel(QObject):
    """Loads the epochs of the session, and goes to one of them."""

    epochsChanged = Signal()
    chosenChanged = Signal()
    formRequested = Signal(str, str)
    """A person wants to say by hand which field and which event; what is known of the two."""

    def __init__(
        self,
        document: Document,
        runner: TaskRunner,
        view: TimeRangeViewModel,
        *,
        in_worker: Callable[..., Awaitable[Any]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._time = view
        self._in_worker = in_worker
        self._source: DataSource | None = None
        self._catalog: Catalog | None = None
        self._range = view.time_range
        self._loads: PanelLoads[Epochs, LoadedEpochs] = PanelLoads("epochs", runner, self.epochsChanged.emit)
        self._chosen = 0

    @property
    def chosen(self) -> int:
        """Place of the epochs that the panel shows."""
        return min(self._chosen, max(0, len(self._document.session.epochs) - 1))

    @property
    def timescale(self) -> Timescale:
        """Scale of the times to be shown."""
        return self._time.timescale

    def states(self) -> list[EpochState]:
        """Give what is known of each."""
        return [
            EpochState(
                epochs=epochs,
                title=epochs_title(epochs),
                loaded=self._loads.loaded.get(epochs),
                status=self._status(epochs),
            )
            for epochs in self._document.session.epochs
        ]

    def choose(self, place: int) -> None:
        """Show others in the panel."""
        if place != self._chosen:
            self._chosen = place
            self.chosenChanged.emit()

    def add(self, epochs: Epochs) -> None:
        """Lay telemetry over itself."""
        known = self._document.session.epochs
        self._chosen = known.index(epochs) if epochs in known else len(known)
        self._document.apply("Show epochs", edits.add_epochs(self._document.session, epochs))
        self.chosenChanged.emit()

    def add_typed(self, field: str, event: str, before: str, after: str, nights: str) -> None:
        """Lay telemetry over itself as it was typed.

        Raises
        ------
        EfdViewerError
            If a part cannot be read.
        """
        self.add(self._typed(field, event, before, after, nights))

    def change_typed(self, field: str, event: str, before: str, after: str, nights: str) -> None:
        """Change the epochs that are shown to what was typed.

        Raises
        ------
        EfdViewerError
            If a part cannot be read.
        """
        typed = self._typed(field, event, before, after, nights)
        session = edits.set_epochs(self._document.session, self.chosen, typed)
        self._document.apply("Change epochs", session)

    def align(self, field: FieldRef | None, event: str | None) -> None:
        """Lay a field over itself around the events of a topic; asks for what is not known."""
        if field is None or event is None:
            self.formRequested.emit("" if field is None else str(field), event or "")
        else:
            self.add(Epochs(field=field, event=event))

    def remove(self) -> None:
        """Take the shown epochs away."""
        if self._document.session.epochs:
            session = edits.remove_epochs(self._document.session, self.chosen)
            self._document.apply("Remove epochs", session)

    def go_to(self, epoch: int) -> None:
        """Make the window of an epoch the view."""
        state = self.states()[self.chosen]
        if state.loaded is not None:
            utc_ns = int(state.loaded.found.events_utc_ns[epoch])
            window = clamped(utc_ns + state.loaded.start_ns, utc_ns + state.loaded.end_ns)
            self._time.edit_range(window, SCRIPT)

    def errors(self) -> list[EfdViewerError]:
        """List what could not be loaded."""
        return list(self._loads.failures.values())

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Take telemetry from another source."""
        self._source, self._catalog = source, catalog
        self._loads.keep(())
        self._load(settle=False)

    def set_time_range(self, time_range: TimeRange) -> None:
        """Follow the view; what is drawn stays until the new is there."""
        self._range = time_range
        self._load(settle=True)

    def forget_coverage(self) -> None:
        """Ask for everything anew when a range is shown next."""
        for key, known in self._loads.loaded.items():
            self._loads.loaded[key] = replace(known, asked_utc_ns=0)

    def forget_loading(self) -> None:
        """Tell what is known once loads were cancelled."""
        self.epochsChanged.emit()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        if old.epochs != new.epochs:
            self._loads.keep(new.epochs)
            self._load(settle=False)
        elif old.timescale != new.timescale:
            self.epochsChanged.emit()

    def _typed(self, field: str, event: str, before: str, after: str, nights: str) -> Epochs:
        if event == DAY_OBS:
            return Epochs(field=FieldRef.parse(field), event=event, nights=nights)
        return Epochs(
            field=FieldRef.parse(field),
            event=event,
            before_ns=-parse_span_ns(before),
            after_ns=parse_span_ns(after),
        )

    def _load(self, *, settle: bool) -> None:
        for epochs in self._document.session.epochs:
            known = self._loads.loaded.get(epochs)
            if known is None or (not self._is_renewed(known) and _is_other(known, self._range)):
                self._submit(epochs, settle=settle)
        self.epochsChanged.emit()

    def _is_renewed(self, known: LoadedEpochs) -> bool:
        """Tell whether a view that follows the clock has epochs that are new enough; they cost much."""
        is_young = time.time_ns() - known.asked_utc_ns < _RENEWED_NS
        return is_young and is_following(self._document.session)

    def _submit(self, epochs: Epochs, *, settle: bool) -> None:
        source, catalog, time_range = self._source, self._catalog, self._range
        if source is None or catalog is None:
            return

        async def load() -> LoadedEpochs:
            return await load_epochs(source, catalog, epochs, time_range, self._in_worker)

        self._loads.submit(
            epochs,
            load,
            name=f"Epochs of {epochs.field}",
            settle_s=_SETTLE_S if settle else 0.0,
            keeps=False,
        )

    def _status(self, epochs: Epochs) -> str:
        known = self._loads.loaded.get(epochs)
        is_live = is_following(self._document.session)
        is_known = known is not None and (is_live or known.time_range == self._range)
        said = self._loads.status(epochs, is_known=is_known, has_source=self._source is not None)
        return said or ("Renewed every 30 s while live." if is_live else "")


def epochs_title(epochs: Epochs) -> str:
    """Name epochs for people: `ATCamera.wrebPower.analog_I around ATCamera.startReadout`."""
    if epochs.event == DAY_OBS:
        return f"{epochs.field.title}, nights {epochs.nights}"
    return f"{epochs.field.title} around {TopicName.parse(epochs.event).title}"


def window_texts(epochs: Epochs) -> tuple[str, str]:
    """Write the ends of the window as they are typed: `-2s` and `30s`."""
    return _signed(-epochs.before_ns), _signed(epochs.after_ns)


def epoch_name(loaded: LoadedEpochs, epoch: int, timescale: Timescale) -> str:
    """Name one epoch: the time of its event, or its dayObs."""
    utc_ns = int(loaded.found.events_utc_ns[epoch])
    if loaded.epochs.event == DAY_OBS:
        return f"dayObs {day_obs_of(utc_ns)}"
    return format_ns(utc_ns, timescale, digits=6).replace("T", " ")


def found_words(loaded: LoadedEpochs, timescale: Timescale) -> Sequence[str]:
    """Say what was found, what is drawn, and what has no samples."""
    found, is_nights = loaded.found, loaded.epochs.event == DAY_OBS
    total, filled = len(found.events_utc_ns), int((found.counts > 0).sum())
    what = describe_means(loaded.bucket_ns)
    if not total:
        return [f"No events of {TopicName.parse(loaded.epochs.event).title} in view."]
    noun = ("night" if is_nights else "epoch") + ("" if total == 1 else "s")
    said = [f"{total:,} {noun}, {int(found.counts.sum()):,} {what}"]
    if filled:
        said.append(f"median and quantiles of all {what} in {_length(loaded.bands.width_ns)}")
    if loaded.traced < filled:
        said.append(f"traces of {loaded.traced:,} of them drawn")
    empty = [place for place, count in enumerate(found.counts.tolist()) if not count]
    if empty and is_nights:
        said.append(f"no data: {', '.join(epoch_name(loaded, place, timescale) for place in empty)}")
    elif empty:
        said.append(f"{len(empty):,} without a sample")
    return said


def describe_means(bucket_ns: int) -> str:
    """Say what the values are."""
    return f"means of {describe_bucket(bucket_ns).rpartition(' of ')[2]}" if bucket_ns else "samples"


def _length(width_ns: int) -> str:
    return duration_text(width_ns)


def _signed(span_ns: int) -> str:
    if not span_ns:
        return "0s"
    return ("-" if span_ns < 0 else "") + duration_text(abs(span_ns))


def _is_past(loaded: LoadedEpochs) -> bool:
    last_ns = loaded.time_range.end_utc_ns + max(0, loaded.end_ns)
    return last_ns <= loaded.asked_utc_ns - _GRACE_NS


def _is_other(loaded: LoadedEpochs, time_range: TimeRange) -> bool:
    """Tell whether a view is another than the loaded one, or may have got more events or samples since."""
    return loaded.time_range != time_range or not _is_past(loaded)
