"""What all curves do in a span of time: in view, or between the cursors."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from efdviewer.domain.coverage import GRACE_NS
from efdviewer.domain.cursor_edits import set_statistics_of
from efdviewer.domain.derived import schema_of
from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.domain.live import is_following
from efdviewer.domain.query import DataSource
from efdviewer.domain.session import Cursors, Session
from efdviewer.domain.statistics import SpanStatistics
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.domain.topics import FieldRef, Subset
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.span_statistics import SpanQuestion, span_of
from efdviewer.services.tasks import TaskRunner

_SETTLE_S, _SETTLE_VIEW_S = 0.15, 0.3
_KIND = "statistics"
_REST = 4
"""While the view follows the clock, loads rest so many times as long as the last one took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsRow:
    """What the table shows of one curve; `figures` are None while they are not there: `status` says why."""

    field: FieldRef
    color: str
    units: str
    figures: SpanStatistics | None
    status: str


class StatisticsViewModel(QObject):
    """Loads the figures of all curves that are shown; those of the view while somebody looks at them."""

    figuresChanged = Signal()

    def __init__(
        self,
        document: Document,
        runner: TaskRunner,
        in_worker: Callable[..., Awaitable[Any]],
        palette: Callable[[int], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._in_worker = in_worker
        self._palette = palette
        self._source: DataSource | None = None
        self._catalog: Catalog | None = None
        self._range: TimeRange | None = None
        self._is_watched = False
        self._figures: dict[FieldRef, SpanStatistics] = {}
        self._failures: dict[Subset, EfdViewerError] = {}
        self._asked_utc_ns = 0
        self._rested_s: dict[Subset, float] = {}
        """When the next load may begin while the view follows the clock, s of the monotonic clock."""
        self._is_stale = False

    @property
    def is_of_view(self) -> bool:
        """Whether the figures are those of all that is in view."""
        return self._document.session.view.statistics_of == "view"

    def rows(self) -> list[StatisticsRow]:
        """Give what the table shows, in the order of the curves; each field once."""
        found: dict[FieldRef, StatisticsRow] = {}
        for row in self._document.session.rows:
            for index, curve in enumerate(row.curves):
                if curve.visible and curve.field not in found:
                    color = curve.color or self._palette(index)
                    found[curve.field] = self._row(curve.field, color)
        return list(found.values())

    def status(self) -> str:
        """Say what is wrong or under way, in one line; empty where all is there."""
        return "; ".join(dict.fromkeys(row.status for row in self.rows() if row.status))

    def errors(self) -> list[EfdViewerError]:
        """List what could not be loaded."""
        return list(self._failures.values())

    def choose(self, of: str) -> None:
        """Take the figures of another span, of `STATISTICS_OF`."""
        act = "Statistics of the view" if of == "view" else "Statistics from A to B"
        self._document.apply(act, set_statistics_of(self._document.session, of))

    def set_watched(self, watched: bool) -> None:
        """Load those of the view while they are seen."""
        self._is_watched = watched
        if not self.is_of_view:
            return
        if watched:
            self._load(self._outdated())
        else:
            for subset in self._subsets():
                self._runner.cancel((_KIND, subset))
        self.figuresChanged.emit()

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Take figures from another source."""
        self._source, self._catalog = source, catalog
        self._forget(self._subsets())
        self._load(self._subsets())
        self.figuresChanged.emit()

    def set_time_range(self, time_range: TimeRange) -> None:
        """Follow the view, or ask for what is between the cursors anew if that is wanted or may grow."""
        is_moved, self._range = time_range != self._range, time_range
        is_stale, self._is_stale = self._is_stale, False
        if not self.is_of_view:
            if is_stale or self._may_grow():
                self._load(self._subsets(), settle=not is_stale)
            return
        if is_following(self._document.session) and not is_stale:
            self._load([subset for subset in self._outdated() if self._is_rested(subset)])
        elif is_moved:
            self._forget(self._subsets())
            self._load(self._subsets(), settle=not is_stale)
        elif is_stale:
            self._load(self._subsets())
        self.figuresChanged.emit()

    def forget_coverage(self) -> None:
        """Ask the source anew when a range is shown next; what is shown stays until then."""
        self._is_stale = True

    def forget_loading(self) -> None:
        """Tell what is known once loads were cancelled."""
        self.figuresChanged.emit()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        fields, known = _fields(new), set(self._figures)
        is_elsewhere = old.cursors != new.cursors and not self.is_of_view
        if is_elsewhere or old.view.statistics_of != new.view.statistics_of:
            self._forget({field.subset for field in _fields(old) | fields})
            self._load(self._subsets(), settle=is_elsewhere)
        elif old.rows != new.rows:
            for gone in known - fields:
                del self._figures[gone]
            kept = {field.subset for field in fields}
            for subset in {field.subset for field in _fields(old)} - kept:
                self._forget([subset])
            self._load({field.subset for field in fields - known})
        shown = [(each.cursors, each.rows, each.timescale, each.view) for each in (old, new)]
        if shown[0] != shown[1]:
            self.figuresChanged.emit()

    def _subsets(self) -> set[Subset]:
        return {field.subset for field in _fields(self._document.session)}

    def _span(self) -> TimeRange | None:
        return self._range if self.is_of_view else span_of(self._document.session.cursors)

    def _outdated(self) -> set[Subset]:
        """Give those of which the figures are not there, not all, or of another span."""
        span = self._span()
        return {
            field.subset
            for field in _fields(self._document.session)
            if (known := self._figures.get(field)) is None or not known.is_whole or known.span != span
        }

    def _is_rested(self, subset: Subset) -> bool:
        return not self._runner.is_running((_KIND, subset)) and time.monotonic() > self._rested_s.get(
            subset, 0.0
        )

    def _may_grow(self) -> bool:
        """Tell whether samples may have come since between the cursors."""
        now = self._document.session.cursors
        ends = [utc_ns for utc_ns in (now.a_utc_ns, now.b_utc_ns) if utc_ns is not None]
        return bool(ends) and max(ends) > self._asked_utc_ns - GRACE_NS

    def _load(self, subsets: Collection[Subset], *, settle: bool = False) -> None:
        is_wanted = self._is_watched if self.is_of_view else self._document.session.cursors != Cursors()
        if self._source is None or self._catalog is None or not is_wanted:
            return
        self._asked_utc_ns = time.time_ns()
        settle_s = (_SETTLE_VIEW_S if self.is_of_view else _SETTLE_S) if settle else 0.0
        for subset in subsets:
            self._submit(subset, self._source, self._catalog, settle_s)

    def _submit(self, subset: Subset, source: DataSource, catalog: Catalog, settle_s: float) -> None:
        session, span = self._document.session, self._span()
        fields = {each.field: each for each in _fields(session) if each.subset == subset}
        cursors = None if self.is_of_view else session.cursors

        async def load() -> None:
            await asyncio.sleep(settle_s)
            began_s = time.monotonic()
            question = SpanQuestion(
                source,
                subset,
                sorted(fields),
                schemas=await catalog.fields(subset[0]),
                span=span,
                cursors=cursors,
                in_worker=self._in_worker,
            )
            async with aclosing(question.answers()) as answers:
                async for found in answers:
                    self._failures.pop(subset, None)
                    self._take({fields[name]: figures for name, figures in found.items()})
            self._rested_s[subset] = time.monotonic() + _REST * (time.monotonic() - began_s)

        def fail(error: EfdViewerError) -> None:
            for field in fields.values():
                if (known := self._figures.get(field)) and not known.is_whole:
                    self._figures[field] = replace(known, no_deviation=explain(error), is_whole=True)
            self._failures[subset] = error
            self.figuresChanged.emit()

        self._runner.submit((_KIND, subset), load, name=f"Statistics of {subset[0]}", on_error=fail)

    def _take(self, found: dict[FieldRef, SpanStatistics]) -> None:
        """Keep figures; while following, whole ones stay until the next are whole."""
        follows = self.is_of_view and is_following(self._document.session)
        for field, figures in found.items():
            known = self._figures.get(field)
            if figures.is_whole or not (follows and known is not None and known.is_whole):
                self._figures[field] = figures
        self.figuresChanged.emit()

    def _forget(self, subsets: Iterable[Subset]) -> None:
        for subset in subsets:
            self._runner.cancel((_KIND, subset))
            self._failures.pop(subset, None)
            self._rested_s.pop(subset, None)
            for field in [field for field in self._figures if field.subset == subset]:
                del self._figures[field]

    def _row(self, field: FieldRef, color: str) -> StatisticsRow:
        known = self._catalog.known_fields(field.topic) if self._catalog is not None else None
        schema = schema_of(field.topic, field.field, known or ())
        return StatisticsRow(
            field=field,
            color=color,
            units=schema.units if schema is not None else "",
            figures=self._figures.get(field),
            status=self._status(field),
        )

    def _status(self, field: FieldRef) -> str:
        if field.subset in self._failures:
            return explain(self._failures[field.subset])
        if self._source is None:
            return "No source is open."
        known = self._figures.get(field)
        if known is not None and known.is_whole:
            return self._age(known)
        is_running = self._runner.is_running((_KIND, field.subset))
        return "Loading …" if is_running else "Cancelled; F5 loads it."

    def _age(self, figures: SpanStatistics) -> str:
        """Say of what the figures are while the view is ahead of them."""
        if not self.is_of_view or figures.span is None or figures.span == self._range:
            return ""
        scale = Timescale(self._document.session.timescale)
        end = format_ns(figures.span.end_utc_ns, scale, digits=0).replace("T", " ")
        return f"Of the view that ended at {end} {scale.value.upper()}"


def _fields(session: Session) -> set[FieldRef]:
    return {curve.field for row in session.rows for curve in row.curves if curve.visible}
