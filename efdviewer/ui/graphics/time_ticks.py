"""Round instants of UTC or TAI for a time axis, and their labels; integers of nanoseconds throughout."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.leap_seconds import DAY_NS, LEAP_UTC_NS, OFFSET_NS, SECOND_NS
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, format_ns

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
    months = next((count for count in _MONTHS if time_range.span_ns <= count * _MONTH_NS * most), _MONTHS[-1])
    utc: list[int] = []
    for start, end, ahead in _pieces(time_range, timescale):
        if step_ns is None:
            shown = _month_starts(start + ahead, end + ahead, months)
        else:
            first = -(-(start + ahead) // step_ns) * step_ns
            shown = np.arange(first, end + ahead, step_ns, dtype=np.int64)
        utc.extend(int(place) - ahead for place in shown if start <= int(place) - ahead < end)
    return tuple(_tick(utc_ns, timescale, step_ns or _MONTH_NS) for utc_ns in utc)


def label_width_chars(span_ns: int, most: int) -> int:
    """Give the number of characters of a label when a span is divided into so many."""
    step_ns = next((step for step in _STEPS_NS if span_ns <= step * max(1, most)), _MONTH_NS)
    return len(_split("2000-01-01T00:00:00.000000000", step_ns)[0])


def _pieces(time_range: TimeRange, timescale: Timescale) -> list[tuple[int, int, int]]:
    """Cut a range, (start, end) in ns UTC, where the scale's lead over UTC, ns, changes.

    Piece by piece, a leap second in view adds no second's worth of ticks to a view of nanoseconds.
    TAI has none before 1972, where UTC had no whole leap seconds.
    """
    start, end = time_range.start_utc_ns, time_range.end_utc_ns
    if timescale is Timescale.UTC:
        return [(start, end, 0)]
    bounds = [*(int(moment) for moment in LEAP_UTC_NS), end]
    pieces = []
    for index, ahead in enumerate(OFFSET_NS):
        first, last = max(start, bounds[index]), min(end, bounds[index + 1])
        if first < last:
            pieces.append((first, last, int(ahead)))
    return pieces


def _month_starts(start: int, end: int, months: int) -> NDArray[np.int64]:
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
