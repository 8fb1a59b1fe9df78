"""Which event a person looks at: one that is selected, one that the mouse is over."""

from typing import NamedTuple

from PySide6.QtCore import QObject, Signal


class EventMark(NamedTuple):
    """One event of an overlay: the overlay's key, `TOPIC@STAMP`, and where it stands, int64 ns UTC."""

    key: str
    utc_ns: int


class EventFocus(QObject):
    """What the plots and the tables of events have in common; it is no part of the session."""

    selectedChanged = Signal()
    hoveredChanged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selected: EventMark | None = None
        self._hovered: EventMark | None = None

    @property
    def selected(self) -> EventMark | None:
        """The event that is selected, wherever that was done."""
        return self._selected

    @property
    def hovered(self) -> EventMark | None:
        """The event that the mouse is over."""
        return self._hovered

    def select(self, mark: EventMark | None) -> None:
        """Select an event, or none."""
        if mark != self._selected:
            self._selected = mark
            self.selectedChanged.emit()

    def hover(self, mark: EventMark | None) -> None:
        """Point at an event, or at none."""
        if mark != self._hovered:
            self._hovered = mark
            self.hoveredChanged.emit()
