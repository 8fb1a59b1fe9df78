"""A seeded observing night, written as an archive: the demo, and the data of the tests."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from platformdirs import user_cache_dir

from efdviewer.domain.errors import ArchiveError
from efdviewer.domain.timescale import SECOND_NS, Timescale, day_obs_of, parse_iso_ns
from efdviewer.sources.archive import read_manifest
from efdviewer.sources.archive_writer import ArchiveWriter
from efdviewer.sources.simulate_schedule import SPAN_S, plan_night
from efdviewer.sources.simulate_tables import Stamper
from efdviewer.sources.simulate_topics import tables
from efdviewer.sources.units import units_of

DEFAULT_SEED = 1
_VERSION = 1
_STALE_NS = 2 * 3600 * SECOND_NS


def simulate_night(
    folder: Path, *, end_utc_ns: int, seed: int = DEFAULT_SEED, clock_mix: str | None = None
) -> None:
    """Write a night of 20 hours that ends at a moment; the same seed and end give the same night.

    `clock_mix` "2019" writes send stamps in UTC and receive stamps in TAI.

    Raises
    ------
    ArchiveError
        If the folder is not empty or cannot be written.
    """
    random = np.random.default_rng(seed)
    start_utc_ns = end_utc_ns - int(SPAN_S) * SECOND_NS
    stamper = Stamper(random, start_utc_ns, mixed_clocks=clock_mix == "2019")
    schedule = plan_night(random, day_obs_of(start_utc_ns))
    with ArchiveWriter(folder, f"efdviewer simulate, version {_VERSION}, seed {seed}") as writer:
        for topic, table in tables(schedule, stamper, random):
            units = {name: units_of(topic, name) for name in table.column_names}
            for batch in table.combine_chunks().to_batches():
                writer.append(topic, batch, units)


def ensure_demo(folder: Path | None = None) -> Path:
    """Have the demo's night: written once, and anew when it ended more than two hours ago.

    Safe when two windows do so at once: each writes its own, and the last one stays.

    Raises
    ------
    ArchiveError
        If it cannot be written.
    """
    demo = folder or Path(user_cache_dir("efdviewer")) / "demo"
    now_utc_ns = time.time_ns()
    if _end_utc_ns(demo) > now_utc_ns - _STALE_NS:
        return demo
    try:
        demo.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=demo.parent, prefix=".demo-"))
        try:
            simulate_night(fresh, end_utc_ns=now_utc_ns)
            old = Path(tempfile.mkdtemp(dir=demo.parent, prefix=".old-")) / "demo"
            if demo.exists():
                os.rename(demo, old)
            os.rename(fresh, demo)
            shutil.rmtree(old.parent, ignore_errors=True)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise ArchiveError(f"The demo could not be written to {demo}: {error.strerror}.") from error
    return demo


def _end_utc_ns(demo: Path) -> int:
    """Give the end of the night in a folder, ns UTC; 0 where there is none of this version."""
    try:
        topics = read_manifest(demo)
    except ArchiveError:
        return 0
    ends = [
        parse_iso_ns(topic["end"].removesuffix("Z"), Timescale.UTC)
        for topic in topics.values()
        if topic["end"]
    ]
    return max(ends, default=0)
