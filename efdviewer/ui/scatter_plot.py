"""Samples of two fields against each other, coloured by time; and their correlation at each lag."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent, MouseDragEvent
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QLinearGradient, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, digits_for, format_ns
from efdviewer.services.scatter_loader import JoinedFields
from efdviewer.ui.graphics.figure import Figure
from efdviewer.ui.palette import curve_color
from efdviewer.ui.theme import is_dark, strong_color

_COLORS = 64
_REACH_PIXELS = 12
_POINT, _RING = 5, 11
_MOST_RINGS = 2000
_BAR_HEIGHT = 10


def time_colors() -> list[QColor]:
    """Give the colours from the begin of the view to its end: one hue never means two times."""
    stops = pg.colormap.get("viridis").getLookupTable(nPts=_COLORS, alpha=False)
    # The darkest are not seen on dark, the brightest not on light.
    first, last = (10, _COLORS) if is_dark() else (0, _COLORS - 10)
    places = np.linspace(first, last - 1, _COLORS).astype(int)
    return [QColor(*map(int, stops[place])) for place in places]


class _SelectingBox(pg.ViewBox):  # type: ignore[misc]
    """A drag with the left button selects; the wheel zooms and the middle button pans, as everywhere."""

    boxDragged = Signal(object)

    def mouseDragEvent(self, event: MouseDragEvent, axis: int | None = None) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or axis is not None:
            super().mouseDragEvent(event, axis)
            return
        event.accept()
        corners = event.buttonDownPos(), event.pos()
        if event.isFinish():
            self.rbScaleBox.hide()
            box = QRectF(*(self.mapToView(QPointF(corner)) for corner in corners)).normalized()
            self.boxDragged.emit(box)
        else:
            self.updateScaleBox(*corners)


class ScatterPlot(Figure):
    """One point a pair of samples."""

    picked = Signal(object)
    """Places of the pairs that were selected, (k,) int64; empty for none."""
    entered = Signal(int)
    """The pair that was double-clicked, or on which Return was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._box = _SelectingBox(enableMenu=False)
        super().__init__(
            "scatterPlot",
            "One field against another",
            "A click selects a sample, a drag all in a box, and marks them in the plots; arrow keys go "
            "from one to the next, Return goes there; the wheel zooms",
            box=self._box,
            parent=parent,
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._joined: JoinedFields | None = None
        self._points = pg.ScatterPlotItem(size=_POINT, pen=None)
        self._spanned = pg.ScatterPlotItem(size=_RING - 3, brush=None)
        self._rings = pg.ScatterPlotItem(size=_RING, brush=None)
        for item in (self._points, self._spanned, self._rings):
            self.addItem(item)
        self._selected: NDArray[np.int64] = np.empty(0, np.int64)
        self._box.boxDragged.connect(self._pick_box)
        self.scene().sigMouseClicked.connect(self._pick)

    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Give what is drawn: x, y, float64, and the times, int64 ns UTC, in the order of time."""
        joined = self._joined
        if joined is None:
            return np.empty(0), np.empty(0), np.empty(0, np.int64)
        return joined.x[joined.drawn], joined.y[joined.drawn], joined.times_utc_ns[joined.drawn]

    def show_pairs(self, joined: JoinedFields | None, titles: tuple[str, str], time_range: TimeRange) -> None:
        """Draw these over the range in view."""
        is_other = joined is not self._joined
        self._joined = joined
        x, y, moments = self.points()
        colors = time_colors()
        shares = (moments - time_range.start_utc_ns) / time_range.span_ns
        places = np.clip((shares * _COLORS).astype(int), 0, _COLORS - 1)
        brushes = [pg.mkBrush(color) for color in colors]
        self._points.setData(x, y, brush=[brushes[place] for place in places])
        units = joined.units if joined is not None else ("", "")
        for side, title, unit in zip(("bottom", "left"), titles, units, strict=True):
            self.getAxis(side).enableAutoSIPrefix(False)
            self.setLabel(side, f"{title} [{unit}]" if unit else title)
        if is_other:
            self.select(np.empty(0, np.int64))
            self.autoRange()

    def select(self, places: NDArray[np.int64]) -> None:
        """Draw rings around some pairs."""
        self._selected = places
        joined = self._joined
        shown = places[:: max(1, -(-len(places) // _MOST_RINGS))]
        if joined is None or not len(shown):
            self._rings.setData([], [])
        else:
            self._rings.setData(joined.x[shown], joined.y[shown], pen=pg.mkPen(strong_color(), width=1.5))

    def show_span(self, span: tuple[int, int] | None) -> None:
        """Draw rings around the pairs between two moments, ns UTC."""
        x, y, moments = self.points()
        if span is None or not len(moments):
            self._spanned.setData([], [])
            return
        inside = (moments >= span[0]) & (moments <= span[1])
        pen = pg.mkPen(self.palette().color(QPalette.ColorRole.Highlight), width=1.5)
        self._spanned.setData(x[inside], y[inside], pen=pen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from one pair to the next in time."""
        joined = self._joined
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if joined is None or not len(joined.drawn):
            super().keyPressEvent(event)
        elif step is not None:
            at = int(np.searchsorted(joined.drawn, self._selected[0])) if len(self._selected) else -1
            following = int(np.clip(at + step if len(self._selected) else 0, 0, len(joined.drawn) - 1))
            self._tell(joined.drawn[following : following + 1])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and len(self._selected):
            self.entered.emit(int(self._selected[0]))
        else:
            super().keyPressEvent(event)

    def _tell(self, places: NDArray[np.int64]) -> None:
        self.select(places)
        self.picked.emit(places)

    def _pick_box(self, box: QRectF) -> None:
        joined = self._joined
        if joined is not None:
            inside = (joined.x >= box.left()) & (joined.x <= box.right())
            inside &= (joined.y >= box.top()) & (joined.y <= box.bottom())
            self._tell(np.flatnonzero(inside).astype(np.int64))

    def _pick(self, event: MouseClickEvent) -> None:
        joined = self._joined
        if joined is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        at = self._box.mapSceneToView(event.scenePos())
        width, height = self._box.viewPixelSize()
        x, y, _ = self.points()
        away = np.hypot((x - at.x()) / width, (y - at.y()) / height)
        near = int(np.argmin(away)) if len(away) else -1
        if near < 0 or away[near] > _REACH_PIXELS:
            self._tell(np.empty(0, np.int64))
            return
        self._tell(joined.drawn[near : near + 1])
        if event.double():
            self.entered.emit(int(joined.drawn[near]))


class TimeColors(QWidget):
    """Which colour means which time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scatterTimes")
        self._labels = ("", "")
        self.setFixedHeight(_BAR_HEIGHT + self.fontMetrics().height() + 6)

    def show_range(self, time_range: TimeRange, timescale: Timescale) -> None:
        """Write the ends of the range in view beneath the colours."""
        digits = digits_for(time_range.span_ns)
        ends = (time_range.start_utc_ns, time_range.end_utc_ns)
        start, end = (format_ns(utc_ns, timescale, digits=digits).replace("T", " ") for utc_ns in ends)
        self._labels = (start, f"{end} {timescale.value.upper()}")
        self.setAccessibleName(f"Colours from {start} to {end}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the colours and their ends."""
        painter = QPainter(self)
        gradient = QLinearGradient(0, 0, self.width(), 0)
        colors = time_colors()
        for place, color in enumerate(colors):
            gradient.setColorAt(place / (len(colors) - 1), color)
        painter.fillRect(0, 2, self.width(), _BAR_HEIGHT, gradient)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        below = QRectF(0, _BAR_HEIGHT + 3, self.width(), self.height() - _BAR_HEIGHT - 3)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
        for text, side in zip(self._labels, sides, strict=True):
            painter.drawText(below, side | Qt.AlignmentFlag.AlignTop, text)
        painter.end()


class LagPlot(Figure):
    """The correlation of two fields when one is taken earlier or later."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "scatterLags",
            "Correlation at each lag",
            "Positive lags: y follows x; the wheel zooms",
            parent=parent,
        )
        self.setLabel("left", "correlation")
        self.setLabel("bottom", "lag of y behind x", units="s")

    def show_lags(self, joined: JoinedFields | None) -> None:
        """Draw them, with a line at the strongest."""
        self.clear()
        if joined is None or joined.lags is None:
            return
        lags = joined.lags
        self.plot(lags.lags_s, lags.correlations, pen=pg.mkPen(curve_color(0), width=1.5), connect="finite")
        self.addItem(
            pg.InfiniteLine(lags.best_s, angle=90, pen=pg.mkPen(strong_color(), style=Qt.PenStyle.DashLine))
        )
        self.setYRange(-1, 1, padding=0.02)
