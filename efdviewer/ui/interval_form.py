"""Says which two events make intervals, and how they are paired."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QCompleter, QFormLayout, QLineEdit, QWidget

from efdviewer.ui.form_parts import button, choice, line, side_by_side, swatch
from efdviewer.ui.palette import shown_color
from efdviewer.viewmodels.intervals import IntervalsViewModel

_CHOOSE = "chosen by the program"
_IN_ORDER = "in the order of time"


class IntervalForm(QWidget):
    """Chooses one of the pairs, changes it, and makes new ones."""

    def __init__(self, model: IntervalsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._shown: object = None
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(4)
        self._pair = choice("intervalPair", "Pair of events", "The pair that is shown here")
        self._pair.activated.connect(model.choose)
        self._remove = button("intervalRemove", "Remove", "Take this pair away")
        self._remove.clicked.connect(self._remove_pair)
        self._by = choice("intervalMatching", "How they are paired", "What both events have in common")
        self._by.activated.connect(self._choose_by)
        self._start = self._topic("intervalStart", "Start", "The topic whose events begin an interval")
        self._end = self._topic(
            "intervalEnd", "End", "The topic whose events end it; empty for the one that fits"
        )
        self._add = button("intervalAdd", "Show", "Show the intervals between these two (Return)")
        self._add.clicked.connect(self._add_pair)
        self._visible = QCheckBox("Bands")
        self._visible.setObjectName("intervalVisible")
        self._visible.setAccessibleName("Bands of this pair")
        self._visible.setToolTip("Draw the intervals of this pair as bands in the plots")
        self._visible.clicked.connect(self._show_bands)
        form.addRow("Pair", side_by_side(self._pair, self._remove))
        form.addRow("Paired", side_by_side(self._by, self._visible))
        form.addRow("Start", self._start)
        form.addRow("End", side_by_side(self._end, self._add))
        model.topicsChanged.connect(self._offer_topics)

    def show_states(self) -> None:
        """Follow the pairs and the one that is chosen."""
        states = self._model.states()
        colors = [shown_color(state.color).name() for state in states]
        shape = [(state.pair, state.by, state.common) for state in states], colors, self._model.chosen
        if shape == self._shown:
            # A list that is open would close.
            return
        self._shown = shape
        self._pair.clear()
        for state in states:
            self._pair.addItem(swatch(state.color), state.title)
            self._pair.setItemData(
                self._pair.count() - 1, f"{state.pair.start}\n{state.pair.end}", Qt.ItemDataRole.ToolTipRole
            )
        self._pair.setCurrentIndex(self._model.chosen)
        for widget in (self._pair, self._remove, self._by, self._visible):
            widget.setEnabled(bool(states))
        self._visible.setChecked(bool(states) and states[self._model.chosen].pair.visible)
        self._by.clear()
        if states:
            self._offer_matching()

    def begin(self) -> None:
        """Put the keyboard where a new pair is typed."""
        self._model.learn_topics()
        if self._model.suggested_start:
            self._start.setText(self._model.suggested_start)
            self._model.suggested_start = ""
        (self._end if self._start.text() else self._start).setFocus(Qt.FocusReason.OtherFocusReason)

    def _offer_matching(self) -> None:
        state = self._model.states()[self._model.chosen]
        self._by.addItem(_CHOOSE, None)
        self._by.addItem(_IN_ORDER, ())
        choices: list[tuple[str, ...]] = [(name,) for name in state.common]
        if state.by and state.by not in choices:
            choices.append(state.by)
        if state.pair.by and state.pair.by not in choices:
            choices.append(state.pair.by)
        for names in choices:
            self._by.addItem(f"by {' and '.join(names)}", names)
        place = next(
            (place for place in range(self._by.count()) if self._by.itemData(place) == state.pair.by), 0
        )
        self._by.setCurrentIndex(place)

    def _offer_topics(self) -> None:
        for edit in (self._start, self._end):
            completer = QCompleter(list(self._model.topics), edit)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            edit.setCompleter(completer)

    def _choose_by(self, place: int) -> None:
        by = self._by.itemData(place)
        self._model.edit(self._model.chosen, "Change pairing", by=None if by is None else tuple(by))

    def _show_bands(self, is_visible: bool) -> None:
        name = "Show bands" if is_visible else "Hide bands"
        self._model.edit(self._model.chosen, name, visible=is_visible)

    def _add_pair(self) -> None:
        start, end = self._start.text().strip(), self._end.text().strip()
        if not start:
            self._start.setFocus(Qt.FocusReason.OtherFocusReason)
        elif end:
            self._model.add(start, end)
        else:
            self._model.show_of([start])

    def _remove_pair(self) -> None:
        self._model.remove(self._model.chosen)

    def _topic(self, name: str, title: str, tip: str) -> QLineEdit:
        edit = line(name, title, "topic", tip)
        edit.returnPressed.connect(self._add_pair)
        edit.textEdited.connect(self._learn_once)
        return edit

    def _learn_once(self) -> None:
        if not self._model.topics:
            self._model.learn_topics()
