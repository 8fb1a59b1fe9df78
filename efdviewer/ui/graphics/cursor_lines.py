"""Draws cursors A and B, and the span between them, over one plot."""

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPalette, QPen, QPolygonF

from efdviewer.domain.cursor_edits import CursorName
from efdviewer.domain.session import Cursors
from efdviewer.ui.graphics.frame import Frame

_SHADE = 0.07
"""Opacity of the span between: light, for the curves in it are what is looked at."""
_TAG = 15
"""Side of the tag at a line's foot that says which it is."""


class CursorLines:
    """Both cursors, shared by the rows of a plot area: they show the same time."""

    def __init__(self) -> None:
        self.cursors = Cursors()

    def near(self, frame: Frame, x: int, reach: int) -> CursorName | None:
        """Give the cursor nearest to a pixel column, within a reach of pixels."""
        places = [(abs(place - x), name) for name, place in self._places(frame)]
        distance, name = min(places, default=(reach + 1, None))
        return name if distance <= reach else None

    def paint_span(self, painter: QPainter, frame: Frame, palette: QPalette) -> None:
        """Shade the time between, beneath the curves."""
        places = [frame.x_at(utc_ns) for _, utc_ns in self._set()]
        if len(places) == 2:
            color = QColor(palette.color(QPalette.ColorRole.Text))
            color.setAlphaF(_SHADE)
            left, right = (min(max(int(x), frame.left), frame.right) for x in sorted(places))
            painter.fillRect(QRect(left, frame.top, right - left, frame.height), color)

    def paint(self, painter: QPainter, frame: Frame, palette: QPalette) -> None:
        """Draw the lines and their tags; a tag at the edge points to a cursor that is out of view."""
        for name, utc_ns in self._set():
            x = int(frame.x_of(np.array([utc_ns], np.int64))[0])
            if frame.left <= x < frame.right:
                painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 1))
                painter.drawLine(x, frame.top, x, frame.bottom)
                self._paint_tag(painter, frame, name, x, palette)
            else:
                self._paint_pointer(painter, frame, name, palette, is_before=x < frame.left)

    def _set(self) -> list[tuple[CursorName, int]]:
        a_utc_ns, b_utc_ns = self.cursors.a_utc_ns, self.cursors.b_utc_ns
        found: list[tuple[CursorName, int]] = [("a", a_utc_ns)] if a_utc_ns is not None else []
        return [*found, ("b", b_utc_ns)] if b_utc_ns is not None else found

    def _places(self, frame: Frame) -> list[tuple[CursorName, int]]:
        view = frame.time_range
        return [
            (name, int(frame.x_of(np.array([utc_ns], np.int64))[0]))
            for name, utc_ns in self._set()
            if view.start_utc_ns <= utc_ns < view.end_utc_ns
        ]

    def _is_first(self, name: CursorName) -> bool:
        other = self.cursors.b_utc_ns if name == "a" else self.cursors.a_utc_ns
        own = self.cursors.a_utc_ns if name == "a" else self.cursors.b_utc_ns
        return other is None or own is None or (own, name) < (other, "b" if name == "a" else "a")

    def _paint_tag(
        self, painter: QPainter, frame: Frame, name: CursorName, x: int, palette: QPalette
    ) -> None:
        """Write the name in a box on the outer side of the span, where there is room on that side."""
        left = x - _TAG if self._is_first(name) and x - _TAG >= frame.left else x + 1
        left = left if left + _TAG <= frame.right else x - _TAG
        box = QRectF(left, frame.bottom - _TAG, _TAG, _TAG)
        painter.fillRect(box, palette.color(QPalette.ColorRole.Text))
        painter.setPen(palette.color(QPalette.ColorRole.Base))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name.upper())

    def _paint_pointer(
        self, painter: QPainter, frame: Frame, name: CursorName, palette: QPalette, *, is_before: bool
    ) -> None:
        """Say at the edge that a cursor lies beyond it; both at one edge stand above each other."""
        start_utc_ns = frame.time_range.start_utc_ns
        beyond = [each for each, utc_ns in self._set() if (utc_ns < start_utc_ns) == is_before]
        level = beyond.index(name)
        top = frame.bottom - (level + 1) * (_TAG + 2)
        width = QFontMetricsF(painter.font()).horizontalAdvance(name.upper()) + 12
        left = frame.left + 2.0 if is_before else frame.right - width - 2
        color = palette.color(QPalette.ColorRole.PlaceholderText)
        painter.setPen(color)
        painter.drawText(QRectF(left + (8 if is_before else 0), top, width - 8, _TAG), name.upper())
        tip, foot = (left, left + 5) if is_before else (left + width, left + width - 5)
        middle = top + _TAG / 2
        painter.setBrush(color)
        painter.setPen(Qt.PenStyle.NoPen)
        corners = [QPointF(tip, middle), QPointF(foot, middle - 4), QPointF(foot, middle + 4)]
        painter.drawPolygon(QPolygonF(corners))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def exposed(self, frame: Frame) -> list[QRect]:
        """Give what has to be painted anew when the cursors move away: lines, tags and the span."""
        places = [int(frame.x_at(utc_ns)) for _, utc_ns in self._set()]
        if not places:
            return []
        first, last = min(places), max(places)
        wide = QRect(first - _TAG - 1, frame.top, last - first + 2 * _TAG + 3, frame.height + 1)
        edge = _TAG + 20
        sides = [
            QRect(x, frame.bottom - 2 * _TAG - 6, edge, 2 * _TAG + 6)
            for x in (frame.left, frame.right - edge)
        ]
        return [wide, *sides]
