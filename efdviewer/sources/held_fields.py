"""Fields of other topics as they stood at given moments, for formulas that read them."""

from collections.abc import Sequence
from contextlib import aclosing

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.query import DataSource, SampleQuery
from efdviewer.domain.samples import column_as_float, times
from efdviewer.domain.timerange import TimeRange, clamped
from efdviewer.domain.topics import FieldRef, TopicKind, TopicName
from efdviewer.sources.workers import run_in_worker

LONGEST_HELD_NS = 600 * 10**9
"""Telemetry that is older tells nothing of now; what an event says holds until the next."""


class HeldField:
    """Gives the last value at or before moments that are asked for in ascending order."""

    def __init__(self, source: DataSource, name: str) -> None:
        self._source = source
        self._field = FieldRef.parse(name)
        self._holds = TopicName.parse(self._field.topic).kind is not TopicKind.TELEMETRY
        self._times: NDArray[np.int64] = np.empty(0, np.int64)
        self._values: NDArray[np.float64] = np.empty(0)
        self._until_utc_ns: int | None = None

    async def at(self, moments: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the value at each moment, (n,) float64; NaN where there is none, or too old a one.

        Raises
        ------
        EfdViewerError
            If the source does not answer completely.
        """
        if not len(moments):
            return np.empty(0)
        first, last = int(moments[0]), int(moments[-1])
        if self._until_utc_ns is None:
            field = self._field
            self._take(await self._source.latest(field.topic, (field.field,), first, where=field.where))
            self._until_utc_ns = first
        if last >= self._until_utc_ns:
            self._forget_before(first)
            await self._load(clamped(self._until_utc_ns, last + 1))
            self._until_utc_ns = last + 1
        places = np.searchsorted(self._times, moments, side="right") - 1
        found = np.full(len(moments), np.nan)
        known = places >= 0
        if not self._holds:
            known[known] = moments[known] - self._times[places[known]] <= LONGEST_HELD_NS
        found[known] = self._values[places[known]]
        return found

    async def _load(self, time_range: TimeRange) -> None:
        field = self._field
        query = SampleQuery(
            topic=field.topic, fields=(field.field,), time_range=time_range, where=field.where
        )
        async with aclosing(self._source.stream(query)) as batches:
            found = [batch async for batch in batches]
        if found:
            await run_in_worker(self._take, pa.Table.from_batches(found))

    def _take(self, table: pa.Table) -> None:
        if table.num_rows:
            values = column_as_float(table, table.column_names[1])
            present = ~np.isnan(values)
            self._times = np.concatenate([self._times, times(table)[present]])
            self._values = np.concatenate([self._values, values[present]])

    def _forget_before(self, utc_ns: int) -> None:
        place = max(0, int(np.searchsorted(self._times, utc_ns, side="right")) - 1)
        self._times, self._values = self._times[place:], self._values[place:]


def held_fields(source: DataSource, names: Sequence[str]) -> dict[str, HeldField]:
    """Follow some fields, named `TOPIC:FIELD`."""
    return {name: HeldField(source, name) for name in names}
