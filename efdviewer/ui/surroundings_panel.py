"""What happened around a moment: the messages of every topic, in order, with their distance to it."""

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QCompleter,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from efdviewer.domain.session import MOST_SURROUNDING_S, Surroundings
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.domain.topics import TopicName
from efdviewer.services.event_rows import EventList
from efdviewer.ui.event_detail_view import EventDetailView
from efdviewer.ui.fitted_text import FittedLabel
from efdviewer.ui.rows_view import RowsView
from efdviewer.viewmodels.columns_model import Column
from efdviewer.viewmodels.surroundings import SurroundingsViewModel, point_words

_WIDTHS = ("-000.000 000 s", "2024-01-31 23:15:00.123456", "MTCamera000", "startIntegration000000")


class SurroundingsPanel(QWidget):
    """The moment, how far around it is looked and in which components, and what was found."""

    overlayRequested = Signal(str)
    """The topic of a message that was double-clicked."""

    def __init__(self, model: SurroundingsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surroundingsPanel")
        self.setAccessibleName("What happened")
        self._model = model
        self._shown: Surroundings | None = None
        self._point = QLabel()
        self._point.setObjectName("surroundingsPoint")
        self._words = FittedLabel()
        self._words.setObjectName("surroundingsWords")
        self._before = self._spin("surroundingsBefore", "Seconds before")
        self._after = self._spin("surroundingsAfter", "Seconds after")
        self._cscs = QLineEdit()
        self._cscs.setObjectName("surroundingsComponents")
        self._cscs.setAccessibleName("Components")
        self._cscs.setPlaceholderText("all components")
        self._cscs.setToolTip(
            "Components to ask, with commas between, e.g. ATCamera, MTMount; Return applies"
        )
        self._cscs.setClearButtonEnabled(True)
        self._cscs.editingFinished.connect(self._choose_cscs)
        self._beats = QCheckBox("Heartbeats")
        self._beats.setObjectName("surroundingsHeartbeats")
        self._beats.setAccessibleName("Heartbeats too")
        self._beats.setToolTip("List heartbeats too")
        self._beats.clicked.connect(self._choose_beats)
        self._table = RowsView(
            "surroundingsTable",
            "Messages around the moment",
            "In the order of the database's time; Return or a double-click overlays the topic on the plots",
        )
        self._table.add_action("actionOverlayMessage", "&Overlay on the plots", self._overlay)
        self._table.add_action("actionCentreHere", "&What happened around this", self._centre)
        self._detail = EventDetailView("surroundingsDetail")
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self._table)
        split.addWidget(self._detail)
        split.setStretchFactor(0, 5)
        split.setStretchFactor(1, 3)
        head = QHBoxLayout()
        head.setSpacing(6)
        for widget in (self._point, self._before, QLabel("to"), self._after, self._beats):
            head.addWidget(widget)
        head.addWidget(self._cscs, 2)
        head.addWidget(self._words, 4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(split, 1)
        self._table.chosen.connect(self._overlay_place)
        self._table.currentPlaceChanged.connect(model.select)
        model.happenedChanged.connect(self._show)
        model.wordsChanged.connect(self._show_words)
        model.whole.textChanged.connect(self._detail.setPlainText)
        self._show()

    def sizeHint(self) -> QSize:
        """Room for some lines."""
        return QSize(800, 220)

    def focus_table(self) -> None:
        """Put the keyboard into the table."""
        self._table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _spin(self, name: str, title: str) -> QDoubleSpinBox:
        spin = QDoubleSpinBox()
        spin.setObjectName(name)
        spin.setAccessibleName(title)
        spin.setToolTip(f"{title} the moment, up to {MOST_SURROUNDING_S:.0f}")
        spin.setRange(0.0, MOST_SURROUNDING_S)
        spin.setDecimals(1)
        spin.setPrefix("\u2212" if "before" in title else "+")
        spin.setSuffix(" s")
        spin.setKeyboardTracking(False)
        spin.valueChanged.connect(self._choose_spans)
        return spin

    def _choose_spans(self) -> None:
        self._model.edit(
            "Look further", gesture="spans", before_s=self._before.value(), after_s=self._after.value()
        )

    def _choose_cscs(self) -> None:
        names = [name.strip() for name in self._cscs.text().split(",")]
        self._model.edit("Choose components", cscs=tuple(name for name in names if name))

    def _choose_beats(self, shown: bool) -> None:
        self._model.edit("Show heartbeats" if shown else "Hide heartbeats", heartbeats=shown)

    def _show(self) -> None:
        happened = self._model.happened
        events = happened.events if happened else None
        count = len(events.times_utc_ns) if events else 0
        at_utc_ns = self._model.settings.at_utc_ns or 0
        columns = _columns(events, at_utc_ns, self._model.timescale) if events else []
        self._table.columns.show(columns, np.arange(count))
        self._table.set_widths(_WIDTHS)
        if events and count:
            nearest = int(np.argmin(np.abs(events.times_utc_ns - at_utc_ns)))
            self._table.show_place(nearest)
            self._table.scrollTo(self._table.currentIndex(), RowsView.ScrollHint.PositionAtCenter)
            self._model.select(nearest)
        else:
            self._detail.clear()
        if self._model.cscs and self._cscs.completer() is None:
            completer = QCompleter(list(self._model.cscs), self._cscs)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            self._cscs.setCompleter(completer)
        self._show_words()

    def _show_words(self) -> None:
        settings = self._model.settings
        point = point_words(settings.at_utc_ns, self._model.timescale)
        self._point.setText(point)
        self._point.setVisible(bool(point))
        words = self._model.words()
        self._words.set_forms(words)
        self._words.setToolTip(words)
        if settings == self._shown:
            # Words come while one types.
            return
        self._shown = settings
        for spin, value in ((self._before, settings.before_s), (self._after, settings.after_s)):
            spin.blockSignals(True)
            spin.setValue(value)
            spin.blockSignals(False)
            spin.setEnabled(settings.at_utc_ns is not None)
        self._beats.setChecked(settings.heartbeats)
        self._cscs.setText(", ".join(settings.cscs))

    def _overlay(self) -> None:
        place = self._table.current_place()
        if place is not None:
            self._overlay_place(place)

    def _overlay_place(self, place: int) -> None:
        if self._model.happened is not None:
            self.overlayRequested.emit(self._model.happened.events.row(place)[0])

    def _centre(self) -> None:
        place = self._table.current_place()
        if place is not None and self._model.happened is not None:
            self._model.show_at(int(self._model.happened.events.times_utc_ns[place]))


def _columns(events: EventList, at_utc_ns: int, timescale: Timescale) -> list[Column]:
    def name(place: int) -> TopicName:
        return TopicName.parse(events.parts[int(events.source[place])].topic)

    def clock(place: int, digits: int) -> str:
        return format_ns(int(events.times_utc_ns[place]), timescale, digits=digits)

    return [
        Column(
            title="From there",
            text=lambda place: f"{(int(events.times_utc_ns[place]) - at_utc_ns) / 1e9:+.6f} s",
            is_right=True,
        ),
        Column(
            title=f"Time, {timescale.value.upper()}",
            text=lambda place: clock(place, 6).replace("T", " "),
            copied=lambda place: clock(place, 9),
        ),
        Column(title="Component", text=lambda place: name(place).csc),
        Column(
            title="Message",
            text=lambda place: name(place).name.removeprefix("logevent_"),
            tip=lambda place: str(name(place)),
        ),
        Column(title="Says", text=lambda place: events.texts[place].as_py() or ""),
    ]
