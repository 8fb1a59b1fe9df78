"""State of the plot rows: which series they show, how they came out, and what is still travelling."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from efdviewer.domain.errors import EfdViewerError, UnknownTopicError
from efdviewer.domain.level_view import LevelView
from efdviewer.domain.levels import describe_bucket
from efdviewer.domain.live import late_after_ns
from efdviewer.domain.query import DataSource, Statement
from efdviewer.domain.session import Curve, Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import FieldRef, Subset
from efdviewer.services.document import Document
from efdviewer.services.series import Series, SeriesOutcome
from efdviewer.services.series_loader import FieldCatalog, SeriesLoader
from efdviewer.services.tasks import TaskRunner
from efdviewer.services.tiles import TileStore
from efdviewer.viewmodels.curve_loads import CurveLoads, View
from efdviewer.viewmodels.curve_state import CurveState, CurveStatus
from efdviewer.viewmodels.curve_words import cancelled_words, failed_words, outcome_words

_STATUS = {
    SeriesOutcome.READY: CurveStatus.READY,
    SeriesOutcome.NO_DATA: CurveStatus.NO_DATA,
    SeriesOutcome.UNKNOWN: CurveStatus.UNKNOWN,
    SeriesOutcome.TEXT: CurveStatus.TEXT,
}


class PlotViewModel(QObject):
    """Loads the series of all rows and tells the rows what became of them."""

    rowsChanged = Signal()
    curveChanged = Signal(int, object)
    """A `CurveState` of a row is another one."""

    def __init__(
        self,
        document: Document,
        runner: TaskRunner,
        tiles: TileStore,
        time_range: TimeRange,
        palette: Callable[[int], str],
        *,
        prefetches: bool,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tiles = tiles
        self._document = document
        self._runner = runner
        self._range = time_range
        self._palette = palette
        self._columns = 1000
        self._series: dict[FieldRef, Series] = {}
        self._loads = CurveLoads(runner, self._take, self._announce, prefetches=prefetches)
        self._absence = CurveStatus.UNKNOWN, "No source is connected."
        self._is_late = False

    def states(self, row: int) -> list[CurveState]:
        """State of each curve of a row, in its order."""
        curves = self._document.session.rows[row].curves
        return [self._state(row, index, curve) for index, curve in enumerate(curves)]

    def errors(self) -> list[EfdViewerError]:
        """List what stands in the way of a complete picture: failures, and fields that do not exist."""
        session = self._document.session
        found: list[EfdViewerError] = []
        for curve in (curve for row in session.rows for curve in row.curves):
            status, message = self._status(curve.field, self._series.get(curve.field))
            if status is CurveStatus.FAILED and curve.field in self._loads.failures:
                found.append(self._loads.failures[curve.field])
            elif status in (CurveStatus.UNKNOWN, CurveStatus.TEXT):
                found.append(UnknownTopicError(message))
        return found

    def set_source(self, source: DataSource | None, catalog: FieldCatalog | None) -> None:
        """Take series from another source."""
        self._series.clear()
        own = partial(self._runner.adopt, "statement")
        loader = SeriesLoader(source, catalog, self._tiles, own) if source and catalog else None
        self._loads.set_loader(loader)
        self._announce(self._fields())
        self.retry()

    def close(self) -> None:
        """End what is under way, and ask for nothing more."""
        self._loads.set_loader(None)

    def set_absence(self, status: CurveStatus, words: str) -> None:
        """Say why there is no source: it is on its way, or what became of it."""
        self._absence = status, words
        self._announce(self._fields())

    def set_time_range(self, time_range: TimeRange, *, goes_on: bool = False) -> None:
        """Show another range; what is drawn stays until the new picture is there.

        Where the view only `goes_on` with the clock, so does what is said of it.
        """
        self._range = time_range
        self._load(self._fields(), moving=True, goes_on=goes_on)

    def set_columns(self, columns: int) -> None:
        """Follow the width of the plots, in pixels."""
        if columns != self._columns:
            self._columns = columns
            self._load(self._fields(), moving=True)

    def retry(self) -> None:
        """Load what is not known of everything in view."""
        self._load(self._fields())

    def reload(self) -> None:
        """Ask the source again for everything in view, whatever is known of it."""
        self.expire()
        self.retry()

    def expire(self) -> None:
        """Take all that is known of what is shown for out of date; it is drawn until better is there."""
        self._loads.expire(self._fields())

    def set_late(self, is_late: bool) -> None:
        """Say of what is still travelling to a view that goes on that its picture is out of date, or not."""
        self._is_late = is_late
        self._announce(self._fields())

    def observe(self, statement: Statement) -> None:
        """Tell how far a load has come when a statement of it was sent, went on, or ended."""
        self._loads.observe(statement)

    def cancel(self, subset: Subset) -> None:
        """Stop loading the fields that come from the same rows; what is drawn stays."""
        self._loads.cancel(subset)

    def forget_loading(self) -> None:
        """Say of what was still travelling that it was cancelled; what is drawn stays."""
        self._loads.forget_loading()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document: load what is new, forget what is gone, redraw what looks different."""
        if (old.rows, old.view.means) == (new.rows, new.view.means):
            return
        wanted = self._fields()
        known = self._series.keys() | self._loads.fields
        for gone in known - wanted:
            self._series.pop(gone, None)
            self._loads.drop(gone)
        self._load(wanted - known if old.view.means == new.view.means else wanted)
        self.rowsChanged.emit()

    def _fields(self) -> set[FieldRef]:
        return {curve.field for row in self._document.session.rows for curve in row.curves}

    def _load(self, fields: set[FieldRef], *, moving: bool = False, goes_on: bool = False) -> None:
        if fields:
            means = self._document.session.view.means
            view = View(time_range=self._range, columns=max(1, self._columns), means=means)
            self._loads.load(fields, view, moving=moving, goes_on=goes_on)

    def _take(self, series: Series) -> None:
        if series.field not in self._fields():
            return
        is_first_seen = series.field not in self._series
        self._series[series.field] = series
        if is_first_seen:
            # Its units decide on which side the other curves of its rows are drawn.
            rows = self._document.session.rows
            beside = [{curve.field for curve in row.curves} for row in rows]
            self._announce(set().union(*(fields for fields in beside if series.field in fields)))

    def _announce(self, fields: set[FieldRef]) -> None:
        for row, plot in enumerate(self._document.session.rows):
            for index, curve in enumerate(plot.curves):
                if curve.field in fields:
                    self.curveChanged.emit(row, self._state(row, index, curve))

    def _state(self, row: int, index: int, curve: Curve) -> CurveState:
        series = self._series.get(curve.field)
        status, message = self._status(curve.field, series)
        view = series.view if series else None
        return CurveState(
            field=curve.field,
            title=curve.field.title,
            units=series.units if series else "",
            description=series.description if series else "",
            color=curve.color or self._palette(index),
            side=curve.axis or self._side(row, series),
            visible=curve.visible,
            status=status,
            message=message,
            detail=_detail(view),
            is_late=self._is_late and self._loads.is_going_on(curve.field),
            lag_ns=late_after_ns(self._document.session),
            view=view,
            held=series.held if series else None,
        )

    def _side(self, row: int, series: Series | None) -> str:
        """Put curves of the first curve's units on the left, all others on the right."""
        first = self._series.get(self._document.session.rows[row].curves[0].field)
        if series is None or first is None or series.units == first.units:
            return "left"
        return "right"

    def _status(self, field: FieldRef, series: Series | None) -> tuple[CurveStatus, str]:
        if field in self._loads.cancelled:
            return CurveStatus.CANCELLED, cancelled_words(series, self._range)
        if self._loads.is_told_of(field) or (series is None and field not in self._loads.failures):
            if not self._loads.has_source:
                return self._absence
            progress = self._loads.words(field.subset)
            return CurveStatus.LOADING, f"Loading … {progress}" if progress else "Loading …"
        if error := self._loads.failures.get(field):
            unknown = isinstance(error, UnknownTopicError)
            words = failed_words(error, series, self._range)
            return CurveStatus.UNKNOWN if unknown else CurveStatus.FAILED, words
        assert series is not None
        timescale = Timescale(self._document.session.timescale)
        return _STATUS[series.outcome], outcome_words(series, timescale)


def _detail(view: LevelView | None) -> str:
    if view is None or not view.has_points:
        return ""
    return describe_bucket(view.bucket_ns, has_means=view.means is not None)
