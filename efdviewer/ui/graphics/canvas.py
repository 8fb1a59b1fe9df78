"""The drawn part of a plot row: grid, event lines, curves and axes, painted in one pass."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from efdviewer.domain.session import ValueAxis
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import FieldRef
from efdviewer.ui.graphics import axes
from efdviewer.ui.graphics.beyond import Beyond, curves_beyond, paint_beyond
from efdviewer.ui.graphics.cursor_lines import CursorLines
from efdviewer.ui.graphics.curve import CurvePainter, values_in_view
from efdviewer.ui.graphics.event_lines import EventLines
from efdviewer.ui.graphics.event_marks import EventMarks
from efdviewer.ui.graphics.frame import Frame, ValueScale
from efdviewer.ui.graphics.hatch import Hatch
from efdviewer.ui.graphics.interval_bands import IntervalBands
from efdviewer.ui.graphics.state_lanes import StateLanes
from efdviewer.ui.graphics.value_range import ValueTick, scale_for
from efdviewer.ui.palette import shown_color
from efdviewer.viewmodels.curve_state import CurveState
from efdviewer.viewmodels.states import LaneState
from efdviewer.viewmodels.unknown import unknown_in

SIDES = ("left", "right")
LEAST_HEIGHT = 90
_MARGIN = 8


class PlotCanvas(QWidget):
    """Paints what it is given; it decides nothing but the limits of axes that are free.

    The range of time is kept as the integers that were set, and places are counted from its start, so
    no axis ever holds a time as a float.
    """

    frameChanged = Signal()
    """The drawing area has another place or size."""

    def __init__(self, event_lines: EventLines, bands: IntervalBands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(QSize(160, LEAST_HEIGHT))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFont(axes.axis_font(self.font()))
        self.timescale = Timescale.UTC
        self.cursor_lines = CursorLines()
        self.event_marks = EventMarks()
        self.has_mark_label = False
        """Whether the label of the selected event stands here; in one of the rows it does."""
        self._events = event_lines
        self._bands = bands
        self.lanes = StateLanes()
        self._range = TimeRange(start_utc_ns=0, end_utc_ns=3_600_000_000_000)
        self._curves: dict[FieldRef, CurvePainter] = {}
        self._axes = {side: ValueAxis() for side in SIDES}
        self._scales: dict[str, ValueScale] = {}
        self._values: dict[str, list[NDArray[np.float64]]] = {}
        self._hatch = Hatch(self)
        self._extents = (48, _MARGIN)
        self._has_time_axis = True

    @property
    def time_range(self) -> TimeRange:
        """Exactly the range that was set."""
        return self._range

    def frame(self) -> Frame:
        """Give the drawing area as it is now; at least one pixel wide and high."""
        left, right = self._extents
        bottom = axes.time_axis_height(QFontMetricsF(self.font())) if self._has_time_axis else 5
        return Frame(
            left=left,
            top=5,
            width=max(1, self.width() - left - right),
            height=max(1, self.height() - 5 - bottom),
            time_range=self._range,
        )

    def scale(self, side: str) -> ValueScale:
        """Give the limits of a value axis as they are drawn."""
        if side not in self._scales:
            self._scales[side] = scale_for(self._axes[side], self._visible(side))
        return self._scales[side]

    def states(self) -> list[CurveState]:
        """List the curves in the order of the legend."""
        return [painter.state for painter in self._curves.values() if painter.state is not None]

    def fields(self) -> list[FieldRef]:
        """List the fields that belong here, also those whose state has not come yet."""
        return list(self._curves)

    def has_side(self, side: str) -> bool:
        """Tell whether a visible curve is drawn against this axis."""
        return any(self._shown(side))

    def set_time_range(self, time_range: TimeRange) -> None:
        """Show another range; free value axes follow the values in it."""
        self._range = time_range
        self.refresh()

    def set_fields(self, fields: Iterable[FieldRef]) -> None:
        """Keep just these curves, in this order."""
        self._curves = {field: self._curves.get(field) or CurvePainter() for field in fields}
        self.refresh()

    def set_curve(self, state: CurveState) -> None:
        """Draw a curve as it is now."""
        painter = self._curves.setdefault(state.field, CurvePainter())
        before, painter.state = painter.state, state
        # A load tells its progress several times a second; words alone paint no curve anew.
        if before is None or _look(before) != _look(state):
            self.refresh()

    def set_lanes(self, lanes: Sequence[LaneState]) -> None:
        """Draw states in place of curves."""
        if not lanes and not self.lanes.lanes:
            return
        self.lanes.lanes = lanes
        self.update()

    def lanes_height(self) -> int:
        """Give the height that states need, with the axis beneath them, in pixels."""
        metrics = QFontMetricsF(self.font())
        return self.lanes.height(metrics) + self.height() - self.frame().height

    def set_axes(self, left: ValueAxis, right: ValueAxis) -> None:
        """Fix or free the limits of the value axes."""
        self._axes = {"left": left, "right": right}
        self.refresh()

    def axis(self, side: str) -> ValueAxis:
        """Give the settings of a value axis."""
        return self._axes[side]

    def set_extents(self, left: int, right: int) -> None:
        """Give the value axes this much room, in pixels; all rows get the same."""
        if (left, right) != self._extents:
            self._extents = (left, right)
            self.frameChanged.emit()
            self.update()

    def set_time_axis(self, shown: bool) -> None:
        """Show the labels of time; only the lowest row does."""
        if shown != self._has_time_axis:
            self._has_time_axis = shown
            self.frameChanged.emit()
            self.update()

    @property
    def has_time_axis(self) -> bool:
        """Whether the labels of time stand beneath."""
        return self._has_time_axis

    def wanted_extents(self) -> tuple[int, int]:
        """Give the room that the labels of both value axes need."""
        metrics, frame = QFontMetricsF(self.font()), self.frame()
        wanted = []
        for side, least in zip(SIDES, (48, _MARGIN), strict=True):
            if side == "right" and not self.has_side(side):
                wanted.append(least)
                continue
            ticks = self._value_ticks(frame, side, metrics)
            wanted.append(axes.value_axis_extent(ticks, metrics, title=bool(self.units(side))))
        return wanted[0], wanted[1]

    def units(self, side: str) -> str:
        """Give the units written along an axis."""
        return ", ".join(
            dict.fromkeys(
                painter.state.units for painter in self._shown(side) if painter.state and painter.state.units
            )
        )

    def region(self, position: QPoint) -> str:
        """Tell what lies there: `plot`, `left`, `right` or `time`."""
        frame = self.frame()
        if position.y() >= frame.bottom:
            return "time"
        if position.x() < frame.left:
            return "left"
        if position.x() >= frame.right:
            return "right" if self.has_side("right") else "plot"
        return "plot"

    def beyond(self) -> list[Beyond]:
        """List the curves that lie wholly outside the limits of their axis."""
        return curves_beyond(self.states(), self._range, self.scale)

    def expose(self, marks: CursorLines | EventMarks) -> None:
        """Paint the places of some marks anew, before and after they change; no more."""
        for place in marks.exposed(self.frame()):
            self.update(place)

    def refresh(self) -> None:
        """Paint anew with the next frame."""
        self._scales.clear()
        self._values.clear()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint; axes only where they are exposed, for a moving cursor exposes a column at a time."""
        painter = QPainter(self)
        frame, ink = self.frame(), axes.Ink.of(self.palette())
        metrics = QFontMetricsF(self.font())
        painter.fillRect(event.rect(), self.palette().color(QPalette.ColorRole.Base))
        times = axes.ticks_of_time(frame, self.timescale, metrics)
        main = "left" if self.has_side("left") or not self.has_side("right") else "right"
        values = self._value_ticks(frame, main, metrics)
        axes.paint_grid(painter, frame, times, values, scale=self.scale(main), ink=ink)
        area = QRect(frame.left, frame.top, frame.width, frame.height)
        painter.setClipRect(area & event.rect())
        self._hatch.paint(painter, frame, unknown_in(self.states(), self._range), ink.line)
        self._bands.paint(painter, frame)
        self.lanes.paint(painter, frame, ink)
        self.cursor_lines.paint_span(painter, frame, self.palette())
        self._events.paint(painter, frame)
        for side in SIDES:
            for curve in self._shown(side):
                assert curve.state is not None
                curve.paint(painter, frame, self.scale(side), shown_color(curve.state.color))
        # Last, lest the extremes of one curve hide the means of another.
        for side in SIDES:
            for curve in self._shown(side):
                assert curve.state is not None
                curve.paint_means(painter, shown_color(curve.state.color))
        self._events.paint_labels(painter, frame)
        self._paint_marks(painter, frame)
        paint_beyond(painter, frame, self.beyond(), ink.text, self.palette().color(QPalette.ColorRole.Base))
        painter.setClipping(False)
        if not area.contains(event.rect()):
            axes.paint_frame(painter, frame, ink)
            self._paint_value_axes(painter, frame, metrics, ink)
            if self._has_time_axis:
                axes.paint_time_axis(painter, frame, times, self.timescale, ink)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell what depends on the size."""
        super().resizeEvent(event)
        self.frameChanged.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a new colour scheme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ThemeChange):
            self._events.forget()
            self.update()
        super().changeEvent(event)

    def _paint_marks(self, painter: QPainter, frame: Frame) -> None:
        lanes = self._events.lanes_height()
        self.event_marks.paint(painter, frame, self.palette(), has_label=self.has_mark_label, lanes=lanes)
        self.cursor_lines.paint(painter, frame, self.palette())

    def _shown(self, side: str) -> list[CurvePainter]:
        return [
            painter
            for painter in self._curves.values()
            if painter.state is not None and painter.state.visible and painter.state.side == side
        ]

    def _paint_value_axes(
        self, painter: QPainter, frame: Frame, metrics: QFontMetricsF, ink: axes.Ink
    ) -> None:
        for side, extent in zip(SIDES, self._extents, strict=True):
            if side == "left" or self.has_side(side):
                if side == "left" and (self._curves or self.lanes.lanes) and not self.has_side("left"):
                    continue
                scale = self.scale(side)
                ticks = self._value_ticks(frame, side, metrics)
                axes.paint_value_axis(
                    painter,
                    frame,
                    ticks,
                    scale,
                    side=side,
                    title=self.units(side),
                    ink=ink,
                    extent=extent,
                )

    def _value_ticks(self, frame: Frame, side: str, metrics: QFontMetricsF) -> Sequence[ValueTick]:
        """Choose the ticks of a value axis; none while there is neither a value nor a limit to show."""
        axis = self._axes[side]
        if axis.low is None and axis.high is None and not any(map(len, self._visible(side))):
            return ()
        return axes.ticks_of_value(frame, self.scale(side), metrics)

    def _visible(self, side: str) -> list[NDArray[np.float64]]:
        if side not in self._values:
            states = [painter.state for painter in self._shown(side)]
            self._values[side] = [values_in_view(state, self._range) for state in states if state is not None]
        return self._values[side]


def _look(state: CurveState) -> tuple[object, ...]:
    return state.view, state.held, state.color, state.side, state.visible, state.units
