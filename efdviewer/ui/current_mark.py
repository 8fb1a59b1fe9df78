"""The mark of the row that menus and keys act on."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QWidget

_WIDTH = 3


class CurrentMark(QFrame):
    """A strip along the left edge of a row, over it, so that nothing moves when it comes and goes."""

    def __init__(self, row: QWidget) -> None:
        super().__init__(row)
        self.setObjectName("currentMark")
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Highlight)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        row.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the height of the row."""
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(0, 0, _WIDTH, watched.height())
        return False
