"""What a person's hands do in a window, by its widgets alone."""

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QMenu, QTreeView, QWidget

from efdviewer.ui.main_window import MainWindow
from tests.windows import child, type_into

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
HELD = Qt.KeyboardModifier


async def type_range(window: MainWindow, start: str, end: str) -> None:
    """Type both ends and press Return once."""
    type_into(child(window, QLineEdit, "timeFrom"), start, enter=False)
    type_into(child(window, QLineEdit, "timeTo"), end)
    await window.idle()


def click(widget: QWidget, place: QPoint | None = None) -> None:
    """Click with the left button, by default into the middle."""
    QTest.mouseClick(widget, LEFT, HELD.NoModifier, widget.rect().center() if place is None else place)


class TopicHand:
    """Finds topics by typing into the filter, and works in the tree."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.filter = child(window, QLineEdit, "topicFilter")
        self.tree = child(window, QTreeView, "topicTree")

    async def find(self, words: str, csc: str, topic: str) -> QModelIndex:
        """Type a filter; gives the row of a topic that it leaves."""
        type_into(self.filter, words, enter=False)
        await self.window.idle()
        return self.row(csc, topic)

    async def open(self, words: str, csc: str, topic: str) -> None:
        """Find a topic and open it by the keyboard."""
        index = await self.find(words, csc, topic)
        self.click(index)
        if not self.tree.isExpanded(index):
            QTest.keyClick(self.tree, Qt.Key.Key_Right)
        await self.window.idle()

    def row(self, *texts: str) -> QModelIndex:
        """Give the row that is reached by what stands in the tree."""
        index = QModelIndex()
        for text in texts:
            model = self.tree.model()
            below = [model.index(place, 0, index) for place in range(model.rowCount(index))]
            named = [found for found in below if found.data() == text]
            assert len(named) == 1, f"{text} is not one of {[found.data() for found in below]}"
            index = named[0]
        return index

    def click(self, index: QModelIndex, held: Qt.KeyboardModifier = HELD.NoModifier) -> None:
        QTest.mouseClick(self.tree.viewport(), LEFT, held, self._place(index))

    async def double_click(self, index: QModelIndex) -> None:
        place = self._place(index)
        for press in (QTest.mouseClick, QTest.mouseDClick):
            press(self.tree.viewport(), LEFT, HELD.NoModifier, place)
        await self.window.idle()

    async def press(self, index: QModelIndex, key: Qt.Key) -> None:
        self.click(index)
        QTest.keyClick(self.tree, key)
        await self.window.idle()

    async def choose(self, index: QModelIndex, action: str) -> None:
        """Click with the right button and choose from the menu that opens."""
        place = self._place(index)
        QTest.mouseClick(self.tree.viewport(), RIGHT, HELD.NoModifier, place)
        await open_menu_and_choose(self.window, self.tree.viewport(), place, action)

    def _place(self, index: QModelIndex) -> QPoint:
        self.tree.scrollTo(index)
        return self.tree.visualRect(index).center()


async def open_menu_and_choose(window: MainWindow, over: QWidget, place: QPoint, action: str) -> None:
    """Open the context menu of a widget, and choose an entry by the arrow keys."""
    reason = QContextMenuEvent.Reason.Mouse
    event = QContextMenuEvent(reason, place, over.mapToGlobal(place), HELD.NoModifier)
    QApplication.sendEvent(over, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu), "no menu opened"
    entry = next(each for each in menu.actions() if each.objectName() == action)
    assert entry.isEnabled(), f"{action} is greyed out"
    for _ in menu.actions():
        QTest.keyClick(menu, Qt.Key.Key_Down)
        if menu.activeAction() is entry:
            break
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert not menu.isVisible(), f"{action} was not chosen"
    await window.idle()


async def choose_from_bar(window: MainWindow, title: str, action: str) -> None:
    """Open a menu of the menu bar with the mouse, and click on an entry."""
    bar = window.menuBar()
    top = next(each for each in bar.actions() if each.text().replace("&", "") == title)
    QTest.mouseClick(bar, LEFT, HELD.NoModifier, bar.actionGeometry(top).center())
    menu = top.menu()
    assert isinstance(menu, QMenu)
    assert menu.isVisible(), f"{title} did not open"
    entry = next(each for each in menu.actions() if each.objectName() == action)
    QTest.mouseClick(menu, LEFT, HELD.NoModifier, menu.actionGeometry(entry).center())
    await window.idle()


async def tick(window: MainWindow, name: str) -> None:
    """Click on a button or check box."""
    button = child(window, QAbstractButton, name)
    assert button.isVisible(), f"{name} is hidden"
    QTest.mouseClick(button, LEFT, HELD.NoModifier, QPoint(8, button.height() // 2))
    await window.idle()


async def pick(window: MainWindow, name: str, text: str) -> None:
    """Open a combo box and choose an entry by the arrow keys."""
    box = child(window, QComboBox, name)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_F4)
    assert box.view().isVisible(), f"{name} did not open"
    QTest.keyClick(box.view(), Qt.Key.Key_Home)
    for _ in range(box.findText(text)):
        QTest.keyClick(box.view(), Qt.Key.Key_Down)
    QTest.keyClick(box.view(), Qt.Key.Key_Return)
    assert box.currentText() == text
    await window.idle()
