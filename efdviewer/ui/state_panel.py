"""How long each state lasted in view, and how often it was entered."""

import numpy as np
from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from efdviewer.domain.states import StateTotal
from efdviewer.ui.fitted_text import breakable
from efdviewer.ui.graphics.state_lanes import state_color
from efdviewer.ui.lazy_panel import LazyPanel
from efdviewer.ui.rows_view import RowsView
from efdviewer.ui.time_bar import span_text
from efdviewer.viewmodels.columns_model import Column
from efdviewer.viewmodels.states import LaneState, StatesViewModel

_HINT = "No states shown. Select a field, or an event such as summaryState, in the topic list and press T."
_UNKNOWN = "not known"


class StatePanel(LazyPanel):
    """A table of the states of all lanes, the longest of each first."""

    def __init__(self, model: StatesViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statePanel")
        self.setAccessibleName("States")
        self._model = model
        self._words = QLabel()
        self._words.setObjectName("stateWords")
        self._words.setWordWrap(True)
        self._table = RowsView(
            "stateTable", "Totals of the states in view", "Ctrl+C copies the selected lines"
        )
        self._table.keep_widths()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self._words)
        layout.addWidget(self._table, 1)
        model.lanesChanged.connect(self.renew)
        self.show_model()

    def sizeHint(self) -> QSize:
        """Room for some lines."""
        return QSize(800, 160)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the colour scheme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.renew()

    def show_model(self) -> None:
        """Add up the states in view."""
        lanes = list(self._model.lanes().values())
        view = self._model.time_range
        rows: list[tuple[LaneState, StateTotal | None, int]] = []
        for lane in lanes:
            totals = lane.totals(view)
            rows += [(lane, total, total.total_ns) for total in totals]
            missing_ns = view.span_ns - sum(total.total_ns for total in totals)
            if missing_ns > 0 and (totals or lane.known):
                rows.append((lane, None, missing_ns))
        words = [f"{lane.title}: {lane.status}" for lane in lanes if lane.status]
        words += [
            f"{lane.title}: changes within {span_text(lane.bucket_ns)} are not told apart; zoom in for more."
            for lane in lanes
            if lane.bucket_ns
        ]
        self._words.setText(breakable("\n".join(words)) if lanes else _HINT)
        self._words.setVisible(bool(words) or not lanes)
        self._table.setVisible(bool(rows))
        self._table.columns.show(_columns(rows, view.span_ns), np.arange(len(rows)))
        self._table.set_widths(
            [
                "MTMount.azimuthMotionState.state",
                "MOVING_POINT_TO_POINT",
                "100.000 %",
                "888 d 23 h",
                "88,888",
                "888 d 23 h",
            ]
        )


def _columns(rows: list[tuple[LaneState, StateTotal | None, int]], span_ns: int) -> list[Column]:
    def label(place: int) -> str:
        lane, total, _ = rows[place]
        return _UNKNOWN if total is None else " ".join(lane.label(total.value).split())

    def color(place: int) -> object:
        total = rows[place][1]
        return None if total is None else state_color(total.value, label(place))

    def visits(place: int) -> str:
        lane, total, _ = rows[place]
        if total is None:
            return ""
        return f"{'≥ ' if lane.bucket_ns else ''}{total.visits:,}"

    def longest(place: int) -> str:
        total = rows[place][1]
        return "" if total is None else span_text(total.longest_ns)

    return [
        Column(title="Field", text=lambda place: rows[place][0].title),
        Column(title="State", text=label, color=color),
        Column(title="Share", text=lambda place: f"{100 * rows[place][2] / span_ns:.2f} %", is_right=True),
        Column(
            title="Total",
            text=lambda place: span_text(rows[place][2]),
            copied=lambda place: f"{rows[place][2] / 1e9:.9f} s",
            is_right=True,
        ),
        Column(title="Visits", text=visits, is_right=True),
        Column(title="Longest", text=longest, is_right=True),
    ]
