"""Entries that split curves by device: in the menus of a curve, of a row, and of the topics."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from efdviewer.domain.topics import FieldRef
from efdviewer.ui.plot_area import PlotArea
from efdviewer.ui.topic_browser import TopicBrowser
from efdviewer.viewmodels.splitting import SplittingViewModel

_KEY = "S"


class SplitMenu(QMenu):
    """One entry for each index field, the first with a key; where there is none a stand-in, or no menu."""

    chosen = Signal(str)
    """An index field; empty for the stand-in."""

    def __init__(self, title: str, prefix: str, scope: QWidget, parent: QWidget, stand_in: str = "") -> None:
        super().__init__(title, parent)
        self._stand_in = stand_in
        self._prefix = prefix
        self._scope = scope
        self._by_index: dict[str, QAction] = {}
        # Not by the actions' own signals: a menu that an action is taken out of cuts all ties to it.
        self.triggered.connect(self._choose)
        self.menuAction().setVisible(False)

    def offer(self, indices: Sequence[str]) -> None:
        """Offer these index fields."""
        wanted = [self._action(index) for index in indices]
        if self._stand_in and not wanted:
            wanted = [self._action("")]
        if wanted == self.actions():
            return
        for action in self.actions():
            self.removeAction(action)
            self._scope.removeAction(action)
            action.setShortcut("")
        self.addActions(wanted)
        for action in wanted[:1]:
            action.setShortcut(_KEY)
            self._scope.addAction(action)
        self.menuAction().setVisible(bool(wanted))

    def _action(self, index: str) -> QAction:
        """Give the entry of an index field, always the same."""
        if index not in self._by_index:
            action = split_action(self._prefix, f"By {index or self._stand_in}", index, self)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self._by_index[index] = action
        return self._by_index[index]

    def _choose(self, action: QAction) -> None:
        self.chosen.emit(action.data())


class SplitActions(QObject):
    """Offers to split what is in hand, and hands on what a person chooses."""

    refused = Signal(str)
    """The curves of the row cannot be split: why, in words."""

    def __init__(self, splitting: SplittingViewModel, area: PlotArea, browser: TopicBrowser) -> None:
        super().__init__(area)
        self._splitting = splitting
        self._area = area
        self._browser = browser
        self.row_menu = SplitMenu("&Split curves", "actionRowSplit", area, area, stand_in="device")
        self.row_menu.chosen.connect(self._split_row)
        self._topic_menu = SplitMenu("Plot &split", "actionPlotSplit", browser.tree, browser)
        self._topic_menu.chosen.connect(self._plot_split)
        # After the entries that plot without splitting.
        browser.menu.insertMenu(browser.menu.actions()[2], self._topic_menu)
        browser.tree.selectionModel().selectionChanged.connect(self._offer_selection)
        browser.menu.aboutToShow.connect(self._learn_selection)
        area.currentRowChanged.connect(self.offer_row)
        area.curveMenuOpened.connect(self._offer_curve)
        splitting.indicesChanged.connect(self.offer_row)
        splitting.indicesChanged.connect(self._offer_topics)
        self.offer_row()

    def offer_row(self) -> None:
        """Offer by what the curves of the current row can be split."""
        self._splitting.learn_rows()
        self.row_menu.offer(self._splitting.indices_of_row(self._area.current_row()))

    def _split_row(self, index: str) -> None:
        row = self._area.current_row()
        if index:
            self._splitting.split_row(row, index)
        else:
            self.refused.emit(self._splitting.hindrance(row))

    def _offer_curve(self, row: int, field: FieldRef, menu: QMenu) -> None:
        """Add the entries to the menu of a curve, before its last part."""
        self._splitting.learn([field.topic])
        before = menu.actions()[-2]
        for index in self._splitting.indices([field]):
            action = split_action("actionCurveSplit", f"Split by {index}", index, menu)
            action.setProperty("curve", (row, field))
            action.triggered.connect(self._split_curve)
            menu.insertAction(before, action)

    def _split_curve(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        row, field = action.property("curve")
        self._splitting.split_curves(row, [field], action.data())

    def _offer_selection(self) -> None:
        self._splitting.learn_known(self._selected_topics())
        self._offer_topics()

    def _learn_selection(self) -> None:
        self._splitting.learn(self._selected_topics())

    def _offer_topics(self) -> None:
        self._topic_menu.offer(self._splitting.indices(self._selected_fields()))

    def _plot_split(self, index: str) -> None:
        self._splitting.plot_split(self._selected_fields(), index)

    def _selected_fields(self) -> list[FieldRef]:
        """Give the selected fields; where topics are selected alone, the main field of each."""
        return self._browser.tree.selected_fields() or self._splitting.main_fields(self._selected_topics())

    def _selected_topics(self) -> list[str]:
        return [str(topic) for topic in self._browser.tree.selected_topics()]


def split_action(prefix: str, text: str, index: str, parent: QObject) -> QAction:
    """Make the entry of an index field."""
    action = QAction(text.replace("&", "&&"), parent)
    action.setObjectName(f"{prefix}{index[:1].upper()}{index[1:]}")
    action.setToolTip(f"One curve for each {index or 'device'} that occurs in the range in view")
    action.setData(index)
    return action
