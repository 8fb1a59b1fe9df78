"""Texts in little room: a shorter form or an ellipsis, and never a cut letter."""

import re
from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QStyle, QStyleOptionFrame, QWidget

_SLACK = 4
"""Pixels by which a text that can be selected is laid out wider than its font measures it."""

_LONG_WORD = re.compile(r"\S{30,}")
_WITHIN_NAME = re.compile(r"(?<=[.:_])|(?<=[a-z0-9])(?=[A-Z])")


def breakable(text: str) -> str:
    """Let lines end within long names, as a label is no narrower than its longest word."""
    return _LONG_WORD.sub(lambda name: _WITHIN_NAME.sub("\u200b", name[0]), text)


class FittedLabel(QLabel):
    """Shows the first of several forms, from long to short, that has room; else the last one elided."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forms: Sequence[str] = ("",)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_forms(self, *forms: str) -> None:
        """Show one of these."""
        self._forms = forms
        self.setAccessibleDescription(forms[0])
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics, room = self.fontMetrics(), self.contentsRect().width() - _SLACK
        fitting = (form for form in self._forms if metrics.horizontalAdvance(form) <= room)
        shortest = metrics.elidedText(self._forms[-1], Qt.TextElideMode.ElideRight, room)
        self.setText(next(fitting, shortest))


class FittedEdit(QLineEdit):
    """Shows the front of a text that is too long, as long as nobody types; the tip has the whole.

    It is no wider than a text that is given as the longest.
    """

    def __init__(self, tip: str, longest: str) -> None:
        super().__init__()
        self._tip = tip
        self.setToolTip(tip)
        frame = self.width() - self._room()
        self.setMaximumWidth(frame + self.fontMetrics().horizontalAdvance(longest) + _SLACK)
        self.textChanged.connect(self._show_tip)

    def shown_text(self) -> str:
        """Give what is drawn while nobody types."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self._room())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        shown = self.shown_text()
        if self.hasFocus() or shown == self.text():
            super().paintEvent(event)
            return
        painter, frame = QPainter(self), self._frame()
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, frame, painter, self)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        painter.drawText(self._contents(frame), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()

    def _show_tip(self, text: str) -> None:
        self.setToolTip(f"{text}\n{self._tip}" if text else self._tip)

    def _room(self) -> int:
        margins = self.textMargins()
        return self._contents(self._frame()).width() - margins.left() - margins.right()

    def _frame(self) -> QStyleOptionFrame:
        frame = QStyleOptionFrame()
        self.initStyleOption(frame)
        return frame

    def _contents(self, frame: QStyleOptionFrame) -> QRect:
        inner = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, frame, self)
        # Qt's own margin of a line of text.
        return inner.adjusted(2, 0, -2, 0)
