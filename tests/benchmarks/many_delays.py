"""Twenty million pairs of stamps: how long beside draining them, what is held, and how far percentiles are off."""

import asyncio
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from efdviewer.app.lean_arrow import make_arrow_lean
from efdviewer.domain.query import SampleQuery
from efdviewer.domain.session import Latency, LatencyPair, Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.services.catalog import Catalog
from efdviewer.sources import open_source
from efdviewer.sources.archive_writer import ArchiveWriter
from efdviewer.sources.workers import run_in_worker
from efdviewer.viewmodels.latency import LatencyViewModel
from tests.benchmarks.data import START_NS
from tests.benchmarks.table import Mark, Row
from tests.benchmarks.windows import own_home, told_by
from tests.memory import Desk

TOPIC = "lsst.sal.MTMount.azimuth"
SND, RCV = "private_sndStamp", "private_rcvStamp"
PAIRS = 20_000_000
_PERIOD_NS = 20_000_000
_BATCH = 500_000
_SHARES = (0.5, 0.9, 0.99)
_MOST_MB, _MOST_ERROR = 200.0, 1e-3


def write(folder: Path, count: int) -> list[float]:
    """Write messages whose delays have a bulk and a tail; gives their exact percentiles, s."""
    rng = np.random.default_rng(17)
    delays = np.empty(count)
    with ArchiveWriter(folder, "benchmark") as writer:
        for first in range(0, count, _BATCH):
            moments = START_NS + np.arange(first, min(first + _BATCH, count)) * _PERIOD_NS
            sent = moments / 1e9 + 37
            received = sent + rng.lognormal(np.log(5e-4), 0.6, len(moments))
            delays[first : first + len(moments)] = received - sent
            writer.append(TOPIC, pa.RecordBatch.from_pydict({"time": moments, SND: sent, RCV: received}))
    return [float(value) for value in np.quantile(delays, _SHARES)]


def run(folder: str, count: int, *, ours: bool) -> dict[str, float]:
    """Take all pairs in this process, or read them and throw them away; seconds, figures, MB held."""
    make_arrow_lean()
    whole = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + count * _PERIOD_NS)
    found = asyncio.run(_panel(folder, whole, count) if ours else _drain(folder, whole))
    # Not getrusage, whose maximum begins with what the parent held.
    held = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert held is not None
    return {**found, "most_mb": int(held[1]) * 1024 / 1e6}


async def _drain(folder: str, whole: TimeRange) -> dict[str, float]:
    async with open_source(folder) as source:
        begun_s = time.perf_counter()
        query = SampleQuery(topic=TOPIC, fields=(RCV, SND), time_range=whole)
        async with aclosing(source.stream(query)) as batches:
            async for _ in batches:
                pass
        return {"took_s": time.perf_counter() - begun_s}


async def _panel(folder: str, whole: TimeRange, count: int) -> dict[str, float]:
    async with open_source(folder) as source:
        desk = Desk(Session(source=folder, latency=Latency(pairs=(LatencyPair(topic=TOPIC),))))
        panel = LatencyViewModel(desk.document, desk.runner, run_in_worker)
        panel.set_time_range(whole)
        begun_s = time.perf_counter()
        panel.set_source(source, Catalog(source))
        await desk.settled()
        took_s = time.perf_counter() - begun_s
        histogram = panel.histogram(0)
        figures = panel.rows()[0].figures
        assert histogram is not None
        assert figures is not None
        assert histogram[1].sum() == figures.count == count
        return {
            "took_s": took_s,
            "p50_s": figures.median_s or 0.0,
            "p90_s": figures.p90_s or 0.0,
            "p99_s": figures.p99_s or 0.0,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Seconds of ours and of draining, the most memory of either, and the largest error of a percentile."""

    took_s: float
    drain_s: float
    most_mb: float
    drain_mb: float
    error: float


def measure(count: int = PAIRS, rounds: int = 2) -> Figures:
    """Write an archive, and take it in processes of their own, in turn."""
    with tempfile.TemporaryDirectory() as scratch, own_home():
        folder = Path(scratch) / "archive"
        exact = write(folder, count)
        runs: dict[bool, list[dict[str, float]]] = {True: [], False: []}
        for _ in range(rounds):
            for ours, done in runs.items():
                call = f"run({str(folder)!r}, {count}, ours={ours})"
                done.append(told_by("tests.benchmarks.many_delays", call))
    told = [runs[True][0][name] for name in ("p50_s", "p90_s", "p99_s")]
    return Figures(
        took_s=min(found["took_s"] for found in runs[True]),
        drain_s=min(found["took_s"] for found in runs[False]),
        most_mb=max(found["most_mb"] for found in runs[True]),
        drain_mb=max(found["most_mb"] for found in runs[False]),
        error=max(abs(value / true - 1) for value, true in zip(told, exact, strict=True)),
    )


def rows() -> Iterator[Row]:
    """Yield memory and errors; the ratio to draining a server is that of `delays`."""
    figures = measure()
    name = f"{PAIRS:,} pairs of stamps of an archive"
    yield Row(
        name=f"{name}: memory of the process",
        unit="MB",
        ours=figures.most_mb,
        limits={"reading them": figures.drain_mb},
        marks=[Mark.at_most(figures.most_mb - figures.drain_mb, _MOST_MB, "MB beyond reading them")],
        remark=f"the most it ever held; in {figures.took_s:.1f} s, reading alone {figures.drain_s:.1f} s",
        is_headline=True,
    )
    yield Row(
        name=f"{name}: error of median, p90 and p99",
        unit="%",
        ours=100 * figures.error,
        marks=[Mark.at_most(100 * figures.error, 100 * _MOST_ERROR, "%")],
    )
