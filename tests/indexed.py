"""A topic in which three devices take turns, as indexed components publish it."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from efdviewer.domain.timerange import TimeRange
from efdviewer.sources.archive_writer import ArchiveWriter

ESS = "lsst.sal.ESS.temperature"
DEVICES = (0, 1, 2)
ROWS = 30_000
START_NS = 1_706_745_600_000_000_000
RANGE = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + ROWS * 10**9)


def write_indexed(folder: Path) -> Path:
    """Write `ESS.temperature` of `DEVICES`, a row a second; values tell their device by the hundreds."""
    turn = np.arange(ROWS)
    index = turn % len(DEVICES)
    batch = pa.RecordBatch.from_pydict(
        {
            "time": START_NS + turn * 10**9,
            "salIndex": index,
            "sensorName": [f'sensor {number}; "{"ABC"[number]}"' for number in index],
            "temperatureItem0": 100.0 * index + np.sin(turn / 1000),
            "temperatureItem1": 100.0 * index + np.cos(turn / 1000),
        }
    )
    with ArchiveWriter(folder, "a test") as writer:
        writer.append(ESS, batch, {"temperatureItem0": "deg_C"})
    return folder
