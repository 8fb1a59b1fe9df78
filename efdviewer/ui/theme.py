"""Light and dark: the palettes, and colours of the frame that follow them."""

from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

_ROLE, _GROUP = QPalette.ColorRole, QPalette.ColorGroup


class Scheme(Enum):
    """Which palette to use."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


# Calm greys under one accent; texts have a contrast of at least 4.5:1 with what they stand on.
_DARK = {
    _ROLE.Window: "#26282b",
    _ROLE.WindowText: "#e3e5e8",
    _ROLE.Base: "#1b1d1f",
    _ROLE.AlternateBase: "#222427",
    _ROLE.Text: "#e3e5e8",
    _ROLE.PlaceholderText: "#9299a1",
    _ROLE.Button: "#34373b",
    _ROLE.ButtonText: "#e3e5e8",
    _ROLE.BrightText: "#ffffff",
    _ROLE.Highlight: "#2a6cae",
    _ROLE.HighlightedText: "#ffffff",
    _ROLE.Accent: "#4c9be0",
    _ROLE.Link: "#7ab8ff",
    _ROLE.LinkVisited: "#c3a6ff",
    _ROLE.ToolTipBase: "#34373b",
    _ROLE.ToolTipText: "#e3e5e8",
    _ROLE.Light: "#4a4e53",
    _ROLE.Midlight: "#3e4246",
    _ROLE.Mid: "#1f2123",
    _ROLE.Dark: "#16181a",
    _ROLE.Shadow: "#000000",
}
_LIGHT = {
    _ROLE.Window: "#eff0f2",
    _ROLE.WindowText: "#1d2024",
    _ROLE.Base: "#ffffff",
    _ROLE.AlternateBase: "#f6f7f8",
    _ROLE.Text: "#1d2024",
    _ROLE.PlaceholderText: "#666c73",
    _ROLE.Button: "#e6e8eb",
    _ROLE.ButtonText: "#1d2024",
    _ROLE.BrightText: "#ffffff",
    _ROLE.Highlight: "#1f6fb5",
    _ROLE.HighlightedText: "#ffffff",
    _ROLE.Accent: "#1f6fb5",
    _ROLE.Link: "#0b57b0",
    _ROLE.LinkVisited: "#6a3fb0",
    _ROLE.ToolTipBase: "#ffffff",
    _ROLE.ToolTipText: "#1d2024",
    _ROLE.Light: "#ffffff",
    _ROLE.Midlight: "#f4f5f6",
    _ROLE.Mid: "#b9bdc2",
    _ROLE.Dark: "#9ba0a6",
    _ROLE.Shadow: "#70757b",
}
_DARK_INPUTS = {
    "QLineEdit": {_ROLE.Base: "#3c4147", _ROLE.PlaceholderText: "#b6bcc3"},
    "QCheckBox": {_ROLE.Base: "#71777e"},
}
"""On dark the style draws borders darker than the window: the ground of inputs has to tell them apart."""
_DISABLED = {Scheme.DARK: "#757b82", Scheme.LIGHT: "#93989e"}
_HINTS = {
    Scheme.SYSTEM: Qt.ColorScheme.Unknown,
    Scheme.LIGHT: Qt.ColorScheme.Light,
    Scheme.DARK: Qt.ColorScheme.Dark,
}


def apply_scheme(scheme: Scheme) -> None:
    """Paint all windows in a scheme.

    The palettes are our own where a scheme was chosen: a plain X server knows of none, and Qt alone would
    stay light there. The system is told too, for the frames of windows.
    """
    QGuiApplication.styleHints().setColorScheme(_HINTS[scheme])
    QApplication.setPalette(QPalette() if scheme is Scheme.SYSTEM else _palette(scheme))
    if scheme is Scheme.DARK:
        for kind, colors in _DARK_INPUTS.items():
            palette = _palette(scheme)
            for role, color in colors.items():
                palette.setColor(role, QColor(color))
            QApplication.setPalette(palette, kind)  # type: ignore[arg-type]


def is_dark() -> bool:
    """Tell whether windows are dark now."""
    return QGuiApplication.palette().color(_ROLE.Window).lightness() < 128


def wrong_color() -> QColor:
    """Colour of what is wrong; contrast with the window of at least 4.5:1 in both schemes."""
    return QColor("#ff8a80" if is_dark() else "#b3261e")


def strong_color() -> QColor:
    """Colour of what stands out in a plot: that of texts. A widget's own palette may be one change behind."""
    return QGuiApplication.palette().color(_ROLE.Text)


def muted_color() -> QColor:
    """Colour of what may be overlooked."""
    return QColor("#9aa0a6" if is_dark() else "#5f6368")


def _palette(scheme: Scheme) -> QPalette:
    palette = QPalette()
    for role, color in (_DARK if scheme is Scheme.DARK else _LIGHT).items():
        palette.setColor(role, QColor(color))
    for role in (_ROLE.WindowText, _ROLE.Text, _ROLE.ButtonText, _ROLE.HighlightedText):
        palette.setColor(_GROUP.Disabled, role, QColor(_DISABLED[scheme]))
    return palette
