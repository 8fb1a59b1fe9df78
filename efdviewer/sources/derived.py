"""`DerivedSource`: topics by another clock, unpacked, and with formulas as fields."""

import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pyarrow as pa

from efdviewer.domain.derived import DerivedTopic, schema_of
from efdviewer.domain.derived_rows import Recipe
from efdviewer.domain.leap_seconds import DAY_NS
from efdviewer.domain.query import DataSource, Equals, SampleQuery, SummaryQuery
from efdviewer.domain.samples import times
from efdviewer.domain.timerange import EARLIEST_NS, LATEST_NS, TimeRange, clamped
from efdviewer.domain.topics import FieldSchema, FieldType
from efdviewer.sources.derivation import Derivation, Question
from efdviewer.sources.recipes import Completion, recipe_of
from efdviewer.sources.reply import ARROW_TYPES
from efdviewer.sources.stamp_shift import Shift, measure
from efdviewer.sources.streamed_summary import samples_of, summarised, summary_schema
from efdviewer.sources.wrapped import WrappedSource

_FIRST_LOOK_NS = 60 * 10**9
_FURTHEST_NS = DAY_NS
"""No stamp of a message is further from its index."""
_MOST_EMPTY = 3
"""After so many looks in vain, each eight times as far, a formula has no last value."""

_Rows = tuple[DerivedTopic, tuple[Equals, ...]]


class DerivedSource(WrappedSource):
    """Works rows of derived topics out from those of the source behind it, which answers for all others."""

    def __init__(self, source: DataSource) -> None:
        super().__init__(source)
        self._schemas: dict[str, list[FieldSchema]] = {}
        self._completion = Completion()
        self._shifts: dict[_Rows, Shift] = {}
        self._measured: set[tuple[_Rows, int]] = set()

    async def fields(self, topic: str) -> list[FieldSchema]:
        """List the fields of a topic; of a derived one those that need no formula."""
        derived = self._derived(topic)
        if derived is None:
            return await self.source.fields(topic)
        self._completion.forget()
        self._schemas[derived.base] = await self.source.fields(derived.base)
        return derived.schemas(self._schemas[derived.base])

    async def tags(self, topic: str) -> list[str]:
        """List the tags of a topic."""
        derived = self._derived(topic)
        return await self.source.tags(derived.base if derived else topic)

    async def distinct(
        self, topic: str, field: str, time_range: TimeRange, *, where: tuple[Equals, ...] = ()
    ) -> list[int | float | bool | str]:
        """List the values that a field has in a range, by the index of its messages."""
        derived = self._derived(topic)
        return await self.source.distinct(derived.base if derived else topic, field, time_range, where=where)

    async def samples(self, query: SampleQuery) -> pa.Table:
        """Load samples."""
        derived = self._derived(query.topic)
        if derived is None:
            return await self.source.samples(query)
        if query.descending:
            return await self._last(derived, query)
        schema = await self._schema(derived, query.fields)
        async with aclosing(self._stream(derived, query)) as batches:
            return pa.Table.from_batches([batch async for batch in batches], schema)

    def stream(self, query: SampleQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Load samples batch by batch."""
        derived = self._derived(query.topic)
        return self.source.stream(query) if derived is None else self._stream(derived, query)

    async def latest(
        self, topic: str, fields: tuple[str, ...], before_utc_ns: int, *, where: tuple[Equals, ...] = ()
    ) -> pa.Table:
        """Load the last row before a time in which one of the fields has a value."""
        derived = self._derived(topic)
        if derived is None:
            return await self.source.latest(topic, fields, before_utc_ns, where=where)
        time_range = TimeRange(start_utc_ns=EARLIEST_NS, end_utc_ns=min(before_utc_ns, LATEST_NS))
        query = SampleQuery(
            topic=topic, fields=fields, time_range=time_range, where=where, limit=1, descending=True
        )
        return await self._last(derived, query)

    async def count(self, query: SampleQuery) -> int:
        """Count the rows that `samples` would give."""
        derived = self._derived(query.topic)
        if derived is None:
            return await self.source.count(query)
        async with aclosing(self._stream(derived, query)) as batches:
            return sum([batch.num_rows async for batch in batches])

    async def summary(self, query: SummaryQuery) -> pa.Table:
        """Load aggregates."""
        derived = self._derived(query.topic)
        if derived is None:
            return await self.source.summary(query)
        schema = summary_schema(query, await self._types(derived, query.fields))
        async with aclosing(self._stream_summary(derived, query)) as batches:
            return pa.Table.from_batches([batch async for batch in batches], schema)

    def stream_summary(self, query: SummaryQuery) -> AsyncGenerator[pa.RecordBatch, None]:
        """Load aggregates of every sample, ascending, as they are worked out."""
        derived = self._derived(query.topic)
        return self.source.stream_summary(query) if derived is None else self._stream_summary(derived, query)

    def _derived(self, topic: str) -> DerivedTopic | None:
        """Tell what a topic is derived from; None where the source has it itself."""
        derived = DerivedTopic.parse(topic)
        return None if derived is None or topic in self.source.known_fields() else derived

    async def _base(self, derived: DerivedTopic) -> list[FieldSchema]:
        if derived.base not in self._schemas:
            self._schemas[derived.base] = await self.source.fields(derived.base)
        return self._schemas[derived.base]

    async def _types(self, derived: DerivedTopic, fields: tuple[str, ...]) -> dict[str, FieldType]:
        schemas = derived.schemas(await self._base(derived))
        found = {name: schema_of(str(derived), name, schemas) for name in fields}
        return {name: schema.type if schema else FieldType.FLOAT for name, schema in found.items()}

    async def _schema(self, derived: DerivedTopic, fields: tuple[str, ...]) -> pa.Schema:
        types = await self._types(derived, fields)
        return pa.schema([("time", pa.int64()), *((name, ARROW_TYPES[types[name]]) for name in fields)])

    async def _derivation(
        self, recipe: Recipe, time_range: TimeRange, where: tuple[Equals, ...]
    ) -> Derivation:
        """Prepare a question; how far rows lie from their index is looked up once a day of data."""
        key = recipe.topic, where
        day = time_range.start_utc_ns // DAY_NS
        if (key, day) not in self._measured:
            found = await measure(self.source, recipe, time_range, where)
            self._measured.add((key, day))
            self._shifts[key] = self._shifts[key] | found if key in self._shifts else found
        question = Question(recipe, self._shifts[key], time_range, where)
        return Derivation(self.source, question, self)

    async def _rows(
        self, derived: DerivedTopic, fields: tuple[str, ...], time_range: TimeRange, where: tuple[Equals, ...]
    ) -> AsyncGenerator[pa.Table, None]:
        recipe = recipe_of(derived, tuple(dict.fromkeys(fields)), await self._base(derived))
        recipe = await self._completion.complete(recipe, where, self._derivation)
        schema = await self._schema(derived, fields)
        derivation = await self._derivation(recipe, time_range, where)
        async with aclosing(derivation.rows()) as tables:
            async for table in tables:
                yield table.select(schema.names).cast(schema)

    async def _stream(
        self, derived: DerivedTopic, query: SampleQuery
    ) -> AsyncGenerator[pa.RecordBatch, None]:
        left = query.limit
        if left == 0:
            return
        async with aclosing(self._rows(derived, query.fields, query.time_range, query.where)) as tables:
            async for table in tables:
                for batch in table.combine_chunks().slice(0, left).to_batches():
                    yield batch
                if left is not None:
                    left -= min(left, table.num_rows)
                    if not left:
                        return

    async def _stream_summary(
        self, derived: DerivedTopic, query: SummaryQuery
    ) -> AsyncGenerator[pa.RecordBatch, None]:
        kinds = await self._types(derived, query.fields)
        query.check_types(kinds)
        fields = tuple(dict.fromkeys(query.fields))
        samples = self._stream(derived, samples_of(query, fields))
        async with aclosing(summarised(samples, fields, query, kinds)) as batches:
            async for batch in batches:
                yield batch

    async def _last(self, derived: DerivedTopic, query: SampleQuery) -> pa.Table:
        """Give the last rows of a range, ascending, looking further and further back."""
        schema = await self._schema(derived, query.fields)
        recipe = recipe_of(derived, query.fields, await self._base(derived))
        start_utc_ns, end_utc_ns = query.time_range.start_utc_ns, query.time_range.end_utc_ns
        limit = query.limit if query.limit is not None else sys.maxsize
        found: list[pa.Table] = []
        look_ns, ahead_ns, empty = _FIRST_LOOK_NS, _FURTHEST_NS, 0
        while sum(map(len, found)) < limit and empty < _MOST_EMPTY:
            before_utc_ns = min(end_utc_ns, LATEST_NS - ahead_ns) + ahead_ns
            row = await self.source.latest(derived.base, recipe.base_fields, before_utc_ns, where=query.where)
            if not row.num_rows:
                break
            index_utc_ns = int(times(row)[0])
            near = clamped(index_utc_ns - look_ns, index_utc_ns + 1)
            shift = (await self._derivation(recipe, near, query.where)).question.shift
            ahead_ns = -shift.low_ns
            end_utc_ns = min(end_utc_ns, index_utc_ns + shift.high_ns + 1)
            if end_utc_ns <= start_utc_ns:
                break
            part = TimeRange(start_utc_ns=max(start_utc_ns, end_utc_ns - look_ns), end_utc_ns=end_utc_ns)
            async with aclosing(self._rows(derived, query.fields, part, query.where)) as tables:
                found.insert(0, pa.concat_tables([schema.empty_table(), *[table async for table in tables]]))
            empty = 0 if len(found[0]) else empty + 1
            end_utc_ns, look_ns = part.start_utc_ns, 8 * look_ns
        table = pa.concat_tables([schema.empty_table(), *found])
        return table.slice(max(0, len(table) - limit))
