"""States from samples: runs, and how long each lasted."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.states import SEVERAL, runs_of, totals_of
from efdviewer.domain.timerange import TimeRange

told = st.lists(st.tuples(st.integers(0, 60), st.sampled_from([1, 2, "a", True, SEVERAL])), max_size=20).map(
    lambda rows: sorted(rows, key=lambda row: row[0])
)
END = 50


def runs(rows: list[tuple]):
    return runs_of(np.array([at for at, _ in rows], np.int64), [value for _, value in rows], END)


@given(told)
def test_that_each_moment_has_the_state_that_was_told_last(rows):
    found = runs(rows)
    for at in range(END):
        last = [value for told_at, value in rows if told_at <= at]
        state = found.at(at)
        assert (None if state is None else state[2]) == (last[-1] if last else None)
        assert state is None or type(state[2]) is type(last[-1])


@given(told)
def test_that_equal_states_in_a_row_are_one_visit(rows):
    found = runs(rows)
    for before, after in zip(found.values, found.values[1:], strict=False):
        assert (type(before), before) != (type(after), after)
    np.testing.assert_array_equal(found.ends_utc_ns[:-1], found.starts_utc_ns[1:])


@given(told, st.integers(0, 40), st.integers(1, 30))
def test_that_totals_add_up_to_what_is_known_of_a_range(rows, start, length):
    view = TimeRange(start_utc_ns=start, end_utc_ns=start + length)
    found = runs(rows).in_range(view)
    totals = totals_of(found, view)
    known = sum(runs(rows).at(at) is not None for at in range(start, start + length))
    assert sum(total.total_ns for total in totals) == known
    assert all(0 < total.longest_ns <= total.total_ns for total in totals)


def test_that_a_state_is_kept_in_its_full_length():
    found = runs([(10, 1), (20, 2)]).in_range(TimeRange(start_utc_ns=15, end_utc_ns=18))
    assert (found.starts_utc_ns.tolist(), found.ends_utc_ns.tolist()) == ([10], [20])


def test_that_nothing_told_is_no_state():
    assert not len(runs([]).values)
    assert totals_of(runs([]), TimeRange(start_utc_ns=0, end_utc_ns=9)) == []
