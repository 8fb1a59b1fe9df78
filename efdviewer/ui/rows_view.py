"""A table of a `ColumnsModel`: calm, dense, to be walked through by mouse and by key."""

from collections.abc import Sequence
from itertools import chain

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from efdviewer.ui.lines_copy import LinesCopy
from efdviewer.ui.scroll_bars import make_flat
from efdviewer.viewmodels.columns_model import ColumnsModel

_RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class RowsView(QTableView):
    """Tells of rows by their place in the data."""

    chosen = Signal(int)
    """Double-clicked, or Return was pressed on it."""
    currentPlaceChanged = Signal(object)
    """The place of the row that a person went to; None for none."""
    placeHovered = Signal(object)

    def __init__(self, name: str, title: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns = ColumnsModel(self)
        self._shows = False
        self._copying = LinesCopy(self)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setToolTip(tip)
        self.setModel(self.columns)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setMouseTracking(True)
        self.setIconSize(QSize(10, 10))
        make_flat(self)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.menu = QMenu(self)
        self.add_action("actionCopyRows", "&Copy", self.copy, "Ctrl+C")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.doubleClicked.connect(self._choose)
        self.selectionModel().currentRowChanged.connect(self._tell_current)
        self.viewport().installEventFilter(self)

    def keep_widths(self) -> None:
        """Leave room free beyond the last column, whose texts are short."""
        self.horizontalHeader().setStretchLastSection(False)

    def add_action(self, name: str, text: str, slot: object, key: str = "") -> QAction:
        """Add an entry to the menu of the rows."""
        action = self.menu.addAction(text, slot)  # type: ignore[call-overload]
        action.setObjectName(name)
        action.setShortcut(key)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.addAction(action)
        return action  # type: ignore[no-any-return]

    def set_widths(self, samples: Sequence[str]) -> None:
        """Give each column but the last the room that a text needs."""
        for column, sample in enumerate(samples):
            self.setColumnWidth(column, self.fontMetrics().horizontalAdvance(sample) + 16)

    def current_place(self) -> int | None:
        """Give the place of the current row."""
        index = self.currentIndex()
        return self.columns.place_at(index.row()) if index.isValid() else None

    def selected_places(self) -> list[int]:
        """Give the places of the selected rows, from the top."""
        return [self.columns.place_at(row) for row in chain.from_iterable(self._selected_spans())]

    def show_place(self, place: int | None) -> None:
        """Make a row the current one, and bring it into view, without telling of it."""
        row = None if place is None else self.columns.row_of(place)
        self._shows = True
        try:
            if row is None:
                self.clearSelection()
                self.setCurrentIndex(QModelIndex())
                return
            index = self.columns.index(row, max(0, self.currentIndex().column()))
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            self.scrollTo(index)
        finally:
            self._shows = False

    def copy(self) -> None:
        """Copy the selected rows."""
        spans = self._selected_spans()
        if any(spans):
            self._copying.start(self.columns.copied(chain.from_iterable(spans)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by Return."""
        if event.key() in _RETURN and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell which row the mouse is over."""
        if event.type() is QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            index = self.indexAt(event.position().toPoint())
            self.placeHovered.emit(self.columns.place_at(index.row()) if index.isValid() else None)
        elif event.type() is QEvent.Type.Leave:
            self.placeHovered.emit(None)
        return super().eventFilter(watched, event)

    def _selected_spans(self) -> list[range]:
        """Give the selected rows as spans that do not overlap, from the top."""
        selection = self.selectionModel().selection()
        spans = map(selection.at, range(selection.size()))
        found: list[range] = []
        for top, bottom in sorted((span.top(), span.bottom()) for span in spans):
            first = max(top, found[-1].stop if found else 0)
            found.append(range(first, max(first, bottom + 1)))
        return found

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self.columns.place_at(index.row()))

    def _tell_current(self, current: QModelIndex) -> None:
        if not self._shows:
            self.currentPlaceChanged.emit(self.columns.place_at(current.row()) if current.isValid() else None)

    def _show_menu(self, position: QPoint) -> None:
        self.menu.popup(self.viewport().mapToGlobal(position))
