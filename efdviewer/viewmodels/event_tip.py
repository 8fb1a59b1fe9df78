"""What an event line tells when the mouse is over it."""

import html
from collections.abc import Callable, Sequence

import pyarrow as pa

from efdviewer.domain.events import is_stamp, placed, short_stamp, stamp_s, stamp_scale, stamps_of
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.domain.topics import FieldSchema, TopicName, is_private

_FIELDS = 40
_LENGTH = 120


def tip_fields(schemas: Sequence[FieldSchema]) -> tuple[str, ...]:
    """List what to load of an event: all its stamps, then its own fields."""
    own = [schema.name for schema in schemas if not is_private(schema.name)][:_FIELDS]
    return tuple(dict.fromkeys([*(stamp for stamp in stamps_of(schemas) if stamp != "time"), *own]))


def crowd_text(crowds: Sequence[tuple[str, int, str, bool]]) -> str:
    """Say as HTML how many events of each overlay lie at a place.

    Of each its title, the number, the length of the stretch they lie in, `36 s`, and whether all of that is
    in view.
    """
    lines = [
        f"<b>{html.escape(title)}</b>: {count:,} {'event' if count == 1 else 'events'} in {spell} "
        + ("here" if is_in_view else "around here, also outside the view")
        for title, count, spell, is_in_view in crowds
    ]
    return "<br>".join(lines) + "; zoom in to part them"


def tip_text(topic: str, row: pa.Table, scale_of: Callable[[str, str], Timescale], count: int = 1) -> str:
    """Write one row of a topic as HTML: its stamps in UTC, each with the scale it was read in, its fields.

    Of several events at one place it is the nearest, and their `count` is told first.
    """
    lines = [f"<i>{count:,} events here; zoom in to part them. The nearest:</i>"] if count > 1 else []
    lines += [f"<b>{html.escape(TopicName.parse(topic).title)}</b>"]
    for name, value in row.to_pylist()[0].items():
        if name == "time":
            lines.append(f"time {format_ns(value, Timescale.UTC, digits=6)} UTC")
        elif stamp_scale(name) is not None and not isinstance(value, str) and is_stamp(stamp_s(row, name))[0]:
            scale = scale_of(topic, name)
            moment = int(placed(row, topic=topic, stamp=name, scale=scale).times_utc_ns[0])
            written = f"{format_ns(moment, Timescale.UTC, digits=6)} UTC (written in {scale.value.upper()})"
            lines.append(f"{html.escape(short_stamp(name))} {written}")
        elif value is not None:
            text = str(value)
            text = text if len(text) <= _LENGTH else f"{text[:_LENGTH]} …"
            lines.append(f"{html.escape(name)}: {html.escape(text)}")
    return "<br>".join(lines)
