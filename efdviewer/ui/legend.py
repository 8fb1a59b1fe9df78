"""The legend inside a plot: which curve is which, what its points are, and its value at the cursor."""

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetricsF,
    QIcon,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractButton, QColorDialog, QFrame, QMenu, QVBoxLayout, QWidget

from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.domain.topics import FieldRef
from efdviewer.ui.graphics.axes import axis_font
from efdviewer.ui.palette import CURVES, curve_color, shown_color
from efdviewer.ui.theme import is_dark
from efdviewer.viewmodels.curve_state import CurveState, CurveStatus

_SWATCH, _PAD, _TITLE_WIDTH = 18, 6, 260


class LegendEntry(QAbstractButton):
    """One curve: click hides or shows it, Alt+click isolates it, the menu has the rest."""

    visibilityEdited = Signal(object, bool)
    isolated = Signal(object)
    removed = Signal(object)
    colorEdited = Signal(object, str)
    axisEdited = Signal(object, str)

    def __init__(self, state: CurveState, parent: QWidget) -> None:
        super().__init__(parent)
        self.state = state
        self._reading = ""
        self._look: tuple[object, ...] = ()
        self._alt = False
        self.setFont(axis_font(self.font()))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.clicked.connect(self._choose)
        self.set_state(state)

    def set_state(self, state: CurveState) -> None:
        """Show a curve as it is now."""
        self.state = state
        look = (state.title, state.units, _status(state), state.message, state.color, state.visible)
        if look == self._look:
            return
        # Only then: what is translucent has all that is beneath it painted again.
        self._look = look
        self.setObjectName(f"legend {state.field}")
        self.setAccessibleName(f"{state.title}, {'shown' if state.visible else 'hidden'}")
        self.setToolTip(f"{state.field}\n{state.units or 'no units known'}; {state.detail or state.message}")
        self.updateGeometry()
        self.update()

    def set_reading(self, text: str) -> None:
        """Write the value at the cursor; empty for none."""
        if text != self._reading:
            resized = bool(text) != bool(self._reading)
            self._reading = text
            if resized or self.sizeHint().width() > self.width():
                self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Give the room for title, units, detail and reading."""
        metrics = QFontMetricsF(self.font())
        width = _SWATCH + 2 * _PAD + sum(metrics.horizontalAdvance(text) + _PAD for text, _ in self._parts())
        return QSize(int(width) + 2, int(metrics.height()) + 3)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note whether Alt is held."""
        self._alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        super().mousePressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint swatch and words; a hidden curve has a hollow swatch and a line through its name."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics, middle = QFontMetricsF(self.font()), self.height() / 2
        color = shown_color(self.state.color)
        painter.setPen(QPen(color, 3 if self.state.visible else 1))
        painter.drawLine(QPointF(_PAD, middle), QPointF(_PAD + _SWATCH - 4, middle))
        text = self.palette().color(QPalette.ColorRole.Text)
        muted = QColor(text)
        muted.setAlphaF(0.68)
        left = float(_PAD + _SWATCH)
        for index, (part, is_muted) in enumerate(self._parts()):
            painter.setPen(muted if is_muted or not self.state.visible else text)
            width = metrics.horizontalAdvance(part)
            painter.drawText(QRectF(left, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, part)
            if index == 0 and not self.state.visible:
                painter.drawLine(QPointF(left, middle), QPointF(left + width, middle))
            left += width + _PAD
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1))
        painter.end()

    def _parts(self) -> list[tuple[str, bool]]:
        metrics = QFontMetricsF(self.font())
        title = metrics.elidedText(self.state.title, Qt.TextElideMode.ElideMiddle, _TITLE_WIDTH)
        units = f"[{self.state.units}]" if self.state.units else ""
        parts = [(title, False), (units, True), (_status(self.state), True), (self._reading, False)]
        return [(text, muted) for text, muted in parts if text]

    def _choose(self) -> None:
        if self._alt:
            self.isolated.emit(self.state.field)
        else:
            self.visibilityEdited.emit(self.state.field, not self.state.visible)

    def _open_menu(self, position: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Hide" if self.state.visible else "Show", self._choose)
        menu.addAction("Show alone", self._isolate)
        other = "right" if self.state.side == "left" else "left"
        menu.addAction(f"Move to the {other} axis").triggered.connect(self._swap_axis)
        colors = menu.addMenu("Colour")
        for index in range(len(CURVES)):
            action = colors.addAction(_swatch(curve_color(index)), f"Colour {index + 1}")
            action.setData(CURVES[index][0 if is_dark() else 1])
        colors.addAction("Other…").setData("")
        colors.triggered.connect(self._take_color)
        menu.addSeparator()
        menu.addAction("Remove curve", self._remove)
        menu.popup(self.mapToGlobal(position))

    def _isolate(self) -> None:
        self.isolated.emit(self.state.field)

    def _remove(self) -> None:
        self.removed.emit(self.state.field)

    def _swap_axis(self) -> None:
        self.axisEdited.emit(self.state.field, "right" if self.state.side == "left" else "left")

    def _take_color(self, action: QAction) -> None:
        if action.data():
            self.colorEdited.emit(self.state.field, action.data())
            return
        dialog = QColorDialog(shown_color(self.state.color), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(self._take_chosen)
        dialog.open()

    def _take_chosen(self, color: QColor) -> None:
        self.colorEdited.emit(self.state.field, color.name())


class Legend(QFrame):
    """A translucent box at the top left of a plot with one line for each curve."""

    visibilityEdited = Signal(object, bool)
    isolated = Signal(object)
    removed = Signal(object)
    colorEdited = Signal(object, str)
    axisEdited = Signal(object, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("legend")
        self.setAccessibleName("Legend")
        self._entries: dict[FieldRef, LegendEntry] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(2, 1, 2, 1)
        self._layout.setSpacing(0)
        self.hide()

    def entries(self) -> list[LegendEntry]:
        """List the lines from top to bottom."""
        return list(self._entries.values())

    def set_states(self, states: Iterable[CurveState]) -> None:
        """Show these curves, in this order."""
        wanted = {state.field: state for state in states}
        if list(wanted) != list(self._entries):
            self._rebuild(wanted)
        for field, state in wanted.items():
            self._entries[field].set_state(state)
        self.setVisible(bool(wanted))
        if self.sizeHint() != self.size():
            self.adjustSize()

    def set_cursor(self, utc_ns: int | None, timescale: Timescale) -> None:
        """Show each curve's nearest sample to a time, with the time it has."""
        for entry in self._entries.values():
            entry.set_reading("" if utc_ns is None else _reading(entry.state, utc_ns, timescale))
        if self.sizeHint().width() != self.width():
            self.adjustSize()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint a translucent ground so that curves beneath stay visible."""
        painter = QPainter(self)
        ground = self.palette().color(QPalette.ColorRole.Base)
        ground.setAlphaF(0.78)
        painter.fillRect(self.rect(), ground)
        painter.end()

    def _rebuild(self, wanted: dict[FieldRef, CurveState]) -> None:
        for entry in self._entries.values():
            self._layout.removeWidget(entry)
            if entry.state.field not in wanted:
                entry.hide()
                entry.deleteLater()
        kept = {field: self._entries[field] for field in wanted if field in self._entries}
        self._entries = {field: kept.get(field) or self._entry(state) for field, state in wanted.items()}
        for entry in self._entries.values():
            self._layout.addWidget(entry)
            entry.show()

    def _entry(self, state: CurveState) -> LegendEntry:
        entry = LegendEntry(state, self)
        entry.visibilityEdited.connect(self.visibilityEdited)
        entry.isolated.connect(self.isolated)
        entry.removed.connect(self.removed)
        entry.colorEdited.connect(self.colorEdited)
        entry.axisEdited.connect(self.axisEdited)
        return entry


def _status(state: CurveState) -> str:
    if state.status is CurveStatus.READY or (state.status is CurveStatus.LOADING and state.view is not None):
        return state.detail
    return str(state.status.value)


def _reading(state: CurveState, utc_ns: int, timescale: Timescale) -> str:
    nearest = nearest_sample(state, utc_ns)
    if nearest is None:
        return ""
    when, value = nearest
    clock = format_ns(when, timescale).partition("T")[2]
    return f"{value:>11.6g} at {clock}".replace("-", "\u2212")


def nearest_sample(state: CurveState, utc_ns: int) -> tuple[int, float] | None:
    """Give the drawn point nearest to a time, (ns UTC, value); for steps the one that holds then."""
    view = state.view
    if view is None or not state.visible or not len(view.times_utc_ns):
        return state.held if state.visible else None
    place = int(np.searchsorted(view.times_utc_ns, utc_ns, side="right"))
    before, after = place - 1, min(place, len(view.times_utc_ns) - 1)
    if view.stepped and before < 0 and state.held is not None:
        return state.held
    index = max(before, 0)
    if not view.stepped:
        apart = abs(int(view.times_utc_ns[after]) - utc_ns) < abs(int(view.times_utc_ns[index]) - utc_ns)
        index = after if apart else index
    return int(view.times_utc_ns[index]), float(view.values[index])


def _swatch(color: str) -> QIcon:
    pixmap = QPixmap(16, 16)
    pixmap.fill(QColor(color))
    return QIcon(pixmap)
