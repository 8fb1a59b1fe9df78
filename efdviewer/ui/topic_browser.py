"""The topic browser: filter, kinds, and the tree to plot from."""

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QGuiApplication, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from efdviewer.domain.topics import FieldRef, TopicKind, TopicName
from efdviewer.ui.theme import is_dark, muted_color
from efdviewer.viewmodels.topic_tree import Roles, TopicTreeModel

_SWITCHES = ((TopicKind.TELEMETRY, "Telemetry"), (TopicKind.EVENT, "Events"), (TopicKind.COMMAND, "Commands"))
_LETTERS = {
    "telemetry": ("~", "#0072b2", "#56b4e9"),
    "event": ("!", "#b35900", "#e69f00"),
    "command": ("›", "#007a5a", "#2ec4a0"),  # noqa: RUF001
    "acknowledgement": ("‹", "#007a5a", "#2ec4a0"),  # noqa: RUF001
    "float": ("1.5", "#5f6368", "#9aa0a6"),
    "integer": ("12", "#5f6368", "#9aa0a6"),
    "boolean": ("01", "#5f6368", "#9aa0a6"),
    "string": ("ab", "#5f6368", "#9aa0a6"),
    "array": ("[ ]", "#5f6368", "#9aa0a6"),
}
_ICON = 18


class TopicBrowser(QWidget):
    """Finds topics and fields, and says what a person wants to do with them."""

    plotInNewRowRequested = Signal(list)
    addToRowRequested = Signal(list)
    overlayRequested = Signal(str)
    latencyRequested = Signal(str)

    def __init__(self, model: TopicTreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topicBrowser")
        self.setAccessibleName("Topics")
        self._model = model
        self._make_filter()
        self._make_tree()
        self._status = QLabel(model.status)
        self._status.setObjectName("topicStatus")
        self._status.setAccessibleName("Topics shown")
        self._status.setWordWrap(True)
        model.statusChanged.connect(self._status.setText)
        model.matchesChanged.connect(self._unfold)
        self._make_actions()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self._filter)
        layout.addLayout(self._switches())
        layout.addWidget(self._tree, 1)
        layout.addWidget(self._status)

    def sizeHint(self) -> QSize:
        """Wide enough for names of usual length."""
        return QSize(320, 480)

    def focus_filter(self) -> None:
        """Go to the filter and mark what stands there."""
        self._filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._filter.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move from the filter into the tree by key; act on Return in the tree."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if watched is self._filter and event.key() in (
                Qt.Key.Key_Down,
                Qt.Key.Key_Return,
                Qt.Key.Key_Enter,
            ):
                self._enter_tree()
                return True
            if watched is self._tree and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._activate(self._tree.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _make_filter(self) -> None:
        self._filter = QLineEdit()
        self._filter.setObjectName("topicFilter")
        self._filter.setAccessibleName("Filter topics and fields")
        self._filter.setPlaceholderText("Filter: words in any order, * matches anything")
        self._filter.setToolTip("All words have to match, in topics or in fields that were opened before (F)")
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._model.setFilterText)
        self._filter.installEventFilter(self)

    def _switches(self) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.setSpacing(2)
        self._kinds: dict[TopicKind, QToolButton] = {}
        for kind, text in _SWITCHES:
            button = QToolButton()
            button.setObjectName(f"topicKind{text}")
            button.setText(text)
            button.setIcon(icon_of(kind.value))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setAccessibleName(f"Show {text.lower()}")
            button.setToolTip(f"Show {text.lower()}")
            button.setCheckable(True)
            button.setChecked(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.toggled.connect(self._choose_kinds)
            self._kinds[kind] = button
            layout.addWidget(button)
        layout.addStretch(1)
        return layout

    def _make_tree(self) -> None:
        self._tree = QTreeView()
        self._tree.setObjectName("topicTree")
        self._tree.setAccessibleName("Topics and fields")
        self._tree.setModel(self._model)
        self._tree.setUniformRowHeights(True)
        self._tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._tree.setDragEnabled(True)
        self._tree.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self._tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._tree.setExpandsOnDoubleClick(False)
        self._tree.setItemDelegate(_RowDelegate(self._tree))
        self._tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._tree.customContextMenuRequested.connect(self._show_menu)
        self._tree.doubleClicked.connect(self._activate)
        self._tree.installEventFilter(self)
        header = self._tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._tree.setHeaderHidden(True)

    def _make_actions(self) -> None:
        self._menu = QMenu(self)
        self._actions: dict[str, QAction] = {}
        for name, text, key, slot in (
            ("actionPlotInNewRow", "Plot in &new row", "Shift+Return", self._plot_in_new_row),
            ("actionAddToRow", "&Add to current row", "Ctrl+Return", self._add_to_row),
            ("actionOverlayTopic", "&Overlay as event lines", "O", self._overlay),
            ("actionShowLatency", "Show &latency", "L", self._show_latency),
            ("actionCopyName", "&Copy name", "Ctrl+C", self._copy),
        ):
            action = QAction(text, self._tree)
            action.setObjectName(name)
            action.setShortcut(key)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(slot)
            self._tree.addAction(action)
            self._menu.addAction(action)
            self._actions[name] = action
        self._tree.selectionModel().selectionChanged.connect(self._enable)
        self._model.modelReset.connect(self._enable)
        self._enable()

    def _enable(self) -> None:
        fields, topics = bool(self._selected_fields()), bool(self._selected_topics())
        for name in ("actionPlotInNewRow", "actionAddToRow"):
            self._actions[name].setEnabled(fields)
        for name in ("actionOverlayTopic", "actionShowLatency"):
            self._actions[name].setEnabled(topics)
        self._actions["actionCopyName"].setEnabled(fields or topics)

    def _selected(self) -> list[QModelIndex]:
        return self._tree.selectionModel().selectedRows(0)

    def _selected_fields(self) -> list[FieldRef]:
        return [ref for index in self._selected() for ref in index.data(Roles.FIELDS) or ()]

    def _selected_topics(self) -> list[TopicName]:
        """Give the selected topics, and those of selected fields."""
        named = [index.data(Roles.TOPIC) for index in self._selected()]
        found = [topic for topic in named if topic is not None]
        found += [TopicName.parse(ref.topic) for ref in self._selected_fields()]
        return list(dict.fromkeys(found))

    def _activate(self, index: QModelIndex) -> None:
        fields = index.siblingAtColumn(0).data(Roles.FIELDS)
        topic = index.siblingAtColumn(0).data(Roles.TOPIC)
        if fields and len(fields) == 1:
            self.addToRowRequested.emit(self._selected_fields() or list(fields))
        elif topic is not None and topic.kind is not TopicKind.TELEMETRY:
            self.overlayRequested.emit(str(topic))
        else:
            index = index.siblingAtColumn(0)
            self._tree.setExpanded(index, not self._tree.isExpanded(index))

    def _plot_in_new_row(self) -> None:
        self.plotInNewRowRequested.emit(self._selected_fields())

    def _add_to_row(self) -> None:
        self.addToRowRequested.emit(self._selected_fields())

    def _overlay(self) -> None:
        for topic in self._selected_topics():
            self.overlayRequested.emit(str(topic))

    def _show_latency(self) -> None:
        for topic in self._selected_topics():
            self.latencyRequested.emit(str(topic))

    def _copy(self) -> None:
        names = [str(ref) for ref in self._selected_fields()] or [
            str(topic) for topic in self._selected_topics()
        ]
        QGuiApplication.clipboard().setText("\n".join(names))

    def _show_menu(self, position: QPoint) -> None:
        self._menu.popup(self._tree.viewport().mapToGlobal(position))

    def _choose_kinds(self) -> None:
        self._model.setKinds(frozenset(kind for kind, button in self._kinds.items() if button.isChecked()))

    def _enter_tree(self) -> None:
        first = self._model.first_match()
        if first.isValid():
            self._tree.setCurrentIndex(first)
            self._tree.scrollTo(first)
            self._tree.setFocus(Qt.FocusReason.TabFocusReason)

    def _unfold(self, few: bool) -> None:
        if not few:
            return
        for row in range(self._model.rowCount()):
            csc = self._model.index(row, 0)
            self._tree.expand(csc)
            for below in range(self._model.rowCount(csc)):
                topic = self._model.index(below, 0, csc)
                if not self._model.canFetchMore(topic):
                    self._tree.expand(topic)


class _RowDelegate(QStyledItemDelegate):
    """Draws the icon of the kind before the name, and the detail in a muted colour."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]
        """Qt: prepare what is drawn."""
        super().initStyleOption(option, index)
        if index.column() == 1:
            option.palette.setColor(option.palette.ColorRole.Text, muted_color())
            return
        icon = icon_of(index.data(Roles.KIND) or "")
        if not icon.isNull():
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
            option.decorationSize = QSize(_ICON, _ICON)
            option.icon = icon


_icons: dict[tuple[str, bool], QIcon] = {}


def icon_of(kind: str) -> QIcon:
    """Draw the icon of a kind of topic or a type of field, for the scheme in force; none for others."""
    dark = is_dark()
    if (kind, dark) not in _icons:
        _icons[kind, dark] = _drawn(kind, dark)
    return _icons[kind, dark]


def _drawn(kind: str, dark: bool) -> QIcon:
    if kind not in _LETTERS:
        return QIcon()
    letter, light_color, dark_color = _LETTERS[kind]
    pixmap = QPixmap(2 * _ICON, 2 * _ICON)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(dark_color if dark else light_color))
    font = QFont()
    font.setPixelSize(9 if len(letter) > 1 else 15)
    font.setBold(True)
    painter.setFont(font)
    painter.drawText(pixmap.rect().adjusted(0, 0, -_ICON, -_ICON), Qt.AlignmentFlag.AlignCenter, letter)
    painter.end()
    return QIcon(pixmap)
