"""Histograms of delays, with their figures and the form that says what they are made of."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from efdviewer.ui.latency_form import LatencyForm
from efdviewer.ui.latency_plot import LatencyPlot
from efdviewer.ui.latency_table import LatencyTable
from efdviewer.ui.scroll_bars import make_flat
from efdviewer.viewmodels.latency import LatencyViewModel

_HINT = "No delays shown. Select a topic in the list and press D."


class LatencyPanel(QWidget):
    """The pairs of stamps, a table of figures and the histograms."""

    def __init__(self, model: LatencyViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("latencyPanel")
        self.setAccessibleName("Latency")
        self._model = model
        self._has_controls = True
        self._form = LatencyForm(model)
        self._table = LatencyTable()
        self._plot = LatencyPlot()
        self._hint = QLabel(_HINT)
        self._hint.setWordWrap(True)
        self._page = page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self._hint)
        layout.addWidget(self._form)
        layout.addWidget(self._table)
        layout.addWidget(self._plot, 1)
        # What comes and goes here must not move the other docks.
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        make_flat(scroll)
        self._bar_width = scroll.verticalScrollBar().sizeHint().width()
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(scroll)
        model.latencyChanged.connect(self._show)
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the colour scheme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._table.show_rows(self._model.rows(), in_full=not self._has_controls)

    def sizeHint(self) -> QSize:
        """Room for one histogram."""
        return QSize(320, 470)

    def show_figures_only(self) -> None:
        """Leave out what is there to be operated, for a picture."""
        self._has_controls = False
        self._plot.show_as_picture()
        self._show()

    def histogram(self, topic: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Give the histogram that is drawn of a topic: (edges in s (n+1,), counts (n,)).

        Raises
        ------
        KeyError
            If the panel shows no histogram of that topic.
        """
        for place, row in enumerate(self._model.rows()):
            found = self._model.histogram(place)
            if row.pair.topic == topic and found is not None:
                return found
        raise KeyError(f"No histogram of {topic} is shown.")

    def set_raw(self, topic: str, raw: bool) -> None:
        """Take the stamps of a topic as they are written, whatever their scales."""
        for place, row in enumerate(self._model.rows()):
            if row.pair.topic == topic:
                self._model.edit_pair(place, raw=raw)

    def _show(self) -> None:
        rows = self._model.rows()
        for widget in (self._table, self._plot):
            widget.setVisible(bool(rows))
        self._form.show_rows(rows, with_controls=self._has_controls)
        self.setMinimumWidth(self._page.minimumSizeHint().width() + self._bar_width)
        self._hint.setVisible(not rows)
        self._table.show_rows(rows, in_full=not self._has_controls)
        found = [self._model.histogram(place) for place in range(len(rows))]
        self._plot.show_histograms(found, self._model.latency, self._model.outside)
