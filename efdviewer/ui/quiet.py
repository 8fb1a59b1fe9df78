"""Knows when a window has nothing left to do."""

import asyncio

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QWidget

from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.live import REFRESHING, LiveViewModel

_FRAME_S = 0.01
_TURNS = 2


async def until_quiet(window: QWidget, runner: TaskRunner, live: LiveViewModel, *, timeout_s: float) -> None:
    """Wait until no task, layout or repaint is outstanding, twice in a row across a turn of the loop.

    While the view follows the clock, one refresh is enough: those after it are not waited for.

    Raises
    ------
    TimeoutError
        If it is not quiet in time; the message names what is still under way.
    """
    try:
        async with asyncio.timeout(timeout_s):
            quiet, refreshes = 0, live.refreshes
            while quiet < _TURNS:
                await asyncio.sleep(_FRAME_S)
                is_refreshed = live.is_following and live.refreshes > refreshes
                later = runner.running_of(REFRESHING) if is_refreshed else 0
                quiet = 0 if runner.outstanding > later else quiet + 1
                QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
                if window.isVisible():
                    window.repaint()
    except TimeoutError:
        raise TimeoutError(
            f"Still busy after {timeout_s} s: {', '.join(runner.names) or 'ending'}."
        ) from None
