"""Recipes of derived topics: formulas read, and what they need found out beforehand."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.derived import PACKED, DerivedTopic, check_formula
from efdviewer.domain.derived_rows import Recipe
from efdviewer.domain.expressions import Call
from efdviewer.domain.formulas import Line, Scale
from efdviewer.domain.line_fit import LineFit
from efdviewer.domain.packed import packing_of
from efdviewer.domain.query import Equals
from efdviewer.domain.samples import column_as_float, times
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldSchema
from efdviewer.sources.derivation import Derivation
from efdviewer.sources.unit_scale import scale_of
from efdviewer.sources.workers import run_in_own_thread, run_in_worker

Derive = Callable[[Recipe, TimeRange, tuple[Equals, ...]], Awaitable[Derivation]]
_FITTED = "fitted"


def recipe_of(derived: DerivedTopic, fields: Sequence[str], base: Sequence[FieldSchema]) -> Recipe:
    """Read the formulas of some fields of a derived topic.

    Raises
    ------
    UnknownTopicError
        If the topic has no such rows, or lacks a field that a formula reads.
    BadInputError
        If one cannot be read.
    """
    schemas = derived.schemas(base)
    formulas = {field: check_formula(derived, field, schemas) for field in fields}
    known = {schema.name for schema in schemas}
    names = dict.fromkeys(name for formula in formulas.values() for name in formula.names)
    return Recipe(
        topic=derived,
        formulas=formulas,
        packing=packing_of(derived.base, base) if derived.stamp == PACKED else None,
        foreign=tuple(name for name in names if name not in known),
    )


class Completion:
    """Finds the lines and scales that formulas need, each once."""

    def __init__(self) -> None:
        self._scales: dict[tuple[str, str], Scale] = {}
        self._lines: dict[tuple[DerivedTopic, tuple[Equals, ...], Call], Line] = {}

    def forget(self) -> None:
        """Fit lines anew from now on."""
        self._lines.clear()

    async def complete(self, recipe: Recipe, where: tuple[Equals, ...], derive: Derive) -> Recipe:
        """Give a recipe that knows what its formulas need.

        Raises
        ------
        EfdViewerError
            If units cannot be converted, or the source does not answer.
        """
        for formula in recipe.formulas.values():
            for call, old, new in formula.conversions:
                recipe = replace(recipe, known={**recipe.known, call: await self._scale(old, new)})
            for call, part, time_range in formula.fits:
                key = (recipe.topic, where, call)
                if key not in self._lines:
                    fitted = replace(recipe, formulas={_FITTED: part})
                    self._lines[key] = await _fit(await derive(fitted, time_range, where), time_range)
                recipe = replace(recipe, known={**recipe.known, call: self._lines[key]})
        return recipe

    async def _scale(self, old: str, new: str) -> Scale:
        if (old, new) not in self._scales:
            self._scales[old, new] = await run_in_own_thread(scale_of, old, new)
        return self._scales[old, new]


async def _fit(derivation: Derivation, time_range: TimeRange) -> Line:
    fit = LineFit((time_range.start_utc_ns + time_range.end_utc_ns) // 2)
    async with aclosing(derivation.rows()) as tables:
        async for table in tables:
            fit = await run_in_worker(fit.with_samples, times(table), _numbers(table))
    return fit.line()


def _numbers(table: pa.Table) -> NDArray[np.float64]:
    return column_as_float(table, _FITTED)
