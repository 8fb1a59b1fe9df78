"""Writes names and values of events at their lines."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.graphics.frame import Frame
from efdviewer.ui.palette import shown_color
from efdviewer.viewmodels.curve_state import OverlayState

_LABELLED = 24
"""Up to so many lines in view carry a label."""
_WIDEST = 260
"""Pixels of a label; a longer one is cut."""
_LEAST = 120
"""Pixels that values may have whatever comes next, which then gives way to them."""
_GAP, _APART = 3, 10


class _Label(NamedTuple):
    x: float
    name: str
    text: str
    color: str


def in_view(overlay: OverlayState, time_range: TimeRange) -> NDArray[np.int64]:
    """Give the events of an overlay within a range, (m,) int64 ns UTC, sorted."""
    first, last = np.searchsorted(overlay.times_utc_ns, [time_range.start_utc_ns, time_range.end_utc_ns])
    return overlay.times_utc_ns[first:last]


def paint_labels(painter: QPainter, frame: Frame, overlays: Sequence[OverlayState], top: float) -> None:
    """Write what there is to say at each line: its values, else the topic's short name.

    Labels give way to one another, from the left: what the label before covers is left out. Bare names give
    way to values, which are cut before the next values. At the right edge labels stand left of their line.
    """
    labels = _labels(frame, overlays)
    metrics = QFontMetricsF(painter.font())
    edge = float(frame.left)
    for place, label in enumerate(labels):
        nearest = labels[place + 1].x if place + 1 < len(labels) else float(frame.right)
        valued = (each.x for each in labels[place + 1 :] if each.text)
        rooms = (x - label.x - _APART for x in (nearest, next(valued, float(frame.right))))
        text = _fitted(label, metrics, *rooms)
        width = metrics.horizontalAdvance(text)
        left = label.x + _GAP
        if left + width + 1 > frame.right:
            left = label.x - _GAP - width
        if left < edge:
            continue
        painter.setPen(shown_color(label.color))
        painter.drawText(QRectF(left, top, width + 2, metrics.height()), text)
        edge = left + width + _APART - _GAP


def _labels(frame: Frame, overlays: Sequence[OverlayState]) -> list[_Label]:
    """Choose the lines that get a label: all if they are few, else those whose values are known, if few."""
    found = []
    for overlay in overlays:
        times = in_view(overlay, frame.time_range)
        name = overlay.title.rpartition(".")[2]
        for utc_ns, x in zip(times[: _LABELLED + 1].tolist(), frame.x_of(times), strict=False):
            found.append(_Label(float(x), name, overlay.texts.get(utc_ns, ""), overlay.color))
    if len(found) > _LABELLED:
        found = [label for label in found if label.text]
    return sorted(found, key=lambda label: label.x) if len(found) <= _LABELLED else []


def _fitted(label: _Label, metrics: QFontMetricsF, room: float, most_room: float) -> str:
    """Write name and values if they fit before the next line, else the values, cut before the next values."""
    if not label.text:
        return label.name
    both = f"{label.name} {label.text}"
    if metrics.horizontalAdvance(both) <= min(room, _WIDEST):
        return both
    return metrics.elidedText(label.text, Qt.TextElideMode.ElideRight, min(max(most_room, _LEAST), _WIDEST))
