"""Which detail a view asks for, and how it is told."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from efdviewer.domain.levels import (
    COARSEST_NS,
    SAMPLES_PER_COLUMN,
    bucket_for,
    describe_bucket,
    plan,
    readable,
)
from efdviewer.domain.timerange import TimeRange

SECOND = 1_000_000_000
DAY = 86_400 * SECOND


@given(st.integers(1, 300 * 365 * DAY), st.integers(1, 8000))
def test_that_there_are_one_to_two_buckets_a_column(span_ns, columns):
    bucket_ns = bucket_for(span_ns, columns)
    if bucket_ns:
        assert columns <= span_ns / bucket_ns
        assert span_ns / bucket_ns < 2 * columns or bucket_ns == COARSEST_NS
        ratio = max(bucket_ns, SECOND) // min(bucket_ns, SECOND)
        assert ratio & (ratio - 1) == 0
        assert ratio * min(bucket_ns, SECOND) == max(bucket_ns, SECOND)
    else:
        assert span_ns < columns * 2_000_000


def test_that_a_plot_without_width_is_no_trouble():
    assert bucket_for(DAY, 0) == bucket_for(DAY, 1)


@pytest.mark.parametrize(
    ("bucket_ns", "text"),
    [
        (0, "samples"),
        (SECOND // 512, "min and max of 1.953 ms"),
        (SECOND // 32, "min and max of 31.25 ms"),
        (SECOND // 4, "min and max of 250 ms"),
        (2 * SECOND, "min and max of 2 s"),
        (32 * SECOND, "min and max of 32 s"),
        (64 * SECOND, "min and max of 1 min 4 s"),
        (128 * SECOND, "min and max of 2 min 8 s"),
        (1024 * SECOND, "min and max of 17 min 4 s"),
        (8192 * SECOND, "min and max of 2 h 16 min 32 s"),
        (16384 * SECOND, "min and max of 4 h 33 min 4 s"),
        (131_072 * SECOND, "min and max of 1 d 12 h"),
        (524_288 * SECOND, "min and max of 6 d 2 h"),
    ],
)
def test_that_a_bucket_is_told_in_words(bucket_ns, text):
    assert describe_bucket(bucket_ns) == text


@given(st.integers(1, 30 * DAY), st.integers(1, 4000), st.none() | st.floats(0, 1e6))
def test_that_a_plan_asks_for_what_can_be_drawn(span_ns, columns, rate_hz):
    chosen = plan(span_ns, columns, rate_hz)
    limit = SAMPLES_PER_COLUMN * columns
    expected = None if rate_hz is None else rate_hz * span_ns / SECOND
    assert chosen.bucket_ns or chosen.sample_limit
    if not bucket_for(span_ns, columns) or (expected is not None and expected <= limit / 2):
        assert (chosen.bucket_ns, chosen.sample_limit) == (0, limit)
    elif expected is not None and expected > 2 * limit:
        assert (chosen.bucket_ns, chosen.sample_limit) == (bucket_for(span_ns, columns), 0)
    else:
        assert (chosen.bucket_ns, chosen.sample_limit) == (bucket_for(span_ns, columns), limit)


@example(999_999_000_000_000_001, 124_480_500_000_000_000)
@given(st.integers(100, 10**18), st.integers(10**17, 10**18))
def test_that_a_readable_range_is_the_same_on_a_screen_and_ends_in_zeros(span_ns, start_utc_ns):
    asked = TimeRange(start_utc_ns=start_utc_ns, end_utc_ns=start_utc_ns + span_ns)
    found = readable(asked)
    pixel_ns = span_ns / 4000
    assert abs(found.start_utc_ns - asked.start_utc_ns) <= pixel_ns
    assert 0 <= found.span_ns - span_ns <= pixel_ns
    assert readable(found) == found
    digits = len(str(span_ns // 100_000)) - 1
    assert found.start_utc_ns % 10**digits == 0
