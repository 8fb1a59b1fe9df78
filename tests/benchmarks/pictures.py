"""The first picture of a day, a week and a month, and the same view again."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from efdviewer.domain.levels import bucket_for
from efdviewer.ui.main_window import MainWindow
from tests.benchmarks import rivals
from tests.benchmarks.clock import Runs
from tests.benchmarks.data import Bench, Topic
from tests.benchmarks.table import FRAME_MS, Mark, Row
from tests.benchmarks.windows import ELSEWHERE, Shown, in_plot, own_home, run_on_loop, show, told_by

BARE, MEANS, ORIGINAL = "bare min/max query", "Grafana's mean query", "all samples into matplotlib"
_ROUNDS = 3
_FIRST_SHARE, _COMPLETE, _AGAIN_SHARE = 1 / 4, 1.2, 1 / 20


@dataclass
class First:
    """What was measured of first pictures, and of the bare queries beside them."""

    views: list[Shown] = field(default_factory=list)
    bare: Runs = field(default_factory=Runs)
    means: Runs = field(default_factory=Runs)

    @property
    def first_s(self) -> float:
        return min(view.first_s for view in self.views)

    @property
    def complete_s(self) -> float:
        return min(view.complete_s for view in self.views)


def measure_first(bench: Bench, topic: Topic, rounds: int = _ROUNDS) -> First:
    """Take views and bare queries in turn, each view in a window that knows nothing yet."""
    figures = First()

    async def work(window: MainWindow) -> None:
        bucket_ns = bucket_for(topic.time_range.span_ns, window.plots.columns())
        bare = rivals.extremes(topic, topic.time_range, bucket_ns)
        means = rivals.means(topic, topic.time_range, bucket_ns)
        if not figures.views:
            # Warms the server.
            await rivals.drain(bench, bare)
        await figures.bare.time(lambda: rivals.drain(bench, bare))
        await figures.means.time(lambda: rivals.drain(bench, means, "application/json"))
        figures.views.append(await show(window, topic, topic.time_range))
        await window.idle()

    for _ in range(rounds):
        with own_home():
            in_plot(bench, topic, work)
    return figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Seconds until a view is shown again, of asking for it, and of reading what is kept of it on disk."""

    again_s: list[float]
    other_process_s: list[float]
    bare_s: float
    reading_s: float
    kept_bytes: int


def measure_again(bench: Bench, topic: Topic) -> Again:
    """Come back to a view in the window that has seen it, and in windows of later processes."""
    bare = Runs()

    async def work(window: MainWindow) -> list[float]:
        bucket_ns = bucket_for(topic.time_range.span_ns, window.plots.columns())
        statement = rivals.extremes(topic, topic.time_range, bucket_ns)
        await show(window, topic, topic.time_range)
        await window.idle()
        again_s = []
        for _ in range(_ROUNDS):
            await bare.time(lambda: rivals.drain(bench, statement))
            window.plots.row(0).set_view_range_ns(ELSEWHERE.start_utc_ns, ELSEWHERE.end_utc_ns)
            await window.idle()
            again_s.append((await show(window, topic, topic.time_range)).complete_s)
        await window.idle()
        return again_s

    with own_home() as cache:
        again_s = in_plot(bench, topic, work)
        begun_s = time.perf_counter()
        kept_bytes = _read_all(cache)
        reading_s = time.perf_counter() - begun_s
        call = f"child({bench!r})"
        other_s = [told_by("tests.benchmarks.pictures", call) for _ in range(_ROUNDS)]
    return Again(
        again_s=again_s,
        other_process_s=other_s,
        bare_s=bare.best_s,
        reading_s=reading_s,
        kept_bytes=kept_bytes,
    )


def child(bench: Bench) -> float:
    """Show the week in this process, which finds what an earlier one has kept; gives seconds."""

    async def work(window: MainWindow) -> float:
        return (await show(window, bench.week, bench.week.time_range)).complete_s

    return in_plot(bench, bench.week, work)


def rows(bench: Bench) -> Iterator[Row]:
    """Yield first pictures of each length, then the week again."""
    hz = bench.rows / 86_400
    day_s = _original_s(bench, bench.day)
    month_s = _original_s(bench, bench.month)
    for topic, words, original_s, remark in (
        (bench.day, f"a day at {hz:g} Hz", day_s, ""),
        (bench.week, f"a week at {hz:g} Hz", 7 * day_s, "matplotlib: 7 times the day's"),
        (bench.month, f"30 days at {hz / 20:g} Hz", month_s, ""),
    ):
        yield from _first_rows(measure_first(bench, topic), words, original_s, remark)
    yield from _again_rows(measure_again(bench, bench.week), f"a week at {hz:g} Hz")


def _original_s(bench: Bench, topic: Topic) -> float:
    runs = Runs()
    run_on_loop(runs.time(partial(rivals.picture, bench, topic)))
    return runs.best_s


def _first_rows(figures: First, words: str, original_s: float, remark: str) -> Iterator[Row]:
    bare_s = figures.bare.best_s
    beside = {MEANS: figures.means.best_s, ORIGINAL: original_s}
    yield Row(
        name=f"first pixels of {words}",
        unit="s",
        ours=figures.first_s,
        rivals=beside,
        limits={BARE: bare_s},
        marks=[Mark.within(figures.first_s, f"the {BARE}", bare_s, _FIRST_SHARE)],
        remark=remark,
        is_headline="week" in words,
    )
    yield Row(
        name=f"complete picture of {words}",
        unit="s",
        ours=figures.complete_s,
        rivals=beside,
        limits={BARE: bare_s},
        marks=[Mark.within(figures.complete_s, f"the {BARE}", bare_s, _COMPLETE)],
        remark=remark,
        is_headline=True,
    )


def _again_rows(figures: Again, words: str) -> Iterator[Row]:
    bare_ms, again_ms = 1e3 * figures.bare_s, 1e3 * min(figures.again_s)
    other_ms = 1e3 * min(figures.other_process_s)
    yield Row(
        name=f"the view of {words} again",
        unit="ms",
        ours=again_ms,
        rivals={"the same query again": bare_ms},
        marks=[Mark.at_most(again_ms, FRAME_MS, "ms")],
        is_headline=True,
    )
    kept = f"{figures.kept_bytes / 1e3:,.0f} kB are kept" if figures.kept_bytes else "nothing is kept"
    yield Row(
        name=f"the view of {words} in a new process",
        unit="ms",
        ours=other_ms,
        rivals={"the same query again": bare_ms},
        limits={"reading what is kept": 1e3 * figures.reading_s},
        marks=[Mark.within(other_ms, "the same query", bare_ms, _AGAIN_SHARE)],
        remark=f"from the window's opening elsewhere; {kept} on disk",
        is_headline=True,
    )


def _read_all(folder: Path) -> int:
    return sum(len(path.read_bytes()) for path in folder.rglob("*") if path.is_file())
