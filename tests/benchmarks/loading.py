"""Loads all samples of a field, and of six, beside draining the bytes and the DataFrames of others."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial

from efdviewer.domain.query import SampleQuery
from tests.benchmarks import rivals
from tests.benchmarks.clock import Runs, Ticker
from tests.benchmarks.data import Bench, Topic
from tests.benchmarks.table import Mark, Row
from tests.benchmarks.windows import run_on_loop

OURS, DRAIN, IDLE = "ours", "draining the bytes", "idle loop"
_ROUNDS = 3
_FASTER, _LIMIT, _GAP_MS = 4.5, 1.3, 16.0


async def measure(bench: Bench, topic: Topic, rival_rounds: int) -> Mapping[str, Runs]:
    """Load in every way, in turn; the rivals, which take long, in the first rounds only."""
    statement = rivals.samples(topic)
    query = SampleQuery(topic=topic.name, fields=topic.fields, time_range=topic.time_range)
    runs: defaultdict[str, Runs] = defaultdict(Runs)
    ticker = Ticker()
    async with bench.source() as source:
        await source.fields(topic.name)
        # Warms the server.
        await rivals.drain(bench, statement)
        for number in range(_ROUNDS):
            await runs[DRAIN].time(lambda: rivals.drain(bench, statement), ticker)
            table = await runs[OURS].time(lambda: source.samples(query), ticker)
            assert table.num_rows == topic.rows
            del table
            await runs[IDLE].time(lambda: asyncio.sleep(1), ticker)
            if number < rival_rounds:
                for name, load in (
                    (rivals.AIOINFLUX, rivals.aioinflux_frame),
                    (rivals.DATAFRAME_CLIENT, rivals.client_frame),
                ):
                    frame = await runs[name].time(partial(load, bench, statement), ticker)
                    assert len(frame) == topic.rows
                    del frame
    return runs


def rows(bench: Bench) -> Iterator[Row]:
    """Yield how long a load takes, and how long the window stands still meanwhile."""
    for topic, words, rival_rounds in ((bench.day, "a field", 2), (bench.six, "six fields", 1)):
        runs = run_on_loop(measure(bench, topic, rival_rounds))
        yield from _rows(runs, f"{topic.rows:,} samples of {words}")


def _rows(runs: Mapping[str, Runs], what: str) -> Iterator[Row]:
    ours_s, drain_s = runs[OURS].best_s, runs[DRAIN].best_s
    others_s = {name: runs[name].best_s for name in (rivals.AIOINFLUX, rivals.DATAFRAME_CLIENT)}
    yield Row(
        name=f"load {what}",
        unit="s",
        ours=ours_s,
        rivals=others_s,
        limits={DRAIN: drain_s},
        marks=[
            *(Mark.faster(ours_s, name, theirs_s, _FASTER) for name, theirs_s in others_s.items()),
            Mark.within(ours_s, DRAIN, drain_s, _LIMIT),
        ],
        is_headline=True,
    )
    yield Row(
        name=f"longest gap of the window meanwhile, {what}",
        unit="ms",
        ours=runs[OURS].gap_ms,
        rivals={rivals.AIOINFLUX: runs[rivals.AIOINFLUX].gap_ms},
        limits={IDLE: runs[IDLE].gap_ms},
        marks=[Mark.at_most(runs[OURS].gap_ms, _GAP_MS, "ms")],
        remark=f"between ticks of 5 ms, the median of {_ROUNDS} loads; the GUI thread itself worked at most "
        f"{max(runs[OURS].worked_ms):.1f} ms of it",
        is_headline=True,
    )
