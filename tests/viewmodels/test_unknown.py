"""What is said to be unknown: what no source has told, and nothing else."""

import time
from dataclasses import replace

import numpy as np
import pytest

from efdviewer.domain.timerange import TimeRange
from efdviewer.viewmodels.unknown import is_unknown, unknown_in
from tests.ui.plots import RANGE, SECOND_NS, START_NS, A, B, curve, view


def stretch(start_s: float, end_s: float, from_utc_ns: int = START_NS) -> TimeRange:
    return TimeRange(
        start_utc_ns=from_utc_ns + int(start_s * SECOND_NS), end_utc_ns=from_utc_ns + int(end_s * SECOND_NS)
    )


def state_of(*unknown: TimeRange, field=A, **changes):
    drawn = replace(view(np.arange(3)), unknown=unknown)
    return replace(curve(field, view=drawn), **changes)


def test_that_a_view_that_is_all_known_has_nothing_unknown():
    assert unknown_in([state_of()], RANGE) == []
    assert unknown_in([replace(curve(A), view=None)], RANGE) == []


def test_that_stretches_of_all_visible_curves_are_joined():
    states = [
        state_of(stretch(10, 20), stretch(50, 60)),
        state_of(stretch(20, 30), stretch(55, 58), field=B),
        state_of(stretch(70, 80), visible=False),
    ]
    assert unknown_in(states, RANGE) == [stretch(10, 30), stretch(50, 60)]
    assert unknown_in(states, stretch(15, 25)) == [stretch(15, 25)]
    assert is_unknown(states[0], START_NS + 15 * SECOND_NS)
    assert not is_unknown(states[0], START_NS + 20 * SECOND_NS)


def test_that_what_lies_beyond_what_was_asked_for_is_unknown():
    wider = RANGE.padded(5 * SECOND_NS)
    assert unknown_in([state_of()], wider) == [stretch(-5, 0), stretch(1000, 1005)]
    elsewhere = stretch(5000, 6000)
    assert unknown_in([state_of()], elsewhere) == [elsewhere]


@pytest.mark.parametrize(("lag_s", "is_told"), [(0, True), (10, True), (40, False)])
def test_that_a_view_that_follows_the_clock_may_run_a_little_ahead(lag_s, is_told):
    now_utc_ns = time.time_ns()
    known = stretch(-1000, -20, now_utc_ns)
    drawn = replace(view(np.arange(3)), time_range=known, unknown=(stretch(-25, -20, now_utc_ns),))
    state = replace(curve(A, view=drawn), lag_ns=lag_s * SECOND_NS)
    found = unknown_in([state], stretch(-1000, 30, now_utc_ns))
    assert bool(found) is is_told
    if is_told:
        (open_end,) = found
        assert open_end.start_utc_ns == now_utc_ns - 25 * SECOND_NS
        assert abs(open_end.end_utc_ns - now_utc_ns) < 5 * SECOND_NS
