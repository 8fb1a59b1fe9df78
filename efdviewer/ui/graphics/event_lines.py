"""Draws the lines of all event overlays of a plot in one go."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QBrush, QImage, QPaintEngine, QPainter

from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.graphics.event_ink import LANE, blended, inks_of, tick_lanes
from efdviewer.ui.graphics.event_labels import in_view, paint_labels
from efdviewer.ui.graphics.event_shapes import paint_bars, paint_lines
from efdviewer.ui.graphics.frame import Frame
from efdviewer.viewmodels.curve_state import OverlayState


class EventHit(NamedTuple):
    """The line nearest to a place, and how many events of all visible overlays lie within reach of it."""

    key: str
    utc_ns: int
    reached: int

    @property
    def place(self) -> tuple[object, ...]:
        """The same for the same event, however many are around it."""
        return self.key, self.utc_ns


class Crowd(NamedTuple):
    """How many events of an overlay lie in the buckets at a place, from the first of them to the last."""

    title: str
    number: int
    time_range: TimeRange
    is_in_view: bool
    """Whether all of that stretch is in view; where not, some of the events may lie outside."""


class CrowdHit(NamedTuple):
    """What is shaded in a pixel column, by overlay."""

    crowds: tuple[Crowd, ...]

    @property
    def place(self) -> tuple[object, ...]:
        """The same wherever the same is to be said, but for the numbers."""
        return tuple((crowd.time_range, crowd.is_in_view) for crowd in self.crowds)


class EventLines:
    """The lines or shadings of all overlays, shared by the rows of a plot area: they show the same time.

    A line's tick at the top has its overlay's full colour, in a lane of its own: so it stays clear which
    events crowd where, also where the lines themselves make a wash. Lines are the same in every pixel row
    but for the dashes, so a strip of 24 rows is blended once and repeated downwards: the cost of a frame
    does not depend on the number of lines.
    """

    def __init__(self) -> None:
        self.overlays: tuple[OverlayState, ...] = ()
        self._key: tuple[object, ...] | None = None
        self._strip = self._ticks = QImage()

    def set_overlays(self, overlays: Sequence[OverlayState]) -> None:
        """Draw these; the arrays are not copied."""
        self.overlays = tuple(overlays)
        self._key = None

    def forget(self) -> None:
        """Mix colours anew."""
        self._key = None

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Draw at most one line for each pixel column and overlay, or its shading."""
        if not any(overlay.visible and overlay.has_events for overlay in self.overlays):
            return
        if painter.paintEngine().type() == QPaintEngine.Type.SVG:
            self._paint_shapes(painter, frame)
            return
        ratio = painter.device().devicePixelRatioF()
        columns = max(1, round(frame.width * ratio))
        key = (frame.time_range, columns, ratio)
        if key != self._key:
            inks = inks_of(self.overlays, frame.time_range, columns)
            self._key, self._strip, self._ticks = key, blended(inks, columns), tick_lanes(inks, columns)
            self._strip.setDevicePixelRatio(ratio)
        brush = QBrush(self._strip)
        painter.setBrushOrigin(QPoint(frame.left, frame.top))
        painter.fillRect(QRect(frame.left, frame.top, frame.width, frame.height), brush)
        painter.setBrushOrigin(QPoint(0, 0))
        painter.drawImage(QRect(frame.left, frame.top, frame.width, self.lanes_height()), self._ticks)

    def paint_labels(self, painter: QPainter, frame: Frame) -> None:
        """Write names and values at the top of the lines, while there are few of them."""
        paint_labels(painter, frame, self._visible(), frame.top + self.lanes_height() + 1)

    def nearest(self, frame: Frame, x: int, reach: int) -> EventHit | None:
        """Give the line nearest to a pixel column, within a reach of pixels."""
        wanted, best, count = frame.ns_at(x), None, 0
        reach_ns = max(1, frame.ns_of(reach))
        for overlay in self._visible():
            times = in_view(overlay, frame.time_range)
            place = int(np.searchsorted(times, wanted))
            first, last = np.searchsorted(times, [wanted - reach_ns, wanted + reach_ns + 1])
            count += int(last - first)
            for candidate in times[max(0, place - 1) : place + 1]:
                distance = abs(int(candidate) - wanted)
                if distance <= reach_ns and (best is None or distance < best[0]):
                    best = (distance, overlay.key, int(candidate))
        return None if best is None else EventHit(best[1], best[2], count)

    def crowd_at(self, frame: Frame, x: int) -> CrowdHit | None:
        """Give what is shaded in a pixel column."""
        column = TimeRange(
            start_utc_ns=frame.ns_at(x), end_utc_ns=max(frame.ns_at(x) + 1, frame.ns_at(x + 1))
        )
        view = frame.time_range
        crowds = tuple(
            Crowd(
                overlay.title,
                number,
                touched,
                is_in_view=view.holds(touched),
            )
            for overlay in self._visible()
            if overlay.density is not None and (found := overlay.density.crowd_over(column)) is not None
            for touched, number in (found,)
        )
        return CrowdHit(crowds) if crowds else None

    def lanes_height(self) -> int:
        """Give the height of the lanes of ticks at the top, in pixels."""
        return LANE * len(self._visible())

    def _visible(self) -> list[OverlayState]:
        return [overlay for overlay in self.overlays if overlay.visible]

    def _paint_shapes(self, painter: QPainter, frame: Frame) -> None:
        """Draw lines as lines; a shading as one bar for each run of columns that look the same."""
        for lane, ink in enumerate(inks_of(self.overlays, frame.time_range, frame.width)):
            top = frame.top + lane * LANE
            paint = paint_lines if ink.overlay.density is None else paint_bars
            paint(painter, frame, ink, top)
