"""What a reply of InfluxDB says beside its rows, as JSON or as MessagePack: errors, and the end."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from efdviewer.domain.errors import BucketLimitError, LimitError, QueryError, ReplyError, StreamCutError
from efdviewer.domain.topics import FieldType

ARROW_TYPES: Mapping[FieldType, pa.DataType] = {
    FieldType.FLOAT: pa.float64(),
    FieldType.INTEGER: pa.int64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.STRING: pa.string(),
}
SUMMARY_TYPES: Mapping[FieldType, pa.DataType] = {**ARROW_TYPES, FieldType.BOOLEAN: pa.int64()}
"""Types of minimum, maximum, first and last of a field."""
WRONG_PLACE = "Is this an InfluxDB 1.x, and the path right?"


class ReplyState:
    """Remembers of one reply whether it has begun, and whether it has come to its end.

    Parameters
    ----------
    columns : int
        Number of columns that the statement asked for, the time among them.
    """

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self.begun = False
        self.complete = False

    def note(self, result: Mapping[str, Any]) -> None:
        """Take note of the next result of the reply.

        Raises
        ------
        ReplyError
            If it has other columns than were asked for.
        """
        series = result.get("series")
        if series and len(series[0]["columns"]) != self._columns:
            raise ReplyError("The server answered with other columns than were asked for.")
        self.begun = True
        self.complete = not is_partial(result)


def result_in(document: Any) -> Mapping[str, Any]:
    """Give the one result in a document of a reply, and raise the error that it may carry.

    Raises
    ------
    QueryError
        If the server reports an error, in the form of version 1 or 2.
    ReplyError
        If it is not what InfluxDB sends.
    """
    if message := error_in(document):
        raise refused(message)
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, list):
        raise ReplyError("The answer has no results.", hint=WRONG_PLACE)
    result: Mapping[str, Any] = results[0] if results else {}
    if message := error_in(result):
        raise refused(message)
    return result


def error_in(document: Any) -> str:
    """Give the message of an error of version 1 or 2; empty where there is none."""
    if not isinstance(document, dict):
        return ""
    message = document.get("error")
    if message is None and "code" in document:
        message = document.get("message") or document["code"]
    return "" if message is None else str(message)


def is_partial(result: Mapping[str, Any]) -> bool:
    """Tell whether more must follow."""
    series = result.get("series") or [{}]
    return bool(result.get("partial") or series[-1].get("partial"))


def batch_of(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Make a batch of rows of Python objects.

    Raises
    ------
    ReplyError
        If the values are not of the schema's types.
    """
    columns = zip(*rows, strict=True)
    try:
        arrays = [_array(column, part.type) for column, part in zip(columns, schema, strict=True)]
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, ValueError) as error:
        raise other_types() from error
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(column: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_floating(kind):
        # JSON writes a float without a fraction as an integer.
        return pa.array([None if value is None else float(value) for value in column], kind)
    return pa.array(column, kind)


def refused(message: str) -> QueryError:
    """Make the error for a message of the server, with what to try."""
    words = message.lower()
    hint = "Try again; if it stays, tell those who run the server."
    if "timeout" in words:
        hint = "Choose a shorter range, or try again when the server is less busy."
    elif "max-select-buckets" in words:
        hint = "The range holds too many buckets of this width: choose wider ones or a shorter range."
    elif "max-concurrent-queries" in words:
        hint = "The server is busy: try again in a moment."
    elif "max-select" in words:
        hint = "Choose a shorter range or fewer fields."
    elif "database not found" in words:
        hint = "Check the database in the address (?db=…)."
    elif "retention policy not found" in words:
        hint = "Check the retention policy in the address (&rp=…), or leave it out."
    return _kind_of(words)(f"The database refused: {message.rstrip('.')}.", hint=hint)


def _kind_of(words: str) -> type[QueryError]:
    if "max-select-buckets" in words:
        return BucketLimitError
    return LimitError if "max-select-point" in words or "query-timeout" in words else QueryError


def cut() -> StreamCutError:
    """Make the error for a reply that lacks its end."""
    return StreamCutError("The answer ended before it was complete.", hint="Try again.")


def other_types() -> ReplyError:
    """Make the error for values that do not fit the schema."""
    return ReplyError(
        "The values do not have the type that the server lists for their field.",
        hint="Load it again: the field may have changed its type.",
    )
