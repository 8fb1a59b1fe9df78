"""Errors where nobody waits for them reach the window."""

import asyncio
import gc

from PySide6.QtCore import QObject, Signal

from efdviewer.app.faults import faults_shown
from efdviewer.domain.errors import BadInputError
from tests.windows import in_window


class Bell(QObject):
    rung = Signal()


def test_that_errors_of_slots_callbacks_and_forgotten_tasks_stand_in_the_window(capsys):
    def bad_slot() -> None:
        raise ValueError("of a slot")

    def bad_callback() -> None:
        raise BadInputError("Of a callback.", hint="Try less.")

    async def bad_task() -> None:
        raise KeyError("of a task")

    async def work(window):
        bell = Bell()
        bell.rung.connect(bad_slot)
        with faults_shown(window.show_error):
            bell.rung.emit()
            asyncio.get_running_loop().call_soon(bad_callback)
            task = asyncio.create_task(bad_task())
            await asyncio.wait([task])
            del task
            gc.collect()
            await window.idle()
        return window.messages.texts()

    slot, callback, task = in_window([], work)
    assert "ValueError: of a slot" in slot
    assert callback == "Of a callback. Try less."
    assert "KeyError: 'of a task'" in task
    capsys.readouterr()
