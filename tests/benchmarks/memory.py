"""What a process holds after browsing a month, beside one that keeps the month in a DataFrame."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

from efdviewer.domain.topics import FieldRef
from efdviewer.ui.main_window import MainWindow
from tests.benchmarks import rivals
from tests.benchmarks.data import FIELD, Bench
from tests.benchmarks.table import Mark, Row
from tests.benchmarks.walking import walk
from tests.benchmarks.windows import own_home, show, told_by
from tests.windows import in_window

_MOVES = 100
_MOST_MB = 150.0


def resident_mb() -> float:
    """Give VmRSS of this process."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1e3


def browsing_mb(bench: Bench) -> list[float]:
    """Browse a month in this process; gives what it holds above the empty window, halfway and at the end."""

    async def work(window: MainWindow) -> list[float]:
        empty_mb = resident_mb()
        window.workspace.plot_fields([FieldRef(bench.month.name, FIELD)], None)
        held = []
        for half in (slice(None, _MOVES // 2), slice(_MOVES // 2, None)):
            for view in (bench.month.time_range, *walk(bench.month.time_range, _MOVES)[half]):
                await show(window, bench.month, view)
            await window.idle()
            held.append(resident_mb() - empty_mb)
        return held

    return in_window([bench.address], work)


def frame_mb(bench: Bench) -> float:
    """Load the month into a DataFrame in this process; gives what that holds."""
    before_mb = resident_mb()
    frame = asyncio.run(rivals.aioinflux_frame(bench, rivals.samples(bench.month)))
    assert len(frame) == bench.month.rows
    return resident_mb() - before_mb


def rows(bench: Bench) -> Iterator[Row]:
    """Yield what browsing holds."""
    module = "tests.benchmarks.memory"
    with own_home():
        halfway_mb, end_mb = told_by(module, f"browsing_mb({bench!r})")
    yield Row(
        name=f"memory above the empty window after {_MOVES} views of a month",
        unit="MB",
        ours=end_mb,
        rivals={f"{rivals.AIOINFLUX} of {bench.month.rows:,} rows": told_by(module, f"frame_mb({bench!r})")},
        marks=[Mark.at_most(end_mb, _MOST_MB, "MB")],
        remark=f"VmRSS of processes of their own; halfway {halfway_mb:.0f} MB",
        is_headline=True,
    )
