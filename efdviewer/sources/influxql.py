"""Builds InfluxQL; nothing else does."""

from collections.abc import Sequence

from efdviewer.domain.errors import UnwritableNameError
from efdviewer.domain.query import Equals, SampleQuery, SummaryQuery
from efdviewer.domain.timerange import TimeRange

COMMENT = "/* efdviewer */"
"""Marks our statements for whoever watches the server; in front, since after a FROM `/` begins a regex."""


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
    """Write a value to compare with."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text(value)
    return repr(value)


def measurement(database: str, policy: str, topic: str) -> str:
    """Name a measurement in full, so that no default decides."""
    return f"{identifier(database)}.{identifier(policy)}.{identifier(topic)}"


def select_samples(query: SampleQuery, target: str, fields: Sequence[str]) -> str:
    """Select the rows of a query; only these fields."""
    columns = ", ".join(identifier(field) for field in fields)
    order = " ORDER BY time DESC" if query.descending else ""
    limit = f" LIMIT {query.limit}" if query.limit is not None else ""
    conditions = _conditions(query.time_range, query.where)
    return f"{COMMENT} SELECT {columns} FROM {target} WHERE {conditions}{order}{limit}"


def select_latest(target: str, fields: Sequence[str], before_utc_ns: int) -> str:
    """Select the last row before a time."""
    columns = ", ".join(identifier(field) for field in fields)
    return f"{COMMENT} SELECT {columns} FROM {target} WHERE time < {before_utc_ns} ORDER BY time DESC LIMIT 1"


def select_summary(query: SummaryQuery, target: str, fields: Sequence[str]) -> str:
    """Select aggregates in buckets of whole nanoseconds; the columns are `a0`, `a1`, … in order."""
    columns = ", ".join(
        f"{aggregate.upper()}({identifier(field)}) AS a{index * len(query.aggregates) + number}"
        for index, field in enumerate(fields)
        for number, aggregate in enumerate(query.aggregates)
    )
    return (
        f"{COMMENT} SELECT {columns} FROM {target} WHERE {_conditions(query.time_range, query.where)} "
        f"GROUP BY time({query.bucket_ns}ns) fill(none)"
    )


def select_count(query: SampleQuery, target: str, field: str) -> str:
    """Count the values of one field."""
    conditions = _conditions(query.time_range, query.where)
    return f"{COMMENT} SELECT COUNT({identifier(field)}) FROM {target} WHERE {conditions}"


def show_measurements(database: str) -> str:
    """List the measurements of a database, of all retention policies."""
    return f"{COMMENT} SHOW MEASUREMENTS ON {identifier(database)}"


def show_field_keys(database: str, policy: str, topic: str) -> str:
    """List fields and types of a measurement."""
    return (
        f"{COMMENT} SHOW FIELD KEYS ON {identifier(database)} FROM {identifier(policy)}.{identifier(topic)}"
    )


def show_retention_policies(database: str) -> str:
    """List the retention policies of a database."""
    return f"{COMMENT} SHOW RETENTION POLICIES ON {identifier(database)}"


def _conditions(time_range: TimeRange, where: Sequence[Equals]) -> str:
    parts = [f"time >= {time_range.start_utc_ns}", f"time < {time_range.end_utc_ns}"]
    parts += [f"{identifier(condition.field)} = {literal(condition.value)}" for condition in where]
    return " AND ".join(parts)
