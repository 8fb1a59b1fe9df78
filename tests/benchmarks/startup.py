"""Starts the demo until its first curve is drawn, beside a process that only imports the libraries, in one run.

python -m tests.benchmarks.startup [ROUNDS]
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

from tests.benchmarks.loading import Ticker

TOPIC = "lsst.sal.ATCamera.wrebPower"
CURVE = f"{TOPIC}:analog_I"
BARE_IMPORTS = "import PySide6.QtWidgets, pyqtgraph, aioinflux, pandas"
DEMO = "from tests.benchmarks.startup import child; child()"


@dataclass
class Figures:
    """Seconds of each kind of process from its start, and the longest gaps after the window shows, ms."""

    drawn_s: list[float] = field(default_factory=list)
    imports_s: list[float] = field(default_factory=list)
    gaps_ms: list[float] = field(default_factory=list)

    @property
    def times_imports(self) -> float:
        return min(self.drawn_s) / min(self.imports_s)

    @property
    def gap_ms(self) -> float:
        return max(self.gaps_ms)

    def __str__(self) -> str:
        return (
            f"first curve drawn after {min(self.drawn_s):.2f} s, imports alone {min(self.imports_s):.2f} s: "
            f"{self.times_imports:.2f} times (limit 1.8), best of {len(self.drawn_s)}\n"
            f"longest gap after the window shows: {self.gap_ms:.1f} ms of any round (limit 50), "
            f"each: {', '.join(f'{gap:.1f}' for gap in self.gaps_ms)}"
        )


def child() -> None:
    """Open the demo in this process and print when its first curve was drawn, and the longest gap, as JSON."""
    import asyncio

    import qasync

    from efdviewer.app import open_window
    from efdviewer.app.window import make_application

    async def main() -> None:
        window = await open_window(["demo", "--plot", CURVE])
        ticker = Ticker()
        ticker.start()
        await window.idle()
        drawn_s = time.monotonic()
        assert len(window.plots.row(0).drawn_points(CURVE)[0])
        await asyncio.sleep(1)
        print(json.dumps({"drawn_s": drawn_s, "gap_ms": ticker.stop_ms()}))
        window.close()
        await window.closed()

    application = make_application()
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        runner.run(main())


def run(rounds: int) -> Figures:
    """Take the kinds of process in turn, so that a busy moment of the machine meets both."""
    figures = Figures()
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_DATA_HOME": home,
            "XDG_CONFIG_HOME": home,
            "XDG_CACHE_HOME": home,
        }
        for warm_up in (True, *(False for _ in range(rounds))):
            begun_s = time.monotonic()
            _python(BARE_IMPORTS, environment)
            imports_s = time.monotonic() - begun_s
            begun_s = time.monotonic()
            told = json.loads(_python(DEMO, environment))
            if not warm_up:
                figures.imports_s.append(imports_s)
                figures.drawn_s.append(told["drawn_s"] - begun_s)
                figures.gaps_ms.append(told["gap_ms"])
    return figures


def _python(code: str, environment: dict[str, str]) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


if __name__ == "__main__":
    print(run(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
