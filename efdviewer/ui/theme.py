"""Colours of the frame that follow the system's light or dark scheme."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette


def is_dark() -> bool:
    """Tell whether the system asks for dark."""
    scheme = QGuiApplication.styleHints().colorScheme()
    if scheme is Qt.ColorScheme.Unknown:
        return QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128
    return scheme is Qt.ColorScheme.Dark


def wrong_color() -> QColor:
    """Colour of what is wrong; contrast with the window of at least 4.5:1 in both schemes."""
    return QColor("#ff8a80" if is_dark() else "#b3261e")


def muted_color() -> QColor:
    """Colour of what may be overlooked."""
    return QColor("#9aa0a6" if is_dark() else "#5f6368")
