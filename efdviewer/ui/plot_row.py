"""One plot of the stack: the canvas, and what lies over it."""

import math

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
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from efdviewer.domain import session
from efdviewer.domain.events import full_stamp
from efdviewer.domain.timerange import TimeRange, shifted, zoomed
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import FieldRef, split_quoted, unquote
from efdviewer.ui.axis_popover import AxisPopover
from efdviewer.ui.drop_hint import DropHint
from efdviewer.ui.field_drop import dropped_fields, dropped_topics, is_droppable
from efdviewer.ui.graphics.canvas import PlotCanvas
from efdviewer.ui.graphics.curve import visible_slice
from efdviewer.ui.graphics.event_lines import EventLines, in_view
from efdviewer.ui.graphics.gestures import Gestures
from efdviewer.ui.legend import Legend
from efdviewer.ui.plot_message import PlotMessage
from efdviewer.ui.row_buttons import RowButtons
from efdviewer.viewmodels.curve_reading import nearest_sample
from efdviewer.viewmodels.curve_state import CurveState

_EVENT_REACH = 4
_STEP_KEYS = {Qt.Key.Key_Left: -0.1, Qt.Key.Key_Right: 0.1}
_ZOOM_KEYS = {Qt.Key.Key_Plus: 0.8, Qt.Key.Key_Equal: 0.8, Qt.Key.Key_Minus: 1.25}


class PlotRow(QWidget):
    """A plot that shows what it is given and tells what a person does with it."""

    rangeEdited = Signal(object, str)
    boxEdited = Signal(object, str, float, float)
    limitsEdited = Signal(str, object, object)
    logEdited = Signal(str, bool)
    fitRequested = Signal()
    cursorMoved = Signal(object)
    eventHovered = Signal(object, object, object)
    fieldsDropped = Signal(object, str)
    """Fields, and where they fell: `plot`, `left`, `right`, or `new` beneath the lowest plot."""
    topicsDropped = Signal(object)
    menuRequested = Signal(object, object, QPoint)
    focused = Signal()

    def __init__(self, event_lines: EventLines, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._events = event_lines
        self._hovered: tuple[str, int] | None = None
        self.canvas = PlotCanvas(event_lines, self)
        self.legend = Legend(self)
        self.buttons = RowButtons(self)
        self._header = QHBoxLayout()
        self._header.setSpacing(4)
        self._header.addWidget(self.legend, 1)
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
        self.message = PlotMessage(self.canvas)
        self._hint = DropHint(self.canvas)
        self.message.resized.connect(self._place_message)
        self._popover = AxisPopover(self)
        self._popover.limitsEdited.connect(self.limitsEdited)
        self._popover.logEdited.connect(self.logEdited)
        self._line = QFrame(self.canvas)
        self._line.setAutoFillBackground(True)
        self._line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._line.setBackgroundRole(QPalette.ColorRole.PlaceholderText)
        self._line.hide()
        self.canvas.frameChanged.connect(self._place)
        self.canvas.installEventFilter(self)
        self.set_fields(())

    def curves(self) -> list[FieldRef]:
        """List the fields in the order of the legend, hidden ones too."""
        return [state.field for state in self.canvas.states()]

    def view_range_ns(self) -> tuple[int, int]:
        """Give the range shown, int64 ns UTC, exactly as it was set."""
        return self.canvas.time_range.start_utc_ns, self.canvas.time_range.end_utc_ns

    def set_view_range_ns(self, start_utc_ns: int, end_utc_ns: int) -> None:
        """Ask for another range, as a gesture would."""
        self.rangeEdited.emit(TimeRange(start_utc_ns=start_utc_ns, end_utc_ns=end_utc_ns), "script")

    def drawn_points(self, field: FieldRef | str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Give the points of a curve on the screen now: (n,) int64 ns UTC and (n,) float64 values."""
        wanted = FieldRef.parse(field) if isinstance(field, str) else field
        for state in self.canvas.states():
            if state.field == wanted and state.visible and state.view is not None:
                inside = visible_slice(state.view, self.canvas.time_range)
                return state.view.times_utc_ns[inside], state.view.values[inside]
        return np.empty(0, np.int64), np.empty(0, np.float64)

    def sample_near(self, utc_ns: int, value: float) -> tuple[CurveState, float] | None:
        """Give the curve, and its sample at a time, that lies nearest to a value; None without any."""
        found = []
        for state in self.canvas.states():
            nearest = nearest_sample(state, utc_ns)
            if nearest is not None and math.isfinite(nearest[1]):
                scale = self.canvas.scale(state.side)
                places = scale.y_of(self.canvas.frame(), np.array([nearest[1], value]))
                found.append((abs(float(places[0] - places[1])), state, nearest[1]))
        if not found:
            return None
        _, state, sample = min(found, key=lambda entry: entry[0])
        return state, sample

    def event_lines(self, overlay: str) -> NDArray[np.int64]:
        """Give the events of `TOPIC` or `TOPIC@STAMP` in view, (n,) int64 ns UTC, before thinning.

        Empty where the overlay is hidden or unknown, or the topic alone leaves open which is meant.
        """
        topic, *stamp = (unquote(part) for part in split_quoted(overlay, "@"))
        matching = []
        for state in self._events.overlays:
            known_topic, known_stamp = (unquote(part) for part in state.key.rsplit("@", 1))
            if known_topic == topic and (not stamp or full_stamp(stamp[0]) == full_stamp(known_stamp)):
                matching.append(state)
        if len(matching) != 1 or not matching[0].visible:
            return np.empty(0, np.int64)
        return in_view(matching[0], self.canvas.time_range)

    def set_fields(self, fields: tuple[FieldRef, ...]) -> None:
        """Keep just these curves, in this order."""
        self.canvas.set_fields(fields)
        self._show_states()

    def set_row(self, row: session.PlotRow) -> None:
        """Follow the session: fields and value axes."""
        fields = tuple(curve.field for curve in row.curves)
        if fields != tuple(self.canvas.fields()):
            self.set_fields(fields)
        self.canvas.set_axes(row.left, row.right)

    def set_curve(self, state: CurveState) -> None:
        """Draw a curve as it is now."""
        self.canvas.set_curve(state)
        self._show_states()

    def set_cursor(self, utc_ns: int | None, *, crosshair: bool) -> None:
        """Show the time that the cursor is at, in whichever row it is."""
        self.legend.set_cursor(utc_ns, self.canvas.timescale)
        frame = self.canvas.frame()
        x = None if utc_ns is None else int(frame.x_of(np.array([utc_ns], np.int64))[0])
        self._line.setVisible(crosshair and x is not None and frame.left <= x < frame.right)
        if x is not None:
            self._line.setGeometry(x, frame.top, 1, frame.height)

    def open_axis(self, side: str) -> None:
        """Show the settings of a value axis beside it."""
        frame = self.canvas.frame()
        place = QPoint(0 if side == "left" else max(0, frame.right - 160), frame.top)
        self._popover.open_at(
            self.canvas.mapToGlobal(place), side, self.canvas.axis(side), self.canvas.scale(side).limits()
        )

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
        """Step and zoom in time."""
        shown, key = self.canvas.time_range, Qt.Key(event.key())
        if key in _STEP_KEYS:
            self.rangeEdited.emit(shifted(shown, _STEP_KEYS[key]), "pan")
        elif key in _ZOOM_KEYS:
            middle = shown.start_utc_ns + shown.span_ns // 2
            self.rangeEdited.emit(zoomed(shown, _ZOOM_KEYS[key], middle), "wheel")
        elif key == Qt.Key.Key_Escape:
            self.gestures.cancel()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Let the cursor go, also where the mouse left over the legend."""
        self.cursorMoved.emit(None)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Become the current row."""
        self.focused.emit()
        super().focusInEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu at a time and a value."""
        frame, position = self.canvas.frame(), self.canvas.mapFrom(self, event.pos())
        hit = self._events.nearest(frame, position.x(), _EVENT_REACH)
        utc_ns = frame.ns_at(position.x()) if hit is None else hit[1]
        side = "left" if self.canvas.has_side("left") or not self.canvas.has_side("right") else "right"
        value = self.canvas.scale(side).value_at(frame, position.y())
        self.menuRequested.emit(utc_ns, value, event.globalPos())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take fields and topics."""
        if is_droppable(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where they would go."""
        place = self.canvas.mapFrom(self, event.position().toPoint())
        self._hint.show_at(place, axes=bool(dropped_fields(event.mimeData())))
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget it."""
        self._hint.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Add fields, on an axis to that axis; topics become event lines."""
        self._hint.hide()
        zone = self._hint.zone_at(self.canvas.mapFrom(self, event.position().toPoint()))
        if fields := dropped_fields(event.mimeData()):
            self.fieldsDropped.emit(fields, zone)
        elif topics := dropped_topics(event.mimeData()):
            self.topicsDropped.emit(topics)
        event.acceptProposedAction()

    def _show_states(self) -> None:
        states = self.canvas.states()
        self.legend.set_states(states)
        self.message.set_states(states)
        names = ", ".join(state.title for state in states) or "empty"
        if self.accessibleName() != f"Plot of {names}":
            self.setAccessibleName(f"Plot of {names}")
        self._place()

    def _place(self) -> None:
        frame = self.canvas.frame()
        self._header.setContentsMargins(frame.left, 1, self.canvas.width() - frame.right, 0)
        self.legend.fit_into(self.height())
        self._place_message()

    def _place_message(self) -> None:
        frame = self.canvas.frame()
        self.message.adjustSize()
        left = frame.left + (frame.width - self.message.width()) // 2
        top = frame.top + (frame.height - self.message.height()) // 2
        if any(state.view is not None and len(state.view.values) for state in self.canvas.states()):
            top = frame.bottom - self.message.height() - 6
        self.message.move(max(frame.left, left), max(frame.top, top))

    def _pressed(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.gestures.press(event)

    def _moved(self, event: QMouseEvent) -> None:
        self.gestures.move(event)
        position, frame = event.position().toPoint(), self.canvas.frame()
        region = self.canvas.region(position)
        self.cursorMoved.emit(frame.ns_at(position.x()) if region == "plot" else None)
        hit = None
        if region == "plot" and not self.gestures.is_dragging:
            hit = self._events.nearest(frame, position.x(), _EVENT_REACH)
        if hit is not None and hit != self._hovered:
            self.eventHovered.emit(hit[0], hit[1], event.globalPosition().toPoint())
        self._hovered = hit

    def _left(self, _event: QEvent) -> None:
        self._hovered = None
        self.cursorMoved.emit(None)

    def _double_clicked(self, event: QMouseEvent) -> None:
        self.gestures.cancel()
        region = self.canvas.region(event.position().toPoint())
        if region in ("left", "right"):
            self.open_axis(region)
        elif region == "plot":
            self.fitRequested.emit()
