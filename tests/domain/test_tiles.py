"""Tiles say of each bucket what looking at every sample by itself says, at all levels."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.levels import COARSEST_NS, FINEST_NS
from efdviewer.domain.tiles import (
    COUNTS,
    EXTREMES,
    MEANS,
    SAMPLES,
    TILE_BUCKETS,
    Slot,
    cut,
    folded,
    parent_of,
    reduced,
    runs_of,
    slots_over,
    spliced,
)
from efdviewer.domain.timerange import TimeRange
from tests.domain.tiled import (
    KINDS,
    LEVELS,
    NUMBERS,
    adjacent,
    aggregates,
    assert_means,
    rows_of,
    sample_tile,
    series_in,
)

ALL = (*EXTREMES, *COUNTS)
EVERY_LEVEL = [FINEST_NS << power for power in range(64) if FINEST_NS << power <= COARSEST_NS]
EARLIEST_NS, LATEST_NS = -9_214_560_000_000_000_000, 9_214_646_400_000_000_000


@given(LEVELS, NUMBERS, st.data())
def test_that_buckets_of_samples_equal_what_each_sample_says(bucket_ns, number, data):
    slot = Slot(bucket_ns, number)
    series = data.draw(series_in([slot]))
    tile = reduced(sample_tile(series, slot), slot, ALL)
    assert rows_of(tile) == aggregates(series, slot)
    assert tile.slot == slot


@given(LEVELS, st.integers(-3, 3), st.integers(0, 7), st.integers(0, 2**7 - 1), st.data())
def test_that_samples_of_a_wider_slot_serve_every_slot_within(bucket_ns, number, up, place, data):
    fine = Slot(bucket_ns, (number << up) + place % (1 << up))
    wide = Slot(bucket_ns << up, number)
    series = data.draw(series_in(adjacent(bucket_ns, number << up, 1 << up)))
    assert rows_of(reduced(sample_tile(series, wide), fine, ALL)) == aggregates(series, fine)


@given(LEVELS, st.integers(-3, 2), st.integers(1, 5), st.data())
def test_that_joining_halves_level_by_level_equals_the_samples_at_each_level(bucket_ns, number, up, data):
    slots = adjacent(bucket_ns, number << up, 1 << up)
    series = data.draw(series_in(slots))
    moment = data.draw(st.integers(slots[0].start_utc_ns - 1, slots[-1].end_utc_ns + 1))
    whole = sample_tile(series, Slot(bucket_ns << up, number), moment)
    tiles = [reduced(sample_tile(series, slot, moment), slot, ALL) for slot in slots]
    while len(tiles) > 1:
        tiles = [parent_of(left, right) for left, right in zip(tiles[::2], tiles[1::2], strict=True)]
        for tile in tiles:
            assert rows_of(tile) == aggregates(series, tile.slot)
            assert tile.settled_utc_ns == reduced(whole, tile.slot, ALL).settled_utc_ns
    assert tiles[0].slot == whole.slot


@given(LEVELS, st.integers(-3, 2), st.integers(0, 5), st.data())
def test_that_means_are_weighed_by_their_counts_at_each_level(bucket_ns, number, up, data):
    slots = adjacent(bucket_ns, number << up, 1 << up)
    series = data.draw(series_in(slots))
    tiles = [reduced(sample_tile(series, slot), slot, MEANS) for slot in slots]
    for tile in tiles:
        assert_means(tile, series)
    while len(tiles) > 1:
        tiles = [parent_of(left, right) for left, right in zip(tiles[::2], tiles[1::2], strict=True)]
        for tile in tiles:
            assert tuple(tile.columns) == MEANS
            assert_means(tile, series)


def test_that_one_sample_beside_many_moves_their_mean_little():
    left, right = Slot(FINEST_NS, 0).start_utc_ns, Slot(FINEST_NS, 0).start_utc_ns + FINEST_NS
    columns = {"mean": np.array([1.0, 101.0]), "count": np.array([99, 1])}
    starts, found = folded(np.array([left, right]), columns, 2 * FINEST_NS)
    assert starts.tolist() == [left]
    assert found["mean"].tolist() == [2.0]
    assert found["count"].tolist() == [100]


@given(st.integers(-3, 3), st.data())
def test_that_twenty_levels_up_nothing_is_lost(number, data):
    """Each tile is joined with an empty one, on the side where the grid has it."""
    slot = Slot(FINEST_NS, number)
    series = data.draw(series_in([slot]))
    tile = reduced(sample_tile(series, slot), slot, ALL)
    for _ in range(20):
        other = cut(
            np.empty(0, np.int64), {name: np.empty(0, np.int64) for name in ALL}, [tile.slot.sibling], 2**62
        )
        left, right = sorted([tile, *other], key=lambda each: each.slot.number)
        tile = parent_of(left, right)
        assert rows_of(tile) == aggregates(series, tile.slot)
        assert tile.is_settled


@given(LEVELS, st.integers(-2, 2), st.data())
def test_that_joined_samples_are_all_samples(bucket_ns, number, data):
    slots = adjacent(bucket_ns, 2 * number, 2)
    series = data.draw(series_in(slots))
    moment = data.draw(st.integers(slots[0].start_utc_ns, slots[-1].end_utc_ns))
    joined = parent_of(*(sample_tile(series, slot, moment) for slot in slots))
    assert joined.slot == Slot(2 * bucket_ns, number)
    assert np.array_equal(joined.times_utc_ns, series.times_utc_ns)
    assert np.array_equal(joined.columns["value"], series.values, equal_nan=series.values.dtype.kind == "f")
    assert moment - 2 * bucket_ns < joined.settled_utc_ns <= moment


@given(LEVELS, NUMBERS, st.integers(1, 5), st.integers(0, 6), st.integers(0, 6), st.data())
def test_that_cutting_gives_each_slot_its_own_and_drops_the_rest(
    bucket_ns, number, count, skipped, short, data
):
    all_slots = adjacent(bucket_ns, number, count)
    slots = all_slots[skipped % count : count - short % count] or all_slots
    series = data.draw(series_in(all_slots))
    moment = data.draw(st.integers(all_slots[0].start_utc_ns - 5, all_slots[-1].end_utc_ns + 5))
    columns = {"value": series.values}
    tiles = cut(series.times_utc_ns, columns, slots, moment)
    assert [tile.slot for tile in tiles] == slots
    for tile in tiles:
        expected = series.within(tile.slot.start_utc_ns, tile.slot.end_utc_ns)
        assert tile.times_utc_ns.tolist() == expected.times_utc_ns.tolist()
        assert tile.columns["value"].tobytes() == expected.values.tobytes()
        assert tile.settled_utc_ns == min(max(moment, tile.slot.start_utc_ns), tile.slot.end_utc_ns)
        assert tile.is_settled == (moment >= tile.slot.end_utc_ns)
        for array in (tile.times_utc_ns, tile.columns["value"]):
            assert not array.flags.writeable
            assert array.base is None


@given(LEVELS, NUMBERS, st.sampled_from([SAMPLES, ALL]), st.integers(0, TILE_BUCKETS), st.data())
def test_that_splicing_keeps_what_is_before_and_takes_what_is_new(bucket_ns, number, names, place, data):
    slot = Slot(bucket_ns, number)
    from_utc_ns = slot.start_utc_ns + place * bucket_ns
    kind = data.draw(st.sampled_from(KINDS))
    tiles = []
    for end_utc_ns in (from_utc_ns, slot.end_utc_ns):
        samples = sample_tile(data.draw(series_in([slot], kind=kind)), slot, end_utc_ns)
        tiles.append(samples if names == SAMPLES else reduced(samples, slot, names))
    old, new = tiles
    found = spliced(old, new, from_utc_ns)
    expected = [row for row in rows_of(old) if row[0] < from_utc_ns]
    expected += [row for row in rows_of(new) if row[0] >= from_utc_ns]
    # As text, since a NaN equals nothing.
    assert str(rows_of(found)) == str(expected)
    assert (found.slot, found.settled_utc_ns) == (slot, slot.end_utc_ns)


@given(st.integers(-(2**61), 2**61), st.integers(1, 10**15), st.integers(0, 30))
def test_that_slots_over_a_range_cover_it_and_no_more(start_utc_ns, span_ns, power):
    bucket_ns = max(FINEST_NS << power, FINEST_NS << max(0, (span_ns // FINEST_NS).bit_length() - 12))
    end_utc_ns = start_utc_ns + span_ns
    slots = slots_over(TimeRange(start_utc_ns=start_utc_ns, end_utc_ns=end_utc_ns), bucket_ns)
    assert slots[0].start_utc_ns <= start_utc_ns < slots[0].end_utc_ns
    assert slots[-1].start_utc_ns < end_utc_ns <= slots[-1].end_utc_ns
    assert all(a.end_utc_ns == b.start_utc_ns for a, b in itertools.pairwise(slots))
    assert {slot.bucket_ns for slot in slots} == {bucket_ns}
    assert all(slot.start_utc_ns % slot.span_ns == 0 for slot in slots)


def test_that_samples_lie_on_the_finest_grid():
    assert slots_over(TimeRange(start_utc_ns=-1, end_utc_ns=1), 0) == [
        Slot(FINEST_NS, -1),
        Slot(FINEST_NS, 0),
    ]


@given(st.lists(st.integers(-20, 20), unique=True).map(sorted))
def test_that_runs_are_neighbours_and_nothing_is_lost(numbers):
    slots = [Slot(FINEST_NS, number) for number in numbers]
    runs = runs_of(slots)
    assert [slot for run in runs for slot in run] == slots
    for run in runs:
        assert run == adjacent(FINEST_NS, run[0].number, len(run))
    assert all(a[-1].number + 1 < b[0].number for a, b in itertools.pairwise(runs))


@given(st.sampled_from(EVERY_LEVEL), st.integers(EARLIEST_NS, LATEST_NS))
def test_that_every_moment_that_can_be_typed_lies_in_a_slot_and_a_bucket_of_int64(bucket_ns, utc_ns):
    (slot,) = slots_over(TimeRange(start_utc_ns=utc_ns, end_utc_ns=utc_ns + 1), bucket_ns)
    assert -(2**63) < slot.start_utc_ns <= utc_ns < slot.end_utc_ns < 2**63 - 1
    moments = np.array([utc_ns])
    starts, _ = folded(moments, {"count": np.ones(1, np.int64)}, bucket_ns)
    assert starts[0] <= utc_ns < starts[0] + bucket_ns
    assert cut(moments, {"value": np.ones(1)}, [slot], utc_ns)[0].times_utc_ns.tolist() == [utc_ns]


@given(LEVELS, st.integers(-(2**20), 2**20))
def test_that_a_parent_is_its_two_children(bucket_ns, number):
    slot = Slot(bucket_ns, number)
    parent = slot.parent
    assert slot in parent.children
    assert slot.sibling in parent.children
    assert slot.sibling != slot
    assert parent.children[0].start_utc_ns == parent.start_utc_ns
    assert parent.children[0].end_utc_ns == parent.children[1].start_utc_ns
    assert parent.children[1].end_utc_ns == parent.end_utc_ns


@given(LEVELS, NUMBERS, st.data())
def test_that_what_is_final_grows_alone(bucket_ns, number, data):
    slot = Slot(bucket_ns, number)
    moments = st.integers(slot.start_utc_ns - 10, slot.end_utc_ns + 10)
    first, second = data.draw(moments), data.draw(moments)
    tile = sample_tile(data.draw(series_in([slot], most=3)), slot, first)
    later = tile.settled(second)
    assert later.settled_utc_ns == max(tile.settled_utc_ns, min(second, slot.end_utc_ns))
    assert later.times_utc_ns is tile.times_utc_ns


@pytest.mark.parametrize("names", [SAMPLES, EXTREMES, COUNTS, MEANS])
def test_that_the_size_of_a_tile_counts_its_arrays(names):
    slot = Slot(10**9, 0)
    times_utc_ns = np.arange(50, dtype=np.int64)
    sizes = [
        cut(times_utc_ns[:count], dict.fromkeys(names, times_utc_ns[:count]), [slot], 0)[0].byte_size
        for count in (0, 50)
    ]
    assert sizes[0] > 0
    assert sizes[1] - sizes[0] == 8 * 50 * (1 + len(names))
