"""One line of a legend: which curve it is, what its points are, and its value at the cursor."""

import re
import textwrap

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
from PySide6.QtWidgets import QAbstractButton, QColorDialog, QMenu, QSizePolicy, QWidget

from efdviewer.ui.graphics.axes import axis_font
from efdviewer.ui.palette import CURVES, curve_color, shown_color
from efdviewer.ui.theme import is_dark
from efdviewer.viewmodels.curve_reading import held_text
from efdviewer.viewmodels.curve_state import CurveState, CurveStatus

_SWATCH, _PAD, _TITLE_WIDTH, _NARROWEST_TITLE = 18, 6, 260, 40
_LEGIBLE_TITLE = 150
"""Pixels that suffice to tell long names apart: what the points are does not give way to more of one."""
_TIP_WIDTH = 72
_CUT = "\u2026"
_WHEN = re.compile(" (?:from|at) ")
"""What stands between a value and the time it has."""


class LegendEntry(QAbstractButton):
    """One curve: click hides or shows it, Alt+click isolates it, the menu has the rest."""

    visibilityEdited = Signal(object, bool)
    isolated = Signal(object)
    removed = Signal(object)
    colorEdited = Signal(object, str)
    axisEdited = Signal(object, str)
    menuOpened = Signal(object, QMenu)
    """A field, and the menu that is about to show: others may add to it."""

    def __init__(self, state: CurveState, parent: QWidget) -> None:
        super().__init__(parent)
        self.state = state
        self._reading = ""
        self._widest = ""
        self._look: tuple[object, ...] = ()
        self._alt = False
        self.setFont(axis_font(self.font()))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.clicked.connect(self._choose)
        self.set_state(state)

    def set_state(self, state: CurveState) -> None:
        """Show a curve as it is now."""
        self.state = state
        look = (
            *(state.title, state.units, _status(state), state.message),
            *(state.color, state.visible, held_text(state), state.description),
        )
        if look == self._look:
            return
        self._look = look
        self._widest = self._reading
        self.setObjectName(f"legend {state.field}")
        self.setAccessibleName(f"{state.title}, {'shown' if state.visible else 'hidden'}")
        words = f"{state.units or 'no units known'}; {state.detail or state.message}"
        described = textwrap.wrap(state.description, _TIP_WIDTH)
        self.setToolTip("\n".join([str(state.field), words, *described]))
        self.update()

    def set_reading(self, text: str) -> None:
        """Write the value at the cursor; empty for none."""
        if text != self._reading:
            self._reading = text
            # Values change their length; what stands beside them must not come and go with that.
            self._widest = max(self._widest, text, key=self._width_of) if text else ""
            self.setAccessibleDescription(text)
            self.update()

    def sizeHint(self) -> QSize:
        """Give the height of a line; the width is whatever there is."""
        return QSize(_TITLE_WIDTH, int(QFontMetricsF(self.font()).height()) + 3)

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
        for index, (part, is_muted) in enumerate(self.words()):
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

    def words(self) -> list[tuple[str, bool]]:
        """List the words, and whether they are muted.

        A value and what the points are stand there whole or not at all: a part of a number is a wrong one.
        To a reading the units give way first, which stand along the axis too, then the middle of the title,
        then what the points are, and at last the time of the reading.
        """
        status, reading = _status(self.state), self._reading or held_text(self.state)
        widest = self._widest or reading
        units = f"[{self.state.units}]" if self.state.units else ""
        for rest in ((units, status), (status,)):
            if self._room_beside(*rest, widest) >= self._width_of(self.state.title):
                return _listed(self.state.title, *rest, reading=reading)
        room = self._room_beside(status, widest)
        own = self._width_of(_CUT + self._own_title()) + 1 if reading else 0
        if room >= max(_NARROWEST_TITLE, min(own, _LEGIBLE_TITLE)):
            return _listed(self._elided_title(room), status, reading=reading)
        room = self._room_beside(widest)
        if room < _NARROWEST_TITLE:
            reading = self._bare_value(reading)
            room = self._room_beside(reading)
        return _listed(self._elided_title(room), reading=reading)

    def _bare_value(self, reading: str) -> str:
        """Leave out the time of a reading, and what has no room even then."""
        value = _WHEN.split(reading)[0]
        return value if self._room_beside(value) >= 0 else _CUT

    def _elided_title(self, room: float) -> str:
        """Cut a title in front of its last part, which tells curves apart, or that in its middle."""
        metrics, own = QFontMetricsF(self.font()), self._own_title()
        # A pixel more than it takes: widths of texts are rounded.
        if (beside := room - self._width_of(own) - 1) < self._width_of(_CUT):
            return metrics.elidedText(own, Qt.TextElideMode.ElideMiddle, room)
        front = self.state.title.removesuffix(own)
        return metrics.elidedText(front, Qt.TextElideMode.ElideRight, beside) + own

    def _own_title(self) -> str:
        """Give the end of the title: the field's name, or the value that it was split by."""
        if where := self.state.field.where:
            return where[-1].title.removeprefix(f"{where[-1].field} ")
        name = self.state.field.field
        return self.state.title.rpartition(".")[2] if name.isidentifier() else name

    def _width_of(self, text: str) -> float:
        return QFontMetricsF(self.font()).horizontalAdvance(text)

    def _room_beside(self, *parts: str) -> float:
        taken = sum(self._width_of(text) + _PAD for text in parts if text)
        return self.width() - _SWATCH - 2 * _PAD - taken

    def _choose(self) -> None:
        if self._alt:
            self._isolate()
        else:
            self._toggle()

    def _toggle(self) -> None:
        self.visibilityEdited.emit(self.state.field, not self.state.visible)

    def _open_menu(self, position: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("curveMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        other = "right" if self.state.side == "left" else "left"
        for name, text, slot in (
            ("actionCurveVisible", "Hide" if self.state.visible else "Show", self._toggle),
            ("actionCurveIsolate", "Show alone", self._isolate),
            ("actionCurveAxis", f"Move to the {other} axis", self._swap_axis),
            ("actionCurveRemove", "Remove curve", self._remove),
        ):
            action = menu.addAction(text)
            action.setObjectName(name)
            action.triggered.connect(slot)
        colors = QMenu("Colour", menu)
        for index in range(len(CURVES)):
            action = colors.addAction(_swatch(curve_color(index)), f"Colour {index + 1}")
            action.setObjectName(f"actionCurveColor{index}")
            action.setData(CURVES[index][0 if is_dark() else 1])
        other_color = colors.addAction("Other…")
        other_color.setObjectName("actionCurveOtherColor")
        other_color.setData("")
        colors.triggered.connect(self._take_color)
        menu.insertMenu(menu.actions()[-1], colors)
        menu.insertSeparator(menu.actions()[-1])
        self.menuOpened.emit(self.state.field, menu)
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


def _status(state: CurveState) -> str:
    if state.view is not None and (state.status is CurveStatus.FAILED or state.is_late):
        return ", ".join(filter(None, [state.detail, "out of date"]))
    if state.status is CurveStatus.READY or state.view is not None:
        return state.detail
    return str(state.status.value)


def _listed(title: str, *rest: str, reading: str = "") -> list[tuple[str, bool]]:
    return [
        (title, False),
        *((text, True) for text in rest if text),
        *([(reading, False)] if reading else []),
    ]


def _swatch(color: str) -> QIcon:
    pixmap = QPixmap(16, 16)
    pixmap.fill(QColor(color))
    return QIcon(pixmap)
