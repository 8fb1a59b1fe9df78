"""Takes what is dragged over a plot row, and shows where it would go."""

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from efdviewer.ui.drop_hint import DropHint
from efdviewer.ui.field_drop import dropped_fields, dropped_topics, is_droppable
from efdviewer.ui.graphics.canvas import PlotCanvas


class RowDrops(QObject):
    """Turns drags over a row into intents: fields to the plot or an axis, topics to event lines."""

    fieldsDropped = Signal(object, str)
    """Fields, and where they fell: `plot`, `left`, `right`, `lanes`, or `new` beneath the lowest plot."""
    topicsDropped = Signal(object)

    def __init__(self, row: QWidget, canvas: PlotCanvas) -> None:
        super().__init__(row)
        self._row = row
        self._canvas = canvas
        self._hint = DropHint(canvas)

    def enter(self, event: QDragEnterEvent) -> None:
        """Take fields and topics."""
        if is_droppable(event.mimeData()):
            event.acceptProposedAction()

    def move(self, event: QDragMoveEvent) -> None:
        """Show where they would go."""
        self._hint.show_at(self._place(event), axes=bool(dropped_fields(event.mimeData())))
        event.acceptProposedAction()

    def leave(self) -> None:
        """Forget what was dragged."""
        self._hint.hide()

    def drop(self, event: QDropEvent) -> None:
        """Tell what fell where."""
        self._hint.hide()
        if fields := dropped_fields(event.mimeData()):
            self.fieldsDropped.emit(fields, self._hint.zone_at(self._place(event)))
        elif topics := dropped_topics(event.mimeData()):
            self.topicsDropped.emit(topics)
        event.acceptProposedAction()

    def _place(self, event: QDropEvent) -> QPoint:
        return self._canvas.mapFrom(self._row, event.position().toPoint())
