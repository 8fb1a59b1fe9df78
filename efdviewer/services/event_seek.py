"""Finds the event that comes next, in either direction, wherever it is."""

from contextlib import aclosing

import pyarrow as pa

from efdviewer.domain.errors import BadInputError
from efdviewer.domain.events import placed, short_stamp
from efdviewer.domain.query import DataSource, SampleQuery
from efdviewer.domain.rows import reversed_rows
from efdviewer.domain.samples import times
from efdviewer.domain.timerange import FIRST_SHOWN_NS, LATEST_NS, TimeRange
from efdviewer.domain.topics import TopicName
from efdviewer.services.event_loader import Placement
from efdviewer.services.series_loader import FieldCatalog
from efdviewer.services.stamp_loader import check_stamps, counted_field

_SLACK_NS = 5 * 10**9
"""Rows come in the order of `time`; stamps differ from it by as much, beyond what all of them do."""
_FIRST_ROWS, _MOST_ROWS = 32, 8192
"""So many rows are asked for at once: few, then ever more, if none of them is beyond."""


async def next_event(
    source: DataSource,
    catalog: FieldCatalog,
    placement: Placement,
    from_utc_ns: int,
    *,
    forward: bool,
    until_utc_ns: int | None = None,
) -> int | None:
    """Find the event that stands nearest after a moment, or before it, ns UTC; None where there is none.

    It is asked for by the rows' `time`, from a little before the moment on, in statements of few rows.
    Where the stamps turn out to lie far from that, as in 2019, it is asked for again where they lie. Events
    beyond `until_utc_ns` need not be found.

    Raises
    ------
    EfdViewerError
        If the source does not answer completely, the topic lacks the stamp, or very many rows have none.
    """
    topic, stamp, _ = placement
    schemas = await catalog.fields(topic)
    check_stamps(topic, (stamp,), schemas)
    field = stamp if stamp != "time" else counted_field(stamp, schemas)
    offset_ns = await _offset(source, placement, field, from_utc_ns, forward=forward)
    step = 1 if forward else -1
    begin_utc_ns = from_utc_ns - offset_ns - step * _slack(placement)
    limit = _FIRST_ROWS
    while True:
        until = None if until_utc_ns is None else until_utc_ns - offset_ns + step * _slack(placement)
        table = await _rows(source, topic, field, begin_utc_ns, until, limit=limit, forward=forward)
        stands = placed(table, topic=topic, stamp=stamp, scale=placement[2]).times_utc_ns
        beyond = stands[stands > from_utc_ns] if forward else stands[stands < from_utc_ns]
        if len(beyond):
            return int(beyond[0] if forward else beyond[-1])
        if table.num_rows < limit:
            return None
        if limit >= _MOST_ROWS:
            name = TopicName.parse(topic).title
            raise BadInputError(
                f"None of {limit:,} messages of {name} has its {short_stamp(stamp)}.",
                hint="Choose another stamp in the list of overlays.",
            )
        begin_utc_ns = int(times(table)[-1 if forward else 0]) + (1 if forward else 0)
        limit *= 4


async def _offset(
    source: DataSource, placement: Placement, field: str, from_utc_ns: int, *, forward: bool
) -> int:
    """Tell how far events stand from their rows' `time` near a moment, ns."""
    topic, stamp, scale = placement
    if (stamp, scale.value) == ("time", "utc"):
        return 0
    table = await _rows(source, topic, field, from_utc_ns, None, limit=1, forward=forward)
    found = placed(table, topic=topic, stamp=stamp, scale=scale)
    if not len(found.times_utc_ns):
        return 0
    offset_ns = int(found.times_utc_ns[0] - found.index_utc_ns[0])
    return offset_ns if abs(offset_ns) > _SLACK_NS else 0


def _slack(placement: Placement) -> int:
    return 0 if placement[1] == "time" else _SLACK_NS


async def _rows(
    source: DataSource,
    topic: str,
    field: str,
    begin_utc_ns: int,
    until_utc_ns: int | None,
    *,
    limit: int,
    forward: bool,
) -> pa.Table:
    """Load some rows from a moment on, or before it, in ascending order."""
    begin = min(max(begin_utc_ns, FIRST_SHOWN_NS), LATEST_NS)
    if forward:
        first, last = begin, LATEST_NS if until_utc_ns is None else until_utc_ns + 1
    else:
        first, last = FIRST_SHOWN_NS if until_utc_ns is None else until_utc_ns, begin
    if first >= last:
        return pa.schema([("time", pa.int64()), (field, pa.float64())]).empty_table()
    query = SampleQuery(
        topic=topic,
        fields=(field,),
        time_range=TimeRange(start_utc_ns=first, end_utc_ns=last),
        limit=limit,
        descending=not forward,
    )
    async with aclosing(source.stream(query)) as batches:
        found = [batch async for batch in batches]
    if not found:
        return pa.schema([("time", pa.int64()), (field, pa.float64())]).empty_table()
    table = pa.Table.from_batches(found)
    return table if forward else reversed_rows(table)
