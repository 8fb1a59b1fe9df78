"""The tree of topics: its keys, and what stays open and selected from one filter to the next."""

from typing import cast

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from efdviewer.domain.topics import FieldRef, TopicName
from efdviewer.ui.scroll_bars import make_flat
from efdviewer.ui.theme import muted_color, wrong_color
from efdviewer.ui.topic_delegate import TopicDelegate
from efdviewer.viewmodels.topic_tree import Roles, TopicTreeModel

_RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_BESIDE_LETTERS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
"""What is held for a plus on some keyboards, or comes with it."""
_TYPED = frozenset("ABEKNPW")
"""Letters that mean something in the plots: while the mouse is not there, they are typed to find a name."""
_KEPT_SELECTED = 200
_PADDING = 16

Path = tuple[str, ...]


class TopicTreeView(QTreeView):
    """Shows a `TopicTreeModel`."""

    chosen = Signal(QModelIndex)
    """Double-clicked, or Return was pressed on it."""
    copyRequested = Signal()
    menuRequested = Signal(QPoint)
    """Where to show the menu, in global coordinates."""
    leftByKey = Signal()

    def __init__(self, model: TopicTreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._opened: set[Path] = set()
        self._selected: list[Path] = []
        self._restoring = False
        self._is_mouse_in_plots = False
        self.setObjectName("topicTree")
        self.setAccessibleName("Topics and fields")
        make_flat(self)
        self.setUniformRowHeights(True)
        self.setHeaderHidden(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setExpandsOnDoubleClick(False)
        self.setAllColumnsShowFocus(True)
        self.setIndentation(16)
        self._delegate = TopicDelegate(model, self)
        self.setItemDelegate(self._delegate)
        self.setModel(model)
        # The delegate draws the second column into the first, where each row can divide its own width.
        self.setColumnHidden(1, True)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        model.rowsRemoved.connect(self._select_current)
        model.statusChanged.connect(self._tell)
        self.doubleClicked.connect(self.chosen)
        self.expanded.connect(self._note_opened)
        self.collapsed.connect(self._note_closed)
        self._tell()

    def go_to(self, index: QModelIndex) -> None:
        """Select a row, show it, and take the keyboard."""
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def note_cursor(self, utc_ns: int | None) -> None:
        """Take note of the time under the mouse, None where it is not over a plot."""
        self._is_mouse_in_plots = utc_ns is not None

    def selected_fields(self) -> list[FieldRef]:
        """Give the selected fields, and those of selected arrays."""
        return [ref for index in self._chosen() for ref in index.data(Roles.FIELDS) or ()]

    def named_topics(self) -> list[TopicName]:
        """Give the topics that are selected themselves."""
        named = [index.data(Roles.TOPIC) for index in self._chosen()]
        return [topic for topic in named if topic is not None]

    def selected_topics(self) -> list[TopicName]:
        """Give the selected topics, and those of selected fields."""
        found = self.named_topics()
        found += [TopicName.parse(ref.topic) for ref in self.selected_fields()]
        return list(dict.fromkeys(found))

    def event(self, event: QEvent) -> bool:
        """Claim the keys that the tree has a use for while it has the keyboard; others are the window's."""
        claims = isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride
        if claims and self._uses(cast("QKeyEvent", event)):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Act on Return, copy, and go back to the filter on Escape."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copyRequested.emit()
        elif event.key() in _RETURN and event.modifiers() in _PLAIN:
            self.chosen.emit(self.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            self.leftByKey.emit()
        elif event.key() != Qt.Key.Key_Asterisk:
            # An asterisk would open everything below, which asks the database about each topic.
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu at the pointer, or beside the current row where a key asks for it."""
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            beside = self.visualRect(self.currentIndex()).bottomLeft()
            self.menuRequested.emit(self.viewport().mapToGlobal(beside))
        else:
            self.menuRequested.emit(event.globalPos())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scheme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._delegate.forget_colors()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tree, or in words why there is nothing in it."""
        super().paintEvent(event)
        if not self._model.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(wrong_color() if self._model.has_failed else muted_color())
            area = self.viewport().rect().adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(area, flags, self._model.notice)
            painter.end()

    def _chosen(self) -> list[QModelIndex]:
        return self.selectionModel().selectedRows(0)

    def _uses(self, event: QKeyEvent) -> bool:
        """Tell whether a key that the window has an action for means something on the current row."""
        if event.matches(QKeySequence.StandardKey.Copy):
            return True
        if event.modifiers() & ~_BESIDE_LETTERS:
            return False
        if event.text().upper() in _TYPED and not self._is_mouse_in_plots:
            return True
        current = self.currentIndex()
        can_open = self._model.hasChildren(current) and not self.isExpanded(current)
        return (
            event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right)
            or (event.key() == Qt.Key.Key_Plus and can_open)
            or (event.key() == Qt.Key.Key_Minus and self.isExpanded(current))
        )

    def _tell(self) -> None:
        self.setAccessibleDescription("" if self._model.rowCount() else self._model.notice)
        self.viewport().update()

    def _note_opened(self, index: QModelIndex) -> None:
        if not self._restoring:
            self._opened.add(self._model.path_of(index))
            self._model.ask_again(index)

    def _note_closed(self, index: QModelIndex) -> None:
        self._opened.discard(self._model.path_of(index))

    def _remember(self) -> None:
        rows = self.selectionModel().selectedRows(0)[:_KEPT_SELECTED]
        if rows:
            self._selected = [self._model.path_of(index) for index in rows]

    def _restore(self) -> None:
        self._restoring = True
        for index in self._model.worth_opening():
            self.expand(index)
        for path in sorted(self._opened, key=len):
            index = self._model.index_at(path)
            # A topic of which nothing is known yet would be asked about, for nobody.
            if index.isValid() and not self._model.canFetchMore(index):
                self.expand(index)
        self._restore_selection()
        self._restoring = False

    def _restore_selection(self) -> None:
        found = [index for index in map(self._model.index_at, self._selected) if index.isValid()]
        if self._model.is_filtered:
            found = [index for index in found if self._is_open_above(index)]
        if not found:
            return
        chosen = QItemSelection()
        for index in found:
            chosen.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(chosen, flags.ClearAndSelect | flags.Rows)
        self.selectionModel().setCurrentIndex(found[0], flags.NoUpdate)
        if not self._model.is_filtered:
            self.scrollTo(found[0])

    def _is_open_above(self, index: QModelIndex) -> bool:
        above = index.parent()
        while above.isValid():
            if not self.isExpanded(above):
                return False
            above = above.parent()
        return True

    def _select_current(self) -> None:
        """Select the row that took the place of one that only said it was loading."""
        selection = self.selectionModel()
        if self.currentIndex().isValid() and not selection.hasSelection():
            flags = QItemSelectionModel.SelectionFlag
            selection.select(self.currentIndex(), flags.Select | flags.Rows)
