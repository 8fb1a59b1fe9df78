"""Builds InfluxQL; nothing else does."""

import math
from collections.abc import Sequence
from decimal import Decimal

from efdviewer.domain.errors import UnwritableNameError
from efdviewer.domain.query import Equals, SampleQuery, SummaryQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldType

COMMENT = "/* efdviewer */"
"""Marks our statements for whoever watches the server; in front, since after a FROM `/` begins a regex."""
_LAST_NS = 2**63 - 2


def identifier(name: str) -> str:
    """Quote a name.

    Raises
    ------
    UnwritableNameError
        If it holds a character that InfluxQL cannot carry.
    """
    return '"' + _escaped(name).replace('"', '\\"') + '"'


def text(value: str) -> str:
    """Quote a text; doubling the quote, as SQL does, is not valid here."""
    return "'" + _escaped(value).replace("'", "\\'") + "'"


def _escaped(name: str) -> str:
    if "\r" in name or "\0" in name:
        raise UnwritableNameError(f"{name!r} holds a character that InfluxQL cannot carry.")
    return name.replace("\\", "\\\\").replace("\n", "\\n")


def literal(value: int | float | bool | str) -> str:
    """Write a value to compare with.

    Raises
    ------
    UnwritableNameError
        If InfluxQL has no way to write it.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        raise UnwritableNameError(f"InfluxQL cannot compare with {value}.")
    # InfluxQL has no exponents, 1e-07 would be read as a duration, and reads digits alone as an integer.
    digits = format(Decimal(repr(value)), "f")
    return digits if "." in digits else f"{digits}.0"


def measurement(database: str, policy: str, topic: str) -> str:
    """Name a measurement in full, so that no default decides."""
    return f"{identifier(database)}.{identifier(policy)}.{identifier(topic)}"


def select_samples(query: SampleQuery, target: str, fields: Sequence[str]) -> str:
    """Select these fields of the rows of a query."""
    order = " ORDER BY time DESC" if query.descending else ""
    limit = f" LIMIT {query.limit}" if query.limit is not None else ""
    return f"{COMMENT} SELECT {_columns(fields)} FROM {target} WHERE {_conditions(query)}{order}{limit}"


def select_latest(
    target: str, fields: Sequence[str], before_utc_ns: int, where: Sequence[Equals] = ()
) -> str:
    """Select the last row before a time."""
    conditions = " AND ".join([f"time < {_bound(before_utc_ns)}", *map(_condition, where)])
    return f"{COMMENT} SELECT {_columns(fields)} FROM {target} WHERE {conditions} ORDER BY time DESC LIMIT 1"


def select_summary(query: SummaryQuery, target: str, columns: Sequence[tuple[str, str]]) -> str:
    """Select aggregates, given as (aggregate, field), in the buckets of a query."""
    calls = ", ".join(f"{aggregate.upper()}({identifier(field)})" for aggregate, field in columns)
    return f"{COMMENT} SELECT {calls} FROM {target} WHERE {_conditions(query)} {_buckets(query)}"


def select_true_counts(query: SummaryQuery, target: str, field: str) -> str:
    """Select how often a boolean is true in the buckets of a query."""
    name = identifier(field)
    return (
        f"{COMMENT} SELECT COUNT({name}) FROM {target} WHERE {_conditions(query)} AND {name} = true "
        f"{_buckets(query)}"
    )


def select_count(
    query: SampleQuery, target: str, field: str, absent: Sequence[tuple[str, FieldType]] = ()
) -> str:
    """Count the rows in which a field has a value and others, given with their types, have none."""
    missing = "".join(f" AND {_is_absent(name, kind)}" for name, kind in absent)
    return f"{COMMENT} SELECT COUNT({identifier(field)}) FROM {target} WHERE {_conditions(query)}{missing}"


def select_counts(targets: Sequence[str], field: str, time_range: TimeRange) -> str:
    """Count a field in many measurements; each that has any is a series of the reply."""
    conditions = " AND ".join(_bounds(time_range))
    return f"{COMMENT} SELECT COUNT({identifier(field)}) FROM {', '.join(targets)} WHERE {conditions}"


def select_distinct(
    target: str, field: str, time_range: TimeRange, where: Sequence[Equals], limit: int
) -> str:
    """Select the values that a field has in a range, each once, in no order."""
    conditions = " AND ".join([*_bounds(time_range), *map(_condition, where)])
    return f"{COMMENT} SELECT DISTINCT({identifier(field)}) FROM {target} WHERE {conditions} LIMIT {limit}"


def show_tag_keys(database: str, policy: str, topic: str) -> str:
    """List the tags of a measurement."""
    return f"{COMMENT} SHOW TAG KEYS ON {identifier(database)} FROM {identifier(policy)}.{identifier(topic)}"


def show_tag_values(database: str, policy: str, topic: str, tag: str, limit: int) -> str:
    """List the values of a tag, sorted."""
    source = f"{identifier(policy)}.{identifier(topic)}"
    return (
        f"{COMMENT} SHOW TAG VALUES ON {identifier(database)} FROM {source} "
        f"WITH KEY = {identifier(tag)} LIMIT {limit}"
    )


def show_measurements(database: str) -> str:
    """List the measurements of a database, of all retention policies."""
    return f"{COMMENT} SHOW MEASUREMENTS ON {identifier(database)}"


def show_field_keys(database: str, policy: str, topic: str) -> str:
    """List fields and types of a measurement."""
    return (
        f"{COMMENT} SHOW FIELD KEYS ON {identifier(database)} FROM {identifier(policy)}.{identifier(topic)}"
    )


SHOW_DATABASES = f"{COMMENT} SHOW DATABASES"


def show_retention_policies(database: str) -> str:
    """List the retention policies of a database."""
    return f"{COMMENT} SHOW RETENTION POLICIES ON {identifier(database)}"


_PROBES = {FieldType.STRING: "''", FieldType.BOOLEAN: "true"}


def _is_absent(field: str, kind: FieldType) -> str:
    # InfluxQL has no IS NULL; each comparison with a missing value is false.
    name, probe = identifier(field), _PROBES.get(kind, "0")
    return f"(({name} = {probe} OR {name} != {probe}) = false)"


def _columns(fields: Sequence[str]) -> str:
    return ", ".join(identifier(field) for field in fields)


def _conditions(query: SampleQuery | SummaryQuery) -> str:
    return " AND ".join([*_bounds(query.time_range), *map(_condition, query.where)])


def _bounds(time_range: TimeRange) -> list[str]:
    return [f"time >= {_bound(time_range.start_utc_ns)}", f"time < {_bound(time_range.end_utc_ns)}"]


def _condition(condition: Equals) -> str:
    return f"{identifier(condition.field)} = {literal(condition.value)}"


def _bound(utc_ns: int) -> int:
    """Keep a time within what InfluxDB can hold."""
    return max(-_LAST_NS, min(_LAST_NS, utc_ns))


def _buckets(query: SummaryQuery) -> str:
    offset = f", {query.offset_ns}ns" if query.offset_ns else ""
    return f"GROUP BY time({query.bucket_ns}ns{offset}) fill(none)"
