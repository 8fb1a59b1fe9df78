"""Real windows for tests: opened as the command line does, on a qasync loop, and closed whatever happens."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import qasync
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from efdviewer.app import open_window
from efdviewer.app.window import make_application
from efdviewer.ui.main_window import MainWindow

T = TypeVar("T")
W = TypeVar("W", bound=QWidget)


def in_window(argv: list[str], work: Callable[[MainWindow], Awaitable[T]], *, idle: bool = True) -> T:
    """Open a window, work with it, close it; a window that stays behind fails the test."""

    async def main() -> T:
        window = await open_window(argv)
        try:
            if idle:
                await window.idle()
            return await work(window)
        finally:
            window.close()
            await asyncio.wait_for(window.closed(), 10)

    application = make_application()
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        result = runner.run(main())
    left = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    assert not left, f"left open: {left}"
    return result


async def widen(window: MainWindow) -> None:
    """Make room for each event of a night to be a line, and not a shading."""
    window.resize(2560, 900)
    await window.idle()


def child(window: QWidget, kind: type[W], name: str) -> W:
    found = window.findChild(kind, name)
    assert found is not None, f"no {kind.__name__} named {name}"
    return found


def type_into(edit: QLineEdit, text: str, *, enter: bool = True) -> None:
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)
    if enter:
        QTest.keyClick(edit, Qt.Key.Key_Return)


def act(window: MainWindow, name: str) -> None:
    """Trigger a menu entry by its name."""
    from PySide6.QtGui import QAction

    action = window.findChild(QAction, name)
    assert action is not None, f"no action named {name}"
    action.trigger()
