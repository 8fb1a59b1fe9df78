"""Figures between two moments, put together of parts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from efdviewer.domain.statistics import HeldValue, Moments, SpanStatistics, Totals

VALUES = arrays(np.float64, st.integers(2, 60), elements=st.floats(-1e6, 1e6))


@given(VALUES, st.lists(st.integers(0, 60), max_size=5))
def test_that_moments_of_parts_are_those_of_the_whole_wherever_it_is_cut(values, cuts):
    parts = np.split(values, sorted(min(cut, len(values)) for cut in cuts))
    found = Moments()
    for part in parts:
        found = found.merged(Moments.of(part))
    assert found.count == len(values)
    scale = np.abs(values).max() + 1
    assert found.mean == pytest.approx(values.mean(), abs=1e-9 * scale)
    assert found.deviation == pytest.approx(values.std(ddof=1), abs=1e-7 * scale)


def test_that_a_small_spread_around_a_large_mean_is_not_lost():
    values = 1e9 + np.random.default_rng(1).normal(size=10_000)
    found = Moments()
    for part in np.split(values, 10):
        found = found.merged(Moments.of(part))
    assert found.deviation == pytest.approx(values.std(ddof=1), rel=1e-6)


def test_that_nan_counts_as_absent_and_one_value_has_no_deviation():
    found = Moments.of(np.array([np.nan, 3.0, np.nan]))
    assert (found.count, found.mean, found.deviation) == (1, 3.0, None)
    assert Moments().merged(Moments()).deviation is None
    assert Moments.of(np.array([np.nan])) == Moments()


def test_that_totals_of_buckets_weigh_by_count_and_keep_every_digit_of_whole_numbers():
    large = 2**53 + 1
    parts = [
        Totals(count=1, mean=1.0, low=large, high=large),
        Totals(count=3, mean=5.0, low=-large, high=0),
        Totals(),
    ]
    assert Totals.joined(parts) == Totals(count=4, mean=4.0, low=-large, high=large)
    assert Totals.joined([]) == Totals()
    assert Totals.joined([Totals(count=7), Totals(count=1)]) == Totals(count=8)


def test_that_difference_and_slope_go_from_a_to_b_whichever_comes_first():
    found = SpanStatistics(
        a_utc_ns=4 * 10**9,
        b_utc_ns=2 * 10**9,
        at_a=HeldValue(utc_ns=0, value=7),
        at_b=HeldValue(utc_ns=0, value=3),
    )
    assert (found.difference, found.slope_per_s) == (-4, 2.0)


@pytest.mark.parametrize(("a", "b"), [(None, 1.0), ("on", "off"), (1.0, None), (None, None)])
def test_that_there_is_no_difference_without_two_numbers(a, b):
    held = [None if value is None else HeldValue(utc_ns=0, value=value) for value in (a, b)]
    found = SpanStatistics(a_utc_ns=0, b_utc_ns=10**9, at_a=held[0], at_b=held[1])
    assert found.difference is None
    assert found.slope_per_s is None


def test_that_two_cursors_at_one_moment_have_no_slope():
    held = HeldValue(utc_ns=0, value=True)
    found = SpanStatistics(a_utc_ns=5, b_utc_ns=5, at_a=held, at_b=held)
    assert found.difference == 0
    assert found.slope_per_s is None
    assert not math.isnan(found.difference)
