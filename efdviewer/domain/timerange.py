"""Ranges of time, and the expressions that people type for them."""

from dataclasses import dataclass

from efdviewer.domain.errors import BadInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """A half-open range `[start, end)` in int64 nanoseconds of UTC since the Unix epoch."""

    start_utc_ns: int
    end_utc_ns: int

    def __post_init__(self) -> None:
        if self.end_utc_ns <= self.start_utc_ns:
            raise BadInputError("The time range ends before it starts.", hint="Swap 'from' and 'to'.")

    @property
    def span_ns(self) -> int:
        """Length in nanoseconds; at least 1."""
        return self.end_utc_ns - self.start_utc_ns

    def padded(self, margin_ns: int) -> "TimeRange":
        """Widen by a margin on both sides."""
        return TimeRange(start_utc_ns=self.start_utc_ns - margin_ns, end_utc_ns=self.end_utc_ns + margin_ns)
