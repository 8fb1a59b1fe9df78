"""Two fields against each other, how they go together, and what of them is selected."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from efdviewer.domain.correlation import Lags
from efdviewer.services.scatter_loader import JoinedFields
from efdviewer.ui.delay_text import delay_text
from efdviewer.ui.fitted_text import breakable
from efdviewer.ui.lazy_panel import LazyPanel
from efdviewer.ui.pages import Pages
from efdviewer.ui.scatter_form import ScatterForm
from efdviewer.ui.scatter_plot import LagPlot, ScatterPlot
from efdviewer.ui.time_colors import TimeColors
from efdviewer.viewmodels.scatter import ScatterState, ScatterViewModel

_HINT = "No fields are shown against each other. Choose two curves of a plot with X, or type two fields here."


class ScatterPanel(LazyPanel):
    """Shows the two fields that are chosen."""

    def __init__(self, model: ScatterViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scatterPanel")
        self.setAccessibleName("Scatter")
        self._model = model
        self._form = ScatterForm(model)
        self._words = QLabel()
        self._words.setObjectName("scatterWords")
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._plot = ScatterPlot()
        self._colors = TimeColors()
        self._lags = LagPlot()
        page = QWidget()
        stack = QVBoxLayout(page)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(2)
        stack.addWidget(self._plot, 1)
        stack.addWidget(self._colors)
        self._pages = Pages("scatterTabs", "Views of two fields")
        self._pages.add(page, "Scatter")
        self._pages.add(self._lags, "Lag")
        self._page = page
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self._form)
        left.addWidget(self._words)
        left.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(8)
        layout.addLayout(left, 3)
        layout.addWidget(self._pages, 5)
        self._plot.picked.connect(self._pick)
        self._plot.entered.connect(self._enter)
        self._pages.turned.connect(self._draw)
        model.scattersChanged.connect(self.renew)
        model.chosenChanged.connect(self.renew)
        model.cursorsChanged.connect(self._show_span)
        model.pickedChanged.connect(self._show_picked)
        model.formRequested.connect(self._form.begin)
        self.show_model()

    def sizeHint(self) -> QSize:
        """Room for the form and a plot."""
        return QSize(800, 320)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the colour scheme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._draw()

    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Give what is drawn: x, y, float64, and the times of x, int64 ns UTC, ascending in time."""
        return self._plot.points()

    def show_figures_only(self) -> None:
        """Leave out what is there to be operated, for a picture."""
        self._form.hide()
        self._pages.tabs.hide()

    def show_model(self) -> None:
        """Show the fields that are chosen."""
        self._form.show_states()
        state = self._state()
        self._words.setText(breakable(_HINT if state is None else self._words_of(state)))
        self._draw()

    def _state(self) -> ScatterState | None:
        states = self._model.states()
        return states[self._model.chosen] if states else None

    def _joined(self) -> JoinedFields | None:
        state = self._state()
        return None if state is None else state.joined

    def _draw(self) -> None:
        if self._pages.is_shown(self._lags):
            self._lags.show_lags(self._joined())
            return
        state = self._state()
        # What stands upwards has little room; the words beside name both in full.
        titles = ("", "") if state is None else (state.scatter.x.title, state.scatter.y.short_title)
        self._plot.show_pairs(self._joined(), titles, self._model.time_range)
        self._colors.show_range(self._model.time_range, self._model.timescale)
        self._show_span()
        self._show_picked()

    def _show_picked(self) -> None:
        self._plot.select_times(self._model.picked_utc_ns)

    def _show_span(self) -> None:
        self._plot.show_span(self._model.span)

    def _words_of(self, state: ScatterState) -> str:
        lines = [state.title, state.status] if state.status else [state.title]
        joined = state.joined
        if joined is None:
            return "\n".join(lines)
        count = len(joined.x)
        if not count:
            lines.append("No samples of the two lie near enough to each other in this range.")
            return "\n".join(lines)
        drawn = "" if len(joined.drawn) == count else f", of which {len(joined.drawn):,} are drawn"
        lines.append(f"{count:,} pairs{drawn}.")
        if joined.unpaired:
            lines.append(f"{joined.unpaired:,} samples of x have none of y within the tolerance.")
        if joined.correlation is None:
            lines.append("No correlation: one of the two does not vary.")
        else:
            lines.append(f"Correlation {joined.correlation:+.3f}.")
        if joined.lags is not None:
            lines.append(_lag_words(joined.lags))
        return "\n".join(lines)

    def _pick(self, places: NDArray[np.int64]) -> None:
        self._model.pick(places)

    def _enter(self, place: int) -> None:
        joined = self._joined()
        if joined is not None:
            self._model.go_to(int(joined.times_utc_ns[place]))


def _lag_words(lags: Lags) -> str:
    """Say by how much one follows the other, and how well that is known."""
    known = f"{lags.best:+.3f}; lags are in steps of {delay_text(lags.step_s)}."
    if lags.best_s == 0:
        return f"Strongest without a lag, {known}"
    who = "y follows x" if lags.best_s > 0 else "x follows y"
    return f"Strongest where {who} by {delay_text(abs(lags.best_s))}, {known}"
