"""The legend above a plot, which never hides what is drawn."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QWidget

from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import FieldRef
from efdviewer.ui.legend_entry import LegendEntry
from efdviewer.viewmodels.curve_reading import reading
from efdviewer.viewmodels.curve_state import CurveState

_MOST_OF_ROW = 0.3
"""So much of a row's height the legend may take before its lines stand side by side."""
_NARROWEST = 460
"""Pixels; less has no room for a field's name, what its points are, and the values at the cursor."""


class Legend(QWidget):
    """One line for each curve, side by side where they would take too much of the plot's height."""

    visibilityEdited = Signal(object, bool)
    isolated = Signal(object)
    removed = Signal(object)
    colorEdited = Signal(object, str)
    axisEdited = Signal(object, str)
    menuOpened = Signal(object, QMenu)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("legend")
        self.setAccessibleName("Legend")
        self._entries: dict[FieldRef, LegendEntry] = {}
        self._cursor: tuple[int | None, Timescale] = (None, Timescale.UTC)
        self._columns = 1
        self._row_height = 0
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 1, 0, 1)
        self._layout.setSpacing(0)

    def entries(self) -> list[LegendEntry]:
        """List the lines in the order of the curves."""
        return list(self._entries.values())

    def set_states(self, states: Iterable[CurveState]) -> None:
        """Show these curves, in this order."""
        wanted = {state.field: state for state in states}
        if list(wanted) != list(self._entries):
            self._rebuild(wanted)
        for field, state in wanted.items():
            self._entries[field].set_state(state)
        self._read()

    def set_cursor(self, utc_ns: int | None, timescale: Timescale) -> None:
        """Show each curve's nearest sample to a time, with the time it has."""
        self._cursor = (utc_ns, timescale)
        self._read()

    def fit_into(self, row_height: int) -> None:
        """Follow the height of the plot's row, in pixels."""
        self._row_height = row_height
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the width."""
        super().resizeEvent(event)
        self._arrange()

    def _read(self) -> None:
        utc_ns, timescale = self._cursor
        for entry in self._entries.values():
            entry.set_reading("" if utc_ns is None else reading(entry.state, utc_ns, timescale))

    def _arrange(self) -> None:
        if not self._entries:
            return
        line_height = next(iter(self._entries.values())).sizeHint().height()
        lines = max(1, int(_MOST_OF_ROW * self._row_height) // line_height)
        columns = -(-len(self._entries) // lines)
        columns = max(1, min(columns, self.width() // _NARROWEST))
        if columns != self._columns:
            self._columns = columns
            self._lay_out()

    def _rebuild(self, wanted: dict[FieldRef, CurveState]) -> None:
        for field, entry in self._entries.items():
            if field not in wanted:
                entry.hide()
                entry.deleteLater()
        kept = {field: self._entries[field] for field in wanted if field in self._entries}
        self._entries = {field: kept.get(field) or self._entry(state) for field, state in wanted.items()}
        self._lay_out()
        self._arrange()

    def _lay_out(self) -> None:
        while self._layout.takeAt(0) is not None:
            pass
        for index, entry in enumerate(self._entries.values()):
            self._layout.addWidget(entry, index // self._columns, index % self._columns)
            entry.show()

    def _entry(self, state: CurveState) -> LegendEntry:
        entry = LegendEntry(state, self)
        entry.visibilityEdited.connect(self.visibilityEdited)
        entry.isolated.connect(self.isolated)
        entry.removed.connect(self.removed)
        entry.colorEdited.connect(self.colorEdited)
        entry.axisEdited.connect(self.axisEdited)
        entry.menuOpened.connect(self.menuOpened)
        return entry
