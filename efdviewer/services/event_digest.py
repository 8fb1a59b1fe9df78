"""What an event says, on one line: made column by column, for as many events as there are."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from efdviewer.domain.events import stamp_scale
from efdviewer.domain.topics import TopicName, index_fields, is_private
from efdviewer.services.enumerations import labels_of

_PLAIN = {
    "logMessage": ("level", "message"),
    "errorCode": ("errorCode", "errorReport"),
}
"""Fields that speak for themselves, without their names."""
_BREAK = " ⏎ "
_MOST_FIELDS = 12


def digests(topic: str, rows: pa.Table) -> pa.Array:
    """Say of each row what its own fields hold, (n,) string; line breaks are written as ⏎.

    A value of an enumeration stands with its label, an empty text is left out.
    """
    name = TopicName.parse(topic)
    short = name.name.removeprefix("logevent_")
    own = [field for field in rows.column_names if field != "time" and not is_private(field)]
    plain = [field for field in _PLAIN.get(short, ()) if field in own]
    if plain:
        parts = [_texts(topic, field, rows) for field in plain]
        return _joined(parts, "  ")
    indices = index_fields(topic, own)
    chosen = [field for field in own if stamp_scale(field) is None and field not in indices]
    named = [
        pc.binary_join_element_wise(field, _texts(topic, field, rows), " ") for field in chosen[:_MOST_FIELDS]
    ]
    marked = [pc.binary_join_element_wise(field, _texts(topic, field, rows), " ") for field in indices]
    return _joined([*marked, *named], " · ") if marked or named else pa.array([""] * rows.num_rows)


def _texts(topic: str, field: str, rows: pa.Table) -> pa.Array:
    """Write a column as texts on one line each, null for what says nothing."""
    column = rows.column(field).combine_chunks()
    if pa.types.is_null(column.type):
        return pa.nulls(len(column), pa.string())
    texts = pc.cast(column, pa.string())
    labels = labels_of(topic, field)
    if labels:
        known = pa.array(list(labels))
        places = pc.index_in(pc.replace_substring_regex(texts, r"\.0$", ""), known)
        texts = pc.coalesce(pc.take(pa.array(list(labels.values())), places), texts)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return texts
    texts = pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), r"\s*[\r\n]+\s*", _BREAK)
    return pc.if_else(pc.equal(texts, ""), None, texts)


def _joined(parts: Sequence[pa.Array], between: str) -> pa.Array:
    joined = pc.binary_join_element_wise(*parts, between, null_handling="skip")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined
