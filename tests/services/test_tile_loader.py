"""What is asked of a source: what is missing, once, in few statements; and what comes of its answers."""

import asyncio
import gc
import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.errors import LimitError, UnreachableError
from efdviewer.domain.query import SampleQuery, SummaryQuery
from efdviewer.domain.samples import times
from efdviewer.domain.tiles import COUNTS, EXTREMES, MEANS, SAMPLES, Slot, slots_over
from efdviewer.domain.timerange import TimeRange, shifted
from efdviewer.services.catalog import Catalog
from efdviewer.services.flights import together
from efdviewer.services.habits import GRACE_NS, Habits
from efdviewer.services.kept_tiles import KeptTiles
from efdviewer.services.series import SeriesRequest
from efdviewer.services.series_loader import SeriesLoader
from efdviewer.services.tile_disk import TileDisk
from efdviewer.services.tile_loader import TileLoader
from efdviewer.services.tile_strip import RowSeries, TileStrip
from efdviewer.services.tiles import SeriesKey, TileStore
from efdviewer.sources.archive import ArchiveSource
from tests.domain.tiled import (
    LEVELS,
    NUMBERS,
    Series,
    adjacent,
    aggregates,
    assert_means,
    rows_of,
    series_in,
)
from tests.influxd import running
from tests.nights import START_NS, load_camera
from tests.services.recorded import RecordedSource
from tests.sources.influx import source_of

SECOND = 10**9
HOUR_NS = 3600 * SECOND
TOPIC, FIELD, OTHER = "lsst.sal.ATCamera.wreb", "temp1", "temp2"
DATABASE = "tile_loader"
PART = TimeRange(start_utc_ns=START_NS + 2 * HOUR_NS, end_utc_ns=START_NS + 10 * HOUR_NS)


@pytest.fixture(params=["archive", "influxd"])
async def source(request, night, tmp_path):
    if request.param == "archive":
        async with ArchiveSource(night) as opened:
            yield RecordedSource(opened)
        return
    server = request.getfixturevalue("influxd")
    if DATABASE not in str(server.query("SHOW DATABASES")):
        await asyncio.to_thread(load_camera, night, tmp_path / "night", server, DATABASE)
    async with source_of(server, DATABASE) as opened:
        yield RecordedSource(opened)


def rows_for(*names: str, topic: str = TOPIC, habits: Habits | None = None) -> RowSeries:
    store = TileStore()
    tiles = {name: store.series(SeriesKey("here", topic, name, ())) for name in names}
    return RowSeries(subset=(topic, ()), tiles=tiles, habits=habits or Habits(), arrived=lambda: None)


def slots_in(asked: list[SampleQuery | SummaryQuery], bucket_ns: int) -> list[Slot]:
    return [slot for query in asked for slot in slots_over(query.time_range, bucket_ns)]


async def test_that_neighbours_are_asked_for_in_one_statement_and_the_middle_first(source):
    slots = slots_over(PART, 16 * SECOND)
    rows = rows_for(FIELD, OTHER)
    await TileLoader(source).summarise(rows, slots, EXTREMES)
    right, left = source.asked
    middle = slots[len(slots) // 2].start_utc_ns
    assert len(slots) >= 8
    assert right.time_range == TimeRange(start_utc_ns=middle, end_utc_ns=slots[-1].end_utc_ns)
    assert left.time_range == TimeRange(start_utc_ns=slots[0].start_utc_ns, end_utc_ns=middle)
    assert right.fields == left.fields == (FIELD, OTHER)


async def test_that_runs_are_asked_for_apart_and_the_nearest_to_the_middle_first(source):
    slots = [Slot(16 * SECOND, PART.start_utc_ns // (1024 * SECOND) + place) for place in (0, 1, 4, 5, 6, 9)]
    await TileLoader(source).summarise(rows_for(FIELD), slots, EXTREMES)
    assert [slots_over(query.time_range, 16 * SECOND) for query in source.asked] == [
        slots[2:5], slots[:2], slots[5:],
    ]  # fmt: skip


@pytest.mark.parametrize("columns", [SAMPLES, (*EXTREMES, *COUNTS)])
async def test_that_the_tiles_hold_what_the_samples_say(source, columns):
    slots = slots_over(PART, 16 * SECOND)
    rows = rows_for(FIELD, OTHER)
    loader = TileLoader(source)
    if columns == SAMPLES:
        assert await loader.take_samples(rows, slots, None)
    else:
        await loader.summarise(rows, slots, columns)
    table = await source.samples(SampleQuery(topic=TOPIC, fields=(FIELD,), time_range=_over(slots)))
    moments, values = times(table), table[FIELD].to_numpy()
    for slot in slots:
        tile = rows.tiles[FIELD].get(columns, slot)
        inside = (moments >= slot.start_utc_ns) & (moments < slot.end_utc_ns)
        if columns == SAMPLES:
            assert tile.times_utc_ns.tolist() == moments[inside].tolist()
            assert tile.columns["value"].tolist() == values[inside].tolist()
            continue
        places = moments[inside] // slot.bucket_ns * slot.bucket_ns
        assert rows_of(tile) == [
            (start, here.min(), here.max(), len(here))
            for start in np.unique(places).tolist()
            for here in [values[inside][places == start]]
        ]


async def test_that_tiles_of_means_hold_those_of_the_samples(source):
    slots = slots_over(PART, 16 * SECOND)
    rows = rows_for(FIELD, OTHER)
    await TileLoader(source).summarise(rows, slots, MEANS)
    table = await source.samples(SampleQuery(topic=TOPIC, fields=(FIELD,), time_range=_over(slots)))
    series = Series(times(table), table[FIELD].to_numpy())
    for slot in slots:
        assert_means(rows.tiles[FIELD].get(MEANS, slot), series)


def _over(slots: list[Slot]) -> TimeRange:
    return TimeRange(start_utc_ns=slots[0].start_utc_ns, end_utc_ns=slots[-1].end_utc_ns)


async def load(loader: SeriesLoader, *fields: str, time_range=PART, topic=TOPIC, columns=100, means=False):
    found = {}
    request = SeriesRequest(topic=topic, fields=fields, time_range=time_range, columns=columns, means=means)
    await loader.load(request, lambda series: found.update({series.field.field: series}))
    return found


async def test_that_a_view_that_moves_asks_for_what_is_new_alone(source):
    loader = SeriesLoader(source, Catalog(source), TileStore())
    view = await load(loader, FIELD)
    bucket_ns = view[FIELD].view.bucket_ns
    assert bucket_ns
    source.taken()
    await load(loader, FIELD)
    assert source.taken() == []
    moved = shifted(PART, 0.9)
    await load(loader, FIELD, time_range=moved)
    asked = source.taken()
    assert len(asked) == 1
    assert slots_in(asked, bucket_ns) == [
        slot for slot in slots_over(moved, bucket_ns) if slot not in slots_over(PART, bucket_ns)
    ]


async def test_that_means_are_asked_for_alone_where_extremes_are_known_and_no_more_than_once(source):
    loader = SeriesLoader(source, Catalog(source), TileStore())
    bucket_ns = (await load(loader, FIELD))[FIELD].view.bucket_ns
    assert MEANS not in {query.aggregates for query in source.taken() if isinstance(query, SummaryQuery)}
    found = (await load(loader, FIELD, means=True))[FIELD]
    asked = source.taken()
    assert found.complete
    assert {query.aggregates for query in asked} == {MEANS}
    assert sorted(slots_in(asked, bucket_ns)) == slots_over(PART, bucket_ns)
    await load(loader, FIELD, means=True)
    await load(loader, FIELD)
    assert source.taken() == []
    moved = shifted(PART, 0.9)
    await load(loader, FIELD, time_range=moved, means=True)
    asked = source.taken()
    assert [query.aggregates for query in asked] == [EXTREMES, MEANS]
    new = [slot for slot in slots_over(moved, bucket_ns) if slot not in slots_over(PART, bucket_ns)]
    assert slots_in(asked, bucket_ns) == new * 2


async def test_that_what_is_beside_the_view_is_loaded_with_means_too(source):
    loader = SeriesLoader(source, Catalog(source), TileStore())
    await load(loader, FIELD, means=True)
    request = SeriesRequest(
        topic=TOPIC, fields=(FIELD,), time_range=shifted(PART, 0.9), columns=100, means=True
    )
    await loader.prefetch(request)
    source.taken()
    (series,), is_all = loader.known(request)
    assert is_all
    assert len(series.view.means.values) > 100


async def test_that_reload_asks_for_means_anew(source):
    loader = SeriesLoader(source, Catalog(source), TileStore())
    request = SeriesRequest(topic=TOPIC, fields=(FIELD,), time_range=PART, columns=100, means=True)
    before = (await load(loader, FIELD, means=True))[FIELD]
    loader.expire([request.ref(FIELD)])
    (series,), is_all = loader.known(request)
    assert not is_all
    assert series.view.means.values.tolist() == before.view.means.values.tolist()
    source.taken()
    await load(loader, FIELD, means=True)
    assert MEANS in {query.aggregates for query in source.taken() if isinstance(query, SummaryQuery)}


async def test_that_a_wider_view_asks_for_its_ends_alone(source):
    loader = SeriesLoader(source, Catalog(source), TileStore())
    bucket_ns = (await load(loader, FIELD))[FIELD].view.bucket_ns
    source.taken()
    wider = PART.padded(3 * PART.span_ns // 4)
    await load(loader, FIELD, time_range=wider)
    slots = slots_in(source.taken(), 2 * bucket_ns)
    known = slots_over(PART, bucket_ns)
    assert len(set(slots)) == len(slots)
    for slot in slots_over(wider, 2 * bucket_ns):
        assert (slot in slots) == (not set(slot.children) <= set(known))


async def test_that_a_field_that_is_added_is_asked_for_alone_and_then_goes_with_the_other(source):
    loader = SeriesLoader(source, Catalog(source), TileStore())
    await load(loader, FIELD)
    source.taken()
    await load(loader, FIELD, OTHER)
    asked = source.taken()
    assert {query.fields for query in asked} == {(OTHER,)}
    await load(loader, FIELD, OTHER, time_range=shifted(PART, 0.9))
    asked = source.taken()
    assert [query.fields for query in asked] == [(FIELD, OTHER)]


async def test_that_what_has_come_stays_when_the_rest_is_cancelled(source, request):
    # An archive gives its rows 65,536 at a time: of the mount that is some minutes.
    is_archive = "archive" in request.node.name
    topic, field = ("lsst.sal.MTMount.azimuth", "actualPosition") if is_archive else (TOPIC, FIELD)
    slots = slots_over(PART, 16 * SECOND)
    rows = rows_for(field, topic=topic)
    source.stops_after = 3
    loading = asyncio.ensure_future(TileLoader(source).summarise(rows, slots, EXTREMES))
    await source.stopped.wait()
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    come = [slot for slot in slots if rows.tiles[field].extremes(slot)]
    assert 0 < len(come) < len(slots)
    source.stops_after = None
    whole = rows_for(field, topic=topic)
    await TileLoader(source).summarise(whole, slots, EXTREMES)
    for slot in come:
        assert rows_of(rows.tiles[field].extremes(slot)) == rows_of(whole.tiles[field].extremes(slot))


async def test_that_what_has_come_is_saved_when_the_rest_is_cancelled(influxd, night, tmp_path):
    if DATABASE not in str(influxd.query("SHOW DATABASES")):
        await asyncio.to_thread(load_camera, night, tmp_path / "night", influxd, DATABASE)
    disk = TileDisk(tmp_path / "kept")
    async with source_of(influxd, DATABASE) as opened:
        source, store = RecordedSource(opened), KeptTiles(disk, asyncio.to_thread)
        source.stops_after = 2
        # Were the samples there first, nothing else would be waited for.
        source.samples = lambda _query: asyncio.Event().wait()
        loading = asyncio.ensure_future(
            load(SeriesLoader(source, Catalog(source), store), FIELD, columns=400)
        )
        await source.stopped.wait()
        loading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loading
        key, query = SeriesKey(source.origin, TOPIC, FIELD, ()), source.asked[-1]
    assert disk.recall([key], EXTREMES, slots_over(PART, query.bucket_ns))
    disk.close()


# A server of our own, whose rows we choose.


def write_rows(server, database: str, lines: list[str]) -> None:
    server.write(database, "\n".join(lines))


@pytest.fixture
async def own(influxd, request):
    database = f"tiles_{abs(hash(request.node.name))}"
    influxd.create_database(database)
    async with source_of(influxd, database) as opened:
        recorded = RecordedSource(opened)
        recorded.write = lambda lines: write_rows(influxd, database, lines)
        yield recorded


async def test_that_integers_beyond_the_reach_of_floats_stay_exact(own):
    slot = Slot(SECOND, 20_000_000)
    values = [2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63)]
    own.write([f"t x={value}i {slot.start_utc_ns + place * SECOND}" for place, value in enumerate(values)])
    rows = rows_for("x", topic="t")
    await TileLoader(own).summarise(rows, [slot], EXTREMES)
    tile = rows.tiles["x"].extremes(slot)
    assert tile.columns["min"].tolist() == tile.columns["max"].tolist() == values
    await TileLoader(own).take_samples(rows, [slot], None)
    assert rows.tiles["x"].samples(slot).columns["value"].tolist() == values


async def test_that_an_open_tile_is_asked_for_from_its_final_part_on_and_takes_late_rows(own):
    now = time.time_ns()
    slot = Slot(16 * SECOND, now // (1024 * SECOND))
    # A row that is older than the grace and one within it.
    old, recent = now - GRACE_NS - 100 * SECOND, now - 30 * SECOND
    slots = slots_over(TimeRange(start_utc_ns=old, end_utc_ns=slot.end_utc_ns), slot.bucket_ns)
    own.write([f"t x=1 {old}", f"t x=1 {recent}", f"t x=1 {now}"])
    rows = rows_for("x", topic="t")
    await TileLoader(own).summarise(rows, slots, EXTREMES)
    first = own.taken()
    assert [query.time_range for query in first] == [_over(slots)]
    own.write([f"t x=9 {recent - SECOND}", f"t x=9 {old + SECOND}"])
    ageing = [slot for slot in slots if not rows.tiles["x"].extremes(slot).is_settled]
    await TileLoader(own).summarise(rows, ageing, EXTREMES)
    (again,) = own.taken()
    assert again.time_range.start_utc_ns % slot.bucket_ns == 0
    # The newest row seen is the beginning of a bucket.
    assert now - GRACE_NS - 2 * slot.bucket_ns < again.time_range.start_utc_ns <= now - GRACE_NS
    assert again.time_range.end_utc_ns == slots[-1].end_utc_ns
    found = [row for slot in slots for row in rows_of(rows.tiles["x"].extremes(slot))]
    by_start = {row[0]: row[2] for row in found}
    assert by_start[(recent - SECOND) // slot.bucket_ns * slot.bucket_ns] == 9
    assert by_start[old // slot.bucket_ns * slot.bucket_ns] == 1


@pytest.mark.parametrize("is_expired", [True, False])
async def test_that_samples_that_became_many_are_drawn_in_buckets(own, monkeypatch, is_expired):
    """They were few when they were asked for; asking for them as such would go on for ever."""
    monkeypatch.setattr("efdviewer.services.habits.FRESH_NS", 0)
    now = time.time_ns()
    whole = TimeRange(start_utc_ns=now - 3600 * SECOND, end_utc_ns=now + 60 * SECOND)
    own.write([f"t x={place} {whole.start_utc_ns + place * 60 * SECOND}" for place in range(10)])
    loader = SeriesLoader(own, Catalog(own), TileStore())
    assert (await load(loader, "x", time_range=whole, topic="t", columns=100))["x"].view.bucket_ns == 0
    own.write([f"t x={place} {now - 2400 * SECOND + place * SECOND}" for place in range(2400)])
    request = SeriesRequest(topic="t", fields=("x",), time_range=whole, columns=100)
    if is_expired:
        loader.expire([request.ref("x")])
    async with asyncio.timeout(20):
        found = (await load(loader, "x", time_range=whole, topic="t", columns=100))["x"]
    assert found.complete
    assert found.view.bucket_ns
    assert found.view.values.max() == 2399


async def test_that_a_topic_that_fell_silent_is_asked_about_its_silence_once(own, monkeypatch):
    monkeypatch.setattr("efdviewer.services.habits.FRESH_NS", 0)
    now = time.time_ns()
    own.write([f"t x={place} {now - 48 * HOUR_NS + place * SECOND}" for place in range(100)])
    loader = SeriesLoader(own, Catalog(own), TileStore())
    silence = TimeRange(start_utc_ns=now - 20 * HOUR_NS, end_utc_ns=now - HOUR_NS)
    request = SeriesRequest(topic="t", fields=("x",), time_range=silence, columns=1000)
    await load(loader, "x", time_range=silence, topic="t", columns=1000)
    own.taken()
    assert loader.known(request)[1]
    # At its open end more may come, and only there.
    until_now = TimeRange(start_utc_ns=silence.start_utc_ns, end_utc_ns=now)
    await load(loader, "x", time_range=until_now, topic="t", columns=1000)
    own.taken()
    await load(loader, "x", time_range=until_now, topic="t", columns=1000)
    asked = own.taken()
    assert asked
    assert all(query.time_range.start_utc_ns > now - 2 * HOUR_NS for query in asked)


async def test_that_the_state_before_a_view_that_follows_the_clock_is_asked_for_once(own):
    topic, now_ns = "lsst.sal.CSC.logevent_state", time.time_ns()
    own.write([f"{topic} x=3 {now_ns - 2 * HOUR_NS}"])
    asked = []

    async def latest(*arguments, **named):
        asked.append(arguments)
        return await own.source.latest(*arguments, **named)

    own.latest = latest
    loader = SeriesLoader(own, Catalog(own), TileStore())
    for _ in range(3):
        end_ns = time.time_ns()
        view = TimeRange(start_utc_ns=end_ns - HOUR_NS, end_utc_ns=end_ns)
        found = await load(loader, "x", topic=topic, time_range=view)
        assert found["x"].held == (now_ns - 2 * HOUR_NS, 3.0)
        await asyncio.sleep(1.0)
    assert len(asked) == 1


async def test_that_rows_that_were_held_up_appear_when_newer_ones_have_come(own, monkeypatch):
    monkeypatch.setattr("efdviewer.services.habits.FRESH_NS", 0)
    now = time.time_ns()
    whole = TimeRange(start_utc_ns=now - 3 * HOUR_NS, end_utc_ns=now)
    own.write([f"t x=1 {now - 150 * 60 * SECOND + place * SECOND}" for place in range(100)])
    loader = SeriesLoader(own, Catalog(own), TileStore())
    await load(loader, "x", time_range=whole, topic="t", columns=100)
    own.write([f"t x=7 {now - 90 * 60 * SECOND + place * SECOND}" for place in range(100)])
    own.write([f"t x=1 {now - 10 * SECOND}"])
    for _ in range(2):
        found = (await load(loader, "x", time_range=whole, topic="t", columns=100))["x"]
    assert found.view.values.max() == 7


async def test_that_a_view_that_is_more_than_the_memory_holds_is_asked_for_once(own):
    own.write([f"t x={place} {START_NS + place * SECOND}" for place in range(5000)])
    whole = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + 5000 * SECOND)
    async with asyncio.timeout(20):
        await load(
            SeriesLoader(own, Catalog(own), TileStore(5_000)), "x", time_range=whole, topic="t", columns=200
        )
    assert len([query for query in own.taken() if isinstance(query, SummaryQuery)]) <= 4


async def test_that_nobody_joins_a_statement_that_is_being_ended(own, monkeypatch):
    """Its end takes a while; who joined it would be cancelled with it, and wait for ever."""
    monkeypatch.setattr("efdviewer.services.flights._LINGER_S", 0.0)
    own.write([f"t x={place} {START_NS + place * SECOND}" for place in range(100)])
    begun, ending, may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class Reluctant(RecordedSource):
        async def stream_summary(self, query):
            self.asked.append(query)
            try:
                if len(self.asked) == 1:
                    begun.set()
                    await asyncio.Event().wait()
                async for batch in own.stream_summary(query):
                    yield batch
            finally:
                ending.set()
                await may_end.wait()

    source = Reluctant(own)
    loader, rows = TileLoader(source), rows_for("x", topic="t")
    slots = slots_over(TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + 100 * SECOND), SECOND)
    first = asyncio.ensure_future(loader.summarise(rows, slots, EXTREMES))
    await begun.wait()
    first.cancel()
    await ending.wait()
    second = asyncio.ensure_future(loader.summarise(rows, slots, EXTREMES))
    await asyncio.sleep(0)
    may_end.set()
    async with asyncio.timeout(10):
        await second
    assert all(rows.tiles["x"].extremes(slot) for slot in slots)


def test_that_a_failure_that_nobody_waits_for_any_more_is_told_nowhere():
    """A view moves on while the way to the source breaks down."""
    unretrieved: list[dict] = []

    class Failing:
        begun, may_fail = asyncio.Event(), asyncio.Event()

        async def stream_summary(self, query):
            self.begun.set()
            await self.may_fail.wait()
            raise UnreachableError("The way is gone.")
            yield

    async def move_on() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: unretrieved.append(context))
        source = Failing()
        loader, rows = TileLoader(source), rows_for("x", topic="t")
        slots = slots_over(TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + 10 * SECOND), SECOND)
        first = asyncio.ensure_future(loader.summarise(rows, slots, EXTREMES))
        await source.begun.wait()
        first.cancel()
        await asyncio.wait([first])
        (flight,) = loader._flights
        source.may_fail.set()
        await asyncio.wait([flight._task])

    asyncio.run(move_on())
    gc.collect()
    assert unretrieved == []


async def test_that_what_a_real_server_refuses_even_for_a_single_tile_is_told(tmp_path):
    """How others are halved is tested among the faults: a real server decides it by the clock."""
    with running(tmp_path, coordinator='query-timeout = "20ms"') as stingy:
        stingy.create_database("few")
        slot = Slot(2**16 * SECOND, 300)
        step_ns = slot.span_ns // 500_000
        for first in range(0, 500_000, 100_000):
            places = range(first, first + 100_000)
            stingy.write(
                "few", "\n".join(f"t x={place} {slot.start_utc_ns + place * step_ns}" for place in places)
            )
        async with source_of(stingy, "few") as opened:
            source = RecordedSource(opened)
            with pytest.raises(LimitError):
                await TileLoader(source).summarise(rows_for("x", topic="t"), [slot], EXTREMES)
        assert len(source.asked) == 1


async def test_that_a_real_server_that_grants_few_buckets_is_asked_for_so_many_at_a_time(tmp_path):
    with running(tmp_path, coordinator="max-select-buckets = 300") as stingy:
        stingy.create_database("few")
        fine, coarse = (
            slots_over(TimeRange(start_utc_ns=0, end_utc_ns=2**18 * SECOND), 2**p * SECOND) for p in (8, 9)
        )
        stingy.write("few", "\n".join(f"t x={slot.number} {slot.start_utc_ns + 5}" for slot in fine))
        async with source_of(stingy, "few") as opened:
            source, series = RecordedSource(opened), rows_for("x", topic="t")
            await TileLoader(source).summarise(series, fine, EXTREMES)
            assert [slot.number for slot in fine if series.tiles["x"].extremes(slot)] == list(
                range(len(fine))
            )
            source.taken()
            again = rows_for("x", topic="t", habits=series.habits)
            await TileLoader(source).summarise(again, coarse, EXTREMES)
            assert 64 < max(query.time_range.span_ns // query.bucket_ns for query in source.asked) <= 300
            assert all(again.tiles["x"].extremes(slot) for slot in coarse)


# Batches.


@given(
    LEVELS,
    NUMBERS,
    st.sampled_from([SAMPLES, EXTREMES, (*EXTREMES, *COUNTS)]),
    st.one_of(st.just(range(60)), st.lists(st.integers(0, 60), max_size=8).map(sorted)),
    st.data(),
)
def test_that_the_batches_of_an_answer_do_not_matter(bucket_ns, number, columns, cuts, data):
    slots = adjacent(bucket_ns, number, 3)
    series = data.draw(series_in(slots))
    # The second field has a value in some of the rows alone.
    present = data.draw(st.lists(st.booleans(), min_size=60, max_size=60))
    batch = _answer(series, slots, columns, present)
    rows = rows_for("all", "some")
    strip = TileStrip(rows, slots, columns)
    for first, end in zip([0, *cuts], [*cuts, batch.num_rows], strict=True):
        had = len(strip.open)
        assert strip.add(batch.slice(first, max(0, end - first))) == (len(strip.open) < had)
    strip.finish()
    table = batch.to_pylist()
    for name, tiles in rows.tiles.items():
        for slot in slots:
            expected = [
                (row["time"], *(row[key] for key in _names(name, columns)))
                for row in table
                if slot.start_utc_ns <= row["time"] < slot.end_utc_ns
                and row[_names(name, columns)[0]] is not None
            ]
            assert str(rows_of(tiles.get(columns, slot))) == str(expected)


def test_that_a_batch_that_ends_in_the_last_bucket_leaves_the_tile_open():
    slots = adjacent(SECOND, 0, 2)
    moments = [63 * SECOND, 63 * SECOND + 5, 64 * SECOND + 5]
    batch = pa.record_batch({"time": pa.array(moments, pa.int64()), "x": [1.0, 2.0, 3.0]})
    rows = rows_for("x")
    strip = TileStrip(rows, slots, SAMPLES)
    assert [strip.add(batch.slice(place, 1)) for place in range(3)] == [False, False, True]
    strip.finish()
    assert [rows_of(rows.tiles["x"].get(SAMPLES, slot)) for slot in slots] == [
        [(moments[0], 1.0), (moments[1], 2.0)],
        [(moments[2], 3.0)],
    ]


def _names(field: str, columns) -> list[str]:
    return [field] if columns == SAMPLES else [f"{field}_{column}" for column in columns]


def _answer(series, slots, columns, present) -> pa.RecordBatch:
    """Make what a source answers: rows of two fields, nulls where one has no value."""
    if columns == SAMPLES:
        found = {"time": pa.array(series.times_utc_ns), "all": pa.array(series.values)}
        some = [
            value if there else None for value, there in zip(series.values.tolist(), present, strict=False)
        ]
        return pa.record_batch(found | {"some": pa.array(some, found["all"].type)})
    rows = [row for slot in slots for row in aggregates(series, slot)]
    found = {"time": pa.array([row[0] for row in rows], pa.int64())}
    kind = pa.from_numpy_dtype(series.values.dtype)
    for place, column in enumerate(("min", "max", "count"), start=1):
        if column in columns:
            own = pa.int64() if column == "count" else kind
            absent = 0 if column == "count" else None
            found[f"all_{column}"] = pa.array([row[place] for row in rows], own)
            found[f"some_{column}"] = pa.array(
                [row[place] if there else absent for row, there in zip(rows, present, strict=False)], own
            )
    return pa.record_batch(found)


def test_that_the_first_failure_ends_the_others_and_is_told_as_it_is():
    ended = []

    async def fail() -> None:
        raise LimitError("too much")

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    with pytest.raises(LimitError, match="too much"):
        asyncio.run(together(wait(), fail(), wait()))
    assert ended == [True, True]
