"""Writes an archive into an InfluxDB, for tests and demonstrations."""

import base64
import ipaddress
import math
import zlib
from contextlib import aclosing
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pyarrow as pa

from efdviewer.domain.errors import BadInputError
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
) -> int:
    """Write every sample of an archive; gives the number of rows.

    Raises
    ------
    BadInputError
        If the server is not this machine, or the database not empty, and `force` is not given.
    EfdViewerError
        If the archive cannot be read or the server refuses.
    """
    if not force and not _is_this_machine(host):
        raise BadInputError(f"{host} is not this machine.", hint="--force writes to it all the same.")
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
            await _query(session, url, f"CREATE DATABASE {identifier(database)}")
            reply = await _query(session, url, f"SHOW MEASUREMENTS ON {identifier(database)} LIMIT 1")
            if reply["results"][0].get("series") and not force:
                raise BadInputError(
                    f"The database '{database}' is not empty.", hint="--force writes into it all the same."
                )
            for topic in await source.topics():
                fields = tuple(field.name for field in await source.fields(str(topic)))
                query = SampleQuery(topic=str(topic), fields=fields, time_range=_ALL)
                async with aclosing(source.stream(query)) as batches:
                    async for batch in batches:
                        for start in range(0, batch.num_rows, _LINES_AT_ONCE):
                            part = batch.slice(start, _LINES_AT_ONCE)
                            body = await run_in_worker(_packed_lines, str(topic), part)
                            parameters = {"db": database, "precision": "ns"}
                            packed = {"Content-Encoding": "gzip"}
                            async with session.post(
                                f"{url}write", params=parameters, data=body, headers=packed
                            ):
                                rows += part.num_rows
    return rows


async def _query(session: aiohttp.ClientSession, url: str, statement: str) -> Any:
    async with session.post(f"{url}query", data={"q": statement}) as response:
        return orjson.loads(await response.read())


async def _refuse(response: aiohttp.ClientResponse) -> None:
    if response.status != 204:
        await refuse_bad_status(response)


def line_protocol(topic: str, batch: pa.RecordBatch) -> str:
    """Write rows as lines; nulls are left out, and a row of nothing else too."""
    measurement = _escaped(topic, ", ")
    columns = [
        (_escaped(name, ",= "), _texts(batch.column(name))) for name in batch.schema.names if name != "time"
    ]
    lines = []
    for row, moment in enumerate(batch.column("time").to_pylist()):
        parts = ",".join(f"{name}={texts[row]}" for name, texts in columns if texts[row] is not None)
        if parts:
            lines.append(f"{measurement} {parts} {moment}")
    return "\n".join(lines)


def _packed_lines(topic: str, batch: pa.RecordBatch) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(line_protocol(topic, batch).encode()) + packer.flush()


def _texts(column: pa.Array) -> list[str | None]:
    values = column.to_pylist()
    if pa.types.is_boolean(column.type):
        return [None if value is None else str(value).lower() for value in values]
    if pa.types.is_integer(column.type):
        return [None if value is None else f"{value}i" for value in values]
    if pa.types.is_floating(column.type):
        return [None if value is None or math.isnan(value) else repr(value) for value in values]
    return [None if value is None else _quoted(value) for value in values]


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


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
