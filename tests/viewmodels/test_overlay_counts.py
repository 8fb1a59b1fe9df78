"""Counts of events that are known in part."""

from dataclasses import replace

import pytest

from efdviewer.domain.events import density_of
from efdviewer.domain.leap_seconds import SECOND_NS
from efdviewer.domain.session import Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.viewmodels.overlay_counts import count_in_view, late_ns
from tests.domain.test_event_density import NOON, events_at

MINUTE = TimeRange(start_utc_ns=NOON, end_utc_ns=NOON + 60 * SECOND_NS)
EVENTS = replace(events_at(range(0, 60 * SECOND_NS, SECOND_NS)), covered=MINUTE)
"""An event each second."""


def view(begin_s: int, end_s: int) -> TimeRange:
    return TimeRange(start_utc_ns=NOON + begin_s * SECOND_NS, end_utc_ns=NOON + end_s * SECOND_NS)


@pytest.mark.parametrize("shown", [EVENTS, density_of(EVENTS, 10 * SECOND_NS)], ids=["lines", "shaded"])
@pytest.mark.parametrize(
    ("ends_s", "is_complete"), [((0, 60), True), ((20, 50), True), ((-1, 60), False), ((0, 61), False)]
)
def test_that_a_count_is_complete_where_all_of_the_view_is_known(shown, ends_s, is_complete):
    counted = count_in_view(shown, view(*ends_s), late_ns=0)
    assert counted.is_complete is is_complete
    assert counted.number == min(60, ends_s[1]) - max(0, ends_s[0])


def test_that_what_is_known_in_part_holds_whole_buckets_at_least():
    counted = count_in_view(density_of(EVENTS, 10 * SECOND_NS), view(5, 100), late_ns=0)
    assert (counted.number, counted.is_complete) == (50, False)


def test_that_a_view_that_is_followed_stays_calm_until_refreshes_are_overdue():
    session = Session(start="now-60s", end="now", live_s=5)
    complete = [
        count_in_view(EVENTS, view(late_s, 60 + late_s), late_ns=late_ns(session)).is_complete
        for late_s in (0, 5, 10, 11)
    ]
    assert complete == [True, True, True, False]
    assert late_ns(replace(session, end="2024-01-31")) == 0


def test_that_nothing_shown_is_nothing_known():
    assert count_in_view(None, MINUTE, late_ns=0).is_complete is False
