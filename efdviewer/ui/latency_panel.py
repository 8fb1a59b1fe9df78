"""Histograms of delays, with their figures and the form that says what they are made of."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from efdviewer.domain.session import LATENCY_VIEWS
from efdviewer.ui.delay_text import delay_text
from efdviewer.ui.latency_form import LatencyForm
from efdviewer.ui.latency_plot import LatencyPlot
from efdviewer.ui.latency_table import LatencyTable
from efdviewer.ui.latency_views import BinEventsView, DelaysOverTimePlot, LatencyRanking, SharesPlot
from efdviewer.ui.pages import Pages
from efdviewer.ui.scroll_bars import make_flat
from efdviewer.ui.sequence_view import SequenceView
from efdviewer.viewmodels.latency import LatencyViewModel
from efdviewer.viewmodels.latency_bin import LatencyBin
from efdviewer.viewmodels.sequence import SequenceViewModel
from efdviewer.viewmodels.time_range import TimeRangeViewModel

_TITLES = ("Bins", "Shares", "Time", "Ranking", "Messages", "Numbers")
_HINT = "No delays shown. Select a topic in the list and press D."


class LatencyPanel(QWidget):
    """The pairs of stamps, a table of figures and the histograms."""

    def __init__(
        self,
        model: LatencyViewModel,
        chosen_bin: LatencyBin,
        sequence: SequenceViewModel,
        time: TimeRangeViewModel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("latencyPanel")
        self.setAccessibleName("Latency")
        self._model = model
        self._bin = chosen_bin
        self._time = time
        self._has_controls = True
        self._form = LatencyForm(model)
        self._table = LatencyTable()
        self._plot = LatencyPlot()
        self._shares = SharesPlot()
        self._over_time = DelaysOverTimePlot()
        self._ranking = LatencyRanking()
        self._events = BinEventsView(chosen_bin)
        self._sequence = SequenceView(sequence)
        self._sequence.momentChosen.connect(time.show_moment)
        sequence.sequencesChanged.connect(self._show_views)
        self._make_pages()
        self._hint = QLabel(_HINT)
        self._hint.setWordWrap(True)
        self._page = page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self._hint)
        layout.addWidget(self._form)
        layout.addWidget(self._table)
        layout.addWidget(self._bin_words)
        layout.addWidget(self._pages, 1)
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
        time.timescaleChanged.connect(self._show_views)
        chosen_bin.changed.connect(self._show_bin)
        self._show()
        self._show_bin()

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
        self._pages.tabs.hide()
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
        for widget in (self._table, self._pages):
            widget.setVisible(bool(rows))
        self._form.show_rows(rows, with_controls=self._has_controls)
        self.setMinimumWidth(self._page.minimumSizeHint().width() + self._bar_width)
        self._hint.setVisible(not rows)
        self._table.show_rows(rows, in_full=not self._has_controls)
        found = [self._model.histogram(place) for place in range(len(rows))]
        self._plot.show_histograms(found, self._model.latency, self._model.outside)
        self._ranking.show_rows(rows)
        with QSignalBlocker(self._pages.tabs):
            self._pages.show_page(self._views[self._model.latency.view])
        self._pages.turn()
        self._show_views()

    def _make_pages(self) -> None:
        self._pages = Pages("latencyTabs", "Views of the delays")
        self._views: dict[str, QWidget] = dict(
            zip(
                LATENCY_VIEWS,
                (
                    self._plot,
                    self._shares,
                    self._over_time,
                    self._ranking,
                    self._events,
                    self._sequence,
                ),
                strict=True,
            )
        )
        for page, title in zip(self._views.values(), _TITLES, strict=True):
            self._pages.add(page, title)
        self._pages.turned.connect(self._choose_view)
        self._bin_words = QLabel()
        self._bin_words.setObjectName("latencyBinWords")
        self._bin_words.setWordWrap(True)
        self._plot.binSelected.connect(self._select_bin)
        self._ranking.chosen.connect(self._form.choose)
        self._events.chosen.connect(self._go_to)

    def _choose_view(self) -> None:
        view = next(name for name, page in self._views.items() if self._pages.is_shown(page))
        if view != self._model.latency.view:
            self._model.edit_panel("Show delays otherwise", view=view)
        self._show_views()

    def _show_views(self) -> None:
        """Draw the page that is turned to; the others when they are."""
        latency, delays = self._model.latency, self._model.delays()
        if self._pages.is_shown(self._shares):
            self._shares.show_delays(delays, log=latency.log_delay)
        elif self._pages.is_shown(self._over_time):
            scale = self._time.timescale
            self._over_time.show_delays(delays, self._model.time_range, scale, log=latency.log_delay)
        elif self._pages.is_shown(self._events):
            self._events.show_events(self._time.timescale)
        elif self._pages.is_shown(self._sequence):
            self._sequence.show_sequences(self._time.timescale)

    def _select_bin(self, place: int) -> None:
        chosen = max(0, self._form.place)
        found = self._model.histogram(chosen)
        if found is not None:
            edges_s = found[0]
            self._plot.select(place)
            self._bin.select(
                self._model.latency.pairs[chosen],
                float(edges_s[place]),
                float(edges_s[place + 1]),
                is_last=place == len(edges_s) - 2,
            )

    def _show_bin(self) -> None:
        chosen = self._bin
        if chosen.pair is None:
            self._plot.select(None)
        words = ""
        if chosen.pair is not None:
            words = f"{delay_text(chosen.low_s)} to {delay_text(chosen.high_s)}: {self._bin_count()}"
        self._bin_words.setText(words)
        self._bin_words.setVisible(bool(words) and self._has_controls)
        if self._pages.is_shown(self._events):
            self._events.show_events(self._time.timescale)

    def _bin_count(self) -> str:
        found = self._bin.events
        if found is None:
            return self._bin.status
        listed = len(found.index_utc_ns)
        part = f", the first {listed:,} are listed" if found.total > listed else ""
        count = "1 message" if found.total == 1 else f"{found.total:,} messages"
        return f"{count}, marked in the plots{part}."

    def _go_to(self, place: int) -> None:
        if self._bin.events is not None:
            self._time.show_moment(int(self._bin.events.index_utc_ns[place]))
