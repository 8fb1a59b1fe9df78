"""That what is drawn lies where the data lie, and breaks where they do."""

import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.buckets import FieldBuckets
from efdviewer.domain.level_view import (
    Buckets,
    MeanBuckets,
    line_of_means,
    view_of_buckets,
    view_of_samples,
)
from efdviewer.domain.timerange import TimeRange

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND


def span(first_ns: int, end_ns: int) -> TimeRange:
    return TimeRange(start_utc_ns=START + first_ns, end_utc_ns=START + end_ns)


def buckets_at(starts, lows, highs, widths) -> Buckets:
    starts = np.asarray(starts, np.int64)
    return Buckets(
        starts_utc_ns=starts,
        widths_ns=np.broadcast_to(np.asarray(widths, np.int64), starts.shape),
        minima=np.asarray(lows),
        maxima=np.asarray(highs),
    )


def buckets_of(moments, values, bucket_ns: int) -> Buckets:
    found = FieldBuckets.of_samples(np.asarray(moments, np.int64), pa.array(values), bucket_ns)
    return buckets_at(found.starts_utc_ns, found.minima, found.maxima, bucket_ns)


def view_of(lows, highs, *, places=None, bucket_ns=SECOND, lasting=False):
    places = np.arange(len(lows)) if places is None else np.asarray(places)
    starts = START + places * bucket_ns
    whole = TimeRange(start_utc_ns=START, end_utc_ns=int(starts[-1]) + bucket_ns)
    return view_of_buckets(buckets_at(starts, lows, highs, bucket_ns), whole, stepped=False, lasting=lasting)


@given(
    st.lists(
        st.tuples(st.integers(0, 200 * SECOND), st.floats(-1e6, 1e6)),
        min_size=1,
        max_size=200,
        unique_by=lambda x: x[0],
    ).map(sorted),
    st.integers(0, 100 * SECOND),
    st.integers(1, 100 * SECOND),
    st.sampled_from([SECOND // 512, SECOND // 4, SECOND, 16 * SECOND]),
)
def test_that_buckets_draw_each_minimum_and_maximum_within_bucket_and_range(
    pairs, offset, span_ns, bucket_ns
):
    whole = TimeRange(start_utc_ns=START + offset, end_utc_ns=START + offset + span_ns)
    inside = [(START + t, v) for t, v in pairs if whole.start_utc_ns <= START + t < whole.end_utc_ns]
    if not inside:
        return
    moments, values = (np.array(part) for part in zip(*inside, strict=True))
    view = view_of_buckets(buckets_of(moments, values, bucket_ns), whole, stepped=False)
    expected = []
    for bucket in np.unique(moments // bucket_ns):
        chosen = values[moments // bucket_ns == bucket]
        expected.append((bucket, chosen.min(), chosen.max()))
    found = view.values.reshape(-1, 2)
    drawn = view.times_utc_ns.reshape(-1, 2) // bucket_ns
    assert [(a, min(v), max(v)) for (a, _), v in zip(drawn, found, strict=True)] == expected
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert (np.diff(view.times_utc_ns) >= 0).all()
    assert whole.start_utc_ns <= view.times_utc_ns[0]
    assert view.times_utc_ns[-1] < whole.end_utc_ns
    assert not view.connect[-1]
    assert view.bucket_ns == bucket_ns


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=60, unique=True).map(sorted),
    st.integers(-3 * SECOND, 63 * SECOND),
    st.integers(4, 70 * SECOND),
)
def test_that_a_bucket_across_an_edge_lies_within_the_view_and_those_beyond_stay(places, first_ns, span_ns):
    view_range = span(first_ns, first_ns + span_ns)
    starts = START + np.array(places) * SECOND
    lows = np.zeros(len(places))
    view = view_of_buckets(buckets_at(starts, lows, lows + 1, SECOND), view_range, stepped=False)
    for begin, drawn in zip(starts.tolist(), view.times_utc_ns.reshape(-1, 2).tolist(), strict=True):
        end = begin + SECOND
        if end <= view_range.start_utc_ns or view_range.end_utc_ns <= begin:
            assert drawn == [begin + SECOND // 4, begin + 3 * SECOND // 4]
        else:
            assert max(begin, view_range.start_utc_ns) <= drawn[0] <= drawn[1]
            assert drawn[1] < min(end, view_range.end_utc_ns)


def test_that_buckets_of_several_widths_and_samples_stand_side_by_side():
    mixed = buckets_at(
        [START, START + 4 * SECOND, START + 5 * SECOND], [0, 1, 2], [3, 1, 2], [4 * SECOND, 0, 0]
    )
    view = view_of_buckets(mixed, span(0, 10 * SECOND), stepped=False)
    assert (view.times_utc_ns - START).tolist() == [
        SECOND, 3 * SECOND, 4 * SECOND, 4 * SECOND, 5 * SECOND, 5 * SECOND,
    ]  # fmt: skip
    assert view.bucket_ns == 4 * SECOND


def test_that_a_spike_survives_in_its_bucket():
    moments = START + np.arange(100_000) * (SECOND // 20)
    values = np.zeros(len(moments))
    values[54_321] = 7.0
    view = view_of_buckets(buckets_of(moments, values, 4 * SECOND), span(0, 5000 * SECOND), stepped=False)
    place = int(np.flatnonzero(view.values == 7.0)[0])
    assert abs(view.times_utc_ns[place] - moments[54_321]) < 4 * SECOND


def test_that_a_falling_line_does_not_zigzag():
    falling = view_of([9.0, 6.0, 3.0], [11.0, 8.0, 5.0])
    rising = view_of([3.0, 6.0, 9.0], [5.0, 8.0, 11.0])
    assert falling.values.tolist() == [11, 9, 8, 6, 5, 3]
    assert rising.values.tolist() == [3, 5, 6, 8, 9, 11]


def test_that_flat_data_is_one_line():
    assert view_of([1.5] * 4, [1.5] * 4).values.tolist() == [1.5] * 8


def test_that_a_hole_in_full_buckets_is_a_gap_and_slow_data_is_whole():
    steady = view_of([0.0] * 90, [1.0] * 90, places=np.delete(np.arange(100), slice(40, 50)))
    slow = view_of([0.0] * 30, [1.0] * 30, places=np.arange(30) * 5)
    assert np.flatnonzero(~steady.connect).tolist() == [79, 179]
    assert np.flatnonzero(~slow.connect).tolist() == [59]


def test_that_a_lasting_value_bridges_every_silence():
    moments = START + np.concatenate([np.arange(50), np.arange(50) + 5000]) * SECOND
    whole = span(0, 6000 * SECOND)
    telemetry = view_of_samples(moments, np.arange(100.0), whole, stepped=True)
    state = view_of_samples(moments, np.arange(100.0), whole, stepped=True, lasting=True)
    assert np.flatnonzero(~telemetry.connect).tolist() == [49, 99]
    assert np.flatnonzero(~state.connect).tolist() == [99]
    bridged = view_of([0.0, 0.0], [1.0, 1.0], places=[0, 900], lasting=True)
    assert np.flatnonzero(~bridged.connect).tolist() == [3]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_that_a_sample_without_a_finite_value_breaks_the_line(bad):
    moments = START + np.arange(6) * SECOND
    values = np.array([0.0, 1.0, bad, 3.0, 4.0, bad])
    view = view_of_samples(moments, values, span(0, 6 * SECOND), stepped=False)
    assert view.times_utc_ns.tolist() == np.delete(moments, [2, 5]).tolist()
    assert view.values.tolist() == [0, 1, 3, 4]
    assert view.connect.tolist() == [True, False, True, False]


def test_that_an_infinite_extreme_breaks_the_line_of_buckets():
    infinite = float("inf")
    view = view_of([0.0, -infinite, 0.0, -infinite, 0.0], [1.0, 1.0, 1.0, infinite, 1.0])
    # Of the second bucket its maximum is drawn, of the fourth nothing.
    assert np.sort(view.values.reshape(-1, 2)).tolist() == [[0.0, 1.0], [1.0, 1.0], [0.0, 1.0], [0.0, 1.0]]
    assert np.flatnonzero(~view.connect).tolist() == [1, 3, 5, 7]


def test_that_a_curve_with_an_infinite_sample_in_each_bucket_is_still_there():
    view = view_of([0.0, 1.0, 2.0], [float("inf")] * 3)
    assert view.has_points
    assert view.values.tolist() == [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]


def test_that_no_samples_and_no_buckets_give_an_empty_view():
    nothing = np.empty(0, np.int64)
    for view in (
        view_of_samples(nothing, np.empty(0), span(0, SECOND), stepped=False),
        view_of_buckets(buckets_at(nothing, [], [], SECOND), span(0, SECOND), stepped=False),
    ):
        assert not len(view.values)
        assert not view.has_points


@given(st.integers(-5 * SECOND, 5 * SECOND))
def test_that_points_beside_the_range_are_none_in_it(offset_ns):
    moments = START + np.array([offset_ns])
    view = view_of_samples(moments, np.ones(1), span(-SECOND, SECOND), stepped=False)
    assert view.has_points == (-SECOND <= offset_ns < SECOND)


def test_that_what_is_drawn_cannot_be_changed():
    buckets = view_of([0.0], [1.0])
    samples = view_of_samples(np.array([START]), np.ones(1), span(0, SECOND), stepped=False)
    for view in (buckets, samples):
        for array in (view.times_utc_ns, view.values, view.connect):
            assert not array.flags.writeable


def test_that_four_thousand_buckets_cost_little():
    lows = np.random.default_rng(1).normal(size=4000)
    view_of(lows, lows + 1)
    elapsed = []
    for _ in range(20):
        begun = time.perf_counter()
        view_of(lows, lows + 1)
        elapsed.append(time.perf_counter() - begun)
    print(f"4,000 buckets: {min(elapsed) * 1e3:.2f} ms")
    assert min(elapsed) < 0.005


def line_through(means, places):
    starts = START + np.asarray(places, np.int64) * SECOND
    whole = span(SECOND // 2, 10 * SECOND - SECOND // 2)
    widths = np.full(len(starts), SECOND)
    return line_of_means(MeanBuckets(starts_utc_ns=starts, widths_ns=widths, means=np.asarray(means)), whole)


def test_that_each_mean_stands_midway_between_the_extremes_of_its_bucket():
    places = np.arange(10)
    starts = START + places * SECOND
    drawn = view_of_buckets(
        buckets_at(starts, -np.ones(10), np.ones(10), SECOND),
        span(SECOND // 2, 10 * SECOND - SECOND // 2),
        stepped=False,
    )
    line = line_through(np.zeros(10), places)
    assert line.times_utc_ns.tolist() == ((drawn.times_utc_ns[::2] + drawn.times_utc_ns[1::2]) // 2).tolist()
    # Buckets at the edges are drawn within the range, and so are their means.
    assert line.times_utc_ns[0] == START + SECOND * 3 // 4
    assert line.times_utc_ns[-1] == START + 9 * SECOND + SECOND // 4


def test_that_a_mean_that_is_not_finite_is_left_out_and_breaks_the_line():
    line = line_through([1.0, np.inf, 3.0, np.nan, 5.0, 6.0], range(6))
    assert line.values.tolist() == [1.0, 3.0, 5.0, 6.0]
    assert line.connect.tolist() == [False, False, True, False]


@pytest.mark.parametrize("count", [0, 1])
def test_that_no_line_leads_to_or_from_a_mean_alone(count):
    line = line_through([7.0] * count, range(count))
    assert line.values.tolist() == [7.0] * count
    assert not line.connect.any()


def test_that_the_line_of_means_breaks_where_that_of_extremes_does():
    places = [*range(20), *range(25, 45)]
    view = view_of(np.zeros(40), np.ones(40), places=places)
    line = line_through(np.full(40, 0.5), places)
    assert line.connect.tolist() == view.connect[1::2].tolist()
    assert np.flatnonzero(~line.connect).tolist() == [19, 39]
