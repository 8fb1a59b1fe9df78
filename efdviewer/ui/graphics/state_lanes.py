"""Draws states as coloured bands, a lane for each field."""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter

from efdviewer.domain.states import Several, StateValue
from efdviewer.ui.graphics.axes import Ink
from efdviewer.ui.graphics.frame import Frame
from efdviewer.ui.theme import is_dark, wrong_color
from efdviewer.ui.time_bar import span_text
from efdviewer.viewmodels.states import LaneState

BAND = 20
_GAP = 5
_LEAST_NOTE = 40
"""Pixels; a note that has no more room is left out."""
_CROWD = 2.0
"""Pixels; states narrower than one are drawn together up to this."""
_PADDING = 4
_FILLS = (
    ("#2d6997", "#bfe0f5"),
    ("#865d15", "#f8dca8"),
    ("#1d715b", "#bfe9dc"),
    ("#8a4a74", "#f2cfe3"),
    ("#5a53a8", "#d9d6fa"),
    ("#9a4a1e", "#fbd3bd"),
    ("#69681c", "#eeeab0"),
    ("#3f6b75", "#c5e2e8"),
)
"""Pairs for (dark, light); a text in the window's colour has a contrast of at least 4.5:1 on each."""
_MEANT = {
    "ENABLED": ("#1a6d37", "#bfe8c8"),
    "DISABLED": ("#796316", "#f5e6a3"),
    "STANDBY": ("#35618f", "#c7dcf3"),
    "OFFLINE": ("#54585e", "#d9dce0"),
    "FAULT": ("#a02c2c", "#f9c4c0"),
    "FAILED": ("#a02c2c", "#f9c4c0"),
    "CRITICAL": ("#a02c2c", "#f9c4c0"),
    "ERROR": ("#a02c2c", "#f9c4c0"),
    "true": ("#1d715b", "#bfe9dc"),
    "false": ("#54585e", "#d9dce0"),
}
_SEVERAL = ("#6a6e74", "#c4c8cd")


def state_color(value: StateValue | Several, label: str) -> QColor:
    """Give the colour of a state: the same for the same value, wherever it is drawn."""
    if isinstance(value, Several):
        pair = _SEVERAL
    elif label in _MEANT:
        pair = _MEANT[label]
    else:
        place = value if isinstance(value, int) else zlib.crc32(str(value).encode())
        pair = _FILLS[place % len(_FILLS)]
    return QColor(pair[0 if is_dark() else 1])


class StateLanes:
    """The lanes of one row of the plot area."""

    def __init__(self) -> None:
        self.lanes: Sequence[LaneState] = ()

    def height(self, metrics: QFontMetricsF) -> int:
        """Give the height, in pixels, that the lanes need."""
        return round(len(self.lanes) * (metrics.height() + BAND + _GAP)) + 2

    def paint(self, painter: QPainter, frame: Frame, ink: Ink) -> None:
        """Draw the names, and beneath each the states in view; the painter is clipped to the frame."""
        metrics = QFontMetricsF(painter.font())
        top = float(frame.top)
        for lane in self.lanes:
            _LanePainter(painter, frame, lane, ink).paint(top)
            top += metrics.height() + BAND + _GAP


class _LanePainter:
    """Paints one lane."""

    def __init__(self, painter: QPainter, frame: Frame, lane: LaneState, ink: Ink) -> None:
        self._painter = painter
        self._frame = frame
        self._lane = lane
        self._ink = ink
        self._metrics = QFontMetricsF(painter.font())

    def paint(self, top: float) -> None:
        """Paint it from here down."""
        frame = self._frame
        height = self._metrics.height()
        self._paint_name(QRectF(frame.left + _PADDING, top, frame.width - 2 * _PADDING, height))
        band = QRectF(frame.left, top + height, frame.width, BAND)
        self._paint_states(band)
        self._paint_unknown(band)

    def _paint_name(self, place: QRectF) -> None:
        lane, metrics, painter = self._lane, self._metrics, self._painter
        notes = [lane.status] if lane.status else []
        if lane.carried_ns is not None:
            label = " ".join(lane.label(lane.runs.values[0]).split())
            notes.insert(0, f"◂ {label} told {span_text(lane.carried_ns)} before the view")
        if lane.bucket_ns:
            notes.append(f"changes within {span_text(lane.bucket_ns)} are not told apart")
        name = metrics.elidedText(lane.title, Qt.TextElideMode.ElideMiddle, place.width())
        painter.setPen(self._ink.text)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, name)
        room = place.width() - metrics.horizontalAdvance(name) - 12
        if notes and room > _LEAST_NOTE:
            is_fine = lane.status in ("", "Loading …")
            painter.setPen(self._ink.muted if is_fine else wrong_color())
            text = metrics.elidedText(" · ".join(notes), Qt.TextElideMode.ElideRight, room)
            place.setLeft(place.right() - room)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_states(self, band: QRectF) -> None:
        frame, runs = self._frame, self._lane.runs
        left = np.clip(frame.x_of(runs.starts_utc_ns), frame.left - 1.0, frame.right + 1.0)
        right = np.clip(frame.x_of(runs.ends_utc_ns), frame.left - 1.0, frame.right + 1.0)
        for first, last in _columns(left, right):
            value = runs.values[first]
            part = QRectF(left[first], band.top(), max(1.0, right[last] - left[first]), BAND)
            if first != last or isinstance(value, Several):
                self._fill(part, None)
                continue
            label = self._lane.label(value)
            self._fill(part, state_color(value, label))
            self._paint_label(part, label)

    def _fill(self, part: QRectF, color: QColor | None) -> None:
        """Paint a state, or several without a colour of their own."""
        if color is not None:
            self._painter.fillRect(part, color)
        else:
            self._painter.fillRect(part, QColor(_SEVERAL[0 if is_dark() else 1]))
            self._painter.fillRect(part, QBrush(self._ink.text, Qt.BrushStyle.Dense6Pattern))
        self._painter.setPen(self._ink.line)
        self._painter.drawLine(part.topLeft(), part.bottomLeft())

    def _paint_label(self, part: QRectF, label: str) -> None:
        frame = self._frame
        seen = part.intersected(QRectF(frame.left, part.top(), frame.width, part.height()))
        room = seen.width() - 2 * _PADDING
        if room < self._metrics.averageCharWidth() * 2:
            return
        text = self._metrics.elidedText(" ".join(label.split()), Qt.TextElideMode.ElideRight, room)
        if len(text) > 1 or text == label:
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            self._painter.setPen(self._ink.text)
            self._painter.drawText(seen.adjusted(_PADDING, 0, -_PADDING, 0), flags, text)

    def _paint_unknown(self, band: QRectF) -> None:
        """Hatch what of the view was not asked for yet."""
        view, known = self._frame.time_range, self._lane.known
        known = known.overlap(view) if known else None
        if known is None:
            parts = [(view.start_utc_ns, view.end_utc_ns)]
        else:
            parts = [(view.start_utc_ns, known.start_utc_ns), (known.end_utc_ns, view.end_utc_ns)]
        brush = QBrush(self._ink.line, Qt.BrushStyle.BDiagPattern)
        for start, end in parts:
            x0, x1 = self._frame.x_at(start), self._frame.x_at(end)
            if end > start:
                self._painter.fillRect(QRectF(x0, band.top(), x1 - x0, BAND), brush)


def _columns(left: NDArray[np.float64], right: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Give what is drawn as one: a state, or those that are narrower than a pixel together, first to last."""
    if not len(left):
        return []
    is_narrow = right - left < 1.0
    place = np.floor(left / _CROWD)
    is_first = np.ones(len(left), np.bool_)
    is_first[1:] = ~(is_narrow[1:] & is_narrow[:-1] & (place[1:] == place[:-1]))
    firsts = np.flatnonzero(is_first)
    lasts = np.append(firsts[1:], len(left)) - 1
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
