"""Marks the selected and the hovered event over one plot."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette, QPen, QPolygon

from efdviewer.ui.graphics.frame import Frame

_FLAG = 6
"""Half the width of the triangle at the top of the selected line, and its height less two."""
_MARGIN = 5
_TICK, _FEW = 7, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An event that stands out: where, ns UTC, in the colour of its overlay, and what it is called."""

    utc_ns: int
    color: QColor
    label: str


class EventMarks:
    """The marks that the rows of a plot area share."""

    def __init__(self, selected: Mark | None = None, hovered: Mark | None = None) -> None:
        self.selected = selected
        self.hovered = hovered
        self.moments: NDArray[np.int64] = np.empty(0, np.int64)
        """Moments that another view picked out, ns UTC, ascending."""

    def paint(
        self, painter: QPainter, frame: Frame, palette: QPalette, *, has_label: bool, lanes: int
    ) -> None:
        """Draw a thin line at the hovered event; a strong one with a flag, and its label, at the selected.

        `lanes` is the height of the ticks at the top, below which there is room for words.
        """
        hovered, selected = self.hovered, self.selected
        self._paint_moments(painter, frame, palette)
        if hovered is not None and (x := _place(frame, hovered)) is not None:
            painter.setPen(QPen(hovered.color, 1))
            painter.drawLine(x, frame.top, x, frame.bottom)
        if selected is None or (x := _place(frame, selected)) is None:
            return
        painter.fillRect(QRect(x - 1, frame.top, 3, frame.height), selected.color)
        painter.setBrush(selected.color)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Base), 1))
        flag = [QPoint(x - _FLAG, frame.top), QPoint(x + _FLAG, frame.top), QPoint(x, frame.top + _FLAG + 3)]
        painter.drawPolygon(QPolygon(flag))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if has_label:
            _paint_label(painter, frame, palette, selected, at=QPoint(x, frame.top + lanes))

    def _paint_moments(self, painter: QPainter, frame: Frame, palette: QPalette) -> None:
        if not len(self.moments):
            return
        color = palette.color(QPalette.ColorRole.Highlight)
        places = np.unique(frame.x_of(self.moments).astype(np.int64))
        shown = places[(places >= frame.left) & (places < frame.right)].tolist()
        faint = QColor(color)
        # Many lines would hide what they are to be seen with.
        faint.setAlphaF(0.8 if len(shown) <= _FEW else 0.15)
        for x in shown:
            painter.fillRect(QRect(x, frame.top, 1, frame.height), faint)
            painter.fillRect(QRect(x - 1, frame.bottom - _TICK, 3, _TICK), color)

    def exposed(self, frame: Frame) -> list[QRect]:
        """Give what has to be painted anew when a mark comes or goes; its label has the whole width."""
        found = []
        if self.hovered is not None and (x := _place(frame, self.hovered)) is not None:
            found.append(QRect(x - 1, frame.top, 3, frame.height + 1))
        if self.selected is not None and (x := _place(frame, self.selected)) is not None:
            found.append(QRect(x - _FLAG - 1, frame.top, 2 * _FLAG + 3, frame.height + 1))
            found.append(QRect(frame.left, frame.top, frame.width, min(frame.height, 80)))
        return found


def _paint_label(painter: QPainter, frame: Frame, palette: QPalette, mark: Mark, *, at: QPoint) -> None:
    """Write what an event is called beside a point of its line, where there is room."""
    metrics = QFontMetrics(painter.font())
    text = metrics.elidedText(mark.label, Qt.TextElideMode.ElideRight, frame.width - 4 * _MARGIN)
    width = metrics.horizontalAdvance(text) + 2 * _MARGIN
    left = at.x() + _FLAG if at.x() + _FLAG + width <= frame.right else at.x() - _FLAG - width
    left = min(max(left, frame.left), max(frame.left, frame.right - width))
    box = QRectF(left, at.y(), width, metrics.height() + 4)
    painter.setPen(QPen(mark.color, 1))
    painter.setBrush(palette.color(QPalette.ColorRole.Base))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(palette.color(QPalette.ColorRole.Text))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _place(frame: Frame, mark: Mark) -> int | None:
    x = int(frame.x_of(np.array([mark.utc_ns], np.int64))[0])
    return x if frame.left <= x < frame.right else None
