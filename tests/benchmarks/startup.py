"""Starts the demo until its first curve is drawn, beside a process that only imports the libraries."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.benchmarks.table import Mark, Row
from tests.benchmarks.windows import own_home, python

IMPORTS = "importing the libraries alone"
TIMES_IMPORTS = 1.5
_ROUNDS = 3
_BARE_IMPORTS = ("-c", "import PySide6.QtWidgets, pyqtgraph, aioinflux, pandas")
_DEMO = ("-m", "tests.benchmarks.demo_start")


@dataclass
class Figures:
    """Seconds of each kind of process from its start, and the longest gaps after the window shows, ms."""

    drawn_s: list[float] = field(default_factory=list)
    imports_s: list[float] = field(default_factory=list)
    gaps_ms: list[float] = field(default_factory=list)

    @property
    def times_imports(self) -> float:
        return min(self.drawn_s) / min(self.imports_s)


def measure(rounds: int) -> Figures:
    """Take the kinds of process in turn, so that a busy moment of the machine meets both."""
    figures = Figures()
    with own_home():
        # The first time the night is written.
        for warm_up in (True, *(False for _ in range(rounds))):
            begun_s = time.monotonic()
            python(*_BARE_IMPORTS)
            imports_s = time.monotonic() - begun_s
            begun_s = time.monotonic()
            told = json.loads(python(*_DEMO))
            if not warm_up:
                figures.imports_s.append(imports_s)
                figures.drawn_s.append(told["drawn_s"] - begun_s)
                figures.gaps_ms.append(told["gap_ms"])
    return figures


def rows() -> Iterator[Row]:
    """Yield how long the demo takes to start."""
    figures = measure(_ROUNDS)
    drawn_s, imports_s = min(figures.drawn_s), min(figures.imports_s)
    yield Row(
        name="start until the demo's first curve is drawn",
        unit="s",
        ours=drawn_s,
        limits={IMPORTS: imports_s},
        marks=[Mark.within(drawn_s, IMPORTS, imports_s, TIMES_IMPORTS)],
        remark=f"longest gap after the window shows {max(figures.gaps_ms):.0f} ms",
        is_headline=True,
    )
