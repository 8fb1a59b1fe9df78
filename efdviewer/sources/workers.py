"""Daemon threads for work that must not run on the event loop, and that shutdown does not wait for.

The loop's own executor will not do: its threads are joined at exit, so that one blocked look-up would
hold the exit for as long as it blocks.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_THREADS = 4
_jobs: "queue.SimpleQueue[Callable[[], None]]" = queue.SimpleQueue()
_threads: list[threading.Thread] = []


async def run_in_worker(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a function in one of a few worker threads.

    Cancelling does not wait for it to end; one that has not begun is dropped. What it raises is raised.
    """
    while len(_threads) < _THREADS:
        thread = threading.Thread(target=_work, name=f"efdviewer-worker-{len(_threads)}", daemon=True)
        _threads.append(thread)
        thread.start()
    return await _submit(_jobs.put, function, *args, **kwargs)


async def run_in_own_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a function that may block for long, such as a name look-up, in a thread of its own."""

    def start(job: Callable[[], None]) -> None:
        threading.Thread(target=job, name=getattr(function, "__name__", "blocking"), daemon=True).start()

    return await _submit(start, function, *args, **kwargs)


async def _submit(
    start: Callable[[Callable[[], None]], None],
    function: Callable[P, R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[R] = loop.create_future()

    def settle(set_outcome: Callable[[], None]) -> None:
        if not future.done():
            set_outcome()

    def job() -> None:
        if future.cancelled():
            return
        try:
            set_outcome = partial(future.set_result, function(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - handed to whoever awaits
            set_outcome = partial(future.set_exception, error)
        # A closed loop: nobody awaits any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, set_outcome)

    start(job)
    return await future


def _work() -> None:
    while True:
        _jobs.get()()
