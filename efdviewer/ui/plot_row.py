"""One plot of the stack: the canvas, and what lies over it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPalette,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from efdviewer.domain import session
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import FieldRef
from efdviewer.ui.axis_popover import AxisPopover
from efdviewer.ui.crosshair import Crosshair
from efdviewer.ui.current_mark import CurrentMark
from efdviewer.ui.graphics.canvas import PlotCanvas
from efdviewer.ui.graphics.event_lines import EventLines
from efdviewer.ui.graphics.gestures import Gestures
from efdviewer.ui.graphics.interval_bands import IntervalBands
from efdviewer.ui.legend import Legend
from efdviewer.ui.plot_message import PlotMessage
from efdviewer.ui.row_answers import (
    drawn_points,
    events_in_view,
    is_shaded,
    sample_near,
    state_bands,
)
from efdviewer.ui.row_buttons import RowButtons
from efdviewer.ui.row_drops import RowDrops
from efdviewer.ui.row_lanes import RowLanes
from efdviewer.ui.row_pointing import EVENT_REACH, Hit, RowPointing
from efdviewer.viewmodels.curve_reading import Reading
from efdviewer.viewmodels.curve_state import CurveState
from efdviewer.viewmodels.states import LaneState
from efdviewer.viewmodels.time_range import SCRIPT


class PlotRow(QWidget):
    """A plot that shows what it is given and tells what a person does with it."""

    rangeEdited = Signal(object, str)
    boxEdited = Signal(object, str, float, float)
    limitsEdited = Signal(str, object, object)
    logEdited = Signal(str, bool)
    fitRequested = Signal()
    cursorMoved = Signal(object)
    eventHovered = Signal(object, object)
    eventLeft = Signal()
    """The event that was told of is no longer where the mouse is, though that may rest."""
    menuRequested = Signal(object, object, QPoint)
    focused = Signal()

    def __init__(self, event_lines: EventLines, bands: IntervalBands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._events = event_lines
        self._bands = bands
        self._hovered: Hit | None = None
        self._told: Hit | None = None
        self._mouse_x: int | None = None
        self.canvas = PlotCanvas(event_lines, bands, self)
        self.legend = Legend(self)
        self.buttons = RowButtons(self)
        self._header = QHBoxLayout()
        self._header.setSpacing(4)
        self._header.addWidget(self.legend, 1)
        self._lanes = RowLanes(self, self.canvas)
        self._header.addWidget(self._lanes, 1)
        self._header.addWidget(self.buttons, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._header)
        layout.addWidget(self.canvas, 1)
        self.gestures = Gestures(self.canvas)
        self.gestures.rangeEdited.connect(self.rangeEdited)
        self.gestures.boxEdited.connect(self.boxEdited)
        self.gestures.limitsEdited.connect(self.limitsEdited)
        self.pointing = RowPointing(self.canvas, self.gestures, event_lines)
        self._crosshair = Crosshair(self.canvas)
        self._point = Crosshair(self.canvas, QPalette.ColorRole.Accent)
        self._point_utc_ns: int | None = None
        self.message = PlotMessage(self.canvas)
        self.drops = RowDrops(self, self.canvas)
        self.message.resized.connect(self._place_message)
        self.message.focusReleased.connect(self._take_focus)
        self._popover = AxisPopover(self)
        self._popover.limitsEdited.connect(self.limitsEdited)
        self._popover.logEdited.connect(self.logEdited)
        self.canvas.frameChanged.connect(self._place)
        self.canvas.installEventFilter(self)
        self.current_mark = CurrentMark(self)
        self.set_fields(())

    def curves(self) -> list[FieldRef]:
        """List the fields in the order of the legend, hidden ones too."""
        return [state.field for state in self.canvas.states()]

    def lanes(self) -> list[FieldRef]:
        """List the fields whose states are drawn, from the top."""
        return list(self._lanes.fields)

    def state_bands(self, field: FieldRef | str) -> list[tuple[int, int, int | float | bool | str]]:
        """Give the states of a lane that touch the view: (start, end, value), ns UTC, not cut."""
        return state_bands(self.canvas, FieldRef.parse(field) if isinstance(field, str) else field)

    def view_range_ns(self) -> tuple[int, int]:
        """Give the range shown, int64 ns UTC, exactly as it was set."""
        return self.canvas.time_range.start_utc_ns, self.canvas.time_range.end_utc_ns

    def set_view_range_ns(self, start_utc_ns: int, end_utc_ns: int) -> None:
        """Ask for another range, as a gesture would."""
        self.rangeEdited.emit(TimeRange(start_utc_ns=start_utc_ns, end_utc_ns=end_utc_ns), SCRIPT)

    def drawn_points(self, field: FieldRef | str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Give the points of a curve on the screen now: (n,) int64 ns UTC and (n,) float64 values."""
        return drawn_points(self.canvas, FieldRef.parse(field) if isinstance(field, str) else field)

    def sample_near(self, utc_ns: int, value: float) -> tuple[CurveState, Reading] | None:
        """Give the curve that lies nearest to a value at a time, and what it reads; None without any."""
        return sample_near(self.canvas, utc_ns, value)

    def event_lines(self, overlay: str) -> NDArray[np.int64]:
        """Give the events of `TOPIC` or `TOPIC@STAMP` in view, (n,) int64 ns UTC, before thinning."""
        return events_in_view(self._events, overlay, self.canvas.time_range)

    def event_density(self, overlay: str) -> bool:
        """Tell whether the events of `TOPIC` or `TOPIC@STAMP` are shaded: they are more than the columns."""
        return is_shaded(self._events, overlay)

    def set_fields(self, fields: tuple[FieldRef, ...]) -> None:
        """Keep just these curves, in this order."""
        self.canvas.set_fields(fields)
        self._show_states()

    def set_row(self, row: session.PlotRow) -> None:
        """Follow the session: fields and value axes."""
        fields = tuple(curve.field for curve in row.curves)
        if fields != tuple(self.canvas.fields()) or row.lanes != self._lanes.fields:
            self._lanes.fields = row.lanes
            self.set_fields(fields)
            self.set_lanes([])
        self.canvas.set_axes(row.left, row.right)

    def set_lanes(self, lanes: Sequence[LaneState]) -> None:
        """Draw the states of this row's lanes as they are now."""
        self._lanes.set_lanes(lanes)
        self._fit_lanes()

    def set_curve(self, state: CurveState) -> None:
        """Draw a curve as it is now."""
        self.canvas.set_curve(state)
        self._show_states()

    def set_cursor(self, utc_ns: int | None, *, crosshair: bool) -> None:
        """Show the time that the cursor is at, in whichever row it is."""
        self.legend.set_cursor(utc_ns, self.canvas.timescale)
        self._crosshair.show_at(self.canvas.frame(), utc_ns if crosshair else None)
        self._lanes.read(utc_ns)

    def set_point(self, utc_ns: int | None) -> None:
        """Mark a moment that is looked at."""
        self._point_utc_ns = utc_ns
        self._point.show_at(self.canvas.frame(), utc_ns)

    def open_axis(self, side: str) -> None:
        """Show the settings of a value axis beside it."""
        frame = self.canvas.frame()
        place = QPoint(0 if side == "left" else max(0, frame.right - 160), frame.top)
        self._popover.open_at(
            self.canvas.mapToGlobal(place), side, self.canvas.axis(side), self.canvas.scale(side).limits()
        )

    @property
    def is_pointed(self) -> bool:
        """Whether the mouse is over the drawing area."""
        return self._mouse_x is not None

    def pointed_utc_ns(self) -> int | None:
        """Give the time beneath the mouse, that of an event line within reach; None if it is elsewhere."""
        return None if self._mouse_x is None else self.pointing.utc_ns_at(self._mouse_x)

    def tell_cursor(self) -> None:
        """Tell the time under a mouse that rests while the view moves, and that it moved an event away."""
        if self._told is not None and not _is_same(self._hit_at(self._mouse_x), self._told):
            self._leave_event()
        if self._mouse_x is not None:
            self.cursorMoved.emit(self.canvas.frame().ns_at(self._mouse_x))

    def set_timescale(self, timescale: Timescale) -> None:
        """Write times in another scale."""
        self.canvas.timescale = timescale
        self.canvas.update()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Take the mouse of the canvas."""
        handlers = {
            QEvent.Type.MouseButtonPress: self._pressed,
            QEvent.Type.MouseMove: self._moved,
            QEvent.Type.MouseButtonRelease: self.gestures.release,
            QEvent.Type.MouseButtonDblClick: self._double_clicked,
            QEvent.Type.Wheel: self.gestures.wheel,
            QEvent.Type.Leave: self._left,
        }
        handler = handlers.get(event.type())
        if handler is None:
            return False
        handler(event)  # type: ignore[operator]
        return isinstance(event, (QMouseEvent, QWheelEvent))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Give up a drag, or else the selected event; all other keys are those of menus."""
        if event.key() == Qt.Key.Key_Escape and self.gestures.is_dragging:
            self.gestures.cancel()
        elif event.key() == Qt.Key.Key_Escape:
            self.pointing.let_go()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Let the cursor go, also where the mouse left over the legend."""
        self._mouse_x = None
        self.cursorMoved.emit(None)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Become the current row."""
        self.focused.emit()
        super().focusInEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu at a time and a value."""
        frame, position = self.canvas.frame(), self.canvas.mapFrom(self, event.pos())
        hit = self._events.nearest(frame, position.x(), EVENT_REACH)
        utc_ns = frame.ns_at(position.x()) if hit is None else hit.utc_ns
        side = "left" if self.canvas.has_side("left") or not self.canvas.has_side("right") else "right"
        value = self.canvas.scale(side).value_at(frame, position.y())
        self.menuRequested.emit(utc_ns, value, event.globalPos())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take fields and topics."""
        self.drops.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where they would go."""
        self.drops.move(event)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Show it no longer."""
        self.drops.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell where they fell."""
        # To Qt a drag puts the mouse over the row, and a drop never takes it away.
        self.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
        self.drops.drop(event)

    def _show_states(self) -> None:
        states = self.canvas.states()
        self.legend.set_states(states)
        self.message.set_states(states, is_empty=not self.canvas.fields() and not self._lanes.fields)
        names = ", ".join(state.title for state in states) or "empty"
        name = self._lanes.title if self._lanes.fields else f"Plot of {names}"
        if self.accessibleName() != name:
            self.setAccessibleName(name)
        self._place()

    def _place(self) -> None:
        frame = self.canvas.frame()
        self._point.show_at(frame, self._point_utc_ns)
        self._header.setContentsMargins(frame.left, 1, self.canvas.width() - frame.right, 0)
        self.legend.fit_into(self.height())
        if self._lanes.fields:
            self._fit_lanes()
        self._place_message()

    def _fit_lanes(self) -> None:
        self.legend.setVisible(not self._lanes.fields)
        self._lanes.fit(self._header.sizeHint().height())

    def _place_message(self) -> None:
        if self.message.isHidden():
            return
        frame = self.canvas.frame()
        self.message.fit_into(frame.width - 12)
        left = frame.left + (frame.width - self.message.width()) // 2
        top = frame.top + (frame.height - self.message.height()) // 2
        if any(map(_is_drawn, self.canvas.states())):
            top = frame.bottom - self.message.height() - 6
        self.message.move(max(frame.left, left), max(frame.top, top))

    def _take_focus(self) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _pressed(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.gestures.press(event)
        if self.gestures.is_dragging and self._told is not None:
            # Its tip, which may still be on its way, would cover what is dragged.
            self._leave_event()

    def _moved(self, event: QMouseEvent) -> None:
        self.gestures.move(event)
        position, frame = event.position().toPoint(), self.canvas.frame()
        region = self.canvas.region(position)
        self._mouse_x = position.x() if region == "plot" else None
        self.cursorMoved.emit(frame.ns_at(position.x()) if region == "plot" else None)
        hit = None if self.gestures.is_dragging else self._hit_at(self._mouse_x)
        if hit is not None and not _is_same(hit, self._hovered):
            self._told = hit
            self.eventHovered.emit(hit, event.globalPosition().toPoint())
        self._hovered = hit
        self.pointing.follow(event, hit)

    def _hit_at(self, x: int | None) -> Hit | None:
        if x is None:
            return None
        frame = self.canvas.frame()
        event = self._events.nearest(frame, x, EVENT_REACH) or self._events.crowd_at(frame, x)
        return event or self._bands.at(frame, x)

    def _leave_event(self) -> None:
        self._told = self._hovered = None
        self.pointing.leave()
        self.eventLeft.emit()

    def _left(self, _event: QEvent) -> None:
        self._hovered = self._mouse_x = None
        self.pointing.leave()
        if self._told is not None:
            self._leave_event()
        self.cursorMoved.emit(None)

    def _double_clicked(self, event: QMouseEvent) -> None:
        self.gestures.cancel()
        region = self.canvas.region(event.position().toPoint())
        if region in ("left", "right"):
            self.open_axis(region)
        elif region == "plot":
            self.fitRequested.emit()


def _is_same(hit: Hit | None, other: Hit | None) -> bool:
    """Tell whether two are the same event, or stretch."""
    return hit is not None and other is not None and hit.place == other.place


def _is_drawn(state: CurveState) -> bool:
    return state.held is not None or (state.view is not None and len(state.view.values) > 0)
