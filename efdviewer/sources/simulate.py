"""A seeded observing night, written as an archive: the demo, and the data of the tests."""

import contextlib
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from platformdirs import user_cache_dir

from efdviewer.domain.errors import ArchiveError
from efdviewer.domain.leap_seconds import SECOND_NS
from efdviewer.domain.timescale import day_obs_of
from efdviewer.sources.archive_manifest import read_manifest
from efdviewer.sources.archive_writer import ArchiveWriter
from efdviewer.sources.simulate_schedule import SPAN_S, plan_night
from efdviewer.sources.simulate_tables import Stamper
from efdviewer.sources.simulate_topics import tables
from efdviewer.sources.units import units_of

DEFAULT_SEED = 1
DEMO_NAME = "demo"
_VERSION = 2
_STALE_NS = 2 * 3600 * SECOND_NS
_FORGOTTEN_NS = 3 * 86_400 * SECOND_NS


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
    """Have a night for the demo: the newest one, or a new one when that ended more than two hours ago.

    Each night has a folder of its own, named by the simulation's version and the night's end, which
    appears complete. So two windows may do this at once, and a window that shows an older night goes on.

    Parameters
    ----------
    folder : Path, optional
        Where the nights lie; by default in the user's cache.

    Raises
    ------
    ArchiveError
        If it cannot be written.
    """
    nights = folder or Path(user_cache_dir("efdviewer")) / "demo"
    now_utc_ns = time.time_ns()
    known = _nights(nights)
    if known and now_utc_ns - _STALE_NS < known[-1][0] <= now_utc_ns:
        return known[-1][1]
    try:
        nights.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=nights, prefix=".new-") as scratch:
            fresh = Path(scratch) / "fresh"
            simulate_night(fresh / DEMO_NAME, end_utc_ns=now_utc_ns)
            night = fresh.rename(nights / f"{_VERSION}-{now_utc_ns}") / DEMO_NAME
    except OSError as error:
        raise ArchiveError(f"The demo could not be written to {nights}: {error.strerror}.") from error
    for end_utc_ns, old in known:
        if end_utc_ns < now_utc_ns - _FORGOTTEN_NS:
            shutil.rmtree(old.parent, ignore_errors=True)
    return night


def _nights(folder: Path) -> list[tuple[int, Path]]:
    """List the nights of this version as (end in ns UTC, folder), the newest last."""
    nights = []
    for path in folder.glob(f"{_VERSION}-*"):
        with contextlib.suppress(ValueError, ArchiveError):
            end_utc_ns = int(path.name.removeprefix(f"{_VERSION}-"))
            read_manifest(path / DEMO_NAME)
            nights.append((end_utc_ns, path / DEMO_NAME))
    return sorted(nights)
