"""Names of what an EFD holds: topics, fields, their kinds and arrays."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Self

from efdviewer.domain.errors import BadInputError

_SAL_PREFIX = "lsst.sal."
_NUMBERED = re.compile(r"(.*?[^0-9])([0-9]+)\Z", re.DOTALL)


class TopicKind(Enum):
    """What a topic carries; the value is the word shown to people."""

    TELEMETRY = "telemetry"
    EVENT = "event"
    COMMAND = "command"
    ACKNOWLEDGEMENT = "acknowledgement"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TopicName:
    """One measurement; `str()` gives back exactly the name it has in the database."""

    csc: str
    name: str
    measurement: str

    @classmethod
    def parse(cls, measurement: str) -> Self:
        """Split a measurement's name into CSC and topic; names without the SAL prefix keep their own."""
        if measurement.startswith(_SAL_PREFIX):
            csc, dot, name = measurement[len(_SAL_PREFIX) :].partition(".")
            if dot and csc and name:
                return cls(csc=csc, name=name, measurement=measurement)
        prefix, dot, name = measurement.rpartition(".")
        if dot and prefix and name:
            return cls(csc=prefix, name=name, measurement=measurement)
        return cls(csc="(no CSC)", name=measurement, measurement=measurement)

    @property
    def kind(self) -> TopicKind:
        """Kind, told by SAL's naming convention."""
        if self.name.startswith("logevent_"):
            return TopicKind.EVENT
        if self.name.startswith("command_"):
            return TopicKind.COMMAND
        if self.name == "ackcmd":
            return TopicKind.ACKNOWLEDGEMENT
        return TopicKind.TELEMETRY

    @property
    def title(self) -> str:
        """Short name for people, e.g. `ATCamera.startReadout`."""
        short = self.name.removeprefix("logevent_")
        return f"{self.csc}.{short}" if self.measurement != self.name else self.name

    def __str__(self) -> str:
        return self.measurement


class FieldType(StrEnum):
    """The four types of InfluxDB 1.x."""

    FLOAT = "float"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    STRING = "string"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSchema:
    """A field of a topic; `units` is empty where they are not known."""

    name: str
    type: FieldType
    units: str = ""


@dataclass(frozen=True, slots=True, order=True)
class FieldRef:
    """One field of one topic; `str()` gives `TOPIC:FIELD`, quoted where the names need it."""

    topic: str
    field: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `TOPIC:FIELD`.

        Raises
        ------
        BadInputError
            If the text is not of that form.
        """
        parts = split_quoted(text, ":")
        if len(parts) != 2 or not all(parts):
            raise BadInputError(f"'{text}' is not TOPIC:FIELD.", hint="Example: lsst.sal.ATCamera.wreb:temp1")
        return cls(unquote(parts[0]), unquote(parts[1]))

    def __str__(self) -> str:
        return f"{quote(self.topic)}:{quote(self.field)}"


def quote(name: str) -> str:
    """Write a name for the command line: as it is, or in double quotes where it holds a separator."""
    if any(mark in name for mark in ':,@;"') or ".." in name or not name:
        return '"' + name.replace('"', '\\"') + '"'
    return name


def unquote(text: str) -> str:
    """Undo `quote`."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1].replace('\\"', '"')
    return text


def split_quoted(text: str, separator: str) -> list[str]:
    """Split at a separator outside double quotes; the parts keep their quotes.

    Raises
    ------
    BadInputError
        If a quote is left open.
    """
    parts: list[str] = []
    start = position = 0
    quoted = False
    while position < len(text):
        if quoted and text.startswith('\\"', position):
            position += 2
            continue
        if text[position] == '"':
            quoted = not quoted
        elif not quoted and text.startswith(separator, position):
            parts.append(text[start:position])
            position += len(separator)
            start = position
            continue
        position += 1
    if quoted:
        raise BadInputError(f"A double quote is left open in '{text}'.")
    parts.append(text[start:])
    return parts


def is_private(field: str) -> bool:
    """Tell whether SAL or the EFD itself adds this field to every topic."""
    return field.startswith("private_")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldGroup:
    """One line of a field list: a single field, or an array flattened to `name0 … nameN`."""

    label: str
    members: tuple[FieldSchema, ...]

    @property
    def is_array(self) -> bool:
        """Whether the members are elements of one array."""
        return len(self.members) > 1


def group_fields(fields: Iterable[FieldSchema]) -> list[FieldGroup]:
    """Fold flattened arrays: `force0 … force267` of one type become `force[268]`, in natural order.

    A run counts as an array when it starts at 0, has no holes and no leading zeros, and at least
    two elements. Private fields come last; the rest is in natural order.
    """
    plain: list[FieldSchema] = []
    numbered: dict[tuple[str, FieldType], dict[int, FieldSchema]] = {}
    for field in fields:
        match = _NUMBERED.match(field.name)
        if match and str(int(match[2])) == match[2]:
            numbered.setdefault((match[1], field.type), {})[int(match[2])] = field
        else:
            plain.append(field)
    groups = [FieldGroup(label=field.name, members=(field,)) for field in plain]
    for (stem, _), elements in numbered.items():
        if len(elements) > 1 and sorted(elements) == list(range(len(elements))):
            members = tuple(elements[index] for index in range(len(elements)))
            groups.append(FieldGroup(label=f"{stem}[{len(elements)}]", members=members))
        else:
            groups.extend(FieldGroup(label=field.name, members=(field,)) for field in elements.values())
    return sorted(groups, key=lambda group: (is_private(group.label), natural_key(group.label)))


def natural_key(name: str) -> Sequence[tuple[int, int, str]]:
    """Sort key in which `x2` comes before `x10` and case does not matter."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in re.split(r"([0-9]+)", name.casefold())
        if part
    ]
