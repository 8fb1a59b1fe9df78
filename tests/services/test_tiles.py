"""The store keeps within its bytes, counts them right, and knows what has to be asked for."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.levels import FINEST_NS
from efdviewer.domain.tiles import COUNTS, EXTREMES, SAMPLES, Slot, Tile, cut, reduced
from efdviewer.services.habits import Habits
from efdviewer.services.tiles import SeriesKey, SeriesTiles, TileStore
from tests.domain.tiled import Series, adjacent, rows_of, sample_tile, series_in

SECOND = 10**9
SLOT = Slot(SECOND, 10)


class Growing(Habits):
    """Of a topic to which rows may come at any time, even into the past."""

    def __init__(self, fresh_s: float) -> None:
        super().__init__()
        self._fresh_s = fresh_s

    def may_have_grown(self, _start_utc_ns: int, _end_utc_ns: int, asked_s: float) -> bool:
        return time.monotonic() - asked_s > self._fresh_s


def need(series: SeriesTiles, columns, slot: Slot, fresh_s: float) -> str:
    missing, ageing = series.needs(columns, [slot], Growing(fresh_s), end_utc_ns=2**63 - 1)
    return "missing" if missing else "ageing" if ageing else "nothing"


def key(field: str = "x") -> SeriesKey:
    return SeriesKey("origin", "lsst.sal.CSC.topic", field, ())


def tile_of(slot: Slot, *, count: int = 10, settled_utc_ns: int | None = None, value: float = 0.0) -> Tile:
    times_utc_ns = slot.start_utc_ns + np.arange(count) * (slot.span_ns // count)
    series = Series(times_utc_ns, np.full(count, value))
    return sample_tile(series, slot, slot.end_utc_ns if settled_utc_ns is None else settled_utc_ns)


def extremes_of(slot: Slot, **rest) -> Tile:
    return reduced(tile_of(slot, **rest), slot, EXTREMES)


def kept_in(series: SeriesTiles) -> dict[tuple, Tile]:
    return {place: tile for place, (tile, _) in series._tiles.items()}


def put_now(series: SeriesTiles, columns, tile: Tile, *, age_s: float = 0.0) -> None:
    series.put(columns, tile, time.monotonic() - age_s)


slots = st.builds(Slot, st.sampled_from([SECOND, 2 * SECOND, 4 * SECOND]), st.integers(0, 7))
acts = st.one_of(
    st.tuples(
        st.sampled_from(["put", "splice", "settle", "get"]), st.sampled_from([SAMPLES, EXTREMES, COUNTS])
    ),
    st.tuples(st.sampled_from(["expire", "clear"]), st.none()),
)


@given(
    st.integers(0, 20_000),
    st.lists(st.tuples(acts, slots, st.integers(0, 1), st.integers(0, 64), st.integers(0, 64)), max_size=40),
)
def test_that_the_bytes_are_counted_and_bounded_whatever_happens(limit_bytes, steps):
    store = TileStore(limit_bytes)
    all_series = [store.series(key("x")), store.series(key("y"))]
    for (act, columns), slot, which, count, settled in steps:
        series = all_series[which]
        moment = slot.start_utc_ns + settled * slot.bucket_ns
        if act in ("put", "splice"):
            samples = tile_of(slot, count=count or 1, settled_utc_ns=moment)
            tile = samples if columns == SAMPLES else reduced(samples, slot, columns)
            if act == "put":
                put_now(series, columns, tile)
            else:
                series.splice(columns, tile, series.asked_from(columns, slot), time.monotonic())
        elif act == "settle":
            series.settle(columns, [slot], moment, 0.0)
        elif act == "get":
            series.get(columns, slot)
            series.samples(slot)
        elif act == "expire":
            store.expire([series.key])
        else:
            store.clear()
        tiles = [tile for series in all_series for tile in kept_in(series).values()]
        assert store.byte_size == sum(tile.byte_size for tile in tiles)
        assert store.byte_size <= limit_bytes or len(tiles) <= 1


@given(st.lists(st.tuples(slots, st.booleans(), st.integers(0, 10**6)), max_size=12), st.data())
def test_that_whatever_is_kept_is_true_of_the_samples(puts, data):
    """Tiles of many levels are put, as samples or as extremes; all that follows from them must be true too."""
    whole = data.draw(series_in(adjacent(SECOND, 0, 32), most=40))
    series = TileStore().series(key())
    for slot, as_samples, moment in puts:
        settled_utc_ns = slot.start_utc_ns + moment * SECOND
        tile = sample_tile(whole, slot, settled_utc_ns)
        if as_samples:
            put_now(series, SAMPLES, tile)
        else:
            put_now(series, EXTREMES, reduced(tile, slot, EXTREMES))
    for (columns, slot), tile in kept_in(series).items():
        expected = sample_tile(whole, slot)
        if columns == EXTREMES:
            expected = reduced(expected, slot, EXTREMES)
        assert tile.slot == slot
        assert str(rows_of(tile)) == str(rows_of(expected))


def test_that_an_answer_that_comes_late_does_not_replace_one_that_was_asked_for_after_it():
    series = TileStore().series(key())
    earlier = extremes_of(SLOT, settled_utc_ns=SLOT.start_utc_ns, value=1.0)
    later = extremes_of(SLOT, settled_utc_ns=SLOT.start_utc_ns + 5 * SECOND, value=2.0)
    series.splice(EXTREMES, later, SLOT.start_utc_ns, 10.0)
    series.splice(EXTREMES, earlier, SLOT.start_utc_ns, 5.0)
    assert series.extremes(SLOT) is later


def test_that_what_was_used_last_stays():
    store = TileStore(5 * extremes_of(SLOT).byte_size)
    series = store.series(key())
    # Every other slot, so that no parents come of them.
    chain = [Slot(SECOND, 2 * number) for number in range(20)]
    for slot in chain:
        put_now(series, EXTREMES, extremes_of(slot))
        assert series.extremes(chain[0]) is not None
    assert [slot for slot in chain if series.extremes(slot)] == [chain[0], *chain[-4:]]


def test_that_one_tile_larger_than_the_bound_is_kept():
    store = TileStore(10)
    series = store.series(key())
    put_now(series, EXTREMES, extremes_of(SLOT))
    assert series.extremes(SLOT) is not None


def test_that_what_is_still_drawn_survives_that_all_is_forgotten():
    store = TileStore()
    series = store.series(key())
    put_now(series, SAMPLES, tile_of(SLOT))
    store.clear()
    assert series.extremes(SLOT) is None
    assert series.samples(SLOT) is None
    put_now(series, SAMPLES, tile_of(SLOT))
    assert store.byte_size == sum(tile.byte_size for tile in kept_in(series).values())


@pytest.mark.parametrize("last", [0, 1])
def test_that_a_parent_comes_of_two_final_halves_whichever_comes_last(last):
    series = TileStore().series(key())
    halves = [SLOT, SLOT.sibling]
    put_now(series, EXTREMES, extremes_of(halves[1 - last], value=1.0))
    assert series.extremes(SLOT.parent) is None
    put_now(series, EXTREMES, extremes_of(halves[last], value=2.0))
    parent = series.extremes(SLOT.parent)
    assert sorted(set(parent.columns["max"].tolist())) == [1.0, 2.0]
    assert need(series, EXTREMES, SLOT.parent, 0.0) == "nothing"


def test_that_no_parent_comes_of_an_earlier_half_that_may_still_grow():
    left, right = SLOT, SLOT.sibling
    series = TileStore().series(key())
    put_now(series, EXTREMES, extremes_of(left, settled_utc_ns=left.end_utc_ns - 10 * SECOND))
    put_now(series, EXTREMES, extremes_of(right))
    assert series.extremes(left.parent) is None
    series.settle(EXTREMES, [left], left.end_utc_ns, 0.0)
    assert series.extremes(left.parent) is not None


@pytest.mark.parametrize("older", [0, 1])
def test_that_a_parent_is_as_old_as_the_older_half(older):
    series = TileStore().series(key())
    right = SLOT.sibling
    for place, tile in enumerate([extremes_of(SLOT), extremes_of(right, settled_utc_ns=right.start_utc_ns)]):
        put_now(series, EXTREMES, tile, age_s=100.0 if place == older else 0.0)
    assert need(series, EXTREMES, SLOT.parent, 50.0) == "ageing"
    assert need(series, EXTREMES, SLOT.parent, 150.0) == "nothing"


def test_that_many_samples_are_not_joined_but_their_extremes_are():
    series = TileStore().series(key())
    for slot in (SLOT, SLOT.sibling):
        put_now(series, SAMPLES, tile_of(slot, count=9_000))
    assert series.get(SAMPLES, SLOT.parent) is None
    assert series.extremes(SLOT.parent) is not None


def test_that_tiles_out_of_date_are_drawn_and_needed_until_they_are_asked_for_anew():
    store = TileStore()
    series = store.series(key())
    put_now(series, EXTREMES, extremes_of(SLOT))
    assert need(series, EXTREMES, SLOT, 1.0) == "nothing"
    store.expire([series.key])
    assert series.extremes(SLOT) is not None
    assert need(series, EXTREMES, SLOT, 1e9) == "missing"
    assert series.asked_from(EXTREMES, SLOT) == SLOT.start_utc_ns
    put_now(series, EXTREMES, extremes_of(SLOT.sibling))
    assert series.extremes(SLOT.parent) is None
    put_now(series, EXTREMES, extremes_of(SLOT))
    assert need(series, EXTREMES, SLOT, 0.0) == "nothing"
    assert series.extremes(SLOT.parent) is not None


def test_that_what_is_drawn_of_a_slot_is_what_is_judged():
    """A tile out of date is needed, though samples of a wider slot have come since: it is the one drawn."""
    series = TileStore().series(key())
    put_now(series, EXTREMES, extremes_of(SLOT, value=1.0))
    series.expire()
    put_now(series, SAMPLES, tile_of(SLOT.parent, value=2.0))
    assert series.extremes(SLOT).columns["max"][0] == 1.0
    assert need(series, EXTREMES, SLOT, 1e9) == "missing"


def test_that_an_open_tile_is_needed_again_after_a_while_and_from_its_open_end():
    series = TileStore().series(key())
    settled_utc_ns = SLOT.start_utc_ns + 20 * SECOND
    put_now(series, EXTREMES, extremes_of(SLOT, settled_utc_ns=settled_utc_ns), age_s=5.0)
    assert need(series, EXTREMES, SLOT, 60.0) == "nothing"
    assert need(series, EXTREMES, SLOT, 4.0) == "ageing"
    assert series.asked_from(EXTREMES, SLOT) == settled_utc_ns


def test_that_a_slot_of_the_future_is_needed_again_from_its_beginning():
    series = TileStore().series(key())
    put_now(series, EXTREMES, extremes_of(SLOT, settled_utc_ns=0), age_s=5.0)
    assert need(series, EXTREMES, SLOT, 4.0) == "ageing"
    assert series.asked_from(EXTREMES, SLOT) == SLOT.start_utc_ns


@pytest.mark.parametrize("up", range(5))
def test_that_samples_of_a_wider_slot_cover_all_within_as_far_as_they_are_final(up):
    wide = SLOT
    for _ in range(up):
        wide = wide.parent
    series = TileStore().series(key())
    put_now(series, SAMPLES, tile_of(wide, settled_utc_ns=SLOT.end_utc_ns), age_s=5.0)
    following = Slot(SECOND, SLOT.number + 1)
    for columns in (SAMPLES, EXTREMES):
        assert need(series, columns, SLOT, 0.0) == "nothing"
        expected = "ageing" if following.end_utc_ns <= wide.end_utc_ns else "missing"
        assert need(series, columns, following, 0.0) == expected
        assert need(series, columns, Slot(SECOND, 10_000), 1e9) == "missing"


def test_that_settling_takes_no_answer_for_final_that_was_asked_for_earlier():
    series = TileStore().series(key())
    begun_s = time.monotonic()
    series.put(EXTREMES, extremes_of(SLOT, settled_utc_ns=0), begun_s - 1.0)
    series.settle(EXTREMES, [SLOT], SLOT.end_utc_ns, begun_s)
    assert not series.extremes(SLOT).is_settled
    series.put(EXTREMES, extremes_of(SLOT, settled_utc_ns=0), begun_s + 1.0)
    series.settle(EXTREMES, [SLOT], SLOT.end_utc_ns, begun_s)
    assert series.extremes(SLOT).is_settled


def test_that_a_half_filled_bucket_is_never_final():
    series = TileStore().series(key())
    series.put(EXTREMES, extremes_of(SLOT, settled_utc_ns=0), 1.0)
    series.settle(EXTREMES, [SLOT], SLOT.start_utc_ns + 3 * SECOND + 5, 0.0)
    assert series.extremes(SLOT).settled_utc_ns == SLOT.start_utc_ns + 3 * SECOND


def test_that_the_finest_level_has_samples_too():
    slot = Slot(FINEST_NS, 5)
    series = TileStore().series(key())
    put_now(series, SAMPLES, cut(np.array([slot.start_utc_ns]), {"value": np.ones(1)}, [slot], 2**62)[0])
    assert series.samples(slot) is not None
    assert need(series, SAMPLES, slot, 0.0) == "nothing"
