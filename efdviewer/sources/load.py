"""Writes an archive into an InfluxDB, for tests and demonstrations."""

import base64
import ipaddress
from collections.abc import Callable
from contextlib import aclosing
from functools import reduce
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from efdviewer.domain.errors import BadInputError, UnwritableNameError
from efdviewer.domain.query import SampleQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.sources.archive import ArchiveSource
from efdviewer.sources.influx_errors import mapped, refuse_bad_status
from efdviewer.sources.influxql import identifier
from efdviewer.sources.resolver import DaemonResolver
from efdviewer.sources.workers import run_in_worker

_LINES_AT_ONCE = 20_000
_ALL = TimeRange(start_utc_ns=-9_000_000_000_000_000_000, end_utc_ns=9_000_000_000_000_000_000)


async def load_archive(
    folder: Path,
    *,
    host: str,
    port: int,
    database: str,
    username: str | None = None,
    password: str | None = None,
    tls: bool = False,
    path: str = "/",
    force: bool = False,
    written: Callable[[int], None] = lambda _rows: None,
) -> int:
    """Write every sample of an archive; gives the number of rows, and tells `written` how many are.

    Raises
    ------
    BadInputError
        If the server is not this machine, or the database not empty, and `force` is not given.
    UnwritableNameError
        If a topic or field has a name that InfluxDB cannot take; nothing is written then.
    EfdViewerError
        If the archive cannot be read or the server refuses.
    """
    if not force:
        check_this_machine(host)
    headers = {}
    if username is not None:
        token = base64.b64encode(f"{username}:{password or ''}".encode()).decode("ascii")
        headers["Authorization"] = f"Basic {token}"
    url = f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}{path}"
    where = f"{host}:{port}"
    rows = 0
    async with (
        aiohttp.ClientSession(
            headers=headers,
            raise_for_status=_refuse,
            connector=aiohttp.TCPConnector(resolver=DaemonResolver()),
        ) as session,
        ArchiveSource(folder) as source,
    ):
        with mapped(where):
            topics = {str(topic): await source.fields(str(topic)) for topic in await source.topics()}
            for topic, schemas in topics.items():
                for name in (topic, *(schema.name for schema in schemas)):
                    _check_writable(name)
            await _query(session, url, f"CREATE DATABASE {identifier(database)}")
            reply = await _query(session, url, f"SHOW MEASUREMENTS ON {identifier(database)} LIMIT 1")
            if reply["results"][0].get("series") and not force:
                raise BadInputError(
                    f"The database '{database}' is not empty.", hint="--force writes into it all the same."
                )
            for topic, schemas in topics.items():
                fields = tuple(schema.name for schema in schemas)
                query = SampleQuery(topic=topic, fields=fields, time_range=_ALL)
                async with aclosing(source.stream(query)) as batches:
                    async for batch in batches:
                        for start in range(0, batch.num_rows, _LINES_AT_ONCE):
                            part = batch.slice(start, _LINES_AT_ONCE)
                            body = await run_in_worker(_lines, topic, part)
                            parameters = {"db": database, "precision": "ns"}
                            async with session.post(f"{url}write", params=parameters, data=body):
                                rows += part.num_rows
                            written(rows)
    return rows


async def _query(session: aiohttp.ClientSession, url: str, statement: str) -> Any:
    async with session.post(f"{url}query", data={"q": statement}) as response:
        return orjson.loads(await response.read())


async def _refuse(response: aiohttp.ClientResponse) -> None:
    if response.status != 204:
        await refuse_bad_status(response)


def check_this_machine(host: str) -> None:
    """Raise a BadInputError if a host is another machine."""
    if not _is_this_machine(host):
        raise BadInputError(f"{host} is not this machine.", hint="--force writes to it all the same.")


def line_protocol(topic: str, batch: pa.RecordBatch) -> str:
    """Write rows as lines; nulls, NaN and infinities are left out, and a row of nothing else too."""
    parts = [
        pc.binary_join_element_wise(_escaped(name, ",= "), _texts(batch.column(name)), "=")
        for name in batch.schema.names
        if name != "time"
    ]
    # Arrow's join leaves out, and does not empty, a row in which all parts are null.
    is_written = reduce(pc.or_, map(pc.is_valid, parts))
    values = pc.binary_join_element_wise(
        *(part.filter(is_written) for part in parts), ",", null_handling="skip"
    )
    times = batch.column("time").filter(is_written).cast(pa.int64()).cast(pa.string())
    return "\n".join(pc.binary_join_element_wise(_escaped(topic, ", "), values, times, " ").to_pylist())


def _lines(topic: str, batch: pa.RecordBatch) -> bytes:
    # Not packed: on this machine, where it is meant to write, unpacking is the server's lost time.
    return line_protocol(topic, batch).encode()


def _texts(column: pa.Array) -> pa.Array:
    """Write values as the line protocol has them; null where it has none."""
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.is_finite(column), column, None).cast(pa.string())
    if pa.types.is_integer(column.type):
        return pc.binary_join_element_wise(column.cast(pa.string()), "i", "")
    if pa.types.is_boolean(column.type):
        return column.cast(pa.string())
    escaped = pc.replace_substring(pc.replace_substring(column, "\\", "\\\\"), '"', '\\"')
    return pc.binary_join_element_wise('"', escaped, '"', "")


def _check_writable(name: str) -> None:
    """Refuse what the line protocol would read as another name: it knows no escape of a backslash."""
    if name.endswith("\\") or any(f"\\{mark}" in name for mark in ",= ") or "\n" in name:
        raise UnwritableNameError(
            f"{name!r} cannot be the name of a topic or field in InfluxDB.",
            hint="Rename it first.",
        )


def _escaped(name: str, marks: str) -> str:
    for mark in marks:
        name = name.replace(mark, f"\\{mark}")
    return name


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
