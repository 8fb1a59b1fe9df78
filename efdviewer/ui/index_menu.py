"""The choice of the scale in which the source's index was written."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from efdviewer.domain.errors import BadInputError, explain
from efdviewer.domain.tai_index import ALWAYS, USUAL_DAY, TaiIndex

_TITLES = {
    "": "&UTC, as usual",
    USUAL_DAY: f"TAI before {USUAL_DAY}, UTC &since",
    ALWAYS: "&TAI throughout",
}
_NAMES = {"": "actionIndexUtc", USUAL_DAY: "actionIndexTaiBefore2021", ALWAYS: "actionIndexTai"}


class IndexMenu(QMenu):
    """One checked entry for each way to read an index, and one for a day that is typed."""

    chosen = Signal(str)
    """As `Session.tai_index` has it."""

    def __init__(self, current: Callable[[], str], parent: QWidget) -> None:
        super().__init__("Inde&x of the source", parent)
        self.setObjectName("menuIndex")
        self._current = current
        group = QActionGroup(self)
        for value, title in _TITLES.items():
            action = self._add(group, _NAMES[value], title)
            action.setData(value)
        self._other = self._add(group, "actionIndexTaiBefore", "TAI before another &day…")
        group.triggered.connect(self._choose)
        self.aboutToShow.connect(self._show_chosen)
        self._show_chosen()

    def _add(self, group: QActionGroup, name: str, title: str) -> QAction:
        action = self.addAction(title)
        action.setObjectName(name)
        action.setCheckable(True)
        action.setToolTip("Before October 2021 some instances wrote TAI as index, 37 s ahead of UTC")
        group.addAction(action)
        return action

    def _show_chosen(self) -> None:
        current = self._current()
        known = {action.data(): action for action in self.actions()}
        known.get(current, self._other).setChecked(True)

    def _choose(self, action: QAction) -> None:
        self._show_chosen()
        if action is self._other:
            self._ask(f"The first day, in UTC, whose index was written in UTC, such as {USUAL_DAY}:")
        else:
            self.chosen.emit(action.data())

    def _ask(self, words: str, typed: str = USUAL_DAY) -> None:
        dialog = QInputDialog(self.parentWidget())
        dialog.setObjectName("indexDay")
        dialog.setWindowTitle("Index of the source")
        dialog.setLabelText(words)
        dialog.setTextValue(typed)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.textValueSelected.connect(self._take_day)
        dialog.open()

    def _take_day(self, text: str) -> None:
        try:
            TaiIndex.parse(text)
        except BadInputError as error:
            self._ask(explain(error), text)
        else:
            self.chosen.emit(text.strip())
