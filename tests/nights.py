"""A simulated night that the whole test run shares."""

from pathlib import Path

from efdviewer.domain.timescale import Timescale, parse_iso_ns
from efdviewer.sources.simulate import simulate_night

END = "2024-02-01T08:00:00"
END_NS = parse_iso_ns(END, Timescale.UTC)
START_NS = END_NS - 20 * 3600 * 1_000_000_000
SEED = 7


def write_night(folder: Path, clock_mix: str | None = None) -> Path:
    simulate_night(folder, end_utc_ns=END_NS, seed=SEED, clock_mix=clock_mix)
    return folder
