"""Writes delays for people."""

import math

NO_DELAY = "\u2013"
"""What stands where there is no delay."""

_UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
_MANY = 1000
_DIGITS, _MOST_DIGITS = 4, 10


def delay_text(delay_s: float | None, like_s: float | None = None, step_s: float = 0.0) -> str:
    """Write a delay in a readable unit, or in the unit that another one would have.

    Two digits tell of a difference of `step_s`, even where the delay itself is much larger.
    """
    if delay_s is None:
        return NO_DELAY
    size_s = abs(delay_s if like_s is None else like_s)
    if not size_s:
        return f"{delay_s:.4g} s"
    unit, width_s = next((pair for pair in _UNITS if size_s >= pair[1]), _UNITS[-1])
    value = delay_s / width_s
    if abs(value) >= _MANY:
        return f"{value:,.0f} {unit}"
    return f"{value:.{_digits(abs(delay_s), step_s)}g} {unit}"


def _digits(size_s: float, step_s: float) -> int:
    if not size_s or not step_s:
        return _DIGITS
    needed = math.floor(math.log10(size_s)) - math.floor(math.log10(step_s)) + 2
    return min(max(needed, _DIGITS), _MOST_DIGITS)
