"""Every range that can be typed loads, in a plot of any width: samples, minima and maxima, and events."""

from collections.abc import AsyncIterator

import numpy as np
import pyarrow as pa
import pytest

from efdviewer.domain.query import DataSource
from efdviewer.domain.timerange import TimeRange, clamped
from efdviewer.domain.timescale import Timescale
from efdviewer.services.catalog import Catalog
from efdviewer.services.event_loader import EventLoader, EventRequest
from efdviewer.services.kept_tiles import KeptTiles
from efdviewer.services.series import SeriesOutcome, SeriesRequest
from efdviewer.services.series_loader import SeriesLoader
from efdviewer.services.tile_disk import TileDisk
from efdviewer.sources.archive import ArchiveSource
from efdviewer.sources.archive_writer import ArchiveWriter
from efdviewer.sources.workers import run_in_worker
from tests.sources.influx import source_of

EARLIEST_NS, LATEST_NS = -9_214_560_000_000_000_000, 9_214_646_400_000_000_000
YEAR_NS = 365 * 86_400 * 10**9
START_NS = 1_700_000_000 * 10**9
TELEMETRY, EVENT = "lsst.sal.CSC.telemetry", "lsst.sal.CSC.logevent_x"
ROWS = 5000
TIMES = START_NS + np.arange(ROWS) * 10**9
RANGES = {
    "all": (EARLIEST_NS, LATEST_NS),
    "until the end": (START_NS, LATEST_NS),
    "from the beginning": (EARLIEST_NS, START_NS + YEAR_NS),
    "the first year": (EARLIEST_NS, EARLIEST_NS + YEAR_NS),
    "the last year": (LATEST_NS - YEAR_NS, LATEST_NS),
    "the last moment": (LATEST_NS - 100, LATEST_NS),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "archive"
    with ArchiveWriter(folder, "a test") as writer:
        for topic in (TELEMETRY, EVENT):
            batch = pa.RecordBatch.from_pydict({"time": TIMES, "x": np.arange(ROWS) / 4})
            writer.append(topic, batch, {})
    return folder


@pytest.fixture(scope="module")
def database(influxd) -> str:
    influxd.create_database("whole")
    for topic in (TELEMETRY, EVENT):
        influxd.write("whole", "\n".join(f"{topic} x={row / 4} {at}" for row, at in enumerate(TIMES)))
    return "whole"


@pytest.fixture(params=["influx", "archive"])
async def source(request, archive, influxd, database) -> AsyncIterator[DataSource]:
    made = ArchiveSource(archive) if request.param == "archive" else source_of(influxd, database)
    async with made as opened:
        yield opened


@pytest.mark.parametrize("columns", [1, 10, 1000, 4000])
@pytest.mark.parametrize("name", RANGES)
async def test_that_every_range_loads_whatever_the_width(source, tmp_path, name, columns):
    start_ns, end_ns = RANGES[name]
    time_range, common = TimeRange(start_utc_ns=start_ns, end_utc_ns=end_ns), clamped(start_ns, end_ns)
    has_rows = start_ns <= START_NS < end_ns
    for _ in range(2):
        store = KeptTiles(TileDisk(tmp_path), run_in_worker)
        found = {}
        await SeriesLoader(source, Catalog(source), store).load(
            SeriesRequest(topic=TELEMETRY, fields=("x",), time_range=time_range, columns=columns),
            lambda series, found=found: found.update(x=series),
        )
        assert found["x"].complete
        assert found["x"].outcome is (SeriesOutcome.READY if has_rows else SeriesOutcome.NO_DATA)
        if has_rows:
            values = found["x"].view.values
            assert (values.min(), values.max()) == (0, (ROWS - 1) / 4)
            assert np.all(np.diff(found["x"].view.times_utc_ns) >= 0)
        events = await EventLoader(source, Catalog(source), store).load(
            EventRequest(placement=(EVENT, "time", Timescale.UTC), time_range=common, columns=columns)
        )
        # Of a bucket that the view cuts, as many are counted as there may be in it.
        assert (events.count_in(common)[0] > ROWS / 4) is has_rows
        await store.close()
