"""Draws event lines and shadings as shapes, for a picture that is made of them."""

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from efdviewer.ui.graphics.event_ink import TICK, Ink
from efdviewer.ui.graphics.frame import Frame
from efdviewer.ui.palette import shown_color

_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
_SHADES = 32
"""So many shades are told apart: neighbours of one shade are one bar."""


def paint_lines(painter: QPainter, frame: Frame, ink: Ink, top: int) -> None:
    """Draw an overlay's lines, and its ticks in the lane that begins at `top`."""
    tick_color = shown_color(ink.overlay.color)
    for column, strength, apart in zip(ink.columns, ink.strength, ink.apart, strict=True):
        color = QColor(tick_color)
        color.setAlphaF(ink.overlay.alpha * float(strength))
        style = _STYLES[ink.place % len(_STYLES)] if apart else Qt.PenStyle.SolidLine
        painter.setPen(QPen(color, 2 if apart else 1, style))
        x = frame.left + int(column)
        painter.drawLine(x, frame.top, x, frame.bottom)
        painter.setPen(QPen(tick_color, 4 if apart else 1))
        painter.drawLine(x, top, x, top + TICK)


def paint_bars(painter: QPainter, frame: Frame, ink: Ink, top: int) -> None:
    """Draw an overlay's shading, one bar for each run of columns alike, and its ticks."""
    shades = np.rint(ink.strength * _SHADES)
    begins = np.flatnonzero((np.diff(ink.columns, prepend=-2) != 1) | (np.diff(shades, prepend=-1) != 0))
    ends = np.append(begins[1:], len(ink.columns))[: len(begins)] - 1
    for begin, end in zip(begins, ends, strict=True):
        left, width = frame.left + int(ink.columns[begin]), int(ink.columns[end] - ink.columns[begin]) + 1
        color = QColor(shown_color(ink.overlay.color))
        color.setAlphaF(ink.overlay.alpha * float(ink.strength[begin]))
        painter.fillRect(QRectF(left, frame.top, width, frame.height), color)
        color.setAlphaF(float(ink.ticks[begin]))
        painter.fillRect(QRectF(left, top, width, TICK), color)
