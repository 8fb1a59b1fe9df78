"""Paints the grid, the frame and the axes of a plot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPalette, QPen

from efdviewer.domain.timescale import Timescale
from efdviewer.ui.graphics.frame import Frame, ValueScale
from efdviewer.ui.graphics.time_ticks import TimeTick, label_width_chars, time_ticks
from efdviewer.ui.graphics.value_range import ValueTick, value_ticks

TICK = 4
GAP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """Colours of the frame; it recedes behind the data."""

    text: QColor
    muted: QColor
    line: QColor
    grid: QColor

    @classmethod
    def of(cls, palette: QPalette) -> "Ink":
        """Take them from a widget's palette, so they follow the scheme."""
        text, base = palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.Base)
        return cls(
            text=_mixed(text, base, 0.9),
            muted=_mixed(text, base, 0.65),
            line=_mixed(text, base, 0.35),
            grid=_mixed(text, base, 0.1),
        )


def axis_font(base: QFont) -> QFont:
    """Give the font of labels: a little smaller than the window's."""
    font = QFont(base)
    font.setPointSizeF(max(7.5, base.pointSizeF() * 0.92))
    return font


def ticks_of_time(frame: Frame, timescale: Timescale, metrics: QFontMetricsF) -> Sequence[TimeTick]:
    """Choose as many instants as their labels have room for."""
    digit = metrics.horizontalAdvance("0")
    most = max(1, int(frame.width / (12 * digit)))
    while most > 1 and most * (label_width_chars(frame.time_range.span_ns, most) + 3) * digit > frame.width:
        most -= 1
    return time_ticks(frame.time_range, timescale, most)


def ticks_of_value(frame: Frame, scale: ValueScale, metrics: QFontMetricsF) -> Sequence[ValueTick]:
    """Choose as many values as their labels have room for."""
    return value_ticks(scale, max(2, int(frame.height / (2.4 * metrics.height()))))


def paint_grid(
    painter: QPainter,
    frame: Frame,
    times: Sequence[TimeTick],
    values: Sequence[ValueTick],
    *,
    scale: ValueScale,
    ink: Ink,
) -> None:
    """Paint light lines at the ticks of time and of one value axis."""
    painter.setPen(QPen(ink.grid, 1))
    for x in _places(frame, times):
        painter.drawLine(x, frame.top, x, frame.bottom - 1)
    for tick in values:
        y = _y(frame, scale, tick)
        painter.drawLine(frame.left, y, frame.right - 1, y)


def paint_frame(painter: QPainter, frame: Frame, ink: Ink) -> None:
    """Paint the border of the drawing area."""
    painter.setPen(QPen(ink.line, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(frame.left - 1, frame.top - 1, frame.width + 1, frame.height + 1)


def paint_time_axis(
    painter: QPainter, frame: Frame, ticks: Sequence[TimeTick], timescale: Timescale, ink: Ink
) -> None:
    """Paint labels, the date where it begins or changes, and the name of the scale."""
    metrics = QFontMetricsF(painter.font())
    line = metrics.height()
    first, second = frame.bottom + TICK + 1, frame.bottom + TICK + 1 + line
    shown, edge = None, float(frame.left - 1000)
    scale_name = timescale.value.upper()
    scale_left = frame.right - metrics.horizontalAdvance(scale_name)
    for tick, x in zip(ticks, _places(frame, ticks), strict=True):
        painter.setPen(ink.line)
        painter.drawLine(x, frame.bottom, x, frame.bottom + TICK)
        painter.setPen(ink.text)
        _centred(painter, metrics, tick.label, x, first, right_most=frame.right + GAP)
        width = metrics.horizontalAdvance(tick.context)
        left = max(0.0, x - width / 2)
        if tick.context != shown and left > edge + 2 * GAP and left + width < scale_left - 2 * GAP:
            painter.setPen(ink.muted)
            painter.drawText(QRectF(left, second, width + 2, line), tick.context)
            shown, edge = tick.context, left + width
    painter.setPen(ink.text)
    painter.drawText(QRectF(scale_left, second, frame.right - scale_left + 2, line), scale_name)


def time_axis_height(metrics: QFontMetricsF) -> int:
    """Give the height of two lines of labels and their ticks."""
    return int(2 * metrics.height()) + TICK + 4


def paint_value_axis(
    painter: QPainter,
    frame: Frame,
    ticks: Sequence[ValueTick],
    scale: ValueScale,
    *,
    side: str,
    title: str,
    ink: Ink,
    extent: int,
) -> None:
    """Paint labels beside the plot and the units along the axis; `extent` is the room in pixels."""
    metrics = QFontMetricsF(painter.font())
    left = side == "left"
    edge = frame.left - 1 if left else frame.right
    for tick in ticks:
        y = _y(frame, scale, tick)
        painter.setPen(ink.line)
        painter.drawLine(edge - TICK if left else edge, y, edge if left else edge + TICK, y)
        painter.setPen(ink.text)
        room = extent - TICK - GAP
        box = QRectF(
            edge - extent if left else edge + TICK + GAP, y - metrics.height() / 2, room, metrics.height()
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignRight if left else Qt.AlignmentFlag.AlignLeft, tick.label)
    if title:
        painter.save()
        painter.setPen(ink.text)
        line = metrics.height()
        centre = edge - extent + line / 2 + GAP if left else edge + extent - line / 2 - GAP
        painter.translate(centre, frame.top + frame.height / 2)
        painter.rotate(-90 if left else 90)
        text = metrics.elidedText(title, Qt.TextElideMode.ElideRight, frame.height)
        box = QRectF(-frame.height / 2, -line / 2, frame.height, line)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()


def value_axis_extent(ticks: Sequence[ValueTick], metrics: QFontMetricsF, *, title: bool) -> int:
    """Give the room that an axis needs, in steps of 16 pixels so that neighbours seldom move."""
    widest = max((metrics.horizontalAdvance(tick.label) for tick in ticks), default=0.0)
    needed = widest + TICK + 2 * GAP + (metrics.height() + GAP if title else 0)
    return max(48, -(-int(needed) // 16) * 16)


def _places(frame: Frame, ticks: Sequence[TimeTick]) -> list[int]:
    times = np.array([tick.utc_ns for tick in ticks], np.int64)
    return [int(x) for x in frame.x_of(times)]


def _y(frame: Frame, scale: ValueScale, tick: ValueTick) -> int:
    share = (tick.position - scale.low) / (scale.high - scale.low)
    return min(max(int(frame.bottom - share * frame.height), frame.top), frame.bottom - 1)


def _centred(
    painter: QPainter, metrics: QFontMetricsF, text: str, x: int, top: float, *, right_most: float
) -> None:
    width = metrics.horizontalAdvance(text)
    painter.drawText(QRectF(min(x - width / 2, right_most - width), top, width + 2, metrics.height()), text)


def _mixed(front: QColor, back: QColor, share: float) -> QColor:
    return QColor.fromRgbF(
        *(
            front_part * share + back_part * (1 - share)
            for front_part, back_part in zip(front.getRgbF()[:3], back.getRgbF()[:3], strict=True)  # type: ignore[index]
        )
    )
