"""Rows of a derived topic, worked out from rows of the topic that it is derived from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.derived import DerivedTopic
from efdviewer.domain.events import is_stamp, placed_rows, stamp_s, stamp_scale
from efdviewer.domain.formulas import Formula, Known
from efdviewer.domain.functions import Reach, Values
from efdviewer.domain.packed import Packing, spacings_ns, unpacked_times
from efdviewer.domain.samples import column_as_float, times
from efdviewer.domain.timescale import Timescale, ns_from_s, utc_ns_from_tai_ns


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recipe:
    """How the rows of a derived topic are made.

    `formulas` : by the name of the field, in the order of the columns that are wanted.
    `packing` : how samples are packed; None where rows are rows.
    `known` : the lines and scales that the formulas need.
    `foreign` : fields of other topics that the formulas read.
    """

    topic: DerivedTopic
    formulas: Mapping[str, Formula]
    packing: Packing | None = None
    known: Known = field(default_factory=dict)
    foreign: tuple[str, ...] = ()

    @property
    def local(self) -> tuple[str, ...]:
        """Fields of the derived topic that the formulas read."""
        names = (name for formula in self.formulas.values() for name in formula.names)
        return tuple(name for name in dict.fromkeys(names) if name not in self.foreign)

    @property
    def base_fields(self) -> tuple[str, ...]:
        """Fields to be read of the topic that it is derived from."""
        if self.packing is not None:
            return self.packing.fields(self.local)
        stamps = () if self.topic.stamp == "time" else (self.topic.stamp,)
        return tuple(dict.fromkeys([*stamps, *self.local]))

    @property
    def backward(self) -> list[tuple[int, tuple[str, ...]]]:
        """List how many rows each formula looks back, and at which fields of the derived topic."""
        return [
            (formula.reach.rows_before, tuple(name for name in formula.names if name not in self.foreign))
            for formula in self.formulas.values()
            if formula.reach.rows_before
        ]

    @property
    def reach(self) -> Reach:
        """How far back from a row the formulas look."""
        found = Reach()
        for formula in self.formulas.values():
            found = found | formula.reach
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Rows where they belong in time: (n,) int64 ns UTC, ascending, and the fields in the same order.

    `index_utc_ns` is the index of the message of each.
    """

    times_utc_ns: NDArray[np.int64]
    index_utc_ns: NDArray[np.int64]
    columns: Mapping[str, pa.Array]


def place(table: pa.Table, recipe: Recipe) -> Placed:
    """Place rows of the base topic, a table with `time` and `Recipe.base_fields`, by the stamp of a recipe.

    Those without a stamp are left out; packed samples become rows.
    """
    if recipe.packing is not None:
        return _unpack(table, recipe.packing, recipe.local)
    stamp = recipe.topic.stamp
    moments, rows = placed_rows(table, stamp=stamp, scale=stamp_scale(stamp) or Timescale.TAI)
    chosen = table.take(pa.array(rows))
    columns = {name: _array(chosen, name) for name in recipe.local}
    return Placed(moments, times(chosen), columns)


def derive(rows: Placed, recipe: Recipe, foreign: Mapping[str, Values]) -> pa.Table:
    """Work the formulas of a recipe out.

    Returns
    -------
    pyarrow.Table
        `time`, int64 ns UTC, then the fields; null where a formula has no value. Rows that have none at
        all are there too.
    """
    own = pa.table({"time": pa.array(rows.times_utc_ns), **rows.columns})
    numbers: dict[str, Values] = dict(foreign)
    found: dict[str, pa.Array] = {"time": own.column("time")}
    for name, formula in recipe.formulas.items():
        if formula.plain is not None and formula.plain in rows.columns:
            found[name] = rows.columns[formula.plain]
            continue
        for read in formula.names:
            if read not in numbers:
                numbers[read] = column_as_float(own, read)
        found[name] = pa.array(_worked_out(formula, rows, numbers, recipe), from_pandas=True)
    return pa.Table.from_arrays(list(found.values()), names=list(found))


def _worked_out(formula: Formula, rows: Placed, numbers: Mapping[str, Values], recipe: Recipe) -> Values:
    """Work a formula out over the rows that it has fields in: others are there for other formulas' sake."""
    own = [numbers[name] for name in formula.names if name in rows.columns]
    present = np.logical_or.reduce([~np.isnan(values) for values in own]) if own else np.True_
    if np.all(present):
        return formula.work_out(rows.times_utc_ns, numbers, recipe.known)
    chosen = {name: numbers[name][present] for name in formula.names}
    found = np.full(len(rows.times_utc_ns), np.nan)
    found[present] = formula.work_out(rows.times_utc_ns[present], chosen, recipe.known)
    return found


def _unpack(table: pa.Table, packing: Packing, arrays: Sequence[str]) -> Placed:
    stamps_s = stamp_s(table, packing.stamp)
    present = np.flatnonzero(is_stamp(stamps_s))
    first = utc_ns_from_tai_ns(ns_from_s(stamps_s[present]))
    order = np.argsort(first, kind="stable")
    present, first = present[order], first[order]
    messages = table.take(pa.array(present))
    apart_ns = spacings_ns(first, packing.length)
    if packing.interval is not None:
        told_ns = 1e9 * column_as_float(messages, packing.interval)
        apart_ns = np.where(np.isfinite(told_ns) & (told_ns > 0), told_ns, apart_ns)
    moments = unpacked_times(first, apart_ns, packing.length).ravel()
    # Messages whose samples reach into the next are rare, and then both are shown as they are.
    placed = np.argsort(moments, kind="stable")
    in_order = bool((np.diff(placed) == 1).all())
    columns = {}
    for name in arrays:
        values = np.stack([column_as_float(messages, element) for element in packing.arrays[name]], axis=1)
        flat = values.ravel()
        columns[name] = pa.array(flat if in_order else flat[placed], from_pandas=True)
    index = np.repeat(times(messages), packing.length)
    return Placed(
        times_utc_ns=moments if in_order else moments[placed],
        index_utc_ns=index if in_order else index[placed],
        columns=columns,
    )


def _array(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
