"""What a plot says in words where a curve has nothing to draw."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPixmap
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
    CurveStatus.NO_DATA: QStyle.StandardPixmap.SP_MessageBoxInformation,
    CurveStatus.CANCELLED: QStyle.StandardPixmap.SP_MediaStop,
    CurveStatus.FAILED: QStyle.StandardPixmap.SP_MessageBoxWarning,
    CurveStatus.UNKNOWN: QStyle.StandardPixmap.SP_MessageBoxQuestion,
    CurveStatus.TEXT: QStyle.StandardPixmap.SP_FileIcon,
    CurveStatus.LOADING: QStyle.StandardPixmap.SP_BrowserReload,
}
_WORDS = {
    CurveStatus.LOADING: "Loading…",
    CurveStatus.NO_DATA: "No samples in this range",
    CurveStatus.UNKNOWN: "Not in this source",
    CurveStatus.TEXT: "Text, which is not drawn",
    CurveStatus.FAILED: "Could not be loaded",
    CurveStatus.CANCELLED: "Cancelled",
}
_BUTTONS = {
    CurveStatus.LOADING: ("plotCancel", "Cancel", "Stop loading {}", "Stop loading; what is drawn stays"),
    CurveStatus.FAILED: ("plotRetry", "Retry", "Load {} again", "Ask the source again"),
    CurveStatus.CANCELLED: ("plotRetry", "Load again", "Load {} again", "Ask the source again"),
}
_MOST = 3
_ICON_ROOM, _WIDEST = 26, 460
_EMPTY = "Empty plot. Drag fields here, or double-click one in the topic list."
_PATIENCE_MS = 400
"""Loading that takes longer than this is told of also where the picture of before still stands."""


class PlotMessage(QFrame):
    """A small box over the plot: which curves are not drawn, and why."""

    retryRequested = Signal(object)
    cancelRequested = Signal(object)
    resized = Signal()
    focusReleased = Signal()
    """The keyboard focus was on a button that is gone, or has done its work."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("plotMessage")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(10, 6, 10, 6)
        self._layout.setSpacing(4)
        self._said: list[tuple[FieldRef, CurveStatus, str]] = []
        self._states: list[CurveState] = []
        self._words: list[QLabel] = []
        self._is_empty = False
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._show)
        self.hide()

    def set_states(self, states: Iterable[CurveState], *, is_empty: bool = False) -> None:
        """Say what is missing, and after a while what is loading over its old picture.

        `is_empty` is a plot that no curve belongs to.
        """
        if is_empty != self._is_empty:
            self._is_empty, self._said = is_empty, []
            self._rebuild()
        self._states = [state for state in states if state.visible and state.status is not CurveStatus.READY]
        if not any(map(_replaces, self._states)):
            self._patience.stop()
        elif not self._patience.isActive() and not self._tells_of_replacing():
            self._patience.start()
        self._show()

    def _show(self) -> None:
        waits = self._patience.isActive()
        said = _lines(state for state in self._states if not (waits and _replaces(state)))
        if said != self._said:
            # Words that follow a load leave its button alone: a click on it may be half done.
            is_same = [line[:2] for line in said] == [line[:2] for line in self._said]
            self._said = said
            if is_same:
                self._reword()
            else:
                self._rebuild()
        is_shown = bool(said) or self._is_empty
        if not is_shown:
            self._release_focus()
        self.setVisible(is_shown)
        self.resized.emit()

    def _tells_of_replacing(self) -> bool:
        told = {field.topic for field, status, _ in self._said if status is CurveStatus.LOADING}
        return any(_replaces(state) and state.field.topic in told for state in self._states)

    def fit_into(self, width: int) -> None:
        """Take the room that the words need, and at most so many pixels; then they are wrapped."""
        margins = self._layout.contentsMargins()
        for words in self._words:
            line = words.parentWidget()
            beside = line.findChildren(QPushButton) if line is not None else []
            taken = margins.left() + margins.right() + _ICON_ROOM
            taken += sum(button.sizeHint().width() + _ICON_ROOM // 4 for button in beside)
            natural = words.fontMetrics().horizontalAdvance(words.text()) + 4
            words.setFixedWidth(max(80, min(natural, _WIDEST, width - taken)))
        self.adjustSize()

    def event(self, event: QEvent) -> bool:
        """Tell of a new size once the new words are laid out, which is a turn of the loop later."""
        handled = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self.resized.emit()
        return handled

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

    def _release_focus(self) -> None:
        """Hand the focus on: Qt would give it to the first widget of the window, often where one types."""
        holder = self.window().focusWidget()
        if holder is not None and self.isAncestorOf(holder):
            self.focusReleased.emit()

    def _rebuild(self) -> None:
        self._release_focus()
        while (item := self._layout.takeAt(0)) is not None:
            if line := item.widget():
                line.hide()
                line.deleteLater()
        self._words.clear()
        if self._is_empty:
            self._layout.addWidget(QLabel(_EMPTY))
        for field, status, sentence in self._said[:_MOST]:
            self._layout.addWidget(self._line(field, status, sentence))
        if len(self._said) > _MOST:
            self._layout.addWidget(QLabel(f"and {len(self._said) - _MOST} more curves"))
        self._name()

    def _reword(self) -> None:
        for label, (_, _, sentence) in zip(self._words, self._said, strict=False):
            label.setText(sentence)
        self._name()

    def _name(self) -> None:
        said = "; ".join(sentence for _, _, sentence in self._said)
        self.setAccessibleName(said or (_EMPTY if self._is_empty else ""))
        self.adjustSize()

    def _line(self, field: FieldRef, status: CurveStatus, sentence: str) -> QWidget:
        line = QWidget(self)
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        if status in _ICONS:
            icon = QLabel()
            pixmap = self.style().standardIcon(_ICONS[status]).pixmap(16, 16)
            if status is CurveStatus.CANCELLED:
                pixmap = _tinted(pixmap, self.palette().color(QPalette.ColorRole.Text))
            icon.setPixmap(pixmap)
            layout.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QLabel(sentence)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(words, 1)
        self._words.append(words)
        if status in _BUTTONS:
            name, text, label, tip = _BUTTONS[status]
            button = QPushButton(text)
            button.setObjectName(name)
            button.setAccessibleName(label.format(field))
            button.setToolTip(tip)
            button.setProperty("field", str(field))
            button.clicked.connect(self._cancel if status is CurveStatus.LOADING else self._retry)
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _retry(self) -> None:
        self.focusReleased.emit()
        self.retryRequested.emit(FieldRef.parse(self.sender().property("field")))

    def _cancel(self) -> None:
        self.focusReleased.emit()
        self.cancelRequested.emit(FieldRef.parse(self.sender().property("field")))


def _replaces(state: CurveState) -> bool:
    """Tell whether a curve is loading while its picture of before still stands."""
    return state.status is CurveStatus.LOADING and state.view is not None


def _tinted(pixmap: QPixmap, color: QColor) -> QPixmap:
    """Give a black sign the colour of text, so that it is seen on dark too."""
    painter = QPainter(pixmap)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(pixmap.rect(), color)
    painter.end()
    return pixmap


def _lines(states: Iterable[CurveState]) -> list[tuple[FieldRef, CurveStatus, str]]:
    """Say each thing once for all the fields of a topic that it befell: (first field, status, sentence)."""
    alike: dict[tuple[str, CurveStatus, str], list[CurveState]] = {}
    for state in states:
        words = state.message or _WORDS[state.status]
        alike.setdefault((state.field.topic, state.status, words), []).append(state)
    return [
        (found[0].field, status, f"{_names(found)}: {words}") for (_, status, words), found in alike.items()
    ]


def _names(states: list[CurveState]) -> str:
    names = [states[0].title, *(state.field.short_title for state in states[1:_MOST])]
    rest = [f"{len(states) - _MOST} more"] if len(states) > _MOST else []
    return ", ".join([*names, *rest])
