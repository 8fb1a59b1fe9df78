"""Round instants of UTC or TAI for a time axis, and their labels; integers of nanoseconds throughout."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import (
    DAY_NS,
    LEAP_UTC_NS,
    SECOND_NS,
    Timescale,
    format_ns,
    utc_ns_from_tai_ns,
)

_MINUTE_NS, _HOUR_NS = 60 * SECOND_NS, 3600 * SECOND_NS
_STEPS_NS = (
    *(factor * 10**power for power in range(9) for factor in (1, 2, 5)),
    *(count * SECOND_NS for count in (1, 2, 5, 10, 15, 30)),
    *(count * _MINUTE_NS for count in (1, 2, 5, 10, 15, 30)),
    *(count * _HOUR_NS for count in (1, 2, 3, 6, 12)),
    *(count * DAY_NS for count in (1, 2, 5, 10)),
)
_MONTHS = (1, 3, 6, 12, 24, 60, 120, 240, 600)
_MONTH_NS = 30 * DAY_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeTick:
    """A labelled instant; `context` is the part that ticks share: the date, or the whole second."""

    utc_ns: int
    label: str
    context: str


@lru_cache(maxsize=16)
def time_ticks(time_range: TimeRange, timescale: Timescale, most: int) -> tuple[TimeTick, ...]:
    """List round instants of the scale within a range, ascending, at most so many.

    Round means multiples of 1, 2 or 5 ns, and so on up to days, months and years, in the scale's own
    count, so that labels are short and rest on the same instants while the view moves. Kept, as all rows ask.
    """
    step_ns = next((step for step in _STEPS_NS if time_range.span_ns <= step * max(1, most)), None)
    start, end = _shown(time_range, timescale)
    if step_ns is None:
        shown = _month_starts(start, end, most)
    else:
        first = -(-start // step_ns) * step_ns
        shown = np.arange(first, end, step_ns, dtype=np.int64)
    utc = _utc(shown, timescale)
    inside = utc[(utc >= time_range.start_utc_ns) & (utc < time_range.end_utc_ns)]
    return tuple(_tick(int(utc_ns), timescale, step_ns or _MONTH_NS) for utc_ns in inside)


def label_width_chars(span_ns: int, most: int) -> int:
    """Give the number of characters of a label when a span is divided into so many."""
    step_ns = next((step for step in _STEPS_NS if span_ns <= step * max(1, most)), _MONTH_NS)
    return len(_split("2000-01-01T00:00:00.000000000", step_ns)[0])


def _shown(time_range: TimeRange, timescale: Timescale) -> tuple[int, int]:
    """Give bounds, in the scale's count, that hold the whole range."""
    if timescale is Timescale.UTC:
        return time_range.start_utc_ns, time_range.end_utc_ns
    # TAI is 10 s to 37 s ahead of UTC; ticks beyond the range are dropped once they are placed.
    return time_range.start_utc_ns + 10 * SECOND_NS, time_range.end_utc_ns + 38 * SECOND_NS


def _utc(shown: NDArray[np.int64], timescale: Timescale) -> NDArray[np.int64]:
    if timescale is Timescale.UTC:
        return shown
    known: NDArray[np.int64] = shown[shown >= LEAP_UTC_NS[0] + 10 * SECOND_NS]
    return utc_ns_from_tai_ns(known)


def _month_starts(start: int, end: int, most: int) -> NDArray[np.int64]:
    months = next((count for count in _MONTHS if (end - start) <= count * _MONTH_NS * most), _MONTHS[-1])
    first = int(np.datetime64(start, "ns").astype("datetime64[M]").astype(np.int64))
    last = int(np.datetime64(end, "ns").astype("datetime64[M]").astype(np.int64))
    indices = np.arange(-(-first // months) * months, last + 1, months)
    starts: NDArray[np.int64] = indices.astype("datetime64[M]").astype("datetime64[ns]").astype(np.int64)
    return starts


def _tick(utc_ns: int, timescale: Timescale, step_ns: int) -> TimeTick:
    label, context = _split(format_ns(utc_ns, timescale, digits=9), step_ns)
    return TimeTick(utc_ns=utc_ns, label=label, context=context)


def _split(text: str, step_ns: int) -> tuple[str, str]:
    """Divide `2024-01-31T23:15:00.123456789` into what changes from tick to tick and what stays."""
    date, clock = text[:10], text[11:]
    if step_ns >= DAY_NS:
        return date, ""
    if step_ns >= _MINUTE_NS:
        return clock[:5], date
    if step_ns >= SECOND_NS:
        return clock[:8], date
    if step_ns >= 1_000_000:
        return clock[:12], date
    return clock[8 : 15 if step_ns >= 1_000 else 18], f"{date} {clock[:8]}"
