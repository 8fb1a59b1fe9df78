"""Draws one curve."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from efdviewer.domain.level_view import LevelView, MeanLine
from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.graphics.boxes import Boxes, are_wide, boxes_of, narrow_part
from efdviewer.ui.graphics.frame import Frame, ValueScale
from efdviewer.ui.graphics.strokes import alone, bring_in, is_calm, points_of, strokes_of
from efdviewer.viewmodels.curve_state import CurveState

_SPARSE_PIXELS = 6
"""Markers stand where samples have so much room on average."""
_FAINT = 0.45
"""Opacity of minima and maxima beneath the line of their means."""
_MEAN_WIDTH = 2.0
_FILL = 0.16
"""Opacity of the inside of boxes: other curves are to be read through it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    lines: Any
    dots: Any
    dot_size: float
    smooth: bool
    boxes: Boxes | None = None
    means: "_Picture | None" = None


class CurvePainter:
    """Turns a `CurveState` into lines and markers, and keeps them until view or data change."""

    def __init__(self) -> None:
        self.state: CurveState | None = None
        self._key: tuple[LevelView, tuple[int, float] | None, Frame, ValueScale, float] | None = None
        self._picture: _Picture | None = None

    def paint(self, painter: QPainter, frame: Frame, scale: ValueScale, color: QColor) -> None:
        """Draw the curve; the painter is clipped to the frame."""
        if self.state is None or self.state.view is None or not len(self.state.view.times_utc_ns):
            self._picture = None
            if self.state is not None and self.state.held is not None:
                self._paint_held(painter, frame, scale, color)
            return
        ratio = painter.device().devicePixelRatioF()
        key = (self.state.view, self.state.held, frame, scale, ratio)
        if self._picture is None or self._key is None or key != self._key:
            self._key, self._picture = key, _picture(self.state, frame, scale, ratio)
        picture, ink = self._picture, QColor(color)
        if picture.means is not None:
            ink.setAlphaF(_FAINT * color.alphaF())
        _paint(painter, picture, QPen(ink, 1.5 if picture.smooth else 1))

    def paint_means(self, painter: QPainter, color: QColor) -> None:
        """Draw the means of what `paint` has drawn."""
        if self._picture is not None and self._picture.means is not None:
            _paint(painter, self._picture.means, QPen(color, _MEAN_WIDTH))

    def _paint_held(self, painter: QPainter, frame: Frame, scale: ValueScale, color: QColor) -> None:
        assert self.state is not None
        assert self.state.held is not None
        held_utc_ns, value = self.state.held
        y = float(scale.y_of(frame, np.array([value]))[0])
        right = float(frame.right)
        if self.state.view is not None:
            end_utc_ns = _end_of_hold(self.state.view, held_utc_ns)
            right = min(right, float(frame.x_of(np.array([end_utc_ns], np.int64))[0]))
        if np.isfinite(y) and right > frame.left:
            painter.setPen(QPen(color, 1))
            painter.drawLine(QPointF(frame.left, y), QPointF(right, y))


def _paint(painter: QPainter, picture: _Picture, pen: QPen) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, picture.smooth)
    pen.setCosmetic(True)
    if picture.boxes is not None:
        _fill(painter, picture.boxes.areas, pen.color())
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if picture.boxes is not None and len(picture.boxes.edges):
        painter.drawLines(*picture.boxes.edges.drawargs())
    if len(picture.lines):
        painter.drawLines(*picture.lines.drawargs())
    if len(picture.dots):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        pen.setWidthF(picture.dot_size)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(*picture.dots.drawargs())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _fill(painter: QPainter, areas: Any, color: QColor) -> None:
    if len(areas):
        inside = QColor(color)
        inside.setAlphaF(_FILL * color.alphaF())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(inside)
        painter.drawRects(*areas.drawargs())


def _end_of_hold(view: LevelView, sample_utc_ns: int) -> int:
    end_utc_ns = view.time_range.end_utc_ns
    return end_utc_ns if view.hold_ns is None else min(end_utc_ns, sample_utc_ns + view.hold_ns)


def _reaches(view: LevelView, sample_utc_ns: int) -> bool:
    """Tell whether a sample before the first point holds until that."""
    return view.hold_ns is None or int(view.times_utc_ns[0]) - sample_utc_ns <= view.hold_ns


def visible_slice(view: LevelView | MeanLine, time_range: TimeRange) -> slice:
    """Give the points of a view that lie within a range."""
    first, last = np.searchsorted(view.times_utc_ns, [time_range.start_utc_ns, time_range.end_utc_ns])
    return slice(int(first), int(last))


def values_in_view(state: CurveState, time_range: TimeRange) -> NDArray[np.float64]:
    """Give the values that free limits have to hold: those in view, and those held or passing through."""
    parts = [np.array([state.held[1]])] if state.held is not None else []
    if state.view is not None:
        inside = visible_slice(state.view, time_range)
        if inside.start == inside.stop:
            # Nothing but the line between two samples crosses the view.
            inside = slice(max(0, inside.start - 1), inside.stop + 1)
        parts.append(state.view.values[inside])
    return np.concatenate(parts) if parts else np.empty(0)


def _picture(state: CurveState, frame: Frame, scale: ValueScale, ratio: float) -> _Picture:
    view = state.view
    assert view is not None
    inside = visible_slice(view, frame.time_range)
    drawn = slice(max(0, inside.start - 1), inside.stop + 1)
    if view.bucket_ns:
        # Both points of each bucket.
        drawn = slice(drawn.start // 2 * 2, (drawn.stop + 1) // 2 * 2)
    times, values, connect = view.times_utc_ns[drawn], view.values[drawn], view.connect[drawn]
    x, y = frame.x_of(times), scale.y_of(frame, values)
    dots = _dots(x, y, connect, view, frame)
    count = len(x)
    sparse = view.bucket_ns == 0 and count * _SPARSE_PIXELS <= frame.width
    boxes = None
    if view.stepped:
        x, y, connect = _with_ends(
            x, y, connect, state=state, frame=frame, scale=scale, is_first=drawn.start == 0
        )
    if view.bucket_ns and (wide := are_wide(x, ratio)).any():
        boxes = boxes_of(x, y, connect, wide, frame, stepped=view.stepped)
        x, y, connect = narrow_part(x, y, connect, wide)
    if view.stepped:
        # Each value holds until the next.
        x, y, connect = np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1], np.repeat(connect, 2)[:-1]
    bring_in(x, y)
    smooth = view.bucket_ns == 0 and is_calm(y, frame)
    in_pairs = view.bucket_ns > 0 and not view.stepped
    return _Picture(
        lines=strokes_of(x, y, connect, frame, ratio, smooth=smooth, in_pairs=in_pairs),
        dots=dots,
        dot_size=4.5 if sparse else 2.5,
        smooth=smooth,
        boxes=boxes,
        means=None if view.means is None else _picture_of_means(view.means, frame, scale, ratio),
    )


def _picture_of_means(line: MeanLine, frame: Frame, scale: ValueScale, ratio: float) -> _Picture:
    inside = visible_slice(line, frame.time_range)
    drawn = slice(max(0, inside.start - 1), inside.stop + 1)
    x, y = frame.x_of(line.times_utc_ns[drawn]), scale.y_of(frame, line.values[drawn])
    connect = line.connect[drawn]
    dots = points_of(x, y, alone(connect))
    bring_in(x, y)
    smooth = is_calm(y, frame)
    lines = strokes_of(x, y, connect, frame, ratio, smooth=smooth)
    return _Picture(lines=lines, dots=dots, dot_size=_MEAN_WIDTH + 1, smooth=smooth)


def _with_ends(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    connect: NDArray[np.bool_],
    *,
    state: CurveState,
    frame: Frame,
    scale: ValueScale,
    is_first: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Begin steps with the value held before, and end them where the last one may hold no longer.

    Both ends are two points in one place, like those of a bucket without width.
    """
    view = state.view
    assert view is not None
    if is_first and state.held is not None and _reaches(view, state.held[0]):
        start = max(state.held[0], view.time_range.start_utc_ns)
        x = np.concatenate([frame.x_of(np.array([start] * 2, np.int64)), x])
        y = np.concatenate([scale.y_of(frame, np.array([state.held[1]] * 2)), y])
        connect = np.concatenate([[True, True], connect])
    if x[-1] < frame.right:
        end_utc_ns = _end_of_hold(view, int(view.times_utc_ns[-1]))
        end_x = frame.x_of(np.array([end_utc_ns] * 2, np.int64))
        x, y = np.concatenate([x, np.maximum(end_x, x[-1])]), np.concatenate([y, y[-1:], y[-1:]])
        connect = np.concatenate([connect[:-1], [True, True, False]])
    return x, y, connect


def _dots(
    x: NDArray[np.float64], y: NDArray[np.float64], connect: NDArray[np.bool_], view: LevelView, frame: Frame
) -> Any:
    """Collect the markers: every sample where they are sparse, else those that no line touches."""
    if view.bucket_ns:
        return PrimitiveArray(QPointF, 2)
    sparse = len(x) * _SPARSE_PIXELS <= frame.width
    return points_of(x, y, np.ones(len(x), np.bool_) if sparse else alone(connect))
