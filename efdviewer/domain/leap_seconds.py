"""When leap seconds were inserted into UTC, after IERS Bulletin C 72 (July 2026)."""

import datetime

import numpy as np
from numpy.typing import NDArray

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
EPOCH = datetime.date(1970, 1, 1)


def _ns(day: str) -> int:
    return (datetime.date.fromisoformat(day) - EPOCH).days * DAY_NS


_LEAPS = [
    "1972-01-01", "1972-07-01", "1973-01-01", "1974-01-01", "1975-01-01", "1976-01-01", "1977-01-01",
    "1978-01-01", "1979-01-01", "1980-01-01", "1981-07-01", "1982-07-01", "1983-07-01", "1985-07-01",
    "1988-01-01", "1990-01-01", "1991-01-01", "1992-07-01", "1993-07-01", "1994-07-01", "1996-01-01",
    "1997-07-01", "1999-01-01", "2006-01-01", "2009-01-01", "2012-07-01", "2015-07-01", "2017-01-01",
]  # fmt: skip
LEAP_UTC_NS: NDArray[np.int64] = np.array([_ns(day) for day in _LEAPS], np.int64)
"""Moments, ns UTC, from which TAI - UTC is one second more than before; the first makes it 10 s."""
OFFSET_NS: NDArray[np.int64] = (10 + np.arange(len(_LEAPS), dtype=np.int64)) * SECOND_NS
"""TAI - UTC from each of those moments on."""
LEAP_TAI_NS = LEAP_UTC_NS + OFFSET_NS
for _table in (LEAP_UTC_NS, OFFSET_NS, LEAP_TAI_NS):
    _table.flags.writeable = False

KNOWN_UNTIL = "2027-06-28"
"""Nobody has announced yet whether there are leap seconds after this day."""
KNOWN_UNTIL_UTC_NS = _ns(KNOWN_UNTIL)


def doubt(end_utc_ns: int) -> str:
    """Say that TAI is not certain in a range that ends at a moment; empty where it is."""
    if end_utc_ns <= KNOWN_UNTIL_UTC_NS:
        return ""
    return (
        f"Leap seconds are known until {KNOWN_UNTIL}. After it, TAI and the stamps written in it may be a "
        "second off; a newer efdviewer knows more."
    )
