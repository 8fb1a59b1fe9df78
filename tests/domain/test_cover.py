"""What is drawn while not all is known: true, in order, and no part that is known left blank."""

import math
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.cover import buckets_over, means_over, samples_over, unknown_over
from efdviewer.domain.levels import FINEST_NS
from efdviewer.domain.tiles import EXTREMES, MEANS, Columns, Slot, Tile, reduced
from tests.domain.tiled import Series, adjacent, aggregates, assert_means, sample_tile, series_in

BUCKET_NS = FINEST_NS << 12
COARSEST, FINER, TILES = 10, 3, 3
"""Levels above and below that of the view, and tiles in it."""
UNANSWERED_NS = 5
"""So much of the end of each tile is still open."""
VIEWS = st.integers(-3, 3).map(lambda number: adjacent(BUCKET_NS, number * TILES, TILES))


class Known:
    """Some tiles of a series; samples cover all slots within theirs."""

    def __init__(self, series: Series, extremes: set[Slot], samples: set[Slot]) -> None:
        self.series = series
        self.extreme_tiles = {slot: self._reduced(slot, EXTREMES) for slot in extremes | samples}
        self.mean_tiles = {slot: self._reduced(slot, MEANS) for slot in extremes}
        self.sample_tiles = {slot: self._samples(slot) for slot in samples}

    def get(self, columns: Columns, slot: Slot) -> Tile | None:
        return (self.extreme_tiles if columns == EXTREMES else self.mean_tiles).get(slot)

    def samples(self, slot: Slot) -> Tile | None:
        for wider in _upwards(slot):
            if wider in self.sample_tiles:
                return self.sample_tiles[wider]
        return None

    def answered_until(self, _columns: Columns, slot: Slot) -> int:
        return slot.end_utc_ns - UNANSWERED_NS

    def _samples(self, slot: Slot) -> Tile:
        return sample_tile(self.series, slot)

    def _reduced(self, slot: Slot, columns: Columns) -> Tile:
        return reduced(sample_tile(self.series, slot), slot, columns)


def _upwards(slot: Slot) -> list[Slot]:
    found = [slot]
    for _ in range(COARSEST + FINER + 1):
        found.append(found[-1].parent)
    return found


@st.composite
def tiles_near(draw: st.DrawFn, view: list[Slot], finer: int = FINER) -> Slot:
    """Draw a slot of the view, one that it is part of, or a part of it."""
    slot = draw(st.sampled_from(view))
    steps = draw(st.integers(-finer, COARSEST))
    for _ in range(-steps):
        slot = draw(st.sampled_from(slot.children))
    for _ in range(steps):
        slot = slot.parent
    return slot


@st.composite
def partly_known(draw: st.DrawFn) -> tuple[Known, list[Slot]]:
    view = draw(VIEWS)
    # Samples reach beyond the view, so that coarse buckets tell of more than is in it.
    around = adjacent(BUCKET_NS, view[0].number - 1, TILES + 2)
    series = draw(series_in(around, most=25))
    chosen = st.sets(tiles_near(view), max_size=6)
    return Known(series, draw(chosen), draw(st.one_of(st.just(set()), chosen))), view


@given(partly_known(), st.booleans())
def test_that_buckets_are_in_order_apart_and_true(given_, prefers_samples):
    known, view = given_
    found = buckets_over(known, view, prefers_samples=prefers_samples)
    starts, widths = found.starts_utc_ns, found.widths_ns
    assert len(starts) == len(widths) == len(found.minima) == len(found.maxima)
    assert (starts[1:] >= (starts + np.maximum(widths, 1))[:-1]).all()
    rows = zip(starts.tolist(), widths.tolist(), found.minima.tolist(), found.maxima.tolist(), strict=True)
    for start, width, low, high in rows:
        within = known.series.within(start, start + max(width, 1)).values
        within = within[~np.isnan(within)].tolist()
        if width < view[0].span_ns >> FINER and not (width == 0 and math.isnan(low)):
            assert (low, high) == (min(within), max(within))
        elif within:
            # What stands in for slots and is coarser than they are may have reached its extremes beside them.
            assert low <= min(within)
            assert high >= max(within)


@given(partly_known(), st.booleans())
def test_that_no_part_that_is_known_is_left_blank(given_, prefers_samples):
    known, view = given_
    found = buckets_over(known, view, prefers_samples=prefers_samples)
    ends = found.starts_utc_ns + np.maximum(found.widths_ns, 1)
    values = known.series.values
    for utc_ns in known.series.times_utc_ns[~np.isnan(values)].tolist():
        tiles = known.extreme_tiles
        is_known = any(slot.start_utc_ns <= utc_ns < slot.end_utc_ns for slot in tiles)
        if is_known and view[0].start_utc_ns <= utc_ns < view[-1].end_utc_ns:
            assert ((found.starts_utc_ns <= utc_ns) & (utc_ns < ends)).any()


@given(partly_known(), st.booleans())
def test_that_a_slot_that_is_known_exactly_is_drawn_exactly_whatever_is_known_beside_it(
    given_, prefers_samples
):
    known, view = given_
    found = buckets_over(known, view, prefers_samples=prefers_samples)
    for slot in view:
        first, end = np.searchsorted(found.starts_utc_ns, [slot.start_utc_ns, slot.end_utc_ns])
        drawn = [
            (start, low, high)
            for start, low, high in zip(
                found.starts_utc_ns[first:end].tolist(),
                found.minima[first:end].tolist(),
                found.maxima[first:end].tolist(),
                strict=True,
            )
        ]
        if prefers_samples and known.samples(slot) is not None:
            series = known.series.within(slot.start_utc_ns, slot.end_utc_ns)
            rows = zip(series.times_utc_ns.tolist(), series.values.tolist(), strict=True)
            assert str(drawn) == str([(utc_ns, value, value) for utc_ns, value in rows])
        elif known.get(EXTREMES, slot) is not None or known.samples(slot) is not None:
            assert drawn == [row[:3] for row in aggregates(known.series, slot)]
            assert (found.widths_ns[first:end] == BUCKET_NS).all()


@given(partly_known())
def test_that_means_stand_in_order_and_those_of_a_slot_that_is_known_are_its_own(given_):
    known, view = given_
    found = means_over(known, view)
    starts, widths = found.starts_utc_ns, found.widths_ns
    assert (starts[1:] >= (starts + widths)[:-1]).all()
    for slot in view:
        if known.get(MEANS, slot) is None and known.samples(slot) is None:
            continue
        first, end = np.searchsorted(starts, [slot.start_utc_ns, slot.end_utc_ns])
        assert (widths[first:end] == BUCKET_NS).all()
        counts = np.array([row[3] for row in aggregates(known.series, slot)], np.int64)
        columns = {"mean": found.means[first:end], "count": counts}
        tile = Tile(slot=slot, times_utc_ns=starts[first:end], columns=columns, settled_utc_ns=0)
        assert_means(tile, known.series)


@given(VIEWS, st.data())
def test_that_samples_over_slots_are_a_slice_of_all_or_nothing(view, data):
    series = data.draw(series_in(view, most=25))
    known = Known(series, set(), data.draw(st.sets(tiles_near(view, 0), max_size=6)))
    slots = view[data.draw(st.integers(0, TILES - 1)) :]
    found = samples_over(known, slots)
    covered = [any(wider in known.sample_tiles for wider in _upwards(slot)) for slot in slots]
    assert (found is not None) == all(covered)
    if found is not None:
        expected = series.within(slots[0].start_utc_ns, slots[-1].end_utc_ns)
        assert np.array_equal(found[0], expected.times_utc_ns)
        # As text, since a NaN equals nothing.
        assert str(found[1].tolist()) == str(expected.values.tolist())


@given(partly_known())
def test_that_what_the_source_has_not_told_is_known_to_be_unknown(given_):
    known, view = given_
    stretches = unknown_over(known, view, prefers_samples=False)
    assert all(before.end_utc_ns < after.start_utc_ns for before, after in pairwise(stretches))
    told = known.extreme_tiles.keys() | known.sample_tiles.keys()
    moments = {
        utc_ns + shift
        for slot in told
        for utc_ns in (slot.start_utc_ns, slot.end_utc_ns)
        for shift in (-1, 0)
    }
    for utc_ns in moments | {slot.start_utc_ns for slot in view}:
        if not view[0].start_utc_ns <= utc_ns < view[-1].end_utc_ns:
            continue
        over = [slot for slot in told if slot.start_utc_ns <= utc_ns < slot.end_utc_ns]
        is_unknown = any(each.start_utc_ns <= utc_ns < each.end_utc_ns for each in stretches)
        if not over:
            assert is_unknown
        elif all(utc_ns < slot.end_utc_ns - UNANSWERED_NS for slot in over):
            assert not is_unknown
        elif all(utc_ns >= slot.end_utc_ns - UNANSWERED_NS for slot in over):
            assert is_unknown


def test_that_nothing_known_is_nothing_drawn():
    known = Known(Series(np.empty(0, np.int64), np.empty(0)), set(), set())
    view = adjacent(BUCKET_NS, 0, TILES)
    assert not len(buckets_over(known, view, prefers_samples=False).starts_utc_ns)
    assert samples_over(known, view) is None
    assert not len(means_over(known, view).starts_utc_ns)


def test_that_a_bucket_wider_than_the_view_does_not_hide_the_tiles_that_have_come():
    """So it is after zooming far in, while the middle is there and the rest on its way."""
    view = adjacent(BUCKET_NS, 0, TILES)
    times_utc_ns = np.arange(0, view[-1].end_utc_ns, BUCKET_NS // 2)
    series = Series(times_utc_ns, np.arange(len(times_utc_ns), dtype=np.float64))
    wide = _upwards(view[0])[9]
    for come in range(TILES):
        found = buckets_over(Known(series, {wide, view[come]}, set()), view, prefers_samples=False)
        starts = found.starts_utc_ns.tolist()
        assert [row[0] for row in aggregates(series, view[come])] == [
            start for start in starts if view[come].start_utc_ns <= start < view[come].end_utc_ns
        ]
        for slot in view:
            assert any(slot.start_utc_ns <= start < slot.end_utc_ns for start in starts)
