"""Says which field is laid over itself, around which events and in which window."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.session import DAY_OBS
from efdviewer.ui.form_parts import button, choice, line, side_by_side
from efdviewer.ui.problem_label import ProblemLabel
from efdviewer.viewmodels.epochs import EpochsViewModel, window_texts


class EpochForm(QWidget):
    """Chooses, changes and adds epochs; says what is wrong with what was typed."""

    def __init__(self, model: EpochsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._shown: object = None
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(4)
        self._which = choice("epochChoice", "Epochs", "The field and the event that are shown here")
        self._which.activated.connect(model.choose)
        remove = button("epochRemove", "Remove", "Take these epochs away")
        remove.clicked.connect(model.remove)
        self._field = line("epochField", "Field", "TOPIC:FIELD", "The field that is laid over itself")
        self._event = line(
            "epochEvent", "Event", "topic", f"The topic whose events are aligned; {DAY_OBS} compares nights"
        )
        self._before = line("epochBefore", "From", "-2s", "Where the window begins, from the event")
        self._after = line("epochAfter", "To", "30s", "Where the window ends, from the event")
        self._nights = line(
            "epochNights", "Nights", "7", "How many nights up to the one in view, or their dayObs with commas"
        )
        for edit in (self._before, self._after):
            edit.setText(edit.placeholderText())
        self._nights.setText("7")
        change = button("epochChange", "Change", "Change the shown epochs to this")
        change.clicked.connect(self._change)
        add = button("epochAdd", "Add", "Show these epochs too (Return)")
        add.clicked.connect(self._add)
        for edit in (self._field, self._event, self._before, self._after, self._nights):
            edit.returnPressed.connect(self._add)
        self._event.textChanged.connect(self._offer_window)
        self._wrong = ProblemLabel("epochWrong")
        self._window_label = QLabel("Window")
        self._window = side_by_side(self._before, QLabel("to"), self._after, self._nights)
        form.addRow("Shown", side_by_side(self._which, remove))
        form.addRow("Field", self._field)
        form.addRow("Event", self._event)
        form.addRow(self._window_label, side_by_side(self._window, change, add))
        form.addRow(self._wrong)
        self._change_button, self._remove_button = change, remove
        self._offer_window()

    def show_states(self) -> None:
        """Follow what is shown."""
        states = self._model.states()
        shape = [state.epochs for state in states], self._model.chosen
        if shape == self._shown:
            # What is being typed would be lost.
            return
        self._shown = shape
        self._which.clear()
        for state in states:
            self._which.addItem(state.title)
            self._which.setItemData(self._which.count() - 1, state.title, Qt.ItemDataRole.ToolTipRole)
        self._which.setCurrentIndex(self._model.chosen)
        for widget in (self._which, self._remove_button, self._change_button):
            widget.setEnabled(bool(states))
        if states and not any(edit.isModified() for edit in (self._field, self._event)):
            epochs = states[self._model.chosen].epochs
            self._field.setText(str(epochs.field))
            self._event.setText(epochs.event)
            before, after = window_texts(epochs)
            self._before.setText(before)
            self._after.setText(after)
            self._nights.setText(epochs.nights)

    def begin(self, field: str, event: str) -> None:
        """Put the keyboard where something is missing."""
        for edit, text in ((self._field, field), (self._event, event)):
            if text:
                edit.setText(text)
                edit.setModified(True)
        missing = self._field if not field else self._event
        missing.setFocus(Qt.FocusReason.OtherFocusReason)
        missing.selectAll()

    def _offer_window(self) -> None:
        is_nights = self._event.text().strip() == DAY_OBS
        self._window_label.setText("Nights" if is_nights else "Window")
        self._nights.setVisible(is_nights)
        for child in self._window.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if child is not self._nights:
                child.setVisible(not is_nights)

    def _texts(self) -> tuple[str, str, str, str, str]:
        edits = (self._field, self._event, self._before, self._after, self._nights)
        field, event, before, after, nights = (edit.text().strip() for edit in edits)
        return field, event, before, after, nights

    def _add(self) -> None:
        self._apply(self._model.add_typed)

    def _change(self) -> None:
        self._apply(self._model.change_typed)

    def _apply(self, act) -> None:  # type: ignore[no-untyped-def]
        try:
            act(*self._texts())
        except EfdViewerError as error:
            self._wrong.say(error)
            return
        self._wrong.clear_problem()
        for edit in (self._field, self._event):
            edit.setModified(False)
