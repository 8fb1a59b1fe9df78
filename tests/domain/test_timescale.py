import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.errors import TimescaleError
from efdviewer.domain.leap_seconds import LEAP_UTC_NS, OFFSET_NS, SECOND_NS
from efdviewer.domain.timescale import (
    Timescale,
    day_obs_of,
    day_obs_start_utc_ns,
    format_ns,
    parse_iso_ns,
    tai_ns_from_utc_ns,
    utc_from_tai_s,
    utc_ns_from_tai_ns,
)

KNOWN = st.integers(int(LEAP_UTC_NS[0]), 9_000_000_000_000_000_000)


@given(KNOWN)
def test_that_utc_and_tai_round_trip(utc_ns):
    assert utc_ns_from_tai_ns(tai_ns_from_utc_ns(utc_ns)) == utc_ns


@pytest.mark.parametrize("index", range(len(LEAP_UTC_NS)))
def test_that_utc_and_tai_round_trip_around_every_leap_second(index):
    near = int(LEAP_UTC_NS[index]) + np.array([-SECOND_NS, -1, 0, 1, SECOND_NS], np.int64)
    near = near[near >= LEAP_UTC_NS[0]]
    assert np.array_equal(utc_ns_from_tai_ns(tai_ns_from_utc_ns(near)), near)


@pytest.mark.parametrize("index", range(1, len(LEAP_UTC_NS)))
def test_that_utc_stands_still_during_a_leap_second(index):
    begin_tai = int(LEAP_UTC_NS[index] + OFFSET_NS[index - 1])
    during = begin_tai + np.array([0, 1, SECOND_NS // 2, SECOND_NS - 1], np.int64)
    assert set(utc_ns_from_tai_ns(during).tolist()) == {int(LEAP_UTC_NS[index]) - 1}
    assert utc_ns_from_tai_ns(begin_tai + SECOND_NS) == LEAP_UTC_NS[index]


def test_that_today_tai_is_37_s_ahead():
    stamp = np.array([1_685_543_398.7783954])
    assert abs(int(utc_from_tai_s(stamp)[0]) - 1_685_543_361_778_395_400) < 500


def test_that_stamps_before_1972_are_refused():
    with pytest.raises(TimescaleError):
        utc_from_tai_s(np.array([1.0]))


@given(st.integers(-9_000_000_000_000_000_000, 9_000_000_000_000_000_000))
def test_that_text_of_utc_round_trips(utc_ns):
    assert parse_iso_ns(format_ns(utc_ns, Timescale.UTC), Timescale.UTC) == utc_ns


@given(KNOWN)
def test_that_text_of_tai_round_trips(utc_ns):
    assert parse_iso_ns(format_ns(utc_ns, Timescale.TAI), Timescale.TAI) == utc_ns


@given(KNOWN)
def test_that_an_observing_day_holds_its_moments(utc_ns):
    start = day_obs_start_utc_ns(day_obs_of(utc_ns))
    assert start <= utc_ns < start + 86_400 * SECOND_NS


def test_that_an_observing_day_turns_at_noon():
    noon = parse_iso_ns("2024-01-31T12:00:00", Timescale.UTC)
    assert (day_obs_of(noon - 1), day_obs_of(noon)) == (20240130, 20240131)


def test_that_the_shortest_exact_fraction_is_written():
    assert format_ns(1_500_000_000, Timescale.UTC) == "1970-01-01T00:00:01.500"
    assert format_ns(1_000_000_001, Timescale.UTC) == "1970-01-01T00:00:01.000000001"
    assert format_ns(1_000_000_000, Timescale.UTC) == "1970-01-01T00:00:01"
