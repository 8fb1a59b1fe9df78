"""Formulas worked out over rows: a number for each, their units, and what has to be known beside the rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.expressions import (
    Call,
    Expression,
    Name,
    Number,
    Operation,
    Text,
    names_of,
    parse,
    parts_of,
)
from efdviewer.domain.functions import FUNCTIONS, Reach, Values, fit_range
from efdviewer.domain.timerange import TimeRange

_OPERATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.true_divide,
    "%": np.mod,
    "^": np.float_power,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line in time: `rise` a second, through `level` at `at_utc_ns`; also a scale of units."""

    at_utc_ns: int
    level: float
    rise: float


@dataclass(frozen=True, slots=True)
class Scale:
    """Units into units: `factor` times a value, plus `offset`."""

    factor: float
    offset: float


Known = Mapping[Call, Line | Scale]
"""What calls of `detrend` and `convert` stand for, found before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A formula over the fields of a row; `text` as it was typed."""

    text: str
    expression: Expression

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a formula.

        Raises
        ------
        BadInputError
            If it is none; the message says where.
        """
        return cls(text=text, expression=_parsed(text))

    @property
    def names(self) -> tuple[str, ...]:
        """Fields that it reads."""
        return names_of(self.expression)

    @property
    def plain(self) -> str | None:
        """The field that it is, where it is nothing but one."""
        return self.expression.field if isinstance(self.expression, Name) else None

    @property
    def reach(self) -> Reach:
        """How far beyond a row it looks."""
        return _reach(self.expression)

    @property
    def fits(self) -> tuple[tuple[Call, "Formula", TimeRange], ...]:
        """List the lines to be fitted, innermost first: the call, what it fits, and the range."""
        found = []
        for call in _calls(self.expression, "detrend"):
            values, start, end = call.arguments
            assert isinstance(start, Text)
            assert isinstance(end, Text)
            part = Formula(text=self.text, expression=values)
            found.append((call, part, fit_range(start.value, end.value)))
        return tuple(reversed(found))

    @property
    def conversions(self) -> tuple[tuple[Call, str, str], ...]:
        """List the conversions of units: the call, from, to."""
        return tuple(
            (call, old.value, new.value)
            for call in _calls(self.expression, "convert")
            for _, old, new in [call.arguments]
            if isinstance(old, Text) and isinstance(new, Text)
        )

    def units(self, units: Mapping[str, str]) -> str:
        """Tell its units from those of the fields; empty where that is not certain."""
        return _units(self.expression, units) or ""

    def work_out(self, moments: NDArray[np.int64], columns: Mapping[str, Values], known: Known) -> Values:
        """Give its value for each row.

        Parameters
        ----------
        moments : (n,) int64
            Times of the rows, ns UTC, ascending.
        columns : mapping of (n,) float64
            The fields that it reads, NaN where a row has none.
        known : mapping
            What `fits` and `conversions` came to.

        Returns
        -------
        (n,) float64
            NaN where it has no value.
        """
        with np.errstate(all="ignore"):
            return _Rows(moments, columns, known).value(self.expression)


@lru_cache(maxsize=512)
def _parsed(text: str) -> Expression:
    return parse(text)


def _calls(expression: Expression, function: str) -> list[Call]:
    parts = parts_of(expression)
    return list(dict.fromkeys(part for part in parts if isinstance(part, Call) and part.function == function))


def _reach(expression: Expression) -> Reach:
    match expression:
        case Operation(left=left, right=right):
            return _reach(left) | _reach(right)
        case Call(function=name, arguments=arguments):
            own, seconds = Reach(), 0.0
            for argument in arguments:
                own = own | _reach(argument)
                if isinstance(argument, Number):
                    seconds = argument.value
            return own + FUNCTIONS[name].reach(seconds) if name in FUNCTIONS else own
    return Reach()


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows over which expressions are worked out."""

    moments: NDArray[np.int64]
    columns: Mapping[str, Values]
    known: Known

    def value(self, expression: Expression) -> Values:
        """Give the value of an expression for each row."""
        match expression:
            case Number(value=number):
                return np.full(self.moments.shape, number)
            case Name(field=field):
                return self.columns[field]
            case Operation(mark=mark, left=left, right=right):
                return np.asarray(_OPERATIONS[mark](self.value(left), self.value(right)), np.float64)
            case Call(function="-", arguments=(argument,)):
                return -self.value(argument)
            case Call():
                return self._called(expression)
        raise AssertionError(f"{expression} is no number.")

    def _called(self, call: Call) -> Values:
        first = self.value(call.arguments[0])
        match self.known.get(call):
            case Line(at_utc_ns=at_utc_ns, level=level, rise=rise):
                return first - (level + rise * ((self.moments - at_utc_ns) / 1e9))
            case Scale(factor=factor, offset=offset):
                return first * factor + offset
        function = FUNCTIONS[call.function]
        kinds = (*function.arguments, *function.arguments[-1:] * len(call.arguments))
        rest = [
            argument.value if kind == "number" and isinstance(argument, Number) else self.value(argument)
            for kind, argument in zip(kinds[1:], call.arguments[1:], strict=False)
        ]
        return function.work_out(self.moments, first, *rest)


def _units(expression: Expression, units: Mapping[str, str]) -> str | None:
    """Tell units; None for a bare number, which takes those of what it stands beside."""
    match expression:
        case Number():
            return None
        case Name(field=field):
            return units.get(field, "")
        case Operation(mark=mark, left=left, right=right):
            return _units_of_operation(mark, _units(left, units), _units(right, units))
        case Call(function="-", arguments=(argument,)):
            return _units(argument, units)
        case Call(function=name, arguments=arguments):
            texts = [argument.value for argument in arguments if isinstance(argument, Text)]
            first = _units(arguments[0], units) or ""
            found: str = FUNCTIONS[name].units(first, *texts)
            return found
    return ""


def _units_of_operation(mark: str, left: str | None, right: str | None) -> str | None:
    if left is None and right is None:
        return None
    if mark in "+-%":
        return left if right is None or left == right else right if left is None else ""
    if mark == "*" and (left is None or right is None):
        return right if left is None else left
    if mark == "/" and right is None:
        return left
    is_single = left and right and not set(right).intersection("/ ")
    return f"{left}/{right}" if mark == "/" and is_single and left != right else ""
