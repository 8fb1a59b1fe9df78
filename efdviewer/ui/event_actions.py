"""The menu of events: what is asked of them."""

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject

from efdviewer.ui.actions import Entry
from efdviewer.ui.event_table import EventTablePanel

if TYPE_CHECKING:
    from efdviewer.ui.main_window import MainWindow


class EventActions(QObject):
    """Opens the panels of events, and hands on what the topic tree wants of them."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._workspace = window.workspace
        window.browser.acts.intervalsRequested.connect(self._show_intervals)
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
                name="actionIntervals",
                text="&Intervals…",
                triggered=self.choose_intervals,
                keys=["I"],
                tip="Times between two events: readouts, exposures, commands until they are done",
            ),
        ]

    def open_table(self) -> None:
        """Show the event table, and go there."""
        self._window.open_panel("eventTable")
        cast("EventTablePanel", self._window.docks["eventTable"].widget()).focus_table()

    def choose_intervals(self) -> None:
        """Show the intervals that the selected topics make, or ask for two topics."""
        chosen = [str(topic) for topic in self._window.browser.tree.selected_topics()]
        in_tree = self._window.browser.tree.hasFocus()
        self._show_intervals(chosen if in_tree and len(chosen) <= 2 else [])

    def _show_intervals(self, topics: list[str]) -> None:
        self._window.open_panel("intervals")
        self._workspace.intervals.show_of(topics)

    def _open_intervals(self) -> None:
        self._window.open_panel("intervals")
