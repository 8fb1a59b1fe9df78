"""What the SAL schema says of topics and fields: units and descriptions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from efdviewer.domain.topics import FieldSchema

_NO_UNITS = {"", "unitless", "dimensionless", "none", "n/a", "na", "-"}
_ELEMENT = re.compile(r"(.*?[^0-9])[0-9]+\Z", re.DOTALL)
_LONGEST_UNIT = 32


@dataclass(frozen=True, slots=True)
class FieldNote:
    """Units as they are written, empty for none, and what the field is."""

    units: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class TopicNote:
    """What a topic is, and its fields by name; those of an array by the name of the array."""

    description: str = ""
    fields: Mapping[str, FieldNote] = field(default_factory=dict)

    def note(self, name: str) -> FieldNote | None:
        """Give what is known of a field or of the array that it is an element of."""
        found = self.fields.get(name)
        if found is None and (match := _ELEMENT.fullmatch(name)):
            found = self.fields.get(match[1])
        return found

    def applied(self, schemas: Sequence[FieldSchema]) -> list[FieldSchema]:
        """Give fields with the units and descriptions that are known; what is not known stays."""
        return [self._applied(schema) for schema in schemas]

    def _applied(self, schema: FieldSchema) -> FieldSchema:
        note = self.note(schema.name)
        if note is None:
            return schema
        return replace(schema, units=note.units or schema.units, description=note.description)


def tidy_units(text: object) -> str:
    """Give units as they are to be shown; empty for none, and for what is no text or far too long."""
    words = " ".join(text.split()) if isinstance(text, str) else ""
    return "" if words.lower() in _NO_UNITS or len(words) > _LONGEST_UNIT else words


def tidy_words(text: object) -> str:
    """Give a description on one line; empty for what is no text."""
    return " ".join(text.split()) if isinstance(text, str) else ""
