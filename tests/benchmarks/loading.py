"""Loads all samples of a field, beside draining the bytes and aioinflux's DataFrame, in one run.

python -m tests.benchmarks.loading [ROWS]
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import qasync
from aioinflux import InfluxDBClient
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from efdviewer.domain.query import SampleQuery, SummaryQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.sources.decode_packed import CONTENT_TYPE
from efdviewer.sources.influx import InfluxSource
from tests.influxd import Influxd, running

DATABASE, TOPIC, FIELD = "loading", "lsst.sal.MTMount.azimuth", "actualPosition"
START_NS, PERIOD_NS = 1_700_000_000_000_000_000, 50_000_000
FULL_ROWS = 1_728_000
BUCKETS = 2_000
ROUNDS = 3


@dataclass
class Runs:
    """Times of one kind of load, s, and the longest time between two ticks in each, ms."""

    seconds: list[float] = field(default_factory=list)
    gaps_ms: list[float] = field(default_factory=list)

    @property
    def wall_s(self) -> float:
        # The best: what the others took longer, something else on the machine took.
        return min(self.seconds)

    @property
    def gap_ms(self) -> float:
        return max(self.gaps_ms)


@dataclass
class Figures:
    rows: int
    ours: Runs = field(default_factory=Runs)
    drain: Runs = field(default_factory=Runs)
    frame: Runs = field(default_factory=Runs)
    idle: Runs = field(default_factory=Runs)
    extremes: Runs = field(default_factory=Runs)
    extremes_and_count: Runs = field(default_factory=Runs)

    @property
    def times_drain(self) -> float:
        return self.ours.wall_s / self.drain.wall_s

    @property
    def times_faster(self) -> float:
        return self.frame.wall_s / self.ours.wall_s

    def __str__(self) -> str:
        def line(name: str, runs: Runs, remark: str = "") -> str:
            return f"{name:28}{runs.wall_s:7.2f} s   longest gap {runs.gap_ms:7.1f} ms   {remark}"

        return "\n".join(
            [
                f"{self.rows:,} rows of one field; best of {ROUNDS} rounds, longest gap between 5 ms ticks in any",
                line("ours", self.ours, f"{self.times_drain:.2f} times draining"),
                line("draining the same bytes", self.drain),
                line("aioinflux DataFrame", self.frame, f"{self.times_faster:.1f} times as long as ours"),
                line("idle loop", self.idle),
                line(f"MIN, MAX in {BUCKETS:,} buckets", self.extremes),
                line("the same with COUNT", self.extremes_and_count),
            ]
        )


class Ticker(QObject):
    """Measures the longest time between ticks of a 5 ms timer in the GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._last_s = 0.0
        self._longest_s = 0.0

    def start(self) -> None:
        self._longest_s = 0.0
        self._last_s = time.perf_counter()
        self._timer.start(5)

    def stop_ms(self) -> float:
        self._timer.stop()
        self._tick()
        return self._longest_s * 1e3

    def _tick(self) -> None:
        now_s = time.perf_counter()
        self._longest_s = max(self._longest_s, now_s - self._last_s)
        self._last_s = now_s


def fill(server: Influxd, rows: int) -> TimeRange:
    """Write a day's worth of 20 Hz, or the start of it, into a database of its own."""
    server.create_database(DATABASE)
    for begin in range(0, rows, 100_000):
        server.write(
            DATABASE,
            "\n".join(
                f"{TOPIC} {FIELD}={(index * 7919 % 360_000) / 1000 + 1e-7 * index} {START_NS + index * PERIOD_NS}"
                for index in range(begin, min(rows, begin + 100_000))
            ),
        )
    return TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + rows * PERIOD_NS)


class Loads:
    """The ways of loading that are compared; each gives the number of rows that arrived."""

    def __init__(self, server: Influxd, source: InfluxSource, time_range: TimeRange) -> None:
        self._server = server
        self._source = source
        self._time_range = time_range
        self._statement = (
            f'SELECT "{FIELD}" FROM "{DATABASE}"."autogen"."{TOPIC}" '
            f"WHERE time >= {time_range.start_utc_ns} AND time < {time_range.end_utc_ns}"
        )
        # All without compression, which would measure the server's gzip.
        self._headers = {
            "Authorization": aiohttp.encode_basic_auth(server.admin.name, server.admin.password),
            "Accept-Encoding": "identity",
        }

    async def ours(self) -> int:
        query = SampleQuery(topic=TOPIC, fields=(FIELD,), time_range=self._time_range)
        return (await self._source.samples(query)).num_rows

    async def frame(self) -> int:
        options = {"db": DATABASE, "output": "dataframe", "headers": self._headers}
        async with InfluxDBClient("127.0.0.1", self._server.port, **options) as client:
            return len(await client.query(self._statement))

    async def drain(self) -> None:
        form = {"db": DATABASE, "epoch": "ns", "chunked": "true", "chunk_size": "10000", "q": self._statement}
        url = f"http://127.0.0.1:{self._server.port}/query"
        headers = {**self._headers, "Accept": CONTENT_TYPE}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(url, data=form) as reply,
        ):
            async for _ in reply.content.iter_any():
                pass

    async def summary(self, *aggregates: str) -> None:
        query = SummaryQuery(
            topic=TOPIC,
            fields=(FIELD,),
            time_range=self._time_range,
            bucket_ns=self._time_range.span_ns // BUCKETS,
            aggregates=aggregates,
        )
        assert (await self._source.summary(query)).num_rows >= BUCKETS


async def timed(ticker: Ticker, runs: Runs, work: Callable[[], Awaitable[int | None]], rows: int) -> None:
    ticker.start()
    begun_s = time.perf_counter()
    found = await work()
    runs.seconds.append(time.perf_counter() - begun_s)
    runs.gaps_ms.append(ticker.stop_ms())
    assert found in (rows, None), f"{found} rows in place of {rows}"


async def measure(server: Influxd, rows: int) -> Figures:
    """Load in every way, in turn, `ROUNDS` times; the first drain, which warms the server, is not counted."""
    time_range = await asyncio.to_thread(fill, server, rows)
    figures, ticker = Figures(rows), Ticker()
    async with InfluxSource(
        host="127.0.0.1",
        port=server.port,
        database=DATABASE,
        username=server.admin.name,
        password=server.admin.password,
    ) as source:
        loads = Loads(server, source, time_range)
        await source.fields(TOPIC)
        await loads.drain()
        for _ in range(ROUNDS):
            await timed(ticker, figures.drain, loads.drain, rows)
            await timed(ticker, figures.ours, loads.ours, rows)
            await timed(ticker, figures.frame, loads.frame, rows)
            await timed(ticker, figures.idle, lambda: asyncio.sleep(1), rows)
            await timed(ticker, figures.extremes, lambda: loads.summary("min", "max"), rows)
            await timed(
                ticker, figures.extremes_and_count, lambda: loads.summary("min", "max", "count"), rows
            )
    return figures


def run(rows: int) -> Figures:
    """Measure on a server and an offscreen application of its own."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication([])
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as server,
        asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner,
    ):
        return runner.run(measure(server, rows))


if __name__ == "__main__":
    print(run(int(sys.argv[1]) if len(sys.argv) > 1 else FULL_ROWS))
