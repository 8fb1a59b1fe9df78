"""What the mouse points at, picks and drags in one plot: events and cursors."""

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent

from efdviewer.ui.graphics.canvas import PlotCanvas
from efdviewer.ui.graphics.event_lines import CrowdHit, EventHit, EventLines
from efdviewer.ui.graphics.gestures import Gestures
from efdviewer.ui.graphics.interval_bands import BandHit
from efdviewer.viewmodels.event_focus import EventMark

EVENT_REACH = 4
"""An event line is meant within so many pixels."""


Hit = EventHit | CrowdHit | BandHit
"""What may be beneath the mouse."""


class RowPointing(QObject):
    """Tells of the event beneath the mouse, of one that is clicked, and of cursors that are dragged."""

    eventPointed = Signal(object)
    """An `EventMark`, or None where the mouse is over none any more."""
    eventPicked = Signal(object)
    """An `EventMark`, or None for a click beside all."""
    cursorDragged = Signal(str, object, bool)
    """Name of a cursor, the time it is dragged to, ns UTC, and whether that is all; None gives it up."""

    def __init__(self, canvas: PlotCanvas, gestures: Gestures, events: EventLines) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._gestures = gestures
        self._events = events
        self._pointed: EventMark | None = None
        gestures.clicked.connect(self._pick)
        gestures.cursorDragged.connect(self._drag)

    def follow(self, event: QMouseEvent, hit: Hit | None) -> None:
        """Take note of a move of the mouse, and of what was found beneath it."""
        self._point(EventMark(hit.key, hit.utc_ns) if isinstance(hit, EventHit) else None)
        if not self._gestures.is_dragging:
            is_grip = self._gestures.cursor_at(event) is not None
            shape = Qt.CursorShape.SplitHCursor if is_grip else Qt.CursorShape.ArrowCursor
            if self._canvas.cursor().shape() is not shape:
                self._canvas.setCursor(shape)

    def leave(self) -> None:
        """Take note that the mouse is elsewhere."""
        self._point(None)

    def let_go(self) -> None:
        """Select no event."""
        self.eventPicked.emit(None)

    def utc_ns_at(self, x: int) -> int:
        """Give the time of a pixel column, ns UTC: that of an event line within reach, where there is one."""
        frame = self._canvas.frame()
        hit = self._events.nearest(frame, x, EVENT_REACH)
        return frame.ns_at(x) if hit is None else hit.utc_ns

    def _point(self, mark: EventMark | None) -> None:
        if mark != self._pointed:
            self._pointed = mark
            self.eventPointed.emit(mark)

    def _pick(self, place: QPoint) -> None:
        hit = self._events.nearest(self._canvas.frame(), place.x(), EVENT_REACH)
        self.eventPicked.emit(None if hit is None else EventMark(hit.key, hit.utc_ns))

    def _drag(self, name: str, x: int | None, is_done: bool) -> None:
        self.cursorDragged.emit(name, None if x is None else self.utc_ns_at(x), is_done)
