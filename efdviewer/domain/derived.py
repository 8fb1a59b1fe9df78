"""Derived topics: the rows of a topic by another clock, or unpacked, whose fields are formulas.

`TOPIC[timestamp]` has the rows of TOPIC at the times that their field `timestamp` says, `TOPIC[time]` at
their index, and `TOPIC[]` the samples that its messages pack. Every formula over the fields is a field.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from efdviewer.domain.errors import BadInputError, EfdViewerError, UnknownTopicError
from efdviewer.domain.expressions import Name, write_name
from efdviewer.domain.formulas import Formula
from efdviewer.domain.packed import packing_of
from efdviewer.domain.topics import FieldRef, FieldSchema, FieldType, TopicName

_DERIVED = re.compile(r"(?P<base>.+)\[(?P<stamp>[A-Za-z_][A-Za-z0-9_]*|)\]", re.DOTALL)
INDEX = "time"
PACKED = ""


@dataclass(frozen=True, slots=True)
class DerivedTopic:
    """The rows of a topic, `base`, placed at a stamp: `time`, a field, or empty for packed samples."""

    base: str
    stamp: str

    @classmethod
    def parse(cls, topic: str) -> Self | None:
        """Read `TOPIC[STAMP]` or `TOPIC[]`; None for the name of any other topic."""
        match = _DERIVED.fullmatch(topic)
        return cls(match["base"], match["stamp"]) if match else None

    def __str__(self) -> str:
        return f"{self.base}[{self.stamp}]"

    def ref(self, formula: str) -> FieldRef:
        """Name one of its fields."""
        return FieldRef(str(self), formula)

    def schemas(self, base: Sequence[FieldSchema]) -> list[FieldSchema]:
        """List the fields that need no formula, from those of the topic that it is derived from.

        Raises
        ------
        UnknownTopicError
            If the topic packs no samples, or lacks the stamp.
        """
        if self.stamp == PACKED:
            packing = packing_of(self.base, base)
            if packing is None:
                raise UnknownTopicError(
                    f"{TopicName.parse(self.base).title} packs no samples in its messages."
                )
            known = {schema.name: schema for schema in base}
            return [replace(known[members[0]], name=stem) for stem, members in packing.arrays.items()]
        if self.stamp != INDEX and not any(schema.name == self.stamp for schema in base):
            raise UnknownTopicError(f"{TopicName.parse(self.base).title} has no stamp '{self.stamp}'.")
        return list(base)


def origin_of(field: FieldRef) -> DerivedTopic:
    """Tell the rows that a field is read from, derived or not."""
    return DerivedTopic.parse(field.topic) or DerivedTopic(field.topic, INDEX)


def formula_of(field: FieldRef) -> str:
    """Write a field as a formula reads it; that of a derived topic is one already."""
    return field.field if DerivedTopic.parse(field.topic) else write_name(field.field)


def check_formula(derived: DerivedTopic, field: str, schemas: Sequence[FieldSchema]) -> Formula:
    """Read a formula over the fields of a derived topic; names with a colon may be fields of other topics.

    Raises
    ------
    BadInputError
        If it cannot be read, reads a text, or no field of the topic at all.
    UnknownTopicError
        If it reads a field that the topic lacks.
    """
    known = {schema.name: schema for schema in schemas}
    if field in known:
        return Formula(text=field, expression=Name(field))
    formula = Formula.parse(field)
    title = TopicName.parse(derived.base).title
    local = [name for name in formula.names if name in known or ":" not in name]
    if not local:
        raise BadInputError(f"'{field}' reads no field of {title}.")
    for name in local:
        if name not in known:
            raise UnknownTopicError(f"{title} has no field '{name}'.", hint="Check its spelling.")
        if known[name].type is FieldType.STRING and formula.plain is None:
            raise BadInputError(f"{name} is text, which a formula cannot read.")
    for name in formula.names:
        if name not in known:
            FieldRef.parse(name)
    return formula


def schema_of(topic: str, field: str, schemas: Sequence[FieldSchema]) -> FieldSchema | None:
    """Find a field among those of its topic; of a derived topic every formula over them is one.

    None where there is none, or the formula cannot be read.
    """
    known = {schema.name: schema for schema in schemas}
    derived = DerivedTopic.parse(topic)
    if field in known or derived is None:
        return known.get(field)
    try:
        formula = check_formula(derived, field, schemas)
    except EfdViewerError:
        return None
    if formula.plain in known:
        return replace(known[formula.plain], name=field)
    units = formula.units({schema.name: schema.units for schema in schemas})
    return FieldSchema(name=field, type=FieldType.FLOAT, units=units)
