"""Summaries of sources that have none of their own: made of all samples as they stream by."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import pyarrow as pa
import pyarrow.compute as pc

from efdviewer.domain.buckets import StreamedReduction
from efdviewer.domain.query import SampleQuery, SummaryQuery
from efdviewer.domain.topics import FieldType
from efdviewer.sources.reply import SUMMARY_TYPES
from efdviewer.sources.workers import run_in_worker


def samples_of(query: SummaryQuery, fields: tuple[str, ...]) -> SampleQuery:
    """Ask for the samples that some fields of a summary are made of."""
    return SampleQuery(topic=query.topic, fields=fields, time_range=query.time_range, where=query.where)


def summary_schema(query: SummaryQuery, kinds: Mapping[str, FieldType]) -> pa.Schema:
    """Give the columns of a summary; a field of unknown kind counts as a number."""
    columns = {"time": pa.int64()}
    for name in query.fields:
        own = SUMMARY_TYPES[kinds.get(name, FieldType.FLOAT)]
        for aggregate in query.aggregates:
            columns[f"{name}_{aggregate}"] = {"count": pa.int64(), "mean": pa.float64()}.get(aggregate, own)
    return pa.schema(list(columns.items()))


async def summarised(
    samples: AsyncGenerator[pa.RecordBatch, None],
    fields: tuple[str, ...],
    query: SummaryQuery,
    kinds: Mapping[str, FieldType],
) -> AsyncGenerator[pa.RecordBatch, None]:
    """Aggregate samples of some fields; buckets that no further row can fall into are given at once.

    Fields of the query that are not among those have no extremes, and are counted 0 times.
    """
    reduction = StreamedReduction(fields, query.bucket_ns, query.offset_ns)
    schema = summary_schema(query, kinds)
    async with aclosing(samples) as batches:
        async for batch in batches:
            complete = await run_in_worker(reduction.add, batch, query.aggregates)
            if complete is not None:
                for part in _in_columns(complete, schema).to_batches():
                    yield part
    for part in _in_columns(reduction.rest(query.aggregates), schema).to_batches():
        yield part


def _in_columns(table: pa.Table, schema: pa.Schema) -> pa.Table:
    absent = {part.name: 0 if part.name.endswith("_count") else None for part in schema}
    arrays = [
        pc.cast(table.column(part.name), part.type)
        if part.name in table.column_names
        else pa.repeat(pa.scalar(absent[part.name], part.type), table.num_rows)
        for part in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
