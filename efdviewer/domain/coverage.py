"""Which rows are held already, so that following the clock asks only for what may have come since."""

from dataclasses import dataclass

from efdviewer.domain.timerange import TimeRange

GRACE_NS = 120 * 1_000_000_000
"""Rows may be written so late; what is older than this is asked for once."""
FRESH_NS = 900_000_000
"""So long an answer counts as new; later the end of it, which may have grown, is asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A range whose rows are held, as they were when the clock stood at `asked_utc_ns`."""

    time_range: TimeRange
    asked_utc_ns: int

    def holds(self, wanted: TimeRange) -> bool:
        """Tell whether a range lies within this one."""
        return (
            self.time_range.start_utc_ns <= wanted.start_utc_ns
            and wanted.end_utc_ns <= self.time_range.end_utc_ns
        )

    def open_from(self, wanted: TimeRange, *, margin_ns: int = 0) -> int | None:
        """Give the time, ns UTC, from which on rows are to be asked for to go on to a later range.

        None where what is held is of no use to that range. `margin_ns` is how far a row may stand from
        where it is looked for.
        """
        final_ns = min(self.time_range.end_utc_ns, self.asked_utc_ns) - GRACE_NS - margin_ns
        goes_on = self.time_range.start_utc_ns <= wanted.start_utc_ns < final_ns < wanted.end_utc_ns
        return final_ns if goes_on else None

    def may_have_grown(self, wanted: TimeRange, *, now_utc_ns: int, margin_ns: int = 0) -> bool:
        """Tell whether rows may have come into a range since it was asked for."""
        is_fresh = now_utc_ns - self.asked_utc_ns <= FRESH_NS
        return not is_fresh and wanted.end_utc_ns > self.asked_utc_ns - GRACE_NS - margin_ns
