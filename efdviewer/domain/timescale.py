"""UTC and TAI, observing days, and times as text; integers of nanoseconds throughout.

TAI - UTC has been 37 s since 2017-01-01.
"""

import datetime
import re
from enum import StrEnum
from typing import overload

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.errors import TimescaleError
from efdviewer.domain.leap_seconds import DAY_NS, EPOCH, LEAP_TAI_NS, LEAP_UTC_NS, OFFSET_NS, SECOND_NS

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?", re.ASCII)


class Timescale(StrEnum):
    """The scale in which a time is written."""

    UTC = "utc"
    TAI = "tai"


@overload
def utc_ns_from_tai_ns(tai_ns: int) -> int: ...
@overload
def utc_ns_from_tai_ns(tai_ns: NDArray[np.int64]) -> NDArray[np.int64]: ...
def utc_ns_from_tai_ns(tai_ns: int | NDArray[np.int64]) -> int | NDArray[np.int64]:
    """Turn nanoseconds since 1970-01-01T00:00:00 TAI into nanoseconds of UTC, int64.

    During an inserted leap second the last value of UTC before it repeats.

    Raises
    ------
    TimescaleError
        If a time lies before 1972-01-01.
    """
    tai = np.asarray(tai_ns, np.int64)
    index = np.searchsorted(LEAP_TAI_NS, tai, side="right") - 1
    # A leap second begins when UTC reaches midnight by the old offset and ends a second later.
    following = np.minimum(index + 1, len(LEAP_UTC_NS) - 1)
    if index.size and int(index.min()) < 0:
        raise TimescaleError("A TAI stamp lies before 1972-01-01, where UTC had no whole leap seconds.")
    utc = tai - OFFSET_NS[index]
    last_before = LEAP_UTC_NS[following] - 1
    utc = np.where((following > index) & (utc > last_before), last_before, utc)
    return int(utc) if np.ndim(tai_ns) == 0 else utc


@overload
def tai_ns_from_utc_ns(utc_ns: int) -> int: ...
@overload
def tai_ns_from_utc_ns(utc_ns: NDArray[np.int64]) -> NDArray[np.int64]: ...
def tai_ns_from_utc_ns(utc_ns: int | NDArray[np.int64]) -> int | NDArray[np.int64]:
    """Turn nanoseconds of UTC since the Unix epoch into nanoseconds since 1970-01-01T00:00:00 TAI.

    Raises
    ------
    TimescaleError
        If a time lies before 1972-01-01.
    """
    utc = np.asarray(utc_ns, np.int64)
    index = np.searchsorted(LEAP_UTC_NS, utc, side="right") - 1
    if index.size and int(index.min()) < 0:
        raise TimescaleError("TAI is known from 1972-01-01 on.")
    tai = utc + OFFSET_NS[index]
    return int(tai) if np.ndim(utc_ns) == 0 else tai


def utc_from_tai_s(tai_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """Turn SAL stamps into nanoseconds of UTC.

    Parameters
    ----------
    tai_s : (n,) float64
        Seconds since 1970-01-01T00:00:00 TAI, as SAL writes `private_sndStamp`; finite.

    Returns
    -------
    (n,) int64
        Nanoseconds since the Unix epoch, UTC. During an inserted leap second the last value repeats.

    Raises
    ------
    TimescaleError
        If a stamp lies before 1972-01-01.
    """
    return utc_ns_from_tai_ns(ns_from_s(tai_s))


def ns_from_s(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Turn float64 seconds into int64 nanoseconds, whole seconds and fraction apart so that none is lost."""
    stamps = np.asarray(seconds, np.float64)
    whole = np.floor(stamps)
    return whole.astype(np.int64) * SECOND_NS + np.rint((stamps - whole) * 1e9).astype(np.int64)


def day_obs_of(utc_ns: int) -> int:
    """Give the observing day, e.g. 20240131, of a moment; it runs from 12:00 UTC to 12:00 UTC."""
    day = EPOCH + datetime.timedelta(days=(utc_ns - DAY_NS // 2) // DAY_NS)
    return day.year * 10_000 + day.month * 100 + day.day


def day_obs_start_utc_ns(day_obs: int) -> int:
    """Give the start of an observing day, ns UTC.

    Raises
    ------
    TimescaleError
        If it is no date.
    """
    try:
        day = datetime.date(day_obs // 10_000, day_obs // 100 % 100, day_obs % 100)
    except ValueError as error:
        raise TimescaleError(f"{day_obs:08} is not a date of the form 20240131.") from error
    return (day - EPOCH).days * DAY_NS + DAY_NS // 2


def format_ns(utc_ns: int, timescale: Timescale, *, digits: int | None = None) -> str:
    """Write a moment as `2024-01-31T23:15:00.123`, in the scale, without a suffix.

    `digits` of the second's fraction, 0 to 9; None for the shortest of 0, 3, 6 and 9 that is exact.

    Raises
    ------
    TimescaleError
        If a moment before 1972-01-01 is to be written in TAI.
    """
    shown_ns = tai_ns_from_utc_ns(utc_ns) if timescale is Timescale.TAI else utc_ns
    seconds, fraction = divmod(shown_ns, SECOND_NS)
    if digits is None:
        digits = next(count for count in (0, 3, 6, 9) if fraction % 10 ** (9 - count) == 0)
    days, second_of_day = divmod(seconds, 86_400)
    day = EPOCH + datetime.timedelta(days=days)
    clock = f"{second_of_day // 3600:02}:{second_of_day // 60 % 60:02}:{second_of_day % 60:02}"
    tail = f".{fraction:09}"[: digits + 1] if digits else ""
    return f"{day.isoformat()}T{clock}{tail}"


def digits_for(span_ns: int) -> int:
    """Give the digits of a second's fraction that moments in a range need: a thousandth of it, or finer."""
    return next((digits for digits in (0, 3, 6) if span_ns >= 10 ** (12 - digits)), 9)


def parse_iso_ns(text: str, timescale: Timescale) -> int:
    """Read a date, or date and time with up to nine digits of fraction, as ns UTC.

    Raises
    ------
    TimescaleError
        If it is not one, or lies outside 1678 to 2261.
    """
    match = _ISO.fullmatch(text)
    if match is None:
        raise TimescaleError(f"'{text}' is not a date or time.")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    if (hour, minute, second) == (23, 59, 60) and timescale is Timescale.UTC:
        return _leap_second(text)
    try:
        moment = datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC)
    except ValueError as error:
        raise TimescaleError(f"'{text}' is not a date or time: {error}.") from error
    if not 1678 <= year <= 2261:
        raise TimescaleError(f"'{text}' lies outside the years 1678 to 2261.")
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    shown_ns = (since.days * 86_400 + since.seconds) * SECOND_NS + int((match[7] or "").ljust(9, "0"))
    return utc_ns_from_tai_ns(shown_ns) if timescale is Timescale.TAI else shown_ns


def _leap_second(text: str) -> int:
    """Read `2016-12-31T23:59:60`: the last value of UTC before it repeats as long as it lasts."""
    following_ns = parse_iso_ns(text[:10], Timescale.UTC) + DAY_NS
    if following_ns not in LEAP_UTC_NS[1:]:
        raise TimescaleError(f"'{text}' is not a date or time: no leap second was inserted on that day.")
    return following_ns - 1


_PARTS = (
    ("", 4, 1678, 2261),
    ("-", 2, 1, 12),
    ("-", 2, 1, 31),
    ("T ", 2, 0, 23),
    (":", 2, 0, 59),
    (":", 2, 0, 59),
)
_COMPLETE = (10, 16)
"""Where a text may end: after the day, and after the minute."""


def wrong_iso_part(text: str) -> tuple[int, int]:
    """Find which characters, from and to, keep a text from being a date or time that `parse_iso_ns` reads.

    All of them where a part is missing, or the text has not even the form.
    """
    whole = (0, len(text))
    if re.match(r"\d{4}-", text, re.ASCII) is None:
        return whole
    position = 0
    for separators, width, low, high in _PARTS:
        if position == len(text):
            if position in _COMPLETE:
                break
            return whole
        if separators and text[position] not in separators:
            return position, len(text)
        start = position + bool(separators)
        position = start
        while position < len(text) and text[position] in "0123456789":
            position += 1
        if position - start != width or not low <= int(text[start:position]) <= high:
            return (start, position if position > start else len(text)) if start < len(text) else whole
    if position < len(text):
        return position, len(text)
    return (0, 4) if _is_date(text[:10]) else (8, 10)


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True
