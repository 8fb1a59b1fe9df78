"""Columns of samples as numbers, and where a line between them may go."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.errors import BadInputError
from efdviewer.domain.samples import column_as_float, connected, times

SECOND = 1_000_000_000


def gaps(times_utc_ns, **options) -> list[int]:
    """Give the places before a gap; the last sample, which nothing follows, is none."""
    return np.flatnonzero(~connected(np.asarray(times_utc_ns, np.int64), **options)[:-1]).tolist()


def test_that_numbers_booleans_and_nulls_become_floats():
    table = pa.table(
        {
            "time": pa.array([1, 2, 3], pa.int64()),
            "whole": pa.array([2**53 + 2, None, -1], pa.int64()),
            "real": pa.array([0.5, None, float("nan")]),
            "truth": pa.array([True, None, False]),
            "nothing": pa.nulls(3, pa.float64()),
        }
    )
    nan = float("nan")
    assert times(table).tolist() == [1, 2, 3]
    for name, expected in {
        "whole": [2**53 + 2, nan, -1],
        "real": [0.5, nan, nan],
        "truth": [1, nan, 0],
        "nothing": [nan] * 3,
    }.items():
        found = column_as_float(table, name)
        assert found.dtype == np.float64
        assert np.array_equal(found, expected, equal_nan=True)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_that_text_is_refused_as_numbers(kind):
    with pytest.raises(BadInputError, match="reason is text"):
        column_as_float(pa.table({"reason": pa.array(["because"], kind)}), "reason")


def test_that_a_hole_in_steady_telemetry_is_a_gap():
    moments = np.arange(3600) * SECOND
    moments = np.delete(moments, slice(1000, 1020))
    assert gaps(moments) == [999]


def test_that_a_few_missed_samples_are_no_gap():
    moments = np.delete(np.arange(3600) * SECOND, [5, 6, 7, 100, 101])
    assert gaps(moments) == []


def test_that_pauses_between_bursts_are_gaps_and_bursts_are_whole():
    burst = np.arange(150) * (SECOND // 15)
    moments = np.concatenate([burst, burst + 60 * SECOND, burst + 200 * SECOND])
    assert gaps(moments) == [149, 299]


def test_that_slow_irregular_data_is_not_torn_apart():
    spacing = np.random.default_rng(5).exponential(300.0, 200)
    assert gaps(np.cumsum(spacing * SECOND).astype(np.int64)) == []


def test_that_full_buckets_break_at_a_hole_and_sparse_ones_do_not():
    full = np.delete(np.arange(500), slice(200, 204)) * 2 * SECOND
    assert gaps(full, resolution_ns=2 * SECOND) == [199]
    sparse = np.arange(0, 500, 7) * 2 * SECOND
    assert gaps(sparse, resolution_ns=2 * SECOND) == []


@given(st.lists(st.integers(0, 2**60), max_size=50, unique=True).map(sorted), st.integers(1, 10**6))
def test_that_gaps_do_not_depend_on_the_unit_of_time(moments, factor):
    scaled = [moment * factor for moment in moments]
    if not scaled or scaled[-1] < 2**62:
        assert gaps(scaled) == gaps(moments)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_that_few_samples_have_no_gap(count):
    found = connected(np.arange(count, dtype=np.int64) * SECOND)
    assert found.tolist() == [True] * (count - 1) + [False] * min(count, 1)
