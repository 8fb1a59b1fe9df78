"""The line at the cursor, or at another moment, over one plot."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QWidget

from efdviewer.ui.graphics.frame import Frame


class Crosshair(QFrame):
    """One pixel wide; a widget of its own, so that the plot beneath is not painted anew in full."""

    def __init__(
        self, parent: QWidget, color: QPalette.ColorRole = QPalette.ColorRole.PlaceholderText
    ) -> None:
        super().__init__(parent)
        self.setObjectName("crosshair")
        self.setAutoFillBackground(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setBackgroundRole(color)
        self.hide()

    def show_at(self, frame: Frame, utc_ns: int | None) -> None:
        """Stand at a time, ns UTC, if it is in view; None hides the line."""
        x = None if utc_ns is None else int(frame.x_of(np.array([utc_ns], np.int64))[0])
        self.setVisible(x is not None and frame.left <= x < frame.right)
        if x is not None:
            self.setGeometry(x, frame.top, 1, frame.height)
