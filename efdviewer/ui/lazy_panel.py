"""A panel that follows its model while it is seen, and catches up when it is shown."""

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget


class LazyPanel(QWidget):
    """Calls `show_model` when there is something to show and somebody to see it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_stale = True

    def show_model(self) -> None:
        """Show what the model holds now."""
        raise NotImplementedError

    def renew(self) -> None:
        """Take note that the model has changed."""
        self._is_stale = not self.isVisible()
        if not self._is_stale:
            self.show_model()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        if self._is_stale:
            self._is_stale = False
            self.show_model()
        super().showEvent(event)
