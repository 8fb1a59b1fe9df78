"""Says which curves lie wholly beyond the limits of their axis, so that no plot is empty without a word."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.graphics.curve import values_in_view
from efdviewer.ui.graphics.frame import Frame, ValueScale
from efdviewer.viewmodels.curve_state import CurveState

_MOST = 3
_PAD = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """A sentence about a curve, and on which side of the axis it lies."""

    words: str
    is_above: bool


def curves_beyond(
    states: Iterable[CurveState], time_range: TimeRange, scale_of: Callable[[str], ValueScale]
) -> list[Beyond]:
    """List the visible curves of which no value in the range lies within the limits of their axis."""
    found = []
    for state in states:
        values = values_in_view(state, time_range)
        if not state.visible or not len(values):
            continue
        lowest, highest = float(values.min()), float(values.max())
        low, high = scale_of(state.side).limits()
        if lowest > high or highest < low:
            is_above = lowest > high
            extent = f"{lowest:.5g} to {highest:.5g}" if highest > lowest else f"{lowest:.5g}"
            where = "above" if is_above else "below"
            words = f"{state.field.short_title} lies {where} these limits, at {extent} {state.units}".rstrip()
            found.append(Beyond(words=words.replace("-", "\u2212"), is_above=is_above))
    return found


def paint_beyond(painter: QPainter, frame: Frame, found: list[Beyond], text: QColor, ground: QColor) -> None:
    """Write the sentences at the end of the plot where their curves are."""
    metrics = QFontMetricsF(painter.font())
    for is_above in (True, False):
        lines = [beyond.words for beyond in found if beyond.is_above is is_above]
        if not lines:
            continue
        if len(lines) > _MOST:
            lines[_MOST:] = [f"and {len(lines) - _MOST} more"]
        lines[-1] += ". Double-click to fit."
        width = max(map(metrics.horizontalAdvance, lines)) + 2 * _PAD
        height = len(lines) * metrics.height() + _PAD
        left = frame.left + max(0.0, (frame.width - width) / 2)
        top = frame.top + 2 * _PAD if is_above else frame.bottom - height - 2 * _PAD
        box = QRectF(left, top, min(width, frame.width), height)
        painter.fillRect(box, ground)
        painter.setPen(text)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "\n".join(lines))
