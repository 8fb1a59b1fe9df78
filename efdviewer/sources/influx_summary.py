"""What a summary asks of InfluxDB, and how its answer becomes the table that was asked for."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from efdviewer.domain.query import SummaryQuery
from efdviewer.domain.topics import FieldType
from efdviewer.sources.reply import ARROW_TYPES, SUMMARY_TYPES


class SummaryPlan:
    """The columns of one summary: those on the wire and those of the result.

    InfluxDB has no mean of booleans; it comes of two counts. It gives null for a count of nothing, and true
    and false for the minimum of booleans.

    Raises
    ------
    BadInputError
        If a field holds texts, and more is asked of it than counts and ends.
    """

    def __init__(self, query: SummaryQuery, types: Mapping[str, FieldType]) -> None:
        self._query = query
        self._types = types
        query.check_types(types)
        known = [name for name in dict.fromkeys(query.fields) if name in types]
        self.booleans_with_mean = [
            name for name in known if types[name] is FieldType.BOOLEAN and "mean" in query.aggregates
        ]
        self.columns = [pair for name in known for pair in self._asked(name)]
        """What to ask for, as (aggregate, field)."""

    @property
    def schema(self) -> pa.Schema:
        """Columns of the result."""
        columns = [
            (f"{name}_{aggregate}", self._result_type(aggregate, name))
            for name in dict.fromkeys(self._query.fields)
            for aggregate in self._query.aggregates
        ]
        return pa.schema([("time", pa.int64()), *columns])

    @property
    def sent_schema(self) -> pa.Schema:
        """Columns on the wire."""
        columns = [
            (f"{name}_{aggregate}", self._sent_type(aggregate, name)) for aggregate, name in self.columns
        ]
        return pa.schema([("time", pa.int64()), *columns])

    @property
    def count_schema(self) -> pa.Schema:
        """Columns of a statement that counts how often a boolean is true."""
        return pa.schema([("time", pa.int64()), ("count", pa.int64())])

    def finished(self, table: pa.Table, trues: Mapping[str, pa.Table]) -> pa.Table:
        """Make the result of the rows that came, and of the counts of true of `booleans_with_mean`."""
        sent = dict(zip(self.columns, table.columns[1:], strict=True))
        arrays = [table.column(0)]
        for name in dict.fromkeys(self._query.fields):
            for aggregate in self._query.aggregates:
                kind = self._result_type(aggregate, name)
                if name in trues and aggregate == "mean":
                    column = _share(table.column(0), sent["count", name], trues[name])
                elif (aggregate, name) in sent:
                    column = _numbers(sent[aggregate, name], kind)
                else:
                    column = pa.nulls(table.num_rows, kind)
                arrays.append(column.fill_null(0) if aggregate == "count" else column)
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def _asked(self, name: str) -> list[tuple[str, str]]:
        aggregates = list(dict.fromkeys(self._query.aggregates))
        if name in self.booleans_with_mean:
            aggregates = [aggregate for aggregate in aggregates if aggregate not in ("mean", "count")]
            aggregates.append("count")
        return [(aggregate, name) for aggregate in aggregates]

    def _result_type(self, aggregate: str, name: str) -> pa.DataType:
        if aggregate == "count":
            return pa.int64()
        if aggregate == "mean":
            return pa.float64()
        return SUMMARY_TYPES[self._types.get(name, FieldType.FLOAT)]

    def _sent_type(self, aggregate: str, name: str) -> pa.DataType:
        if aggregate in ("count", "mean"):
            return self._result_type(aggregate, name)
        return ARROW_TYPES[self._types[name]]


def _numbers(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    return column.cast(kind) if pa.types.is_boolean(column.type) else column


def _share(starts: pa.ChunkedArray, counts: pa.ChunkedArray, trues: pa.Table) -> pa.ChunkedArray:
    """Divide counts of true by counts of all; null where there is none."""
    places = pc.index_in(starts, value_set=trues.column("time").combine_chunks())
    found = pc.fill_null(pc.take(trues.column("count"), places), 0)
    return pc.divide(found.cast(pa.float64()), counts.cast(pa.float64()))
