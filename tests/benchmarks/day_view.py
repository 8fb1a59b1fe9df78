"""Shows a day of 20 Hz in the window, beside the bare summary query, in one run.

python -m tests.benchmarks.day_view [ROWS]
"""

import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import aiohttp
import qasync
from PySide6.QtWidgets import QLineEdit

from efdviewer.app import open_window
from efdviewer.app.window import make_application
from efdviewer.domain.levels import bucket_for
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.ui.main_window import MainWindow
from tests.benchmarks.loading import DATABASE, FIELD, FULL_ROWS, START_NS, TOPIC, fill
from tests.influxd import Influxd, running
from tests.windows import child, type_into

CURVE = f"{TOPIC}:{FIELD}"
ROUNDS = 9
FRAME_S = 1 / 60


@dataclass
class Figures:
    """Seconds of each round: until the view is painted, and of the bare query."""

    rows: int
    view_s: list[float] = field(default_factory=list)
    query_s: list[float] = field(default_factory=list)

    @property
    def limit_s(self) -> float:
        return 1.3 * min(self.query_s) + 3 * FRAME_S

    @property
    def within(self) -> bool:
        return min(self.view_s) <= self.limit_s

    def __str__(self) -> str:
        return (
            f"{self.rows:,} rows: view painted after {min(self.view_s):.3f} s, bare summary query "
            f"{min(self.query_s):.3f} s; limit {self.limit_s:.3f} s (1.3 times and three frames), "
            f"best of {len(self.view_s)}"
        )


async def query(server: Influxd, time_range: TimeRange, bucket_ns: int) -> None:
    """Drain the minima and maxima of a day, as any program would ask for them."""
    statement = (
        f'SELECT MIN("{FIELD}"), MAX("{FIELD}") FROM "{DATABASE}"."autogen"."{TOPIC}" '
        f"WHERE time >= {time_range.start_utc_ns} AND time < {time_range.end_utc_ns} "
        f"GROUP BY time({bucket_ns}ns) FILL(none)"
    )
    headers = {
        "Authorization": aiohttp.encode_basic_auth(server.admin.name, server.admin.password),
        "Accept-Encoding": "identity",
    }
    form = {"db": DATABASE, "epoch": "ns", "q": statement}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"http://127.0.0.1:{server.port}/query", data=form) as reply,
    ):
        await reply.read()


async def view(window: MainWindow, day: TimeRange, bucket_ns: int) -> float:
    """Show the day by typing its range; give the seconds until minima and maxima of it are painted."""
    row = window.plots.row(0)
    begun_s = time.perf_counter()
    child(window, QLineEdit, "timeFrom").setText(format_ns(day.start_utc_ns, Timescale.UTC, digits=9))
    type_into(child(window, QLineEdit, "timeTo"), format_ns(day.end_utc_ns, Timescale.UTC, digits=9))
    while True:
        times, _ = row.drawn_points(CURVE)
        if len(times) and times[-1] - times[0] > day.span_ns - 4 * bucket_ns:
            break
        await asyncio.sleep(0)
    row.repaint()
    return time.perf_counter() - begun_s


async def measure(server: Influxd, rows: int) -> Figures:
    """Take view and query in turn; each view in a window of its own, which knows nothing of the field yet."""
    day = await asyncio.to_thread(fill, server, rows)
    figures = Figures(rows)
    os.environ["EFDVIEWER_PASSWORD"] = server.admin.password
    address = f"influxdb://{server.admin.name}@127.0.0.1:{server.port}?db={DATABASE}"
    first = format_ns(START_NS, Timescale.UTC, digits=9)
    minute = format_ns(START_NS + 60 * 10**9, Timescale.UTC, digits=9)
    for _ in range(ROUNDS):
        window = await open_window([address, "--plot", CURVE, "--from", first, "--to", minute])
        window.resize(1600, 900)
        await window.idle()
        bucket_ns = bucket_for(day.span_ns, window.plots.columns())
        begun_s = time.perf_counter()
        await query(server, day, bucket_ns)
        figures.query_s.append(time.perf_counter() - begun_s)
        figures.view_s.append(await view(window, day, bucket_ns))
        await window.idle()
        window.close()
        await window.closed()
    return figures


def run(rows: int) -> Figures:
    """Measure on a server of its own."""
    application = make_application()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as server,
        asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner,
    ):
        return runner.run(measure(server, rows))


if __name__ == "__main__":
    print(run(int(sys.argv[1]) if len(sys.argv) > 1 else FULL_ROWS))
