"""Icons of kinds of topics and types of fields, in the colours of the scheme in force."""

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from efdviewer.resource_files import resource
from efdviewer.ui.theme import is_dark, muted_color, wrong_color

ICON_PX = 16
_SCALE = 2
_COLORS = {
    "telemetry": ("#56b4e9", "#0072b2"),
    "event": ("#e69f00", "#b35900"),
    "command": ("#2ec4a0", "#007a5a"),
    "acknowledgement": ("#2ec4a0", "#007a5a"),
}
"""Pairs for (dark, light); everything else is muted."""


def icon_of(kind: str) -> QIcon:
    """Give the icon of a kind, named as in `Roles.KIND`; no icon for an empty name."""
    if not kind:
        return QIcon()
    chosen = QGuiApplication.palette().color(QPalette.ColorRole.HighlightedText).name()
    return _icon(kind, _color(kind), chosen)


def _color(kind: str) -> str:
    if kind == "warning":
        return wrong_color().name()
    pair = _COLORS.get(kind)
    return muted_color().name() if pair is None else pair[0 if is_dark() else 1]


@cache
def _icon(kind: str, color: str, chosen: str) -> QIcon:
    icon = QIcon()
    icon.addPixmap(_pixmap(kind, color), QIcon.Mode.Normal)
    icon.addPixmap(_pixmap(kind, chosen), QIcon.Mode.Selected)
    return icon


def _pixmap(kind: str, color: str) -> QPixmap:
    drawing = resource(f"icons/{kind}.svg").read_text(encoding="utf-8").replace("currentColor", color)
    pixmap = QPixmap(ICON_PX * _SCALE, ICON_PX * _SCALE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(drawing.encode())).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(_SCALE)
    return pixmap
