"""All actions in one searchable list, with their keys."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from efdviewer.ui.scroll_bars import make_flat


class ActionFinder(QDialog):
    """Type a word, press Return: the action is done. Shows the keys beside each."""

    def __init__(self, actions: list[tuple[str, QAction]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Actions and keys")
        self.setObjectName("actionFinder")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(560, 480)
        self._filter = QLineEdit()
        self._filter.setObjectName("actionFilter")
        self._filter.setAccessibleName("Filter actions")
        self._filter.setPlaceholderText("Type to find an action")
        self._filter.textChanged.connect(self._narrow)
        self._filter.returnPressed.connect(self._run_current)
        self._list = QTreeWidget()
        self._list.setObjectName("actionList")
        self._list.setAccessibleName("Actions")
        self._list.setHeaderLabels(["Action", "Keys"])
        self._list.setRootIsDecorated(False)
        make_flat(self._list)
        self._list.setColumnWidth(0, 380)
        self._list.itemActivated.connect(self._run)
        for path, action in actions:
            keys = ", ".join(key.toString() for key in action.shortcuts())
            item = QTreeWidgetItem([f"{path}: {action.text().replace('&', '')}", keys])
            item.setData(0, Qt.ItemDataRole.UserRole, action)
            item.setDisabled(not action.isEnabled())
            self._list.addTopLevelItem(item)
        layout = QVBoxLayout(self)
        layout.addWidget(self._filter)
        layout.addWidget(self._list)
        self._narrow("")

    def _narrow(self, text: str) -> None:
        words = text.casefold().split()
        first: QTreeWidgetItem | None = None
        for index in range(self._list.topLevelItemCount()):
            item = self._list.topLevelItem(index)
            assert item is not None
            hidden = not all(word in item.text(0).casefold() for word in words)
            item.setHidden(hidden)
            if not hidden and first is None and not item.isDisabled():
                first = item
        if first is not None:
            self._list.setCurrentItem(first)

    def _run_current(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            self._run(item)

    def _run(self, item: QTreeWidgetItem) -> None:
        action = item.data(0, Qt.ItemDataRole.UserRole)
        if action.isEnabled():
            self.accept()
            action.trigger()
