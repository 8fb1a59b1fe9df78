"""What is not certain of a result that leaves the program."""

import sys

from efdviewer.domain.leap_seconds import doubt
from efdviewer.domain.timerange import TimeRange


def tell_doubt(time_range: TimeRange) -> None:
    """Write to standard error that leap seconds of a range are not known, if so."""
    if words := doubt(time_range.end_utc_ns):
        print(f"Warning: {words}", file=sys.stderr)  # noqa: T201
