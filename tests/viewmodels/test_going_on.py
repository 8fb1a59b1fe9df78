"""Events and delays of a view that moves on: the past is asked for once, and late rows still come."""

import time

import numpy as np
import pyarrow as pa
import pytest

from efdviewer.app.window import make_application
from efdviewer.domain.coverage import GRACE_NS
from efdviewer.domain.errors import UnreachableError
from efdviewer.domain.session import Latency, LatencyPair, Overlay, Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.services.known_events import MARGIN_NS
from efdviewer.services.tiles import TileStore
from efdviewer.viewmodels.events import EventsViewModel
from efdviewer.viewmodels.latency import LatencyViewModel
from tests.memory import LEAP_S, SECOND_NS, START_NS, Desk, MemorySource, messages

TOPIC = "lsst.sal.CSC.logevent_x"
OVERLAY = Overlay(topic=TOPIC, stamp="private_sndStamp")
PAIR = LatencyPair(topic=TOPIC)
SPAN_S = 3000
LONG = messages(1000)
"""One message every 10 s, for longer than is shown."""


def view(shift_s: int = 0) -> TimeRange:
    start_ns = START_NS + shift_s * SECOND_NS
    return TimeRange(start_utc_ns=start_ns, end_utc_ns=start_ns + SPAN_S * SECOND_NS)


async def at_once(function, *arguments):
    return function(*arguments)


@pytest.fixture
def desk() -> Desk:
    make_application()
    return Desk(Session(overlays=(OVERLAY,), latency=Latency(pairs=(PAIR,)), live_s=1))


def events_of(desk: Desk) -> EventsViewModel:
    return EventsViewModel(desk.document, desk.runner, TileStore(), lambda index: f"#00000{index}")


def latency_of(desk: Desk) -> LatencyViewModel:
    return LatencyViewModel(desk.document, desk.runner, at_once)


def count(panel) -> int:
    row = panel.rows()[0]
    return row.count if isinstance(panel, EventsViewModel) else row.figures.count


@pytest.fixture(params=[events_of, latency_of], ids=["events", "latency"])
def kind(request):
    return request.param


async def go(panel, desk: Desk, shift_s: int) -> None:
    panel.set_time_range(view(shift_s))
    await desk.settled()


def without(table: pa.Table, place: int) -> pa.Table:
    return pa.concat_tables([table.slice(0, place), table.slice(place + 1)])


async def test_that_only_the_open_end_is_asked_for(desk, kind):
    source = MemorySource({TOPIC: LONG})
    panel = desk.show(kind(desk), source, view())
    await desk.settled()
    for tick in range(1, 6):
        await go(panel, desk, 10 * tick)
        asked = source.asked[tick].time_range
        assert asked.start_utc_ns >= view(10 * tick - 10).end_utc_ns - GRACE_NS - MARGIN_NS
        assert asked.span_ns < 2 * (GRACE_NS + 2 * MARGIN_NS)
        assert count(panel) == SPAN_S // 10


async def test_that_a_row_that_comes_late_within_the_grace_time_appears(desk, kind):
    late = SPAN_S // 10 - 5
    source = MemorySource({TOPIC: without(LONG, late)})
    panel = desk.show(kind(desk), source, view())
    await desk.settled()
    assert count(panel) == SPAN_S // 10 - 1
    source.put(TOPIC, LONG)
    await go(panel, desk, 10)
    assert count(panel) == SPAN_S // 10


async def test_that_what_has_left_the_view_is_forgotten(desk):
    source = MemorySource({TOPIC: LONG})
    events = desk.show(events_of(desk), source, view())
    await desk.settled()
    for shift_s in range(100, 3000, 100):
        await go(events, desk, shift_s)
    held = events.states()[0].times_utc_ns
    assert held[0] >= view(shift_s).start_utc_ns - MARGIN_NS - SECOND_NS
    assert count(events) == SPAN_S // 10


async def test_that_an_earlier_range_is_asked_for_as_a_whole(desk, kind):
    source = MemorySource({TOPIC: LONG})
    panel = desk.show(kind(desk), source, view(1000))
    await desk.settled()
    await go(panel, desk, 0)
    assert source.asked[-1].time_range.start_utc_ns <= view().start_utc_ns
    assert count(panel) == SPAN_S // 10


async def test_that_a_reload_asks_for_everything(desk, kind):
    source = MemorySource({TOPIC: without(LONG, 3)})
    panel = desk.show(kind(desk), source, view())
    await desk.settled()
    source.put(TOPIC, LONG)
    panel.forget_coverage()
    await go(panel, desk, 0)
    assert count(panel) == SPAN_S // 10


async def test_that_a_failed_refresh_is_made_up_for_by_the_next(desk, kind, monkeypatch):
    source = MemorySource({TOPIC: LONG})
    panel = desk.show(kind(desk), source, view())
    await desk.settled()
    samples = source.samples

    async def fail(_query):
        raise UnreachableError("The link is down.", hint="Wait.")

    monkeypatch.setattr(source, "samples", fail)
    await go(panel, desk, 10)
    assert "link is down" in panel.rows()[0].status
    monkeypatch.setattr(source, "samples", samples)
    await go(panel, desk, 200)
    assert panel.rows()[0].status == ""
    assert source.asked[-1].time_range.start_utc_ns > view(-500).end_utc_ns
    assert count(panel) == SPAN_S // 10


async def test_that_a_view_within_what_is_held_takes_the_failure_back(desk, monkeypatch):
    source = MemorySource({TOPIC: LONG})
    events = desk.show(events_of(desk), source, view())
    await desk.settled()

    async def fail(_query):
        raise UnreachableError("The link is down.", hint="Wait.")

    monkeypatch.setattr(source, "samples", fail)
    await go(events, desk, 10)
    assert events.errors()
    await go(events, desk, 0)
    assert not events.errors()
    assert count(events) == SPAN_S // 10


async def test_that_stamps_are_not_kept_when_nothing_is_followed(desk):
    source = MemorySource({TOPIC: LONG})
    latency = desk.show(latency_of(desk), source, view())
    await desk.settled()
    desk.document.apply("Stop following", Session(latency=Latency(pairs=(PAIR,))))
    await go(latency, desk, 10)
    assert source.asked[-1].time_range == view(10)


@pytest.mark.parametrize("ahead_s", [0, 300, 1500])
async def test_that_new_rows_appear_though_the_clock_is_ahead_of_the_writers(desk, kind, ahead_s):
    now_ns = time.time_ns()
    newest_ns = now_ns - (ahead_s + 5) * SECOND_NS
    moments = newest_ns - np.arange(60)[::-1] * SECOND_NS
    stamps = pa.array(moments / 1e9 + LEAP_S)
    rows = pa.table({"time": moments, "private_sndStamp": stamps, "private_rcvStamp": stamps})
    source = MemorySource({TOPIC: rows.slice(0, 50)})
    panel = kind(desk)
    for count_then in (50, 51, 60):
        source.put(TOPIC, rows.slice(0, count_then))
        view = TimeRange(start_utc_ns=now_ns - SPAN_S * SECOND_NS, end_utc_ns=now_ns)
        if count_then == 50:
            desk.show(panel, source, view)
        panel.set_time_range(view)
        await desk.settled()
        assert count(panel) == count_then
        now_ns += SECOND_NS
    assert source.asked[-1].time_range.start_utc_ns >= newest_ns - GRACE_NS - MARGIN_NS - 60 * SECOND_NS
