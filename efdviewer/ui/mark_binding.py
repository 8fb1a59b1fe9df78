"""Ties cursors and marked events of the plots to a workspace."""

from PySide6.QtCore import QObject

from efdviewer.domain.timescale import format_ns
from efdviewer.ui.graphics.event_marks import Mark
from efdviewer.ui.palette import shown_color
from efdviewer.ui.plot_area import PlotArea
from efdviewer.viewmodels.event_focus import EventMark
from efdviewer.viewmodels.workspace import Workspace


class MarkBinding(QObject):
    """Shows what is selected, pointed at and measured in the plots, and hands on what is done there."""

    def __init__(self, workspace: Workspace, area: PlotArea) -> None:
        super().__init__(area)
        self._workspace = workspace
        self._area = area
        focus, cursors = workspace.focus, workspace.cursors
        focus.selectedChanged.connect(self.show_events)
        focus.hoveredChanged.connect(self.show_events)
        workspace.time.timescaleChanged.connect(self.show_events)
        area.marks.eventPointed.connect(focus.hover)
        area.marks.eventPicked.connect(focus.select)
        area.marks.cursorDragged.connect(self._drag)
        cursors.cursorsChanged.connect(self._show_cursors)
        workspace.moments.changed.connect(self._show_moments)
        self._show_cursors()

    def show_events(self) -> None:
        """Mark the events in focus; one whose overlay is not shown is not marked."""
        focus = self._workspace.focus
        self._area.marks.set_events(self._mark(focus.selected), self._mark(focus.hovered))

    def _mark(self, event: EventMark | None) -> Mark | None:
        if event is None:
            return None
        for state in self._workspace.events.states():
            if state.key == event.key and state.visible:
                scale = self._workspace.time.timescale
                clock = format_ns(event.utc_ns, scale, digits=6).partition("T")[2]
                text = self._workspace.labels.texts(event.key).get(event.utc_ns, "")
                words = [state.title, f"{clock} {scale.value.upper()}", text]
                return Mark(
                    utc_ns=event.utc_ns,
                    color=shown_color(state.color),
                    label=" · ".join(filter(None, words)),
                )
        return None

    def _show_moments(self) -> None:
        self._area.marks.set_moments(self._workspace.moments.times_utc_ns)

    def _show_cursors(self) -> None:
        self._area.marks.set_cursors(self._workspace.cursors.cursors)

    def _drag(self, name: str, utc_ns: int | None, is_done: bool) -> None:
        self._workspace.cursors.drag("a" if name == "a" else "b", utc_ns, is_done=is_done)
