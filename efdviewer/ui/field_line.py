"""A line for a field: typed, or dropped from the topic tree."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from efdviewer.ui.field_drop import dropped_fields


class FieldLine(QLineEdit):
    """Takes fields as a whole; any other text as every line does."""

    fieldsDropped = Signal(object)
    """One or more `FieldRef`."""

    def __init__(self, name: str, title: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setPlaceholderText("TOPIC:FIELD")
        self.setToolTip(tip)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take fields."""
        if dropped_fields(event.mimeData()):
            event.acceptProposedAction()
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Take them anywhere in the line."""
        if dropped_fields(event.mimeData()):
            event.acceptProposedAction()
        else:
            super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which were dropped."""
        if fields := dropped_fields(event.mimeData()):
            event.acceptProposedAction()
            self.fieldsDropped.emit(fields)
        else:
            super().dropEvent(event)
