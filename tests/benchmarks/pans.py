"""A step of a pan over tiles that are known, with eight curves: all that the window does for it, and the paint."""

import statistics
import time
from collections.abc import Iterator

from efdviewer.domain.timerange import TimeRange, shifted
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.ui.main_window import MainWindow
from efdviewer.viewmodels.curve_state import CurveStatus
from tests.benchmarks.data import DAY_NS, START_NS, Bench
from tests.benchmarks.table import FRAME_MS, Mark, Row
from tests.benchmarks.windows import own_home
from tests.windows import in_window

_STEPS = 50
_SPAN_NS = DAY_NS // 4
_SIZE = 1600, 900
_CURVES = 8
_FIRST = TimeRange(start_utc_ns=START_NS + _SPAN_NS, end_utc_ns=START_NS + 2 * _SPAN_NS)


def measure_ms(bench: Bench) -> list[float]:
    """Pan by half of a view in small steps, there and back; the way there makes all known."""
    topics = (bench.six, bench.week, bench.month)
    plots = [part for topic in topics for part in ("--plot", f"{topic.name}:{','.join(topic.fields)}")]
    ends = [format_ns(utc_ns, Timescale.UTC, digits=9) for utc_ns in (_FIRST.start_utc_ns, _FIRST.end_utc_ns)]
    ranges = [shifted(_FIRST, step / (2 * _STEPS)) for step in range(_STEPS + 1)]
    seen = ranges[:: _STEPS // 10]

    async def work(window: MainWindow) -> list[float]:
        window.resize(*_SIZE)
        for view in seen:
            window.plots.row(0).set_view_range_ns(view.start_utc_ns, view.end_utc_ns)
            await window.idle(120)
        return [step_ms(window, view) for view in reversed(ranges)]

    with own_home():
        return in_window([bench.address, *plots, "--from", ends[0], "--to", ends[1]], work)


def step_ms(window: MainWindow, view: TimeRange) -> float:
    """Go to a range of which all is known."""
    begun_s = time.perf_counter()
    window.plots.row(0).set_view_range_ns(view.start_utc_ns, view.end_utc_ns)
    window.plots.repaint()
    took_ms = 1e3 * (time.perf_counter() - begun_s)
    states = [state for place in range(3) for state in window.plots.row(place).canvas.states()]
    assert len(states) == _CURVES
    assert all(state.status is CurveStatus.READY for state in states)
    return took_ms


def rows(bench: Bench) -> Iterator[Row]:
    """Yield the median of the steps."""
    figures_ms = measure_ms(bench)
    median_ms = statistics.median(figures_ms)
    yield Row(
        name=f"a step of a pan, {_CURVES} curves, tiles known: from the tiles to the painted picture",
        unit="ms",
        ours=median_ms,
        marks=[Mark.at_most(median_ms, 2 * FRAME_MS, "ms")],
        remark=f"the longest of {len(figures_ms)} steps {max(figures_ms):.1f} ms",
    )
