"""Samples of two fields against each other, coloured by time; and their correlation at each lag."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent, MouseDragEvent
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPalette
from PySide6.QtWidgets import QWidget

from efdviewer.domain.timerange import TimeRange
from efdviewer.services.scatter_loader import JoinedFields
from efdviewer.ui.graphics.figure import Figure
from efdviewer.ui.palette import curve_color
from efdviewer.ui.theme import strong_color
from efdviewer.ui.time_colors import time_brushes

_REACH_PIXELS = 12
_POINT, _RING = 5, 11
_MOST_RINGS = 50
"""More would cover each other, and are filled points instead."""


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
            "from one to the next, with Shift as far as there, Return goes there; the wheel zooms, Home or a "
            "double-click beside the samples shows all",
            box=self._box,
            parent=parent,
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._joined: JoinedFields | None = None
        self._points = pg.ScatterPlotItem(size=_POINT, pen=None)
        self._spanned = pg.ScatterPlotItem()
        self._rings = pg.ScatterPlotItem()
        self.addItem(self._points)
        for item in (self._spanned, self._rings):
            self.addItem(item, ignoreBounds=True)
        self._titles = ("", "")
        self._selected: NDArray[np.int64] = np.empty(0, np.int64)
        self._anchor = 0
        """The drawn pair from which Shift extends."""
        self._head = 0
        """The drawn pair at which the arrow keys are."""
        self._box.boxDragged.connect(self._pick_box)
        self.scene().sigMouseClicked.connect(self._pick)

    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Give what is drawn: x, y, float64, and the times, int64 ns UTC, in the order of time."""
        joined = self._joined
        if joined is None:
            return np.empty(0), np.empty(0), np.empty(0, np.int64)
        return joined.x[joined.drawn], joined.y[joined.drawn], joined.times_utc_ns[joined.drawn]

    def show_pairs(self, joined: JoinedFields | None, titles: tuple[str, str], time_range: TimeRange) -> None:
        """Draw these over the range in view; of the same fields as before, as near as before."""
        if joined is not self._joined:
            self._joined = joined
            self._select(np.empty(0, np.int64))
        x, y, moments = self.points()
        self._points.setData(x, y, brush=time_brushes(moments, time_range))
        units = joined.units if joined is not None else ("", "")
        for side, title, unit in zip(("bottom", "left"), titles, units, strict=True):
            self.getAxis(side).enableAutoSIPrefix(False)
            self.setLabel(side, f"{title} [{unit}]" if unit else title)
        if titles != self._titles:
            self._titles = titles
            self._box.enableAutoRange()
        self._box.updateAutoRange()

    def select_times(self, utc_ns: NDArray[np.int64]) -> None:
        """Draw rings around the pairs at some times, (k,) int64 ns UTC ascending, each once."""
        joined = self._joined
        if joined is None or np.array_equal(np.unique(joined.times_utc_ns[self._selected]), utc_ns):
            return
        first = np.searchsorted(joined.times_utc_ns, utc_ns, side="left")
        counts = np.searchsorted(joined.times_utc_ns, utc_ns, side="right") - first
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        self._select(np.repeat(first, counts) + within)
        self._begin_at_ends(joined)

    def _begin_at_ends(self, joined: JoinedFields) -> None:
        """Let the arrow keys begin at what was selected otherwise than by them."""
        if len(self._selected):
            ends = np.searchsorted(joined.drawn, self._selected[[0, -1]])
            self._anchor, self._head = np.minimum(ends, len(joined.drawn) - 1).tolist()

    def _select(self, places: NDArray[np.int64]) -> None:
        self._selected = places
        joined = self._joined
        if joined is None or not len(places):
            self._rings.setData([], [])
            return
        if len(places) > _MOST_RINGS:
            some = places[:: -(-len(places) // _MOST_RINGS)]
            places = np.union1d(some, np.intersect1d(places, joined.drawn, assume_unique=True))
        _emphasize(self._rings, joined.x[places], joined.y[places], strong_color(), _RING)

    def show_span(self, span: tuple[int, int] | None) -> None:
        """Make the pairs between two moments stand out, ns UTC."""
        x, y, moments = self.points()
        if span is None or not len(moments):
            self._spanned.setData([], [])
            return
        inside = (moments >= span[0]) & (moments <= span[1])
        color = self.palette().color(QPalette.ColorRole.Highlight)
        _emphasize(self._spanned, x[inside], y[inside], color, _RING - 3)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from one pair to the next in time, with Shift select all as far as there."""
        joined = self._joined
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Home:
            self._box.enableAutoRange()
        elif joined is None or not len(joined.drawn):
            super().keyPressEvent(event)
        elif step is not None:
            self._step(joined, step, extends=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and len(self._selected):
            self.entered.emit(int(self._selected[0]))
        else:
            super().keyPressEvent(event)

    def _step(self, joined: JoinedFields, step: int, *, extends: bool) -> None:
        is_begun = len(self._selected) > 0
        self._head = int(np.clip(self._head + step, 0, len(joined.drawn) - 1)) if is_begun else 0
        if not (is_begun and extends):
            self._anchor = self._head
        first, last = joined.drawn[sorted((self._anchor, self._head))]
        self._tell(np.arange(first, last + 1, dtype=np.int64))

    def _tell(self, places: NDArray[np.int64]) -> None:
        self._select(places)
        self.picked.emit(places)

    def _pick_box(self, box: QRectF) -> None:
        joined = self._joined
        if joined is not None:
            inside = (joined.x >= box.left()) & (joined.x <= box.right())
            inside &= (joined.y >= box.top()) & (joined.y <= box.bottom())
            self._tell(np.flatnonzero(inside).astype(np.int64))
            self._begin_at_ends(joined)

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
            if event.double():
                self._box.enableAutoRange()
            return
        self._anchor = self._head = near
        self._tell(joined.drawn[near : near + 1])
        if event.double():
            self.entered.emit(int(joined.drawn[near]))


def _emphasize(
    item: pg.ScatterPlotItem, x: NDArray[np.float64], y: NDArray[np.float64], color: QColor, ring: int
) -> None:
    """Draw a few pairs with rings of some pixels, many as points."""
    if len(x) <= _MOST_RINGS:
        item.setData(x, y, size=ring, brush=None, pen=pg.mkPen(color, width=1.5))
    else:
        item.setData(x, y, size=_POINT, brush=pg.mkBrush(color), pen=None)


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
