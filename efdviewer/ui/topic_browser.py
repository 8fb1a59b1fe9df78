"""The topic browser: filter, kinds, and the tree to plot from."""

from collections.abc import Collection
from itertools import chain

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from efdviewer.domain.topics import TopicKind
from efdviewer.ui.theme import muted_color
from efdviewer.ui.topic_actions import TopicActions
from efdviewer.ui.topic_icons import icon_of
from efdviewer.ui.topic_tree_view import TopicTreeView
from efdviewer.viewmodels.topic_tree import Roles, TopicTreeModel

_SWITCHES = {
    "telemetry": (TopicKind.TELEMETRY,),
    "events": (TopicKind.EVENT,),
    "commands": (TopicKind.COMMAND, TopicKind.ACKNOWLEDGEMENT),
}
_INTO_TREE = (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class TopicBrowser(QWidget):
    """Finds topics and fields, and says what a person wants to do with them."""

    kindsEdited = Signal(tuple)
    """The kinds that a person wants left out, of `TOPIC_SWITCHES`."""

    def __init__(self, model: TopicTreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topicBrowser")
        self.setAccessibleName("Topics")
        self._model = model
        self._make_filter()
        self._tree = TopicTreeView(model)
        self._tree.chosen.connect(self._activate)
        self._tree.menuRequested.connect(self._show_menu)
        self._tree.leftByKey.connect(self.focus_filter)
        self._make_bottom()
        self.acts = TopicActions(model, self._tree, self)
        self._tree.copyRequested.connect(self.acts.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self._filter)
        layout.addLayout(self._make_switches())
        layout.addWidget(self._tree, 1)
        layout.addWidget(self._retry, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._status)
        self._paint_switches()
        self._show_status()

    @property
    def menu(self) -> QMenu:
        """What can be done with the selection; the window may show it as a menu of its own."""
        return self.acts.menu

    @property
    def tree(self) -> TopicTreeView:
        """The tree, whose selection the menu acts on."""
        return self._tree

    def sizeHint(self) -> QSize:
        """Wide enough for names of usual length."""
        return QSize(320, 480)

    def focus_filter(self) -> None:
        """Go to the filter and mark what stands there."""
        self._filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._filter.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move from the filter into the tree by key; clear it with Escape."""
        if watched is self._filter and event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _INTO_TREE:
                if event.key() == Qt.Key.Key_Down:
                    self._tree.go_to(self._model.first_topic())
                else:
                    self._take_first_match()
                return True
            if event.key() == Qt.Key.Key_Escape and self._filter.text():
                self._filter.clear()
                return True
        return super().eventFilter(watched, event)

    def _take_first_match(self) -> None:
        """Plot the first match if it is a field or an array, lay an event; open telemetry to choose from."""
        match = self._model.first_match()
        self._tree.go_to(match)
        if fields := match.data(Roles.FIELDS):
            self.acts.addToRowRequested.emit(self._model.plottable(fields))
        elif (topic := match.data(Roles.TOPIC)) is not None and topic.kind is TopicKind.TELEMETRY:
            self._tree.expand(match)
        elif topic is not None:
            self.acts.overlayRequested.emit(str(topic))

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icons anew when the scheme changes."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._paint_switches()

    def _make_filter(self) -> None:
        self._filter = QLineEdit()
        self._filter.setObjectName("topicFilter")
        self._filter.setAccessibleName("Filter topics and fields")
        self._filter.setPlaceholderText("Filter topics and fields")
        self._filter.setToolTip(
            "Words in any order, all have to match; * stands for anything.\n"
            "Fields are searched in topics that were opened before.\n"
            "Return plots the first field that matches, or lays the first event over the plots;\n"
            "Down leads into the tree."
        )
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._model.setFilterText)
        self._filter.installEventFilter(self)

    def _make_switches(self) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.setSpacing(2)
        self._switches: dict[str, QToolButton] = {}
        for name in _SWITCHES:
            button = QToolButton()
            button.setObjectName(f"topicKind{name.capitalize()}")
            button.setText(name.capitalize())
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setAccessibleName(f"Show {name}")
            button.setToolTip(f"Show {name}")
            button.setCheckable(True)
            button.setChecked(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(self._choose_kinds)
            self._switches[name] = button
            layout.addWidget(button)
        layout.addStretch(1)
        return layout

    def _make_bottom(self) -> None:
        self._status = QLabel()
        self._status.setObjectName("topicStatus")
        self._status.setAccessibleName("Topics shown")
        self._status.setTextFormat(Qt.TextFormat.PlainText)
        self._status.setWordWrap(True)
        self._retry = QPushButton("Try again")
        self._retry.setObjectName("topicRetry")
        self._retry.setAccessibleName("List the topics again")
        self._retry.setToolTip("Ask the source for its topics again")
        self._retry.clicked.connect(self._model.reload)
        self._model.statusChanged.connect(self._show_status)

    def _show_status(self) -> None:
        self._status.setText(self._model.status)
        self._retry.setVisible(self._model.has_failed)

    def _paint_switches(self) -> None:
        for name, button in self._switches.items():
            button.setIcon(icon_of(_SWITCHES[name][0].value))
            # Pressed or not is hard to see on dark.
            palette = QPalette()
            if not button.isChecked():
                palette.setColor(QPalette.ColorRole.ButtonText, muted_color())
                palette.setColor(QPalette.ColorRole.Button, self.palette().color(QPalette.ColorRole.Window))
            button.setPalette(palette)

    def _choose_kinds(self) -> None:
        hidden = tuple(name for name, button in self._switches.items() if not button.isChecked())
        self.hide_kinds(hidden)
        self.kindsEdited.emit(hidden)

    def hide_kinds(self, hidden: Collection[str]) -> None:
        """Leave kinds of topics out, of `TOPIC_SWITCHES`."""
        for name, button in self._switches.items():
            button.setChecked(name not in hidden)
        self._paint_switches()
        shown = [kinds for name, kinds in _SWITCHES.items() if name not in hidden]
        self._model.setKinds(frozenset(chain.from_iterable(shown)))

    def _activate(self, index: QModelIndex) -> None:
        index = index.siblingAtColumn(0)
        fields, topic = index.data(Roles.FIELDS), index.data(Roles.TOPIC)
        # An array that is one series is plotted like a field; its elements are still there to open.
        if fields and (len(fields) == 1 or not self._model.hasChildren(index)):
            selected = self._tree.selected_fields()
            self.acts.addToRowRequested.emit(
                self._model.plottable(selected if fields[0] in selected else fields)
            )
        elif topic is not None and topic.kind is not TopicKind.TELEMETRY:
            self.acts.overlayRequested.emit(str(topic))
        elif self._model.hasChildren(index):
            self._tree.setExpanded(index, not self._tree.isExpanded(index))
        else:
            self._model.ask_again(index)

    def _show_menu(self, position: QPoint) -> None:
        self.menu.popup(position)
