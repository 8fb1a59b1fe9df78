"""Runs a window: one application, one loop, a clean end."""

import asyncio
import os
import sys
from pathlib import Path

import qasync
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from efdviewer import __version__
from efdviewer.app.cli import Command
from efdviewer.app.faults import faults_shown
from efdviewer.app.garbage import GuiThreadCollector
from efdviewer.app.interrupts import prompt_signals
from efdviewer.app.lean_arrow import make_arrow_lean
from efdviewer.app.qt_messages import log_qt_messages
from efdviewer.app.system_libraries import check_display
from efdviewer.resource_files import resource
from efdviewer.services.settings import load_settings
from efdviewer.ui.main_window import MainWindow
from efdviewer.ui.theme import Scheme, apply_scheme
from efdviewer.viewmodels.workspace import prepared


def run_window(command: Command) -> int:
    """Show a window until it is closed; 0 then. Ctrl+C and SIGTERM raise `KeyboardInterrupt`."""
    make_arrow_lean()
    application = make_application()
    with (
        prompt_signals(),
        asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner,
    ):
        return runner.run(_show(command))


def make_application() -> QApplication:
    """Give the process's application, made on first use, dressed in Fusion and the user's colours.

    An application that a script made before is dressed alike, so that its windows are ours exactly.
    """
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        check_display()
        log_qt_messages()
        application = QApplication(sys.argv[:1])
    application.setApplicationName("efdviewer")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("io.github.efdviewer.efdviewer")
    application.setStyle("Fusion")
    apply_scheme(Scheme(load_settings().scheme))
    application.setWindowIcon(QIcon(str(resource("io.github.efdviewer.efdviewer.svg"))))
    # The window's closing is awaited, so that queries end before the process does.
    application.setQuitOnLastWindowClosed(False)
    if application.findChild(GuiThreadCollector) is None:
        GuiThreadCollector(application)
    return application


async def open_command(command: Command) -> MainWindow:
    """Open the window of a command on the running loop.

    Raises
    ------
    EfdViewerError
        If the source is an archive that cannot be read.
    """
    make_application()
    session = await prepared(command.session, keep_range=command.has_range)
    window = MainWindow(session)
    window.workspace.document.path = command.options.session and Path(command.options.session)
    window.show()
    return window


async def _show(command: Command) -> int:
    window = await open_command(command)
    with faults_shown(window.show_error):
        try:
            await window.closed()
        finally:
            window.close()
            await window.closed()
    return os.EX_OK
