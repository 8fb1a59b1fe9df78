"""Telemetry around each event, laid over each other, and the list of the epochs."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from efdviewer.domain.timescale import Timescale
from efdviewer.services.epoch_loader import LoadedEpochs
from efdviewer.ui.epoch_form import EpochForm
from efdviewer.ui.epoch_plot import EpochPlot
from efdviewer.ui.fitted_text import breakable
from efdviewer.ui.lazy_panel import LazyPanel
from efdviewer.ui.rows_view import RowsView
from efdviewer.viewmodels.columns_model import Column
from efdviewer.viewmodels.epochs import EpochState, EpochsViewModel, epoch_name, found_words

_HINT = (
    "No epochs shown. Select an event in the topic list and choose Align telemetry on it, "
    "or type a field and a topic here."
)
_PLOT_WIDTH, _TABLE_WIDTH = 480, 340
_LEGEND = "Line: median. Dark band: 25 to 75 %, light band: 5 to 95 %."


class EpochPanel(LazyPanel):
    """Shows the epochs that are chosen; one of them can be selected and gone to."""

    def __init__(self, model: EpochsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("epochPanel")
        self.setAccessibleName("Epochs")
        self._model = model
        self._form = EpochForm(model)
        self._words = QLabel()
        self._words.setObjectName("epochWords")
        self._words.setWordWrap(True)
        self._plot = EpochPlot()
        self._table = RowsView("epochTable", "Epochs", "Return or a double-click goes to an epoch")
        self._table.setSortingEnabled(True)
        self._table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self._table.keep_widths()
        self._go = QPushButton("Go there")
        self._go.setObjectName("epochGo")
        self._go.setAccessibleName("Go to the selected epoch")
        self._go.setToolTip("Make the window of the selected epoch the view (Return in the list)")
        self._go.clicked.connect(self._go_to_current)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self._form)
        left.addWidget(self._words)
        left.addWidget(self._go, 0, Qt.AlignmentFlag.AlignLeft)
        left.addStretch(1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self._plot)
        split.addWidget(self._table)
        split.setSizes([_PLOT_WIDTH, _TABLE_WIDTH])
        split.setStretchFactor(0, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(8)
        layout.addLayout(left, 3)
        layout.addWidget(split, 7)
        self._table.chosen.connect(model.go_to)
        self._table.currentPlaceChanged.connect(self._plot.select)
        self._plot.picked.connect(self._pick)
        self._plot.entered.connect(model.go_to)
        model.epochsChanged.connect(self.renew)
        model.chosenChanged.connect(self.renew)
        model.formRequested.connect(self._form.begin)
        self.show_model()

    def sizeHint(self) -> QSize:
        """Room for the form and a plot."""
        return QSize(800, 300)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the colour scheme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._plot.show_epochs(self._loaded(), self._model.timescale)

    def epochs(self) -> list[tuple[int, NDArray[np.float64], NDArray[np.float64]]]:
        """Give the epochs that are shown: (event ns UTC, offsets in s, values), by event."""
        loaded = self._loaded()
        if loaded is None:
            return []
        found = loaded.found
        return [
            (utc_ns, found.offsets_s(place), found.values_of(place))
            for place, utc_ns in enumerate(found.events_utc_ns.tolist())
        ]

    def median(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the median line: where each bin begins, s from the event, and the median of its samples."""
        loaded = self._loaded()
        if loaded is None:
            return np.empty(0), np.empty(0)
        return loaded.bands.starts_ns / 1e9, loaded.bands.median

    def show_figures_only(self) -> None:
        """Leave out what is there to be operated, for a picture."""
        for widget in (self._form, self._go, self._table):
            widget.hide()

    def _state(self) -> EpochState | None:
        states = self._model.states()
        return states[self._model.chosen] if states else None

    def _loaded(self) -> LoadedEpochs | None:
        state = self._state()
        return None if state is None else state.loaded

    def show_model(self) -> None:
        """Show the epochs that are chosen."""
        self._form.show_states()
        state, loaded = self._state(), self._loaded()
        self._words.setText(breakable(_HINT if state is None else self._words_of(state)))
        self._plot.show_epochs(loaded, self._model.timescale)
        self._plot.select(None)
        columns, count = _columns(loaded, self._model.timescale)
        self._table.columns.show(columns, np.arange(count))
        self._table.set_widths(["2024-01-31 23:15:00.123456", "888,888", "-888.888e-8", "-888.888e-8"])
        self._go.setEnabled(count > 0)

    def _words_of(self, state: EpochState) -> str:
        lines = [state.status] if state.status else []
        if state.loaded is not None:
            lines.append("; ".join(found_words(state.loaded, self._model.timescale)) + ".")
            if len(state.loaded.found.times_utc_ns):
                lines.append(_LEGEND)
        return "\n".join(lines)

    def _pick(self, epoch: int) -> None:
        self._table.show_place(epoch)
        self._plot.select(epoch)

    def _go_to_current(self) -> None:
        place = self._table.current_place()
        if place is not None:
            self._model.go_to(place)


def _columns(loaded: LoadedEpochs | None, timescale: Timescale) -> tuple[list[Column], int]:
    if loaded is None:
        return [], 0
    found = loaded.found
    means, highest = np.full(len(found.counts), np.nan), np.full(len(found.counts), np.nan)
    for place in np.flatnonzero(found.counts).tolist():
        values = found.values_of(place)
        finite = values[np.isfinite(values)]
        if len(finite):
            means[place], highest[place] = finite.mean(), finite.max()

    def number(values: NDArray[np.float64], place: int) -> str:
        return f"{values[place]:.6g}" if np.isfinite(values[place]) else ""

    return [
        Column(
            title=f"Event, {timescale.value.upper()}",
            text=lambda place: epoch_name(loaded, place, timescale),
            keys=found.events_utc_ns,
        ),
        Column(
            title="Samples", text=lambda place: f"{found.counts[place]:,}", keys=found.counts, is_right=True
        ),
        Column(title="Mean", text=lambda place: number(means, place), keys=means, is_right=True),
        Column(title="Highest", text=lambda place: number(highest, place), keys=highest, is_right=True),
    ], len(found.counts)
