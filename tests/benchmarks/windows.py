"""Windows to measure, and processes of their own; windows know nothing of what others have seen."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import qasync

from efdviewer.app.window import make_application
from efdviewer.domain.levels import bucket_for
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.ui.main_window import MainWindow
from efdviewer.viewmodels.curve_state import CurveStatus
from tests.benchmarks.data import DAY_NS, FIELD, MINUTE_NS, START_NS, Bench, Topic
from tests.windows import in_window

T = TypeVar("T")

ELSEWHERE = TimeRange(start_utc_ns=START_NS - 2 * MINUTE_NS, end_utc_ns=START_NS - MINUTE_NS)
"""Before all data: whoever comes from here knows nothing."""
_SIZE = 1600, 900
_TOO_LONG_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Seconds until something of a view was painted, and until it was complete."""

    first_s: float
    complete_s: float


def run_on_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run on the loop that the window has."""
    application = make_application()
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        return runner.run(work)


@contextmanager
def own_home() -> Iterator[Path]:
    """Give windows a home without settings and without anything kept, and tell where they will keep tiles."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        places = {name: f"{folder}/{name}" for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
        before = {name: os.environ.get(name) for name in places}
        os.environ.update(places)
        try:
            yield Path(places["XDG_CACHE_HOME"])
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


def in_plot(bench: Bench, topic: Topic, work: Callable[[MainWindow], Awaitable[T]]) -> T:
    """Open a window with a plot of the topic, where it has no data, and work with it."""
    ends = (
        format_ns(utc_ns, Timescale.UTC, digits=9)
        for utc_ns in (ELSEWHERE.start_utc_ns, ELSEWHERE.end_utc_ns)
    )
    start, end = ends

    async def resized(window: MainWindow) -> T:
        window.resize(*_SIZE)
        await window.idle()
        return await work(window)

    argv = [bench.address, "--plot", topic.curve, "--from", start, "--to", end]
    return in_window(argv, resized)


async def show(window: MainWindow, topic: Topic, time_range: TimeRange) -> Shown:
    """Go to a range, and watch until the picture of it is complete."""
    row = window.plots.row(0)
    wanted_ns = bucket_for(time_range.span_ns, window.plots.columns())
    slack_ns = 4 * max(wanted_ns, DAY_NS // topic.rows_a_day)
    first_s: float | None = None
    begun_s = time.perf_counter()
    row.set_view_range_ns(time_range.start_utc_ns, time_range.end_utc_ns)
    while (now_s := time.perf_counter() - begun_s) < _TOO_LONG_S:
        times, _ = row.drawn_points(f"{topic.name}:{FIELD}")
        state = row.canvas.states()[0]
        if len(times) and row.view_range_ns() == (time_range.start_utc_ns, time_range.end_utc_ns):
            if first_s is None:
                row.repaint()
                first_s = time.perf_counter() - begun_s
            is_covered = (
                times[0] < time_range.start_utc_ns + slack_ns and times[-1] > time_range.end_utc_ns - slack_ns
            )
            assert state.view is not None
            if state.status is CurveStatus.READY and is_covered and state.view.bucket_ns <= wanted_ns:
                row.repaint()
                return Shown(first_s=first_s, complete_s=time.perf_counter() - begun_s)
        # A loop that only watches would take one of two processors from the server.
        await asyncio.sleep(0 if now_s < 1 / 60 else 0.002)
    raise TimeoutError(f"the view is not complete after {now_s:.0f} s: {state.status}")


def received_bytes(window: MainWindow) -> dict[int, int]:
    """Watch what travels from now on: bytes by the number of the statement."""
    received: dict[int, int] = {}
    window.workspace.statementChanged.connect(
        lambda statement: received.update({statement.number: statement.received_bytes})
    )
    return received


def python(*arguments: str) -> str:
    """Run the interpreter in a process of its own; gives what it prints."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def told_by(module: str, call: str) -> Any:
    """Call a function of a module in a process of its own; gives what it returns, by way of JSON."""
    code = f"import json; from tests.benchmarks.data import Bench; from {module} import *; print(json.dumps({call}))"
    return json.loads(python("-c", code).splitlines()[-1])
