import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from efdviewer.domain.leap_seconds import DAY_NS
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.ui.graphics.frame import Frame
from efdviewer.ui.graphics.time_ticks import time_ticks

starts = st.integers(63_072_000 * 10**9, 4_000_000_000 * 10**9)
spans = (
    st.integers(7, 62)
    .flatmap(lambda bits: st.integers(max(100, 2**bits // 2), 2**bits))
    .filter(lambda span: span < 40_000 * DAY_NS)
)


@example(start=63_072_000 * 10**9, span=63_158_388 * 10**9 + 1, most=3, scale=Timescale.TAI)
@given(start=starts, span=spans, most=st.integers(1, 25), scale=st.sampled_from(list(Timescale)))
def test_that_ticks_lie_in_the_range_ascend_and_are_as_few_as_asked(start, span, most, scale):
    time_range = TimeRange(start_utc_ns=start, end_utc_ns=start + span)
    ticks = time_ticks(time_range, scale, most)
    places = [tick.utc_ns for tick in ticks]
    assert all(start <= place < start + span for place in places)
    assert places == sorted(set(places))
    assert len(ticks) <= most + 2


@given(start=starts, span=spans, scale=st.sampled_from(list(Timescale)))
def test_that_a_label_with_its_context_names_the_very_instant(start, span, scale):
    for tick in time_ticks(TimeRange(start_utc_ns=start, end_utc_ns=start + span), scale, 10):
        exact = format_ns(tick.utc_ns, scale, digits=9).replace("T", " ")
        joined = (
            f"{tick.context}{tick.label}" if tick.label.startswith(".") else f"{tick.context} {tick.label}"
        )
        assert exact.startswith(joined.strip())
        assert set(exact[len(joined.strip()) :]) <= set("0:. ")


def test_that_ticks_are_round_in_tai_where_tai_is_shown():
    start = 1_706_742_900 * 10**9
    ticks = time_ticks(TimeRange(start_utc_ns=start, end_utc_ns=start + 3600 * 10**9), Timescale.TAI, 8)
    assert all((tick.utc_ns + 37 * 10**9) % (600 * 10**9) == 0 for tick in ticks)


@pytest.mark.parametrize("span", [100, 1000, 10**6, 10**9, 3600 * 10**9, 30 * DAY_NS])
def test_that_no_nanosecond_is_lost_between_pixels_and_times(span):
    start = 1_706_742_900_123_456_789
    frame = Frame(
        left=50,
        top=5,
        width=1000,
        height=300,
        time_range=TimeRange(start_utc_ns=start, end_utc_ns=start + span),
    )
    assert frame.ns_at(50) == start
    assert frame.ns_at(1050) == start + span
    times = start + np.array([0, span // 2, span], np.int64)
    assert frame.x_of(times) == pytest.approx([50, 550, 1050])


def test_that_nanoseconds_around_a_leap_second_have_a_handful_of_ticks():
    leap = 1_483_228_800 * 10**9
    ticks = time_ticks(TimeRange(start_utc_ns=leap - 50, end_utc_ns=leap + 50), Timescale.TAI, 10)
    assert 5 <= len(ticks) <= 12
    assert {tick.context for tick in ticks} == {"2017-01-01 00:00:35", "2017-01-01 00:00:37"}
