"""Commands that work without a window: export, simulate, load."""

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from pathlib import Path

from efdviewer import __version__
from efdviewer.app.cli import Command
from efdviewer.app.doubts import tell_doubt
from efdviewer.domain.errors import AddressError, BadInputError
from efdviewer.domain.query import DataSource
from efdviewer.domain.session import Session
from efdviewer.domain.tai_index import TaiIndex
from efdviewer.domain.timerange import TimeRange, TimeRangeSpec, resolve_expression
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.services.catalog import Catalog
from efdviewer.services.exports import Selection, archived_rows, check_export_path, export_table, select
from efdviewer.sources.addresses import InfluxAddress
from efdviewer.sources.archive_writer import ArchiveWriter
from efdviewer.sources.credentials import resolve_password
from efdviewer.sources.opening import ask_password, open_source
from efdviewer.sources.profiles import resolve_source


def run_export(command: Command) -> int:
    """Write the samples of the range to a table, or into an archive."""
    return asyncio.run(_export(command))


def run_simulate(command: Command) -> int:
    """Write a simulated night."""
    from efdviewer.sources.simulate import simulate_night

    options = command.options
    end = resolve_expression(options.end, now_utc_ns=time.time_ns(), timescale=Timescale.UTC, is_end=True)
    simulate_night(options.output, end_utc_ns=end, seed=options.seed, clock_mix=options.clock_mix)
    return 0


def run_load(command: Command) -> int:
    """Write an archive into an InfluxDB."""
    return asyncio.run(_load(command))


COMMANDS: Mapping[str, Callable[[Command], int]] = {
    "export": run_export,
    "simulate": run_simulate,
    "load": run_load,
}


async def resolved_range(session: Session, source: DataSource, *, has_range: bool) -> TimeRange:
    """Give the range that was asked for, else the one that the source suggests, else the last 20 hours."""
    suggested = None if has_range else await source.default_range()
    return suggested or TimeRangeSpec(start=session.start, end=session.end).resolve(
        now_utc_ns=time.time_ns(), timescale=Timescale(session.timescale)
    )


async def _export(command: Command) -> int:
    session, path = command.session, command.options.output
    if not session.source:
        raise BadInputError("No source was given.", hint="efdviewer export SOURCE -o FILE")
    if path.suffix:
        check_export_path(path)
    password = await ask_password(session.source)
    index = TaiIndex.parse(session.tai_index)
    async with open_source(session.source, password=password, tai_index=index) as source:
        time_range = await resolved_range(session, source, has_range=command.has_range)
        tell_doubt(time_range)
        selection = await select(session, Catalog(source))
        if path.suffix:
            rows = await export_table(source, selection, time_range, path, _origin(source, time_range))
        else:
            rows = await _export_archive(source, selection, time_range, path)
    print(f"{rows:,} rows written to {path}", file=sys.stderr)  # noqa: T201
    return 0


def _origin(source: DataSource, time_range: TimeRange) -> dict[str, str]:
    return {
        "source": source.address,
        "start": format_ns(time_range.start_utc_ns, Timescale.UTC) + "Z",
        "end": format_ns(time_range.end_utc_ns, Timescale.UTC) + "Z",
        "timescale": "UTC",
        "program": f"efdviewer {__version__}",
    }


async def _export_archive(source: DataSource, selection: Selection, time_range: TimeRange, path: Path) -> int:
    rows = 0
    with ArchiveWriter(path, source.address) as writer:
        for topic in dict.fromkeys(ref.topic for ref in selection.types):
            units = {ref.field: unit for ref, unit in selection.units.items() if ref.topic == topic}
            async with aclosing(archived_rows(source, selection, topic, time_range)) as tables:
                async for table in tables:
                    for batch in table.to_batches():
                        writer.append(topic, batch, units)
                    rows += table.num_rows
    return rows


def _tell_progress(rows: int) -> None:
    """Write the rows so far over the line before, where somebody watches; the last words replace it."""
    if sys.stderr.isatty():
        print(f"{rows:,} rows …", end="\r", file=sys.stderr, flush=True)  # noqa: T201


async def _load(command: Command) -> int:
    from efdviewer.sources.load import check_this_machine, load_archive

    options = command.options
    address = resolve_source(options.to)
    if not isinstance(address, InfluxAddress):
        raise AddressError(f"'{options.to}' is not an InfluxDB.", hint="influxdb://localhost:8086?db=efd")
    if not options.force:
        check_this_machine(address.host)
    rows = await load_archive(
        options.folder,
        host=address.host,
        port=address.port,
        database=address.database,
        username=address.username,
        password=await resolve_password(address, may_prompt=True),
        tls=address.tls,
        path=address.path,
        force=options.force,
        written=_tell_progress,
    )
    print(f"{rows:,} rows written to {address}", file=sys.stderr)  # noqa: T201
    return 0
