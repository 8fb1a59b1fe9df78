"""Random pans and zooms over a week: how long until each view is complete, and what travels for it."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field

from efdviewer.domain.levels import bucket_for
from efdviewer.ui.main_window import MainWindow
from tests.benchmarks import rivals
from tests.benchmarks.clock import Runs
from tests.benchmarks.data import Bench, Topic
from tests.benchmarks.table import FRAME_MS, Mark, Row
from tests.benchmarks.walking import new_share, walk
from tests.benchmarks.windows import in_plot, own_home, received_bytes, show

_MOVES = 200
_ASKED_EVERY = 5
_BYTES_SHARE = 1 / 10


@dataclass
class Moves:
    """Milliseconds of each move, the first time and once visited; bytes of all, ours and of one query for each."""

    new_ms: list[float] = field(default_factory=list)
    visited_ms: list[float] = field(default_factory=list)
    query_ms: list[float] = field(default_factory=list)
    our_bytes: int = 0
    query_bytes: float = 0.0
    new_share: float = 0.0


def measure(bench: Bench, topic: Topic, moves: int) -> Moves:
    """Make the moves twice, from a complete view of the whole on; then ask for every fifth as it is."""
    figures = Moves()
    ranges = walk(topic.time_range, moves)

    async def work(window: MainWindow) -> None:
        await show(window, topic, topic.time_range)
        await window.idle()
        figures.new_share = new_share(topic.time_range, ranges, window.plots.columns())
        received = received_bytes(window)
        figures.new_ms = [1e3 * (await show(window, topic, each)).complete_s for each in ranges]
        await window.idle()
        figures.our_bytes = sum(received.values())
        figures.visited_ms = [1e3 * (await show(window, topic, each)).complete_s for each in ranges]
        await window.idle()
        runs = Runs()
        for each in ranges[::_ASKED_EVERY]:
            statement = rivals.extremes(topic, each, bucket_for(each.span_ns, window.plots.columns()))
            size = await runs.time(lambda asked=statement: rivals.drain(bench, asked))
            figures.query_bytes += size * moves / len(ranges[::_ASKED_EVERY])
        figures.query_ms = [1e3 * each_s for each_s in runs.seconds]

    with own_home():
        in_plot(bench, topic, work)
    return figures


def rows(bench: Bench) -> Iterator[Row]:
    """Yield the median of the moves, and the bytes of all."""
    figures = measure(bench, bench.week, _MOVES)
    visited_ms = statistics.median(figures.visited_ms)
    name = f"{_MOVES} pans and zooms over a week"
    yield Row(
        name=f"{name}: median until complete, once visited",
        unit="ms",
        ours=visited_ms,
        rivals={"one query for each": statistics.median(figures.query_ms)},
        limits={"nothing travels": 0.0},
        marks=[Mark.at_most(visited_ms, 2 * FRAME_MS, "ms")],
        remark=f"the first time {statistics.median(figures.new_ms):.0f} ms, at most {max(figures.new_ms):.0f} ms; "
        f"once visited at most {max(figures.visited_ms):.0f} ms; of the queries every {_ASKED_EVERY}th was sent",
        is_headline=True,
    )
    yield Row(
        name=f"{name}: bytes travelled",
        unit="kB",
        ours=figures.our_bytes / 1e3,
        rivals={"one query for each": figures.query_bytes / 1e3},
        limits={"what was never shown before": figures.query_bytes * figures.new_share / 1e3},
        marks=[
            Mark.within(figures.our_bytes, "one query for each", figures.query_bytes, _BYTES_SHARE),
        ],
        is_headline=True,
    )
