"""What was learnt of a topic stays true."""

import time

from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.timerange import TimeRange
from efdviewer.services.habits import CLOCKS_APART_NS, GRACE_NS, Habits

moments = st.integers(-(2**60), 2**60)
ranges = st.tuples(st.integers(0, 50), st.integers(1, 50)).map(
    lambda pair: TimeRange(start_utc_ns=pair[0], end_utc_ns=pair[0] + pair[1])
)


@given(st.lists(moments, min_size=1), moments)
def test_that_an_answer_is_final_a_grace_before_the_newest_row_and_before_it_was_asked_for(seen, asked):
    habits = Habits()
    for utc_ns in seen:
        habits.saw(utc_ns)
    assert habits.settled_until(asked) == min(max(seen), asked) - GRACE_NS


@given(moments)
def test_that_nothing_is_final_of_a_topic_that_was_never_seen(asked):
    assert Habits().settled_until(asked) < -(2**62)


@given(st.one_of(st.none(), moments), st.one_of(st.none(), moments), moments, st.integers(0, 2**60))
def test_that_the_newest_row_is_asked_for_just_where_it_may_tell_that_a_range_is_final(
    newest, asked, end, age
):
    habits, now = Habits(), end + age
    if newest is not None:
        habits.saw(newest)
    if asked is not None:
        habits.newest_asked_utc_ns = asked
    if habits.lacks_newest(end, now):
        assert habits.settled_until(now) < end <= now - GRACE_NS
        assert asked is None or asked < end + GRACE_NS
    elif end < now - GRACE_NS:
        assert habits.settled_until(now) >= end or (asked is not None and asked >= end + GRACE_NS)


@given(st.lists(st.tuples(ranges, st.integers(0, 20)), max_size=8), ranges, st.integers(0, 20))
def test_that_a_range_is_crowded_just_where_it_holds_a_crowd_above_the_limit(crowds, whole, limit):
    habits = Habits()
    for time_range, rows in crowds:
        habits.note_crowd(time_range, rows)
    expected = [
        rows
        for time_range, rows in crowds
        if set(range(time_range.start_utc_ns, time_range.end_utc_ns))
        <= set(range(whole.start_utc_ns, whole.end_utc_ns))
    ]
    assert habits.is_crowded(whole, limit) == (max(expected, default=-1) > limit)


def test_that_the_crowds_noted_last_are_remembered_and_the_memory_does_not_grow():
    habits = Habits()
    for place in range(1000):
        habits.note_crowd(TimeRange(start_utc_ns=place, end_utc_ns=place + 1), 10)
    assert habits.is_crowded(TimeRange(start_utc_ns=999, end_utc_ns=1000), 9)
    assert not habits.is_crowded(TimeRange(start_utc_ns=0, end_utc_ns=1), 9)


SECOND = 10**9
PAST_NS = GRACE_NS + CLOCKS_APART_NS + 60 * SECOND


def grown(habits: Habits, *, ended_ago_ns: int, asked_ago_s: float) -> bool:
    end = time.time_ns() - ended_ago_ns
    return habits.may_have_grown(end - 100 * SECOND, end, time.monotonic() - asked_ago_s)


def test_that_a_stretch_that_was_long_past_when_it_was_asked_for_stays_as_it_is():
    habits = Habits()
    assert not grown(habits, ended_ago_ns=PAST_NS + 5 * SECOND, asked_ago_s=2)
    assert grown(habits, ended_ago_ns=PAST_NS, asked_ago_s=120)
    assert grown(habits, ended_ago_ns=0, asked_ago_s=2)
    assert grown(habits, ended_ago_ns=-100 * SECOND, asked_ago_s=2)


def test_that_what_was_just_asked_for_is_not_asked_for_again():
    assert not grown(Habits(), ended_ago_ns=0, asked_ago_s=0.1)


def test_that_rows_that_were_held_up_are_looked_for_once_newer_ones_show_that_they_came():
    habits = Habits()
    long_ago = time.time_ns() - 10 * PAST_NS
    habits.saw(long_ago)
    assert not grown(habits, ended_ago_ns=2 * PAST_NS, asked_ago_s=2)
    habits.saw(long_ago)
    assert not grown(habits, ended_ago_ns=2 * PAST_NS, asked_ago_s=2)
    habits.saw(time.time_ns() - PAST_NS)
    assert grown(habits, ended_ago_ns=2 * PAST_NS, asked_ago_s=2)


def test_that_what_a_source_needs_is_told_by_the_longer_spans():
    habits = Habits()
    habits.note_work(100 * SECOND, 2.0)
    habits.note_work(SECOND, 0.5)
    assert habits.server_share == 0.02
    habits.note_work(80 * SECOND, 0.8)
    assert habits.server_share == 0.01
