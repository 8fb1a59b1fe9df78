"""What the menus of the window do."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

from efdviewer import __version__
from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.timescale import Timescale
from efdviewer.services.settings import load_settings
from efdviewer.ui.action_finder import ActionFinder
from efdviewer.ui.actions import SEPARATOR, Entry, all_actions, fill_menu
from efdviewer.ui.connect_dialog import ConnectDialog
from efdviewer.ui.password_prompt import PasswordPrompt
from efdviewer.ui.picture import picture_of, write_picture
from efdviewer.ui.plot_menu import PlotMenu
from efdviewer.ui.row_actions import RowActions
from efdviewer.ui.scheme_menu import SchemeMenu

if TYPE_CHECKING:
    from efdviewer.ui.main_window import MainWindow

_SESSIONS = "Sessions (*.efdview);;All files (*)"
_PICTURES = "Pictures (*.png *.svg)"
_PLOT_MENU = (
    "actionUndoZoom",
    "actionZoomOut",
    "actionFitValues",
    None,
    "actionLeftAxis",
    "actionRightAxis",
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
        self._recent = QMenu("Open &recent", window)
        self._recent.setObjectName("menuRecent")
        self._recent.aboutToShow.connect(self._fill_recent)
        self._recent.triggered.connect(self._open_recent)
        for title, entries in self._table().items():
            menu = window.menuBar().addMenu(title)
            self._actions |= fill_menu(menu, window, entries)
            if title == "&File":
                menu.insertMenu(self._actions["actionSaveSession"], self._recent)
        self._view_menu().addMenu(SchemeMenu(window))
        for key, dock in window.docks.items():
            toggle = dock.toggleViewAction()
            toggle.setObjectName(f"actionShow{key.capitalize()}")
            self._view_menu().addAction(toggle)
        self._workspace.documentChanged.connect(self._show_history)
        self._workspace.time.historyChanged.connect(self._show_history)
        self._show_history()

    def _view_menu(self) -> QMenu:
        return next(
            menu
            for action in self._window.menuBar().actions()
            if isinstance(menu := action.menu(), QMenu) and menu.title() == "&View"
        )

    def _table(self) -> dict[str, list[Entry | None]]:
        return {
            "&File": self._file_entries(),
            "&Edit": self._edit_entries(),
            "&View": self._view_entries(),
            "&Time": self._time_entries(),
            "&Help": self._help_entries(),
        }

    def _file_entries(self) -> list[Entry | None]:
        return [
            Entry(
                name="actionOpenSource",
                text="&Connect to a source…",
                triggered=self.open_source,
                keys=["Ctrl+L"],
            ),
            Entry(name="actionOpenArchive", text="Open &archive folder…", triggered=self.open_archive),
            Entry(name="actionOpenDemo", text="Open the &demo", triggered=self.open_demo),
            SEPARATOR,
            Entry(
                name="actionOpenSession", text="&Open session…", triggered=self.open_session, keys=["Ctrl+O"]
            ),
            Entry(name="actionSaveSession", text="&Save session", triggered=self.save, keys=["Ctrl+S"]),
            Entry(
                name="actionSaveSessionAs",
                text="Save session &as…",
                triggered=self.save_as,
                keys=["Ctrl+Shift+S"],
            ),
            SEPARATOR,
            Entry(
                name="actionExportPicture",
                text="Export &picture…",
                triggered=self.export_picture,
                keys=["Ctrl+E"],
            ),
            Entry(
                name="actionCopyPicture",
                text="&Copy picture",
                triggered=self.copy_picture,
                keys=["Ctrl+C"],
                scope=self._window.plots,
            ),
            SEPARATOR,
            Entry(name="actionQuit", text="&Quit", triggered=self.quit, keys=["Ctrl+Q"]),
        ]

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
            Entry(name="actionReload", text="&Reload", triggered=self._workspace.reload, keys=["F5"]),
            Entry(
                name="actionFitValues",
                text="F&it values",
                triggered=self.fit,
                keys=["Home"],
                scope=window.plots,
            ),
            SEPARATOR,
            Entry(
                name="actionCrosshair",
                text="&Crosshair",
                triggered=window.plots.set_crosshair,
                keys=["C"],
                checkable=True,
                checked=True,
            ),
            Entry(
                name="actionPanMode",
                text="Left drag &pans",
                triggered=self.set_pan_mode,
                checkable=True,
                tip="Left drag moves the plots; otherwise it zooms into a box",
            ),
            Entry(
                name="actionFullScreen",
                text="F&ull screen",
                triggered=self.set_full_screen,
                keys=["F11"],
                checkable=True,
            ),
            SEPARATOR,
        ]

    def _time_entries(self) -> list[Entry | None]:
        time, plots = self._workspace.time, self._window.plots
        return [
            Entry(
                name="actionUndoZoom",
                text="&Back to the range before",
                triggered=time.go_back,
                keys=["Alt+Left"],
            ),
            Entry(
                name="actionRedoZoom", text="&Forward again", triggered=time.go_forward, keys=["Alt+Right"]
            ),
            SEPARATOR,
            Entry(name="actionZoomIn", text="Zoom &in", triggered=self.zoom_in, keys=["+", "="], scope=plots),
            Entry(name="actionZoomOut", text="Zoom &out", triggered=self.zoom_out, keys=["-"], scope=plots),
            Entry(
                name="actionEarlier", text="Step &earlier", triggered=self.earlier, keys=["Left"], scope=plots
            ),
            Entry(name="actionLater", text="Step &later", triggered=self.later, keys=["Right"], scope=plots),
            SEPARATOR,
            Entry(name="actionSwitchTimescale", text="Switch &UTC and TAI", triggered=self.switch_timescale),
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

    def quit(self) -> None:
        """Close the window."""
        self._window.close()

    def open_source(self) -> None:
        """Ask for a source."""
        dialog = ConnectDialog(self._workspace.runner, self._window)
        dialog.connectRequested.connect(self._workspace.connect_to)
        dialog.open()

    def open_demo(self) -> None:
        """Show the simulated night."""
        self._workspace.connect_to("demo")

    def open_archive(self) -> None:
        """Ask for an archive folder."""
        dialog = QFileDialog(self._window, "Open archive folder")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._open_chosen)
        dialog.open()

    def open_session(self) -> None:
        """Ask for a session file."""
        dialog = QFileDialog(self._window, "Open session", "", _SESSIONS)
        dialog.fileSelected.connect(self._open_chosen)
        dialog.open()

    def open_path(self, path: Path) -> None:
        """Open a session file, or an archive if it is a folder."""
        if path.is_dir():
            self._workspace.connect_to(str(path.absolute()))
            return

        async def load() -> None:
            await self._window.open_session(path)

        self._workspace.runner.submit("open session", load, name=f"Open {path.name}")

    def ask_password(self, address: str) -> None:
        """Ask for the password of a source that refused, or lacks, it."""
        prompt = PasswordPrompt(address, self._window)
        prompt.passwordGiven.connect(self._workspace.retry_with_password)
        prompt.open()

    def save(self) -> None:
        """Save to the session's file, or ask for one."""
        path = self._workspace.document.path
        if path is None:
            self.save_as()
        else:
            self._save_to(str(path))

    def save_as(self) -> None:
        """Ask where to save."""
        dialog = QFileDialog(self._window, "Save session", "", _SESSIONS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("efdview")
        dialog.fileSelected.connect(self._save_to)
        dialog.open()

    def export_picture(self) -> None:
        """Ask where to write a picture of the plots."""
        dialog = QFileDialog(self._window, "Export picture", "", _PICTURES)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.fileSelected.connect(self._write_picture)
        dialog.open()

    def copy_picture(self) -> None:
        """Put a picture of the plots on the clipboard."""
        QGuiApplication.clipboard().setImage(picture_of(self._window.plots, self._workspace.caption()))

    def add_plot(self) -> None:
        """Add a row without curves."""
        self._workspace.plot_fields([], None)

    def remove_plot(self) -> None:
        """Remove the current row."""
        self._window.binding.remove_row(self._window.plots.current_row())

    def find_topic(self) -> None:
        """Go to the topic filter."""
        self._window.docks["topics"].show()
        self._window.browser.focus_filter()

    def open_plot_menu(self, row: int, utc_ns: int, value: float, place: QPoint) -> None:
        """Offer what a right click in a plot may mean."""
        offered = [self._actions[name] if name else None for name in _PLOT_MENU]
        plot, timescale = self._window.plots.row(row), self._workspace.time.timescale
        menu = PlotMenu(plot, utc_ns, value, Timescale(timescale), offered)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def fit(self) -> None:
        """Let the values of the current row follow the data."""
        self._window.plots.fitRequested.emit(self._window.plots.current_row())

    def set_pan_mode(self, pan: bool) -> None:
        """Let left drag pan instead of zoom."""
        self._window.plots.set_drag_mode("pan" if pan else "zoom")

    def set_full_screen(self, full: bool) -> None:
        """Fill the screen."""
        if full:
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def zoom_in(self) -> None:
        """Half the range."""
        self._workspace.time.zoom(0.5)

    def zoom_out(self) -> None:
        """Twice the range."""
        self._workspace.time.zoom(2.0)

    def earlier(self) -> None:
        """Go a quarter of the range back."""
        self._workspace.time.step(-0.25)

    def later(self) -> None:
        """Go a quarter of the range on."""
        self._workspace.time.step(0.25)

    def switch_timescale(self) -> None:
        """Between UTC and TAI."""
        self._workspace.time.edit_timescale("utc" if self._workspace.time.timescale == "tai" else "tai")

    def find_action(self) -> None:
        """List all actions."""
        ActionFinder(all_actions(self._window.menuBar()), self._window).open()

    def about(self) -> None:
        """Say what this is."""
        box = QMessageBox(self._window)
        box.setWindowTitle("About efdviewer")
        box.setText(f"efdviewer {__version__}\nSee, measure and understand engineering data.")
        box.open()

    def _open_chosen(self, path: str) -> None:
        self.open_path(Path(path))

    def _save_to(self, path: str) -> None:
        async def save() -> None:
            await self._window.save_session(path)

        self._workspace.runner.submit("save session", save, name=f"Save {path}")

    def _write_picture(self, path: str) -> None:
        try:
            write_picture(
                self._window.plots,
                Path(path),
                caption=self._workspace.caption(),
                statements=self._workspace.statements(),
            )
        except EfdViewerError as error:
            self._window.show_error(error)

    def _fill_recent(self) -> None:
        self._recent.clear()
        for path in load_settings().recent:
            self._recent.addAction(Path(path).name).setData(path)
        if self._recent.isEmpty():
            self._recent.addAction("No session was opened yet").setEnabled(False)

    def _open_recent(self, action: QAction) -> None:
        if action.data():
            self.open_path(Path(action.data()))

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
