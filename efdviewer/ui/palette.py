"""Colours of curves and event lines: safe for the colour-blind, on dark and on light."""

from PySide6.QtGui import QColor

from efdviewer.ui.theme import is_dark

# After Okabe and Ito (2008), made lighter or darker until each has a contrast of 3:1 with its background.
CURVES = (
    ("#56b4e9", "#0072b2"),
    ("#e69f00", "#b36b00"),
    ("#2cc59a", "#00805c"),
    ("#e58fc2", "#a8437f"),
    ("#f0e442", "#7d6f00"),
    ("#ff7a45", "#d04a00"),
    ("#a6a2ff", "#4b3fc4"),
    ("#c8c8c8", "#555555"),
)
"""Pairs for (dark, light)."""
OVERLAYS = (
    ("#3ddc68", "#008a2e"),
    ("#6fa8ff", "#0057d8"),
    ("#ff6b6b", "#d11a2a"),
    ("#d59bff", "#7a2fc0"),
    ("#ffb454", "#a85f00"),
    ("#4fd8d8", "#007f86"),
    ("#d0b48c", "#7a5a2f"),
    ("#c9c9c9", "#565656"),
)
"""Pairs for (dark, light); the first three are those of the 2019 notebook."""
_PAIRS = {color: pair for pair in (*CURVES, *OVERLAYS) for color in pair}


def curve_color(index: int) -> str:
    """Give the colour of the nth curve of a row, `#rrggbb`, in the present scheme."""
    return CURVES[index % len(CURVES)][0 if is_dark() else 1]


def overlay_color(index: int) -> str:
    """Give the colour of the nth event overlay, `#rrggbb`, in the present scheme."""
    return OVERLAYS[index % len(OVERLAYS)][0 if is_dark() else 1]


def shown_color(color: str) -> QColor:
    """Give a colour as it is drawn now: one of this palette follows the scheme, any other stays."""
    pair = _PAIRS.get(color.lower())
    return QColor(pair[0 if is_dark() else 1] if pair else color)
