"""Says which two fields are shown against each other, and how their samples are joined."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.session import JOIN_DIRECTIONS
from efdviewer.domain.topics import FieldRef
from efdviewer.ui.field_line import FieldLine
from efdviewer.ui.form_parts import button, choice, side_by_side, typed_choice
from efdviewer.ui.problem_label import ProblemLabel
from efdviewer.viewmodels.scatter import ScatterViewModel

_WORDS = {
    "backward": "the last sample of y before",
    "forward": "the first sample of y after",
    "nearest": "the nearest sample of y",
}
_TOLERANCES = ("0.001", "0.01", "0.1", "1", "10", "60", "600")


class ScatterForm(QWidget):
    """Chooses and adds pairs of fields; says what is wrong with what was typed."""

    def __init__(self, model: ScatterViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._shown: object = None
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(4)
        self._which = choice("scatterChoice", "Fields", "The two fields that are shown here")
        self._which.activated.connect(model.choose)
        self._remove = button("scatterRemove", "Remove", "Take these two away")
        self._remove.clicked.connect(model.remove)
        self._x = FieldLine(
            "scatterX",
            "Field to the right",
            "The field on the horizontal axis: typed, or dropped from the topics",
        )
        self._y = FieldLine(
            "scatterY", "Field upwards", "The field on the vertical axis: typed, or dropped from the topics"
        )
        self._swap = button("scatterSwap", "Swap", "Exchange the axes")
        self._swap.clicked.connect(model.swap)
        add = button("scatterAdd", "Show", "Show these two (Return)")
        add.clicked.connect(self._add)
        for edit in (self._x, self._y):
            edit.returnPressed.connect(self._add)
            edit.fieldsDropped.connect(partial(self._drop, edit))
        self._direction = choice("scatterDirection", "Join", "Which sample of y belongs to a sample of x")
        for name in JOIN_DIRECTIONS:
            self._direction.addItem(_WORDS[name], name)
        self._direction.activated.connect(self._join)
        self._tolerance, typed = typed_choice(
            "scatterTolerance", "Tolerance in seconds", "No sample of y further away counts", _TOLERANCES
        )
        self._tolerance.activated.connect(self._join)
        typed.returnPressed.connect(self._join)
        self._wrong = ProblemLabel("scatterWrong")
        form.addRow("Shown", side_by_side(self._which, self._remove))
        form.addRow("x", side_by_side(self._x, self._swap))
        form.addRow("y", side_by_side(self._y, add))
        form.addRow("Join", self._direction)
        form.addRow("Within", side_by_side(self._tolerance, QLabel("s")))
        form.addRow(self._wrong)

    def show_states(self) -> None:
        """Follow what is shown."""
        states = self._model.states()
        shape = [state.scatter for state in states], self._model.chosen
        if shape == self._shown:
            # What is being typed would be lost.
            return
        self._shown = shape
        self._which.clear()
        for state in states:
            self._which.addItem(state.title)
            self._which.setItemData(self._which.count() - 1, state.title, Qt.ItemDataRole.ToolTipRole)
        self._which.setCurrentIndex(self._model.chosen)
        for widget in (self._which, self._remove, self._swap, self._direction, self._tolerance):
            widget.setEnabled(bool(states))
        if states:
            shown = states[self._model.chosen].scatter
            self._x.setText(str(shown.x))
            self._y.setText(str(shown.y))
            self._direction.setCurrentIndex(JOIN_DIRECTIONS.index(shown.direction))
            self._tolerance.setEditText(f"{shown.tolerance_s:.12g}")
            self._wrong.clear_problem()

    def begin(self, x: str, y: str) -> None:
        """Put the keyboard where something is missing."""
        self._x.setText(x)
        self._y.setText(y)
        missing = self._x if not x else self._y
        missing.setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(self) -> None:
        self._apply(lambda: self._model.add_typed(self._x.text().strip(), self._y.text().strip()))

    def _drop(self, edit: FieldLine, fields: list[FieldRef]) -> None:
        """Put one field into the line; of several show the first two against each other."""
        if len(fields) > 1:
            self._model.show_curves(fields)
        else:
            edit.setText(str(fields[0]))

    def _join(self) -> None:
        direction, tolerance = self._direction.currentData(), self._tolerance.currentText().strip()
        self._apply(lambda: self._model.join(direction, tolerance))

    def _apply(self, act: Callable[[], None]) -> None:
        try:
            act()
        except EfdViewerError as error:
            self._wrong.say(error)
            return
        self._wrong.clear_problem()
