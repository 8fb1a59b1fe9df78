"""`TaiIndexedSource`: a source whose index was written in TAI, answered in UTC."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from efdviewer.domain.query import (
    MOST_DISTINCT,
    DataSource,
    Equals,
    SampleQuery,
    SummaryQuery,
    too_many_values,
)
from efdviewer.domain.samples import times
from efdviewer.domain.tai_index import IndexPiece, TaiIndex
from efdviewer.domain.timerange import EARLIEST_NS, LATEST_NS, TimeRange
from efdviewer.sources.streamed_summary import samples_of, summarised
from efdviewer.sources.wrapped import WrappedSource

_BEFORE_ALL = TimeRange(start_utc_ns=EARLIEST_NS, end_utc_ns=EARLIEST_NS + 1)


class TaiIndexedSource(WrappedSource):
    """Asks by the index as it is stored, and gives times in UTC."""

    def __init__(self, source: DataSource, index: TaiIndex) -> None:
        super().__init__(source)
        self._index = index

    @property
    def origin(self) -> str:
        """The origin, and how its index is read: what was kept of it by another reading is not the same."""
        return f"{self.source.origin} {self._index.title}"

    async def distinct(
        self, topic: str, field: str, time_range: TimeRange, *, where: tuple[Equals, ...] = ()
    ) -> list[int | float | bool | str]:
        """List the values that a field has in a range, sorted."""
        found: set[int | float | bool | str] = set()
        for piece in self._index.pieces(time_range):
            found.update(await self.source.distinct(topic, field, piece.stored, where=where))
        if len(found) > MOST_DISTINCT:
            raise too_many_values(topic, field)
        return sorted(found)

    async def samples(self, query: SampleQuery) -> pa.Table:
        """Load samples."""
        tables, left = [], query.limit
        for piece in self._pieces(query):
            part = await self.source.samples(replace(query, time_range=piece.stored, limit=left))
            tables.append(_in_utc(part, piece))
            left = None if left is None else left - part.num_rows
        if not tables:
            return await self.source.samples(replace(query, limit=0))
        return pa.concat_tables(tables[::-1] if query.descending else tables)

    async def stream(self, query: SampleQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Load samples batch by batch."""
        left = query.limit
        for piece in self._pieces(query):
            part = replace(query, time_range=piece.stored, limit=left)
            async with aclosing(self.source.stream(part)) as batches:
                async for batch in batches:
                    yield _in_utc(pa.Table.from_batches([batch]), piece).to_batches()[0]
                    left = None if left is None else left - batch.num_rows

    async def latest(
        self, topic: str, fields: tuple[str, ...], before_utc_ns: int, *, where: tuple[Equals, ...] = ()
    ) -> pa.Table:
        """Load the last row before a time in which one of the fields has a value."""
        whole = TimeRange(
            start_utc_ns=EARLIEST_NS, end_utc_ns=max(EARLIEST_NS + 1, min(before_utc_ns, LATEST_NS))
        )
        row: pa.Table | None = None
        for piece in reversed(self._index.pieces(whole)):
            if row is None or int(times(row)[0]) >= piece.stored.end_utc_ns:
                row = await self.source.latest(topic, fields, piece.stored.end_utc_ns, where=where)
            if not row.num_rows:
                return row
            if int(times(row)[0]) >= piece.stored.start_utc_ns:
                return _in_utc(row, piece)
        return await self.source.latest(topic, fields, EARLIEST_NS, where=where)

    async def count(self, query: SampleQuery) -> int:
        """Count the rows that `samples` would give."""
        pieces = self._pieces(query)
        counts = [await self.source.count(replace(query, time_range=piece.stored)) for piece in pieces]
        return sum(counts) if query.limit is None else min(query.limit, sum(counts))

    async def counts(self, topics: Sequence[str], time_range: TimeRange) -> dict[str, int]:
        """Count the messages of many topics in a range."""
        found: dict[str, int] = {}
        for piece in self._index.pieces(time_range):
            for topic, count in (await self.source.counts(topics, piece.stored)).items():
                found[topic] = found.get(topic, 0) + count
        return found

    async def summary(self, query: SummaryQuery) -> pa.Table:
        """Load aggregates, in buckets of UTC."""
        async with aclosing(self.stream_summary(query)) as batches:
            found = [batch async for batch in batches]
        if found:
            return pa.Table.from_batches(found)
        # Before 1972 there is nothing: an answer of the right columns, and no rows.
        return await self.source.summary(replace(query, time_range=_BEFORE_ALL))

    async def stream_summary(self, query: SummaryQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Load aggregates as they are worked out; of a bucket in which the index changes, of its samples."""
        time_range, at_ns = query.time_range, query.time_range.start_utc_ns
        for mixed in self._mixed(query):
            if at_ns < mixed.start_utc_ns:
                before = TimeRange(start_utc_ns=at_ns, end_utc_ns=mixed.start_utc_ns)
                async for batch in self._plain(replace(query, time_range=before)):
                    yield batch
            async for batch in self._from_samples(replace(query, time_range=mixed)):
                yield batch
            at_ns = mixed.end_utc_ns
        if at_ns < time_range.end_utc_ns:
            async for batch in self._plain(replace(query, time_range=time_range.since(at_ns))):
                yield batch

    async def default_range(self) -> TimeRange | None:
        """Range that a new window should show."""
        found = await self.source.default_range()
        return None if found is None else self._index.in_utc(found)

    def _pieces(self, query: SampleQuery) -> list[IndexPiece]:
        found = self._index.pieces(query.time_range)
        return found[::-1] if query.descending else found

    def _mixed(self, query: SummaryQuery) -> list[TimeRange]:
        """Give the buckets within which, or at whose end, the index's lead over UTC changes."""
        pieces = self._index.pieces(query.time_range)
        cuts = {piece.time_range.end_utc_ns for piece in pieces[:-1]}
        cuts |= {piece.time_range.start_utc_ns for piece in pieces[1:]}
        lasts = {piece.time_range.end_utc_ns - 1 for piece in pieces if piece.inserted_ns}
        inside = {cut for cut in cuts if cut % query.bucket_ns} | lasts
        starts = sorted({cut - cut % query.bucket_ns for cut in inside})
        buckets = [TimeRange(start_utc_ns=start, end_utc_ns=start + query.bucket_ns) for start in starts]
        return [part for bucket in buckets if (part := bucket.overlap(query.time_range)) is not None]

    async def _plain(self, query: SummaryQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        for piece in self._index.pieces(query.time_range):
            offset_ns = piece.ahead_ns % query.bucket_ns
            part = replace(query, time_range=piece.stored, offset_ns=offset_ns)
            async with aclosing(self.source.stream_summary(part)) as batches:
                async for batch in batches:
                    yield _in_utc(pa.Table.from_batches([batch]), piece).to_batches()[0]

    async def _from_samples(self, query: SummaryQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        kinds = {schema.name: schema.type for schema in await self.source.fields(query.topic)}
        query.check_types(kinds)
        known = tuple(name for name in dict.fromkeys(query.fields) if name in kinds)
        if known:
            samples = self.stream(samples_of(query, known))
            async with aclosing(summarised(samples, known, query, kinds)) as batches:
                async for batch in batches:
                    yield batch


def _in_utc(table: pa.Table, piece: IndexPiece) -> pa.Table:
    """Give rows their times in UTC."""
    moments = pc.subtract(table.column("time"), pa.scalar(piece.ahead_ns, pa.int64()))
    if piece.inserted_ns:
        moments = pc.min_element_wise(moments, pa.scalar(piece.time_range.end_utc_ns - 1, pa.int64()))
    return table.set_column(0, table.schema.field(0), moments)
