"""What lies around a view and decides how it is drawn: the newest row, the last value before, the spacing."""

import math
import time

import numpy as np
import pyarrow as pa

from efdviewer.domain.query import DataSource, SampleQuery
from efdviewer.domain.samples import column_as_float, times, usual_spacing_ns
from efdviewer.domain.timerange import clamped
from efdviewer.services.held_values import HeldValues, Sample
from efdviewer.services.series_view import SeriesView

_FEW = 100
"""So many samples tell how often they come."""
_LOOK_BACK_NS = 86_400 * 10**9
_EVER_AFTER_NS = 2**62


class Surroundings:
    """Asks one source for them, each with one small statement."""

    def __init__(self, source: DataSource, held: HeldValues) -> None:
        self._source = source
        self._held = held

    async def load_newest(self, view: SeriesView) -> None:
        """Learn how far the rows reach, where that tells that what is before them is final."""
        now_utc_ns = time.time_ns()
        if not view.habits.lacks_newest(view.request.time_range.end_utc_ns, now_utc_ns):
            return
        row = await self._latest(view, view.fields, _EVER_AFTER_NS)
        view.habits.newest_asked_utc_ns = now_utc_ns
        if row.num_rows:
            view.habits.saw(int(times(row)[0]))

    async def load_held(self, view: SeriesView, names: tuple[str, ...]) -> None:
        """Find the last sample before the range of fields that hold their value, or have none in it.

        One row has them all as a rule; only those that it lacks are asked for alone.
        """
        start_utc_ns, asked_utc_ns = view.request.time_range.start_utc_ns, time.time_ns()
        row = await self._latest(view, names, start_utc_ns)
        for name in names:
            found = _sample_in(row, name)
            if found is None and row.num_rows and len(names) > 1:
                found = _sample_in(await self._latest(view, (name,), start_utc_ns), name)
            is_final = start_utc_ns <= view.habits.settled_until(asked_utc_ns)
            self._held.note(view.tiles[name].key, start_utc_ns, found, is_final=is_final)

    async def load_spacing(self, view: SeriesView) -> None:
        """Learn from the samples before the range how often they come."""
        request = view.request
        start_utc_ns = request.time_range.start_utc_ns
        before = await self._source.samples(
            SampleQuery(
                topic=request.topic,
                fields=view.fields,
                time_range=clamped(start_utc_ns - _LOOK_BACK_NS, start_utc_ns),
                where=request.where,
                limit=_FEW,
                descending=True,
            )
        )
        view.habits.has_asked_spacing = True
        here = [
            tile.times_utc_ns for name in view.fields if (tile := view.tiles[name].samples(view.slots[0]))
        ]
        view.habits.spacing_ns = usual_spacing_ns(np.unique(np.concatenate([times(before), *here[:1]])))

    async def _latest(self, view: SeriesView, names: tuple[str, ...], before_utc_ns: int) -> pa.Table:
        request = view.request
        return await self._source.latest(request.topic, names, before_utc_ns, where=request.where)


def _sample_in(row: pa.Table, name: str) -> Sample | None:
    value = float(column_as_float(row, name)[0]) if row.num_rows else math.nan
    return None if math.isnan(value) else Sample(int(times(row)[0]), value)
