"""Shows in the window what went wrong where nobody waits for it: in slots, callbacks and forgotten tasks."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

from efdviewer.domain.errors import EfdViewerError


@contextlib.contextmanager
def faults_shown(show: Callable[[EfdViewerError], None]) -> Iterator[None]:
    """Hand each error that nobody catches to `show`, besides standard error; on the running loop."""
    loop, before = asyncio.get_running_loop(), sys.excepthook

    def from_slot(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        before(kind, error, traceback)
        if isinstance(error, Exception):
            show(_explained(error))

    def from_loop(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        loop.default_exception_handler(context)
        error = context.get("exception")
        if isinstance(error, Exception):
            show(_explained(error))

    sys.excepthook = from_slot
    loop.set_exception_handler(from_loop)
    try:
        yield
    finally:
        sys.excepthook = before
        loop.set_exception_handler(None)


def _explained(error: Exception) -> EfdViewerError:
    if isinstance(error, EfdViewerError):
        return error
    return EfdViewerError(
        f"A fault in efdviewer itself: {type(error).__name__}: {error}",
        hint="What is drawn may be incomplete. Please report it with what standard error says.",
    )
