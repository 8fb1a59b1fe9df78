"""Opens an archive of two gigabytes and browses in it: how long until something is seen, and what is held."""

import asyncio
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from efdviewer.app.lean_arrow import make_arrow_lean
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.sources.archive_writer import ArchiveWriter
from efdviewer.ui.main_window import MainWindow
from efdviewer.viewmodels.curve_state import CurveStatus
from tests.benchmarks.data import DAY_NS, START_NS
from tests.benchmarks.table import Mark, Row
from tests.benchmarks.walking import walk
from tests.benchmarks.windows import own_home, told_by
from tests.windows import in_window

TOPIC, FIELDS = "lsst.sal.MTM1M3.forceActuatorData", 8
PERIOD_NS = 20_000_000
ROWS_A_DAY = DAY_NS // PERIOD_NS
_BYTES = 2_300_000_000
_BATCH_ROWS = 540_000
_MOVES = 25
_MOST_MB, _LONGEST_S = 300.0, 3.0


def write(folder: Path, byte_size: int) -> TimeRange:
    """Write days at 50 Hz, of values that do not compress, until they come to so many bytes."""
    rng = np.random.default_rng(3)
    row = 0
    with ArchiveWriter(folder, "benchmark") as writer:
        while row * 8 * FIELDS < byte_size:
            times = START_NS + (row + np.arange(_BATCH_ROWS)) * PERIOD_NS
            values = {f"zForces{index}": rng.normal(size=_BATCH_ROWS) for index in range(FIELDS)}
            writer.append(TOPIC, pa.RecordBatch.from_pydict({"time": times, **values}))
            row += _BATCH_ROWS
    return TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + row * PERIOD_NS)


def browse(folder: str, start_utc_ns: int, end_utc_ns: int, moves: int) -> dict[str, float]:
    """Open the whole in this process, then pan and zoom; gives seconds and the most that was held, MB."""
    # As the command line does.
    make_arrow_lean()
    whole = TimeRange(start_utc_ns=start_utc_ns, end_utc_ns=end_utc_ns)
    curve = f"{TOPIC}:zForces0"
    begun_s = time.perf_counter()
    found: dict[str, float] = {}

    async def work(window: MainWindow) -> None:
        canvas = window.plots.row(0).canvas
        drawn = asyncio.Event()
        window.workspace.plot.curveChanged.connect(
            lambda _row, state: drawn.set() if state.view is not None and state.view.has_points else None
        )
        await drawn.wait()
        window.repaint()
        found["first_s"] = time.perf_counter() - begun_s
        await window.idle(300)
        found["complete_s"] = time.perf_counter() - begun_s
        for view in walk(whole, moves):
            window.plots.row(0).set_view_range_ns(view.start_utc_ns, view.end_utc_ns)
            await window.idle(300)
            assert canvas.states()[0].status is CurveStatus.READY

    ends = [format_ns(utc_ns, Timescale.UTC, digits=9) for utc_ns in (start_utc_ns, end_utc_ns)]
    in_window([folder, "--plot", curve, "--from", ends[0], "--to", ends[1]], work, idle=False)
    # Not getrusage, whose maximum begins with what the parent held.
    held = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert held is not None
    found["most_mb"] = int(held[1]) * 1024 / 1e6
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Seconds from the start of the program, and the most memory that it ever held."""

    gigabytes: float
    first_s: float
    complete_s: float
    most_mb: float


def measure(byte_size: int = _BYTES, moves: int = _MOVES) -> Figures:
    """Write an archive, and browse in it in a process of its own."""
    with tempfile.TemporaryDirectory() as scratch, own_home():
        folder = Path(scratch) / "archive"
        whole = write(folder, byte_size)
        size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
        call = f"browse({str(folder)!r}, {whole.start_utc_ns}, {whole.end_utc_ns}, {moves})"
        return Figures(gigabytes=size / 1e9, **told_by("tests.benchmarks.big_archive", call))


def rows() -> Iterator[Row]:
    """Yield how soon a big archive shows something, and what browsing it holds."""
    figures = measure()
    name = f"an archive of {figures.gigabytes:.2g} GB"
    yield Row(
        name=f"{name}: first pixels of the whole, with the start of the program",
        unit="s",
        ours=figures.first_s,
        limits={"all of it is read": figures.complete_s},
        marks=[Mark.at_most(figures.first_s, _LONGEST_S, "s")],
    )
    yield Row(
        name=f"{name}: memory of the process after {_MOVES} pans and zooms",
        unit="MB",
        ours=figures.most_mb,
        marks=[Mark.at_most(figures.most_mb, _MOST_MB, "MB")],
        remark="the most it ever held",
        is_headline=True,
    )
