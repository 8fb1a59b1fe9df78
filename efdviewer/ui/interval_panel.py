"""Intervals between two events: listed, measured, drawn; and the events that found no partner."""

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from efdviewer.domain.intervals import Intervals
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.domain.topics import TopicName
from efdviewer.ui.delay_text import delay_text
from efdviewer.ui.fitted_text import breakable
from efdviewer.ui.interval_form import IntervalForm
from efdviewer.ui.interval_plots import DurationHistogram, DurationsOverTime
from efdviewer.ui.lazy_panel import LazyPanel
from efdviewer.ui.pages import Pages
from efdviewer.ui.rows_view import RowsView
from efdviewer.viewmodels.columns_model import Column
from efdviewer.viewmodels.intervals import IntervalState, IntervalsViewModel

_HINT = (
    "No intervals shown. Select a start and an end event in the topic list and press I, or type them here."
)
_STAMP, _DURATION = "2024-01-31 23:15:00.123456", "123.456 ms 00"
_WHY = "no endIntegration of its own up to 23:15:00.123"


class IntervalPanel(LazyPanel):
    """Shows the pair that is chosen; the plots show the bands of all."""

    def __init__(self, model: IntervalsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("intervalPanel")
        self.setAccessibleName("Intervals")
        self._model = model
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
        return [(topic, utc_ns) for utc_ns, topic, _ in self._lone_events()]

    def show_figures_only(self) -> None:
        """Leave out what is there to be operated, for a picture."""
        self._form.hide()
        self._pages.show_page(self._histogram)
        self._pages.tabs.hide()

    def _state(self) -> IntervalState | None:
        states = self._model.states()
        return states[self._model.chosen] if states else None

    def _found(self) -> Intervals | None:
        state = self._state()
        return None if state is None else state.found

    def _lone_events(self) -> list[tuple[int, str, str]]:
        state = self._state()
        if state is None or state.found is None:
            return []
        found = state.found
        events = [
            (utc_ns, topic, key)
            for topic, times, keys in (
                (state.pair.start, found.lone_starts_utc_ns, found.lone_start_keys),
                (state.pair.end, found.lone_ends_utc_ns, found.lone_end_keys),
            )
            for utc_ns, key in zip(times.tolist(), keys, strict=True)
        ]
        return sorted(events)

    def show_model(self) -> None:
        """Show the pair that is chosen."""
        self._form.show_states()
        state = self._state()
        found = None if state is None else state.found
        self._words.setText(breakable(_HINT if state is None else _words_of(state, self._model.time_range)))
        self._pages.setEnabled(state is not None)
        timescale = self._model.timescale
        self._table.columns.show(*_interval_columns(found, timescale))
        self._table.set_widths([_STAMP, _DURATION])
        lone = self._lone_events()
        self._lone.columns.show(_lone_columns(lone, state, timescale), np.arange(len(lone)))
        self._lone.set_widths([_STAMP, "ATCamera.startIntegration", _WHY])
        is_whole = state is not None and state.is_whole
        self._pages.set_title(self._table, f"List {len(found.keys):,}" if found and is_whole else "List")
        self._pages.set_title(self._lone, f"Unpaired {len(lone):,}" if is_whole else "Unpaired")
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
        intervals = self.intervals()
        self._model.select(intervals[place] if place is not None and place < len(intervals) else None)

    def _pick(self, place: int) -> None:
        self._table.show_place(place)
        self._trend.mark(place)
        self._select(place)

    def _zoom(self) -> None:
        place = self._table.current_place()
        if place is not None:
            self._zoom_to(place)

    def _zoom_to(self, place: int) -> None:
        self._model.zoom_to(self.intervals()[place])

    def _go_to_lone(self, place: int) -> None:
        utc_ns = self._lone_events()[place][0]
        quarter_ns = self._model.time_range.span_ns // 8
        self._model.zoom_to((utc_ns - quarter_ns, utc_ns + quarter_ns))


def _interval_columns(found: Intervals | None, timescale: Timescale) -> tuple[list[Column], np.ndarray]:
    if found is None:
        return [], np.empty(0, np.int64)
    starts, durations_s, keys = found.starts_utc_ns, found.durations_s, found.keys

    def start(place: int) -> str:
        return format_ns(int(starts[place]), timescale, digits=6).replace("T", " ")

    scale = timescale.value.upper()
    return [
        Column(
            title=f"Start, {scale}",
            text=start,
            keys=starts,
            copied=lambda place: format_ns(int(starts[place]), timescale, digits=9),
        ),
        Column(
            title="Duration",
            text=lambda place: delay_text(float(durations_s[place])),
            keys=durations_s,
            copied=lambda place: f"{durations_s[place]:.9f} s",
            is_right=True,
        ),
        Column(title="Of both events", text=lambda place: keys[place], keys=found.key_ranks),
    ], np.arange(len(starts))


def _lone_columns(
    lone: list[tuple[int, str, str]], state: IntervalState | None, timescale: Timescale
) -> list[Column]:
    def missing(place: int) -> str:
        assert state is not None
        return _why_alone(state, lone[place][0], timescale, is_start=lone[place][1] == state.pair.start)

    return [
        Column(
            title=f"Time, {timescale.value.upper()}",
            text=lambda place: format_ns(lone[place][0], timescale, digits=6).replace("T", " "),
            copied=lambda place: format_ns(lone[place][0], timescale, digits=9),
        ),
        Column(title="Event", text=lambda place: TopicName.parse(lone[place][1]).title),
        Column(title="Why", text=missing),
        Column(title="Of the event", text=lambda place: lone[place][2]),
    ]


def _why_alone(state: IntervalState, utc_ns: int, timescale: Timescale, *, is_start: bool) -> str:
    """Say which partner an event lacks, and how far it was looked for."""
    assert state.looked is not None
    other = TopicName.parse(state.pair.end if is_start else state.pair.start).title.rpartition(".")[2]
    edge_utc_ns = state.looked.end_utc_ns if is_start else state.looked.start_utc_ns
    own, edge = (format_ns(moment, timescale, digits=0).split("T") for moment in (utc_ns, edge_utc_ns))
    where = edge[1] if own[0] == edge[0] else " ".join(edge)
    if not is_start:
        return f"no {other} of its own since {where}"
    is_open = utc_ns == state.open_start_utc_ns
    return f"no {other} of its own up to {where}{'; perhaps still open' if is_open else ''}"


def _words_of(state: IntervalState, view: TimeRange) -> str:
    lines = [state.status] if state.status else []
    if state.found is not None and state.is_whole:
        lines += [_figures(state.found, view), *state.notes]
    elif state.found is not None and len(state.found.keys):
        count = len(state.found.keys)
        lines.append(f"{count:,} {'interval is' if count == 1 else 'intervals are'} known so far.")
    return "\n".join(lines)


def _figures(found: Intervals, view: TimeRange) -> str:
    lone = len(found.lone_starts_utc_ns) + len(found.lone_ends_utc_ns)
    unpaired = f"{lone:,} {'event' if lone == 1 else 'events'} unpaired." if lone else "None unpaired."
    durations_s = found.durations_s
    if not len(durations_s):
        return f"No intervals in view. {unpaired}"
    middle, late = np.quantile(durations_s, [0.5, 0.99])
    shortest, longest = durations_s.min(), durations_s.max()
    count = f"{len(durations_s):,} {'interval' if len(durations_s) == 1 else 'intervals'} in view"
    texts = [delay_text(float(value)) for value in (middle, late, shortest, longest, durations_s.sum())]
    share = 100 * found.covered_ns(view) / view.span_ns
    figures = "median {}, p99 {}, {} to {}, together {}".format(*texts) + f", {share:.3g} % of the view"
    return f"{count}: {figures}. {unpaired}"
