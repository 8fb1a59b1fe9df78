"""Loads the rows of events with what they say, and puts those of several topics into one order."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from efdviewer.domain.coverage import Coverage
from efdviewer.domain.events import placed_rows, stamps_of
from efdviewer.domain.query import DataSource, SampleQuery
from efdviewer.domain.samples import continued, times
from efdviewer.domain.timerange import TimeRange, clamped
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import FieldSchema, TopicName, is_private
from efdviewer.services.event_digest import digests
from efdviewer.services.event_loader import Placement
from efdviewer.services.known_events import MARGIN_NS
from efdviewer.services.series_loader import FieldCatalog
from efdviewer.services.stamp_loader import check_stamps

MOST_ROWS = 200_000
"""So many events of one topic are listed at most."""
_MOST_FIELDS = 40
_COUNTED = "private_seqNum"


Loaded = tuple[pa.Table, Placement, str]
"""Rows as they came, and the placement and the key of their overlay."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EventRows:
    """Events of one overlay in a range, at their stamps.

    `times_utc_ns` : (n,) int64, ascending, ns UTC; `rows` : n rows with `time` and the fields, in the same
    order; `texts` : (n,) string, what each says. `absent` counts the rows that have no such stamp. `is_cut`
    tells that there are more.
    """

    key: str
    topic: str
    times_utc_ns: NDArray[np.int64]
    rows: pa.Table
    texts: pa.Array
    absent: int = 0
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EventList:
    """Events of several overlays, ascending in time.

    `times_utc_ns` : (n,) int64 ns UTC; `source` : (n,) int64, which of `parts` each is of; `place` : (n,)
    int64, where in it; `texts` : (n,) string; `searched` : (n,) string in lower case, with the topic's name.
    """

    parts: tuple[EventRows, ...]
    times_utc_ns: NDArray[np.int64]
    source: NDArray[np.int64]
    place: NDArray[np.int64]
    texts: pa.Array
    searched: pa.Array

    def topic_of(self, place: int) -> str:
        """Give the topic of an event."""
        return self.parts[int(self.source[place])].topic

    def row(self, place: int) -> tuple[str, pa.Table]:
        """Give the topic of an event, and its row."""
        part = self.parts[int(self.source[place])]
        return part.topic, part.rows.slice(int(self.place[place]), 1)

    def places_of(self, key: str, utc_ns: int) -> NDArray[np.int64]:
        """Find the events of an overlay that share a stamp, (m,) int64, ascending."""
        first, last = np.searchsorted(self.times_utc_ns, [utc_ns, utc_ns + 1])
        keys = np.array([part.key == key for part in self.parts], np.bool_)
        return np.asarray(first + np.flatnonzero(keys[self.source[first:last]]), np.int64)


def listed_fields(schemas: Sequence[FieldSchema]) -> tuple[str, ...]:
    """Choose what is loaded of each event: its stamps, the number of the message, and its own fields."""
    names = [schema.name for schema in schemas]
    own = [name for name in names if not is_private(name)][:_MOST_FIELDS]
    stamps = [stamp for stamp in stamps_of(schemas) if stamp != "time" and stamp not in own]
    counted = [_COUNTED] if _COUNTED in names else []
    return tuple(dict.fromkeys([*own, *stamps, *counted]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldRows:
    """Rows of a range that were loaded before, from which a later range goes on."""

    placement: Placement
    covered: Coverage
    table: pa.Table


async def load_event_rows(
    source: DataSource,
    catalog: FieldCatalog,
    key: str,
    placement: Placement,
    time_range: TimeRange,
    *,
    limit: int = MOST_ROWS,
    held: HeldRows | None = None,
) -> Loaded:
    """Load the rows whose stamp may lie in a range, one more than the limit where there are more.

    Where a range goes on from what is held, its open end alone is asked for. `arranged` makes the events of
    the rows.

    Raises
    ------
    EfdViewerError
        If the source does not answer completely, or the topic lacks the stamp.
    """
    topic, stamp, scale = placement
    schemas = await catalog.fields(topic)
    check_stamps(topic, (stamp,), schemas)
    margin_ns = MARGIN_NS if stamp != "time" or scale is Timescale.TAI else 0
    searched = clamped(time_range.start_utc_ns - margin_ns, time_range.end_utc_ns + margin_ns)
    is_same = held is not None and held.placement == placement and held.table.num_rows <= limit
    open_ns = held.covered.open_from(time_range, margin_ns=margin_ns) if held and is_same else None
    missing = searched if open_ns is None else searched.since(open_ns)
    query = SampleQuery(topic=topic, fields=listed_fields(schemas), time_range=missing, limit=limit + 1)
    async with aclosing(source.stream(query)) as batches:
        found = [batch async for batch in batches]
    table = pa.Table.from_batches(found) if found else pa.table({"time": pa.array([], pa.int64())})
    if held is not None and open_ns is not None:
        table = continued(held.table, table, searched.start_utc_ns, open_ns)
    return table, placement, key


def held_rows(loaded: Loaded, time_range: TimeRange, asked_utc_ns: int) -> HeldRows:
    """Hold what was loaded of a range when the clock stood at a moment."""
    table, placement, _ = loaded
    newest_utc_ns = int(times(table)[-1]) if table.num_rows else time_range.start_utc_ns
    covered = Coverage(time_range=time_range, asked_utc_ns=asked_utc_ns, newest_utc_ns=newest_utc_ns)
    return HeldRows(placement=placement, covered=covered, table=table)


def arranged(loaded: Sequence[Loaded], time_range: TimeRange) -> EventList:
    """Place the events of each overlay, keep those in a range, and put all into one order."""
    parts = tuple(_rows_of(table, placement, key, time_range) for table, placement, key in loaded)
    if not parts:
        return no_events()
    times_utc_ns = np.concatenate([part.times_utc_ns for part in parts])
    counts = [len(part.times_utc_ns) for part in parts]
    source = np.repeat(np.arange(len(parts)), counts)
    place = np.concatenate([np.arange(count) for count in counts])
    order = np.argsort(times_utc_ns, kind="stable")
    texts = pa.concat_arrays([part.texts for part in parts])
    titles = pa.array([TopicName.parse(part.topic).title for part in parts])
    named = pc.binary_join_element_wise(pc.take(titles, pa.array(source)), texts, " ")
    taken = pa.array(order)
    return EventList(
        parts=parts,
        times_utc_ns=times_utc_ns[order],
        source=source[order],
        place=place[order],
        texts=pc.take(texts, taken),
        searched=pc.take(pc.utf8_lower(named), taken),
    )


def no_events() -> EventList:
    """Give a list without events."""
    none, texts = np.empty(0, np.int64), pa.array([], pa.string())
    return EventList(parts=(), times_utc_ns=none, source=none, place=none, texts=texts, searched=texts)


def matching(events: EventList, words: Sequence[str]) -> NDArray[np.int64]:
    """Give the places of the events in whose topic or text all words are found, (m,) int64, ascending."""
    found = np.ones(len(events.times_utc_ns), np.bool_)
    for word in words:
        found &= pc.match_substring(events.searched, word.lower()).to_numpy(zero_copy_only=False)
    return np.flatnonzero(found)


def sorted_places(
    events: EventList, places: NDArray[np.int64], by: str, *, descending: bool
) -> NDArray[np.int64]:
    """Put places into the order of `time`, `event` or `text`; equal ones stay in the order of time."""
    if by == "time":
        return places[::-1] if descending else places
    if by == "event":
        titles = [TopicName.parse(part.topic).title for part in events.parts]
        ranks = np.unique(np.array(titles), return_inverse=True)[1]
        keys = ranks[events.source[places]]
    else:
        texts = pc.take(events.texts, pa.array(places))
        order = pc.sort_indices(texts, sort_keys=[("", "descending" if descending else "ascending")])
        return places[np.asarray(order.to_numpy(), np.int64)]
    return places[np.argsort(-keys if descending else keys, kind="stable")]


def exported_rows(events: EventList, places: NDArray[np.int64]) -> pa.Table:
    """Give events as one table: `time` of the stamp that they stand at, `topic`, `text`, then all fields."""
    order = np.sort(places)
    pieces, positions = [], []
    for number, part in enumerate(events.parts):
        mine = np.flatnonzero(events.source[order] == number)
        if not len(mine):
            continue
        rows = part.rows.take(pa.array(events.place[order[mine]])).rename_columns(
            ["index_time_ns" if name == "time" else name for name in part.rows.column_names]
        )
        rows = rows.add_column(0, "topic", pa.array([part.topic] * len(mine)))
        pieces.append(rows)
        positions.append(mine)
    if not pieces:
        return pa.table({"time": pa.array([], pa.timestamp("ns", tz="UTC"))})
    whole = pa.concat_tables(pieces, promote_options="permissive")
    whole = whole.take(pa.array(np.argsort(np.concatenate(positions), kind="stable")))
    moments = pa.array(events.times_utc_ns[order]).cast(pa.timestamp("ns", tz="UTC"))
    return whole.add_column(0, "time", moments).combine_chunks()


def _rows_of(table: pa.Table, placement: Placement, key: str, time_range: TimeRange) -> EventRows:
    topic, stamp, scale = placement
    is_cut = table.num_rows > MOST_ROWS
    table = table.slice(0, MOST_ROWS)
    if not table.num_rows:
        empty = np.empty(0, np.int64)
        return EventRows(
            key=key, topic=topic, times_utc_ns=empty, rows=table, texts=pa.array([], pa.string())
        )
    moments, order = placed_rows(table, stamp=stamp, scale=scale)
    first, last = np.searchsorted(moments, [time_range.start_utc_ns, time_range.end_utc_ns])
    rows = table.take(pa.array(order[first:last])).combine_chunks()
    index = times(table)
    is_absent = (index >= time_range.start_utc_ns) & (index < time_range.end_utc_ns)
    is_absent[order] = False
    return EventRows(
        key=key,
        topic=topic,
        times_utc_ns=moments[first:last],
        rows=rows,
        texts=digests(topic, rows),
        absent=int(is_absent.sum()),
        is_cut=is_cut,
    )
