"""A simulated night that the whole test run shares."""

import asyncio
import json
import shutil
from pathlib import Path

from efdviewer.domain.timescale import Timescale, parse_iso_ns
from efdviewer.sources.load import load_archive
from efdviewer.sources.simulate import simulate_night
from tests.influxd import Influxd

END = "2024-02-01T08:00:00"
END_NS = parse_iso_ns(END, Timescale.UTC)
START_NS = END_NS - 20 * 3600 * 1_000_000_000
SEED = 7
CAMERA = "lsst.sal.ATCamera"


def write_night(folder: Path, clock_mix: str | None = None) -> Path:
    simulate_night(folder, end_utc_ns=END_NS, seed=SEED, clock_mix=clock_mix)
    return folder


def load_night(folder: Path, server: Influxd, database: str) -> int:
    """Write an archive into a database; gives the number of rows."""
    return asyncio.run(
        load_archive(
            folder,
            host="127.0.0.1",
            port=server.port,
            database=database,
            username=server.admin.name,
            password=server.admin.password,
        )
    )


def load_camera(night: Path, scratch: Path, server: Influxd, database: str) -> None:
    """Write the camera's topics of a night into a database; the mount's millions of rows stay out."""
    shutil.copytree(night, scratch)
    manifest = json.loads((scratch / "manifest.json").read_text())
    manifest["topics"] = {
        name: topic for name, topic in manifest["topics"].items() if name.startswith(CAMERA)
    }
    (scratch / "manifest.json").write_text(json.dumps(manifest))
    load_night(scratch, server, database)
    server.query(f'GRANT READ ON "{database}" TO "{server.reader.name}"')


def address_of(server: Influxd, database: str) -> str:
    return f"influxdb://{server.reader.name}@127.0.0.1:{server.port}?db={database}"
