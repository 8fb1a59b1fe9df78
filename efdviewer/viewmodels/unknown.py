"""Which stretches of a range nothing is known of: nobody has asked for them, or no answer has come."""

import time
from collections.abc import Iterable

from efdviewer.domain.timerange import TimeRange
from efdviewer.viewmodels.curve_state import CurveState


def unknown_in(states: Iterable[CurveState], time_range: TimeRange) -> list[TimeRange]:
    """List the stretches of a range in which one of the visible curves is not known, ascending and apart.

    What lies in the future is none, nor what a view that follows the clock runs ahead of the answers.
    """
    now_utc_ns = time.time_ns()
    found: list[tuple[int, int]] = []
    for state in states:
        if state.visible and state.view is not None:
            found += _of_one(state, time_range, now_utc_ns)
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return [TimeRange(start_utc_ns=start, end_utc_ns=end) for start, end in merged]


def is_unknown(state: CurveState, utc_ns: int) -> bool:
    """Tell whether nothing is known of a curve at a moment."""
    return bool(unknown_in([state], TimeRange(start_utc_ns=utc_ns, end_utc_ns=utc_ns + 1)))


def _of_one(state: CurveState, time_range: TimeRange, now_utc_ns: int) -> list[tuple[int, int]]:
    assert state.view is not None
    known = state.view.time_range
    stretches = [(each.start_utc_ns, each.end_utc_ns) for each in state.view.unknown]
    end_utc_ns = known.end_utc_ns
    if stretches and stretches[-1][1] == end_utc_ns:
        end_utc_ns = stretches.pop()[0]
    stretches.insert(0, (time_range.start_utc_ns, known.start_utc_ns))
    if now_utc_ns - end_utc_ns > state.lag_ns:
        stretches.append((end_utc_ns, now_utc_ns))
    return [
        (max(start, time_range.start_utc_ns), min(end, time_range.end_utc_ns))
        for start, end in stretches
        if start < time_range.end_utc_ns and end > max(start, time_range.start_utc_ns)
    ]
