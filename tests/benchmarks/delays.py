"""From all pairs of stamps of a day to a histogram of their differences."""

from collections.abc import Iterator

import numpy as np

from efdviewer.domain.session import Latency, LatencyPair, Session
from efdviewer.services.catalog import Catalog
from efdviewer.sources.workers import run_in_worker
from efdviewer.viewmodels.latency import LatencyViewModel
from tests.benchmarks import rivals
from tests.benchmarks.clock import Runs
from tests.benchmarks.data import RCV, SND, Bench
from tests.benchmarks.table import Mark, Row
from tests.benchmarks.windows import run_on_loop
from tests.memory import Desk

DRAIN, OURS, PANDAS, SUB_QUERY = (
    "draining the bytes",
    "ours",
    "pandas on aioinflux' DataFrame",
    "InfluxQL sub-query",
)
_ROUNDS = 3
_LIMIT = 1.3


async def measure(bench: Bench) -> dict[str, Runs]:
    """Take all ways in turn; those of others, which take long, once."""
    topic = bench.six
    statement = rivals.samples(topic, (RCV, SND))
    runs = {name: Runs() for name in (DRAIN, OURS, PANDAS, SUB_QUERY)}
    pair = LatencyPair(topic=topic.name, minuend=RCV, subtrahend=SND)
    session = Session(source=bench.address, latency=Latency(pairs=(pair,)))
    async with bench.source() as source:
        catalog = Catalog(source)
        await catalog.fields(topic.name)

        async def histogram() -> None:
            desk = Desk(session)
            panel = LatencyViewModel(desk.document, desk.runner, run_in_worker)
            panel.set_time_range(topic.time_range)
            panel.set_source(source, catalog)
            await desk.settled()
            found = panel.histogram(0)
            assert found is not None
            assert found[1].sum() == topic.rows

        # Warms the server.
        await rivals.drain(bench, statement)
        for _ in range(_ROUNDS):
            await runs[DRAIN].time(lambda: rivals.drain(bench, statement))
            await runs[OURS].time(histogram)
    await runs[PANDAS].time(lambda: _by_pandas(bench, statement))
    await runs[SUB_QUERY].time(lambda: rivals.drain(bench, _sub_query(bench)))
    return runs


async def _by_pandas(bench: Bench, statement: str) -> None:
    frame = await rivals.aioinflux_frame(bench, statement)
    delays_s = frame[RCV] - frame[SND]
    delays_s.quantile([0.5, 0.9, 0.99])
    np.histogram(delays_s, bins=100)


def _sub_query(bench: Bench) -> str:
    inner = rivals.select(bench.six, f'"{RCV}" - "{SND}" AS "delay"', bench.six.time_range)
    quantiles = ", ".join(f'PERCENTILE("delay", {percent})' for percent in (50, 90, 99))
    return f'SELECT {quantiles}, MAX("delay") FROM ({inner})'


def rows(bench: Bench) -> Iterator[Row]:
    """Yield how long the histogram takes, with its figures."""
    runs = run_on_loop(measure(bench))
    ours_s, drain_s = runs[OURS].best_s, runs[DRAIN].best_s
    yield Row(
        name=f"{bench.six.rows:,} pairs of stamps to a histogram",
        unit="s",
        ours=ours_s,
        rivals={name: runs[name].best_s for name in (PANDAS, SUB_QUERY)},
        limits={DRAIN: drain_s},
        marks=[Mark.within(ours_s, DRAIN, drain_s, _LIMIT)],
        remark="with median, p90, p99 and worst; the sub-query gives no histogram",
        is_headline=True,
    )
