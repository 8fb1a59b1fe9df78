"""What the menus of the window do."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMessageBox

from efdviewer import __version__
from efdviewer.domain.timescale import Timescale
from efdviewer.ui.action_finder import ActionFinder
from efdviewer.ui.actions import SEPARATOR, Entry, actions_of, all_actions, fill_menu
from efdviewer.ui.cache_actions import CLEAR, CacheActions
from efdviewer.ui.cursor_actions import CURSOR_KEYS, CursorActions
from efdviewer.ui.derive_actions import DeriveActions
from efdviewer.ui.event_actions import EventActions
from efdviewer.ui.file_actions import FileActions
from efdviewer.ui.index_menu import IndexMenu
from efdviewer.ui.label_menu import LabelMenus
from efdviewer.ui.plot_menu import PlotMenu
from efdviewer.ui.row_actions import RowActions
from efdviewer.ui.schema_dialog import SchemaDialog
from efdviewer.ui.scheme_menu import SchemeMenu
from efdviewer.ui.split_menu import SplitActions
from efdviewer.ui.state_actions import StateActions
from efdviewer.ui.time_actions import TIME_KEYS, TimeActions
from efdviewer.ui.view_actions import ViewActions

if TYPE_CHECKING:
    from efdviewer.ui.main_window import MainWindow

_PLOT_MENU = (
    "actionUndoZoom",
    "actionZoomOut",
    "actionFitValues",
    None,
    "actionLeftAxis",
    "actionRightAxis",
    "menuSplitCurves",
    "menuDerive",
    "actionScatter",
    "menuLabels",
    None,
    "actionAddPlot",
    "actionMovePlotUp",
    "actionMovePlotDown",
    "actionRemovePlot",
    "actionCopyPicture",
)


class WindowMenus(QObject):
    """Builds the menus of a window and carries out their entries."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._workspace = window.workspace
        self._actions: dict[str, QAction] = {}
        self.files = FileActions(window)
        self._view = ViewActions(self._workspace.document, window.plots, window.browser, self)
        self._events = EventActions(window)
        self._states = StateActions(self._workspace.states, window.plots, window.browser)
        self._cache = CacheActions(self._workspace.tiles, self._workspace.runner, window.status, self)
        self._split = SplitActions(self._workspace.splitting, window.plots, window.browser)
        self._split.refused.connect(window.status.confirm)
        self._derive = DeriveActions(self._workspace.deriving, window.plots)
        self._derive.refused.connect(window.status.confirm)
        self._cursors = CursorActions(self._workspace, window.plots)
        self._cursors.refused.connect(window.status.confirm)
        self._cursors.statisticsRequested.connect(self._show_statistics)
        self._workspace.steps.told.connect(window.status.confirm)
        self._labels = LabelMenus(self._workspace.events, window)
        for title, entries in self._table().items():
            menu = window.menuBar().addMenu(title)
            self._actions |= fill_menu(menu, window, entries)
            if title == "&Edit":
                menu.addMenu(self._split.row_menu)
                self._actions["menuSplitCurves"] = self._split.row_menu.menuAction()
                menu.addMenu(self._derive.menu)
                self._actions["menuDerive"] = self._derive.menu.menuAction()
            if title == "Eve&nts":
                entries_now = menu.actions()
                rule = entries_now[entries_now.index(self._actions["actionCursorA"]) - 1]
                menu.insertMenu(rule, self._labels.menu)
                self._actions["menuLabels"] = self._labels.menu.menuAction()
            if title == "&File":
                menu.insertMenu(self._actions["actionSaveSession"], self.files.recent)
            if title == "&View":
                self._cache.follow(menu, self._actions[CLEAR])
            if title == "&Time":
                menu.insertMenu(self._actions["actionResumeLive"], window.time_bar.live.menu)
                menu.addMenu(self._index_menu())
        # Whoever plots from the tree has the keyboard there; it claims the keys that mean something in it.
        window.browser.tree.addActions([self._actions[name] for name in TIME_KEYS])
        window.cursors.addActions([self._actions[name] for name in CURSOR_KEYS])
        self._view_menu().addMenu(SchemeMenu(window))
        for key, dock in window.docks.items():
            toggle = dock.toggleViewAction()
            toggle.setObjectName(f"actionShow{key.capitalize()}")
            self._view_menu().addAction(toggle)
        self._workspace.documentChanged.connect(self._show_session)
        self._workspace.time.historyChanged.connect(self._show_history)
        self._workspace.live.stateChanged.connect(self._show_live)
        self._show_session()

    def choose_schema(self) -> None:
        """Ask where units and descriptions come from."""
        SchemaDialog(self._workspace.sal_schema, self._window).open()

    def show_scatter(self) -> None:
        """Show the first two curves of the current plot against each other; the form asks for what lacks."""
        self._window.open_panel("scatter")
        rows = self._window.plots.rows()
        curves = rows[self._window.plots.current_row()].curves() if rows else []
        self._workspace.scatter.show_curves(curves)

    def _index_menu(self) -> IndexMenu:
        menu = IndexMenu(lambda: self._workspace.session.tai_index, self._window)
        menu.chosen.connect(self._workspace.set_tai_index)
        return menu

    def _view_menu(self) -> QMenu:
        return next(
            menu
            for action in self._window.menuBar().actions()
            if isinstance(menu := action.menu(), QMenu) and menu.title() == "&View"
        )

    def _table(self) -> dict[str, list[Entry | None]]:
        return {
            "&File": self.files.entries(),
            "&Edit": self._edit_entries(),
            "&View": self._view_entries(),
            "Eve&nts": self._event_entries(),
            "&Time": TimeActions(self._workspace.time, self._workspace.live, self._window.plots).entries(),
            "&Help": self._help_entries(),
        }

    def _edit_entries(self) -> list[Entry | None]:
        document = self._workspace.document
        return [
            Entry(name="actionUndo", text="&Undo", triggered=document.undo, keys=["Ctrl+Z"]),
            Entry(name="actionRedo", text="&Redo", triggered=document.redo, keys=["Ctrl+Shift+Z", "Ctrl+Y"]),
            SEPARATOR,
            Entry(name="actionAddPlot", text="Add empty &plot", triggered=self.add_plot, keys=["Ctrl+N"]),
            Entry(name="actionRemovePlot", text="Re&move plot", triggered=self.remove_plot),
            *RowActions(self._window.plots).entries(),
        ]

    def _view_entries(self) -> list[Entry | None]:
        window = self._window
        return [
            Entry(
                name="actionFilterTopics", text="&Find topic", triggered=self.find_topic, keys=["F", "Ctrl+F"]
            ),
            Entry(
                name="actionReload",
                text="&Reload",
                triggered=self._workspace.reload,
                keys=["F5"],
                tip="Ask the source again for everything in view, also for what is kept",
            ),
            *self._cache.entries(),
            Entry(
                name="actionSalSchema",
                text="&SAL schema…",
                triggered=self.choose_schema,
                tip="Where units on axes and descriptions in tips come from",
            ),
            Entry(
                name="actionScatter",
                text="Curves against each &other…",
                triggered=self.show_scatter,
                keys=["X"],
                scope=window.plots,
                tip="Show the first two curves of the current plot against each other, joined in time",
            ),
            Entry(
                name="actionFitValues",
                text="F&it values",
                triggered=self.fit,
                keys=["Home"],
                scope=window.plots,
            ),
            SEPARATOR,
            *self._view.entries(),
            Entry(
                name="actionFullScreen",
                text="F&ull screen",
                triggered=self.set_full_screen,
                keys=["F11"],
                checkable=True,
            ),
            SEPARATOR,
        ]

    def _event_entries(self) -> list[Entry | None]:
        return [
            *self._events.entries(),
            *self._states.entries(),
            SEPARATOR,
            *self._cursors.step_entries(),
            SEPARATOR,
            *self._cursors.cursor_entries(),
        ]

    def _help_entries(self) -> list[Entry | None]:
        return [
            Entry(
                name="actionFindAction",
                text="&Actions and keys",
                triggered=self.find_action,
                keys=["Ctrl+Shift+P", "?"],
            ),
            Entry(name="actionAbout", text="A&bout efdviewer", triggered=self.about),
        ]

    def add_plot(self) -> None:
        """Add a row without curves."""
        self._workspace.plot_fields([], None)

    def remove_plot(self) -> None:
        """Remove the current row."""
        self._window.binding.remove_row(self._window.plots.current_row())

    def _show_statistics(self) -> None:
        self._window.open_panel("cursors")
        self._window.cursors.focus_table()

    def find_topic(self) -> None:
        """Go to the topic filter."""
        self._window.docks["topics"].show()
        self._window.browser.focus_filter()

    def open_plot_menu(self, row: int, utc_ns: int, value: float, place: QPoint) -> None:
        """Offer what a right click in a plot may mean."""
        offered = [self._actions[name] if name else None for name in _PLOT_MENU]
        plot, timescale = self._window.plots.row(row), self._workspace.time.timescale
        menu = PlotMenu(plot, utc_ns, value, Timescale(timescale))
        menu.happenedRequested.connect(self._events.happened_at)
        self._cursors.offer(menu, utc_ns)
        menu.offer([self._actions["actionClearCursors"], None, *offered])
        self._states.offer_lanes(menu, row)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def fit(self) -> None:
        """Let the values of the current row follow the data."""
        self._window.plots.fitRequested.emit(self._window.plots.current_row())

    def set_full_screen(self, full: bool) -> None:
        """Fill the screen, or be maximised or not as before."""
        # Qt's own ways there and back forget that a window was maximised.
        state, filling = self._window.windowState(), Qt.WindowState.WindowFullScreen
        self._window.setWindowState(state | filling if full else state & ~filling)

    def find_action(self) -> None:
        """List all actions."""
        window = self._window
        actions = all_actions(window.menuBar())
        actions += actions_of(window.time_bar.quick_menu, "Quick range")
        actions += actions_of(window.browser.menu, "Topic")
        ActionFinder(actions, window).open()

    def about(self) -> None:
        """Say what this is."""
        box = QMessageBox(self._window)
        box.setWindowTitle("About efdviewer")
        box.setText(f"efdviewer {__version__}\nSee, measure and understand engineering data.")
        box.open()

    def _show_session(self) -> None:
        self._view.show(self._actions)
        self._split.offer_row()
        self._actions["actionClearCursors"].setEnabled(self._cursors.has_cursor)
        self._show_history()
        self._show_live()

    def _show_live(self) -> None:
        live = self._workspace.live
        self._actions["actionLive"].setChecked(live.is_following)
        self._actions["actionResumeLive"].setEnabled(live.is_paused)

    def _show_history(self) -> None:
        document, time = self._workspace.document, self._workspace.time
        self._name("actionUndo", "&Undo", document.undo_name)
        self._name("actionRedo", "&Redo", document.redo_name)
        self._actions["actionUndoZoom"].setEnabled(time.can_go_back)
        self._actions["actionRedoZoom"].setEnabled(time.can_go_forward)
        self._actions["actionRemovePlot"].setEnabled(bool(self._workspace.session.rows))

    def _name(self, action: str, verb: str, act: str | None) -> None:
        self._actions[action].setText(f"{verb}: {act}" if act else verb)
        self._actions[action].setEnabled(act is not None)
