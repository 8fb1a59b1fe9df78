"""The two cursors: where they stand, and how they are moved."""

from collections.abc import Awaitable, Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from efdviewer.domain.cursor_edits import CursorName, clear_cursors, set_cursor, with_cursor
from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.query import DataSource
from efdviewer.domain.session import Cursors, Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.statistics import StatisticsViewModel


class CursorsViewModel(QObject):
    """Moves the cursors; `statistics` are the figures of all curves between them, or in view.

    One of the two is the one that was set or moved last: keys move that one.
    """

    cursorsChanged = Signal()
    """The cursors stand elsewhere, perhaps only while one of them is dragged."""

    def __init__(
        self,
        document: Document,
        runner: TaskRunner,
        in_worker: Callable[..., Awaitable[Any]],
        palette: Callable[[int], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.statistics = StatisticsViewModel(document, runner, in_worker, palette, self)
        self._document = document
        self._dragged: Cursors | None = None
        self._last: CursorName = "a"

    @property
    def cursors(self) -> Cursors:
        """Where they are drawn: as the session says, but for one that is being dragged."""
        return self._dragged or self._document.session.cursors

    @property
    def timescale(self) -> Timescale:
        """Scale in which times are written."""
        return Timescale(self._document.session.timescale)

    def errors(self) -> list[EfdViewerError]:
        """List what could not be loaded."""
        return self.statistics.errors()

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Take figures from another source."""
        self.statistics.set_source(source, catalog)

    def set_time_range(self, time_range: TimeRange) -> None:
        """Follow the view with the figures; cursors stay."""
        self.statistics.set_time_range(time_range)

    def forget_coverage(self) -> None:
        """Ask the source anew when a range is shown next."""
        self.statistics.forget_coverage()

    def forget_loading(self) -> None:
        """Tell what is known once loads were cancelled."""
        self.statistics.forget_loading()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        self.statistics.sessionChanged(old, new)
        if old.cursors != new.cursors:
            self.cursorsChanged.emit()

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
