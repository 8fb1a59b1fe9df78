"""The events of one overlay that are held, and whether more may have come to them."""

from dataclasses import dataclass, field

from efdviewer.domain.coverage import Coverage
from efdviewer.domain.events import EventSet
from efdviewer.domain.timerange import TimeRange
from efdviewer.services.event_offsets import StampOffsets
from efdviewer.services.habits import Habits

MARGIN_NS = 120 * 10**9
"""A placed stamp may lie in view while the row's `time` lies outside: the clocks of 2019 were 37 s apart."""


@dataclass(slots=True)
class KnownEvents:
    """What is held and was learnt of one placement.

    `asked_s` : when the events were asked for last, monotonic s.
    """

    offsets: StampOffsets = field(default_factory=StampOffsets)
    events: EventSet | None = None
    covered: Coverage | None = None
    asked_s: float = 0.0

    def holds(self, time_range: TimeRange) -> bool:
        """Tell whether the events of a range are held."""
        return self.covered is not None and self.covered.time_range.holds(time_range)

    def forget_over(self, time_range: TimeRange) -> None:
        """Forget the events over a range in which there are too many by now."""
        if self.holds(time_range):
            self.events = self.covered = None

    def may_have_grown(self, time_range: TimeRange, habits: Habits) -> bool:
        """Tell whether rows may have come since whose stamps lie in a range that is held."""
        end_utc_ns = time_range.end_utc_ns + MARGIN_NS
        if self.covered is None or self.covered.settled_utc_ns >= end_utc_ns:
            return False
        return habits.may_have_grown(self.covered.newest_utc_ns + 1, end_utc_ns, self.asked_s)
