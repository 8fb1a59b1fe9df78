"""What a curve reads at a time, for any samples."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.level_view import MeanLine
from efdviewer.domain.levels import describe_bucket
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.viewmodels.curve_reading import age_text, held_text, read, reading
from tests.ui.plots import RANGE, SECOND_NS, START_NS, curve, view


def at(offsets, *, stepped=False, held=None):
    times = START_NS + np.array(sorted(offsets), np.int64)
    drawn = replace(view(np.arange(len(times)), stepped=stepped), times_utc_ns=times)
    return curve(view=drawn, held=held)


offsets = st.lists(st.integers(0, RANGE.span_ns - 1), min_size=1, max_size=40, unique=True)


REACH_NS = RANGE.span_ns // 200


@given(offsets, st.integers(-RANGE.span_ns, 2 * RANGE.span_ns))
def test_that_the_nearest_sample_is_read_where_a_line_is_drawn_or_a_sample_is_near(drawn, moment):
    found = read(at(drawn), START_NS + moment)
    ordered = sorted(drawn)
    least = min(abs(offset - moment) for offset in ordered)
    if ordered[0] <= moment < ordered[-1] or least <= REACH_NS:
        assert found.utc_ns == START_NS + ordered[int(found.value)]
        assert abs(found.utc_ns - START_NS - moment) == least
    else:
        assert found is None


def test_that_a_gap_reads_no_value():
    state = at([10 * SECOND_NS, 20 * SECOND_NS, 900 * SECOND_NS, 910 * SECOND_NS])
    torn = replace(state, view=replace(state.view, connect=np.array([True, False, True, False])))
    assert reading(state, START_NS + 400 * SECOND_NS, Timescale.UTC).startswith("1 at ")
    assert reading(torn, START_NS + 400 * SECOND_NS, Timescale.UTC) == "no data here"
    assert reading(torn, START_NS + 2000 * SECOND_NS, Timescale.UTC) == "not loaded yet"
    assert reading(torn, START_NS + 899 * SECOND_NS, Timescale.UTC).startswith("2 at ")


def test_that_a_step_reads_nothing_once_it_has_ceased_to_hold():
    state = at([10 * SECOND_NS], stepped=True)
    lasting = replace(state, view=replace(state.view, hold_ns=50 * SECOND_NS))
    assert reading(lasting, START_NS + 59 * SECOND_NS, Timescale.UTC).endswith("49 s old")
    assert reading(lasting, START_NS + 61 * SECOND_NS, Timescale.UTC) == "no data here"
    assert reading(state, START_NS + 999 * SECOND_NS, Timescale.UTC).endswith("old")
    assert reading(state, RANGE.end_utc_ns, Timescale.UTC) == "not loaded yet"


def test_that_a_sample_of_another_day_tells_its_day():
    state = at([10 * SECOND_NS], stepped=True, held=(START_NS - 86_400 * SECOND_NS, 7.0))
    day = format_ns(START_NS - 86_400 * SECOND_NS, Timescale.UTC)[:10]
    assert f"at {day} " in reading(state, START_NS + SECOND_NS, Timescale.UTC)
    assert day[:4] not in reading(state, START_NS + 11 * SECOND_NS, Timescale.UTC)


@given(offsets, st.integers(0, RANGE.span_ns - 1), st.integers(1, 10**12))
def test_that_a_step_reads_the_last_sample_until_then(drawn, moment, before):
    held = (START_NS - before, -1.0)
    found = read(at(drawn, stepped=True, held=held), START_NS + moment)
    past = [offset for offset in sorted(drawn) if offset <= moment]
    assert (found.utc_ns, found.value) == ((START_NS + past[-1], len(past) - 1) if past else held)
    assert found.holds


def test_that_steps_and_held_values_tell_their_age():
    state = at([20 * SECOND_NS], stepped=True, held=(START_NS - 12 * SECOND_NS, -2.5))
    assert held_text(state) == "\u22122.5 at left edge, 12 s old"
    assert reading(state, START_NS + 3 * SECOND_NS, Timescale.UTC).endswith(", 15 s old")
    assert reading(state, START_NS + 50 * SECOND_NS, Timescale.UTC).endswith(", 30 s old")
    assert "old" not in reading(at([20 * SECOND_NS]), START_NS, Timescale.UTC)
    assert "old" not in reading(at([20 * SECOND_NS], stepped=True), START_NS, Timescale.UTC)


def test_that_a_hidden_curve_reads_nothing():
    assert reading(curve(visible=False), START_NS, Timescale.UTC) == ""


@pytest.mark.parametrize(
    ("length_ns", "words"),
    [
        (80, "80 ns"),
        (80_000_000, "80 ms"),
        (12 * SECOND_NS, "12 s"),
        (90 * 60 * SECOND_NS, "90 min"),
        (5 * 3600 * SECOND_NS, "5 h"),
        (72 * 3600 * SECOND_NS, "3 d"),
    ],
)
def test_that_ages_are_written_for_people(length_ns, words):
    assert age_text(length_ns) == words


def test_that_minima_and_maxima_read_both_and_their_interval():
    starts = START_NS - START_NS % (4 * SECOND_NS) + 4 * SECOND_NS * np.arange(3)
    times = np.stack([starts + SECOND_NS, starts + 3 * SECOND_NS], axis=1).ravel()
    drawn = replace(
        view(np.array([1.0, 2.0, 5.0, 3.0, -4.0, 4.0])), times_utc_ns=times, bucket_ns=4 * SECOND_NS
    )
    clock = format_ns(int(starts[1]), Timescale.UTC).partition("T")[2]
    assert len(clock) >= len("20:37:20")
    state = curve(view=drawn, detail=describe_bucket(4 * SECOND_NS))
    for moment in (times[2], times[3], times[3] + 1):
        assert reading(state, int(moment), Timescale.UTC) == f"3 to 5 from {clock}"
    assert reading(state, int(times[5]), Timescale.UTC).startswith("\u22124 to 4 from ")


def test_that_the_day_of_an_interval_is_written_as_a_date():
    width_ns = 2 * 86_400 * SECOND_NS
    begins_ns = START_NS - START_NS % width_ns
    month = TimeRange(start_utc_ns=begins_ns, end_utc_ns=begins_ns + 15 * width_ns)
    times = begins_ns + np.array([SECOND_NS, width_ns - SECOND_NS])
    drawn = replace(view([-4.0, -3.0], time_range=month), times_utc_ns=times, bucket_ns=width_ns)
    day, _, clock = format_ns(begins_ns, Timescale.UTC).partition("T")
    shown = reading(curve(view=drawn), int(times[1]), Timescale.UTC)
    assert shown == f"\u22124 to \u22123 from {day} {clock}"


def test_that_the_mean_of_an_interval_is_read_beside_its_extremes_and_no_other():
    width_ns = 4 * SECOND_NS
    starts = START_NS - START_NS % width_ns + width_ns * np.arange(3)
    times = np.stack([starts + SECOND_NS, starts + 3 * SECOND_NS], axis=1).ravel()
    # Of the second bucket the mean is known, of the third one that is twice as wide, of the first none.
    line = MeanLine(
        times_utc_ns=np.array([starts[1] + 2 * SECOND_NS, starts[2] + 4 * SECOND_NS]),
        values=np.array([-4.25, 1.0]),
        connect=np.array([True, False]),
    )
    bare = view(np.array([1.0, 2.0, -5.0, -3.0, -4.0, 4.0]))
    state = curve(view=replace(bare, times_utc_ns=times, bucket_ns=width_ns, means=line))
    assert read(state, int(times[2])).mean == read(state, int(times[3])).mean == -4.25
    assert reading(state, int(times[2]), Timescale.UTC).startswith(
        "\u22125 to \u22123, mean \u22124.25 from "
    )
    for moment in (times[0], times[5]):
        assert read(state, int(moment)).mean is None
        assert "mean" not in reading(state, int(moment), Timescale.UTC)
