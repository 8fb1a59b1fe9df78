"""Frames of the check boxes in a list, seen on dark too."""

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from efdviewer.ui.theme import is_dark, muted_color
from efdviewer.viewmodels.node_model import Index


class CheckFrameDelegate(QStyledItemDelegate):
    """Draws the box of an item that is not ticked so that it can be found."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """On dark, give the style another colour to make a frame of: it takes one darker than the window."""
        super().initStyleOption(option, index)
        if is_dark():
            palette = option.palette
            palette.setColor(QPalette.ColorRole.Window, muted_color())
            option.palette = palette
