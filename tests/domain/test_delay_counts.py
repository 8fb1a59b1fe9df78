"""Delays beyond those that are kept as they are: percentiles, bins, and stretches of time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.bins import BinSpec, weighted_edges
from efdviewer.domain.delay_counts import DelayCounts, Weighted
from efdviewer.domain.delay_timeline import STRETCHES, DelayTimeline
from efdviewer.domain.odd_delays import OddDelays, odd_delays
from efdviewer.domain.timerange import TimeRange

SHARES = [0.001, 0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999]
RNG = np.random.default_rng(11)
SHAPES = {
    "usual": lambda count: RNG.lognormal(np.log(5e-4), 0.5, count),
    "far off": lambda count: 37 + RNG.normal(0, 1e-3, count),
    "two groups": lambda count: np.where(RNG.random(count) < 0.03, 37.0, 5e-4) + RNG.gamma(2, 1e-4, count),
    "both signs": lambda count: RNG.normal(0, 0.01, count),
    "long tail": lambda count: RNG.pareto(1.1, count) * 1e-3,
    "equal": lambda count: np.full(count, 0.125),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_percentiles_of_many_are_within_a_thousandth(shape, monkeypatch):
    monkeypatch.setattr("efdviewer.domain.delay_counts.MOST_EXACT", 50_000)
    values = SHAPES[shape](400_000)
    counts = DelayCounts()
    for batch in np.array_split(values, 37):
        counts.add(batch)
    assert not counts.is_exact
    expected = np.quantile(values, SHARES)
    # Around zero a share of the delay says nothing: there the bulk's own cells are fine enough.
    slack = np.subtract(*np.quantile(values, [0.75, 0.25])) * 1e-3
    np.testing.assert_allclose(
        counts.quantiles(SHARES), expected, rtol=1e-3, atol=slack if shape == "both signs" else 0
    )
    assert counts.worst_s == values[np.argmax(np.abs(values))]
    assert counts.count == len(values)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bins", [BinSpec(), BinSpec(count=50)])
def test_bins_that_the_program_chose_are_counted_exactly(shape, bins, monkeypatch):
    monkeypatch.setattr("efdviewer.domain.delay_counts.MOST_EXACT", 50_000)
    values = SHAPES[shape](300_000)
    counts = DelayCounts()
    for batch in np.array_split(values, 20):
        counts.add(batch)
    edges = counts.suited(weighted_edges(counts.weighted(), bins))
    found, below, above = counts.histogram(edges)
    expected = np.histogram(values, edges)[0]
    # A value on the very end of a cell may be counted beside it.
    assert np.abs(found - expected).sum() <= 1e-5 * len(values)
    assert found.sum() + below + above == len(values)


def test_typed_bins_are_exact_however_many_come(monkeypatch):
    monkeypatch.setattr("efdviewer.domain.delay_counts.MOST_EXACT", 1000)
    values = SHAPES["usual"](50_000)
    edges = np.array([0.0, 1e-4, 3.3e-4, 5e-4, 1e-3])
    counts = DelayCounts(edges)
    for batch in np.array_split(values, 9):
        counts.add(batch)
    found, below, above = counts.histogram(edges)
    assert (found == np.histogram(values, edges)[0]).all()
    assert (below, above) == (np.count_nonzero(values < edges[0]), np.count_nonzero(values > edges[-1]))


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.integers(1, 5)), min_size=1, max_size=40),
    st.floats(0, 1),
    st.sampled_from(["linear", "lower", "higher"]),
)
def test_weighted_quantiles_are_numpy_s(pairs, share, method):
    values = np.repeat([value for value, _ in pairs], [weight for _, weight in pairs])
    order = np.argsort([value for value, _ in pairs], kind="stable")
    weighted = Weighted(
        np.array([pairs[place][0] for place in order]), np.array([pairs[place][1] for place in order])
    )
    expected = np.quantile(values, share, method=method)
    assert weighted.quantiles([share], method)[0] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_stretches_of_time_have_the_figures_of_their_delays():
    count = 100_000
    time_range = TimeRange(start_utc_ns=10**18, end_utc_ns=10**18 + 1000 * 10**9)
    moments = np.sort(RNG.integers(time_range.start_utc_ns, time_range.end_utc_ns - 300 * 10**9, count))
    values = SHAPES["both signs"](count)
    timeline = DelayTimeline(time_range)
    for times, delays in zip(np.array_split(moments, 13), np.array_split(values, 13), strict=True):
        timeline.add(times, delays)
    found = timeline.figures()
    places = (moments - time_range.start_utc_ns) // found.width_ns
    assert found.counts.sum() == count
    assert len(found.starts_utc_ns) == len(np.unique(places)) <= STRETCHES
    for number, place in enumerate(np.unique(places)):
        own = values[places == place]
        assert found.starts_utc_ns[number] == time_range.start_utc_ns + place * found.width_ns
        assert found.medians_s[number] == pytest.approx(np.median(own))
        assert found.p99s_s[number] == pytest.approx(np.quantile(own, 0.99))
        assert abs(found.worsts_s[number]) == np.abs(own).max()


def test_what_is_odd_is_said_with_its_likely_cause():
    odd = odd_delays(np.array([0.1, -0.2, 37.01, 36.9, -37.0]), 37.0)
    assert (odd.negative, odd.ahead, odd.behind) == (2, 2, 1)
    whole = odd.plus(OddDelays(zero_later=4, zero_earlier=1, missing=2, absurd=3))
    assert whole.absent == 7
    words = " ".join(whole.sentences("rcvStamp", "sndStamp", 0.1))
    for said in ("4 with rcvStamp zero", "1 with sndStamp zero", "2 without", "3 differ by more than a day"):
        assert said in words
    assert "2 near +37 s, TAI minus UTC: in these one stamp is UTC" in words
    assert "1 below zero" in words
    # Where most are off by it, that is said once, elsewhere.
    assert "37 s" not in " ".join(odd.sentences("rcvStamp", "sndStamp", 37.0))


def test_a_stretch_with_very_many_delays_holds_few_of_them(monkeypatch):
    monkeypatch.setattr("efdviewer.domain.delay_counts.MOST_EXACT", 1000)
    values = SHAPES["usual"](60_000)
    timeline = DelayTimeline(TimeRange(start_utc_ns=0, end_utc_ns=STRETCHES * 10**15))
    for batch in np.array_split(values, 12):
        timeline.add(np.arange(len(batch)), batch)
    found = timeline.figures()
    assert found.counts.tolist() == [60_000]
    assert found.medians_s[0] == pytest.approx(np.median(values), rel=1e-3)
    assert found.p99s_s[0] == pytest.approx(np.quantile(values, 0.99), rel=1e-3)
    assert found.worsts_s[0] == values[np.argmax(np.abs(values))]
