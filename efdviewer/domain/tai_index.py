"""Sources whose index was written in TAI, until some day or throughout."""

import itertools
from dataclasses import dataclass
from typing import Self

from efdviewer.domain.errors import BadInputError, EfdViewerError
from efdviewer.domain.leap_seconds import LEAP_UTC_NS
from efdviewer.domain.timerange import EARLIEST_NS, FIRST_SHOWN_NS, LATEST_NS, TimeRange
from efdviewer.domain.timescale import Timescale, parse_iso_ns, tai_ns_from_utc_ns, utc_ns_from_tai_ns

ALWAYS = "always"
USUAL_DAY = "2021-10-01"
"""Before it, some instances of the EFD wrote TAI."""


@dataclass(frozen=True, slots=True)
class IndexPiece:
    """A range, in UTC, over which the index as stored is so much ahead of UTC, ns.

    `inserted_ns` : length of a leap second at its end, over which UTC stands still at the last nanosecond.
    """

    time_range: TimeRange
    ahead_ns: int
    inserted_ns: int = 0

    @property
    def stored(self) -> TimeRange:
        """The same range as the index has it."""
        return TimeRange(
            start_utc_ns=self.time_range.start_utc_ns + self.ahead_ns,
            end_utc_ns=self.time_range.end_utc_ns + self.ahead_ns + self.inserted_ns,
        )


@dataclass(frozen=True, slots=True)
class TaiIndex:
    """An index that holds TAI where it is less than `before_ns`, as stored; UTC from there on."""

    text: str
    before_ns: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a day such as `2021-10-01`, or `always`; None for an empty text: an index in UTC.

        Raises
        ------
        BadInputError
            If it is something else.
        """
        words = text.strip()
        if not words:
            return None
        if words == ALWAYS:
            return cls(words, LATEST_NS)
        try:
            return cls(words, parse_iso_ns(words, Timescale.UTC))
        except EfdViewerError as error:
            raise BadInputError(
                f"'{text}' is not a day before which the index was written in TAI.",
                hint=f"Example: {USUAL_DAY}.",
            ) from error

    @property
    def title(self) -> str:
        """Words for people."""
        return "index in TAI" if self.text == ALWAYS else f"index in TAI before {self.text}"

    def pieces(self, time_range: TimeRange) -> list[IndexPiece]:
        """Cut a range where the index's lead over UTC changes; what is before 1972 is left out.

        Rows that were stored in TAI within the last seconds before the day lie before those in UTC.
        """
        switch_utc_ns = utc_ns_from_tai_ns(min(self.before_ns, LATEST_NS))
        edges = [FIRST_SHOWN_NS, *LEAP_UTC_NS[switch_utc_ns > LEAP_UTC_NS].tolist(), switch_utc_ns]
        edges = sorted(set(edges))
        found: list[IndexPiece] = []
        for start, end in itertools.pairwise(edges):
            ahead_ns = tai_ns_from_utc_ns(start) - start
            inserted_ns = tai_ns_from_utc_ns(end) - end - ahead_ns if end < switch_utc_ns else 0
            self._add(found, time_range, IndexPiece(_range(start, end), ahead_ns, inserted_ns))
        if (utc_from_ns := max(self.before_ns, EARLIEST_NS)) < LATEST_NS:
            self._add(found, time_range, IndexPiece(_range(utc_from_ns, LATEST_NS), 0))
        return found

    def in_utc(self, stored: TimeRange) -> TimeRange:
        """Give a range of the index as it is stored in UTC."""
        start, end = (
            utc_ns_from_tai_ns(moment) if moment < self.before_ns else moment
            for moment in (stored.start_utc_ns, stored.end_utc_ns)
        )
        return TimeRange(start_utc_ns=start, end_utc_ns=end)

    @staticmethod
    def _add(found: list[IndexPiece], time_range: TimeRange, piece: IndexPiece) -> None:
        part = piece.time_range.overlap(time_range)
        if part is not None:
            is_whole = part.end_utc_ns == piece.time_range.end_utc_ns
            found.append(IndexPiece(part, piece.ahead_ns, piece.inserted_ns if is_whole else 0))


def _range(start_utc_ns: int, end_utc_ns: int) -> TimeRange:
    return TimeRange(start_utc_ns=start_utc_ns, end_utc_ns=end_utc_ns)
