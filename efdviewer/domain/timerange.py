"""Ranges of time, and the expressions that people type for them."""

import re
from dataclasses import dataclass
from decimal import Decimal

from efdviewer.domain.errors import BadInputError, TimeExpressionError, TimescaleError
from efdviewer.domain.leap_seconds import DAY_NS, LEAP_UTC_NS, SECOND_NS
from efdviewer.domain.timescale import (
    Timescale,
    day_obs_start_utc_ns,
    format_ns,
    parse_iso_ns,
    wrong_iso_part,
)


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

    def holds(self, other: "TimeRange") -> bool:
        """Tell whether another range lies within this one."""
        return self.start_utc_ns <= other.start_utc_ns and other.end_utc_ns <= self.end_utc_ns

    def padded(self, margin_ns: int) -> "TimeRange":
        """Widen by a margin on both sides."""
        return TimeRange(start_utc_ns=self.start_utc_ns - margin_ns, end_utc_ns=self.end_utc_ns + margin_ns)

    def share_at(self, utc_ns: int) -> float:
        """Give the share of the range that lies before a moment, 0 to 1."""
        return min(1.0, max(0.0, (utc_ns - self.start_utc_ns) / self.span_ns))

    def overlap(self, other: "TimeRange") -> "TimeRange | None":
        """Give the part that lies within another range; None for nothing."""
        start_utc_ns = max(self.start_utc_ns, other.start_utc_ns)
        end_utc_ns = min(self.end_utc_ns, other.end_utc_ns)
        if end_utc_ns <= start_utc_ns:
            return None
        return TimeRange(start_utc_ns=start_utc_ns, end_utc_ns=end_utc_ns)

    def since(self, utc_ns: int) -> "TimeRange":
        """Give the part from a moment within the range on."""
        return TimeRange(start_utc_ns=utc_ns, end_utc_ns=self.end_utc_ns)

    def until(self, utc_ns: int) -> "TimeRange":
        """Give the part before a moment; the whole range where that would be nothing."""
        if utc_ns <= self.start_utc_ns:
            return self
        return TimeRange(start_utc_ns=self.start_utc_ns, end_utc_ns=min(self.end_utc_ns, utc_ns))


EARLIEST_NS, LATEST_NS = -9_214_560_000_000_000_000, 9_214_646_400_000_000_000
FIRST_SHOWN_NS = int(LEAP_UTC_NS[0])
"""1972-01-01: moments before it have no TAI."""
MIN_SPAN_NS = 100
_LONGEST_ZOOM_NS = 20 * 365 * DAY_NS
"""No EFD goes back further; a wheel that went on would end in centuries without data."""
_UNITS_NS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "\u03bcs": 1_000,
    "ms": 1_000_000,
    "s": SECOND_NS,
    "m": 60 * SECOND_NS,
    "min": 60 * SECOND_NS,
    "h": 3600 * SECOND_NS,
    "d": DAY_NS,
    "w": 7 * DAY_NS,
}
_ALLOWED = "Allowed: now, now-20h, 8h, 2024-01-31, 2024-01-31T23:15:00.5 with Z, UTC or TAI, dayObs=20240131."
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([^\W\d_]*)")
_NOW = re.compile(r"now(\(\))?\s*", re.IGNORECASE)
_SHORTHAND = re.compile(r"(?!\d{8}T)([+-]|\d+(\.\d+)?\s*[^\W\d_])")
_DAY_OBS = re.compile(r"(dayobs\s*=\s*)?(\d{8})", re.IGNORECASE | re.ASCII)
_MARK = re.compile(r"\s*(Z|UTC|TAI)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRangeSpec:
    """A range as typed: two time expressions."""

    start: str
    end: str

    def resolve(self, *, now_utc_ns: int, timescale: Timescale) -> TimeRange:
        """Give the range that the expressions mean at a moment.

        Raises
        ------
        TimeExpressionError
            If one of them cannot be read, or the range is empty.
        """
        start = resolve_expression(self.start, now_utc_ns=now_utc_ns, timescale=timescale, is_end=False)
        end = resolve_expression(self.end, now_utc_ns=now_utc_ns, timescale=timescale, is_end=True)
        if end <= start:
            raise TimeExpressionError(
                f"'{self.end}' is not after '{self.start}'.",
                length=len(self.end),
                hint="The end has to be after the start.",
            )
        return TimeRange(start_utc_ns=start, end_utc_ns=end)


def resolve_expression(text: str, *, now_utc_ns: int, timescale: Timescale, is_end: bool) -> int:
    """Give the moment, ns UTC, that one expression means.

    An unmarked time is in `timescale`; an observing day means its start, or as an end its end.

    Raises
    ------
    TimeExpressionError
        If it cannot be read; position and length mark the wrong part.
    """
    leading = len(text) - len(text.lstrip())
    expression = text.strip()
    if not expression:
        raise TimeExpressionError("The time is empty.", hint=_ALLOWED)
    if now := _NOW.match(expression):
        moment = now_utc_ns + _durations(expression, now.end(), leading, default_sign=None)
    elif is_relative(expression):
        moment = now_utc_ns + _durations(expression, 0, leading, default_sign=-1)
    elif day := _DAY_OBS.fullmatch(expression):
        moment = _day_obs(day, leading, is_end=is_end)
    else:
        moment = _absolute(expression, leading, timescale)
    if not EARLIEST_NS <= moment <= LATEST_NS:
        raise TimeExpressionError(
            f"'{expression}' lies outside the years 1678 to 2261.", position=leading, length=len(expression)
        )
    return moment


def is_relative(text: str) -> bool:
    """Tell whether an expression moves with the clock."""
    expression = text.strip()
    if _NOW.match(expression):
        return True
    return _SHORTHAND.match(expression) is not None and _MARK.search(expression) is None


def spec_of(time_range: TimeRange, timescale: Timescale) -> TimeRangeSpec:
    """Write a range as absolute expressions, exact to the nanosecond."""
    return TimeRangeSpec(
        start=format_ns(time_range.start_utc_ns, timescale), end=format_ns(time_range.end_utc_ns, timescale)
    )


def convert_spec(spec: TimeRangeSpec, from_scale: Timescale, to_scale: Timescale) -> TimeRangeSpec:
    """Rewrite unmarked absolute times for another scale, so that the instants stay.

    Raises
    ------
    TimescaleError
        If a time cannot be read, or lies before 1972-01-01, where TAI is not known.
    """
    return TimeRangeSpec(
        start=_convert(spec.start, from_scale, to_scale), end=_convert(spec.end, from_scale, to_scale)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickRange:
    """A range in a menu."""

    label: str
    start: str
    end: str = "now"


def quick_ranges() -> list[QuickRange]:
    """List the ranges up to now that are one click away."""
    labels = {"m": "min", "h": "h", "d": "d"}
    spans = ("5m", "15m", "1h", "6h", "12h", "20h", "24h", "2d", "7d", "30d")
    return [QuickRange(label=f"Last {span[:-1]} {labels[span[-1]]}", start=f"now-{span}") for span in spans]


def zoomed(time_range: TimeRange, factor: float, at_utc_ns: int) -> TimeRange:
    """Make a range longer (factor above 1) or shorter; a moment stays at its place on the screen."""
    span_ns = time_range.span_ns
    wanted_ns = max(MIN_SPAN_NS, min(round(span_ns * factor), max(span_ns, _LONGEST_ZOOM_NS)))
    left_ns = (at_utc_ns - time_range.start_utc_ns) * wanted_ns // span_ns
    return clamped(at_utc_ns - left_ns, at_utc_ns - left_ns + wanted_ns)


def shifted(time_range: TimeRange, fraction: float) -> TimeRange:
    """Move a range by a fraction of its length; negative is earlier."""
    step_ns = round(time_range.span_ns * fraction)
    return clamped(time_range.start_utc_ns + step_ns, time_range.end_utc_ns + step_ns)


def clamped(start_utc_ns: int, end_utc_ns: int) -> TimeRange:
    """Keep a range within the years 1972 to 2261, where both scales are known, and at least 100 ns long."""
    start = min(max(start_utc_ns, FIRST_SHOWN_NS), LATEST_NS - MIN_SPAN_NS)
    return TimeRange(start_utc_ns=start, end_utc_ns=min(max(end_utc_ns, start + MIN_SPAN_NS), LATEST_NS))


def parse_span_ns(text: str) -> int:
    """Read a length of time such as `30s`, `-2s`, `1h30m` or `200ms`, ns.

    Raises
    ------
    TimeExpressionError
        If it cannot be read.
    """
    leading = len(text) - len(text.lstrip())
    if not text.strip():
        raise TimeExpressionError("A length of time is missing.", position=0, length=1, hint="Example: 30s.")
    return _durations(text.strip(), 0, leading, default_sign=1)


def _durations(expression: str, position: int, leading: int, *, default_sign: int | None) -> int:
    """Add up `-1d12h+5m`; the sign of a part without one is that of the part before."""
    total_ns, sign = 0, default_sign
    while position < len(expression):
        if expression[position] in "+-":
            sign = 1 if expression[position] == "+" else -1
            position += 1
            position += len(expression[position:]) - len(expression[position:].lstrip())
        if position == len(expression):
            raise TimeExpressionError(
                f"A duration is missing at the end of '{expression}'.",
                position=leading + expression.rindex("-" if sign == -1 else "+"),
                length=1,
                hint=_ALLOWED,
            )
        part = _DURATION.match(expression, position)
        if part is None or sign is None:
            raise TimeExpressionError(
                f"'{expression[position:]}' is not a duration such as -20h.",
                position=leading + position,
                length=max(1, len(expression) - position),
                hint=_ALLOWED,
            )
        number, unit = part.groups()
        # Elsewhere M means months, so it must not pass for minutes.
        if unit == "M" or unit.lower() not in _UNITS_NS:
            raise TimeExpressionError(
                f"'{unit}' is not a unit of time." if unit else f"'{number}' has no unit.",
                position=leading + part.start(2 if unit else 1),
                length=len(unit or number),
                hint="Units: ns us ms s m h d w.",
            )
        total_ns += sign * int(Decimal(number) * _UNITS_NS[unit.lower()])
        position = part.end() + len(expression[part.end() :]) - len(expression[part.end() :].lstrip())
    return total_ns


def _day_obs(match: re.Match[str], leading: int, *, is_end: bool) -> int:
    try:
        start = day_obs_start_utc_ns(int(match[2]))
    except TimescaleError as error:
        raise TimeExpressionError(
            str(error),
            position=leading + match.start(2),
            length=len(match[2]),
            hint="Example: dayObs=20240131.",
        ) from error
    return start + DAY_NS if is_end else start


def _absolute(expression: str, leading: int, timescale: Timescale) -> int:
    mark = _MARK.search(expression)
    scale = timescale
    if mark:
        scale = Timescale.TAI if mark[1].upper() == "TAI" else Timescale.UTC
    text = expression[: mark.start()] if mark else expression
    try:
        return parse_iso_ns(text, scale)
    except TimescaleError as error:
        start, end = wrong_iso_part(text)
        raise TimeExpressionError(
            str(error) if start == 0 and end == len(text) else f"'{text[start:end]}' in '{text}' is wrong.",
            position=leading + start,
            length=max(1, end - start),
            hint=_ALLOWED,
        ) from error


def _convert(expression: str, from_scale: Timescale, to_scale: Timescale) -> str:
    text = expression.strip()
    if is_relative(text) or _DAY_OBS.fullmatch(text) or _MARK.search(text):
        return expression
    return format_ns(parse_iso_ns(text, from_scale), to_scale)
