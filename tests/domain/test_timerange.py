import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.errors import BadInputError, TimeExpressionError
from efdviewer.domain.leap_seconds import DAY_NS, SECOND_NS
from efdviewer.domain.timerange import (
    TimeRange,
    TimeRangeSpec,
    clamped,
    convert_spec,
    is_relative,
    quick_ranges,
    resolve_expression,
    shifted,
    spec_of,
    zoomed,
)
from efdviewer.domain.timescale import Timescale, parse_iso_ns

NOW = parse_iso_ns("2026-03-04T05:06:07.123456789", Timescale.UTC)
HOUR = 3600 * SECOND_NS
MOMENTS = st.integers(100_000_000_000_000_000, 9_000_000_000_000_000_000)


def moment(text: str, *, scale: Timescale = Timescale.UTC, is_end: bool = False) -> int:
    return resolve_expression(text, now_utc_ns=NOW, timescale=scale, is_end=is_end)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        (" NOW ", NOW),
        ("now-20h", NOW - 20 * HOUR),
        ("now()-1d12h", NOW - 36 * HOUR),
        ("now + 5m", NOW + 300 * SECOND_NS),
        ("now-1h+5m", NOW - HOUR + 300 * SECOND_NS),
        ("8h", NOW - 8 * HOUR),
        ("1h30m", NOW - 3 * HOUR // 2),
        ("-8h", NOW - 8 * HOUR),
        ("1.5h", NOW - 3 * HOUR // 2),
        ("now-250ms", NOW - 250_000_000),
        ("now-3µs", NOW - 3000),
        ("2024-01-31", parse_iso_ns("2024-01-31", Timescale.UTC)),
        ("2024-01-31T23:15:00.123456789", 1_706_742_900_123_456_789),
        ("2024-01-31 23:15", 1_706_742_900_000_000_000),
        ("2024-01-31T23:15:00Z", 1_706_742_900_000_000_000),
        ("2024-01-31T23:15:37 TAI", 1_706_742_900_000_000_000),
        ("dayObs=20240131", 1_706_702_400_000_000_000),
        ("20240131", 1_706_702_400_000_000_000),
    ],
)
def test_that_an_expression_means_its_moment(text, expected):
    assert moment(text) == expected


def test_that_an_observing_day_as_an_end_means_its_end():
    assert moment("dayObs=20240131", is_end=True) - moment("dayObs=20240131") == DAY_NS


def test_that_an_unmarked_time_is_in_the_scale_and_a_marked_one_is_not():
    assert moment("2024-01-31T00:00:37", scale=Timescale.TAI) == moment("2024-01-31")
    assert moment("2024-01-31T00:00:00 UTC", scale=Timescale.TAI) == moment("2024-01-31")


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("2024-13-01", "13"),
        ("2024-01-32", "32"),
        ("2024-02-30", "30"),
        ("2024-01-31T25:00:00", "25"),
        ("2024-01-31T23:61:00", "61"),
        ("2024-01-31T23:15:00.1234567890", ".1234567890"),
        ("now-20x", "x"),
        ("now-20", "20"),
        ("now~3h", "~3h"),
        ("dayObs=20241301", "20241301"),
        ("yesterday", "yesterday"),
        ("  tonight", "tonight"),
        ("9999-01-01", "9999"),
        ("2024-1-31", "1"),
        ("2024-01", "2024-01"),
        ("2024-01-31T23", "2024-01-31T23"),
        ("2024-01-31x23:15", "x23:15"),
        ("2024-01-31T23:15+01:00", "+01:00"),
        ("2024-01-31T23:15:60", "60"),
        ("1971-05-05 TAI", "1971"),
        ("20240131T12:00", "20240131T12:00"),
        ("now-5M", "M"),
        ("now-1h-", "-"),
    ],
)
def test_that_wrong_input_is_marked_where_it_is_wrong(text, marked):
    with pytest.raises(TimeExpressionError) as caught:
        moment(text)
    assert text[caught.value.position :][: caught.value.length] == marked
    assert caught.value.hint


@given(st.text(max_size=30))
def test_that_no_text_breaks_the_parser(text):
    try:
        moment(text)
    except TimeExpressionError as error:
        assert 0 <= error.position <= len(text)  # noqa: PT017 - any text may also be a time


def test_that_an_end_before_the_start_is_refused():
    with pytest.raises(BadInputError, match="not after"):
        TimeRangeSpec(start="now", end="now-1h").resolve(now_utc_ns=NOW, timescale=Timescale.UTC)


@given(MOMENTS, st.integers(1, DAY_NS), st.sampled_from(Timescale))
def test_that_a_written_range_reads_back_to_the_nanosecond(start, span, scale):
    exact = TimeRange(start_utc_ns=start, end_utc_ns=start + span)
    assert spec_of(exact, scale).resolve(now_utc_ns=NOW, timescale=scale) == exact


@given(MOMENTS, st.integers(1, DAY_NS))
def test_that_changing_the_scale_keeps_the_instants(start, span):
    exact = TimeRange(start_utc_ns=start, end_utc_ns=start + span)
    converted = convert_spec(spec_of(exact, Timescale.UTC), Timescale.UTC, Timescale.TAI)
    assert converted.resolve(now_utc_ns=NOW, timescale=Timescale.TAI) == exact


def test_that_relative_and_marked_times_survive_a_change_of_scale():
    for start in ("now-3h", "3h", "1h30m", "-1d 12h", "dayObs=20240131"):
        spec = TimeRangeSpec(start=start, end="2030-01-01Z")
        assert convert_spec(spec, Timescale.UTC, Timescale.TAI) == spec


@given(st.from_regex(r"(now|now\(\))?([-+ ]?[0-9]{1,3}(\.[0-9])?(ns|us|ms|s|m|h|d|w)){1,3}", fullmatch=True))
def test_that_whatever_moves_with_the_clock_is_relative_and_nothing_else(text):
    try:
        moved = resolve_expression(text, now_utc_ns=NOW + HOUR, timescale=Timescale.UTC, is_end=False)
        assert is_relative(text) == (moved != moment(text))
    except TimeExpressionError:
        assert text.startswith("now"), "only a sum without a sign, now5m, is wrong here"


@pytest.mark.parametrize(
    "text", ["2024-01-31", "20240131", "dayObs=20240131", "2024-01-31T05:06 TAI", "yesterday"]
)
def test_that_what_stands_still_is_not_relative(text):
    assert not is_relative(text)


def test_that_quick_ranges_mean_what_they_are_called():
    minutes = {"min": 1, "h": 60, "d": 1440}
    for quick in quick_ranges():
        _, number, unit = quick.label.split()
        spec = TimeRangeSpec(start=quick.start, end=quick.end)
        span_ns = spec.resolve(now_utc_ns=NOW, timescale=Timescale.UTC).span_ns
        assert span_ns == int(number) * minutes[unit] * 60 * SECOND_NS
    assert len(quick_ranges()) == 10


@given(st.integers(-(2**62), 2**62), st.integers(-(2**62), 2**62))
def test_that_a_clamped_range_lies_where_both_scales_are_known(start, end):
    kept = clamped(start, end)
    assert kept.span_ns >= 100
    assert spec_of(kept, Timescale.TAI).resolve(now_utc_ns=NOW, timescale=Timescale.TAI) == kept


@given(MOMENTS, st.integers(100, DAY_NS), st.floats(0.01, 100), st.integers(0, 100))
def test_that_a_zoom_keeps_the_moment_under_the_cursor(start, span, factor, percent):
    before = TimeRange(start_utc_ns=start, end_utc_ns=start + span)
    at = start + span * percent // 100
    after = zoomed(before, factor, at)
    assert after.span_ns >= 100
    place = (at - after.start_utc_ns) / after.span_ns
    assert abs(place - (at - start) / span) <= 2 / after.span_ns + 1e-6


def test_that_a_shift_keeps_the_length():
    before = TimeRange(start_utc_ns=NOW, end_utc_ns=NOW + HOUR)
    after = shifted(before, -0.25)
    assert (after.start_utc_ns - NOW, after.span_ns) == (-HOUR // 4, HOUR)
