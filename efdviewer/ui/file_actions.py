"""What the File menu does: sources, sessions, pictures."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from efdviewer.domain.errors import BadInputError, EfdViewerError
from efdviewer.services.document import SESSION_SUFFIX
from efdviewer.services.last_session import last_session_path
from efdviewer.services.settings import load_settings
from efdviewer.ui.actions import SEPARATOR, Entry
from efdviewer.ui.connect_dialog import ConnectDialog
from efdviewer.ui.password_prompt import PasswordPrompt
from efdviewer.ui.picture import picture_of, write_picture

if TYPE_CHECKING:
    from efdviewer.ui.main_window import MainWindow

_SESSIONS = "Sessions (*.efdview);;All files (*)"
_PICTURES = "Pictures (*.png *.svg)"


class FileActions(QObject):
    """Opens, saves and exports, asking where by dialogs that do not block."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._workspace = window.workspace
        self._tried = ""
        """What was last asked for in the dialog, which shows it again: it may have been misspelt."""
        self.recent = QMenu("Open &recent", window)
        self.recent.setObjectName("menuRecent")
        self.recent.aboutToShow.connect(self._fill_recent)
        self.recent.triggered.connect(self._open_recent)

    def entries(self) -> list[Entry | None]:
        """List the menu entries."""
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
            Entry(
                name="actionOpenLast",
                text="Open &last view",
                triggered=self.open_last,
                tip="What was shown before another session was opened, or when the window was last closed",
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

    def quit(self) -> None:
        """Close the window."""
        self._window.close()

    def open_source(self) -> None:
        """Ask for a source."""
        dialog = ConnectDialog(self._workspace.runner, self._window, source=self._tried)
        dialog.connectRequested.connect(self._connect)
        dialog.open()

    def _connect(self, source: str, password: str | None) -> None:
        self._tried = source
        self._workspace.connect_to(source, password)

    def open_demo(self) -> None:
        """Show the simulated night."""
        self._workspace.connect_to("demo")

    def open_archive(self) -> None:
        """Ask for an archive folder."""
        dialog = QFileDialog(self._window, "Open archive folder")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._open_chosen)
        dialog.open()

    def open_session(self) -> None:
        """Ask for a session file."""
        dialog = QFileDialog(self._window, "Open session", "", _SESSIONS)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._open_chosen)
        dialog.open()

    def open_last(self) -> None:
        """Show again what was left."""
        if not last_session_path().is_file():
            self._window.show_error(BadInputError("No view was left yet.", hint="It is kept when you close."))
            return
        self._workspace.runner.submit("open session", self._window.open_last_session, name="Open last view")

    def open_path(self, path: Path) -> None:
        """Open a session file, or an archive if it is a folder."""
        if path.is_dir():
            self._workspace.connect_to(str(path.absolute()))
            return
        if path.suffix != SESSION_SUFFIX:
            self._window.show_error(
                BadInputError(
                    f"{path.name} is not a session.",
                    hint=f"Open a session ({SESSION_SUFFIX}), or the folder of an archive.",
                )
            )
            return

        async def load() -> None:
            await self._window.open_session(path)

        self._workspace.runner.submit("open session", load, name=f"Open {path.name}")

    def ask_password(self, address: str) -> None:
        """Ask for the password of a source that refused, or lacks, it."""
        prompt = PasswordPrompt(address, self._window)
        prompt.passwordGiven.connect(self._workspace.connect_to)
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
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("efdview")
        dialog.fileSelected.connect(self._save_to)
        dialog.open()

    def export_picture(self) -> None:
        """Ask where to write a picture of the plots."""
        dialog = QFileDialog(self._window, "Export picture", "", _PICTURES)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.fileSelected.connect(self._write_picture)
        dialog.open()

    def copy_picture(self) -> None:
        """Put a picture of the plots on the clipboard."""
        QGuiApplication.clipboard().setImage(picture_of(self._window.plots, self._workspace.provenance()))

    def _open_chosen(self, path: str) -> None:
        self.open_path(Path(path))

    def _save_to(self, path: str) -> None:
        async def save() -> None:
            await self._window.save_session(path)

        self._workspace.runner.submit("save session", save, name=f"Save {path}")

    def _write_picture(self, path: str) -> None:
        try:
            write_picture(self._window.plots, Path(path), self._workspace.provenance())
        except EfdViewerError as error:
            self._window.show_error(error)
        else:
            self._window.status.confirm(f"Saved {path}")

    def _fill_recent(self) -> None:
        self.recent.clear()
        for path in load_settings().recent:
            self.recent.addAction(Path(path).name).setData(path)
        if self.recent.isEmpty():
            self.recent.addAction("No session was opened yet").setEnabled(False)

    def _open_recent(self, action: QAction) -> None:
        if action.data():
            self.open_path(Path(action.data()))
