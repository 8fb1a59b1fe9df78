"""How far the rows of a topic lie from their index when they are placed at a stamp."""

from dataclasses import dataclass

import numpy as np

from efdviewer.domain.derived_rows import Recipe, place
from efdviewer.domain.query import DataSource, Equals, SampleQuery
from efdviewer.domain.timerange import TimeRange

_LOOKED_AT = 200
_STEP_NS = 10 * 10**9
"""Shifts are rounded to this, with as much to spare, so that neighbouring ranges find the same."""
_ABSURD_NS = 86_400 * 10**9
_FAR_NS = 3600 * 10**9
_LEAST_REACH_NS = 120 * 10**9
"""So far rows are always looked for, whatever others do: a stamp may change its scale, or lag, anywhere."""


@dataclass(frozen=True, slots=True)
class Shift:
    """The least and the most that a row's place is later than its index, ns; negative where it is earlier."""

    low_ns: int = 0
    high_ns: int = 0

    def around(self, time_range: TimeRange) -> TimeRange:
        """Give where the indices lie of rows that are placed in a range."""
        return TimeRange(
            start_utc_ns=time_range.start_utc_ns - self.high_ns,
            end_utc_ns=time_range.end_utc_ns - self.low_ns,
        )

    def __or__(self, other: "Shift") -> "Shift":
        return Shift(min(self.low_ns, other.low_ns), max(self.high_ns, other.high_ns))


async def measure(
    source: DataSource, recipe: Recipe, time_range: TimeRange, where: tuple[Equals, ...]
) -> Shift:
    """Look at some messages at both ends of a range, or around it where it holds few.

    Raises
    ------
    EfdViewerError
        If the source does not answer completely.
    """
    if recipe.packing is None and recipe.topic.stamp == "time":
        return Shift()
    found = []
    for descending in (False, True):
        query = SampleQuery(
            topic=recipe.topic.base,
            fields=recipe.base_fields,
            time_range=time_range.padded(_FAR_NS),
            where=where,
            limit=_LOOKED_AT if recipe.packing is None else 3,
            descending=descending,
        )
        rows = place(await source.samples(query), recipe)
        found.append(rows.times_utc_ns - rows.index_utc_ns)
    shifts = np.concatenate(found)
    shifts = shifts[np.abs(shifts) < _ABSURD_NS]
    usual = Shift(-_LEAST_REACH_NS, _LEAST_REACH_NS)
    if not len(shifts):
        return usual
    low_ns, high_ns = int(shifts.min()), int(shifts.max())
    return usual | Shift((low_ns // _STEP_NS - 1) * _STEP_NS, (high_ns // _STEP_NS + 2) * _STEP_NS)
