"""The short menu of a plot: what lies beneath the mouse, and what can be done with the view."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu

from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.ui.plot_row import PlotRow


class PlotMenu(QMenu):
    """Copies the value and the time at a place of a plot; the rest are actions of the window."""

    happenedRequested = Signal(object)
    """The moment, int64 ns UTC, around which a person wants to know everything."""

    def __init__(
        self,
        row: PlotRow,
        utc_ns: int,
        value: float,
        timescale: Timescale,
    ) -> None:
        super().__init__(row)
        self.setObjectName("plotMenu")
        self.setAccessibleName("Plot")
        nearest = row.sample_near(utc_ns, value)
        if nearest is not None:
            state, found = nearest
            sample = found.value
            shown = f"{sample:.6g} {state.units}".strip()
            bucket = ""
            if found.extremes is not None:
                which = "minimum" if sample == found.extremes[0] else "maximum"
                bucket = f" ({which} of {state.detail.rpartition(' of ')[2]})"
            self._offer_copy(
                "actionCopyValue",
                f"Copy &value {shown} of {state.field.short_title}{bucket}",
                f"{sample!r} {state.units}".strip(),
            )
        time = format_ns(utc_ns, timescale, digits=9)
        marked = f"{time}Z" if timescale is Timescale.UTC else f"{time} TAI"
        clock = time.partition("T")[2]
        self._offer_copy("actionCopyTime", f"Copy &time {clock} {timescale.value.upper()}", marked)
        happened = self.addAction("&What happened here")
        happened.setObjectName("actionWhatHappenedHere")
        happened.triggered.connect(lambda: self.happenedRequested.emit(utc_ns))
        self.addSeparator()

    def offer(self, actions: Iterable[QAction | None]) -> None:
        """Add actions of the window; None is a line between."""
        for action in actions:
            if action is None:
                self.addSeparator()
            else:
                self.addAction(action)

    def _offer_copy(self, name: str, title: str, text: str) -> None:
        action = self.addAction(title)
        action.setObjectName(name)
        action.setData(text)
        action.triggered.connect(self._copy)

    def _copy(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        QGuiApplication.clipboard().setText(action.data())
