"""Small buttons that a screen reader can name."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget


def tool_button(
    name: str,
    text: str,
    *,
    label: str,
    tip: str,
    clicked: Callable[[], None] | None = None,
    parent: QWidget | None = None,
) -> QToolButton:
    """Make a flat button with an object name, an accessible name, a tooltip and a place in the tab order."""
    button = QToolButton(parent)
    button.setObjectName(name)
    button.setAccessibleName(label)
    button.setToolTip(tip)
    button.setText(text)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if clicked is not None:
        button.clicked.connect(clicked)
    return button
