"""Crosshair, means, what a left drag does, the kinds of topics shown: acts on the session like all others."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from efdviewer.domain import edits
from efdviewer.domain.session import View
from efdviewer.services.document import Document
from efdviewer.ui.actions import Entry
from efdviewer.ui.plot_area import PlotArea
from efdviewer.ui.topic_browser import TopicBrowser


class ViewActions(QObject):
    """Puts what a person chooses into the session, and shows what the session says."""

    def __init__(self, document: Document, plots: PlotArea, browser: TopicBrowser, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._plots = plots
        self._browser = browser
        self._shown: View | None = None
        browser.kindsEdited.connect(self._hide_kinds)

    def entries(self) -> list[Entry | None]:
        """List the entries of the menu."""
        view = self._document.session.view
        return [
            Entry(
                name="actionCrosshair",
                text="&Crosshair",
                triggered=self._set_crosshair,
                keys=["C"],
                checkable=True,
                checked=view.crosshair,
            ),
            Entry(
                name="actionMeans",
                text="&Means",
                triggered=self._set_means,
                keys=["M"],
                checkable=True,
                checked=view.means,
                tip="Draw the mean of each interval over minimum and maximum, where telemetry has decimals",
            ),
            Entry(
                name="actionPanMode",
                text="Left drag &pans",
                triggered=self._set_pans,
                checkable=True,
                checked=view.pans,
                tip="Left drag moves the plots; otherwise it zooms into a box",
            ),
        ]

    def show(self, actions: Mapping[str, QAction]) -> None:
        """Follow the session."""
        view = self._document.session.view
        if view == self._shown:
            return
        self._shown = view
        actions["actionCrosshair"].setChecked(view.crosshair)
        actions["actionMeans"].setChecked(view.means)
        actions["actionPanMode"].setChecked(view.pans)
        self._plots.set_crosshair(view.crosshair)
        self._plots.set_drag_mode("pan" if view.pans else "zoom")
        self._browser.hide_kinds(view.hidden_kinds)

    def _set_crosshair(self, shown: bool) -> None:
        self._apply("Show crosshair" if shown else "Hide crosshair", crosshair=shown)

    def _set_means(self, shown: bool) -> None:
        self._apply("Show means" if shown else "Hide means", means=shown)

    def _set_pans(self, pans: bool) -> None:
        self._apply("Pan with left drag" if pans else "Zoom with left drag", pans=pans)

    def _hide_kinds(self, hidden: tuple[str, ...]) -> None:
        changed = next(iter(set(hidden) ^ set(self._document.session.view.hidden_kinds)), "")
        self._apply(f"{'Hide' if changed in hidden else 'Show'} {changed}", hidden_kinds=hidden)

    def _apply(self, act: str, **changes: Any) -> None:
        self._document.apply(act, edits.set_view(self._document.session, **changes))
