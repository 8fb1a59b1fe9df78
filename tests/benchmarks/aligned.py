"""From all samples around a thousand events to quantile bands."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from efdviewer.domain.session import Epochs
from efdviewer.domain.topics import FieldRef
from efdviewer.services.catalog import Catalog
from efdviewer.services.epoch_loader import load_epochs, load_samples
from efdviewer.sources.workers import run_in_worker
from tests.benchmarks.clock import Runs, Ticker
from tests.benchmarks.data import DATABASE, FIELD, START_NS, Bench
from tests.benchmarks.table import Mark, Row
from tests.benchmarks.windows import run_on_loop
from tests.influxd import Influxd

LOAD, OURS = "loading the same samples", "ours"
EVENTS = 1000
_TOPIC = "lsst.sal.MTMount.logevent_began"
_FILLED = 0.83
"""The share of the time that the windows fill: 10,000 samples of 20 Hz in each 604.8 s."""
_ROUNDS = 3
_LIMIT = 1.3
_MOST_GAP_MS = 50.0


def write_events(bench: Bench) -> int:
    """Write events, evenly over the week; gives the length of a window, ns."""
    spacing_ns = bench.week.time_range.span_ns // EVENTS
    # The account of the benchmarks only reads.
    server = Influxd(Path(), bench.port, None)  # type: ignore[arg-type]
    moments = START_NS + np.arange(EVENTS) * spacing_ns
    server.write(DATABASE, "\n".join(f"{_TOPIC} private_seqNum=1i {at}" for at in moments))
    return int(spacing_ns * _FILLED)


async def measure(bench: Bench) -> dict[str, Runs]:
    """Load, and load with bands, in turn."""
    window_ns = write_events(bench)
    field = FieldRef(bench.week.name, FIELD)
    epochs = Epochs(
        field=field, event=_TOPIC, before_ns=window_ns // 10, after_ns=window_ns - window_ns // 10
    )
    runs = {LOAD: Runs(), OURS: Runs()}
    ticker = Ticker()
    async with bench.source() as source:
        catalog = Catalog(source)

        async def load() -> None:
            await load_samples(source, field, [bench.week.time_range], 0)

        async def bands() -> None:
            loaded = await load_epochs(source, catalog, epochs, bench.week.time_range, run_in_worker)
            assert len(loaded.found.events_utc_ns) == EVENTS
            wanted = bench.week.rows * _FILLED
            assert abs(int(loaded.found.counts.sum()) - wanted) < 0.01 * wanted

        await load()
        for _ in range(_ROUNDS):
            await runs[LOAD].time(load)
            await runs[OURS].time(bands, ticker)
    return runs


def rows(bench: Bench) -> Iterator[Row]:
    """Yield how long the bands take, and the longest gap meanwhile."""
    runs = run_on_loop(measure(bench))
    ours_s, load_s = runs[OURS].best_s, runs[LOAD].best_s
    samples = round(bench.week.rows * _FILLED / EVENTS, -3)
    yield Row(
        name=f"{EVENTS:,} epochs of {samples:,.0f} samples as median and quantile bands",
        unit="s",
        ours=ours_s,
        limits={LOAD: load_s},
        marks=[Mark.within(ours_s, LOAD, load_s, _LIMIT)],
        remark="the samples between the windows come along in both",
        is_headline=True,
    )
    yield Row(
        name="longest gap of the window meanwhile, epochs",
        unit="ms",
        ours=runs[OURS].gap_ms,
        marks=[Mark.at_most(runs[OURS].gap_ms, _MOST_GAP_MS, "ms")],
    )
