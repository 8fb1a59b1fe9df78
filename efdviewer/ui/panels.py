"""The panels around the plots, listed here once."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from efdviewer.domain.session import Cursors, Session
from efdviewer.ui.activity_panel import ActivityPanel
from efdviewer.ui.cursor_panel import CursorPanel
from efdviewer.ui.epoch_panel import EpochPanel
from efdviewer.ui.event_table import EventTablePanel
from efdviewer.ui.interval_panel import IntervalPanel
from efdviewer.ui.latency_panel import LatencyPanel
from efdviewer.ui.overlay_list import OverlayList
from efdviewer.ui.scatter_panel import ScatterPanel
from efdviewer.ui.state_panel import StatePanel
from efdviewer.ui.surroundings_panel import SurroundingsPanel
from efdviewer.ui.topic_browser import TopicBrowser
from efdviewer.viewmodels.workspace import Workspace

_LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
_RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


def _never(_session: Session) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A panel of the window.

    `is_wanted` tells whether a session has something that only this panel shows: it opens with it.
    `figure` makes what a picture shows of it, if anything: beside the plots, or beneath them if it `is_wide`.
    """

    title: str
    area: Qt.DockWidgetArea
    make: Callable[[Workspace], QWidget]
    is_shown: bool = False
    is_wanted: Callable[[Session], bool] = _never
    figure: Callable[[Workspace], QWidget] | None = None
    is_wide: bool = False


def _latency_panel(workspace: Workspace) -> LatencyPanel:
    return LatencyPanel(workspace.latency, workspace.latency_bin, workspace.sequence, workspace.time)


def _latency_figure(workspace: Workspace) -> QWidget:
    panel = _latency_panel(workspace)
    panel.show_figures_only()
    return panel


def _interval_figure(workspace: Workspace) -> QWidget:
    """Show each pair, one below the other."""
    figure = QWidget()
    layout = QVBoxLayout(figure)
    layout.setContentsMargins(0, 0, 0, 0)
    for place in range(len(workspace.session.intervals)):
        panel = IntervalPanel(workspace.intervals)
        panel.show_figures_only(place)
        layout.addWidget(panel, 1)
    return figure


def _epoch_figure(workspace: Workspace) -> QWidget:
    panel = EpochPanel(workspace.epochs)
    panel.show_figures_only()
    return panel


def _scatter_figure(workspace: Workspace) -> QWidget:
    panel = ScatterPanel(workspace.scatter)
    panel.show_figures_only()
    return panel


def _cursor_figure(workspace: Workspace) -> QWidget:
    panel = CursorPanel(workspace.cursors)
    panel.show_figures_only()
    return panel


PANELS = {
    "topics": Panel(
        title="Topics",
        area=_LEFT,
        make=lambda workspace: TopicBrowser(workspace.topics),
        is_shown=True,
    ),
    "overlays": Panel(
        title="Event overlays",
        area=_RIGHT,
        make=lambda workspace: OverlayList(workspace.events),
        is_shown=True,
    ),
    "latency": Panel(
        title="Latency",
        area=_RIGHT,
        make=_latency_panel,
        is_shown=True,
        is_wanted=lambda session: bool(session.latency.pairs),
        figure=_latency_figure,
    ),
    "eventTable": Panel(
        title="Event table",
        area=_BOTTOM,
        make=lambda workspace: EventTablePanel(workspace.event_table, workspace.origin),
    ),
    "states": Panel(
        title="States",
        area=_BOTTOM,
        make=lambda workspace: StatePanel(workspace.states),
        is_wanted=lambda session: any(row.lanes for row in session.rows),
        figure=lambda workspace: StatePanel(workspace.states),
    ),
    "intervals": Panel(
        title="Intervals",
        area=_BOTTOM,
        make=lambda workspace: IntervalPanel(workspace.intervals),
        is_wanted=lambda session: bool(session.intervals),
        figure=_interval_figure,
    ),
    "epochs": Panel(
        title="Epochs",
        area=_BOTTOM,
        make=lambda workspace: EpochPanel(workspace.epochs),
        is_wanted=lambda session: bool(session.epochs),
        figure=_epoch_figure,
    ),
    "scatter": Panel(
        title="Scatter",
        area=_BOTTOM,
        make=lambda workspace: ScatterPanel(workspace.scatter),
        is_wanted=lambda session: bool(session.scatters),
        figure=_scatter_figure,
    ),
    "surroundings": Panel(
        title="What happened",
        area=_BOTTOM,
        make=lambda workspace: SurroundingsPanel(workspace.surroundings),
        is_wanted=lambda session: session.surroundings.at_utc_ns is not None,
    ),
    "cursors": Panel(
        title="Cursors and statistics",
        area=_BOTTOM,
        make=lambda workspace: CursorPanel(workspace.cursors),
        is_wanted=lambda session: session.cursors != Cursors() or session.view.statistics_of == "view",
        figure=_cursor_figure,
        is_wide=True,
    ),
    "activity": Panel(
        title="Activity", area=_BOTTOM, make=lambda workspace: ActivityPanel(workspace.activity)
    ),
}
"""Panels that share an area with others that are hidden at first become tabs of one place."""
