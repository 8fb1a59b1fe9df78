"""Puts many lines on the clipboard, some at a time, so that the window goes on."""

import time
from collections.abc import Iterator

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QStatusTipEvent
from PySide6.QtWidgets import QApplication, QWidget

_TURN_S = 0.008
"""So long lines are made before the window has its turn."""


class LinesCopy:
    """Makes the lines of a table in turns; few are on the clipboard at once.

    A copy that takes more than a turn is told of in the status bar when it begins and when it is done. A
    later one takes its place.
    """

    def __init__(self, table: QWidget) -> None:
        self._table = table
        self._lines: Iterator[str] = iter(())
        self._made: list[str] = []
        self._turns = QTimer(table, singleShot=True, interval=0)
        self._turns.timeout.connect(self._go_on)

    def start(self, lines: Iterator[str]) -> None:
        """Copy lines, the first of which is a heading."""
        self._lines, self._made = lines, []
        if not self._make_some():
            self._tell("Copying …")
            self._turns.start()
        else:
            self._turns.stop()

    def _go_on(self) -> None:
        if self._make_some():
            self._tell(f"Copied {len(self._made) - 1:,} rows")
        else:
            self._turns.start()

    def _make_some(self) -> bool:
        """Make lines for a turn; tells whether all are on the clipboard."""
        until_s = time.perf_counter() + _TURN_S
        for line in self._lines:
            self._made.append(line)
            if time.perf_counter() > until_s:
                return False
        QGuiApplication.clipboard().setText("\n".join(self._made))
        return True

    def _tell(self, words: str) -> None:
        QApplication.sendEvent(self._table, QStatusTipEvent(words))
