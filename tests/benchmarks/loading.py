"""Loads all samples of a field, beside draining the bytes and aioinflux's DataFrame, in one run.

python -m tests.benchmarks.loading [ROWS]
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import qasync
from aioinflux import InfluxDBClient
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer

from efdviewer.domain.query import SampleQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.sources.influx import InfluxSource
from tests.influxd import Influxd, running

DATABASE, TOPIC, FIELD = "loading", "lsst.sal.MTMount.azimuth", "actualPosition"
START_NS, PERIOD_NS = 1_700_000_000_000_000_000, 50_000_000
FULL_ROWS = 1_728_000


@dataclass(frozen=True)
class Figures:
    rows: int
    ours_s: float
    drain_s: float
    frame_s: float
    our_gap_ms: float
    frame_gap_ms: float
    idle_gap_ms: float

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.rows:,} rows of one field",
                f"ours                 {self.ours_s:6.2f} s   longest gap {self.our_gap_ms:7.1f} ms",
                f"draining the bytes   {self.drain_s:6.2f} s   ours is {self.ours_s / self.drain_s:.2f} times that",
                f"aioinflux DataFrame  {self.frame_s:6.2f} s   longest gap {self.frame_gap_ms:7.1f} ms, "
                f"ours is {self.frame_s / self.ours_s:.1f} times faster",
                f"idle loop                       longest gap {self.idle_gap_ms:7.1f} ms",
            ]
        )


class Ticker(QObject):
    """Measures the longest time between ticks of a 5 ms timer in the GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._last = 0.0
        self.longest_ms = 0.0

    def start(self) -> None:
        self.longest_ms = 0.0
        self._last = time.perf_counter()
        self._timer.start(5)

    def stop(self) -> float:
        self._timer.stop()
        self._tick()
        return self.longest_ms

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, (now - self._last) * 1e3)
        self._last = now


def fill(server: Influxd, rows: int) -> TimeRange:
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


async def timed(ticker: Ticker, work: Callable[[], Awaitable[int]], rows: int) -> tuple[float, float]:
    await asyncio.sleep(0.1)
    ticker.start()
    begun = time.perf_counter()
    found = await work()
    elapsed = time.perf_counter() - begun
    gap = ticker.stop()
    assert found in (rows, -1), f"{found} rows in place of {rows}"
    return elapsed, gap


async def measure(server: Influxd, time_range: TimeRange, rows: int, *, repeats: int = 3) -> Figures:
    query = SampleQuery(topic=TOPIC, fields=(FIELD,), time_range=time_range)
    statement = (
        f'SELECT "{FIELD}" FROM "{DATABASE}"."autogen"."{TOPIC}" '
        f"WHERE time >= {time_range.start_utc_ns} AND time < {time_range.end_utc_ns}"
    )
    # All three without compression, which would measure the server's gzip.
    headers = {
        "Authorization": aiohttp.encode_basic_auth(server.admin.name, server.admin.password),
        "Accept-Encoding": "identity",
    }
    ticker = Ticker()
    source = InfluxSource(
        host="127.0.0.1",
        port=server.port,
        database=DATABASE,
        username=server.admin.name,
        password=server.admin.password,
    )

    async def ours() -> int:
        async with aclosing(source.stream(query)) as batches:
            return sum([batch.num_rows async for batch in batches])

    async def drain() -> int:
        parameters = {"db": DATABASE, "epoch": "ns", "chunked": "true", "chunk_size": "10000", "q": statement}
        url = f"http://127.0.0.1:{server.port}/query"
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(url, data=parameters) as reply,
        ):
            async for _ in reply.content.iter_any():
                pass
        return -1

    async def frame() -> int:
        async with InfluxDBClient(
            "127.0.0.1",
            server.port,
            db=DATABASE,
            output="dataframe",
            headers=headers,
        ) as client:
            return len(await client.query(statement))

    async def idle() -> int:
        await asyncio.sleep(1.0)
        return -1

    async with source:
        await source.fields(TOPIC)
        await drain()
        own = [(await timed(ticker, drain, rows), await timed(ticker, ours, rows)) for _ in range(repeats)]
        frame_s, frame_gap = await timed(ticker, frame, rows)
        _, idle_gap = await timed(ticker, idle, rows)
    return Figures(
        rows=rows,
        drain_s=min(drained[0] for drained, _ in own),
        ours_s=min(loaded[0] for _, loaded in own),
        our_gap_ms=min(loaded[1] for _, loaded in own),
        frame_s=frame_s,
        frame_gap_ms=frame_gap,
        idle_gap_ms=idle_gap,
    )


def run(rows: int) -> Figures:
    application = QCoreApplication.instance() or QCoreApplication([])
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        time_range = fill(server, rows)
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
            return runner.run(measure(server, time_range, rows))


if __name__ == "__main__":
    print(run(int(sys.argv[1]) if len(sys.argv) > 1 else FULL_ROWS))
