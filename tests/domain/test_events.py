"""Stamps of a topic, and events placed at them."""

import gzip
import json
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.events import (
    full_stamp,
    placed,
    short_stamp,
    stamp_s,
    stamp_scale,
    stamps_of,
    thin_to_columns,
)
from efdviewer.domain.leap_seconds import LEAP_UTC_NS
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, tai_ns_from_utc_ns
from efdviewer.domain.topics import FieldSchema, FieldType

SECOND = 1_000_000_000
NOON = 1_706_702_400 * SECOND
REPLAY = Path("../shared/data/efd/replay.jsonl.gz")


def table_of(stamp: str, values, moments=None) -> pa.Table:
    moments = NOON + np.arange(len(values)) * SECOND if moments is None else moments
    return pa.table({"time": pa.array(moments, pa.int64()), stamp: pa.array(values)})


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("time", Timescale.UTC),
        ("private_efdStamp", Timescale.UTC),
        ("private_sndStamp", Timescale.TAI),
        ("private_rcvStamp", Timescale.TAI),
        ("private_kafkaStamp", Timescale.TAI),
        ("timestamp", Timescale.TAI),
        ("cRIO_timestamp", Timescale.TAI),
        ("actualPositionTimestamp", Timescale.TAI),
        ("timestamped", None),
        ("private_seqNum", None),
        ("analog_I", None),
    ],
)
def test_that_a_name_tells_the_scale(name, scale):
    assert stamp_scale(name) is scale


def test_that_a_topic_lists_its_own_stamps_time_first():
    names = ["timestamp", "private_seqNum", "private_rcvStamp", "actualTimestamp", "private_sndStamp"]
    fields = [FieldSchema(name=name, type=FieldType.FLOAT) for name in names]
    fields.append(FieldSchema(name="textTimestamp", type=FieldType.STRING))
    assert stamps_of(fields) == (
        "time",
        "private_sndStamp",
        "private_rcvStamp",
        "actualTimestamp",
        "timestamp",
    )


@pytest.mark.parametrize("name", ["time", "private_sndStamp", "private_efdStamp", "timestamp", "sndStampOwn"])
def test_that_short_names_lead_back(name):
    assert full_stamp(short_stamp(name)) == name


def test_that_people_may_leave_out_private():
    assert full_stamp("rcvStamp") == "private_rcvStamp"
    assert short_stamp("private_rcvStamp") == "rcvStamp"


@given(st.lists(st.integers(int(LEAP_UTC_NS[0]) // 1000 + 10**9, 2 * 10**15), min_size=1, max_size=30))
def test_that_tai_stamps_are_placed_on_the_utc_axis(micros):
    moments = np.array(micros, np.int64) * 1000
    stamps = tai_ns_from_utc_ns(moments) / 1e9
    table = table_of("private_sndStamp", stamps)
    events = placed(table, topic="t", stamp="private_sndStamp", scale=Timescale.TAI)
    assert np.abs(events.times_utc_ns - np.sort(moments)).max() <= 500
    assert events.absent == 0


def test_that_absent_stamps_are_counted_and_left_out():
    table = table_of("private_rcvStamp", [0.0, 1.7e9, None, float("nan"), float("inf"), -1.7e9, 1.6e9])
    events = placed(table, topic="t", stamp="private_rcvStamp", scale=Timescale.UTC)
    assert events.absent == 5
    assert events.times_utc_ns.tolist() == [1_600_000_000 * SECOND, 1_700_000_000 * SECOND]
    assert events.index_utc_ns.tolist() == [NOON + 6 * SECOND, NOON + SECOND]
    assert not events.times_utc_ns.flags.writeable


def test_that_an_empty_table_has_no_events():
    table = table_of("private_sndStamp", np.empty(0))
    events = placed(table, topic="t", stamp="private_sndStamp", scale=Timescale.TAI)
    assert (len(events.times_utc_ns), events.absent) == (0, 0)


def test_that_time_is_taken_to_the_nanosecond():
    table = table_of("x", [1.0, 2.0], moments=[NOON + 1, NOON + 3])
    events = placed(table, topic="t", stamp="time", scale=Timescale.UTC)
    assert events.times_utc_ns.tolist() == [NOON + 1, NOON + 3]
    said_to_be_tai = placed(table, topic="t", stamp="time", scale=Timescale.TAI)
    assert (events.times_utc_ns - said_to_be_tai.times_utc_ns).tolist() == [37 * SECOND] * 2


def test_that_milliseconds_of_the_camera_are_told_by_their_size():
    table = table_of("timestamp", pa.array([1_706_702_400_123, 0, None, 1_706_702_401], pa.int64()))
    assert np.array_equal(
        stamp_s(table, "timestamp"), [1_706_702_400.123, 0.0, np.nan, 1_706_702_401.0], equal_nan=True
    )
    events = placed(table, topic="t", stamp="timestamp", scale=Timescale.UTC)
    assert np.abs(events.times_utc_ns - [NOON + 123_000_000, NOON + SECOND]).max() <= 500
    assert events.absent == 2


def test_that_a_range_is_half_open():
    table = table_of("x", [1.0] * 5)
    events = placed(table, topic="t", stamp="time", scale=Timescale.UTC)
    inside = events.in_range(TimeRange(start_utc_ns=NOON + SECOND, end_utc_ns=NOON + 3 * SECOND))
    assert inside.tolist() == [NOON + SECOND, NOON + 2 * SECOND]


def test_that_real_send_stamps_lie_beside_the_index():
    if not REPLAY.exists():
        pytest.skip("the recordings of a real EFD are not beside this project")
    checked = 0
    with gzip.open(REPLAY, "rt") as lines:
        for line in lines:
            for series in (s for r in json.loads(line)["results"] for s in r.get("series", [])):
                if "private_sndStamp" not in series["columns"]:
                    continue
                frame = dict(zip(series["columns"], zip(*series["values"], strict=True), strict=True))
                moments = np.array(frame["time"], "datetime64[ns]").astype(np.int64)
                table = table_of(
                    "private_sndStamp", pa.array(frame["private_sndStamp"], pa.float64()), moments
                )
                events = placed(table, topic="t", stamp="private_sndStamp", scale=Timescale.TAI)
                assert np.abs(events.times_utc_ns - events.index_utc_ns).max() < SECOND
                checked += len(events.times_utc_ns)
    print(f"{checked} real send stamps")
    assert checked


@given(
    st.lists(st.integers(0, 10**6), max_size=100).map(sorted),
    st.integers(0, 10**5),
    st.integers(100, 10**6),
    st.integers(1, 300),
)
def test_that_columns_are_those_with_an_event(offsets, begin, span_ns, columns):
    whole = TimeRange(start_utc_ns=NOON + begin, end_utc_ns=NOON + begin + span_ns)
    expected = sorted({(o - begin) * columns // span_ns for o in offsets if 0 <= o - begin < span_ns})
    found = thin_to_columns(NOON + np.array(offsets, np.int64), whole, columns)
    assert found.dtype == np.int64
    assert found.tolist() == expected


def test_that_columns_of_a_century_do_not_overflow():
    whole = TimeRange(start_utc_ns=NOON, end_utc_ns=NOON + 3 * 10**18)
    moments = NOON + np.array([0, 15 * 10**17, 3 * 10**18 - 1], np.int64)
    assert thin_to_columns(moments, whole, 4000).tolist() == [0, 2000, 3999]


def test_that_a_million_events_are_thinned_quickly():
    moments = NOON + np.sort(np.random.default_rng(2).integers(0, 86_400 * SECOND, 1_000_000))
    whole = TimeRange(start_utc_ns=NOON, end_utc_ns=NOON + 86_400 * SECOND)
    elapsed = []
    for _ in range(10):
        begun = time.perf_counter()
        found = thin_to_columns(moments, whole, 1600)
        elapsed.append(time.perf_counter() - begun)
    print(f"1,000,000 events: {min(elapsed) * 1e3:.2f} ms")
    assert len(found) == 1600
    assert min(elapsed) < 0.005
