"""Where every coroutine of the program runs: named, replaceable, cancellable, reported."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Hashable
from typing import Any

from efdviewer.domain.errors import EfdViewerError

_log = logging.getLogger(__name__)

ErrorHandler = Callable[[EfdViewerError], None]


class TaskRunner:
    """Owns the tasks of one window.

    A task is submitted under a key; a later one under the same key replaces it: the predecessor is
    cancelled and whatever it still had to say is dropped. Cancellation is silent, an `EfdViewerError`
    goes to the task's own handler or else to `report`, and anything else is a bug: it is logged with its
    traceback and reported as one. What was reported is handed to `withdraw` when a later task under the same
    key succeeds.
    """

    def __init__(
        self,
        *,
        report: ErrorHandler,
        withdraw: ErrorHandler = lambda _error: None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._report = report
        self._withdraw = withdraw
        self._changed = changed
        self._reported: dict[Hashable, EfdViewerError] = {}
        self._tasks: dict[Hashable, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def outstanding(self) -> int:
        """Number of tasks that have not ended, those being cancelled included."""
        return len(self._tasks) + len(self._ending)

    @property
    def names(self) -> list[str]:
        """Names of the tasks that are under way."""
        return [task.get_name() for task in self._tasks.values()]

    def submit(
        self,
        key: Hashable,
        factory: Callable[[], Coroutine[Any, Any, None]],
        *,
        name: str,
        on_error: ErrorHandler | None = None,
    ) -> None:
        """Start a coroutine under a key, in place of the one that runs under it."""
        if self._closed:
            return
        self._retire(key)
        task = asyncio.get_running_loop().create_task(self._guard(key, factory, on_error), name=name)
        self._tasks[key] = task
        task.add_done_callback(lambda done: self._forget(key, done))
        self._changed()

    def adopt(self, kind: Hashable, task: asyncio.Task[None]) -> None:
        """Own a task that others have started: it is counted, and cancelled with the rest."""
        key = kind, task
        self._tasks[key] = task
        task.add_done_callback(lambda done: self._forget(key, done))
        self._changed()

    async def until_alone(self) -> None:
        """Wait until nothing is under way but the task that waits."""
        own = {asyncio.current_task()}
        while others := {*self._tasks.values(), *self._ending} - own:
            await asyncio.wait(others)

    def is_running(self, key: Hashable) -> bool:
        """Tell whether a task runs under a key."""
        return key in self._tasks

    def running_of(self, kinds: Collection[Hashable]) -> int:
        """Count the tasks under way whose key is one of these, or a tuple that begins with one."""
        return sum((key[0] if isinstance(key, tuple) else key) in kinds for key in self._tasks)

    def cancel(self, key: Hashable) -> None:
        """Cancel the task under a key, if there is one."""
        self._retire(key)
        self._changed()

    def cancel_all(self) -> None:
        """Cancel everything that is under way; new tasks may still be submitted."""
        for key in list(self._tasks):
            self._retire(key)
        self._changed()

    async def close(self, *, patience_s: float = 1.0) -> None:
        """Cancel everything, refuse new tasks, and wait until all have ended, or patience does."""
        self._closed = True
        self.cancel_all()
        if self._ending:
            await asyncio.wait(set(self._ending), timeout=patience_s)

    def _retire(self, key: Hashable) -> None:
        task = self._tasks.pop(key, None)
        if task is not None:
            self._ending.add(task)
            task.cancel()

    def _forget(self, key: Hashable, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        if self._tasks.get(key) is task:
            del self._tasks[key]
        self._changed()

    async def _guard(
        self, key: Hashable, factory: Callable[[], Coroutine[Any, Any, None]], on_error: ErrorHandler | None
    ) -> None:
        task = asyncio.current_task()
        try:
            await factory()
        except EfdViewerError as error:
            if self._tasks.get(key) is task:
                self._tell(key, error, on_error)
        except Exception as error:  # noqa: BLE001 - the one place that catches broadly, to report a bug
            _log.exception("A task failed: %s", task.get_name() if task else key)
            if self._tasks.get(key) is task:
                bug = EfdViewerError(
                    f"A fault in efdviewer itself: {type(error).__name__}: {error}",
                    hint="Please report it with the log.",
                )
                self._tell(key, bug, on_error)
        else:
            if key in self._reported:
                self._withdraw(self._reported.pop(key))

    def _tell(self, key: Hashable, error: EfdViewerError, on_error: ErrorHandler | None) -> None:
        if on_error is not None:
            on_error(error)
            return
        self._reported[key] = error
        self._report(error)
