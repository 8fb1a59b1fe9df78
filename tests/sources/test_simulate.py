import time

import numpy as np
import pyarrow.parquet as pq
import pytest

from efdviewer.domain.query import SampleQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.sources.archive import ArchiveSource
from efdviewer.sources.simulate import ensure_demo, simulate_night
from tests.nights import END_NS, START_NS

CAMERA = "lsst.sal.ATCamera"
WHOLE = TimeRange(start_utc_ns=START_NS - 10**9, end_utc_ns=END_NS + 10**10)


async def column(folder, topic: str, *fields: str):
    async with ArchiveSource(folder) as source:
        return await source.samples(SampleQuery(topic=topic, fields=fields, time_range=WHOLE))


async def test_that_the_night_is_small_and_ends_when_asked(night):
    size = sum(path.stat().st_size for path in night.rglob("*") if path.is_file())
    assert size < 80e6
    async with ArchiveSource(night) as source:
        suggested = await source.default_range()
    assert abs(suggested.end_utc_ns - END_NS) < 2 * 10**9
    assert suggested.span_ns == 20 * 3600 * 10**9


async def test_that_the_same_seed_gives_the_same_night(night, tmp_path):
    simulate_night(tmp_path / "again", end_utc_ns=END_NS, seed=7)
    for path in sorted(night.rglob("*.parquet")):
        assert pq.read_table(path).equals(pq.read_table(tmp_path / "again" / path.relative_to(night)))


async def test_that_readouts_show_in_the_current(night):
    power = await column(night, f"{CAMERA}.wrebPower", "analog_I")
    starts = await column(night, f"{CAMERA}.logevent_startReadout", "private_sndStamp")
    ends = await column(night, f"{CAMERA}.logevent_endReadout", "private_sndStamp")
    moments = power["time"].to_numpy()
    inside = np.zeros(len(moments), bool)
    for start, end in zip(starts["time"].to_numpy(), ends["time"].to_numpy(), strict=True):
        inside |= (moments >= start) & (moments < end)
    current = power["analog_I"].to_numpy()
    assert inside.sum() > 20
    assert np.median(current[inside]) - np.median(current[~inside]) > 0.05


async def test_that_delays_are_short_with_a_tail(night):
    table = await column(night, f"{CAMERA}.logevent_heartbeat", "private_rcvStamp", "private_sndStamp")
    delays = table["private_rcvStamp"].to_numpy() - table["private_sndStamp"].to_numpy()
    assert 2e-4 < np.median(delays) < 2e-3
    assert 0.1 < delays.max() < 4.0


async def test_that_the_clocks_of_2019_are_37_s_apart(tmp_path):
    simulate_night(tmp_path / "mixed", end_utc_ns=END_NS, clock_mix="2019")
    table = await column(
        tmp_path / "mixed", f"{CAMERA}.logevent_startReadout", "private_rcvStamp", "private_sndStamp"
    )
    delays = table["private_rcvStamp"].to_numpy() - table["private_sndStamp"].to_numpy()
    assert abs(np.median(delays) - 37.0) < 0.01


async def test_that_there_is_one_fault_with_a_traceback(night):
    states = await column(night, f"{CAMERA}.logevent_summaryState", "summaryState")
    assert states["summaryState"].to_pylist().count(3) == 1
    messages = await column(night, f"{CAMERA}.logevent_logMessage", "message", "traceback")
    assert any(text.startswith("Traceback") and "\n" in text for text in messages["traceback"].to_pylist())


def test_that_the_demo_is_written_once_and_anew_when_it_is_old(tmp_path):
    folder = ensure_demo(tmp_path / "demo")
    written = (folder / "manifest.json").stat().st_mtime_ns
    begun = time.monotonic()
    assert ensure_demo(tmp_path / "demo") == folder
    assert time.monotonic() - begun < 0.5
    assert (folder / "manifest.json").stat().st_mtime_ns == written
    (folder / "manifest.json").write_text("damaged")
    ensure_demo(folder)
    assert (folder / "manifest.json").stat().st_mtime_ns != written
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


@pytest.mark.parametrize("wrong", ["occupied"])
def test_that_a_folder_with_other_things_is_refused(tmp_path, wrong):
    (tmp_path / wrong).write_text("mine")
    with pytest.raises(Exception, match="not empty"):
        simulate_night(tmp_path, end_utc_ns=END_NS)
