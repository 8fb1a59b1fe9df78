"""Which start belongs to which end."""

import itertools

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.intervals import (
    Intervals,
    common_fields,
    in_order_of_names,
    intervals_between,
    matching_fields,
    pair_in_order,
    partner_of,
)
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldSchema, FieldType

CAMERA = "lsst.sal.ATCamera"
START, END = f"{CAMERA}.logevent_startReadout", f"{CAMERA}.logevent_endReadout"
TAKE, ACK = f"{CAMERA}.command_takeImages", f"{CAMERA}.ackcmd"

moments = st.lists(st.tuples(st.integers(0, 40), st.integers(-1, 2)), max_size=25)


def table(rows: list[tuple], *names: str) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in range(1 + len(names))]
    return pa.table({name: list(column) for name, column in zip(["time", *names], columns, strict=True)})


def found(starts: pa.Table, ends: pa.Table, *by: str):
    intervals = intervals_between(starts, ends, by)
    pairs = list(zip(intervals.starts_utc_ns.tolist(), intervals.ends_utc_ns.tolist(), strict=True))
    return pairs, intervals.lone_starts_utc_ns.tolist(), intervals.lone_ends_utc_ns.tolist()


@given(moments, moments)
def test_that_each_event_is_in_one_pair_or_alone_and_no_pair_could_be_shorter(starts, ends):
    starts, ends = sorted(starts), sorted(ends)
    pairs, lone_starts, lone_ends = pair_in_order(
        [at for at, _ in starts],
        [code for _, code in starts],
        [at for at, _ in ends],
        [code for _, code in ends],
    )
    assert sorted([first for first, _ in pairs] + lone_starts) == list(range(len(starts)))
    assert sorted([last for _, last in pairs] + lone_ends) == list(range(len(ends)))
    for first, last in pairs:
        (begins, code), (stops, other) = starts[first], ends[last]
        assert code == other >= 0
        assert begins <= stops
        same = [at for at, each in starts if each == code] + [at for at, each in ends if each == code]
        assert not [at for at in same if begins < at < stops], "another event of that key lies between"


@given(
    st.lists(st.tuples(st.integers(0, 99), st.booleans(), st.integers(0, 2)), unique_by=lambda each: each[0])
)
def test_that_a_start_and_the_next_event_of_its_key_are_a_pair_if_that_is_an_end(events):
    starts = sorted((at, code) for at, is_start, code in events if is_start)
    ends = sorted((at, code) for at, is_start, code in events if not is_start)
    wanted = set()
    for code in range(3):
        own = sorted((at, is_start) for at, is_start, other in events if other == code)
        wanted |= {(a[0], b[0]) for a, b in itertools.pairwise(own) if a[1] and not b[1]}
    pairs, lone_starts, lone_ends = pair_in_order(
        [at for at, _ in starts],
        [code for _, code in starts],
        [at for at, _ in ends],
        [code for _, code in ends],
    )
    assert {(starts[first][0], ends[last][0]) for first, last in pairs} == wanted
    assert len(lone_starts) == len(starts) - len(wanted)
    assert len(lone_ends) == len(ends) - len(wanted)


def test_that_an_end_belongs_to_what_began_before_and_else_to_the_start_of_its_moment():
    assert found(table([(1,), (5,)]), table([(5,), (5,)])) == ([(1, 5), (5, 5)], [], [])
    assert found(table([(5,)]), table([(5,)])) == ([(5, 5)], [], [])
    assert found(table([(1,), (5,)]), table([(5,), (9,)])) == ([(1, 5), (5, 9)], [], [])


def test_that_devices_in_one_topic_are_not_mixed_up():
    starts = table([(1, 1), (2, 2), (7, 1)], "salIndex")
    ends = table([(5, 2), (6, 1)], "salIndex")
    assert found(starts, ends, "salIndex") == ([(1, 6), (2, 5)], [7], [])
    assert found(starts, ends)[0] == [(2, 5)], "in the order of time they would be"


def test_that_a_missing_key_finds_no_partner():
    starts, ends = table([(1, None), (3, "b")], "imageName"), table([(2, None), (4, "b")], "imageName")
    assert found(starts, ends, "imageName") == ([(3, 4)], [1], [2])


def test_that_nothing_and_one_event_are_told_apart():
    assert found(table([]), table([])) == ([], [], [])
    assert found(table([(1,)]), table([])) == ([], [1], [])
    assert found(table([]), table([(1,)])) == ([], [], [1])


def test_that_only_a_final_acknowledgement_ends_a_command():
    starts = table([(1, 7), (10, 8)], "private_seqNum")
    ends = table(
        [(2, 7, 300, 5), (3, 7, 301, 5), (6, 7, 303, 5), (8, 3, 303, 9), (11, 8, -302, 5), (12, 99, 303, 5)],
        *("private_seqNum", "ack", "cmdtype"),
    )
    intervals = intervals_between(starts, ends, ["private_seqNum"])
    assert intervals.ends_utc_ns.tolist() == [6, 11]
    assert intervals.lone_ends_utc_ns.tolist() == [12], "of this command, and without one"
    assert intervals.others == 1
    assert intervals.keys == ["private_seqNum 7", "private_seqNum 8"]


def test_that_the_view_keeps_what_touches_it():
    intervals = intervals_between(table([(1,), (10,), (20,), (30,)]), table([(5,), (15,), (25,)]), ())
    within = intervals.touching(TimeRange(start_utc_ns=5, end_utc_ns=20))
    assert within.starts_utc_ns.tolist() == [1, 10]
    assert not len(within.lone_starts_utc_ns)
    assert intervals.touching(TimeRange(start_utc_ns=26, end_utc_ns=99)).lone_starts_utc_ns.tolist() == [30]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=12),
    st.integers(0, 40),
    st.integers(1, 40),
)
def test_that_what_is_covered_is_counted_once_and_in_view_alone(intervals, view_start, span):
    rows = sorted(intervals)
    whole = Intervals(
        starts_utc_ns=np.array([start for start, _ in rows], np.int64),
        ends_utc_ns=np.array([start + length for start, length in rows], np.int64),
        keys=[""] * len(rows),
        key_ranks=np.zeros(len(rows), np.int64),
        lone_starts_utc_ns=np.empty(0, np.int64),
        lone_start_keys=[],
        lone_ends_utc_ns=np.empty(0, np.int64),
        lone_end_keys=[],
    )
    view = TimeRange(start_utc_ns=view_start, end_utc_ns=view_start + span)
    inside = {at for start, length in rows for at in range(start, start + length)}
    assert whole.covered_ns(view) == len(inside & set(range(view_start, view_start + span)))


def test_that_events_of_both_topics_that_are_alone_come_in_the_order_of_time():
    starts, ends = table([(1, "a"), (6, "b")], "imageName"), table([(3, "c"), (9, "d")], "imageName")
    lone = intervals_between(starts, ends, ["imageName"]).lone_events()
    assert lone.times_utc_ns.tolist() == [1, 3, 6, 9]
    assert lone.is_start.tolist() == [True, False, True, False]
    assert [lone.key(place) for place in range(4)] == ["a", "c", "b", "d"]


def test_that_the_latest_start_is_open_if_it_has_no_end():
    def open_start(starts, ends):
        return intervals_between(table(starts), table(ends), ()).open_start_utc_ns

    assert open_start([(1,), (10,)], [(5,)]) == 10
    assert open_start([(1,), (3,), (10,)], [(5,), (12,)]) is None, "what is alone lies before"
    assert open_start([], [(5,)]) is None


def test_that_fields_to_match_by_are_chosen():
    def schema(*names):
        return [FieldSchema(name=name, type=FieldType.INTEGER) for name in names]

    own = schema("imageName", "salIndex", "private_seqNum")
    common = common_fields(own, schema("private_seqNum", "salIndex", "imageName", "other"))
    assert matching_fields(START, END, common) == ("imageName", "salIndex")
    assert matching_fields(START, END, ["private_seqNum"]) == ()
    assert matching_fields(TAKE, ACK, ["private_seqNum", "salIndex"]) == ("private_seqNum", "salIndex")
    assert common_fields([FieldSchema(name="a", type=FieldType.STRING)], schema("a")) == []


def test_that_names_tell_the_other_half():
    known = [START, END, TAKE, ACK, f"{CAMERA}.logevent_endShutterOpen", f"{CAMERA}.logevent_endShutterClose"]
    assert partner_of(START, known) == (START, END)
    assert partner_of(END, known) == (START, END)
    assert partner_of(TAKE, known) == (TAKE, ACK)
    shutter = (f"{CAMERA}.logevent_endShutterOpen", f"{CAMERA}.logevent_endShutterClose")
    assert partner_of(shutter[1], known) == shutter
    assert partner_of(f"{CAMERA}.logevent_summaryState", known) is None
    assert in_order_of_names(END, START) == (START, END)
    assert in_order_of_names(ACK, TAKE) == (TAKE, ACK)


def test_that_durations_are_seconds():
    intervals = intervals_between(table([(0,)]), table([(2_300_000_000,)]), ())
    np.testing.assert_array_equal(intervals.durations_s, [2.3])
