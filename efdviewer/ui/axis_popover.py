"""A small popover to type the limits of a value axis."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QDoubleValidator
from PySide6.QtWidgets import QCheckBox, QFormLayout, QFrame, QLineEdit, QWidget

from efdviewer.domain.session import ValueAxis
from efdviewer.ui.problem_label import ProblemLabel


class AxisPopover(QFrame):
    """Limits, logarithm and lock of one value axis; an empty limit follows the data."""

    limitsEdited = Signal(str, object, object)
    logEdited = Signal(str, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("axisPopover")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._side = "left"
        self._shown = (0.0, 1.0)
        self._high = self._limit("axisHigh", "Upper limit")
        self._low = self._limit("axisLow", "Lower limit")
        self._lock = QCheckBox("Lock at these limits")
        self._lock.setObjectName("axisLock")
        self._lock.setToolTip("Keep the limits while data changes")
        self._lock.clicked.connect(self._set_lock)
        self._log = QCheckBox("Logarithmic")
        self._log.setObjectName("axisLog")
        self._log.setToolTip("Show powers of ten at equal distances; zero and less are left out")
        self._log.clicked.connect(self._set_log)
        self._problem = ProblemLabel("axisProblem")
        form = QFormLayout(self)
        form.addRow("High", self._high)
        form.addRow("Low", self._low)
        form.addRow(self._problem)
        form.addRow(self._lock)
        form.addRow(self._log)

    def open_at(self, place: QPoint, side: str, axis: ValueAxis, shown: tuple[float, float]) -> None:
        """Show an axis: its settings, and as a hint the limits that are drawn now."""
        self._side, self._shown = side, shown
        self.setAccessibleName(f"{side.capitalize()} value axis")
        for edit, limit, drawn in ((self._low, axis.low, shown[0]), (self._high, axis.high, shown[1])):
            edit.setText("" if limit is None else f"{limit:.10g}")
            edit.setPlaceholderText(f"{drawn:.6g} (auto)")
        self._lock.setChecked(axis.low is not None and axis.high is not None)
        self._log.setChecked(axis.log)
        self._problem.clear_problem()
        self.adjustSize()
        self.move(place)
        self.show()
        self._high.setFocus()

    def _limit(self, name: str, label: str) -> QLineEdit:
        edit = QLineEdit()
        edit.setObjectName(name)
        edit.setAccessibleName(label)
        edit.setToolTip("A number; empty to follow the data. Return applies.")
        edit.setValidator(QDoubleValidator(edit))
        edit.returnPressed.connect(self._apply)
        return edit

    def _apply(self) -> None:
        low, high = (float(edit.text()) if edit.text() else None for edit in (self._low, self._high))
        if low is not None and high is not None and low > high:
            low, high = high, low
        if low is not None and low == high:
            self._say("The two limits are the same. Type two different ones.")
        elif self._log.isChecked() and any(limit is not None and limit <= 0 for limit in (low, high)):
            self._say("A logarithmic axis has only values above zero. Type larger limits.")
        else:
            self.limitsEdited.emit(self._side, low, high)
            self.hide()

    def _say(self, problem: str) -> None:
        """Say in the popover why limits cannot be taken."""
        self._problem.say(problem)
        self.adjustSize()

    def _set_lock(self, locked: bool) -> None:
        low, high = self._shown if locked else (None, None)
        self.limitsEdited.emit(self._side, low, high)

    def _set_log(self, log: bool) -> None:
        self.logEdited.emit(self._side, log)
