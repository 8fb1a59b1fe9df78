"""How many events lie where: counts of buckets and of pixel columns."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.events import EventSet, density, density_of, placed
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale

SECOND = 1_000_000_000
NOON = 1_706_702_400 * SECOND


def events_at(offsets_ns) -> EventSet:
    table = pa.table({"time": pa.array(NOON + np.sort(np.asarray(offsets_ns, np.int64)))})
    return placed(table, topic="t", stamp="time", scale=Timescale.UTC)


@given(st.lists(st.integers(0, 10**6), max_size=200), st.sampled_from([1, 7, 512, 10**5]))
def test_that_counts_from_stamps_are_those_of_numpy(offsets, bucket_ns):
    events = events_at(offsets)
    found = density_of(events, bucket_ns)
    assert (found.starts_utc_ns % bucket_ns == 0).all()
    assert (found.counts > 0).all()
    if not offsets:
        assert len(found.counts) == 0
        return
    first = found.starts_utc_ns[0]
    edges = np.arange(first, found.starts_utc_ns[-1] + 2 * bucket_ns, bucket_ns) - first
    expected, _ = np.histogram(events.times_utc_ns - first, edges)
    assert np.array_equal(found.counts, expected[expected > 0])
    assert not found.counts.flags.writeable


@given(st.lists(st.integers(0, 10**6), max_size=200), st.integers(1, 300), st.sampled_from([1, 100, 10**5]))
def test_that_every_event_is_in_one_pixel_column(offsets, columns, bucket_ns):
    found = density_of(events_at(offsets), bucket_ns)
    whole = TimeRange(start_utc_ns=NOON - 10**6, end_utc_ns=NOON + 3 * 10**6)
    by_column = found.by_column(whole, columns)
    assert by_column.shape == (columns,)
    assert abs(by_column.sum() - len(offsets)) < 1e-6
    assert (by_column >= 0).all()


def test_that_equal_buckets_make_no_stripes():
    starts = NOON + np.arange(1500) * SECOND
    even = density("t", "time", starts, np.full(1500, 4), SECOND)
    by_column = even.by_column(TimeRange(start_utc_ns=NOON, end_utc_ns=NOON + 1500 * SECOND), 1000)
    assert np.allclose(by_column, 6)


def test_that_a_range_counts_the_buckets_that_it_cuts_by_their_share():
    found = density("t", "time", NOON + np.array([0, 10, 30]) * SECOND, np.array([8, 4, 2]), 10 * SECOND)

    def count(start_s: float, end_s: float) -> tuple[int, bool]:
        ends = NOON + round(start_s * SECOND), NOON + round(end_s * SECOND)
        return found.count_in(TimeRange(start_utc_ns=ends[0], end_utc_ns=ends[1]))

    assert count(0, 40) == (14, True)
    assert count(-100, 100) == (14, True)
    assert count(25, 28) == (0, True)
    assert count(5, 40) == (10, False)
    assert count(2, 4) == (2, False)


def test_that_a_range_holds_its_whole_buckets_at_least():
    found = density("t", "time", NOON + np.array([0, 10, 30]) * SECOND, np.array([8, 4, 2]), 10 * SECOND)

    def least(start_s: int, end_s: int) -> int:
        return found.least_in(
            TimeRange(start_utc_ns=NOON + start_s * SECOND, end_utc_ns=NOON + end_s * SECOND)
        )

    assert [least(*ends) for ends in ((0, 40), (1, 40), (0, 39), (10, 20), (11, 30), (2, 4))] == [
        14,
        6,
        12,
        4,
        0,
        0,
    ]


def test_that_a_crowd_is_told_by_the_buckets_that_a_column_touches():
    found = density("t", "time", NOON + np.array([0, 10, 30]) * SECOND, np.array([8, 4, 2]), 10 * SECOND)
    column = TimeRange(start_utc_ns=NOON + 9 * SECOND, end_utc_ns=NOON + 11 * SECOND)
    touched, count = found.crowd_over(column)
    assert (touched, count) == (TimeRange(start_utc_ns=NOON, end_utc_ns=NOON + 20 * SECOND), 12)
    assert found.crowd_over(TimeRange(start_utc_ns=NOON + 20 * SECOND, end_utc_ns=NOON + 21 * SECOND)) is None
