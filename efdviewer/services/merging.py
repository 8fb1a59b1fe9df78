"""Rows of several streams, merged in time and in bounded memory."""

from collections.abc import AsyncGenerator, Mapping, Sequence

import numpy as np
import pyarrow as pa


class RowStream:
    """Rows of one stream that were read and not yet merged."""

    def __init__(
        self,
        batches: AsyncGenerator[pa.RecordBatch, None],
        names: Sequence[str],
        constants: Mapping[str, int | float | bool | str] | None = None,
    ) -> None:
        """Name the columns of the batches, and add some that hold the same value in each row."""
        self._batches = batches
        self._names = list(names)
        self._constants = {
            name: value for name, value in (constants or {}).items() if name not in self._names
        }
        self._waiting: pa.Table | None = None

    async def fill(self) -> bool:
        """Have rows waiting; False at the end of the stream."""
        while self._waiting is None or not self._waiting.num_rows:
            batch = await anext(self._batches, None)
            if batch is None:
                return False
            table = pa.Table.from_batches([batch]).rename_columns(self._names)
            for name, value in self._constants.items():
                table = table.append_column(name, pa.repeat(value, table.num_rows))
            self._waiting = table
        return True

    async def close(self) -> None:
        """End the query."""
        await self._batches.aclose()

    @property
    def last_ns(self) -> int:
        """Time of the last waiting row, ns UTC."""
        assert self._waiting is not None
        return int(self._waiting.column("time")[-1].cast(pa.int64()).as_py())

    def take(self, upto_ns: int) -> pa.Table:
        """Remove and give the rows up to a time."""
        assert self._waiting is not None
        moments = np.asarray(self._waiting.column("time").cast(pa.int64()).to_numpy())
        count = int(np.searchsorted(moments, upto_ns, side="right"))
        taken, self._waiting = self._waiting.slice(0, count), self._waiting.slice(count)
        return taken


async def merged(streams: Sequence[RowStream], schema: pa.Schema) -> AsyncGenerator[pa.Table, None]:
    """Give the rows of all streams in the columns of a schema, ascending in time; null where one has none."""
    open_streams = list(streams)
    try:
        while open_streams := [stream for stream in open_streams if await stream.fill()]:
            horizon_ns = min(stream.last_ns for stream in open_streams)
            parts = [stream.take(horizon_ns) for stream in open_streams]
            table = pa.concat_tables(parts, promote_options="default")
            if len(parts) > 1:
                table = table.sort_by("time")
            yield _shaped(table, schema)
    finally:
        for stream in streams:
            await stream.close()


def _shaped(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        table.column(part.name).cast(part.type)
        if part.name in table.column_names
        else pa.nulls(table.num_rows, part.type)
        for part in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)
