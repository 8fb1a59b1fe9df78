"""The table of leap seconds against pyerfa, and every conversion around each of them."""

import datetime

import erfa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.errors import TimescaleError
from efdviewer.domain.leap_seconds import (
    KNOWN_UNTIL_UTC_NS,
    LEAP_UTC_NS,
    OFFSET_NS,
    SECOND_NS,
    doubt,
)
from efdviewer.domain.timerange import TimeRange, TimeRangeSpec, convert_spec, spec_of
from efdviewer.domain.timescale import (
    Timescale,
    format_ns,
    parse_iso_ns,
    tai_ns_from_utc_ns,
    utc_from_tai_s,
    utc_ns_from_tai_ns,
)

AROUND = st.tuples(
    st.sampled_from(LEAP_UTC_NS[1:].tolist()),
    st.one_of(
        st.integers(-3 * SECOND_NS, 3 * SECOND_NS),
        st.sampled_from([-SECOND_NS, -1, 0, 1, SECOND_NS - 1, SECOND_NS]),
    ),
).map(sum)
SCALES = st.sampled_from(list(Timescale))


def test_the_table_is_that_of_erfa():
    table = erfa.leap_seconds.get()
    whole = table[table["year"] >= 1972]
    moments = [
        int(datetime.datetime(year, month, 1, tzinfo=datetime.UTC).timestamp()) * SECOND_NS
        for year, month in zip(whole["year"].tolist(), whole["month"].tolist(), strict=True)
    ]
    assert LEAP_UTC_NS.tolist() == moments
    assert (OFFSET_NS // SECOND_NS).tolist() == whole["tai_utc"].astype(int).tolist()


@given(st.one_of(AROUND, st.integers(int(LEAP_UTC_NS[0]), KNOWN_UNTIL_UTC_NS)))
def test_tai_is_that_of_erfa(utc_ns):
    whole, fraction = divmod(utc_ns, SECOND_NS)
    moment = datetime.datetime.fromtimestamp(whole, datetime.UTC)
    day = (moment.year, moment.month, moment.day)
    assert tai_ns_from_utc_ns(utc_ns) - utc_ns == round(erfa.dat(*day, fraction / 86_400e9)) * SECOND_NS


@given(AROUND)
def test_utc_becomes_tai_and_back(utc_ns):
    assert utc_ns_from_tai_ns(tai_ns_from_utc_ns(utc_ns)) == utc_ns
    stamps_s = np.array([tai_ns_from_utc_ns(utc_ns)]) / 1e9
    # A stamp in float64 seconds is good to a fraction of a microsecond; the leap second is longer.
    assert abs(int(utc_from_tai_s(stamps_s)[0]) - utc_ns) < 500


@given(AROUND, SCALES)
def test_what_is_written_is_read_back(utc_ns, scale):
    assert parse_iso_ns(format_ns(utc_ns, scale, digits=9), scale) == utc_ns


@given(AROUND, st.integers(1, 10 * SECOND_NS), SCALES)
def test_a_range_over_a_leap_second_is_typed_and_shown_in_either_scale(start, span, scale):
    time_range = TimeRange(start_utc_ns=start, end_utc_ns=start + span)
    spec = spec_of(time_range, scale)
    assert spec.resolve(now_utc_ns=0, timescale=scale) == time_range
    other = Timescale.TAI if scale is Timescale.UTC else Timescale.UTC
    converted = convert_spec(spec, scale, other)
    assert converted.resolve(now_utc_ns=0, timescale=other) == time_range
    assert convert_spec(converted, other, scale) == spec


@given(AROUND, st.integers(1, 3 * SECOND_NS))
def test_time_goes_on_in_tai_and_stands_still_in_utc_while_the_second_lasts(utc_ns, later):
    tai_ns = tai_ns_from_utc_ns(utc_ns)
    assert utc_ns <= utc_ns_from_tai_ns(tai_ns + later) <= utc_ns + later


@pytest.mark.parametrize("leap", LEAP_UTC_NS[1:].tolist())
def test_a_leap_second_can_be_typed_in_utc(leap):
    day = format_ns(leap - 1, Timescale.UTC)[:10]
    assert parse_iso_ns(f"{day}T23:59:60", Timescale.UTC) == leap - 1
    assert parse_iso_ns(f"{day}T23:59:60.25", Timescale.UTC) == leap - 1


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("2024-06-30T23:59:60", Timescale.UTC),
        ("2016-12-31T23:58:60", Timescale.UTC),
        ("2016-12-31T23:59:61", Timescale.UTC),
        ("2016-12-31T23:59:60", Timescale.TAI),
        ("2016-12-32T23:59:60", Timescale.UTC),
    ],
)
def test_any_other_second_60_is_refused(text, scale):
    with pytest.raises(TimescaleError):
        parse_iso_ns(text, scale)


def test_what_lies_beyond_the_table_is_doubted():
    assert doubt(KNOWN_UNTIL_UTC_NS) == ""
    assert "2027-06-28" in doubt(KNOWN_UNTIL_UTC_NS + 1)


def test_expressions_in_both_ways_of_writing_mean_the_same():
    spec = TimeRangeSpec(start="2016-12-31T23:59:55", end="2017-01-01T00:00:05")
    in_tai = convert_spec(spec, Timescale.UTC, Timescale.TAI)
    # Eleven seconds pass between them.
    assert in_tai == TimeRangeSpec(start="2017-01-01T00:00:31", end="2017-01-01T00:00:42")
