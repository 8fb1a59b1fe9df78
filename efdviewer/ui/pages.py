"""Several widgets in one place, one shown at a time, chosen by tabs."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget


class Pages(QWidget):
    """A row of tabs over a stack. A QTabWidget would tell of another page for each one that it destroys."""

    turned = Signal()

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = QStackedWidget()
        self.tabs = QTabBar()
        self.tabs.setObjectName(name)
        self.tabs.setAccessibleName(title)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.currentChanged.connect(self._turn)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self._stack, 1)

    def add(self, page: QWidget, title: str) -> None:
        """Add a page at the end."""
        self._stack.addWidget(page)
        self.tabs.addTab(title)

    def set_title(self, page: QWidget, title: str) -> None:
        """Name a page otherwise."""
        self.tabs.setTabText(self._stack.indexOf(page), title)

    def show_page(self, page: QWidget) -> None:
        """Turn to a page."""
        self.tabs.setCurrentIndex(self._stack.indexOf(page))

    def is_shown(self, page: QWidget) -> bool:
        """Tell whether a page is the one that is turned to."""
        return self._stack.currentWidget() is page

    def turn(self) -> None:
        """Show the page of the tab that is chosen, where that was done without a signal."""
        self._stack.setCurrentIndex(self.tabs.currentIndex())

    def _turn(self, place: int) -> None:
        self._stack.setCurrentIndex(place)
        self.turned.emit()
