"""The menu of events: what is asked of them."""

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject

from efdviewer.domain.session import DAY_OBS
from efdviewer.ui.actions import Entry
from efdviewer.ui.event_table import EventTablePanel
from efdviewer.ui.moment_meant import moment_meant
from efdviewer.ui.surroundings_panel import SurroundingsPanel

if TYPE_CHECKING:
    from efdviewer.ui.main_window import MainWindow


class EventActions(QObject):
    """Opens the panels of events, and hands on what the topic tree wants of them."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._workspace = window.workspace
        self._happened = cast("SurroundingsPanel", window.docks["surroundings"].widget())
        self._happened.overlayRequested.connect(self._workspace.overlay)
        self._workspace.surroundings.pointChanged.connect(window.plots.set_point)
        window.browser.acts.intervalsRequested.connect(self._show_intervals)
        window.browser.acts.alignmentRequested.connect(self._align_on)
        self._workspace.intervals.formRequested.connect(self._open_intervals)

    def entries(self) -> list[Entry | None]:
        """List the entries of the menu."""
        return [
            Entry(
                name="actionEventTable",
                text="Event &table",
                triggered=self.open_table,
                keys=["E"],
                tip="List the events of all overlays in view, and read them whole",
            ),
            Entry(
                name="actionWhatHappened",
                text="&What happened here",
                triggered=self.what_happened,
                keys=["W"],
                tip="The messages of every topic around the mouse, the selected event, or the view's middle",
            ),
            Entry(
                name="actionIntervals",
                text="&Intervals…",
                triggered=self.choose_intervals,
                keys=["I"],
                tip="Times between two events: readouts, exposures, commands until they are done",
            ),
            Entry(
                name="actionEpochs",
                text="&Epochs…",
                triggered=self.align,
                keys=["K"],
                tip="Lay the current plot's telemetry over itself around the events of the first overlay",
            ),
            Entry(
                name="actionCompareNights",
                text="&Compare nights",
                triggered=self.compare_nights,
                tip="Lay the hours in view of several nights over each other, for the current plot's curve",
            ),
        ]

    def open_table(self) -> None:
        """Show the event table, and go there."""
        self._window.open_panel("eventTable")
        cast("EventTablePanel", self._window.docks["eventTable"].widget()).focus_table()

    def what_happened(self) -> None:
        """Ask for all messages around the mouse, else the selected event, else the middle of the view."""
        self.happened_at(moment_meant(self._window.plots, self._workspace))

    def happened_at(self, utc_ns: int) -> None:
        """Ask for all messages around a moment."""
        self._window.open_panel("surroundings")
        self._workspace.surroundings.show_at(utc_ns)
        self._happened.focus_table()

    def choose_intervals(self) -> None:
        """Show the intervals that the selected topics make, or ask for two topics."""
        chosen = [str(topic) for topic in self._window.browser.tree.selected_topics()]
        in_tree = self._window.browser.tree.hasFocus()
        self._show_intervals(chosen if in_tree and len(chosen) <= 2 else [])

    def align(self) -> None:
        """Align the current plot's first curve on the first overlay; the form asks for what is missing."""
        overlays = self._workspace.session.overlays
        self._align_on(overlays[0].topic if overlays else None)

    def compare_nights(self) -> None:
        """Lay the current plot's first curve of several nights over each other."""
        self._align_on(DAY_OBS)

    def _align_on(self, event: str | None) -> None:
        self._window.open_panel("epochs")
        rows = self._window.plots.rows()
        curves = rows[self._window.plots.current_row()].curves() if rows else []
        self._workspace.epochs.align(curves[0] if curves else None, event)

    def _show_intervals(self, topics: list[str]) -> None:
        self._window.open_panel("intervals")
        self._workspace.intervals.show_of(topics)

    def _open_intervals(self) -> None:
        self._window.open_panel("intervals")
