"""Which detail a view asks for, and that what is drawn lies where the data lie."""

import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from efdviewer.domain.buckets import FieldBuckets, summary_table
from efdviewer.domain.levels import (
    SAMPLES_PER_COLUMN,
    bucket_for,
    describe_bucket,
    plan,
    readable,
    view_from_samples,
    view_from_summary,
)
from efdviewer.domain.timerange import TimeRange

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
START = 1_700_000_000 * SECOND


def samples_table(moments, values, kind=None) -> pa.Table:
    return pa.table({"time": pa.array(moments, pa.int64()), "x": pa.array(values, kind)})


def summary_of(moments, values, bucket_ns: int) -> pa.Table:
    buckets = FieldBuckets.of_samples(np.asarray(moments, np.int64), pa.array(values), bucket_ns)
    return summary_table({"x": buckets}, ("min", "max"))


def view_of(lows, highs, *, places=None, bucket_ns=SECOND, lasting=False):
    places = np.arange(len(lows)) if places is None else np.asarray(places)
    starts = START + places * bucket_ns
    table = pa.table(
        {"time": pa.array(starts, pa.int64()), "x_min": pa.array(lows), "x_max": pa.array(highs)}
    )
    whole = TimeRange(start_utc_ns=START, end_utc_ns=int(starts[-1]) + bucket_ns)
    return view_from_summary(table, "x", whole, bucket_ns, stepped=False, lasting=lasting)


@given(st.integers(1, 300 * 365 * DAY), st.integers(1, 8000))
def test_that_there_are_one_to_two_buckets_a_column(span_ns, columns):
    bucket_ns = bucket_for(span_ns, columns)
    if bucket_ns:
        assert columns <= span_ns / bucket_ns < 2 * columns
        ratio = max(bucket_ns, SECOND) // min(bucket_ns, SECOND)
        assert ratio & (ratio - 1) == 0
        assert ratio * min(bucket_ns, SECOND) == max(bucket_ns, SECOND)
    else:
        assert span_ns < columns * 2_000_000


def test_that_a_plot_without_width_is_no_trouble():
    assert bucket_for(DAY, 0) == bucket_for(DAY, 1)


@pytest.mark.parametrize(
    ("bucket_ns", "text"),
    [
        (0, "samples"),
        (SECOND // 512, "min and max of 1.953 ms"),
        (SECOND // 4, "min and max of 250 ms"),
        (2 * SECOND, "min and max of 2 s"),
        (128 * SECOND, "min and max of 128 s"),
        (1024 * SECOND, "min and max of 17.1 min"),
    ],
)
def test_that_a_bucket_is_told_in_words(bucket_ns, text):
    assert describe_bucket(bucket_ns) == text


@given(st.integers(1, 30 * DAY), st.integers(1, 4000), st.none() | st.floats(0, 1e6))
def test_that_a_plan_asks_for_what_can_be_drawn(span_ns, columns, rate_hz):
    chosen = plan(span_ns, columns, rate_hz)
    limit = SAMPLES_PER_COLUMN * columns
    expected = None if rate_hz is None else rate_hz * span_ns / SECOND
    assert chosen.bucket_ns or chosen.sample_limit
    if not bucket_for(span_ns, columns) or (expected is not None and expected <= limit / 2):
        assert (chosen.bucket_ns, chosen.sample_limit) == (0, limit)
    elif expected is not None and expected > 4 * limit:
        assert (chosen.bucket_ns, chosen.sample_limit) == (bucket_for(span_ns, columns), 0)
    else:
        assert (chosen.bucket_ns, chosen.sample_limit) == (bucket_for(span_ns, columns), limit)


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
    view = view_from_summary(summary_of(moments, values, bucket_ns), "x", whole, bucket_ns, stepped=False)
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


def test_that_a_spike_survives_in_its_bucket():
    moments = START + np.arange(100_000) * (SECOND // 20)
    values = np.zeros(len(moments))
    values[54_321] = 7.0
    view = view_from_summary(
        summary_of(moments, values, 4 * SECOND),
        "x",
        TimeRange(start_utc_ns=START, end_utc_ns=START + 5000 * SECOND),
        4 * SECOND,
        stepped=False,
    )
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
    whole = TimeRange(start_utc_ns=START, end_utc_ns=START + 6000 * SECOND)
    table = samples_table(moments, np.arange(100.0))
    telemetry = view_from_samples(table, "x", whole, stepped=True)
    state = view_from_samples(table, "x", whole, stepped=True, lasting=True)
    assert np.flatnonzero(~telemetry.connect).tolist() == [49, 99]
    assert np.flatnonzero(~state.connect).tolist() == [99]
    bridged = view_of([0.0, 0.0], [1.0, 1.0], places=[0, 900], lasting=True)
    assert np.flatnonzero(~bridged.connect).tolist() == [3]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_that_a_sample_without_a_finite_value_breaks_the_line(bad):
    moments = START + np.arange(6) * SECOND
    view = view_from_samples(
        samples_table(moments, [0.0, 1.0, bad, 3.0, 4.0, bad]),
        "x",
        TimeRange(start_utc_ns=START, end_utc_ns=START + 6 * SECOND),
        stepped=False,
    )
    assert view.values.tolist() == [0, 1, 3, 4]
    assert view.connect.tolist() == [True, False, True, False]


def test_that_a_null_is_no_sample_and_breaks_nothing():
    moments = START + np.arange(5) * SECOND
    whole = TimeRange(start_utc_ns=START, end_utc_ns=START + 5 * SECOND)
    for kind, values in (
        (pa.float64(), [0.0, None, 2.0, 3.0, 4.0]),
        (pa.bool_(), [True, None, False, True, True]),
    ):
        view = view_from_samples(samples_table(moments, values, kind), "x", whole, stepped=False)
        assert view.times_utc_ns.tolist() == np.delete(moments, 1).tolist()
        assert view.connect.tolist() == [True, True, True, False]


def test_that_an_infinite_extreme_breaks_the_line_of_buckets():
    view = view_of([0.0, -float("inf"), 0.0, 0.0], [1.0, 1.0, 1.0, 1.0])
    assert np.flatnonzero(~view.connect).tolist() == [1, 5]
    assert np.isfinite(view.values).all()


def test_that_an_empty_table_gives_an_empty_view():
    whole = TimeRange(start_utc_ns=START, end_utc_ns=START + SECOND)
    empty = samples_table([], [], pa.float64())
    assert not len(view_from_samples(empty, "x", whole, stepped=False).values)
    columns = pa.schema([("time", pa.int64()), ("x_min", pa.float64()), ("x_max", pa.float64())])
    assert not len(view_from_summary(columns.empty_table(), "x", whole, SECOND, stepped=False).values)


def test_that_what_is_drawn_cannot_be_changed():
    view = view_of([0.0], [1.0])
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


@example(999_999_000_000_000_001, 124_480_500_000_000_000)
@given(st.integers(100, 10**18), st.integers(10**17, 10**18))
def test_that_a_readable_range_is_the_same_on_a_screen_and_ends_in_zeros(span_ns, start_utc_ns):
    asked = TimeRange(start_utc_ns=start_utc_ns, end_utc_ns=start_utc_ns + span_ns)
    found = readable(asked)
    pixel_ns = span_ns / 4000
    assert abs(found.start_utc_ns - asked.start_utc_ns) <= pixel_ns
    assert 0 <= found.span_ns - span_ns <= pixel_ns
    assert readable(found) == found
    digits = len(str(span_ns // 100_000)) - 1
    assert found.start_utc_ns % 10**digits == 0
