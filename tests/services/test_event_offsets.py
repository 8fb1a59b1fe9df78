"""What was measured of a stamp's distance from `time` is found again, and does not pile up."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.events import EventSet
from efdviewer.domain.levels import FINEST_NS
from efdviewer.domain.timerange import TimeRange
from efdviewer.services import event_offsets
from efdviewer.services.event_offsets import StampOffsets
from tests.memory import SECOND_NS, START_NS

HOUR_NS = 3600 * SECOND_NS


def events(at_ns: int, offset_ns: int) -> EventSet:
    index = at_ns + np.arange(-3, 4) * SECOND_NS
    nothing = np.empty(0, np.int64)
    return EventSet(
        topic="t", stamp="s", times_utc_ns=index + offset_ns, index_utc_ns=index, absent_utc_ns=nothing
    )


def around(at_ns: int) -> TimeRange:
    return TimeRange(start_utc_ns=at_ns - HOUR_NS, end_utc_ns=at_ns + HOUR_NS)


@given(st.lists(st.tuples(st.integers(0, 100), st.sampled_from([0, -37, 1, 3])), min_size=1))
def test_that_the_nearest_measurement_answers(measured):
    offsets = StampOffsets()
    for hour, offset_s in measured:
        offsets.note(events(START_NS + hour * HOUR_NS, offset_s * SECOND_NS))
    for hour, _ in measured:
        assert offsets.find(around(START_NS + hour * HOUR_NS)) == min(
            offset_s * SECOND_NS for at, offset_s in measured if at == hour
        )
    far = START_NS + (max(hour for hour, _ in measured) + 25) * HOUR_NS
    assert offsets.find(around(far)) is None


def test_that_the_same_offset_measured_again_and_again_is_kept_once_in_a_while():
    offsets = StampOffsets()
    jitter = np.random.default_rng(1).integers(0, FINEST_NS, 12 * 3600)
    for second, late_ns in enumerate(jitter.tolist()):
        offsets.note(events(START_NS + second * SECOND_NS, 37 * SECOND_NS + late_ns))
    assert len(offsets._measured) < 200
    for hour in range(12):
        found = offsets.find(around(START_NS + hour * HOUR_NS))
        assert abs(found - 37 * SECOND_NS) <= FINEST_NS


def test_that_offsets_that_are_never_the_same_do_not_pile_up():
    offsets = StampOffsets()
    for second in range(2000):
        offsets.note(events(START_NS, second * SECOND_NS))
        offsets.note(events(START_NS + HOUR_NS * second, 0))
    assert len(offsets._measured) == event_offsets._MOST
    assert offsets.find(around(START_NS + HOUR_NS * 1999)) == 0
