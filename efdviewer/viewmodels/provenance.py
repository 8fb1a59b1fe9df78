"""Where a picture comes from, in words that go with it."""

from dataclasses import dataclass

from efdviewer import __version__
from efdviewer.domain.query import DataSource
from efdviewer.domain.timescale import format_ns
from efdviewer.viewmodels.events import EventsViewModel
from efdviewer.viewmodels.time_range import TimeRangeViewModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a picture comes from.

    `caption` tells source, range with scale, and version; `statements` what was asked, one a line; `lines`
    the colour and the name of each kind of event line.
    """

    caption: str
    statements: str
    lines: tuple[tuple[str, str], ...]


def provenance_of(
    source: DataSource | None,
    name: str,
    time: TimeRangeViewModel,
    events: EventsViewModel,
    *,
    statements: str,
) -> Provenance:
    """Say where the range in view and its event lines come from; `name` is the source's for people."""
    scale = time.timescale
    start = format_ns(time.time_range.start_utc_ns, scale)
    end = format_ns(time.time_range.end_utc_ns, scale)
    address = _named(source, name) if source else "no source"
    lines = [(state.color, state.title) for state in events.states() if state.visible and state.has_events]
    return Provenance(
        caption=f"{address} · {start} to {end} {scale.value.upper()} · efdviewer {__version__}",
        statements=statements,
        lines=tuple(lines),
    )


def _named(source: DataSource, name: str) -> str:
    """Write an address after the name by which it was opened; the demo's is of no use to anybody."""
    if name in ("demo", source.address):
        return name
    return source.address if name == source.label else f"{name} ({source.address})"
