"""What was learnt of the rows of a topic: how often they come, how far they reach, where they crowd."""

from dataclasses import dataclass, field

from efdviewer.domain.coverage import GRACE_NS
from efdviewer.domain.timerange import TimeRange

_MOST_CROWDS = 200
_NEVER = -(2**63)


@dataclass(slots=True)
class Habits:
    """Knowledge of one topic under some conditions, gathered on the way.

    `rate_hz` : samples a second, where they were last counted.
    `spacing_ns` : the usual spacing of samples.
    `newest_utc_ns` : time of the newest row seen, int64 ns UTC.
    `server_share` : seconds that a source takes to summarise one second; 0.0 before it was measured.
    `longest_ns` : so long a range the server summarises in one statement, if it refused more; else 0.
    """

    rate_hz: float | None = None
    spacing_ns: float | None = None
    has_asked_spacing: bool = False
    newest_utc_ns: int = _NEVER
    newest_asked_utc_ns: int = _NEVER
    longest_ns: int = 0
    server_share: float = 0.0
    _crowds: list[tuple[TimeRange, int]] = field(default_factory=list)

    def saw(self, utc_ns: int) -> None:
        """Take note of a row."""
        self.newest_utc_ns = max(self.newest_utc_ns, utc_ns)

    def settled_until(self, asked_utc_ns: int) -> int:
        """Give the moment before which an answer is final that was asked for at another, ns UTC.

        Rows come in the order of time, but for the grace: where a newer one has arrived, none is missing.
        """
        return min(self.newest_utc_ns, asked_utc_ns) - GRACE_NS

    def lacks_newest(self, end_utc_ns: int, now_utc_ns: int) -> bool:
        """Tell whether it would help to ask for the newest row, to know that all before an end is final."""
        if self.newest_utc_ns - GRACE_NS >= end_utc_ns or self.newest_asked_utc_ns - GRACE_NS >= end_utc_ns:
            return False
        return end_utc_ns < now_utc_ns - GRACE_NS

    def note_crowd(self, time_range: TimeRange, rows: int) -> None:
        """Remember a range that holds so many rows at least."""
        self._crowds.append((time_range, rows))
        del self._crowds[:-_MOST_CROWDS]

    def is_crowded(self, time_range: TimeRange, limit: int) -> bool:
        """Tell whether a range is known to hold more rows than a limit."""
        return any(
            rows > limit
            and time_range.start_utc_ns <= crowd.start_utc_ns
            and crowd.end_utc_ns <= time_range.end_utc_ns
            for crowd, rows in self._crowds
        )
