"""What a curve reads at a time: the value, when it was taken, and how old it is."""

import numpy as np

from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.viewmodels.curve_state import CurveState

_MINUTE_NS, _HOUR_NS, _DAY_NS = 60 * 10**9, 3600 * 10**9, 86_400 * 10**9
_LENGTHS = (
    ("ns", 1, 10**3),
    ("µs", 10**3, 10**6),
    ("ms", 10**6, 10**9),
    ("s", 10**9, 2 * _MINUTE_NS),
    ("min", _MINUTE_NS, 2 * _HOUR_NS),
    ("h", _HOUR_NS, 2 * _DAY_NS),
)


def reading(state: CurveState, utc_ns: int, timescale: Timescale) -> str:
    """Write the value nearest to a time and the time it has; of steps also how long it has held.

    Where minima and maxima are drawn, both of the interval there, and when it begins.

    Empty where the curve shows nothing.
    """
    nearest = nearest_sample(state, utc_ns)
    if nearest is None:
        return ""
    if extremes := extremes_near(state, utc_ns):
        low, high, start_utc_ns = extremes
        start = format_ns(start_utc_ns, timescale).partition("T")[2]
        width = state.detail.removeprefix("min and max of ")
        return f"{low:.6g} to {high:.6g} in {width} from {start}".replace("-", "\u2212")
    when, value = nearest
    clock = format_ns(when, timescale).partition("T")[2]
    text = f"{value:.6g} at {clock}".replace("-", "\u2212")
    is_stepped = state.held == nearest or (state.view is not None and state.view.stepped)
    return f"{text}, {age_text(utc_ns - when)} old" if is_stepped and when <= utc_ns else text


def held_text(state: CurveState) -> str:
    """Write the value that a curve holds at the left edge of its view, and its age; empty for none."""
    if state.held is None or state.view is None:
        return ""
    age = age_text(state.view.time_range.start_utc_ns - state.held[0])
    value = f"{state.held[1]:.6g}".replace("-", "\u2212")
    return f"{value} at left edge, {age} old"


def age_text(length_ns: int) -> str:
    """Write a length of time, ns, to about three digits: `12 ms`, `3.2 s`, `12 min`, `5 h`, `3 d`."""
    for unit, size_ns, most_ns in _LENGTHS:
        if length_ns < most_ns:
            return f"{length_ns / size_ns:.3g} {unit}"
    return f"{length_ns / _DAY_NS:.3g} d"


def nearest_sample(state: CurveState, utc_ns: int) -> tuple[int, float] | None:
    """Give the drawn point nearest to a time, (ns UTC, value); for steps the one that holds then."""
    view = state.view
    if view is None or not state.visible or not len(view.times_utc_ns):
        return state.held if state.visible else None
    place = int(np.searchsorted(view.times_utc_ns, utc_ns, side="right"))
    before, after = place - 1, min(place, len(view.times_utc_ns) - 1)
    if view.stepped and before < 0 and state.held is not None:
        return state.held
    index = max(before, 0)
    if not view.stepped:
        apart = abs(int(view.times_utc_ns[after]) - utc_ns) < abs(int(view.times_utc_ns[index]) - utc_ns)
        index = after if apart else index
    return int(view.times_utc_ns[index]), float(view.values[index])


def extremes_near(state: CurveState, utc_ns: int) -> tuple[float, float, int] | None:
    """Give (minimum, maximum, start in ns UTC) of the bucket nearest to a time; None for samples."""
    view, nearest = state.view, nearest_sample(state, utc_ns)
    if view is None or not view.bucket_ns or nearest is None or nearest == state.held:
        return None
    when = nearest[0]
    place = int(np.searchsorted(view.times_utc_ns, when)) & ~1
    low, high = sorted(view.values[place : place + 2])
    start_utc_ns = max(when - when % view.bucket_ns, view.time_range.start_utc_ns)
    return float(low), float(high), start_utc_ns
