"""Where the numbers of messages do not go on by one: lost, repeated, out of order."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from efdviewer.domain.sequence import SequenceBreaks
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.domain.topics import TopicName
from efdviewer.ui.fitted_text import breakable
from efdviewer.ui.rows_view import RowsView
from efdviewer.viewmodels.columns_model import Column
from efdviewer.viewmodels.sequence import SequenceViewModel


class SequenceView(QWidget):
    """A sentence for each topic, and a list of the breaks of all."""

    momentChosen = Signal(object)
    """A break was gone to, int64 ns UTC."""

    def __init__(self, model: SequenceViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._words = QLabel()
        self._words.setObjectName("sequenceWords")
        self._words.setWordWrap(True)
        self._table = RowsView(
            "sequenceTable", "Breaks in the numbers of messages", "Return or a double-click goes to the break"
        )
        self._table.setSortingEnabled(True)
        self._table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self._table.chosen.connect(self._choose)
        self._times = np.empty(0, np.int64)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 0)
        layout.addWidget(self._words)
        layout.addWidget(self._table, 1)

    def show_sequences(self, timescale: Timescale) -> None:
        """Show what is known now."""
        topics = self._model.topics
        lines, parts = [], []
        for topic in topics:
            title, found = TopicName.parse(topic).title, self._model.found(topic)
            status = self._model.status(topic)
            lines.append(f"{title}: {sentence(found) if found is not None and not status else status}")
            if found is not None:
                parts.append((title, found))
        self._words.setText(breakable("\n".join(lines)))
        self._show_breaks(parts, timescale)

    def _show_breaks(self, parts: list[tuple[str, SequenceBreaks]], timescale: Timescale) -> None:
        moments = self._times = np.concatenate(
            [np.empty(0, np.int64), *(found.times_utc_ns for _, found in parts)]
        )
        missing = np.concatenate([np.empty(0, np.int64), *(found.missing for _, found in parts)])
        restarts = np.concatenate([np.empty(0, np.bool_), *(found.restarts for _, found in parts)])
        titles = [title for title, found in parts for _ in range(len(found.times_utc_ns))]
        columns = [
            Column(
                title=f"Before, {timescale.value.upper()}",
                text=lambda place: format_ns(int(moments[place]), timescale, digits=6).replace("T", " "),
                keys=moments,
            ),
            Column(
                title="What",
                text=lambda place: _what(int(missing[place]), bool(restarts[place])),
                keys=missing,
            ),
            Column(title="Topic", text=lambda place: titles[place]),
        ]
        self._table.columns.show(columns, np.arange(len(moments)))
        self._table.set_widths(["2024-01-31 23:15:00.123456", "out of order"])

    def _choose(self, place: int) -> None:
        self.momentChosen.emit(int(self._times[place]))


def sentence(found: SequenceBreaks) -> str:
    """Say what the numbers tell."""
    if not found.messages:
        return "no message in this range."
    parts = [f"{found.messages:,} messages of {found.publishers:,} publishers"]
    counted = (
        (found.lost, "lost"),
        (found.repeated, "repeated"),
        (found.disordered, "out of order"),
        (found.restarted, "restarts"),
    )
    parts += [f"{count:,} {what}" for count, what in counted if count] or ["none lost, all in order"]
    return ", ".join(parts) + "."


def _what(missing: int, is_restart: bool) -> str:
    if missing:
        return f"{missing:,} lost"
    return "restart" if is_restart else "out of order"
