"""Errors and notices, in the window, once each, with what to do."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStyle, QVBoxLayout, QWidget

from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.ui.buttons import tool_button

_AT_MOST = 4


class MessageBar(QWidget):
    """A stack of messages above the plots; each stays until it is closed, or no longer holds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setAccessibleName("Messages")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(6, 4, 6, 0)
        self._layout.setSpacing(4)
        self._messages: dict[str, QFrame] = {}
        self.hide()

    def texts(self) -> list[str]:
        """Messages that stand in the window now, oldest first."""
        return list(self._messages)

    def show_error(self, error: EfdViewerError) -> None:
        """Show an error; the same words are shown once."""
        self.show_text(explain(error), warning=True)

    def take_back(self, error: EfdViewerError) -> None:
        """Close the message of an error that no longer holds."""
        self._close(explain(error))

    def show_text(self, text: str, *, warning: bool = False) -> None:
        """Show a message; the same words are shown once."""
        if text in self._messages:
            return
        while len(self._messages) >= _AT_MOST:
            self._close(next(iter(self._messages)))
        self._messages[text] = self._frame(text, warning=warning)
        self._layout.addWidget(self._messages[text])
        self.show()

    def clear(self) -> None:
        """Close all messages."""
        for text in list(self._messages):
            self._close(text)

    def _frame(self, text: str, *, warning: bool) -> QFrame:
        frame = QFrame(self)
        frame.setFrameShape(QFrame.Shape.StyledPanel)
        frame.setAutoFillBackground(True)
        kind = (
            QStyle.StandardPixmap.SP_MessageBoxWarning
            if warning
            else QStyle.StandardPixmap.SP_MessageBoxInformation
        )
        icon = QLabel(frame)
        icon.setPixmap(self.style().standardIcon(kind).pixmap(16, 16))
        label = QLabel(text, frame)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setAccessibleName("Warning" if warning else "Message")
        close = tool_button(
            "messageClose",
            "✕",
            label="Close message",
            tip="Close this message",
            clicked=partial(self._close, text),
            parent=frame,
        )
        layout = QHBoxLayout(frame)
        layout.setContentsMargins(8, 4, 4, 4)
        layout.addWidget(icon)
        layout.addWidget(label, 1)
        layout.addWidget(close)
        return frame

    def _close(self, text: str) -> None:
        frame = self._messages.pop(text, None)
        if frame is not None:
            self._layout.removeWidget(frame)
            frame.hide()
            frame.deleteLater()
        if not self._messages:
            self.hide()
