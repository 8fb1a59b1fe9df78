"""The moment that a key means when it is pressed."""

from efdviewer.ui.plot_area import PlotArea
from efdviewer.viewmodels.workspace import Workspace


def moment_meant(plots: PlotArea, workspace: Workspace) -> int:
    """Give the time at the mouse, ns UTC, else that of the selected event, else the middle of the view."""
    pointed_utc_ns = plots.marks.pointed_utc_ns()
    if pointed_utc_ns is not None:
        return pointed_utc_ns
    if workspace.focus.selected is not None:
        return workspace.focus.selected.utc_ns
    view = workspace.time.time_range
    return view.start_utc_ns + view.span_ns // 2
