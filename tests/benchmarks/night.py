"""Writes a whole simulated night into a server, as `efdviewer load` does."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.table import Mark, Row
from tests.influxd import running
from tests.nights import load_night, write_night

WHOLE_S = 90.0
"""What a whole night may take."""


def rows() -> Iterator[Row]:
    """Yield how long the night takes until the server has it."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        night = write_night(Path(folder, "night"))
        begun_s = time.monotonic()
        loaded = load_night(night, server, "night")
        took_s = time.monotonic() - begun_s
    yield Row(
        name=f"load a night of {loaded:,} rows into InfluxDB",
        unit="s",
        ours=took_s,
        marks=[Mark.at_most(took_s, WHOLE_S, "s")],
    )
