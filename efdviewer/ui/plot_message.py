"""What a plot says in words where a curve has nothing to draw."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QWidget,
)

from efdviewer.ui.curve_cards import Card, cards_of
from efdviewer.viewmodels.curve_state import CurveState, CurveStatus

_ICONS = {
    CurveStatus.NO_DATA: QStyle.StandardPixmap.SP_MessageBoxInformation,
    CurveStatus.CANCELLED: QStyle.StandardPixmap.SP_MediaStop,
    CurveStatus.FAILED: QStyle.StandardPixmap.SP_MessageBoxWarning,
    CurveStatus.UNKNOWN: QStyle.StandardPixmap.SP_MessageBoxQuestion,
    CurveStatus.TEXT: QStyle.StandardPixmap.SP_FileIcon,
    CurveStatus.LOADING: QStyle.StandardPixmap.SP_BrowserReload,
}
_BUTTONS = {
    CurveStatus.LOADING: ("plotCancel", "Cancel", "Stop loading {}", "Stop loading; what is drawn stays"),
    CurveStatus.FAILED: ("plotRetry", "Retry", "Load {} again", "Ask the source again"),
    CurveStatus.CANCELLED: ("plotRetry", "Load again", "Load {} again", "Ask the source again"),
}
_MOST, _SLACK = 3, 4
_SPACING, _ICON_ROOM, _WIDEST, _NARROWEST = 6, 26, 460, 80
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
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(10, 6, 10, 6)
        self._layout.setHorizontalSpacing(_SPACING)
        self._layout.setVerticalSpacing(4)
        self._layout.setColumnStretch(1, 1)
        self._cards: list[Card] = []
        self._states: list[CurveState] = []
        self._labels: list[QLabel] = []
        self._buttons: list[QPushButton | None] = []
        self._is_empty = False
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._show)
        self.hide()

    def set_states(self, states: Iterable[CurveState], *, is_empty: bool = False) -> None:
        """Say what is missing, and after a while what is loading over its old picture.

        `is_empty` is a plot that no curve belongs to.
        """
        if is_empty != self._is_empty:
            self._is_empty, self._cards = is_empty, []
            self._rebuild()
        self._states = [state for state in states if state.visible and state.status is not CurveStatus.READY]
        if not any(map(_replaces, self._states)):
            self._patience.stop()
        elif not self._patience.isActive() and not self._tells_of_replacing():
            self._patience.start()
        self._show()

    def _show(self) -> None:
        waits = self._patience.isActive()
        cards = cards_of(state for state in self._states if not (waits and _replaces(state)))
        if cards != self._cards:
            # Words that follow a load leave its button alone: a click on it may be half done.
            is_same = _shape(cards) == _shape(self._cards)
            self._cards = cards
            if is_same:
                self._reword()
            else:
                self._rebuild()
        is_shown = bool(cards) or self._is_empty
        if not is_shown:
            self._release_focus()
        self.setVisible(is_shown)
        self.resized.emit()

    def _tells_of_replacing(self) -> bool:
        told = {field for card in self._cards if card.status is CurveStatus.LOADING for field in card.fields}
        return any(_replaces(state) and state.field in told for state in self._states)

    def fit_into(self, width: int) -> None:
        """Take the room that the words need, and at most so many pixels; names that need more are elided."""
        margins = self._layout.contentsMargins()
        taken = margins.left() + margins.right() + (_ICON_ROOM if self._cards else 0)
        beside = [button.sizeHint().width() for button in self._buttons if button is not None]
        taken += max(beside) + _SPACING if beside else 0
        most = max(_NARROWEST, min(_WIDEST, width - taken))
        for label, card in zip(self._labels, self._cards, strict=False):
            label.setText(_fitted(card, label.fontMetrics(), most - _SLACK))
        widths = [label.fontMetrics().horizontalAdvance(label.text()) + _SLACK for label in self._labels]
        for label in self._labels:
            label.setFixedWidth(min(max(widths), most))
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
            if part := item.widget():
                part.hide()
                part.deleteLater()
        self._labels.clear()
        self._buttons.clear()
        if self._is_empty:
            self._add_words(0, _EMPTY)
        for row, card in enumerate(self._cards[:_MOST]):
            self._add_card(row, card)
        if len(self._cards) > _MOST:
            more = sum(len(card.fields) for card in self._cards[_MOST:])
            label = self._add_words(_MOST, f"and {more} more curve{'s' if more > 1 else ''}")
            label.setToolTip("\n".join(card.told for card in self._cards[_MOST:]))
        self._reword()

    def _reword(self) -> None:
        for label, button, card in zip(self._labels, self._buttons, self._cards, strict=False):
            label.setText(card.sentence)
            label.setToolTip(card.told)
            if button is not None:
                _, _, accessible, tip = _BUTTONS[card.status]
                button.setAccessibleName(accessible.format(", ".join(map(str, card.fields))))
                button.setToolTip(tip)
        said = "; ".join(card.sentence for card in self._cards)
        self.setAccessibleName(said or (_EMPTY if self._is_empty else ""))
        self.adjustSize()

    def _add_card(self, row: int, card: Card) -> None:
        icon = QLabel()
        pixmap = self.style().standardIcon(_ICONS[card.status]).pixmap(16, 16)
        if card.status is CurveStatus.CANCELLED:
            pixmap = _tinted(pixmap, self.palette().color(QPalette.ColorRole.Text))
        icon.setPixmap(pixmap)
        self._layout.addWidget(icon, row, 0, Qt.AlignmentFlag.AlignVCenter)
        self._add_words(row, card.sentence)
        button = None
        if card.status in _BUTTONS:
            name, text, _, _ = _BUTTONS[card.status]
            button = QPushButton(text)
            button.setObjectName(name)
            button.setProperty("row", row)
            button.clicked.connect(self._cancel if card.status is CurveStatus.LOADING else self._retry)
            self._layout.addWidget(button, row, 2, Qt.AlignmentFlag.AlignVCenter)
        self._buttons.append(button)

    def _add_words(self, row: int, words: str) -> QLabel:
        label = QLabel(words)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._layout.addWidget(label, row, 1, Qt.AlignmentFlag.AlignVCenter)
        self._labels.append(label)
        return label

    def _retry(self) -> None:
        field = self._pressed_card().fields[0]
        self.focusReleased.emit()
        self.retryRequested.emit(field)

    def _cancel(self) -> None:
        fields = self._pressed_card().fields
        self.focusReleased.emit()
        # Those that come from the same rows are loaded, and stopped, as one.
        for field in {field.subset: field for field in reversed(fields)}.values():
            self.cancelRequested.emit(field)

    def _pressed_card(self) -> Card:
        return self._cards[int(self.sender().property("row"))]


def _shape(cards: list[Card]) -> tuple[list[CurveStatus], int]:
    """Tell which rows a message has, and how many curves are left out of them."""
    return [card.status for card in cards[:_MOST]], sum(len(card.fields) for card in cards[_MOST:])


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


def _fitted(card: Card, metrics: QFontMetrics, room: int) -> str:
    """Write what a card says: in one line if eliding the names makes it one, no word wider than the room."""
    if metrics.horizontalAdvance(card.sentence) <= room:
        return card.sentence
    words = " ".join(
        metrics.elidedText(word, Qt.TextElideMode.ElideMiddle, room) for word in card.words.split(" ")
    )
    if not card.names:
        return words
    beside = room - metrics.horizontalAdvance(f": {words}")
    names = metrics.elidedText(
        card.names, Qt.TextElideMode.ElideLeft, beside if beside >= room // 3 else room - 8
    )
    return f"{names}: {words}"
