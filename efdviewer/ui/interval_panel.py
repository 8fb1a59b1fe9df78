"""Intervals between two events: listed, measured, drawn; and the events that found no partner."""

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from efdviewer.domain.intervals import Intervals, LoneEvents
from efdviewer.ui.fitted_text import breakable
from efdviewer.ui.interval_form import IntervalForm
from efdviewer.ui.interval_plots import DurationHistogram, DurationsOverTime
from efdviewer.ui.interval_words import interval_columns, lone_columns, words_of
from efdviewer.ui.lazy_panel import LazyPanel
from efdviewer.ui.pages import Pages
from efdviewer.ui.rows_view import RowsView
from efdviewer.viewmodels.intervals import IntervalState, IntervalsViewModel

_HINT = (
    "No intervals shown. Select a start and an end event in the topic list and press I, or type them here."
)
_NO_LONE_EVENTS = LoneEvents(
    times_utc_ns=np.empty(0, np.int64),
    is_start=np.empty(0, np.bool_),
    places=np.empty(0, np.int64),
    keys=((), ()),
)
_STAMP, _DURATION = "2024-01-31 23:15:00.123456", "123.456 ms 00"
_WHY = "perhaps still open: no own endIntegration up to 23:15:00"


class IntervalPanel(LazyPanel):
    """Shows the pair that is chosen; the plots show the bands of all."""

    def __init__(self, model: IntervalsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("intervalPanel")
        self.setAccessibleName("Intervals")
        self._model = model
        self._place: int | None = None
        """The pair that a picture shows; in a window it is the one that is chosen."""
        self._form = IntervalForm(model)
        self._words = QLabel()
        self._words.setObjectName("intervalWords")
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._table = RowsView(
            "intervalTable", "Intervals in view", "Return or a double-click makes an interval the view"
        )
        self._table.add_action("actionZoomToInterval", "&Zoom to interval", self._zoom)
        self._table.setSortingEnabled(True)
        self._table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self._lone = RowsView(
            "intervalUnpaired", "Events without a partner", "Return or a double-click goes to the event"
        )
        self._histogram = DurationHistogram()
        self._trend = DurationsOverTime()
        self._pages = Pages("intervalTabs", "Views of the intervals")
        for page, title in (
            (self._table, "List"),
            (self._lone, "Unpaired"),
            (self._histogram, "Histogram"),
            (self._trend, "Over time"),
        ):
            self._pages.add(page, title)
        self._pages.turned.connect(self._draw)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self._form)
        left.addWidget(self._words)
        left.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(8)
        layout.addLayout(left, 2)
        layout.addWidget(self._pages, 5)
        self._table.chosen.connect(self._zoom_to)
        self._table.currentPlaceChanged.connect(self._select)
        self._lone.chosen.connect(self._go_to_lone)
        self._trend.picked.connect(self._pick)
        model.intervalsChanged.connect(self.renew)
        model.chosenChanged.connect(self.renew)
        model.formRequested.connect(self._form.begin)
        self.show_model()

    def sizeHint(self) -> QSize:
        """Room for the form and some lines."""
        return QSize(800, 240)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the colour scheme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._form.show_states()
            self._draw()

    def intervals(self) -> list[tuple[int, int]]:
        """Give the intervals of the chosen pair that touch the view, (start, end) ns UTC, by start."""
        found = self._found()
        return (
            []
            if found is None
            else list(zip(found.starts_utc_ns.tolist(), found.ends_utc_ns.tolist(), strict=True))
        )

    def unpaired(self) -> list[tuple[str, int]]:
        """Give the events of the chosen pair in view that found no partner: (topic, ns UTC), by time."""
        state, lone = self._state(), self._lone_events()
        if state is None:
            return []
        topics = np.where(lone.is_start, state.pair.start, state.pair.end).tolist()
        return list(zip(topics, lone.times_utc_ns.tolist(), strict=True))

    def show_figures_only(self, place: int) -> None:
        """Show this pair and its name, and leave out what is there to be operated, for a picture."""
        self._place = place
        self._form.hide()
        self._pages.show_page(self._histogram)
        self._pages.tabs.hide()
        self.show_model()

    def _state(self) -> IntervalState | None:
        states = self._model.states()
        place = self._model.chosen if self._place is None else self._place
        return states[place] if place < len(states) else None

    def _found(self) -> Intervals | None:
        state = self._state()
        return None if state is None else state.found

    def _lone_events(self) -> LoneEvents:
        found = self._found()
        return _NO_LONE_EVENTS if found is None else found.lone_events()

    def show_model(self) -> None:
        """Show the pair that is chosen."""
        self._form.show_states()
        state = self._state()
        found = None if state is None else state.found
        said = _HINT if state is None else words_of(state, self._model.time_range)
        title = f"{state.title}\n" if state is not None and self._place is not None else ""
        self._words.setText(breakable(title + said))
        self._pages.setEnabled(state is not None)
        timescale = self._model.timescale
        self._table.columns.show(*interval_columns(found, timescale))
        self._table.set_widths([_STAMP, _DURATION])
        lone = self._lone_events()
        self._lone.columns.show(lone_columns(lone, state, timescale), np.arange(len(lone.times_utc_ns)))
        self._lone.set_widths([_STAMP, "ATCamera.startIntegration", _WHY])
        is_whole = state is not None and state.is_whole
        self._pages.set_title(self._table, f"List {len(found.keys):,}" if found and is_whole else "List")
        self._pages.set_title(self._lone, f"Unpaired {len(lone.times_utc_ns):,}" if is_whole else "Unpaired")
        self._draw()

    def _draw(self) -> None:
        state, found = self._state(), self._found()
        color = state.color if state else "#808080"
        none = np.empty(0, np.int64)
        durations_s = found.durations_s if found else np.empty(0)
        if self._pages.is_shown(self._histogram):
            self._histogram.show_durations(durations_s, color)
        elif self._pages.is_shown(self._trend):
            starts = found.starts_utc_ns if found else none
            view = self._model.time_range
            self._trend.show_durations(starts, durations_s, color, view, self._model.timescale)
            self._trend.mark(self._table.current_place())

    def _select(self, place: int | None) -> None:
        found = self._found()
        if found is None or place is None or place >= len(found.starts_utc_ns):
            self._model.select(None)
        else:
            self._model.select(self._interval_at(place))

    def _pick(self, place: int) -> None:
        self._table.show_place(place)
        self._trend.mark(place)
        self._select(place)

    def _zoom(self) -> None:
        place = self._table.current_place()
        if place is not None:
            self._zoom_to(place)

    def _zoom_to(self, place: int) -> None:
        self._model.zoom_to(self._interval_at(place))

    def _interval_at(self, place: int) -> tuple[int, int]:
        found = self._found()
        assert found is not None
        return int(found.starts_utc_ns[place]), int(found.ends_utc_ns[place])

    def _go_to_lone(self, place: int) -> None:
        utc_ns = int(self._lone_events().times_utc_ns[place])
        quarter_ns = self._model.time_range.span_ns // 8
        self._model.zoom_to((utc_ns - quarter_ns, utc_ns + quarter_ns))
