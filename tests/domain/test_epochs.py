"""Windows around events, and what is usual in them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.epochs import (
    QUANTILES,
    bands_of,
    epochs_of,
    night_starts,
    thinned_traces,
    windows_of,
)
from efdviewer.domain.errors import BadInputError
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import day_obs_start_utc_ns

SECOND = 10**9
events_and_samples = st.tuples(
    st.lists(st.integers(0, 300), max_size=8, unique=True).map(sorted),
    st.lists(st.tuples(st.integers(-20, 340), st.floats(-5, 5)), max_size=60).map(sorted),
)


def epochs(events: list[int], samples: list[tuple[int, float]], start: int, end: int):
    moments = np.array([at for at, _ in samples], np.int64)
    values = np.array([value for _, value in samples], np.float64)
    return epochs_of(np.array(events, np.int64), moments, values, start, end)


@given(events_and_samples)
def test_that_each_epoch_has_just_the_samples_of_its_window(drawn):
    events, samples = drawn
    found = epochs(events, samples, -7, 20)
    for place, event in enumerate(events):
        wanted = [(at - event, value) for at, value in samples if -7 <= at - event < 20]
        np.testing.assert_allclose(
            found.offsets_s(place) * SECOND, [offset for offset, _ in wanted], atol=1e-3
        )
        np.testing.assert_array_equal(found.values_of(place), [value for _, value in wanted])


@given(events_and_samples)
def test_that_bands_are_the_quantiles_of_all_samples_of_a_bin(drawn):
    events, samples = drawn
    found = epochs(events, samples, -7, 20)
    bands = bands_of(found, -7, 20, least_in_bin=1)
    assert 0 in bands.starts_ns.tolist(), "a bin begins at the event"
    assert int(bands.counts.sum()) == int(found.counts.sum())
    for place, start in enumerate(bands.starts_ns.tolist()):
        inside = [
            value
            for event in events
            for at, value in samples
            if -7 <= at - event < 20 and start <= at - event < start + bands.width_ns
        ]
        expected = np.quantile(inside, QUANTILES) if inside else np.full(5, np.nan)
        np.testing.assert_allclose(bands.quantiles[:, place], expected)


def test_that_what_is_no_number_is_left_out_of_bands():
    found = epochs([0], [(0, 1.0), (1, float("nan")), (2, 3.0)], 0, 8)
    assert int(bands_of(found, 0, 8, least_in_bin=1).counts.sum()) == 2


@given(st.lists(st.integers(0, 300), max_size=12, unique=True).map(sorted))
def test_that_windows_cover_each_moment_that_is_wanted_once(events):
    covered = [
        at
        for window in windows_of(np.array(events, np.int64), -3, 5)
        for at in range(window.start_utc_ns, window.end_utc_ns)
    ]
    assert covered == sorted({event + offset for event in events for offset in range(-3, 5)})


def test_that_a_long_trace_keeps_its_extremes():
    values = np.zeros(1000)
    values[[333, 666]] = [9.0, -9.0]
    found = epochs([0], list(enumerate(values)), 0, 1000)
    offsets, kept, owners = thinned_traces(found, [0], 20)
    assert len(offsets) <= 21
    assert np.isnan(kept[-1])
    assert {9.0, -9.0} <= set(kept.tolist())
    assert set(owners.tolist()) == {0}


def test_that_nights_are_counted_back_or_named():
    view = TimeRange(
        start_utc_ns=day_obs_start_utc_ns(20230615) + 5, end_utc_ns=day_obs_start_utc_ns(20230616)
    )
    assert night_starts("2", view).tolist() == [
        day_obs_start_utc_ns(20230614),
        day_obs_start_utc_ns(20230615),
    ]
    named = [day_obs_start_utc_ns(20230531), day_obs_start_utc_ns(20230615)]
    assert night_starts("20230615, 20230531", view).tolist() == named
    for wrong in ("", "x", "0", "99", "20231331"):
        with pytest.raises((BadInputError, ValueError)):
            night_starts(wrong, view)
