"""Which rows are held already, so that following the clock asks only for what may have come since."""

from dataclasses import dataclass

from efdviewer.domain.timerange import TimeRange

GRACE_NS = 120 * 1_000_000_000
"""Rows may be written so late; what is older than this is asked for once."""


def settled_until(newest_utc_ns: int, asked_utc_ns: int) -> int:
    """Give the moment before which an answer is final that was asked for at another, ns UTC.

    Rows come in the order of time, but for the grace: where a newer one has arrived, none is missing. The
    clock alone does not tell, since it may be ahead of those that write.
    """
    return min(newest_utc_ns, asked_utc_ns) - GRACE_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A range whose rows are held, as they were when the clock stood at `asked_utc_ns`.

    `newest_utc_ns` : time of the newest row of the topic that was seen by then, int64 ns UTC.
    """

    time_range: TimeRange
    asked_utc_ns: int
    newest_utc_ns: int

    @property
    def settled_utc_ns(self) -> int:
        """The moment before which no row is missing."""
        return settled_until(self.newest_utc_ns, self.asked_utc_ns)

    def open_from(self, wanted: TimeRange, *, margin_ns: int = 0) -> int | None:
        """Give the time, ns UTC, from which on rows are to be asked for to go on to a later range.

        None where what is held is of no use to that range. `margin_ns` is how far a row may stand from
        where it is looked for.
        """
        final_ns = min(self.time_range.end_utc_ns - GRACE_NS, self.settled_utc_ns) - margin_ns
        goes_on = self.time_range.start_utc_ns <= wanted.start_utc_ns < final_ns < wanted.end_utc_ns
        return final_ns if goes_on else None
