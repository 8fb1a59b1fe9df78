"""What can be made of a curve: each transform writes a formula, so that a person can go on from there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from efdviewer.domain.derived import INDEX, DerivedTopic, formula_of, origin_of
from efdviewer.domain.expressions import write_name
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.domain.topics import FieldRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a person chose beside the curve; a transform reads what it `asks` for.

    `other` : another curve. `seconds` : length of a window. `units` : from, to. `view` : the range in view.
    """

    view: TimeRange
    other: FieldRef | None = None
    seconds: str = "5"
    units: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """One way to make a curve of another.

    `asks` is what has to be chosen: `other`, `seconds`, `units`, or empty for nothing. `beside` : whether
    its values are of the size of the curve's, so that both can be seen in one plot.
    """

    title: str
    formula: Callable[[FieldRef, Choices], str]
    asks: str = ""
    beside: bool = False


def _bracketed(field: FieldRef) -> str:
    """Write a field so that it can stand beside an operator."""
    formula = formula_of(field)
    return formula if formula.isidentifier() or formula.startswith('"') else f"({formula})"


def _beside(field: FieldRef, other: FieldRef | None) -> str:
    """Write another curve as the rows of the first read it: by name, or as of its own topic."""
    if other is None:
        return ""
    if origin_of(field) == origin_of(other) and field.where == other.where:
        return _bracketed(other)
    # Rows of another kind: quoted, the last value at or before each row.
    return write_name(str(other))


def _detrended(field: FieldRef, choices: Choices) -> str:
    start, end = (
        format_ns(utc_ns, Timescale.UTC) for utc_ns in (choices.view.start_utc_ns, choices.view.end_utc_ns)
    )
    return f"detrend({formula_of(field)}, '{start}', '{end}')"


TRANSFORMS: Mapping[str, Transform] = {
    "difference": Transform(
        title="Difference to another curve",
        formula=lambda field, chosen: f"{_bracketed(field)} - {_beside(field, chosen.other)}",
        asks="other",
    ),
    "ratio": Transform(
        title="Ratio to another curve",
        formula=lambda field, chosen: f"{_bracketed(field)} / {_beside(field, chosen.other)}",
        asks="other",
    ),
    "derivative": Transform(
        title="Derivative", formula=lambda field, _chosen: f"derivative({formula_of(field)})"
    ),
    "mean": Transform(
        title="Moving mean",
        formula=lambda field, chosen: f"mean({formula_of(field)}, {chosen.seconds})",
        asks="seconds",
        beside=True,
    ),
    "median": Transform(
        title="Moving median",
        formula=lambda field, chosen: f"median({formula_of(field)}, {chosen.seconds})",
        asks="seconds",
        beside=True,
    ),
    "detrend": Transform(title="Without the trend of this view", formula=_detrended),
    "convert": Transform(
        title="In other units",
        formula=lambda field, chosen: (
            f"convert({formula_of(field)}, '{chosen.units[0]}', '{chosen.units[1]}')"
        ),
        asks="units",
    ),
    "expression": Transform(title="Expression", formula=lambda field, _chosen: formula_of(field)),
}
"""By name, in the order of menus."""


def derived_field(field: FieldRef, formula: str) -> FieldRef:
    """Name the curve of a formula over the rows that a field is of."""
    return replace(origin_of(field).ref(formula), where=field.where)


def at_stamp(field: FieldRef, stamp: str) -> FieldRef:
    """Name a field by another clock: a stamp of its messages, or their index."""
    origin = origin_of(field)
    derived = DerivedTopic(origin.base, stamp)
    formula = formula_of(field)
    if stamp == INDEX and formula.isidentifier():
        return FieldRef(origin.base, formula, field.where)
    return replace(derived.ref(formula), where=field.where)
