"""A line for formulas that completes the names of fields and functions."""

import re

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from efdviewer.domain.expressions import write_name
from efdviewer.domain.functions import FUNCTIONS

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LEAST = 2


class FormulaEdit(QLineEdit):
    """Offers what begins like the word that is being typed; Return or a click takes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        font = QFont(self.font())
        font.setStyleHint(QFont.StyleHint.Monospace)
        self.setFont(font)
        self._words = QStringListModel(self)
        self._completer = QCompleter(self._words, self)
        self._completer.setWidget(self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completer.activated.connect(self._take)
        popup = self._completer.popup()
        assert popup is not None
        self._popup = popup
        self.textEdited.connect(self._offer)

    def set_names(self, names: list[str]) -> None:
        """Complete these fields, and the functions."""
        self._words.setStringList([*names, *(f"{name}(" for name in FUNCTIONS)])

    def _word(self) -> str:
        found = _WORD.search(self.text()[: self.cursorPosition()])
        return found[0] if found else ""

    def _offer(self) -> None:
        word = self._word()
        if len(word) < _LEAST:
            self._popup.hide()
            return
        self._completer.setCompletionPrefix(word)
        if self._completer.completionCount() and self._completer.currentCompletion() != word:
            self._completer.complete()
        else:
            self._popup.hide()

    def _take(self, chosen: str) -> None:
        end, word = self.cursorPosition(), self._word()
        written = chosen if chosen.endswith("(") else write_name(chosen)
        before = self.text()[: end - len(word)] + written
        self.setText(before + self.text()[end:])
        self.setCursorPosition(len(before))
        self.textEdited.emit(self.text())
