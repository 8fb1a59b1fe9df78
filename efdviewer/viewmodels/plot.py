"""State of the plot rows: which series they show, how they came out, and what is still travelling."""

import asyncio
import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from efdviewer.domain.errors import EfdViewerError, UnknownTopicError
from efdviewer.domain.levels import describe_bucket
from efdviewer.domain.query import DataSource, Statement
from efdviewer.domain.session import Curve, Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import FieldRef, Subset
from efdviewer.services.document import Document
from efdviewer.services.series import Series, SeriesOutcome, SeriesRequest
from efdviewer.services.series_loader import FieldCatalog, SeriesLoader
from efdviewer.services.tasks import TaskRunner
from efdviewer.services.tiles import TileStore
from efdviewer.viewmodels.curve_state import CurveState, CurveStatus
from efdviewer.viewmodels.curve_words import cancelled_words, failed_words, outcome_words
from efdviewer.viewmodels.load_progress import LoadProgress

MOVING_S = 0.15
"""A range that changes again within this time is still being moved."""
SETTLE_S = 0.05
"""So long a moving range has to rest before the source is asked: a wheel asks once, not at every tick."""

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
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tiles = tiles
        self._document = document
        self._runner = runner
        self._range = time_range
        self._palette = palette
        self._columns = 1000
        self._loader: SeriesLoader | None = None
        self._series: dict[FieldRef, Series] = {}
        self._failures: dict[FieldRef, EfdViewerError] = {}
        self._loading: set[FieldRef] = set()
        self._going_on: set[FieldRef] = set()
        """Fields that are loading only because the view follows the clock."""
        self._cancelled: set[FieldRef] = set()
        self._moved_s = 0.0
        self._absence = CurveStatus.UNKNOWN, "No source is connected."
        self._progress = LoadProgress()

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
            if status is CurveStatus.FAILED and curve.field in self._failures:
                found.append(self._failures[curve.field])
            elif status in (CurveStatus.UNKNOWN, CurveStatus.TEXT):
                found.append(UnknownTopicError(message))
        return found

    def set_source(self, source: DataSource | None, catalog: FieldCatalog | None) -> None:
        """Take series from another source."""
        self._loader = SeriesLoader(source, catalog, self._tiles) if source and catalog else None
        self._series.clear()
        self._failures.clear()
        self._cancelled.clear()
        self.retry()

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
        if self._loader is not None:
            self._loader.expire(list(self._fields()))

    def observe(self, statement: Statement) -> None:
        """Tell how far a load has come when a statement of it was sent, went on, or ended."""
        subset = self._progress.observe(statement)
        self._announce({field for field in self._loading if field.subset == subset})

    def cancel(self, subset: Subset) -> None:
        """Stop loading the fields that come from the same rows; what is drawn stays."""
        self._runner.cancel(("series", *subset))
        self._mark_cancelled({field for field in self._loading if field.subset == subset})

    def forget_loading(self) -> None:
        """Say of what was still travelling that it was cancelled; what is drawn stays."""
        self._mark_cancelled(set(self._loading))

    def _mark_cancelled(self, fields: set[FieldRef]) -> None:
        self._loading -= fields
        self._cancelled |= fields
        self._announce(fields)

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document: load what is new, forget what is gone, redraw what looks different."""
        if old.rows == new.rows:
            return
        wanted = self._fields()
        known = self._series.keys() | self._failures.keys() | self._loading | self._cancelled
        for gone in known - wanted:
            self._series.pop(gone, None)
            self._failures.pop(gone, None)
            self._loading.discard(gone)
            self._cancelled.discard(gone)
        self._load(wanted - known)
        self.rowsChanged.emit()

    def _fields(self) -> set[FieldRef]:
        return {curve.field for row in self._document.session.rows for curve in row.curves}

    def _load(self, fields: set[FieldRef], *, moving: bool = False, goes_on: bool = False) -> None:
        if self._loader is None or not fields:
            return
        now_s = time.monotonic()
        delay_s = SETTLE_S if moving and now_s - self._moved_s < MOVING_S else 0.0
        if moving:
            self._moved_s = now_s
        self._going_on = self._going_on | fields if goes_on else self._going_on - fields
        subsets: dict[Subset, set[FieldRef]] = {}
        for field in fields:
            subsets.setdefault(field.subset, set()).add(field)
        for subset, wanted in subsets.items():
            # Fields of the subset that are still travelling join the new request, which replaces theirs.
            wanted |= {field for field in self._loading if field.subset == subset}
            self._cancelled -= wanted
            self._show_known(subset, wanted, delay_s)

    def _show_known(self, subset: Subset, fields: set[FieldRef], delay_s: float) -> None:
        """Draw at once what is known, and ask for the rest."""
        loader = self._loader
        assert loader is not None
        topic, where = subset
        request = SeriesRequest(
            topic=topic,
            fields=tuple(sorted(field.field for field in fields)),
            time_range=self._range,
            columns=max(1, self._columns),
            where=where,
        )
        found, is_all = loader.known(request)
        for series in found:
            self._take(series)
        self._loading |= fields - {series.field for series in found if series.complete}
        if is_all:
            self._runner.cancel(("series", *subset))
        else:
            self._submit(loader, request, delay_s)
        self._announce(fields & self._loading)

    def _submit(self, loader: SeriesLoader, request: SeriesRequest, delay_s: float) -> None:
        subset = request.subset
        fields = {request.ref(name) for name in request.fields}

        async def load() -> None:
            self._progress.enter(subset)
            if delay_s:
                await asyncio.sleep(delay_s)
            await loader.load(request, self._take, partial(self._progress.tell, subset))
            self._loading -= fields
            self._announce(fields)

        def fail(error: EfdViewerError) -> None:
            self._loading -= fields
            for field in fields:
                # The picture of before stays; the words over it say that it is one.
                self._failures[field] = error
            self._announce(fields)

        self._progress.begin(subset)
        self._runner.submit(("series", *subset), load, name=f"Load {request.topic}", on_error=fail)

    def _take(self, series: Series) -> None:
        if series.field not in self._fields():
            return
        self._failures.pop(series.field, None)
        self._series[series.field] = series
        if series.complete:
            self._loading.discard(series.field)
        self._announce({series.field})

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
            color=curve.color or self._palette(index),
            side=curve.axis or self._side(row, series),
            visible=curve.visible,
            status=status,
            message=message,
            detail=describe_bucket(view.bucket_ns) if view is not None and view.has_points else "",
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
        if field in self._cancelled:
            return CurveStatus.CANCELLED, cancelled_words(series)
        loads = field in self._loading and field not in self._going_on
        if loads or (series is None and field not in self._failures):
            if self._loader is None:
                return self._absence
            progress = self._progress.words(field.subset)
            return CurveStatus.LOADING, f"Loading … {progress}" if progress else "Loading …"
        if error := self._failures.get(field):
            unknown = isinstance(error, UnknownTopicError)
            return CurveStatus.UNKNOWN if unknown else CurveStatus.FAILED, failed_words(error, series)
        assert series is not None
        timescale = Timescale(self._document.session.timescale)
        return _STATUS[series.outcome], outcome_words(series, timescale)
