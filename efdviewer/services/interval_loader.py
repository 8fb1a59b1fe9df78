"""Loads the events of two topics and pairs them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from efdviewer.domain.errors import LimitError
from efdviewer.domain.intervals import Intervals, common_fields, intervals_between, matching_fields
from efdviewer.domain.query import DataSource, SampleQuery
from efdviewer.domain.session import IntervalPair
from efdviewer.domain.timerange import TimeRange, clamped
from efdviewer.domain.topics import FieldSchema, TopicKind, TopicName
from efdviewer.services.series_loader import FieldCatalog

MOST_EVENTS = 200_000
"""So many events of one topic are paired at most."""
_MARGINS_NS = (3600 * 10**9, 60 * 10**9, 0)
"""How far beyond the view is looked for the other halves; less where there are too many events."""
_GRACE_NS = 120 * 10**9
"""Rows may be held up so long on their way into the database."""
_ACKNOWLEDGEMENTS = ("ack", "cmdtype")
_COUNTED = "private_seqNum"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedIntervals:
    """The intervals of a pair, found among the events of `searched`.

    `by` are the fields that they were matched by, `common` those that could be chosen. `asked_utc_ns` is
    when the source was asked; once `is_stale`, it is to be asked again.
    """

    pair: IntervalPair
    found: Intervals
    searched: TimeRange
    by: tuple[str, ...]
    common: tuple[str, ...]
    asked_utc_ns: int
    margin_ns: int
    is_stale: bool = False

    @property
    def looked(self) -> TimeRange:
        """The stretch of which the source has told: what was searched, up to when it was asked."""
        return self.searched.until(max(self.asked_utc_ns, self.searched.start_utc_ns + 1))

    def holds(self, time_range: TimeRange) -> bool:
        """Tell whether a view needs no more than this: half of the margin is around it, and all is past."""
        is_final = self.searched.end_utc_ns <= self.asked_utc_ns - _GRACE_NS
        return is_final and not self.is_stale and self.searched.holds(time_range.padded(self.margin_ns // 2))


async def load_intervals(
    source: DataSource,
    catalog: FieldCatalog,
    pair: IntervalPair,
    time_range: TimeRange,
    in_worker: Callable[..., Awaitable[Any]],
) -> LoadedIntervals:
    """Load the intervals that touch a range.

    Raises
    ------
    EfdViewerError
        If the source does not answer completely, lacks a topic, or there are too many events.
    """
    starts, ends = await catalog.fields(pair.start), await catalog.fields(pair.end)
    common = common_fields(starts, ends)
    by = matching_fields(pair.start, pair.end, common) if pair.by is None else pair.by
    asked_utc_ns = time.time_ns()
    for margin_ns in _MARGINS_NS:
        searched = clamped(time_range.start_utc_ns - margin_ns, time_range.end_utc_ns + margin_ns)
        tables = await asyncio.gather(
            _events(source, pair.start, starts, by, searched), _events(source, pair.end, ends, by, searched)
        )
        if all(table.num_rows <= MOST_EVENTS for table in tables):
            found = await in_worker(intervals_between, *tables, by)
            return LoadedIntervals(
                pair=pair,
                found=found,
                searched=searched,
                by=by,
                common=tuple(common),
                asked_utc_ns=asked_utc_ns,
                margin_ns=margin_ns,
            )
    raise LimitError(
        f"More than {MOST_EVENTS:,} events of one topic are in view.", hint="Zoom in to pair them."
    )


async def _events(
    source: DataSource, topic: str, schemas: Sequence[FieldSchema], by: Sequence[str], time_range: TimeRange
) -> pa.Table:
    """Load `time` and the fields that events are matched by, of every message."""
    names = [schema.name for schema in schemas]
    fields = list(by)
    if TopicName.parse(topic).kind is TopicKind.ACKNOWLEDGEMENT:
        fields += [name for name in _ACKNOWLEDGEMENTS if name in names]
    # A row without any of the fields would be left out. The number is in all messages; where it is not
    # recorded, another field stands in for it.
    if _COUNTED not in fields:
        fields += [_COUNTED] if _COUNTED in names else [name for name in names if name not in fields][:1]
    fields = list(dict.fromkeys(fields))
    query = SampleQuery(topic=topic, fields=tuple(fields), time_range=time_range, limit=MOST_EVENTS + 1)
    async with aclosing(source.stream(query)) as batches:
        found = [batch async for batch in batches]
    if found:
        return pa.Table.from_batches(found)
    return pa.table({"time": pa.array([], pa.int64())} | {name: pa.array([], pa.null()) for name in fields})
