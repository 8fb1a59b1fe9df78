import itertools
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from efdviewer.domain.query import SampleQuery, SummaryQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.sources import open_source
from efdviewer.sources.archive import ArchiveSource
from efdviewer.sources.archive_manifest import read_manifest
from efdviewer.sources.simulate import ensure_demo, simulate_night
from efdviewer.sources.simulate_topics import trajectory_deg
from tests.nights import END, END_NS, START_NS

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


async def test_that_topics_differ_in_their_delays(night):
    medians_ms, late = {}, {}
    for topic in (
        f"{CAMERA}.logevent_startIntegration",
        f"{CAMERA}.logevent_endReadout",
        f"{CAMERA}.logevent_logMessage",
        "lsst.sal.MTMount.azimuth",
        "lsst.sal.ESS.temperature",
    ):
        table = await column(night, topic, "private_rcvStamp", "private_sndStamp")
        delays = table["private_rcvStamp"].to_numpy() - table["private_sndStamp"].to_numpy()
        medians_ms[topic], late[topic] = np.median(delays) * 1e3, np.mean(delays > 0.02)
    ordered = sorted(medians_ms.values())
    assert min(b / a for a, b in itertools.pairwise(ordered)) > 1.05
    assert ordered[-1] > 5 * ordered[0]
    assert late["lsst.sal.ESS.temperature"] > 5 * late["lsst.sal.MTMount.azimuth"] > 0


def test_that_the_command_writes_the_night_in_time(tmp_path, capsys):
    begun_s = time.perf_counter()
    program = "import sys; from efdviewer.app import main; sys.exit(main())"
    arguments = ["simulate", "-o", tmp_path / "night", "--end", END]
    subprocess.run([sys.executable, "-c", program, *arguments], check=True)
    took_s = time.perf_counter() - begun_s
    size = sum(path.stat().st_size for path in (tmp_path / "night").rglob("*") if path.is_file())
    with capsys.disabled():
        print(f"\nsimulated in {took_s:.1f} s (about 15 s), {size / 1e6:.0f} MB (limit 80 MB)")
    assert took_s < 15
    assert size < 80e6


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


def test_that_the_demo_is_written_once(tmp_path):
    folder = ensure_demo(tmp_path)
    begun = time.monotonic()
    assert ensure_demo(tmp_path) == folder
    assert time.monotonic() - begun < 0.5
    assert folder.name == "demo"


def test_that_the_demo_still_shows_data_tomorrow_and_forgets_old_nights(tmp_path, monkeypatch):
    today = ensure_demo(tmp_path)
    now_ns = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now_ns + 86_400 * 10**9)
    tomorrow = ensure_demo(tmp_path)
    assert tomorrow != today
    assert (today / "manifest.json").exists(), "a window may still show it"
    ends = [topic.end_utc_ns for topic in read_manifest(tomorrow).values() if topic.rows]
    assert abs(max(ends) - now_ns - 86_400 * 10**9) < 600 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: now_ns + 5 * 86_400 * 10**9)
    ensure_demo(tmp_path)
    assert not today.exists()


def test_that_a_damaged_demo_is_written_anew(tmp_path):
    damaged = ensure_demo(tmp_path)
    (damaged / "manifest.json").write_text("damaged")
    assert ensure_demo(tmp_path) != damaged


def test_that_two_windows_may_write_the_demo_at_once(tmp_path):
    code = "import sys; from pathlib import Path; from efdviewer.sources.simulate import ensure_demo; "
    command = [sys.executable, "-c", code + "print(ensure_demo(Path(sys.argv[1])))", str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        told, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        assert read_manifest(Path(told.strip()))
    assert not list(tmp_path.glob(".new-*"))


@pytest.mark.parametrize("wrong", ["occupied"])
def test_that_a_folder_with_other_things_is_refused(tmp_path, wrong):
    (tmp_path / wrong).write_text("mine")
    with pytest.raises(Exception, match="not empty"):
        simulate_night(tmp_path, end_utc_ns=END_NS)


async def unpacked(folder, topic: str, field: str, time_range=WHOLE, aggregates=(), bucket_ns=0):
    async with open_source(str(folder)) as source:
        if bucket_ns:
            return await source.summary(
                SummaryQuery(
                    topic=topic,
                    fields=(field,),
                    time_range=time_range,
                    bucket_ns=bucket_ns,
                    aggregates=aggregates,
                )
            )
        return await source.samples(SampleQuery(topic=topic, fields=(field,), time_range=time_range))


async def test_that_packed_samples_lie_where_they_were_taken(night):
    table = await unpacked(night, "lsst.sal.ATMCS.trajectory[]", "elevation")
    seconds = (table["time"].to_numpy() - START_NS) / 1e9
    # 600 and 300 messages, and one alone; nothing between them.
    assert table.num_rows == 90_100
    assert np.abs(table["elevation"].to_numpy() - trajectory_deg(seconds)).max() < 1e-6
    assert np.count_nonzero(np.diff(seconds) > 1) == 2


async def test_that_packed_samples_with_an_interval_are_those_of_the_messages(night):
    topic = "lsst.sal.MTMount.cabinetVibration"
    elements = [f"accelerationZ{place}" for place in range(100)]
    messages = await column(night, topic, "timestamp", "interval", *elements)
    begun = messages["timestamp"].to_numpy()[:, None] - 37
    expected_s = begun + messages["interval"].to_numpy()[:, None] * np.arange(100)
    values = np.stack([messages[name].to_numpy() for name in elements], axis=1)
    table = await unpacked(night, f"{topic}[]", "accelerationZ")
    assert np.abs(table["time"].to_numpy() / 1e9 - expected_s.ravel()).max() < 1e-6
    assert np.array_equal(table["accelerationZ"].to_numpy(), values.ravel())


@pytest.mark.parametrize("bucket_s", [1, 64, 4096])
async def test_that_packed_samples_are_the_same_at_every_zoom(night, bucket_s):
    topic, bucket_ns = "lsst.sal.ATMCS.trajectory[]", bucket_s * 10**9
    table = await unpacked(night, topic, "azimuth")
    summary = await unpacked(night, topic, "azimuth", WHOLE, ("min", "max", "count"), bucket_ns)
    starts = table["time"].to_numpy() // bucket_ns * bucket_ns
    values = table["azimuth"].to_numpy()
    edges = np.flatnonzero(np.diff(starts, prepend=-1))
    assert np.array_equal(summary["time"].to_numpy(), starts[edges])
    assert np.array_equal(summary["azimuth_min"].to_numpy(), np.minimum.reduceat(values, edges))
    assert np.array_equal(summary["azimuth_max"].to_numpy(), np.maximum.reduceat(values, edges))
    assert summary["azimuth_count"].to_numpy().sum() == len(values)
