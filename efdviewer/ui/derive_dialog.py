"""Asks what to make of a curve, and shows the formula that it comes to."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from efdviewer.domain.functions import FUNCTIONS
from efdviewer.domain.topics import FieldRef
from efdviewer.domain.transforms import TRANSFORMS
from efdviewer.ui.fitted_text import breakable
from efdviewer.ui.form_parts import choice, line, side_by_side
from efdviewer.ui.formula_edit import FormulaEdit
from efdviewer.ui.theme import muted_color, wrong_color
from efdviewer.viewmodels.deriving import DerivingViewModel

_EXPRESSION = "expression"


class DeriveDialog(QDialog):
    """A curve, what to make of it, and the formula, which may be typed on."""

    def __init__(self, model: DerivingViewModel, row: int, kind: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("deriveDialog")
        self.setWindowTitle("Derive a curve")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model = model
        self._row = row
        self._fields = model.curves(row)
        self._make_parts()
        self._lay_out()
        for field in self._fields:
            self._curve.addItem(field.title, field)
        for name, transform in TRANSFORMS.items():
            self._kind.addItem(transform.title, name)
        self._kind.setCurrentIndex(list(TRANSFORMS).index(kind))
        model.fieldsLearned.connect(self._learned)
        self._choose_curve()

    def choose(self, field: FieldRef) -> None:
        """Make something of this curve."""
        if field in self._fields:
            self._curve.setCurrentIndex(self._fields.index(field))
            self._choose_curve()

    def accept(self) -> None:
        """Plot the formula, unless it is known to be wrong."""
        self._check()
        if not self._problem.property("problem") and self._formula.text().strip():
            self._model.plot(
                self._row, self._field, self._formula.text(), in_new_row=self._new_row.isChecked()
            )
            super().accept()

    @property
    def _field(self) -> FieldRef:
        found: FieldRef = self._curve.currentData()
        return found

    def _make_parts(self) -> None:
        self._curve = choice("deriveCurve", "Curve", "The curve that something is made of")
        self._curve.activated.connect(self._choose_curve)
        self._kind = choice("deriveKind", "What to make of it", "What to make of the curve")
        self._kind.activated.connect(self._choose_kind)
        self._other = choice("deriveOther", "Other curve", "The curve that it is compared with")
        self._other.activated.connect(self._write)
        self._seconds = line(
            "deriveSeconds", "Length of the window in seconds", "seconds", "The window ends at each sample"
        )
        self._seconds.setText("5")
        self._old = line("deriveFrom", "Units that it has", "units it has", "Such as deg or m/s2")
        self._new = line("deriveTo", "Units that it should have", "units wanted", "Such as arcsec or mm/s2")
        for edit in (self._seconds, self._old, self._new):
            edit.textEdited.connect(self._write)
        self._formula = FormulaEdit()
        self._formula.setObjectName("deriveFormula")
        self._formula.setAccessibleName("Formula")
        self._formula.setToolTip(f"Fields of the row, + - * / % ^, numbers, and {', '.join(FUNCTIONS)}")
        self._formula.textEdited.connect(self._typed)
        self._new_row = QCheckBox("In a plot of its own")
        self._new_row.setObjectName("deriveNewRow")
        self._problem = QLabel()
        self._problem.setObjectName("deriveProblem")
        self._problem.setAccessibleName("What the formula is")
        self._problem.setWordWrap(True)
        self._problem.setMinimumHeight(3 * self.fontMetrics().height())
        self._problem.setAlignment(Qt.AlignmentFlag.AlignTop)

    def _lay_out(self) -> None:
        self._form = QFormLayout()
        self._form.addRow("Curve", self._curve)
        self._form.addRow("Make", self._kind)
        self._form.addRow("Other", self._other)
        self._form.addRow("Seconds", self._seconds)
        self._units = side_by_side(self._old, QLabel("to"), self._new)
        self._form.addRow("Units", self._units)
        self._form.addRow("Formula", self._formula)
        self._form.addRow("", self._problem)
        self._form.addRow("", self._new_row)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        plot = buttons.addButton("Plot", QDialogButtonBox.ButtonRole.AcceptRole)
        plot.setObjectName("derivePlot")
        plot.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(self._form)
        layout.addWidget(buttons)
        self.setMinimumWidth(520)

    def _choose_curve(self) -> None:
        self._model.learn(self._field)
        self._formula.set_names(self._model.names(self._field))
        self._old.setText(self._model.units(self._field))
        self._other.clear()
        for other in self._model.others(self._field):
            self._other.addItem(other.title, other)
        self._choose_kind()

    def _choose_kind(self) -> None:
        transform = TRANSFORMS[self._kind.currentData()]
        asks = transform.asks
        self._new_row.setChecked(not transform.beside)
        for name, widget in (("other", self._other), ("seconds", self._seconds), ("units", self._units)):
            self._form.setRowVisible(widget, name == asks)
        self._write()
        first = {"other": self._other, "seconds": self._seconds, "units": self._new}.get(asks, self._formula)
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _write(self) -> None:
        """Write the formula of what is chosen."""
        name = self._kind.currentData()
        if TRANSFORMS[name].asks == "other" and self._other.currentData() is None:
            self._formula.clear()
            self._say("There is no other curve; plot the one to compare it with first.", is_wrong=True)
            return
        self._formula.setText(
            self._model.formula(
                name,
                self._field,
                self._other.currentData(),
                seconds=self._seconds.text().strip(),
                old=self._old.text().strip(),
                new=self._new.text().strip(),
            )
        )
        self._check()

    def _typed(self) -> None:
        """Go on by hand: what is typed is an expression."""
        self._kind.setCurrentIndex(list(TRANSFORMS).index(_EXPRESSION))
        for widget in (self._other, self._seconds, self._units):
            self._form.setRowVisible(widget, False)
        self._check()

    def _learned(self) -> None:
        self._formula.set_names(self._model.names(self._field))
        if not self._old.text():
            self._old.setText(self._model.units(self._field))
        self._check()

    def _check(self) -> None:
        problem = self._model.problem(self._field, self._formula.text())
        names = self._model.names(self._field)
        known = f"Fields of its rows: {', '.join(names)}"
        self._say(problem or (known if names else "Its fields are not known yet."), is_wrong=bool(problem))

    def _say(self, words: str, *, is_wrong: bool) -> None:
        palette = self._problem.palette()
        color = wrong_color() if is_wrong else muted_color()
        palette.setColor(QPalette.ColorRole.WindowText, color)
        self._problem.setPalette(palette)
        self._problem.setProperty("problem", is_wrong)
        shown = words if len(words) < 240 else f"{words[:240]}…"
        self._problem.setText(breakable(shown))
        self._problem.setToolTip(words)
