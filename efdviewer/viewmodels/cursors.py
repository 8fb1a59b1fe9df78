"""The two cursors, and what the curves do between them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from efdviewer.domain.coverage import GRACE_NS
from efdviewer.domain.cursor_edits import CursorName, clear_cursors, set_cursor, with_cursor
from efdviewer.domain.derived import schema_of
from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.domain.query import DataSource
from efdviewer.domain.session import Cursors, Session
from efdviewer.domain.statistics import SpanStatistics
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import FieldRef, Subset
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.span_statistics import SpanQuestion
from efdviewer.services.tasks import TaskRunner

_SETTLE_S = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorRow:
    """What the table shows of one curve; `figures` are None while they are not there: `status` says why."""

    field: FieldRef
    color: str
    units: str
    figures: SpanStatistics | None
    status: str


class CursorsViewModel(QObject):
    """Moves the cursors, and loads the figures of all curves that are shown.

    One of the two is the one that was set or moved last: keys move that one.
    """

    cursorsChanged = Signal()
    """The cursors stand elsewhere, perhaps only while one of them is dragged."""
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
        self._dragged: Cursors | None = None
        self._last: CursorName = "a"
        self._drags = 0
        self._figures: dict[FieldRef, SpanStatistics] = {}
        self._failures: dict[Subset, EfdViewerError] = {}
        self._asked_utc_ns = 0
        self._is_stale = False

    @property
    def cursors(self) -> Cursors:
        """Where they are drawn: as the session says, but for one that is being dragged."""
        return self._dragged or self._document.session.cursors

    @property
    def timescale(self) -> Timescale:
        """Scale in which times are written."""
        return Timescale(self._document.session.timescale)

    def rows(self) -> list[CursorRow]:
        """Give what the table shows, in the order of the curves; each field once."""
        found: dict[FieldRef, CursorRow] = {}
        for row in self._document.session.rows:
            for index, curve in enumerate(row.curves):
                if curve.visible and curve.field not in found:
                    color = curve.color or self._palette(index)
                    found[curve.field] = self._row(curve.field, color)
        return list(found.values())

    def status(self) -> str:
        """Say what is wrong or under way, in one line; empty where all is there."""
        if self.cursors == Cursors():
            return ""
        return "; ".join(dict.fromkeys(row.status for row in self.rows() if row.status))

    def errors(self) -> list[EfdViewerError]:
        """List what could not be loaded."""
        return list(self._failures.values())

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Take figures from another source."""
        self._source, self._catalog = source, catalog
        self._forget(self._subsets())
        self._load(self._subsets())
        self.figuresChanged.emit()

    def set_time_range(self, _time_range: TimeRange) -> None:
        """Keep the figures, which are not of the view, unless they are to be asked for anew or may grow."""
        if self._is_stale or self._may_grow():
            self._load(self._subsets(), settle=not self._is_stale)
            self._is_stale = False

    def forget_coverage(self) -> None:
        """Ask the source anew when a range is shown next; what is shown stays until then."""
        self._is_stale = True

    def forget_loading(self) -> None:
        """Tell what is known once loads were cancelled."""
        self.figuresChanged.emit()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        before, fields = set(self._figures), self._fields(new)
        if old.cursors != new.cursors:
            self._forget(self._subsets())
            self._load(self._subsets(), settle=True)
            self.cursorsChanged.emit()
        elif old.rows != new.rows:
            for gone in before - fields:
                del self._figures[gone]
            kept = {field.subset for field in fields}
            for subset in {field.subset for field in self._fields(old)} - kept:
                self._forget([subset])
            self._load({field.subset for field in fields - before})
        if (old.cursors, old.rows, old.timescale) != (new.cursors, new.rows, new.timescale):
            self.figuresChanged.emit()

    def put(self, name: CursorName, utc_ns: int) -> None:
        """Set a cursor, ns UTC."""
        self._last = name
        self._document.apply(f"Set cursor {name.upper()}", set_cursor(self._document.session, name, utc_ns))

    def drag(self, name: CursorName, utc_ns: int | None, *, is_done: bool) -> None:
        """Show a cursor where it is dragged; set it once that is done. None gives the drag up."""
        self._last = name
        self._dragged = None
        if utc_ns is not None and is_done:
            self._document.apply(
                f"Move cursor {name.upper()}", set_cursor(self._document.session, name, utc_ns)
            )
        elif utc_ns is not None:
            self._dragged = with_cursor(self._document.session.cursors, name, utc_ns)
        self.cursorsChanged.emit()

    def nudge(self, by_ns: int) -> bool:
        """Move the cursor that was set last, by ns, many moves as one step of undo; False if none is set."""
        now = self._document.session.cursors
        name: CursorName = self._last
        at_utc_ns = now.a_utc_ns if name == "a" else now.b_utc_ns
        if at_utc_ns is None:
            name = "b" if name == "a" else "a"
            at_utc_ns = now.a_utc_ns if name == "a" else now.b_utc_ns
        if at_utc_ns is None:
            return False
        self._last = name
        session = set_cursor(self._document.session, name, at_utc_ns + by_ns)
        self._document.apply(f"Move cursor {name.upper()}", session, gesture=("nudge cursor", name))
        return True

    def clear(self) -> None:
        """Take both cursors away."""
        self._document.apply("Clear cursors", clear_cursors(self._document.session))

    def _fields(self, session: Session) -> set[FieldRef]:
        return {curve.field for row in session.rows for curve in row.curves if curve.visible}

    def _subsets(self) -> set[Subset]:
        return {field.subset for field in self._fields(self._document.session)}

    def _may_grow(self) -> bool:
        """Tell whether samples may have come since between the cursors."""
        now = self._document.session.cursors
        ends = [utc_ns for utc_ns in (now.a_utc_ns, now.b_utc_ns) if utc_ns is not None]
        return bool(ends) and max(ends) > self._asked_utc_ns - GRACE_NS

    def _load(self, subsets: Collection[Subset], *, settle: bool = False) -> None:
        source, catalog, cursors = self._source, self._catalog, self._document.session.cursors
        if source is None or catalog is None or cursors == Cursors():
            return
        self._asked_utc_ns = time.time_ns()
        for subset in subsets:
            self._submit(subset, source, catalog, cursors, settle=settle)

    def _submit(
        self, subset: Subset, source: DataSource, catalog: Catalog, cursors: Cursors, *, settle: bool
    ) -> None:
        fields = {each.field: each for each in self._fields(self._document.session) if each.subset == subset}

        async def load() -> None:
            if settle:
                await asyncio.sleep(_SETTLE_S)
            schemas = await catalog.fields(subset[0])
            question = SpanQuestion(
                source,
                subset,
                sorted(fields),
                schemas=schemas,
                cursors=cursors,
                in_worker=self._in_worker,
            )
            async with aclosing(question.answers()) as answers:
                async for found in answers:
                    self._failures.pop(subset, None)
                    self._figures |= {fields[name]: figures for name, figures in found.items()}
                    self.figuresChanged.emit()

        def fail(error: EfdViewerError) -> None:
            for field in fields.values():
                if (known := self._figures.get(field)) and not known.is_whole:
                    self._figures[field] = replace(known, no_deviation=explain(error), is_whole=True)
            self._failures[subset] = error
            self.figuresChanged.emit()

        self._runner.submit(("cursors", subset), load, name=f"Statistics of {subset[0]}", on_error=fail)

    def _forget(self, subsets: Iterable[Subset]) -> None:
        for subset in subsets:
            self._runner.cancel(("cursors", subset))
            self._failures.pop(subset, None)
            for field in [field for field in self._figures if field.subset == subset]:
                del self._figures[field]

    def _row(self, field: FieldRef, color: str) -> CursorRow:
        known = self._catalog.known_fields(field.topic) if self._catalog is not None else None
        schema = schema_of(field.topic, field.field, known or ())
        return CursorRow(
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
            return ""
        is_running = self._runner.is_running(("cursors", field.subset))
        return "Loading …" if is_running else "Cancelled; F5 loads it."
