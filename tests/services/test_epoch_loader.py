"""What is asked for when windows are many."""

import itertools

import pytest

from efdviewer.domain.timerange import TimeRange
from efdviewer.services.epoch_loader import MOST_STATEMENTS, parts_of

SECOND = 10**9


def windows(count: int, spacing: int, length: int) -> list[TimeRange]:
    starts = [place * spacing * SECOND + (place // 7) * 1000 * SECOND for place in range(count)]
    return [TimeRange(start_utc_ns=start, end_utc_ns=start + length * SECOND) for start in starts]


@pytest.mark.parametrize("count", [1, 2, MOST_STATEMENTS - 1, MOST_STATEMENTS, MOST_STATEMENTS + 1, 3000])
def test_that_each_window_is_asked_for_once_with_few_statements(count):
    wanted = windows(count, 500, 10)
    parts = parts_of(wanted)
    assert len(parts) <= MOST_STATEMENTS
    assert all(before.end_utc_ns < after.start_utc_ns for before, after in itertools.pairwise(parts))
    for window in wanted:
        assert sum(part.holds(window) for part in parts) == 1
    if count <= MOST_STATEMENTS:
        assert parts == wanted


def test_that_the_longest_gaps_are_left_out():
    wanted = windows(3000, 500, 10)
    asked_ns = sum(part.span_ns for part in parts_of(wanted))
    whole_ns = wanted[-1].end_utc_ns - wanted[0].start_utc_ns
    assert asked_ns < whole_ns - 399 * 1000 * SECOND


def test_that_windows_that_fill_the_time_are_one_statement():
    wanted = windows(6, 20, 10)
    whole = TimeRange(start_utc_ns=wanted[0].start_utc_ns, end_utc_ns=wanted[-1].end_utc_ns)
    assert parts_of(wanted) == [whole]
    assert parts_of([]) == []
