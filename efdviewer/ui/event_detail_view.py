"""All that one event says, to be read and copied as it was written."""

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from efdviewer.ui.scroll_bars import make_flat


class EventDetailView(QPlainTextEdit):
    """Text of fixed width; long lines are not broken."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("All fields of the selected event")
        self.setToolTip("All fields of the selected event, texts as they were written")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setPlaceholderText("Select an event to read all that it says.")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        make_flat(self)
