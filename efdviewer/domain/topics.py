"""Names of what an EFD holds: topics, fields, their kinds and arrays."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import Self

from efdviewer.domain.errors import BadInputError
from efdviewer.domain.quoting import quote, quote_value, read_value, split_quoted, unquote, write_value

SAL_PREFIX = "lsst.sal."
"""What the names of all measurements begin with that SAL's topics are kept in."""
_SENSORS = {"lsst.sal.MTVMS.data": ("sensor",), "lsst.sal.MTVMS.psd": ("sensor",)}
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
        if measurement.startswith(SAL_PREFIX):
            csc, dot, name = measurement[len(SAL_PREFIX) :].partition(".")
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
        title = f"{self.csc}.{short}" if self.measurement != self.name else self.name
        return title.removesuffix("[time]").removesuffix("[]")

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
    """A field of a topic; `units` and `description` are empty where they are not known."""

    name: str
    type: FieldType
    units: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Equals:
    """Rows in which a field (or tag) has this value; integers match 0 as any other number.

    A value of another type is another condition: 1, 1.0 and true are not found in the same rows.
    """

    field: str
    value: int | float | bool | str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `FIELD=VALUE`; a value in double quotes is a text whatever it looks like.

        Raises
        ------
        BadInputError
            If the text is not of that form.
        """
        parts = split_quoted(text, "=")
        if len(parts) != 2 or not all(parts) or (parts[1][0] != '"' and quote_value(parts[1]) != parts[1]):
            raise BadInputError(
                f"'{text}' is not FIELD=VALUE.",
                hint='Example: salIndex=0; a value that holds : , @ ; = or " is written in double quotes.',
            )
        return cls(field=unquote(parts[0]), value=read_value(parts[1]))

    @property
    def title(self) -> str:
        """Words for people, on one line: `salIndex 1`."""
        text = " ".join(self.value.split()) if isinstance(self.value, str) else write_value(self.value)
        return f"{self.field} {text}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Equals) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __str__(self) -> str:
        return f"{quote_value(self.field)}={write_value(self.value)}"

    @property
    def _identity(self) -> tuple[str, type, int | float | bool | str]:
        return self.field, type(self.value), self.value


Subset = tuple[str, tuple[Equals, ...]]
"""A topic and the conditions on its rows: fields that share both come from the same rows."""


@dataclass(frozen=True, slots=True)
class FieldRef:
    """One field of one topic, of the rows that meet some conditions.

    `str()` gives `TOPIC:FIELD`, and `TOPIC:FIELD;salIndex=0` with a condition, quoted where it is needed.
    """

    topic: str
    field: str
    where: tuple[Equals, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `TOPIC:FIELD[;FIELD=VALUE…]`.

        Raises
        ------
        BadInputError
            If the text is not of that form.
        """
        head, *conditions = split_quoted(text, ";")
        parts = split_quoted(head, ":")
        if len(parts) != 2 or not all(parts):
            raise BadInputError(f"'{text}' is not TOPIC:FIELD.", hint="Example: lsst.sal.ATCamera.wreb:temp1")
        return cls(unquote(parts[0]), unquote(parts[1]), tuple(map(Equals.parse, conditions)))

    @property
    def subset(self) -> Subset:
        """The rows that it is read from."""
        return self.topic, self.where

    def split(self, index: str, values: Iterable[int | float | bool | str]) -> list[Self]:
        """Give the field of each device, told by the values of an index field."""
        return [replace(self, where=(*self.where, Equals(field=index, value=value))) for value in values]

    @property
    def column(self) -> str:
        """Name among the fields of its topic, e.g. `temperatureItem0;salIndex=1`."""
        return ";".join([self.field, *map(str, self.where)])

    @property
    def short_title(self) -> str:
        """Name for people within its topic, e.g. `temperatureItem0 · salIndex 1`."""
        return " · ".join([self.field, *(condition.title for condition in self.where)])

    @property
    def title(self) -> str:
        """Name for people, e.g. `ESS.temperature.temperatureItem0 · salIndex 1`."""
        is_formula = self.topic.endswith("]") and not self.field.isidentifier()
        return f"{TopicName.parse(self.topic).title}{': ' if is_formula else '.'}{self.short_title}"

    def __str__(self) -> str:
        return ";".join([f"{quote(self.topic)}:{quote(self.field)}", *map(str, self.where)])


def is_private(field: str) -> bool:
    """Tell whether SAL or the EFD itself adds this field to every topic."""
    return field.startswith("private_")


def index_fields(topic: str, fields: Iterable[str], tags: Iterable[str] = ()) -> list[str]:
    """Choose the fields and tags of a topic that tell the devices in it apart, the usual one first.

    SAL's index is `salIndex`, and was `<CSC>ID` before July 2022; ESS names its sensors besides, MTVMS
    numbers them.
    """
    known = set(fields)
    named = ("salIndex", f"{TopicName.parse(topic).csc}ID", "sensorName", *_SENSORS.get(topic, ()))
    return list(dict.fromkeys([*(name for name in named if name in known), *sorted(tags)]))


def main_field(topic: str, fields: Iterable[FieldSchema]) -> FieldRef | None:
    """Choose the field by which a topic is shown: its first measured number; None where it has none."""
    fields = list(fields)
    indices = index_fields(topic, (field.name for field in fields))
    for kind in (FieldType.FLOAT, FieldType.INTEGER):
        for group in group_fields(field for field in fields if field.type is kind):
            name = group.members[0].name
            if not (is_private(name) or name in indices or name.casefold().endswith("timestamp")):
                return FieldRef(topic, name)
    return None


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
