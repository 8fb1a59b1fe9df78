"""The stack of plots over one axis of time."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu, QSplitter, QVBoxLayout, QWidget

from efdviewer.domain import session
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import FieldRef
from efdviewer.ui.field_drop import dropped_fields, dropped_topics, is_droppable
from efdviewer.ui.graphics.event_lines import EventLines
from efdviewer.ui.graphics.interval_bands import Bands, IntervalBands
from efdviewer.ui.plot_marks import PlotMarks
from efdviewer.ui.plot_row import PlotRow
from efdviewer.ui.row_relay import RowRelay
from efdviewer.viewmodels.curve_state import CurveState, OverlayState
from efdviewer.viewmodels.states import LaneState

_STRETCH_UNIT = 1000
_ROOM_TO_SPARE = 32


class PlotArea(QWidget):
    """Rows of plots that share the axis of time; setters go in, intents come out."""

    rangeEdited = Signal(object, str)
    """A `TimeRange`, and the gesture: `zoom`, `wheel`, `pan`, `axis` or `script`."""
    boxEdited = Signal(int, object, str, float, float)
    valueLimitsEdited = Signal(int, str, object, object)
    valueLogEdited = Signal(int, str, bool)
    fitRequested = Signal(int)
    curveVisibilityEdited = Signal(int, object, bool)
    curveIsolated = Signal(int, object)
    curveRemoved = Signal(int, object)
    curveColorEdited = Signal(int, object, str)
    curveAxisEdited = Signal(int, object, str)
    curveMenuOpened = Signal(int, object, QMenu)
    rowRemoved = Signal(int)
    rowMoved = Signal(int, int)
    stretchesEdited = Signal(object)
    fieldsDropped = Signal(int, object, object)
    topicsDropped = Signal(object)
    currentRowChanged = Signal(int)
    columnsChanged = Signal(int)
    dragChanged = Signal(bool)
    """A gesture began or ended for which a button is held."""
    cursorMoved = Signal(object)
    eventHovered = Signal(object, object)
    eventLeft = Signal()
    retryRequested = Signal(int, object)
    cancelRequested = Signal(int, object)
    contextMenuRequested = Signal(int, object, object, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plotArea")
        self.setAccessibleName("Plots")
        self.setAcceptDrops(True)
        self._rows: list[PlotRow] = []
        self._events = EventLines()
        self._bands = IntervalBands()
        self.marks = PlotMarks(self)
        self._range = TimeRange(start_utc_ns=0, end_utc_ns=3_600_000_000_000)
        self._timescale = Timescale.UTC
        self._drag_mode = "zoom"
        self._crosshair = True
        self._cursor_utc_ns: int | None = None
        self._point_utc_ns: int | None = None
        self._current = 0
        self._columns = 0
        self._extents = (0, 0)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.splitterMoved.connect(self._tell_stretches)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)
        # Several curves change in one turn of the loop; the axes are aligned once.
        self._aligning = QTimer(self, singleShot=True, interval=0)
        self._aligning.timeout.connect(self._align)
        QApplication.instance().focusChanged.connect(self._focus_changed)  # type: ignore[union-attr]

    def rows(self) -> list[PlotRow]:
        """List the plots from top to bottom."""
        return list(self._rows)

    def row(self, index: int) -> PlotRow:
        """Give one plot."""
        return self._rows[index]

    def index_of(self, row: PlotRow) -> int:
        """Give the place of a plot from the top."""
        return self._rows.index(row)

    def current_row(self) -> int:
        """Give the row that was touched last; 0 where there is none."""
        return min(self._current, max(0, len(self._rows) - 1))

    def stretches(self) -> list[float]:
        """Give each row's share of the height, 1 for the mean."""
        return [stretch / _STRETCH_UNIT for stretch in self._stretches()]

    def columns(self) -> int:
        """Give the width of the drawing area, in pixels."""
        return self._rows[0].canvas.frame().width if self._rows else max(1, self.width() - 56)

    def set_rows(self, rows: Sequence[session.PlotRow]) -> None:
        """Show these rows; a plot with the same fields is kept, wherever it moves."""
        spare, current = list(self._rows), self._rows[self.current_row()] if self._rows else None
        chosen: list[PlotRow | None] = []
        for row in rows:
            fields = [curve.field for curve in row.curves]
            lanes = list(row.lanes)
            same = next(
                (plot for plot in spare if plot.canvas.fields() == fields and plot.lanes() == lanes), None
            )
            if same is not None:
                spare.remove(same)
            chosen.append(same)
        is_one_more = len(rows) == len(self._rows) + 1
        self._rows = [plot or (spare.pop(0) if spare else self._new_row()) for plot in chosen]
        if is_one_more and None in chosen:
            # Who asks for a plot goes on in it.
            self.set_current_row(chosen.index(None))
        elif current in self._rows:
            self.set_current_row(self._rows.index(current))
        for plot in spare:
            plot.gestures.cancel()
            plot.hide()
            plot.setParent(None)
            plot.deleteLater()
        for index, (plot, row) in enumerate(zip(self._rows, rows, strict=True)):
            if self._splitter.indexOf(plot) != index:
                self._splitter.insertWidget(index, plot)
            plot.setObjectName(f"plotRow{index}")
            plot.canvas.set_time_axis(index == len(rows) - 1)
            plot.set_row(row)
            plot.show()
        stretches = [max(1, round(row.stretch * _STRETCH_UNIT)) for row in rows]
        if stretches != self._stretches():
            self._splitter.setSizes(stretches)
        for index, stretch in enumerate(stretches):
            self._splitter.setStretchFactor(index, stretch)
        self._mark_current()
        self.marks.choose_label_row()
        self._aligning.start()

    def set_current_row(self, index: int) -> None:
        """Let the menu act on another row."""
        if index != self._current:
            self._current = index
            self._mark_current()
            self.currentRowChanged.emit(index)

    def _mark_current(self) -> None:
        """Mark the row that menus act on, where there is a choice."""
        for place, row in enumerate(self._rows):
            row.current_mark.setVisible(len(self._rows) > 1 and place == self.current_row())

    def set_time_range(self, time_range: TimeRange) -> None:
        """Show another range in all rows."""
        self._range = time_range
        for row in self._rows:
            row.canvas.set_time_range(time_range)
            row.set_point(self._point_utc_ns)
        for row in self._rows:
            row.tell_cursor()
        self._aligning.start()

    def set_timescale(self, timescale: str) -> None:
        """Write times in `utc` or `tai`."""
        self._timescale = Timescale(timescale)
        for row in self._rows:
            row.set_timescale(self._timescale)

    def set_curve(self, row: int, state: CurveState) -> None:
        """Draw one curve of one row as it is now."""
        if row < len(self._rows):
            self._rows[row].set_curve(state)
            self._aligning.start()

    def set_lanes(self, lanes: Mapping[FieldRef, LaneState]) -> None:
        """Draw the states of all lanes as they are now."""
        for row in self._rows:
            row.set_lanes([lanes[field] for field in row.lanes() if field in lanes])

    def set_overlays(self, overlays: Sequence[OverlayState]) -> None:
        """Lay event lines over all rows."""
        self._events.set_overlays(overlays)
        for row in self._rows:
            row.canvas.update()

    def set_bands(self, bands: Sequence[Bands], selected: tuple[int, int] | None) -> None:
        """Lay intervals behind the curves of all rows."""
        self._bands.set_bands(bands, selected)
        for row in self._rows:
            row.canvas.update()

    def set_point(self, utc_ns: int | None) -> None:
        """Mark a moment in all rows."""
        self._point_utc_ns = utc_ns
        for row in self._rows:
            row.set_point(utc_ns)

    def set_drag_mode(self, mode: str) -> None:
        """Choose what the left button does: `zoom` or `pan`; Shift gives the other."""
        self._drag_mode = mode
        for row in self._rows:
            row.gestures.mode = mode

    def set_crosshair(self, shown: bool) -> None:
        """Draw a line at the cursor in all rows."""
        self._crosshair = shown
        self._move_cursor(self._cursor_utc_ns)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take fields and topics."""
        if is_droppable(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Make a new row of fields; topics become event lines."""
        if fields := dropped_fields(event.mimeData()):
            self.fieldsDropped.emit(-1, fields, None)
        elif topics := dropped_topics(event.mimeData()):
            self.topicsDropped.emit(topics)
        event.acceptProposedAction()

    def _new_row(self) -> PlotRow:
        row = PlotRow(self._events, self._bands, self._splitter)
        row.canvas.set_time_range(self._range)
        row.set_timescale(self._timescale)
        row.gestures.mode = self._drag_mode
        row.set_point(self._point_utc_ns)
        row.rangeEdited.connect(self.rangeEdited)
        row.gestures.dragChanged.connect(self.dragChanged)
        row.drops.topicsDropped.connect(self.topicsDropped)
        row.eventHovered.connect(self.eventHovered)
        row.eventLeft.connect(self.eventLeft)
        row.cursorMoved.connect(self._move_cursor)
        row.canvas.frameChanged.connect(self._aligning.start)
        self.marks.adopt(row)
        RowRelay(self, row)
        return row

    def _move_cursor(self, utc_ns: int | None) -> None:
        self._cursor_utc_ns = utc_ns
        for row in self._rows:
            row.set_cursor(utc_ns, crosshair=self._crosshair)
            row.buttons.setVisible(row.underMouse() or _holds_focus(row))
        self.marks.choose_label_row()
        self.cursorMoved.emit(utc_ns)

    def _focus_changed(self) -> None:
        for row in self._rows:
            row.buttons.setVisible(row.underMouse() or _holds_focus(row))

    def _stretches(self) -> list[int]:
        sizes = self._splitter.sizes()
        total = sum(sizes)
        return [round(size * len(sizes) * _STRETCH_UNIT / total) for size in sizes] if total else []

    def _tell_stretches(self) -> None:
        self.stretchesEdited.emit(self.stretches())

    def _align(self) -> None:
        """Give the value axes of all rows the same room, and tell a new width."""
        wanted = [row.canvas.wanted_extents() for row in self._rows]
        if wanted:
            left, right = (
                _kept(max(sides), now)
                for sides, now in zip(zip(*wanted, strict=True), self._extents, strict=True)
            )
            self._extents = (left, right)
            for row in self._rows:
                row.canvas.set_extents(left, right)
        columns = self.columns()
        if columns != self._columns:
            self._columns = columns
            self.columnsChanged.emit(columns)


def _kept(wanted: int, now: int) -> int:
    """Keep the room of an axis unless it is too little or much too large: a new width loads anew."""
    return now if wanted <= now <= wanted + _ROOM_TO_SPARE else wanted


def _holds_focus(row: PlotRow) -> bool:
    holder = QApplication.focusWidget()
    return holder is not None and (holder is row or row.isAncestorOf(holder))
