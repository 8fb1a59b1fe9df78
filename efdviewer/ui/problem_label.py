"""A line of a form that says what is wrong with what was typed."""

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel

from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.ui.fitted_text import breakable
from efdviewer.ui.theme import wrong_color


class ProblemLabel(QLabel):
    """Takes no room while nothing is wrong."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWordWrap(True)
        self.hide()

    def say(self, problem: EfdViewerError | str) -> None:
        """Show what is wrong, with what to do about it."""
        words = problem if isinstance(problem, str) else explain(problem)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, wrong_color())
        self.setPalette(palette)
        self.setText(breakable(words))
        self.setAccessibleName(words)
        self.show()

    def clear_problem(self) -> None:
        """Nothing is wrong any more."""
        self.setText("")
        self.setAccessibleName("")
        self.hide()
