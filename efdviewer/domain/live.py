"""Following the clock: what of a session moves with `now`, and the acts that start and stop it."""

from dataclasses import replace
from decimal import Decimal

from efdviewer.domain import edits
from efdviewer.domain.leap_seconds import DAY_NS, SECOND_NS
from efdviewer.domain.session import LIVE_INTERVALS_S, Session
from efdviewer.domain.timerange import TimeRange, is_relative

DEFAULT_INTERVAL_S = LIVE_INTERVALS_S[1]
LATE_S, LATE_INTERVALS = 5, 3
"""A refresh that takes longer than both has failed for who watches, whatever may still come of it."""
_WHOLE_NS = (("h", 3600 * SECOND_NS), ("m", 60 * SECOND_NS), ("s", SECOND_NS))
_MANY = 120
"""So many minutes or seconds are written with larger units."""
_UNITS_NS = (("s", SECOND_NS), ("ms", 1_000_000), ("us", 1_000))
"""Those of which a length may have decimals."""


def is_following(session: Session) -> bool:
    """Tell whether the view moves with the clock: it is switched on, and the range ends at some `now`."""
    return session.live_s > 0 and is_relative(session.end)


def is_paused(session: Session) -> bool:
    """Tell whether following is switched on, but a range was chosen that stands still."""
    return session.live_s > 0 and not is_relative(session.end)


def late_after_ns(session: Session) -> int:
    """Give how long an answer may take while the view follows the clock, ns; 0 where it does not."""
    if not is_following(session):
        return 0
    return max(LATE_S, LATE_INTERVALS * session.live_s) * SECOND_NS


def follow(session: Session, live_s: int, shown: TimeRange) -> Session:
    """Follow the clock every so many seconds; a range that stands still becomes as long a one up to now.

    That is to the second, or to two digits where it is shorter than ten, as a person would type it.
    """
    if not is_relative(session.end):
        step_ns = min(SECOND_NS, 10 ** max(0, len(str(shown.span_ns)) - 2))
        span_ns = (shown.span_ns + step_ns // 2) // step_ns * step_ns
        session = edits.set_time(session, f"now-{duration_text(span_ns)}", "now")
    return session if session.live_s == live_s else replace(session, live_s=live_s)


def stop_following(session: Session) -> Session:
    """Let the range stand still, as it was typed."""
    return replace(session, live_s=0)


def duration_text(span_ns: int) -> str:
    """Write a length of time as an expression reads it, exactly: `20h`, `2d`, `90m`, `1h58m39s`, `76.8s`."""
    if span_ns % DAY_NS == 0 and span_ns > DAY_NS:
        return f"{span_ns // DAY_NS}d"
    parts, rest_ns = "", span_ns
    for unit, width_ns in _WHOLE_NS:
        if span_ns % width_ns == 0 and (unit == "h" or span_ns < _MANY * width_ns):
            return f"{span_ns // width_ns}{unit}"
        count, rest_ns = divmod(rest_ns, width_ns)
        parts += f"{count}{unit}" if count else ""
    if not rest_ns:
        return parts
    unit, width_ns = next((unit for unit in _UNITS_NS if span_ns >= unit[1]), ("ns", 1))
    return f"{(Decimal(span_ns) / width_ns).normalize():f}{unit}"
