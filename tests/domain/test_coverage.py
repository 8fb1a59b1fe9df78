"""Rows held and rows loaded later come to what one load of the whole range would have brought."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.coverage import GRACE_NS, Coverage
from efdviewer.domain.events import placed
from efdviewer.domain.samples import continued
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale

SECOND_NS = 1_000_000_000
NOON_NS = 1_706_702_400 * SECOND_NS
MARGIN_NS = 60 * SECOND_NS


def span(start_s: int, end_s: int) -> TimeRange:
    return TimeRange(start_utc_ns=NOON_NS + start_s * SECOND_NS, end_utc_ns=NOON_NS + end_s * SECOND_NS)


def covering(time_range: TimeRange, *, newest_s: int = 4000) -> Coverage:
    """What was asked for an hour after noon."""
    return Coverage(
        time_range=time_range,
        asked_utc_ns=NOON_NS + 3600 * SECOND_NS,
        newest_utc_ns=NOON_NS + newest_s * SECOND_NS,
    )


def test_that_only_the_open_end_and_what_may_be_late_are_asked_for():
    covered = covering(span(0, 3600))
    later = span(5, 3605)
    assert covered.open_from(later) == covered.time_range.end_utc_ns - GRACE_NS
    assert covered.open_from(later, margin_ns=MARGIN_NS) == covered.open_from(later) - MARGIN_NS


def test_that_what_lay_in_the_future_when_it_was_asked_for_is_open():
    covered = covering(span(0, 7200))
    assert covered.open_from(span(5, 7205)) == NOON_NS + 3600 * SECOND_NS - GRACE_NS


def test_that_what_is_newer_than_the_newest_row_is_open_whatever_the_clock_says():
    covered = covering(span(0, 3600), newest_s=3300)
    assert covered.open_from(span(5, 3605)) == NOON_NS + 3300 * SECOND_NS - GRACE_NS
    assert covering(span(0, 3600), newest_s=0).open_from(span(5, 3605)) is None


@pytest.mark.parametrize("wanted", [span(-5, 3605), span(3595, 7200), span(4000, 5000), span(10, 1000)])
def test_that_what_is_held_is_of_no_use_to_other_ranges(wanted):
    covered = covering(span(0, 3600))
    assert covered.open_from(wanted) is None


def table_of(rows: list[tuple[int, float | None]]) -> pa.Table:
    stamps = pa.array([stamp for _, stamp in rows], pa.float64())
    return pa.table({"time": pa.array([time for time, _ in rows], pa.int64()), "sent": stamps})


def slice_of(table: pa.Table, start_ns: int, end_ns: int) -> pa.Table:
    first, last = np.searchsorted(table["time"].to_numpy(), [start_ns, end_ns])
    return table.slice(first, last - first)


rows = st.lists(
    st.tuples(
        st.integers(0, 40).map(lambda seconds: NOON_NS + seconds * SECOND_NS),
        st.one_of(st.none(), st.just(0.0), st.floats(1.70670e9, 1.70671e9)),
    ),
    max_size=30,
).map(lambda found: sorted(found, key=lambda row: row[0]))


@given(rows, st.integers(0, 40), st.integers(0, 40))
def test_that_going_on_gives_what_a_load_of_everything_gives(found, start_s, from_s):
    start_ns, from_ns = NOON_NS + start_s * SECOND_NS, NOON_NS + max(start_s, from_s) * SECOND_NS
    end_ns = NOON_NS + 100 * SECOND_NS
    table = table_of(found)
    whole, later = slice_of(table, start_ns, end_ns), slice_of(table, from_ns, end_ns)
    # What was held is older: the rows of the open end were not all there.
    held = pa.concat_tables([slice_of(table, 0, from_ns), later.slice(0, 1)])

    assert continued(held, later, start_ns, from_ns).equals(whole)

    def place(part: pa.Table):
        return placed(part, topic="t", stamp="sent", scale=Timescale.UTC)

    gone_on = place(held).continued(place(later), start_utc_ns=start_ns, from_utc_ns=from_ns)
    expected = place(whole)
    assert np.array_equal(gone_on.times_utc_ns, expected.times_utc_ns)
    assert sorted(gone_on.index_utc_ns) == sorted(expected.index_utc_ns)
    assert gone_on.absent == expected.absent
    assert not gone_on.times_utc_ns.flags.writeable


def test_that_a_column_without_values_may_come_as_another_type():
    held = pa.table({"time": pa.array([NOON_NS]), "sent": pa.array([None], pa.null())})
    later = table_of([(NOON_NS + SECOND_NS, 1.7e9)])
    assert continued(held, later, 0, NOON_NS + 1)["sent"].to_pylist() == [None, 1.7e9]
