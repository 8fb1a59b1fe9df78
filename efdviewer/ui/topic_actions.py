"""What can be done with what is selected in the topic tree, by menu and by key."""

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu

from efdviewer.ui.topic_tree_view import TopicTreeView
from efdviewer.viewmodels.topic_tree import TopicTreeModel


class _Act(NamedTuple):
    action: QAction
    is_possible: Callable[[], bool]


class TopicActions(QObject):
    """The menu of the tree; each entry tells what a person wants with the selection."""

    plotInNewRowRequested = Signal(list)
    addToRowRequested = Signal(list)
    overlayRequested = Signal(str)
    latencyRequested = Signal(str)
    statesRequested = Signal(list, list)
    """Fields, and topics of which the program chooses them."""
    alignmentRequested = Signal(str)
    """The topic on whose events telemetry is to be aligned."""
    intervalsRequested = Signal(list)
    """One topic, or two, whose events begin and end intervals."""

    def __init__(self, model: TopicTreeModel, tree: TopicTreeView, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._tree = tree
        self._acts: list[_Act] = []
        self.menu = QMenu("&Topic", tree)
        self._add("actionPlotInNewRow", "Plot in &new row", "Shift+Return", self._plot_in_new_row)
        self._add("actionAddToRow", "&Add to current row", "Ctrl+Return", self._add_to_row)
        self._add("actionOverlayTopic", "&Overlay as event lines", "O", self._overlay, self._has_topics)
        self._add("actionShowLatency", "Show &latency", "D", self._show_latency, self._has_topics)
        self._add("actionShowStates", "Show as &states", "T", self._show_states, self._has_topics)
        self._add("actionShowIntervals", "Show &intervals", "", self._show_intervals, self._has_pair)
        self._add("actionAlignOn", "Ali&gn telemetry on it", "", self._align, self._has_topics)
        self.menu.addSeparator()
        self._add("actionCopyName", "&Copy name", "Ctrl+C", self.copy, self._has_topics)
        tree.selectionModel().selectionChanged.connect(self._enable)
        model.modelReset.connect(self._enable)
        self._enable()

    def copy(self) -> None:
        """Copy the names of what is selected, one a line."""
        names = [*self._tree.named_topics(), *self._tree.selected_fields()]
        if names:
            QGuiApplication.clipboard().setText("\n".join(map(str, names)))

    def _add(
        self,
        name: str,
        text: str,
        key: str,
        slot: Callable[[], None],
        is_possible: Callable[[], bool] | None = None,
    ) -> None:
        """Add an entry, by default one that is for fields."""
        action = QAction(text, self._tree)
        action.setObjectName(name)
        action.setShortcut(key)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(slot)
        self._tree.addAction(action)
        self.menu.addAction(action)
        self._acts.append(_Act(action, is_possible or self._has_fields))

    def _enable(self) -> None:
        for act in self._acts:
            act.action.setEnabled(act.is_possible())

    def _has_fields(self) -> bool:
        return bool(self._tree.selected_fields())

    def _has_topics(self) -> bool:
        return bool(self._tree.selected_topics())

    def _show_states(self) -> None:
        topics = [str(topic) for topic in self._tree.named_topics()]
        self.statesRequested.emit(self._model.plottable(self._tree.selected_fields()), topics)

    def _align(self) -> None:
        self.alignmentRequested.emit(str(self._tree.selected_topics()[0]))

    def _has_pair(self) -> bool:
        return 1 <= len(self._tree.selected_topics()) <= 2

    def _show_intervals(self) -> None:
        self.intervalsRequested.emit([str(topic) for topic in self._tree.selected_topics()])

    def _plot_in_new_row(self) -> None:
        self.plotInNewRowRequested.emit(self._model.plottable(self._tree.selected_fields()))

    def _add_to_row(self) -> None:
        self.addToRowRequested.emit(self._model.plottable(self._tree.selected_fields()))

    def _overlay(self) -> None:
        for topic in self._tree.selected_topics():
            self.overlayRequested.emit(str(topic))

    def _show_latency(self) -> None:
        for topic in self._tree.selected_topics():
            self.latencyRequested.emit(str(topic))
