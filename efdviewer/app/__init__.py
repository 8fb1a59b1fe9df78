"""The composition root: the command line, and the only place that owns an event loop."""

import logging
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from efdviewer.domain.errors import EfdViewerError, explain

if TYPE_CHECKING:
    from efdviewer.app.cli import Command
    from efdviewer.ui.main_window import MainWindow

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and give its exit code: 0, 1, 2, 3 or 130.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; by default those of the process.
    """
    try:
        # Each command imports what it needs: `--help` need not wait for Qt.
        from efdviewer.app.cli import parse

        command = parse(sys.argv[1:] if argv is None else argv)
        logging.basicConfig(
            level=command.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
        )
        return _runner(command.name)(command)
    except EfdViewerError as error:
        return _fail(error)
    except ImportError as error:
        from efdviewer.app.system_libraries import explain_import_error

        explained = explain_import_error(error)
        if explained is None:
            raise
        return _fail(explained)
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else 0
    except KeyboardInterrupt:
        return INTERRUPTED


def _fail(error: EfdViewerError) -> int:
    """Say in one line what went wrong."""
    print(f"efdviewer: {' '.join(explain(error).split())}", file=sys.stderr)  # noqa: T201
    return error.exit_code


async def open_window(argv: Sequence[str]) -> "MainWindow":
    """Open a window on the running qasync loop: exactly what the command line opens.

    Raises
    ------
    EfdViewerError
        If an argument cannot be used; no window opens.
    """
    from efdviewer.app.cli import parse
    from efdviewer.app.window import open_command

    return await open_command(parse(argv))


def _runner(name: str) -> "Callable[[Command], int]":
    if name == "window":
        from efdviewer.app.window import run_window

        return run_window
    if name == "render":
        from efdviewer.app.render import run_render

        return run_render
    from efdviewer.app.batch import COMMANDS

    return COMMANDS[name]
