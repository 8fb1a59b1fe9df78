"""What a plot says in words where a curve has nothing to draw."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from efdviewer.domain.topics import FieldRef
from efdviewer.viewmodels.curve_state import CurveState, CurveStatus

_ICONS = {
    CurveStatus.FAILED: QStyle.StandardPixmap.SP_MessageBoxWarning,
    CurveStatus.UNKNOWN: QStyle.StandardPixmap.SP_MessageBoxQuestion,
    CurveStatus.LOADING: QStyle.StandardPixmap.SP_BrowserReload,
}
_WORDS = {
    CurveStatus.LOADING: "Loading…",
    CurveStatus.NO_DATA: "No samples in this range",
    CurveStatus.UNKNOWN: "Not in this source",
    CurveStatus.FAILED: "Could not be loaded",
}
_MOST = 3


class PlotMessage(QFrame):
    """A small box over the plot: one line for each curve that is not drawn, and why."""

    retryRequested = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("plotMessage")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(10, 6, 10, 6)
        self._layout.setSpacing(4)
        self._said: list[tuple[FieldRef, CurveStatus, str]] = []
        self.hide()

    def set_states(self, states: Iterable[CurveState]) -> None:
        """Say what is missing; what is loading while its old picture stands is not."""
        said: list[tuple[FieldRef, CurveStatus, str]] = [
            (state.field, state.status, _sentence(state))
            for state in states
            if state.status is not CurveStatus.READY
            and state.visible
            and not (state.status is CurveStatus.LOADING and state.view is not None)
        ]
        if said != self._said:
            self._said = said
            self._rebuild()
        self.setVisible(bool(said))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint a ground that keeps the words legible over curves."""
        painter = QPainter(self)
        ground = self.palette().color(QPalette.ColorRole.Base)
        ground.setAlphaF(0.9)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(ground)
        edge = self.palette().color(QPalette.ColorRole.Text)
        edge.setAlphaF(0.25)
        painter.setPen(edge)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 4, 4)
        painter.end()

    def _rebuild(self) -> None:
        while (item := self._layout.takeAt(0)) is not None:
            if line := item.widget():
                line.hide()
                line.deleteLater()
        for field, status, sentence in self._said[:_MOST]:
            self._layout.addWidget(self._line(field, status, sentence))
        if len(self._said) > _MOST:
            self._layout.addWidget(QLabel(f"and {len(self._said) - _MOST} more curves"))
        self.setAccessibleName("; ".join(sentence for _, _, sentence in self._said))
        self.adjustSize()

    def _line(self, field: FieldRef, status: CurveStatus, sentence: str) -> QWidget:
        line = QWidget(self)
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        if status in _ICONS:
            icon = QLabel()
            icon.setPixmap(self.style().standardIcon(_ICONS[status]).pixmap(16, 16))
            layout.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QLabel(sentence)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setMaximumWidth(640)
        words.setWordWrap(len(sentence) > 90)
        if len(sentence) > 90:
            words.setMinimumWidth(420)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(words, 1)
        if status is CurveStatus.FAILED:
            retry = QPushButton("Retry")
            retry.setObjectName("plotRetry")
            retry.setAccessibleName(f"Load {field} again")
            retry.setToolTip("Ask the source again")
            retry.setProperty("field", str(field))
            retry.clicked.connect(self._retry)
            layout.addWidget(retry, 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _retry(self) -> None:
        self.retryRequested.emit(FieldRef.parse(self.sender().property("field")))


def _sentence(state: CurveState) -> str:
    return f"{state.title}: {state.message or _WORDS[state.status]}"
