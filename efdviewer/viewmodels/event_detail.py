"""All that one event says, as text."""

from collections.abc import Callable, Sequence

import pyarrow as pa

from efdviewer.domain.events import is_stamp, placed, stamp_s, stamp_scale
from efdviewer.domain.query import DataSource, SampleQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.domain.topics import FieldSchema, TopicName, is_private
from efdviewer.services.catalog import Catalog
from efdviewer.services.enumerations import label_of, labels_of

_MOST_FIELDS = 1000
_INDENT = "    "


def detail_fields(schemas: Sequence[FieldSchema]) -> tuple[tuple[str, ...], int]:
    """List all fields of a topic, and tell how many are left out where there are too many."""
    names = [schema.name for schema in schemas]
    return tuple(names[:_MOST_FIELDS]), max(0, len(names) - _MOST_FIELDS)


def detail_text(
    topic: str,
    row: pa.Table,
    scale_of: Callable[[str, str], Timescale],
    timescale: Timescale,
    *,
    left_out: int = 0,
) -> str:
    """Write a row with every field: its own first, texts of several lines whole, then the stamps."""
    values = row.slice(0, 1).to_pylist()[0]
    own: list[str] = []
    private: list[str] = []
    stamps: list[str] = []
    width = max((len(name) for name in values if name != "time"), default=0)
    for name, value in values.items():
        if name == "time":
            stamps.append(f"{'time':{width}}  {_clock(value, timescale)}   the index of the database")
        elif value is None:
            continue
        elif stamp_scale(name) is not None and not isinstance(value, str):
            stamps.append(f"{name:{width}}  {_stamp(topic, row, name, scale_of, timescale)}")
        else:
            line = f"{name:{width}}  {_written(topic, name, value)}"
            (private if is_private(name) else own).append(line)
    if left_out:
        private.append(f"{left_out:,} more fields are not shown")
    groups = [[TopicName.parse(topic).title, topic], own, stamps, private]
    return "\n\n".join("\n".join(group) for group in groups if group)


async def whole_text(
    source: DataSource,
    catalog: Catalog,
    topic: str,
    row: pa.Table,
    *,
    scale_of: Callable[[str, str], Timescale],
    timescale: Timescale,
) -> str | None:
    """Load the fields of an event that a row of it lacks, and write all; None where it lacks none.

    Raises
    ------
    EfdViewerError
        If the source does not answer.
    """
    fields, left_out = detail_fields(await catalog.fields(topic))
    if set(fields) <= set(row.column_names):
        return None
    index_utc_ns = row.column("time")[0].as_py()
    moment = TimeRange(start_utc_ns=index_utc_ns, end_utc_ns=index_utc_ns + 1)
    whole = await source.samples(SampleQuery(topic=topic, fields=fields, time_range=moment))
    if not whole.num_rows:
        return None
    return detail_text(topic, whole.slice(0, 1), scale_of, timescale, left_out=left_out)


def _written(topic: str, name: str, value: object) -> str:
    if isinstance(value, str):
        if "\n" in value.strip():
            return "\n" + "\n".join(_INDENT + line for line in value.strip().splitlines())
        return value
    if isinstance(value, bool) or not labels_of(topic, name):
        return str(value).lower() if isinstance(value, bool) else str(value)
    label = label_of(topic, name, value)
    return label if label == str(value) else f"{label} ({value})"


def _stamp(
    topic: str,
    row: pa.Table,
    name: str,
    scale_of: Callable[[str, str], Timescale],
    timescale: Timescale,
) -> str:
    value = row.column(name)[0].as_py()
    if not is_stamp(stamp_s(row, name))[0]:
        return f"{value}   no stamp"
    scale = scale_of(topic, name)
    moment = int(placed(row, topic=topic, stamp=name, scale=scale).times_utc_ns[0])
    return f"{_clock(moment, timescale)}   written as {value!r} s {scale.value.upper()}"


def _clock(utc_ns: int, timescale: Timescale) -> str:
    return f"{format_ns(utc_ns, timescale, digits=9).replace('T', ' ')} {timescale.value.upper()}"
