import asyncio
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from efdviewer.app.window import make_application
from efdviewer.domain.session import Overlay, Session, StampScale
from efdviewer.domain.timerange import TimeRange
from efdviewer.services.tiles import TileStore
from efdviewer.sources import open_source
from efdviewer.viewmodels.events import EventsViewModel
from tests.memory import LEAP_S, RANGE, SECOND_NS, START_NS, Desk, MemorySource, messages
from tests.nights import END_NS

READOUT = "lsst.sal.ATCamera.logevent_startReadout"
SND = Overlay(topic=READOUT, stamp="private_sndStamp")


@pytest.fixture
def desk() -> Desk:
    make_application()
    return Desk(Session(overlays=(SND,)))


def events_of(desk: Desk) -> EventsViewModel:
    return EventsViewModel(desk.document, desk.runner, TileStore(), lambda index: f"#00000{index}")


async def test_that_lines_stand_at_the_stamps_of_the_archive_in_utc(desk, night):
    whole = TimeRange(start_utc_ns=END_NS - 86_400 * SECOND_NS, end_utc_ns=END_NS)
    stamps_s = pq.read_table(night / READOUT, columns=["private_sndStamp"])["private_sndStamp"].to_numpy()
    async with open_source(str(night)) as source:
        events = desk.show(events_of(desk), source, whole)
        await desk.settled()
    (state,) = events.states()
    assert len(state.times_utc_ns) == len(stamps_s) > 500
    assert np.abs(state.times_utc_ns / 1e9 - (np.sort(stamps_s) - LEAP_S)).max() < 1e-6
    assert events.rows()[0].count == len(stamps_s)


async def test_that_a_narrower_range_counts_anew_and_asks_nothing(desk):
    source = MemorySource({READOUT: messages(10)})
    events = desk.show(events_of(desk), source)
    await desk.settled()
    asked = len(source.asked)
    events.set_time_range(TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + 30 * SECOND_NS))
    await desk.settled()
    assert len(source.asked) == asked
    assert events.rows()[0].count == 3


async def test_that_a_line_in_view_is_loaded_though_its_row_lies_outside(desk):
    source = MemorySource({READOUT: messages(10, snd_in="utc")})
    view = TimeRange(start_utc_ns=START_NS - 37 * SECOND_NS, end_utc_ns=START_NS - 36 * SECOND_NS)
    events = desk.show(events_of(desk), source, view)
    await desk.settled()
    assert events.rows()[0].count == 1, "taken as TAI, the first line stands 37 s before its row"


async def test_that_a_cancelled_load_is_asked_for_again(desk):
    source = MemorySource({READOUT: messages(10)})
    source.gate.clear()
    events = desk.show(events_of(desk), source)
    await asyncio.wait_for(source.reached.wait(), 10)
    desk.runner.cancel_all()
    source.gate.set()
    await desk.settled()
    assert events.rows()[0].status == "Not loaded"
    events.set_time_range(RANGE)
    await desk.settled()
    assert events.rows()[0].count == 10


async def test_that_the_same_range_is_not_asked_for_twice_while_it_loads(desk):
    source = MemorySource({READOUT: messages(10)})
    source.gate.clear()
    events = desk.show(events_of(desk), source)
    await asyncio.wait_for(source.reached.wait(), 10)
    events.set_time_range(RANGE)
    source.gate.set()
    await desk.settled()
    assert len(source.asked) == 1
    assert events.rows()[0].count == 10


async def test_that_an_overlay_removed_while_it_loads_leaves_nothing_and_undo_loads_it(desk):
    source = MemorySource({READOUT: messages(10)})
    source.gate.clear()
    events = desk.show(events_of(desk), source)
    await asyncio.wait_for(source.reached.wait(), 10)
    events.remove(0)
    assert not desk.runner.names
    source.gate.set()
    await desk.settled()
    desk.document.undo()
    assert events.states() == ()
    await desk.settled()
    assert events.rows()[0].count == 10


async def test_that_rows_without_the_stamp_are_counted_and_draw_no_line(desk):
    table = messages(6).set_column(1, "private_sndStamp", pa.array([0.0, None, 1.0, *[1.7067e9] * 3]))
    events = desk.show(events_of(desk), MemorySource({READOUT: table}))
    await desk.settled()
    assert events.rows()[0].absent == 3
    assert len(events.states()[0].times_utc_ns) == 3


async def test_that_a_scale_set_by_hand_moves_the_lines(desk):
    events = desk.show(events_of(desk), MemorySource({READOUT: messages(10)}))
    await desk.settled()
    before = events.states()[0].times_utc_ns
    events.set_scale(0, "utc")
    await desk.settled()
    assert set(events.states()[0].times_utc_ns - before) == {37 * SECOND_NS}
    assert desk.document.session.stamp_scales == (
        StampScale(topic=READOUT, stamp="private_sndStamp", scale="utc"),
    )


async def test_that_an_unknown_stamp_names_those_that_are_there(desk):
    events = desk.show(events_of(desk), MemorySource({READOUT: messages(3)}))
    events.edit(0, "Change overlay's stamp", stamp="nothingStamp")
    await desk.settled()
    (row,) = events.rows()
    assert "nothingStamp" in row.status
    assert "sndStamp, rcvStamp" in row.status
    assert len(events.errors()) == 1
    assert desk.reported == [], "what the list shows itself is not reported a second time"


async def test_that_a_failure_does_not_outlive_its_source(desk):
    events = desk.show(events_of(desk), MemorySource({}))
    await desk.settled()
    assert events.errors()
    events.set_source(None, None)
    assert events.errors() == []


async def test_that_topics_that_differ_only_in_their_last_word_have_names_that_differ(desk):
    topics = [f"lsst.sal.{csc}.logevent_summaryState" for csc in ("ATCamera", "MTMount")]
    overlays = [Overlay(topic=topic, stamp="time") for topic in (*topics, READOUT)]
    desk.document.apply("Overlay", Session(overlays=tuple(overlays)))
    events = desk.show(events_of(desk), MemorySource({}))
    names = [row.name for row in events.rows()]
    assert names == ["ATCamera.summaryState", "MTMount.summaryState", "startReadout"]
    await desk.settled()


async def test_that_more_events_than_columns_come_as_counts(desk):
    count = 120_000
    source = MemorySource({READOUT: messages(count, spacing_s=0.005)})
    events = desk.show(events_of(desk), source)
    await desk.settled()
    (state,) = events.states()
    assert len(state.times_utc_ns) == 0
    assert state.density.counts.sum() == count
    assert events.rows()[0].count == count
    assert len(source.asked) == 1
    assert {query.bucket_ns for query in source.counted} == {SECOND_NS}


async def test_that_a_wider_view_counts_at_least_what_is_known_until_the_rest_is(desk):
    source = MemorySource({READOUT: messages(100)})
    near = TimeRange(start_utc_ns=START_NS + 500 * SECOND_NS, end_utc_ns=START_NS + 600 * SECOND_NS)
    events = desk.show(events_of(desk), source, near)
    await desk.settled()
    assert (events.rows()[0].count, events.rows()[0].is_complete) == (10, True)
    source.gate.clear()
    events.set_time_range(RANGE)
    (row,) = events.rows()
    assert row.count >= 10
    assert (row.is_complete, row.status) == (False, "")
    desk.runner.cancel_all()
    assert (events.rows()[0].is_complete, events.rows()[0].status) == (False, "Loaded in part")
    source.gate.set()
    events.set_time_range(near)
    assert (events.rows()[0].count, events.rows()[0].is_complete) == (10, True)
    events.set_time_range(RANGE)
    await desk.settled()
    assert (events.rows()[0].count, events.rows()[0].is_complete) == (100, True)


async def test_that_no_events_where_not_all_is_known_does_not_say_that_there_are_none(desk):
    source = MemorySource({READOUT: messages(10)})
    far = TimeRange(start_utc_ns=START_NS - 5000 * SECOND_NS, end_utc_ns=START_NS - 4000 * SECOND_NS)
    events = desk.show(events_of(desk), source, far)
    await desk.settled()
    assert events.rows()[0].status == "No events in this range"
    source.gate.clear()
    events.set_time_range(TimeRange(start_utc_ns=far.start_utc_ns, end_utc_ns=RANGE.end_utc_ns))
    desk.runner.cancel_all()
    assert (events.rows()[0].count, events.rows()[0].status) == (0, "Loaded in part")


async def test_that_an_event_is_described_with_its_stamps_and_fields(desk):
    table = messages(3)
    table = table.append_column("timestamp", pa.array(START_NS / 1e6 + 37_000 + np.arange(3) * 10_000))
    table = table.append_column("report", pa.array(["<b>x</b>" + "y" * 500] * 3))
    table = table.append_column("exposureTimestamp", pa.array([0, 0, 0], pa.int64()))
    events = desk.show(events_of(desk), MemorySource({READOUT: table}))
    await desk.settled()
    told = []
    events.eventDescribed.connect(lambda *parts: told.append(parts))
    line = int(events.states()[0].times_utc_ns[1])
    events.describe(f"{READOUT}@sndStamp", line)
    await desk.settled()
    ((key, utc_ns, text),) = told
    assert (key, utc_ns) == (f"{READOUT}@sndStamp", line)
    assert "<b>ATCamera.startReadout</b>" in text
    assert "sndStamp 2024-01-31T23:00:10" in text
    assert "timestamp 2024-01-31T23:00:10" in text, "milliseconds, as the camera writes them"
    assert "&lt;b&gt;x" in text
    assert "y" * 200 not in text
    assert "exposureTimestamp: 0" in text


async def test_that_a_view_that_narrows_while_a_crowd_loads_counts_what_has_come_since(desk, monkeypatch):
    monkeypatch.setattr("efdviewer.services.habits.FRESH_NS", 0)
    now_ns = time.time_ns() // SECOND_NS * SECOND_NS
    moments = np.random.default_rng(1).permutation(now_ns - np.arange(1, 1000) * (SECOND_NS // 10))

    def view(half_s: int) -> TimeRange:
        return TimeRange(start_utc_ns=now_ns - half_s * SECOND_NS, end_utc_ns=now_ns + half_s * SECOND_NS)

    def table(count: int) -> pa.Table:
        at = np.sort(moments[:count])
        stamps = pa.array(at / 1e9 + LEAP_S)
        return pa.table({"time": at, "private_sndStamp": stamps, "private_seqNum": at})

    source = MemorySource({READOUT: table(80)})
    events = events_of(desk)
    events.set_columns(100)
    desk.show(events, source, view(1800))
    await desk.settled()
    for count, half_s in [(500, 1700), (600, 150), (700, 150), (900, 1700)]:
        source.put(READOUT, table(count))
        source.gate.clear()
        source.reached.clear()
        events.set_time_range(view(1800))
        await asyncio.wait_for(source.reached.wait(), 10)
        events.set_time_range(view(half_s))
        source.gate.set()
        await desk.settled()
        assert events.rows()[0].count == count
