"""What a curve reads at a time: the value, when it was taken, and how old it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.level_view import LevelView
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.viewmodels.curve_state import CurveState
from efdviewer.viewmodels.unknown import is_unknown

_MINUTE_NS, _HOUR_NS, _DAY_NS = 60 * 10**9, 3600 * 10**9, 86_400 * 10**9
_LENGTHS = (
    ("ns", 1, 10**3),
    ("µs", 10**3, 10**6),
    ("ms", 10**6, 10**9),
    ("s", 10**9, 2 * _MINUTE_NS),
    ("min", _MINUTE_NS, 2 * _HOUR_NS),
    ("h", _HOUR_NS, 2 * _DAY_NS),
)
_REACH_OF_VIEW = 200
"""A point is near within this part of the view, about five pixels."""
NO_DATA_HERE, NOT_LOADED = "no data here", "not loaded yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a curve reads at a time.

    `utc_ns` and `value` are those of the drawn point. `extremes` are the minimum and the maximum of its
    bucket, and when the bucket begins, ns UTC; None for samples. `mean` is that of the bucket, where it is
    drawn. `holds` tells that the value counts since.
    """

    utc_ns: int
    value: float
    extremes: tuple[float, float, int] | None = None
    mean: float | None = None
    holds: bool = False


def reading(state: CurveState, utc_ns: int, timescale: Timescale) -> str:
    """Write the value nearest to a time and the time it has; of steps also how long it has held.

    Where minima and maxima are drawn, both of the interval there, its mean if that is drawn too, and when it
    begins. Where nothing is drawn, that there is no data, or that it is not loaded. Empty for a curve that
    shows nothing at all.
    """
    found = read(state, utc_ns)
    if found is None:
        if not state.visible or not _has_points(state):
            return ""
        return NOT_LOADED if is_unknown(state, utc_ns) else NO_DATA_HERE
    if found.extremes is not None:
        low, high, start_utc_ns = found.extremes
        mean = "" if found.mean is None else f", mean {_number(found.mean)}"
        since = _moment(start_utc_ns, utc_ns, timescale)
        return f"{_number(low)} to {_number(high)}{mean} from {since}"
    text = f"{_number(found.value)} at {_moment(found.utc_ns, utc_ns, timescale)}"
    return f"{text}, {age_text(utc_ns - found.utc_ns)} old" if found.holds else text


def _moment(utc_ns: int, cursor_utc_ns: int, timescale: Timescale) -> str:
    """Write the time of day, and the day too where it is another one than the cursor's."""
    day, _, clock = format_ns(utc_ns, timescale).partition("T")
    return clock if format_ns(cursor_utc_ns, timescale).startswith(day) else f"{day} {clock}"


def held_text(state: CurveState) -> str:
    """Write the value that a curve holds at the left edge of its view, and its age; empty for none."""
    if state.held is None or state.view is None:
        return ""
    age = age_text(state.view.time_range.start_utc_ns - state.held[0])
    return f"{_number(state.held[1])} at left edge, {age} old"


def _number(value: float) -> str:
    return f"{value:.6g}".replace("-", "\u2212")


def age_text(length_ns: int) -> str:
    """Write a length of time, ns, to about three digits: `12 ms`, `3.2 s`, `12 min`, `5 h`, `3 d`."""
    for unit, size_ns, most_ns in _LENGTHS:
        if length_ns < most_ns:
            return f"{length_ns / size_ns:.3g} {unit}"
    return f"{length_ns / _DAY_NS:.3g} d"


def read(state: CurveState, utc_ns: int) -> Reading | None:
    """Give what a curve reads at a time, ns UTC: the nearest drawn point, for steps the one that holds then.

    None where the curve is hidden, or has nothing within a few pixels: in a gap, and outside of its data.
    """
    view, held = state.view, state.held
    if not state.visible or (view is None and held is None):
        return None
    if view is None or not len(view.times_utc_ns):
        return _read_held(state, utc_ns)
    before = int(np.searchsorted(view.times_utc_ns, utc_ns, side="right")) - 1
    if view.stepped and before < 0 and (found := _read_held(state, utc_ns)):
        return found
    if view.stepped and before >= 0 and _holds(view, before, utc_ns):
        return _read_point(view, before, holds=True)
    nearest = _nearest(view.times_utc_ns, before, utc_ns)
    apart_ns = abs(int(view.times_utc_ns[nearest]) - utc_ns)
    between = 0 <= before < len(view.times_utc_ns) - 1
    on_line = between and not view.stepped and bool(view.connect[before])
    if on_line or apart_ns <= view.time_range.span_ns // _REACH_OF_VIEW:
        return _read_point(view, nearest)
    return None


def _read_held(state: CurveState, utc_ns: int) -> Reading | None:
    if state.held is None:
        return None
    held_utc_ns, value = state.held
    lasts_ns = state.view.hold_ns if state.view is not None else None
    if utc_ns < held_utc_ns or (lasts_ns is not None and utc_ns > held_utc_ns + lasts_ns):
        return None
    if state.view is not None and utc_ns >= state.view.time_range.end_utc_ns:
        return None
    return Reading(utc_ns=held_utc_ns, value=value, holds=True)


def _read_point(view: LevelView, index: int, *, holds: bool = False) -> Reading:
    when, value = int(view.times_utc_ns[index]), float(view.values[index])
    if not view.bucket_ns:
        return Reading(utc_ns=when, value=value, holds=holds)
    both = slice(index & ~1, (index & ~1) + 2)
    low, high = sorted(view.values[both])
    start_utc_ns = max(when - when % view.bucket_ns, view.time_range.start_utc_ns)
    extremes = float(low), float(high), start_utc_ns
    return Reading(utc_ns=when, value=value, extremes=extremes, mean=_mean_between(view, both))


def _mean_between(view: LevelView, points: slice) -> float | None:
    """Give the mean of the bucket whose extremes are drawn at two points; one of another width is none."""
    if view.means is None:
        return None
    first_utc_ns, second_utc_ns = view.times_utc_ns[points].tolist()
    middle_utc_ns = (first_utc_ns + second_utc_ns) // 2
    place = int(np.searchsorted(view.means.times_utc_ns, middle_utc_ns))
    is_there = view.means.times_utc_ns[place : place + 1] == middle_utc_ns
    return float(view.means.values[place]) if is_there.any() else None


def _holds(view: LevelView, index: int, utc_ns: int) -> bool:
    """Tell whether the value of a step counts until a time."""
    if index < len(view.times_utc_ns) - 1:
        return bool(view.connect[index])
    lasts = view.hold_ns is None or utc_ns <= int(view.times_utc_ns[index]) + view.hold_ns
    return lasts and utc_ns < view.time_range.end_utc_ns


def _nearest(times_utc_ns: NDArray[np.int64], before: int, utc_ns: int) -> int:
    after = min(before + 1, len(times_utc_ns) - 1)
    before = max(before, 0)
    is_after = abs(int(times_utc_ns[after]) - utc_ns) < abs(int(times_utc_ns[before]) - utc_ns)
    return after if is_after else before


def _has_points(state: CurveState) -> bool:
    return state.view is not None and len(state.view.times_utc_ns) > 0
