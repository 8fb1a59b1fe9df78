"""A hundred thousand events in the table: listed, sorted by what they say, filtered and scrolled."""

import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from PySide6.QtWidgets import QLineEdit

from efdviewer.ui.main_window import MainWindow
from efdviewer.ui.rows_view import RowsView
from tests.benchmarks.clock import Runs, Ticker
from tests.benchmarks.data import START_NS
from tests.benchmarks.table import Mark, Row
from tests.benchmarks.windows import own_home
from tests.both import write_topics
from tests.windows import act, child, in_window

EVENTS = 100_000
_TOPIC = "lsst.sal.ATCamera.logevent_logMessage"
_MOST_GAP_MS = 50.0
_ROUNDS = 3

Acts = dict[str, Callable[[], Awaitable[None]]]


def write(folder: Path) -> Path:
    """Write messages, four a second."""
    random = np.random.default_rng(3)
    numbers = random.integers(1000, size=EVENTS)
    rows = pa.table(
        {
            "time": START_NS + np.arange(EVENTS) * 250_000_000,
            "level": random.choice([10, 20, 30, 40], EVENTS),
            "message": [f"Step {place} of {number} is done" for place, number in enumerate(numbers)],
            "traceback": [""] * EVENTS,
            "private_sndStamp": START_NS / 1e9 + 37 + np.arange(EVENTS) / 4,
        }
    )
    return write_topics(folder, {_TOPIC: rows})


def acts_on(window: MainWindow) -> Acts:
    """Give what a person does with the table, by name; each ends when the window is idle."""
    view = child(window, RowsView, "eventTable")

    async def idle_after(act_once: Callable[[], object]) -> None:
        act_once()
        await window.idle()

    def type_filter(text: str) -> None:
        edit = child(window, QLineEdit, "eventFilter")
        edit.setText(text)
        edit.textEdited.emit(text)

    async def scroll() -> None:
        bar = view.verticalScrollBar()
        for step in range(40):
            bar.setValue(bar.maximum() * step // 40)
            await window.idle()

    return {
        "listed": lambda: idle_after(lambda: act(window, "actionReload")),
        "sorted": lambda: idle_after(lambda: window.workspace.event_table.sort_by("text")),
        "scrolled": scroll,
        "filtered": lambda: idle_after(lambda: type_filter("done 77")),
        "all again": lambda: idle_after(lambda: type_filter("")),
    }


def measure() -> dict[str, Runs]:
    """Do all of it in a window, some times."""
    runs: dict[str, Runs] = {}

    async def work(window: MainWindow) -> None:
        window.resize(1600, 900)
        act(window, "actionEventTable")
        await window.idle()
        ticker = Ticker()
        for _ in range(_ROUNDS):
            for name, once in acts_on(window).items():
                await runs.setdefault(name, Runs()).time(once, ticker)

    with tempfile.TemporaryDirectory() as folder, own_home():
        archive = write(Path(folder) / "archive")
        in_window(
            [str(archive), "--from", "2023-11-15", "--to", "2023-11-15T07:00", "--overlay", _TOPIC], work
        )
    return runs


def rows() -> Iterator[Row]:
    """Yield the longest gap of each act."""
    runs = measure()
    worst = max(runs, key=lambda name: runs[name].gap_ms)
    yield Row(
        name=f"{EVENTS:,} events listed, sorted, scrolled and filtered: longest gap of the window",
        unit="ms",
        ours=runs[worst].gap_ms,
        marks=[Mark.at_most(runs[worst].gap_ms, _MOST_GAP_MS, "ms")],
        remark=", ".join(f"{name} {each.gap_ms:.1f} in {each.best_s:.2f} s" for name, each in runs.items()),
        is_headline=True,
    )
