"""The time range: typed, chosen, stepped through; in UTC or TAI."""

import time
from collections.abc import Iterator

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QAction, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QToolButton,
    QToolTip,
    QWidget,
)

from efdviewer.domain.errors import BadInputError, TimeExpressionError, explain
from efdviewer.domain.timerange import TimeRange, quick_ranges
from efdviewer.domain.timescale import day_obs_of, digits_for, format_ns
from efdviewer.ui.buttons import tool_button
from efdviewer.ui.day_stepper import DayStepper
from efdviewer.ui.fitted_text import FittedEdit, FittedLabel
from efdviewer.ui.live_switch import LiveSwitch
from efdviewer.ui.theme import wrong_color
from efdviewer.viewmodels.live import LiveViewModel
from efdviewer.viewmodels.time_range import TimeRangeViewModel

DAY_NS = 86_400_000_000_000
_DATE = len("2024-01-31 ")
_YEAR = len("2024-")
_LONGEST = "2024-01-31T23:15:00.123456789 UTC"
_WITH_DAYS, _WITH_FIELD = 1150, 1400
"""Pixels; less has no room for the stepper of observing days, or for the field in it."""
FAR_FUTURE = "2200-01-01"
_TIP_MS = 8000


class TimeBar(QWidget):
    """Line edits for the ends, quick ranges, history, following the clock, and the time scale."""

    def __init__(
        self, time_range: TimeRangeViewModel, live: LiveViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("timeBar")
        self.setAccessibleName("Time range")
        self._model = time_range
        self.live = LiveSwitch(live)
        self._make_widgets()
        self._lay_out()
        time_range.specChanged.connect(self._show_spec)
        time_range.rangeChanged.connect(self._show_range)
        time_range.rangeScrolled.connect(self._show_range)
        time_range.timescaleChanged.connect(self._show_scale)
        time_range.historyChanged.connect(self._show_history)
        self._show_history()
        self._show_resolved(time_range.time_range)

    @property
    def quick_menu(self) -> QMenu:
        """The quick ranges."""
        return self._menu

    def show_spec(self, start: str, end: str, timescale: str) -> None:
        """Show expressions and scale of a new session."""
        self._show_scale(timescale)
        self._show_spec(start, end)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the range in words the room of the observing days, which the menu steps through too."""
        width = event.size().width()
        self._days.setVisible(width >= _WITH_DAYS)
        self._days.show_field(width >= _WITH_FIELD)
        super().resizeEvent(event)

    def _make_widgets(self) -> None:
        self._from = self._edit("timeFrom", "From", "Start of the time range, e.g. now-20h, 2024-01-31T23:15")
        self._to = self._edit("timeTo", "To", "End of the time range, e.g. now, dayObs=20240131")
        self._resolved = FittedLabel()
        self._resolved.setObjectName("timeResolved")
        self._resolved.setAccessibleName("Time range in view")
        # In a tool bar a label takes the colour of buttons.
        self._resolved.setForegroundRole(QPalette.ColorRole.WindowText)
        self._resolved.setMinimumWidth(40)
        self._resolved.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        model = self._model
        self._back = tool_button(
            "timeBack", "◀", label="Back", tip="The range before this one", clicked=model.go_back
        )
        self._forward = tool_button(
            "timeForward", "▶", label="Forward", tip="The range that Back left", clicked=model.go_forward
        )
        self._out = tool_button(
            "timeZoomOut", "Zoom out", label="Zoom out", tip="Twice the range", clicked=self._zoom_out
        )
        self._quick = tool_button("timeQuick", "Quick ranges", label="Quick ranges", tip="Ranges up to now")
        self._quick.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self._quick)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._menu.triggered.connect(self._choose_quick)
        self._quick.setMenu(self._menu)
        self._fill_menu()
        self._scale = QComboBox()
        self._scale.setObjectName("timescaleSwitch")
        self._scale.setAccessibleName("Time scale")
        self._scale.setToolTip("Scale of labels and of typed times. TAI is ahead of UTC by 37 s since 2017.")
        self._scale.addItems(["UTC", "TAI"])
        self._scale.setCurrentText(str(self._model.timescale).upper())
        self._scale.currentTextChanged.connect(self._choose_scale)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 3, 4, 3)
        layout.setSpacing(4)
        for widget in (self._back, self._forward, self._out, self._quick):
            layout.addWidget(widget)
        for label, edit in (("F&rom", self._from), ("T&o", self._to)):
            caption = QLabel(label)
            caption.setBuddy(edit)
            caption.setContentsMargins(2, 0, 2, 0)
            # The underlined letter is not drawn as near as it is measured.
            caption.setMinimumWidth(caption.sizeHint().width() + 3)
            layout.addWidget(caption)
            layout.addWidget(edit, 2)
        self._days = DayStepper(self._model)
        layout.addWidget(self._days)
        layout.addWidget(self._scale)
        layout.addWidget(self._resolved, 4)
        layout.addWidget(self.live)

    def _edit(self, name: str, label: str, tip: str) -> QLineEdit:
        edit = FittedEdit(tip, _LONGEST)
        edit.setObjectName(name)
        edit.setAccessibleName(label)
        edit.setMinimumWidth(130)
        edit.returnPressed.connect(self._apply)
        edit.textEdited.connect(self._preview)
        return edit

    def _apply(self) -> None:
        error = self._read()
        if error is None:
            for edit in (self._from, self._to):
                edit.setModified(False)
            self._model.edit_spec(self._from.text(), self._to.text())
        elif isinstance(error, TimeExpressionError) and error.length:
            edit = self._wrong_edit()
            edit.setFocus()
            edit.setSelection(error.position, error.length)
            place = edit.mapToGlobal(edit.rect().bottomLeft())
            QToolTip.showText(place, explain(error), edit, edit.rect(), _TIP_MS)

    def _preview(self) -> None:
        if QToolTip.isVisible():
            QToolTip.hideText()
        self._read()

    def _read(self) -> BadInputError | None:
        """Show what the typed expressions mean, or what is wrong in them."""
        for edit in (self._from, self._to):
            edit.setPalette(QPalette())
        try:
            self._show_resolved(self._model.resolve(self._from.text(), self._to.text()))
        except BadInputError as error:
            self._show_wrong(error)
            return error
        return None

    def _show_wrong(self, error: BadInputError) -> None:
        self._resolved.set_forms(str(error))
        self._resolved.setToolTip(explain(error))
        palette = self._resolved.palette()
        palette.setColor(QPalette.ColorRole.WindowText, wrong_color())
        self._resolved.setPalette(palette)
        edit = self._wrong_edit()
        marked = edit.palette()
        marked.setColor(QPalette.ColorRole.Text, wrong_color())
        edit.setPalette(marked)

    def _wrong_edit(self) -> QLineEdit:
        """Find the edit whose expression cannot be read; the end where only both together are wrong."""
        try:
            self._model.resolve(self._from.text(), FAR_FUTURE)
        except BadInputError:
            return self._from
        return self._to

    def _show_spec(self, start: str, end: str) -> None:
        for edit, text in ((self._from, start), (self._to, end)):
            edit.setPalette(QPalette())
            edit.setModified(False)
            if edit.text() != text:
                edit.setText(text)
                edit.setCursorPosition(0)

    def _show_range(self, time_range: TimeRange) -> None:
        """Follow the view; while somebody types, what is being typed matters more than the clock."""
        if not (self._from.isModified() or self._to.isModified()):
            self._show_resolved(time_range)

    def _show_resolved(self, time_range: TimeRange) -> None:
        scale = self._model.timescale
        digits = digits_for(time_range.span_ns)
        start = format_ns(time_range.start_utc_ns, scale, digits=digits).replace("T", " ")
        end = format_ns(time_range.end_utc_ns, scale, digits=digits).replace("T", " ")
        self._resolved.setPalette(QPalette())
        self._resolved.set_forms(*_forms(start, end, scale.value.upper(), span_text(time_range.span_ns)))
        self._resolved.setToolTip(
            f"{format_ns(time_range.start_utc_ns, scale, digits=9)} to "
            f"{format_ns(time_range.end_utc_ns, scale, digits=9)} {scale.value.upper()}"
        )

    def _show_scale(self, timescale: str) -> None:
        with QSignalBlocker(self._scale):
            self._scale.setCurrentText(timescale.upper())
        self._show_resolved(self._model.time_range)

    def _show_history(self) -> None:
        self._back.setEnabled(self._model.can_go_back)
        self._forward.setEnabled(self._model.can_go_forward)

    def _choose_scale(self, text: str) -> None:
        self._model.edit_timescale(text.lower())

    def _zoom_out(self) -> None:
        self._model.zoom(2.0)

    def _fill_menu(self) -> None:
        self._menu.clear()
        for quick in quick_ranges():
            self._add_quick(quick.label, quick.start, quick.end)
        self._menu.addSeparator()
        tonight = day_obs_of(time.time_ns())
        last_night = day_obs_of(time.time_ns() - DAY_NS)
        self._add_quick(f"Tonight: this dayObs, {tonight}", f"dayObs={tonight}", f"dayObs={tonight}")
        self._add_quick(
            f"Last night: previous dayObs, {last_night}", f"dayObs={last_night}", f"dayObs={last_night}"
        )

    def _add_quick(self, label: str, start: str, end: str) -> None:
        self._menu.addAction(label).setData((start, end))

    def _choose_quick(self, action: QAction) -> None:
        self._model.edit_spec(*action.data())


def _forms(start: str, end: str, scale: str, span: str) -> Iterator[str]:
    """Write a range in full, then leaving out what stands beside it, in the fields, or along the axis."""
    is_one_day = end[:_DATE] == start[:_DATE]
    until = end[_DATE:] if is_one_day else end
    yield f"{start} to {until} {scale} · {span}"
    yield f"{start} to {until} · {span}"
    if is_one_day:
        yield f"{start[_DATE:]} to {until} · {span}"
    elif end[:_YEAR] == start[:_YEAR]:
        yield f"{start[_YEAR:]} to {end[_YEAR:]} · {span}"
    yield span


def span_text(span_ns: int) -> str:
    """Say how long a range is, in at most two units."""
    units = (("d", DAY_NS), ("h", 3_600_000_000_000), ("min", 60_000_000_000), ("s", 1_000_000_000))
    for index, (name, width_ns) in enumerate(units):
        if span_ns >= width_ns:
            whole, rest_ns = divmod(span_ns, width_ns)
            if index + 1 < len(units) and rest_ns >= units[index + 1][1]:
                return f"{whole} {name} {rest_ns // units[index + 1][1]} {units[index + 1][0]}"
            return f"{whole} {name}"
    for name, width_ns in (("ms", 1_000_000), ("µs", 1000)):
        if span_ns >= width_ns:
            return f"{span_ns / width_ns:.4g} {name}"
    return f"{span_ns} ns"
