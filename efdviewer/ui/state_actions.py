"""Lanes of states from the menus: made of fields and topics, turned into curves and back, removed."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from efdviewer.domain.topics import FieldRef
from efdviewer.ui.actions import Entry
from efdviewer.ui.plot_area import PlotArea
from efdviewer.ui.topic_browser import TopicBrowser
from efdviewer.viewmodels.states import StatesViewModel


class StateActions(QObject):
    """Hands on what a person wants to see as states."""

    def __init__(self, model: StatesViewModel, plots: PlotArea, browser: TopicBrowser) -> None:
        super().__init__(plots)
        self._model = model
        self._plots = plots
        self._browser = browser
        browser.acts.statesRequested.connect(self._show)
        plots.curveMenuOpened.connect(self._offer_for_curve)

    def entries(self) -> list[Entry | None]:
        """List the entries of the menu."""
        return [
            Entry(
                name="actionStates",
                text="Show as &states",
                triggered=self.show_selected,
                tip="Show what is selected in the topic list, or the curves of the current plot, as bands",
            )
        ]

    def show_selected(self) -> None:
        """Show what is selected in the topic list as states, else the curves of the current plot."""
        tree = self._browser.tree
        if tree.selected_topics():
            self._show(tree.selected_fields(), [str(topic) for topic in tree.named_topics()])
        elif self._plots.rows():
            self._model.add(self._plots.row(self._plots.current_row()).curves())

    def offer_lanes(self, menu: QMenu, row: int) -> None:
        """Add what can be done with the lanes of a row to its menu."""
        lanes = self._plots.row(row).lanes()
        if lanes:
            menu.addSeparator()
        for field in lanes:
            as_curve = menu.addAction(f"Show {field.short_title} as &curve")
            as_curve.setObjectName("actionLaneToCurve")
            as_curve.triggered.connect(lambda _checked, field=field: self._model.to_curve(row, field))
            remove = menu.addAction(f"Remove lane {field.short_title}")
            remove.setObjectName("actionRemoveLane")
            remove.triggered.connect(lambda _checked, field=field: self._model.remove(row, field))

    def _show(self, fields: list[FieldRef], topics: list[str]) -> None:
        if fields:
            row = self._plots.current_row() if self._plots.rows() else None
            self._model.add(fields, row)
        if topics:
            self._model.add_topics(topics)

    def _offer_for_curve(self, row: int, field: FieldRef, menu: QMenu) -> None:
        action = menu.addAction("Show as &states")
        action.setObjectName("actionCurveToLane")
        action.triggered.connect(lambda: self._model.from_curve(row, field))
