"""The tiny buttons of a plot row."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from efdviewer.ui.buttons import tool_button

_SIDE = 22


class RowButtons(QWidget):
    """Move up, move down, remove; shown while the row has the mouse or the focus."""

    upRequested = Signal()
    downRequested = Signal()
    removeRequested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for name, text, label, signal in (
            ("rowUp", "\u2191", "Move plot up", self.upRequested),
            ("rowDown", "\u2193", "Move plot down", self.downRequested),
            ("rowRemove", "\u2715", "Remove plot", self.removeRequested),
        ):
            button = tool_button(name, text, label=label, tip=label, parent=self)
            button.setFixedSize(_SIDE, _SIDE)
            button.clicked.connect(signal)
            layout.addWidget(button)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.hide()
