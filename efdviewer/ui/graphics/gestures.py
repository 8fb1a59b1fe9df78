"""Turns the mouse over a plot into intents; integer arithmetic from pixels to nanoseconds."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QRubberBand

from efdviewer.domain.cursor_edits import CursorName
from efdviewer.domain.timerange import MIN_SPAN_NS, TimeRange, clamped, zoomed
from efdviewer.ui.graphics.canvas import PlotCanvas
from efdviewer.ui.graphics.frame import Frame, ValueScale

FRAME_MS = 16
_CLICK_PIXELS = 4
_GRAB_PIXELS = 4
"""A cursor is grabbed within so many pixels of its line."""
_BOX_PIXELS = 40
"""A box lower than this, or lower than a quarter of its width, zooms in time alone."""
_WHEEL_STEP = 0.8
_NOTCH = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drag:
    """A drag under way, with what was shown when it began."""

    kind: str
    origin: QPoint
    frame: Frame
    scale: ValueScale
    cursor: CursorName | None = None


class Gestures(QObject):
    """Listens to the mouse for a canvas. Continuous gestures emit at most once a frame."""

    rangeEdited = Signal(object, str)
    boxEdited = Signal(object, str, float, float)
    limitsEdited = Signal(str, object, object)
    dragChanged = Signal(bool)
    clicked = Signal(QPoint)
    """The left button went down and up in the plot, at one place."""
    cursorDragged = Signal(str, object, bool)
    """Name of a cursor, the pixel column that it is dragged to, and whether that is all; None gives it up."""

    def __init__(self, canvas: PlotCanvas) -> None:
        super().__init__(canvas)
        self.mode = "zoom"
        self._canvas = canvas
        self._drag: _Drag | None = None
        self._moved = False
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, canvas)
        self._pending: tuple[TimeRange, str] | None = None
        self._pending_limits: tuple[str, ValueScale] | None = None
        self._pending_cursor: tuple[CursorName, int] | None = None
        self._timer = QTimer(self, singleShot=True, interval=FRAME_MS)
        self._timer.timeout.connect(self._flush)

    @property
    def is_dragging(self) -> bool:
        """Whether a button is held for a gesture."""
        return self._drag is not None

    def press(self, event: QMouseEvent) -> None:
        """Begin a drag."""
        position = event.position().toPoint()
        region = self._canvas.region(position)
        kind = self._kind(event, region)
        if kind is None:
            return
        side = region if region in ("left", "right") else self._box_side()
        frame = self._canvas.frame()
        cursor = self.cursor_at(event) if kind in ("box", "pan") else None
        self._moved = False
        self._drag = _Drag(
            kind="cursor" if cursor else kind,
            origin=position,
            frame=frame,
            scale=self._canvas.scale(side),
            cursor=cursor,
        )
        self.dragChanged.emit(True)

    def move(self, event: QMouseEvent) -> None:
        """Go on with a drag."""
        drag, position = self._drag, event.position().toPoint()
        if drag is None:
            return
        offset = position - drag.origin
        if not self._moved and offset.manhattanLength() < _CLICK_PIXELS:
            return
        self._moved = True
        if drag.cursor is not None:
            frame = self._canvas.frame()
            self._pending_cursor = drag.cursor, min(max(position.x(), frame.left), frame.right - 1)
            self._soon()
        elif drag.kind == "box":
            self._band.setGeometry(self._box(drag, position))
            self._band.show()
        elif drag.kind in ("pan", "axis"):
            shift_ns = -drag.frame.ns_of(offset.x())
            self._edit(_moved(drag.frame.time_range, shift_ns), drag.kind)
        else:
            by = offset.y() * (drag.scale.high - drag.scale.low) / drag.frame.height
            self._edit_limits(drag.kind, drag.scale.low + by, drag.scale.high + by)

    def release(self, event: QMouseEvent) -> None:
        """End a drag; a box zooms only now."""
        drag, self._drag = self._drag, None
        if drag is None:
            return
        self._band.hide()
        if drag.kind == "box" and self._moved:
            self._zoom_box(drag, event.position().toPoint())
        if drag.cursor is not None and self._moved:
            self._pending_cursor = None
            x = min(max(event.position().toPoint().x(), drag.frame.left), drag.frame.right - 1)
            self.cursorDragged.emit(drag.cursor, x, True)
        self._flush()
        self.dragChanged.emit(False)
        is_in_plot = drag.kind in ("box", "pan", "cursor")
        if is_in_plot and not self._moved and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(drag.origin)

    def cancel(self) -> None:
        """Give up a drag; what it has moved already stays, but for a cursor."""
        drag, self._drag = self._drag, None
        if drag is not None:
            self._band.hide()
            self._pending_cursor = None
            if drag.cursor is not None:
                self.cursorDragged.emit(drag.cursor, None, True)
            self.dragChanged.emit(False)

    def cursor_at(self, event: QMouseEvent) -> CursorName | None:
        """Give the cursor that a press of the left button without a modifier would grab."""
        if event.modifiers() != Qt.KeyboardModifier.NoModifier or (
            event.type() is QEvent.Type.MouseButtonPress and event.button() != Qt.MouseButton.LeftButton
        ):
            return None
        position = event.position().toPoint()
        if self._canvas.region(position) != "plot":
            return None
        return self._canvas.cursor_lines.near(self._canvas.frame(), position.x(), _GRAB_PIXELS)

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom at the cursor, or on a value axis zoom that axis; sideways moves in time."""
        position, turn = event.position().toPoint(), event.angleDelta()
        region, frame = self._canvas.region(position), self._canvas.frame()
        event.accept()
        if region in ("left", "right"):
            self._wheel_axis(region, position, turn.y() or turn.x())
            return
        shown = self._pending[0] if self._pending else frame.time_range
        if abs(turn.x()) > abs(turn.y()):
            self._edit(_moved(shown, -round(turn.x() / _NOTCH * shown.span_ns / 10)), "pan")
        elif turn.y():
            place = min(max(position.x() - frame.left, 0), frame.width)
            at_ns = shown.start_utc_ns + place * shown.span_ns // frame.width
            factor = _WHEEL_STEP ** (turn.y() / _NOTCH)
            if factor < 1 and shown.span_ns <= MIN_SPAN_NS:
                return
            self._edit(zoomed(shown, factor, at_ns), "axis" if region == "time" else "wheel")

    def _kind(self, event: QMouseEvent, region: str) -> str | None:
        button, shift = event.button(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if button == Qt.MouseButton.MiddleButton:
            return "pan"
        if button != Qt.MouseButton.LeftButton:
            return None
        if region == "time":
            return "axis"
        if region in ("left", "right"):
            return region
        return "pan" if (self.mode == "pan") != shift else "box"

    def _box_side(self) -> str:
        return "left" if self._canvas.has_side("left") or not self._canvas.has_side("right") else "right"

    def _box(self, drag: _Drag, position: QPoint) -> QRect:
        """Give the box as it will zoom: of full height where it zooms in time alone."""
        frame = drag.frame
        x0, x1 = sorted(min(max(x, frame.left), frame.right) for x in (drag.origin.x(), position.x()))
        y0, y1 = sorted(min(max(y, frame.top), frame.bottom) for y in (drag.origin.y(), position.y()))
        if not self._is_box(x1 - x0, y1 - y0):
            y0, y1 = frame.top, frame.bottom
        return QRect(x0, y0, max(1, x1 - x0), max(1, y1 - y0))

    def _is_box(self, width: int, height: int) -> bool:
        # States have no value axis.
        has_values = not self._canvas.lanes.lanes
        return has_values and height >= _BOX_PIXELS and height * 4 >= width

    def _zoom_box(self, drag: _Drag, position: QPoint) -> None:
        box = self._box(drag, position)
        if box.width() < _CLICK_PIXELS:
            return
        frame = drag.frame
        time_range = clamped(frame.ns_at(box.left()), frame.ns_at(box.left() + box.width()))
        if box.height() == frame.height:
            self._pending = (time_range, "zoom")
            return
        high = drag.scale.value_at(frame, box.top())
        low = drag.scale.value_at(frame, box.top() + box.height())
        if low < high:
            self.boxEdited.emit(time_range, self._box_side(), low, high)

    def _wheel_axis(self, side: str, position: QPoint, turn: int) -> None:
        pending = self._pending_limits
        scale = pending[1] if pending and pending[0] == side else self._canvas.scale(side)
        frame = self._canvas.frame()
        at = scale.low + (frame.bottom - position.y()) * (scale.high - scale.low) / frame.height
        factor = _WHEEL_STEP ** (turn / _NOTCH)
        self._edit_limits(side, at + (scale.low - at) * factor, at + (scale.high - at) * factor)

    def _edit(self, time_range: TimeRange, gesture: str) -> None:
        self._pending = (time_range, gesture)
        self._soon()

    def _edit_limits(self, side: str, low: float, high: float) -> None:
        if low < high:
            self._pending_limits = (
                side,
                ValueScale(low=low, high=high, log=self._canvas.axis(side).log),
            )
            self._soon()

    def _soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _flush(self) -> None:
        pending, self._pending = self._pending, None
        limits, self._pending_limits = self._pending_limits, None
        cursor, self._pending_cursor = self._pending_cursor, None
        if pending is not None:
            self.rangeEdited.emit(*pending)
        if limits is not None:
            self.limitsEdited.emit(limits[0], *limits[1].limits())
        if cursor is not None:
            self.cursorDragged.emit(*cursor, False)


def _moved(time_range: TimeRange, shift_ns: int) -> TimeRange:
    """Move a range, keeping its length to the nanosecond; none beyond the years that can be shown."""
    moved = clamped(time_range.start_utc_ns + shift_ns, time_range.end_utc_ns + shift_ns)
    return moved if moved.span_ns == time_range.span_ns else time_range
