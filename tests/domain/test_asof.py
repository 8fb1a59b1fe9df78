"""As-of joins against pandas, and correlations against numpy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.asof import Direction, asof
from efdviewer.domain.correlation import lags_of, pearson

TIMES = st.lists(st.integers(0, 60), max_size=30).map(sorted)


@given(TIMES, TIMES, st.sampled_from(list(Direction)), st.one_of(st.none(), st.integers(0, 20)))
def test_joins_equal_merge_asof(left, right, direction, tolerance):
    base = 1_706_745_600 * 10**9
    left, right = np.array(left, np.int64) + base, np.array(right, np.int64) + base
    found = asof(left, right, direction, tolerance)
    joined = pd.merge_asof(
        pd.DataFrame({"time": left}),
        pd.DataFrame({"time": right, "place": np.arange(len(right), dtype=float)}),
        on="time",
        direction=direction.value,
        tolerance=tolerance,
    )["place"].to_numpy()
    expected = np.where(np.isnan(joined), -1, joined).astype(int)
    assert found.tolist() == expected.tolist()


def test_a_correlation_is_numpy_s():
    rng = np.random.default_rng(3)
    x = rng.normal(0, 1, 500)
    y = 0.4 * x + rng.normal(0, 1, 500) + 1e6
    assert pearson(x, y) == pytest.approx(np.corrcoef(x, y)[0, 1], rel=1e-9)
    y[7] = np.nan
    assert pearson(x, y) == pytest.approx(np.corrcoef(np.delete(x, 7), np.delete(y, 7))[0, 1], rel=1e-9)
    assert pearson(x, np.ones(500)) is None
    assert pearson(x[:1], x[:1]) is None
    assert pearson(x[:0], x[:0]) is None


@pytest.mark.parametrize("lag_s", [0.0, 1.5, -2.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_lag_of_a_series_that_follows_is_found(lag_s, sign):
    rng = np.random.default_rng(4)
    moments = np.arange(4000) * 50_000_000
    signal = np.cumsum(rng.normal(0, 1, 4000))
    later = moments + round(lag_s * 1e9)
    found = lags_of(moments, signal, later, sign * signal + 100)
    assert found.best_s == pytest.approx(lag_s, abs=0.051)
    assert sign * found.best > 0.99


@pytest.mark.parametrize("lag_s", [0.0, 0.3, -0.7])
@pytest.mark.parametrize("swapped", [False, True])
def test_the_lag_of_series_of_different_rates_is_found(lag_s, swapped):
    def signal(seconds):
        return np.sin(seconds / 3.1) + np.sin(seconds / 17.3 + 1)

    often, seldom = np.arange(12_000) * 50_000_000, np.arange(600) * 10**9
    series = [(often, signal(often / 1e9)), (seldom, signal(seldom / 1e9 - lag_s))]
    found = lags_of(*series[swapped], *series[not swapped])
    assert found.best_s == pytest.approx(-lag_s if swapped else lag_s, abs=0.051)
    assert found.best > 0.99


def test_a_gap_makes_nothing_go_together():
    rng = np.random.default_rng(3)
    moments = np.arange(2000) * 100_000_000
    moments[1000:] += 400 * 10**9
    found = lags_of(moments, rng.normal(0, 1, 2000) + 5, moments, rng.normal(0, 1, 2000) - 5)
    assert abs(found.best) < 0.25


def test_each_lag_has_the_correlation_of_what_overlaps():
    rng = np.random.default_rng(5)
    moments = np.arange(200) * 10**9
    x, y = np.cumsum(rng.normal(0, 1, 200)), np.cumsum(rng.normal(0, 1, 200))
    found = lags_of(moments, x, moments, y)
    for lag, value in zip(np.rint(found.lags_s).astype(int), found.correlations, strict=True):
        first = x[max(0, -lag) : 200 - max(0, lag)]
        second = y[max(0, lag) : 200 + min(0, lag)]
        assert value == pytest.approx(np.corrcoef(first, second)[0, 1], abs=1e-9)


def test_series_that_share_nothing_have_no_lag():
    moments = np.arange(100) * 10**9
    values = np.random.default_rng(1).normal(0, 1, 100)
    assert lags_of(moments, values, moments + 10**12, values) is None
    assert lags_of(moments[:3], values[:3], moments, values) is None
    assert lags_of(moments, np.ones(100), moments, values) is None
