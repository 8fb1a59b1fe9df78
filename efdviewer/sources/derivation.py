"""Streams rows of a derived topic from those of the topic that it is derived from, in bounded memory."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from efdviewer.domain.derived_rows import Placed, Recipe, derive, place
from efdviewer.domain.query import DataSource, Equals, SampleQuery
from efdviewer.domain.samples import times
from efdviewer.domain.timerange import TimeRange, clamped
from efdviewer.sources.held_fields import held_fields
from efdviewer.sources.stamp_shift import Shift
from efdviewer.sources.workers import run_in_worker

_BLOCK = 300_000
"""So many values are worked out at a time: more would take memory, fewer would take longer."""
_LOOK_BACK_NS = 600 * 10**9
"""A derivative does not look further back than this for the row before."""
_NEIGHBOUR_NS = 20 * 10**9
"""Packed messages that do not tell how far apart their samples are need their neighbours."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a derived topic: how its rows are made, how far from their index, in which range."""

    recipe: Recipe
    shift: Shift
    time_range: TimeRange
    where: tuple[Equals, ...]


class Derivation:
    """Answers a question from `source`; fields of other topics are asked of `readers`."""

    def __init__(self, source: DataSource, question: Question, readers: DataSource) -> None:
        self.question = question
        self._source = source
        self._recipe, self._shift = question.recipe, question.shift
        self._range, self._where = question.time_range, question.where
        self._foreign = held_fields(readers, question.recipe.foreign)
        packing = question.recipe.packing
        self._margin_ns = _NEIGHBOUR_NS if packing is not None and packing.interval is None else 0

    async def rows(self) -> AsyncGenerator[pa.Table, None]:
        """Give the rows, `time` and the fields, ascending; each has a value in one of the fields at least."""
        carried = await self._rows_before()
        done_ns = self._range.start_utc_ns
        waiting: list[pa.Table] = [carried] if carried is not None else []
        values = 0
        width = len(self._recipe.base_fields) + 1
        async with aclosing(self._source.stream(self._query(self._base_range))) as batches:
            async for batch in batches:
                waiting.append(pa.Table.from_batches([batch]))
                values += batch.num_rows * width
                if values >= _BLOCK:
                    values = 0
                    table = _joined(waiting)
                    until_ns = min(self._final_until(table), self._range.end_utc_ns)
                    if until_ns > done_ns:
                        found, kept = await self._work(table, done_ns, until_ns)
                        done_ns, waiting = until_ns, [kept]
                        if found.num_rows:
                            yield found
        if waiting:
            found, _ = await self._work(_joined(waiting), done_ns, self._range.end_utc_ns)
            if found.num_rows:
                yield found

    @property
    def _base_range(self) -> TimeRange:
        reached = self._shift.around(self._range)
        before_ns = self._recipe.reach.before_ns
        return clamped(
            reached.start_utc_ns - before_ns - self._margin_ns, reached.end_utc_ns + self._margin_ns
        )

    def _query(self, time_range: TimeRange, *, last: int | None = None) -> SampleQuery:
        recipe = self._recipe
        return SampleQuery(
            topic=recipe.topic.base,
            fields=recipe.base_fields,
            time_range=time_range,
            where=self._where,
            limit=last,
            descending=last is not None,
        )

    async def _rows_before(self) -> pa.Table | None:
        """Give the rows before those of the range that formulas look back to."""
        number = self._recipe.reach.rows_before
        if not number:
            return None
        start_utc_ns = self._base_range.start_utc_ns
        row = await self._source.latest(
            self._recipe.topic.base, self._recipe.base_fields, start_utc_ns, where=self._where
        )
        if not row.num_rows:
            return None
        if number == 1 and self._recipe.packing is None and len(self._recipe.base_fields) > 1:
            earliest_ns = await self._earliest_before(int(times(row)[0]), start_utc_ns)
            return await self._source.samples(self._query(clamped(earliest_ns, start_utc_ns)))
        span_ns = 10**9
        while number > 1:
            # Further and further back: nobody knows how often the rows come.
            last_utc_ns = int(times(row)[0])
            rows = await self._source.samples(
                self._query(clamped(last_utc_ns - span_ns, start_utc_ns), last=number)
            )
            if rows.num_rows >= number or span_ns > 86_400 * 10**9:
                return rows
            span_ns *= 60
        return row

    async def _earliest_before(self, latest_utc_ns: int, start_utc_ns: int) -> int:
        """Give the time from which on each formula has a row of its own, unless that is long before."""
        found = latest_utc_ns
        for fields in (fields for _, fields in self._recipe.backward if fields):
            row = await self._source.latest(self._recipe.topic.base, fields, start_utc_ns, where=self._where)
            if row.num_rows and latest_utc_ns - int(times(row)[0]) <= _LOOK_BACK_NS:
                found = min(found, int(times(row)[0]))
        return found

    def _final_until(self, table: pa.Table) -> int:
        """Give the time before which no later row of the base topic can change or add anything."""
        last_utc_ns = int(times(table)[-1])
        return last_utc_ns + self._shift.low_ns - self._margin_ns

    async def _work(self, table: pa.Table, from_utc_ns: int, until_utc_ns: int) -> tuple[pa.Table, pa.Table]:
        """Give the rows within a part of the range, and the base rows that later parts need."""
        placed = await run_in_worker(self._placed, table)
        foreign = {name: await held.at(placed.times_utc_ns) for name, held in self._foreign.items()}
        found = await run_in_worker(derive, placed, self._recipe, foreign)
        part = await run_in_worker(_part, found, from_utc_ns, until_utc_ns)
        return part, await run_in_worker(self._kept, table, until_utc_ns)

    def _placed(self, table: pa.Table) -> Placed:
        found = place(table, self._recipe)
        shift_ns = found.times_utc_ns - found.index_utc_ns
        near = (shift_ns >= self._shift.low_ns) & (shift_ns <= self._shift.high_ns)
        if near.all():
            return found
        # Stamps that far from the others would be seen in some views and not in others.
        mask = pa.array(near)
        columns = {name: pc.filter(values, mask) for name, values in found.columns.items()}
        return Placed(found.times_utc_ns[near], found.index_utc_ns[near], columns)

    def _kept(self, table: pa.Table, until_utc_ns: int) -> pa.Table:
        reach = self._recipe.reach
        needed_from_ns = until_utc_ns - self._shift.high_ns - reach.before_ns - 2 * self._margin_ns
        end = int(np.searchsorted(times(table), needed_from_ns))
        first = end - reach.rows_before
        if self._recipe.packing is None:
            for number, fields in self._recipe.backward:
                present = np.zeros(end, np.bool_)
                for name in fields:
                    present |= pc.is_valid(table.column(name)).to_numpy(zero_copy_only=False)[:end]
                first = min([first, *np.flatnonzero(present)[-number:][:1].tolist()])
        return table.slice(max(0, first))


def _joined(tables: list[pa.Table]) -> pa.Table:
    # A column without a value in one of them may come as another type.
    return pa.concat_tables(tables, promote_options="permissive").combine_chunks()


def _part(table: pa.Table, from_utc_ns: int, until_utc_ns: int) -> pa.Table:
    """Cut a table to a range; rows without any value are left out."""
    first, last = np.searchsorted(times(table), [from_utc_ns, until_utc_ns])
    part = table.slice(first, last - first)
    present = np.zeros(part.num_rows, np.bool_)
    for name in part.column_names[1:]:
        present |= pc.is_valid(part.column(name)).to_numpy(zero_copy_only=False)
    return part if present.all() else part.filter(pa.array(present))
