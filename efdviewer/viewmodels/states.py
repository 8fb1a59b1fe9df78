"""Lanes of states: what each field said in view, how long, and what it said before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from efdviewer.domain import state_edits as edits
from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.query import DataSource
from efdviewer.domain.session import Session
from efdviewer.domain.states import Several, StateRuns, StateTotal, StateValue, totals_of
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldRef
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.enumerations import label_of
from efdviewer.services.state_loader import LoadedStates, load_states, state_field
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.panel_loads import PanelLoads

_SETTLE_S = 0.1
_NONE = np.empty(0, np.int64)
_NO_RUNS = StateRuns(starts_utc_ns=_NONE, ends_utc_ns=_NONE, values=())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LaneState:
    """One lane as a row draws it.

    `runs` are the states that touch the view, in their full length. `status` says in words what is missing.
    `known` is where the states are known. `carried_ns` is the age of the state at the left edge, where it
    was told before the view. `bucket_ns` is 0 where every change is known.
    """

    field: FieldRef
    title: str
    runs: StateRuns
    status: str = ""
    known: TimeRange | None = None
    carried_ns: int | None = None
    bucket_ns: int = 0

    def label(self, value: StateValue | Several) -> str:
        """Write a value for people."""
        return (
            str(value) if isinstance(value, Several) else label_of(self.field.topic, self.field.field, value)
        )

    def totals(self, time_range: TimeRange) -> list[StateTotal]:
        """Sum the states up within the view."""
        return totals_of(self.runs, time_range)


class StatesViewModel(QObject):
    """Loads the lanes of all rows, and tells what is in view."""

    lanesChanged = Signal()

    def __init__(
        self, document: Document, runner: TaskRunner, time_range: TimeRange, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._range = time_range
        self._columns = 1000
        self._source: DataSource | None = None
        self._catalog: Catalog | None = None
        self._loads: PanelLoads[FieldRef, LoadedStates] = PanelLoads("states", runner, self._renew)
        self._lanes: dict[FieldRef, LaneState] = {}

    @property
    def time_range(self) -> TimeRange:
        """The range in view."""
        return self._range

    def lanes(self) -> dict[FieldRef, LaneState]:
        """Give what is known of each field, in the order of the rows."""
        return self._lanes

    def add(self, fields: Sequence[FieldRef], row: int | None = None) -> None:
        """Show the states of fields, in a row of states or in a new one."""
        self._document.apply("Show states", edits.add_lanes(self._document.session, fields, row))

    def add_topics(self, topics: Sequence[str]) -> None:
        """Show the states that topics tell."""
        catalog = self._catalog
        if catalog is None:
            return

        async def find() -> None:
            fields = []
            for topic in topics:
                name = state_field(topic, await catalog.fields(topic))
                if name is not None:
                    fields.append(FieldRef(topic, name))
            self.add(fields)

        self._runner.submit("state fields", find, name="Fields that are states")

    def remove(self, row: int, field: FieldRef) -> None:
        """Take a lane away."""
        self._document.apply("Remove states", edits.remove_lane(self._document.session, row, field))

    def to_curve(self, row: int, field: FieldRef) -> None:
        """Plot a lane's field as a curve."""
        self._document.apply("Show as curve", edits.lane_to_curve(self._document.session, row, field))

    def from_curve(self, row: int, field: FieldRef) -> None:
        """Show a curve's field as states."""
        self._document.apply("Show as states", edits.curve_to_lane(self._document.session, row, field))

    def errors(self) -> list[EfdViewerError]:
        """List the lanes that could not be loaded."""
        return list(self._loads.failures.values())

    def set_columns(self, columns: int) -> None:
        """Follow the width of the plots, in pixels."""
        if columns != self._columns:
            self._columns = max(1, columns)
            self._load(settle=True)

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Take states from another source."""
        self._source, self._catalog = source, catalog
        self._loads.keep(())
        self._load(settle=False)

    def set_time_range(self, time_range: TimeRange) -> None:
        """Follow the view; what is known of it is shown at once."""
        self._range = time_range
        self._load(settle=True)

    def forget_coverage(self) -> None:
        """Ask for everything anew when a range is shown next."""
        for field, known in self._loads.loaded.items():
            self._loads.loaded[field] = replace(known, asked_utc_ns=0)

    def forget_loading(self) -> None:
        """Tell what is known once loads were cancelled."""
        self._renew()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        if [row.lanes for row in old.rows] == [row.lanes for row in new.rows]:
            return
        self._loads.keep(self._fields())
        self._load(settle=False)

    def _fields(self) -> list[FieldRef]:
        rows = self._document.session.rows
        return list(dict.fromkeys(field for row in rows for field in row.lanes))

    def _load(self, *, settle: bool) -> None:
        for field in self._fields():
            known = self._loads.loaded.get(field)
            if known is not None and known.holds(self._range, self._columns):
                self._loads.cancel(field)
            else:
                self._submit(field, settle=settle)
        self._renew()

    def _submit(self, field: FieldRef, *, settle: bool) -> None:
        source, catalog, time_range = self._source, self._catalog, self._range
        if source is None or catalog is None:
            return

        async def load() -> LoadedStates:
            held = self._loads.loaded.get(field)
            return await load_states(source, catalog, field, time_range, self._columns, held=held)

        self._loads.submit(field, load, name=f"States of {field}", settle_s=_SETTLE_S if settle else 0.0)

    def _renew(self) -> None:
        self._lanes = {field: self._lane(field) for field in self._fields()}
        self.lanesChanged.emit()

    def _lane(self, field: FieldRef) -> LaneState:
        known = self._loads.loaded.get(field)
        if known is None:
            return LaneState(
                field=field, title=field.title, runs=_NO_RUNS, status=self._status(field, None, _NO_RUNS)
            )
        runs = known.runs().in_range(self._range)
        start_ns = self._range.start_utc_ns
        reaches_in = len(runs.values) > 0 and int(runs.starts_utc_ns[0]) < start_ns
        return LaneState(
            field=field,
            title=field.title,
            runs=runs,
            status=self._status(field, known, runs),
            known=known.covered,
            carried_ns=start_ns - int(runs.starts_utc_ns[0]) if reaches_in else None,
            bucket_ns=known.bucket_ns,
        )

    def _status(self, field: FieldRef, known: LoadedStates | None, runs: StateRuns) -> str:
        is_known = known is not None and known.covered.holds(self._range)
        said = self._loads.status(field, is_known=is_known, has_source=self._source is not None)
        if not said and not len(runs.values):
            return "No state in this range, and none before it."
        return said
