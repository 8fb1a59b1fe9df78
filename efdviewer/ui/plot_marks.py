"""Cursors and marked events over all rows of a plot area."""

from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from efdviewer.domain.session import Cursors
from efdviewer.ui.graphics.cursor_lines import CursorLines
from efdviewer.ui.graphics.event_marks import EventMarks, Mark
from efdviewer.ui.plot_row import PlotRow

if TYPE_CHECKING:
    from efdviewer.ui.plot_area import PlotArea


class PlotMarks(QObject):
    """Setters go in, and what a person does with the marks comes out."""

    eventPointed = Signal(object)
    eventPicked = Signal(object)
    cursorDragged = Signal(str, object, bool)

    def __init__(self, area: "PlotArea") -> None:
        super().__init__(area)
        self._cursors = CursorLines()
        self._events = EventMarks()

    def adopt(self, row: PlotRow) -> None:
        """Draw over a new row too."""
        row.canvas.cursor_lines = self._cursors
        row.canvas.event_marks = self._events
        row.pointing.eventPointed.connect(self.eventPointed)
        row.pointing.eventPicked.connect(self.eventPicked)
        row.pointing.cursorDragged.connect(self.cursorDragged)

    def set_cursors(self, cursors: Cursors) -> None:
        """Draw the cursors elsewhere."""
        if cursors != self._cursors.cursors:
            self._expose(self._cursors)
            self._cursors.cursors = cursors
            self._expose(self._cursors)

    def set_events(self, selected: Mark | None, hovered: Mark | None) -> None:
        """Mark these events."""
        before, after = self._events, EventMarks(selected, hovered)
        if (selected, hovered) != (before.selected, before.hovered):
            if selected == before.selected:
                # The label of what stays selected has the width of the plot.
                before, after = EventMarks(None, before.hovered), EventMarks(None, hovered)
            self._expose(before)
            self._expose(after)
            self._events.selected, self._events.hovered = selected, hovered

    def set_moments(self, times_utc_ns: NDArray[np.int64]) -> None:
        """Mark these moments, (n,) int64 ns UTC ascending, in all rows."""
        self._events.moments = times_utc_ns
        for row in self._rows():
            row.canvas.update()

    def choose_label_row(self) -> None:
        """Let the label of the selected event stand in the row beneath the mouse, or in the first."""
        rows = self._rows()
        chosen = next((row for row in rows if row.is_pointed), rows[0] if rows else None)
        for row in rows:
            if row.canvas.has_mark_label != (row is chosen):
                row.canvas.has_mark_label = row is chosen
                row.canvas.expose(self._events)

    def pointed_utc_ns(self) -> int | None:
        """Give the time beneath the mouse, ns UTC, that of an event line within reach; None if elsewhere."""
        found = (row.pointed_utc_ns() for row in self._rows())
        return next((utc_ns for utc_ns in found if utc_ns is not None), None)

    def _rows(self) -> list[PlotRow]:
        # By the parent: a reference to it would close a cycle.
        return cast("PlotArea", self.parent()).rows()

    def _expose(self, marks: CursorLines | EventMarks) -> None:
        for row in self._rows():
            row.canvas.expose(marks)
