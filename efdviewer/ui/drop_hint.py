"""Shows, while something is dragged over a plot, where it would go."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from efdviewer.ui.graphics.canvas import PlotCanvas

_EDGE = 56
"""Width of the strip that stands for a right axis where there is none yet, in pixels."""
_WORDS = {
    "left": "Left axis",
    "right": "Right axis",
    "plot": "Add to this plot",
    "lanes": "Add as states",
    "new": "New plot",
    "events": "Event lines over all plots",
}


class DropHint(QWidget):
    """A tinted area over the axis or plot that fields would be dropped on."""

    def __init__(self, canvas: PlotCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._zone = "plot"
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def zone_at(self, position: QPoint) -> str:
        """Tell what fields dropped there would join: `left`, `right`, `plot`; `new` on the time axis."""
        frame = self._canvas.frame()
        if self._canvas.has_time_axis and position.y() >= frame.bottom:
            return "new"
        if self._canvas.lanes.lanes:
            return "lanes"
        if position.x() < frame.left:
            return "left"
        edge = frame.right if self._canvas.has_side("right") else frame.right - _EDGE
        return "right" if position.x() >= edge else "plot"

    def show_at(self, position: QPoint, *, axes: bool) -> None:
        """Tint what lies at a place; topics, unlike fields, know no axes."""
        self._zone = self.zone_at(position) if axes else "events"
        self.setAccessibleName(_WORDS[self._zone])
        frame = self._canvas.frame()
        if self._zone == "new":
            box = QRect(frame.left, frame.bottom, frame.width, self._canvas.height() - frame.bottom)
            self._cover(box)
            return
        left, right = {
            "left": (0, frame.left),
            "right": (min(frame.right, self._canvas.width() - _EDGE), self._canvas.width()),
        }.get(self._zone, (frame.left, frame.right))
        self._cover(QRect(left, frame.top, right - left, frame.height))

    def _cover(self, box: QRect) -> None:
        self.setGeometry(box)
        self.show()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint tint, edge and words."""
        painter = QPainter(self)
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        painter.setPen(accent)
        tint = self.palette().color(QPalette.ColorRole.Highlight)
        tint.setAlphaF(0.15)
        painter.fillRect(self.rect(), tint)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        room = self.rect().adjusted(2, 2, -2, -2)
        plate = painter.boundingRect(room, flags, _WORDS[self._zone]).adjusted(-6, -3, 6, 3)
        painter.fillRect(plate & self.rect(), self.palette().color(QPalette.ColorRole.Base))
        painter.drawText(room, flags, _WORDS[self._zone])
        painter.end()
