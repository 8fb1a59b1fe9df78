"""What an export writes: every sample, exactly, with where it comes from, in bounded memory."""

import subprocess
import sys

import numpy as np
import orjson
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from efdviewer import __version__
from efdviewer.app import main
from tests.nights import CAMERA, address_of, load_camera

AZIMUTH = "lsst.sal.MTMount.azimuth:actualPosition,demandPosition,actualVelocity,actualTorque"
RANGE = ["--from", "2024-01-31T20:00:00", "--to", "2024-02-01T02:00:00.000000001"]
FIELDS = ["--plot", f"{CAMERA}.wrebPower:analog_I", "--plot", f"{CAMERA}.logevent_startReadout:imageName"]

# Exports, and prints the most memory that took, in MB.
MEASURED = """
import re, sys
from pathlib import Path
from efdviewer.app import main
code = main(["export", *sys.argv[1:]])
# Not what getrusage tells: a child inherits the peak of its parent there.
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
sys.exit(code)
"""


@pytest.fixture(scope="module")
def database(night, influxd, tmp_path_factory) -> str:
    load_camera(night, tmp_path_factory.mktemp("camera") / "archive", influxd, "exports")
    return "exports"


def test_that_both_sources_give_the_same_files(night, database, influxd, tmp_path, monkeypatch):
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    for name, source in (("archive", str(night)), ("influxd", address_of(influxd, database))):
        for ending in ("csv", "parquet"):
            assert main(["export", source, *RANGE, *FIELDS, "-o", str(tmp_path / f"{name}.{ending}")]) == 0
    assert (tmp_path / "archive.csv").read_bytes() == (tmp_path / "influxd.csv").read_bytes()
    tables = [pq.read_table(tmp_path / f"{name}.parquet") for name in ("archive", "influxd")]
    assert tables[0].equals(tables[1])
    assert tables[0].num_rows > 1000
    written = csv.read_csv(tmp_path / "archive.csv").column("time").cast("int64").to_numpy()
    assert np.array_equal(written, tables[0].column("time").cast("int64").to_numpy())


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_that_a_file_tells_source_range_scale_statements_and_version(night, tmp_path, ending):
    path = tmp_path / f"power.{ending}"
    assert main(["export", str(night), *RANGE, *FIELDS, "-o", str(path)]) == 0
    if ending == "csv":
        origin = orjson.loads((tmp_path / "power.csv-metadata.json").read_bytes())
    else:
        origin = {key.decode(): value.decode() for key, value in pq.read_metadata(path).metadata.items()}
    assert origin["source"] == str(night)
    assert (origin["start"], origin["end"]) == ("2024-01-31T20:00:00Z", "2024-02-01T02:00:00.000000001Z")
    assert origin["timescale"] == "UTC"
    assert origin["program"] == f"efdviewer {__version__}"
    assert all(topic in origin["statements"] for topic in ("wrebPower", "logevent_startReadout"))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_that_memory_does_not_grow_with_the_range(night, tmp_path, ending, capsys):
    peaks = {}
    for name, start in (("minute", "2024-01-31T20:00:00"), ("night", "2024-01-31T12:00:00")):
        end = "2024-01-31T20:01:00" if name == "minute" else "2024-02-01T08:00:00"
        options = [str(night), "--from", start, "--to", end, "--plot", AZIMUTH]
        command = [sys.executable, "-c", MEASURED, *options, "-o", str(tmp_path / f"{name}.{ending}")]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        peaks[name] = int(done.stdout)
    with capsys.disabled():
        print(f"\n.{ending}: {peaks['minute']} MB for a minute, {peaks['night']} MB for 1,440,000 rows")
    assert peaks["night"] < peaks["minute"] + 150
