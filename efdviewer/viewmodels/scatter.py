"""One field against another: loaded for the range in view, and picked from both sides."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from efdviewer.domain import scatter_edits as edits
from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.live import is_following
from efdviewer.domain.query import DataSource
from efdviewer.domain.session import Scatter, Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import FieldRef
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.scatter_loader import JoinedFields, load_scatter
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.moments import PickedMoments
from efdviewer.viewmodels.panel_loads import PanelLoads
from efdviewer.viewmodels.time_range import TimeRangeViewModel

_SETTLE_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScatterState:
    """One pair of fields as the panel shows it; `joined` may be of the view before while loading."""

    scatter: Scatter
    title: str
    joined: JoinedFields | None
    status: str


class ScatterViewModel(QObject):
    """Loads the scatters of the session; what is selected in one is marked in the plots."""

    scattersChanged = Signal()
    chosenChanged = Signal()
    formRequested = Signal(str, str)
    """A person wants to say by hand which fields; what is known of the two."""
    cursorsChanged = Signal()
    pickedChanged = Signal()

    def __init__(
        self,
        document: Document,
        runner: TaskRunner,
        view: TimeRangeViewModel,
        moments: PickedMoments,
        *,
        in_worker: Callable[..., Awaitable[Any]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._time = view
        self._moments = moments
        moments.changed.connect(self.pickedChanged)
        self._in_worker = in_worker
        self._source: DataSource | None = None
        self._catalog: Catalog | None = None
        self._range = view.time_range
        self._loads: PanelLoads[Scatter, JoinedFields] = PanelLoads(
            "scatter", runner, self.scattersChanged.emit
        )
        self._known: dict[Scatter, TimeRange] = {}
        self._chosen = 0

    @property
    def chosen(self) -> int:
        """Place of the scatter that the panel shows."""
        return min(self._chosen, max(0, len(self._document.session.scatters) - 1))

    @property
    def timescale(self) -> Timescale:
        """Scale of the times to be shown."""
        return self._time.timescale

    @property
    def time_range(self) -> TimeRange:
        """The range in view."""
        return self._range

    @property
    def span(self) -> tuple[int, int] | None:
        """The span between both cursors, ns UTC; None unless both are set."""
        cursors = self._document.session.cursors
        if cursors.a_utc_ns is None or cursors.b_utc_ns is None:
            return None
        return min(cursors.a_utc_ns, cursors.b_utc_ns), max(cursors.a_utc_ns, cursors.b_utc_ns)

    @property
    def picked_utc_ns(self) -> NDArray[np.int64]:
        """Times that are selected here and marked in the plots, (n,) int64 ns UTC, ascending."""
        return self._moments.of(self)

    def states(self) -> list[ScatterState]:
        """Give what is known of each."""
        return [
            ScatterState(
                scatter=scatter,
                title=scatter_title(scatter),
                joined=self._loads.loaded.get(scatter),
                status=self._loads.status(
                    scatter,
                    is_known=self._known.get(scatter) == self._range and scatter in self._loads.loaded,
                    has_source=self._source is not None,
                ),
            )
            for scatter in self._document.session.scatters
        ]

    def choose(self, place: int) -> None:
        """Show another in the panel."""
        if place != self._chosen:
            self._chosen = place
            self._moments.drop(self)
            self.chosenChanged.emit()

    def add(self, scatter: Scatter) -> None:
        """Show one field against another."""
        known = self._document.session.scatters
        self._chosen = known.index(scatter) if scatter in known else len(known)
        self._document.apply("Show scatter", edits.add_scatter(self._document.session, scatter))
        self.chosenChanged.emit()

    def add_typed(self, x: str, y: str) -> None:
        """Show two fields against each other as they were typed.

        Raises
        ------
        EfdViewerError
            If one of them cannot be read.
        """
        self.add(Scatter(x=FieldRef.parse(x), y=FieldRef.parse(y)))

    def show_curves(self, fields: list[FieldRef]) -> None:
        """Show the first two of some curves against each other; asks for what is missing."""
        if len(fields) >= 2:
            self.add(Scatter(x=fields[0], y=fields[1]))
        else:
            self.formRequested.emit(str(fields[0]) if fields else "", "")

    def join(self, direction: str, tolerance: str) -> None:
        """Join the shown fields in another way.

        Raises
        ------
        BadInputError
            If the tolerance is no number of seconds, or not one of 0 to 86,400.
        """
        self._edit("Change join", direction=direction, tolerance_s=edits.parse_tolerance_s(tolerance))

    def swap(self) -> None:
        """Exchange the axes of the shown fields."""
        if scatters := self._document.session.scatters:
            shown = scatters[self.chosen]
            self._edit("Swap axes", x=shown.y, y=shown.x)

    def remove(self) -> None:
        """Take the shown fields away."""
        if self._document.session.scatters:
            session = edits.remove_scatter(self._document.session, self.chosen)
            self._document.apply("Remove scatter", session)

    def pick(self, places: NDArray[np.int64]) -> None:
        """Mark the times of some pairs in the plots."""
        states = self.states()
        joined = states[self.chosen].joined if states else None
        if joined is not None:
            self._moments.pick(self, np.unique(joined.times_utc_ns[places]))

    def go_to(self, utc_ns: int) -> None:
        """Bring the time of a pair into the middle of the view."""
        self._time.show_moment(utc_ns)

    def errors(self) -> list[EfdViewerError]:
        """List what could not be loaded."""
        return list(self._loads.failures.values())

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Take samples from another source."""
        self._source, self._catalog = source, catalog
        self._loads.keep(())
        self._known.clear()
        self._moments.drop(self)
        self._load(settle=False)

    def set_time_range(self, time_range: TimeRange) -> None:
        """Follow the view; what is drawn stays until the new is there.

        A load that is slower than the refreshes of a live view is let end.
        """
        self._range = time_range
        self._load(settle=True)

    def forget_coverage(self) -> None:
        """Ask for everything anew when a range is shown next."""
        self._known.clear()

    def forget_loading(self) -> None:
        """Tell what is known once loads were cancelled."""
        self.scattersChanged.emit()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        if old.scatters != new.scatters:
            self._loads.keep(new.scatters)
            if len(new.scatters) < len(old.scatters):
                self._moments.drop(self)
            self._load(settle=False)
        elif old.timescale != new.timescale:
            self.scattersChanged.emit()
        if old.cursors != new.cursors:
            self.cursorsChanged.emit()

    def _edit(self, name: str, **changes: Any) -> None:
        scatters = self._document.session.scatters
        if scatters:
            changed = replace(scatters[self.chosen], **changes)
            session = edits.set_scatter(self._document.session, self.chosen, changed)
            self._document.apply(name, session)

    def _load(self, *, settle: bool) -> None:
        source, catalog, time_range = self._source, self._catalog, self._range
        if source is not None and catalog is not None:
            for scatter in self._document.session.scatters:
                is_busy = is_following(self._document.session) and self._runner.is_running(
                    ("scatter", scatter)
                )
                if self._known.get(scatter) != time_range and not is_busy:
                    self._submit(scatter, source, catalog, time_range, settle=settle)
        self.scattersChanged.emit()

    def _submit(
        self, scatter: Scatter, source: DataSource, catalog: Catalog, time_range: TimeRange, *, settle: bool
    ) -> None:
        async def load() -> JoinedFields:
            joined = await load_scatter(source, catalog, scatter, time_range, self._in_worker)
            self._known[scatter] = time_range
            return joined

        self._loads.submit(
            scatter, load, name=f"Scatter of {scatter.x.title}", settle_s=_SETTLE_S if settle else 0.0
        )


def scatter_title(scatter: Scatter) -> str:
    """Name two fields for people."""
    return f"{scatter.y.title} against {scatter.x.title}"
