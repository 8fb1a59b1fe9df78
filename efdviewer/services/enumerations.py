"""Labels of SAL's enumerations, which InfluxDB keeps as numbers."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from efdviewer.domain.topics import TopicName
from efdviewer.resource_files import resource


@cache
def _table() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = json.loads(resource("enumerations.json").read_text(encoding="utf-8"))
    return table


@cache
def labels_of(topic: str, field: str) -> Mapping[str, str]:
    """Give the labels of a field by its values, written as texts; empty where none are known."""
    name, table = TopicName.parse(topic), _table()
    for csc, short in ((name.csc, name.name), ("*", name.name), (name.csc, "*")):
        enumeration = table["fields"].get(f"{csc}.{short}.{field}")
        if enumeration is not None:
            labels: Mapping[str, str] = table["labels"][enumeration]
            return labels
    return {}


def label_of(topic: str, field: str, value: object) -> str:
    """Write a value of a field for people: its label where one is known, else the value itself."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return labels_of(topic, field).get(str(value), str(value))
