"""What was learnt of the rows of a topic: how often they come, how far they reach, where they crowd."""

import time
from dataclasses import dataclass, field

from efdviewer.domain.coverage import GRACE_NS, settled_until
from efdviewer.domain.timerange import TimeRange

_MOST_CROWDS = 200
_NEVER = -(2**63)
FRESH_NS = 900_000_000
"""So long an answer counts as new; later the end of it, which may have grown, is asked for again."""
CLOCKS_APART_NS = 600 * 10**9
"""No two computers' clocks are taken to be further apart."""


@dataclass(slots=True)
class Habits:
    """Knowledge of one topic under some conditions, gathered on the way.

    `rate_hz` : samples a second, where they were last counted.
    `spacing_ns` : the usual spacing of samples.
    `newest_utc_ns` : time of the newest row seen, int64 ns UTC; `newest_seen_s` : when, monotonic s.
    `server_share` : seconds that a source takes to summarise one second; 0.0 before it was measured, over
    `measured_ns`.
    `longest_ns`, `most_slots` : so long a range, and so many tiles, the server summarises in one statement,
    if it refused more; else 0.
    """

    rate_hz: float | None = None
    spacing_ns: float | None = None
    has_asked_spacing: bool = False
    newest_utc_ns: int = _NEVER
    newest_seen_s: float = 0.0
    newest_asked_utc_ns: int = _NEVER
    longest_ns: int = 0
    most_slots: int = 0
    server_share: float = 0.0
    measured_ns: int = 0
    _crowds: list[tuple[TimeRange, int]] = field(default_factory=list)

    def saw(self, utc_ns: int) -> None:
        """Take note of a row."""
        if utc_ns > self.newest_utc_ns:
            self.newest_utc_ns, self.newest_seen_s = utc_ns, time.monotonic()

    def note_work(self, span_ns: int, worked_s: float) -> None:
        """Take note of how long a source took to summarise a span; much shorter ones tell less."""
        if 2 * span_ns >= self.measured_ns:
            self.measured_ns, self.server_share = span_ns, worked_s * 1e9 / span_ns

    def granted(self, span_ns: int, most: int) -> int:
        """Give how many tiles of some length one statement may ask for, `most` if none was refused."""
        if self.longest_ns:
            most = min(most, max(1, self.longest_ns // span_ns))
        return min(most, self.most_slots or most)

    def settled_until(self, asked_utc_ns: int) -> int:
        """Give the moment before which an answer is final that was asked for at another, ns UTC."""
        return settled_until(self.newest_utc_ns, asked_utc_ns)

    def may_have_grown(self, start_utc_ns: int, end_utc_ns: int, asked_s: float) -> bool:
        """Tell whether rows may have come into a stretch that is not final since a monotonic time, s.

        Into one that was long past by then they come only if all rows were held up, and in their order: the
        newest row tells. So a topic that has fallen silent is not asked again and again about its silence.
        """
        age_s = time.monotonic() - asked_s
        if age_s * 1e9 <= FRESH_NS:
            return False
        asked_utc_ns = time.time_ns() - int(age_s * 1e9)
        was_past = end_utc_ns + GRACE_NS + CLOCKS_APART_NS <= asked_utc_ns
        has_moved_on = self.newest_utc_ns >= start_utc_ns and self.newest_seen_s > asked_s
        return has_moved_on or not was_past

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
        return any(rows > limit and time_range.holds(crowd) for crowd, rows in self._crowds)
