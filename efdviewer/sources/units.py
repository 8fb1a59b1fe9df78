"""Units of SAL fields, which InfluxDB does not keep."""

import json
from functools import cache

from efdviewer.resource_files import resource


@cache
def _table() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = json.loads(resource("units.json").read_text(encoding="utf-8"))
    return table


def units_of(topic: str, field: str) -> str:
    """Tell the unit of a field as SAL writes it; empty where it is not known or has none.

    An element of a flattened array (`temperatureItem3`) has the unit of its stem.
    """
    stem = field.rstrip("0123456789")
    for fields in (_table().get(topic, {}), _table()["*"]):
        for name in (field, stem):
            if name in fields:
                return fields[name]
    return ""
