"""Remembers the last sample before a moment, so that a view that moves need not ask for it at each step."""

import time
from bisect import bisect_left, insort
from typing import NamedTuple

from efdviewer.domain.coverage import GRACE_NS
from efdviewer.services.tiles import SeriesKey

_EVER = -(2**63)
_MOST = 500


class Sample(NamedTuple):
    """Time, int64 ns UTC, and value."""

    utc_ns: int
    value: float


class _Known(NamedTuple):
    before_utc_ns: int
    since_utc_ns: int
    sample: Sample | None
    asked_s: float


class HeldValues:
    """For each series the stretches of time in which the last sample before any moment is known."""

    def __init__(self) -> None:
        self._known: dict[SeriesKey, list[_Known]] = {}

    def find(self, key: SeriesKey, before_utc_ns: int) -> tuple[bool, Sample | None]:
        """Tell whether the last sample before a moment is known, and give it; None where there is none."""
        known = self._known.get(key, [])
        place = bisect_left(known, before_utc_ns, key=_before)
        if place < len(known) and known[place].since_utc_ns < before_utc_ns:
            return True, known[place].sample
        return False, None

    def carried(self, key: SeriesKey, before_utc_ns: int) -> tuple[int, Sample | None] | None:
        """Give an earlier moment, asked for a short while ago, and the last sample before it.

        It is the last one before the later moment too if there is none between the two. Rows that were
        written late may be missing, so it counts no longer than they take.
        """
        known = self._known.get(key, [])
        place = bisect_left(known, before_utc_ns, key=_before)
        if not place or (time.monotonic() - known[place - 1].asked_s) * 1e9 > GRACE_NS:
            return None
        return known[place - 1].before_utc_ns, known[place - 1].sample

    def note(self, key: SeriesKey, before_utc_ns: int, sample: Sample | None, *, is_final: bool) -> None:
        """Remember the last sample before a moment; None where there is none.

        What is not final, since a later one may still come, counts for this very moment alone.
        """
        since_utc_ns = _EVER if sample is None else sample.utc_ns
        if not is_final:
            since_utc_ns = before_utc_ns - 1
        known = self._known.setdefault(key, [])
        known[:] = [
            each
            for each in known
            if not (since_utc_ns <= each.since_utc_ns and each.before_utc_ns <= before_utc_ns)
        ]
        if len(known) >= _MOST:
            # All of them: to drop the earliest would drop the new one, where a person goes back in time.
            known.clear()
        insort(known, _Known(before_utc_ns, since_utc_ns, sample, time.monotonic()), key=_before)

    def forget(self, key: SeriesKey) -> None:
        """Ask anew from now on."""
        self._known.pop(key, None)


def _before(known: _Known) -> int:
    return known.before_utc_ns
