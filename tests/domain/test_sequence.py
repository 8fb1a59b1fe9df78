"""Lost, repeated and late numbers against a plain loop."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.sequence import SequenceCounts


def counted(numbers, publishers=None, cuts=()):
    numbers = np.array(numbers, np.int64)
    publishers = np.zeros(len(numbers), np.int64) if publishers is None else np.array(publishers, np.int64)
    moments = np.arange(len(numbers), dtype=np.int64)
    counts = SequenceCounts()
    ends = [0, *sorted(min(cut, len(numbers)) for cut in cuts), len(numbers)]
    for first, last in itertools.pairwise(ends):
        if last > first:
            counts.add(moments[first:last], numbers[first:last], publishers[first:last])
    return counts.figures()


def plainly(numbers):
    """Lost is what never came between the first and the highest; what is from before the first is late."""
    seen, late, repeated = set(), 0, 0
    for number in numbers:
        if number < numbers[0]:
            late += 1
        elif number in seen:
            repeated += 1
        elif seen and number < max(seen):
            late += 1
        seen.add(number)
    return sum(number not in seen for number in range(numbers[0], max(seen) + 1)), repeated, late


@given(
    st.lists(st.sampled_from([-2, -1, 0, 1, 1, 1, 1, 2, 5]), min_size=1, max_size=60),
    st.lists(st.integers(0, 60), max_size=4),
)
def test_numbers_are_counted_as_plainly_however_they_come(steps, cuts):
    numbers = (1000 + np.cumsum(steps)).tolist()
    found = counted(numbers, cuts=cuts)
    assert (found.lost, found.repeated, found.disordered) == plainly(numbers)
    assert found.messages == len(numbers)
    assert (found.restarted, found.publishers) == (0, 1)


def test_a_message_that_comes_late_is_not_lost():
    found = counted([1, 2, 4, 3, 5])
    assert (found.lost, found.disordered) == (0, 1)
    assert found.times_utc_ns.tolist() == [2, 3]
    assert found.missing.tolist() == [1, 0]


def test_publishers_are_told_apart():
    numbers = [1, 501, 2, 502, 3, 505, 4, 506]
    found = counted(numbers, [7, 8] * 4, cuts=[3])
    assert (found.publishers, found.lost, found.disordered) == (2, 2, 0)
    assert found.times_utc_ns.tolist() == [5]


def test_a_publisher_that_begins_anew_loses_nothing():
    found = counted([900, 901, 902, 1, 2, 4], cuts=[4])
    assert (found.restarted, found.lost, found.disordered) == (1, 1, 0)
    assert found.restarts.tolist() == [True, False]


def test_what_comes_twice_is_not_less_than_nothing_lost():
    found = counted([*range(1, 21), *range(11, 21), 21])
    assert (found.lost, found.repeated, found.disordered) == (0, 10, 0)


def test_a_view_that_begins_amid_a_swap_has_lost_nothing():
    found = counted([6, 5, 7])
    assert (found.lost, found.repeated, found.disordered) == (0, 0, 1)


def test_a_publisher_that_begins_anew_before_the_first_of_its_messages_is_seen():
    found = counted([*range(5000, 5100), *range(300, 400)], cuts=[130])
    assert (found.restarted, found.lost, found.disordered) == (1, 0, 0)


def test_nothing_is_nothing():
    assert counted([]).messages == 0
