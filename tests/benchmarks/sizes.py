"""What a view costs against the number of rows behind it, at the same pixels, once its tiles are known."""

from collections.abc import Iterator

from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.main_window import MainWindow
from tests.benchmarks.data import DAY_NS, Bench, Topic
from tests.benchmarks.table import Mark, Row
from tests.benchmarks.windows import in_plot, own_home, show

_ROUNDS, _MOVES = 3, 8
_FLAT = 1.3


def measure_ms(bench: Bench, topic: Topic) -> float:
    """Go to and fro between two views of a week that have been seen; gives the quickest move."""
    whole = topic.time_range
    part = TimeRange(start_utc_ns=whole.start_utc_ns + DAY_NS, end_utc_ns=whole.start_utc_ns + 5 * DAY_NS)

    async def work(window: MainWindow) -> float:
        for view in (whole, part):
            await show(window, topic, view)
            await window.idle()
        views = [await show(window, topic, view) for _ in range(_MOVES) for view in (whole, part)]
        await window.idle()
        return 1e3 * min(view.complete_s for view in views)

    with own_home():
        return in_plot(bench, topic, work)


def rows(bench: Bench) -> Iterator[Row]:
    """Yield the cost of the largest; it has to be that of the smallest."""
    rounds = [[measure_ms(bench, topic) for topic in bench.thinned] for _ in range(_ROUNDS)]
    few, more, most = (min(each) for each in zip(*rounds, strict=True))
    counts = [topic.rows for topic in bench.thinned]
    yield Row(
        name=f"a view of a week that was seen before, {counts[2]:,} rows behind it",
        unit="ms",
        ours=most,
        limits={f"{counts[0]:,} rows": few, f"{counts[1]:,} rows": more},
        marks=[
            Mark(
                words=f"at most {_FLAT} times between largest and smallest",
                measured=max(few, more, most) / min(few, more, most),
                bound=_FLAT,
            )
        ],
        remark="the same pixels, with 1, 10 and 100 times the rows",
    )
