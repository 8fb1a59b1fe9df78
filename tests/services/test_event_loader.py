"""Events of a view: lines where they are few, counts where they are more than pixel columns."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from efdviewer.domain.events import EventDensity, EventSet
from efdviewer.domain.query import Statement
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, tai_ns_from_utc_ns
from efdviewer.services.catalog import Catalog
from efdviewer.services.event_loader import EventLoader, EventRequest
from efdviewer.services.kept_tiles import KeptTiles
from efdviewer.services.tile_disk import TileDisk
from efdviewer.services.tiles import TileStore
from efdviewer.sources import open_source
from efdviewer.sources.archive_writer import ArchiveWriter
from efdviewer.sources.workers import run_in_worker
from tests.memory import LEAP_S, SECOND_NS, START_NS, MemorySource
from tests.sources.influx import source_of

COLUMNS = 500
SPAN_NS = 8 * 3600 * SECOND_NS
WHOLE = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + SPAN_NS)
TOPICS = {"lsst.sal.CSC.logevent_many": 50_000, "lsst.sal.CSC.logevent_more": 100_000}
MANY, MORE = TOPICS
WORDS = "lsst.sal.CSC.logevent_words"
"""At the moments of the many, with nothing but a text."""
SND = "private_sndStamp"


def table_of(moments_ns, *, ahead_s: float = LEAP_S) -> pa.Table:
    """Messages at some moments, microseconds exactly; their send stamps are ahead of UTC by some seconds."""
    moments = np.sort(np.asarray(moments_ns, np.int64)) // 1000 * 1000
    stamps = moments / 1e9 + ahead_s
    return pa.table({"time": moments, SND: stamps, "private_seqNum": np.arange(len(moments))})


def moments_of(count: int) -> np.ndarray:
    """A quarter of the events all over the time, the others in a tenth of it."""
    random = np.random.default_rng(count)
    offsets = np.concatenate([random.uniform(0, 1, count // 4), random.uniform(0.4, 0.5, count - count // 4)])
    return START_NS + np.round(offsets * SPAN_NS).astype(np.int64)


TABLES = {topic: table_of(moments_of(count)) for topic, count in TOPICS.items()}


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crowds") / "archive"
    with ArchiveWriter(folder, "a test") as writer:
        for topic, table in TABLES.items():
            for batch in table.to_batches():
                writer.append(topic, batch, {})
        times = TABLES[MANY]["time"].combine_chunks()
        texts = pa.repeat("word", len(times))
        writer.append(WORDS, pa.record_batch({"time": times, "message": texts}), {})
    return folder


@pytest.fixture(scope="module")
def database(influxd) -> str:
    influxd.create_database("crowds")
    for topic, table in TABLES.items():
        rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
        lines = [f"{topic} {SND}={stamp!r},private_seqNum={number}i {at}" for at, stamp, number in rows]
        for begin in range(0, len(lines), 20_000):
            influxd.write("crowds", "\n".join(lines[begin : begin + 20_000]))
    words = [f'{WORDS} message="word" {at}' for at in TABLES[MANY]["time"].to_pylist()]
    influxd.write("crowds", "\n".join(words))
    return "crowds"


class Asked:
    """A source, the loader that asks it, and what was asked."""

    def __init__(self, source) -> None:
        self.source = source
        self.statements: dict[int, Statement] = {}
        source.statement_observers.append(lambda said: self.statements.__setitem__(said.number, said))
        self.loader = EventLoader(source, Catalog(source), TileStore())

    @property
    def received_bytes(self) -> int:
        return sum(statement.received_bytes for statement in self.statements.values())

    def forget(self) -> None:
        self.statements.clear()


@pytest.fixture(params=["influx", "archive"])
async def asked(request) -> AsyncIterator[Asked]:
    if request.param == "influx":
        async with source_of(
            request.getfixturevalue("influxd"), request.getfixturevalue("database")
        ) as source:
            yield Asked(source)
    else:
        async with open_source(str(request.getfixturevalue("archive"))) as source:
            yield Asked(source)


def view(
    start: float, end: float, *, topic: str = MANY, stamp: str = SND, scale=Timescale.TAI
) -> EventRequest:
    """Ask for a part of the whole, from 0 to 1."""
    ends = (START_NS + round(part * SPAN_NS) for part in (start, end))
    time_range = TimeRange(start_utc_ns=next(ends), end_utc_ns=next(ends))
    return EventRequest(placement=(topic, stamp, scale), time_range=time_range, columns=COLUMNS)


def stamps_in(time_range: TimeRange, topic: str = MANY) -> np.ndarray:
    moments = TABLES[topic]["time"].to_numpy()
    return moments[(moments >= time_range.start_utc_ns) & (moments < time_range.end_utc_ns)]


def assert_counts(found: EventDensity, moments: np.ndarray) -> None:
    """Check each count against those of moments; where a stamp lies at an edge, one may be beside."""
    edges = np.append(found.starts_utc_ns, found.starts_utc_ns[-1] + found.bucket_ns)
    assert (np.diff(edges) % found.bucket_ns == 0).all()
    expected = np.searchsorted(moments, found.starts_utc_ns + found.bucket_ns) - np.searchsorted(
        moments, found.starts_utc_ns
    )
    assert np.array_equal(found.counts, expected)
    assert found.counts.sum() == len(moments)


async def test_that_a_crowd_comes_as_exact_counts(asked):
    found = await asked.loader.load(view(0, 1))
    assert isinstance(found, EventDensity)
    assert SPAN_NS / COLUMNS / 2 < found.bucket_ns <= SPAN_NS / COLUMNS
    assert_counts(found, stamps_in(WHOLE))
    assert found.count_in(WHOLE)[0] == pytest.approx(TOPICS[MANY], abs=20)


async def test_that_a_crowd_of_messages_with_nothing_but_texts_is_counted(asked):
    found = await asked.loader.load(view(0, 1, topic=WORDS, stamp="time", scale=Timescale.UTC))
    assert isinstance(found, EventDensity)
    assert_counts(found, stamps_in(WHOLE))


async def test_that_the_zoom_in_brings_the_stamps_and_back_out_asks_nothing(asked):
    await asked.loader.load(view(0, 1))
    near = view(0.3, 0.302)
    found = await asked.loader.load(near)
    assert isinstance(found, EventSet)
    expected = stamps_in(near.time_range)
    assert 0 < len(expected) <= COLUMNS
    assert np.abs(found.in_range(near.time_range) - expected).max() < 1000
    asked.forget()
    shaded, is_all = asked.loader.known(view(0, 1))
    assert is_all
    assert_counts(shaded, stamps_in(WHOLE))
    lines, is_all = asked.loader.known(near)
    assert is_all
    assert isinstance(lines, EventSet)
    assert not asked.statements


async def test_that_events_tell_where_all_of_them_are_known(asked):
    for near, kind in ((view(0.3, 0.302), EventSet), (view(0.4, 0.44), EventDensity)):
        found = await asked.loader.load(near)
        assert isinstance(found, kind)
        assert found.covered.start_utc_ns <= near.time_range.start_utc_ns
        assert near.time_range.end_utc_ns <= found.covered.end_utc_ns
        assert found.covered.span_ns < 1.5 * near.time_range.span_ns
        assert len(stamps_in(found.covered)) == pytest.approx(found.count_in(found.covered)[0], abs=2)


async def test_that_panning_asks_only_for_counts_and_back_for_nothing(asked):
    await asked.loader.load(view(0.4, 0.44))
    asked.forget()
    found = await asked.loader.load(view(0.42, 0.46))
    assert isinstance(found, EventDensity)
    assert all(SND not in said.text for said in asked.statements.values())
    asked.forget()
    assert asked.loader.known(view(0.4, 0.44))[1]
    assert asked.loader.known(view(0.41, 0.45))[1]
    assert not asked.statements


async def test_that_a_zoom_within_a_crowd_does_not_try_the_stamps_again(asked):
    await asked.loader.load(view(0, 1))
    asked.forget()
    assert isinstance(await asked.loader.load(view(0.42, 0.47)), EventDensity)
    assert all(SND not in said.text for said in asked.statements.values())


async def test_that_few_events_beside_a_crowd_are_lines(asked):
    beside = view(0.399, 0.39999)
    found = await asked.loader.load(beside)
    assert isinstance(found, EventSet)
    assert len(found.in_range(beside.time_range)) == len(stamps_in(beside.time_range)) > 0


async def test_that_a_reload_asks_again(asked):
    await asked.loader.load(view(0, 1))
    asked.loader.expire()
    asked.forget()
    assert asked.loader.known(view(0, 1)) == (None, False)
    assert isinstance(await asked.loader.load(view(0, 1)), EventDensity)
    assert asked.statements


async def test_that_counts_outlast_the_program(influxd, database, tmp_path):
    asked_ns = []
    for _ in range(2):
        async with source_of(influxd, database) as source:
            store = KeptTiles(TileDisk(tmp_path), run_in_worker)
            loader, spans = EventLoader(source, Catalog(source), store), []
            ask = source.stream_summary
            source.stream_summary = lambda query, ask=ask, spans=spans: (
                spans.append(query.time_range.span_ns) or ask(query)
            )
            found = await loader.load(view(0, 1))
            assert_counts(found, stamps_in(WHOLE))
            asked_ns.append(sum(spans))
    assert asked_ns[1] < asked_ns[0] / 5, "only the end, of which it is not known yet whether rows will come"


async def test_that_what_is_received_does_not_grow_with_the_events(influxd, database):
    received = []
    for topic in TOPICS:
        async with source_of(influxd, database) as source:
            asked = Asked(source)
            assert isinstance(await asked.loader.load(view(0, 1, topic=topic)), EventDensity)
            received.append(asked.received_bytes)
    print(f"bytes received for {list(TOPICS.values())} events: {received}")
    assert max(received) < 150_000
    assert received[1] < 1.2 * received[0]


@pytest.mark.parametrize(("count", "is_shaded"), [(COLUMNS, False), (COLUMNS + 1, True)])
@pytest.mark.parametrize("crowd", [0, 20_000], ids=["alone", "beside a crowd"])
async def test_that_one_event_more_than_columns_is_shaded(count, is_shaded, crowd):
    inside = START_NS + np.arange(count) * (SECOND_NS // 8) + 1
    beyond = START_NS + 100 * SECOND_NS + np.arange(crowd) * (SECOND_NS // 2000)
    source = MemorySource({MANY: table_of(np.concatenate([inside, beyond]))})
    loader = EventLoader(source, Catalog(source), TileStore())
    time_range = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + 63 * SECOND_NS)
    request = EventRequest(placement=(MANY, SND, Timescale.TAI), time_range=time_range, columns=COLUMNS)
    found = await loader.load(request)
    assert isinstance(found, EventDensity) is is_shaded
    assert found.count_in(time_range)[0] == count
    assert bool(source.counted) is bool(crowd)


async def test_that_counts_stand_at_stamps_that_are_far_from_time(asked):
    # Stamps of 2019, written in UTC and read in TAI, lie 37 s before their rows.
    near = view(0.41, 0.46, stamp=SND, scale=Timescale.UTC)
    found = await asked.loader.load(near)
    assert isinstance(found, EventDensity)
    assert found.bucket_ns < LEAP_S * SECOND_NS
    moved = stamps_in(TimeRange(start_utc_ns=START_NS, end_utc_ns=WHOLE.end_utc_ns)) + int(LEAP_S * SECOND_NS)
    for start_ns, count in zip(found.starts_utc_ns[2:-2:40], found.counts[2:-2:40], strict=True):
        inside = np.searchsorted(moved, [start_ns, start_ns + found.bucket_ns])
        assert abs(count - int(np.diff(inside)[0])) <= 2
    asked.forget()
    assert asked.loader.known(near)[1]
    assert isinstance(await asked.loader.load(view(0.412, 0.462, scale=Timescale.UTC)), EventDensity)
    assert all(SND not in said.text for said in asked.statements.values()), "the offset is known"


async def test_that_time_in_tai_moves_the_counts_too(asked):
    near = view(0.41, 0.46, stamp="time", scale=Timescale.TAI)
    found = await asked.loader.load(near)
    assert isinstance(found, EventDensity)
    moved = stamps_in(WHOLE) - int(LEAP_S * SECOND_NS)
    assert tai_ns_from_utc_ns(moved[:1])[0] == stamps_in(WHOLE)[0]
    inside = np.searchsorted(moved, [near.time_range.start_utc_ns, near.time_range.end_utc_ns])
    assert found.count_in(near.time_range)[0] == pytest.approx(int(np.diff(inside)[0]), abs=60)
    assert found.starts_utc_ns[0] <= near.time_range.start_utc_ns + 2 * found.bucket_ns


async def test_that_a_crowd_that_grows_is_asked_for_at_its_end_alone():
    end_ns = time.time_ns() // SECOND_NS * SECOND_NS
    moments = end_ns - np.arange(20_000) * (SECOND_NS // 4)
    source = MemorySource({MANY: table_of(moments)})
    loader = EventLoader(source, Catalog(source), TileStore())
    span_ns = 4800 * SECOND_NS
    for shift_s in (0, 5, 10):
        source.counted.clear()
        source.asked.clear()
        ends = (at + shift_s * SECOND_NS for at in (end_ns - span_ns, end_ns + 1))
        time_range = TimeRange(start_utc_ns=next(ends), end_utc_ns=next(ends))
        request = EventRequest(placement=(MANY, SND, Timescale.TAI), time_range=time_range, columns=COLUMNS)
        found = await loader.load(request)
        assert isinstance(found, EventDensity)
        if shift_s:
            assert not source.asked
            assert sum(query.time_range.span_ns for query in source.counted) < span_ns / 4


async def test_that_a_view_that_reaches_to_now_is_asked_for_its_open_end_again(monkeypatch):
    monkeypatch.setattr("efdviewer.services.habits.FRESH_NS", 0)
    now_ns = time.time_ns() // SECOND_NS * SECOND_NS
    moments = now_ns - np.arange(1, 61) * 60 * SECOND_NS
    source = MemorySource({MANY: table_of(moments)})
    loader = EventLoader(source, Catalog(source), TileStore())
    hour_ns = 3600 * SECOND_NS
    whole = TimeRange(start_utc_ns=now_ns - hour_ns, end_utc_ns=now_ns + hour_ns)
    placement = (MANY, SND, Timescale.TAI)
    request = EventRequest(placement=placement, time_range=whole, columns=COLUMNS)
    assert (await loader.load(request)).count_in(whole) == (60, True)
    late = now_ns - np.array([10, 20]) * SECOND_NS
    source.put(MANY, table_of(np.concatenate([moments, late])))
    source.asked.clear()
    shown, is_all = loader.known(request)
    assert (shown.count_in(whole), is_all) == ((60, True), False)
    # A part of it: what is held stays, and goes on.
    near = replace(request, time_range=TimeRange(start_utc_ns=now_ns - hour_ns // 2, end_utc_ns=now_ns))
    assert (await loader.load(near)).count_in(near.time_range) == (32, True)
    assert loader.known(request)[0].count_in(whole) == (62, True)
    assert all(query.time_range.span_ns < 2 * hour_ns for query in source.asked)
    past = replace(
        request, time_range=TimeRange(start_utc_ns=whole.start_utc_ns, end_utc_ns=now_ns - hour_ns // 2)
    )
    assert loader.known(past)[1]


async def test_that_events_that_become_too_many_are_counted_anew(monkeypatch):
    monkeypatch.setattr("efdviewer.services.habits.FRESH_NS", 0)
    now_ns = time.time_ns() // SECOND_NS * SECOND_NS
    moments = np.random.default_rng(1).permutation(now_ns - np.arange(1, 9 * COLUMNS) * (SECOND_NS // 50))
    half_ns = 1800 * SECOND_NS
    whole = TimeRange(start_utc_ns=now_ns - half_ns, end_utc_ns=now_ns + half_ns)
    request = EventRequest(placement=(MANY, SND, Timescale.TAI), time_range=whole, columns=COLUMNS)
    source = MemorySource({})
    loader = EventLoader(source, Catalog(source), TileStore())
    for count in (3 * COLUMNS, 7 * COLUMNS, 8 * COLUMNS):
        source.put(MANY, table_of(moments[:count]))
        assert (await loader.load(request)).count_in(whole) == (count, True)
        known, is_all = loader.known(request)
        assert (known.count_in(whole), is_all) == ((count, True), False)


async def test_that_stamps_beside_a_crowd_are_kept_when_it_is_counted(asked):
    near = view(0.3, 0.302)
    lines = await asked.loader.load(near)
    assert isinstance(await asked.loader.load(view(0, 1)), EventDensity)
    known, is_all = asked.loader.known(near)
    assert is_all
    assert np.array_equal(known.times_utc_ns, lines.times_utc_ns)


async def test_that_a_past_view_is_asked_again_only_when_newer_rows_have_come(monkeypatch):
    monkeypatch.setattr("efdviewer.services.habits.FRESH_NS", 0)
    source = MemorySource({MANY: table_of(START_NS + np.arange(10) * SECOND_NS)})
    loader = EventLoader(source, Catalog(source), TileStore())
    quiet = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + 4000 * SECOND_NS)
    later = TimeRange(start_utc_ns=quiet.end_utc_ns, end_utc_ns=quiet.end_utc_ns + 4000 * SECOND_NS)
    request = EventRequest(placement=(MANY, SND, Timescale.TAI), time_range=quiet, columns=COLUMNS)
    await loader.load(request)
    assert loader.known(request)[1]
    source.put(MANY, table_of(START_NS + np.arange(7000) * SECOND_NS))
    assert loader.known(request)[1]
    await loader.load(replace(request, placement=(MANY, "time", Timescale.UTC), time_range=later))
    assert not loader.known(request)[1]
    assert (await loader.load(request)).count_in(quiet) == (4000, True)
    assert loader.known(request)[1]
