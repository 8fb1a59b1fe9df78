"""The connection to one InfluxDB: the only module that knows aioinflux."""

import asyncio
import base64
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pyarrow as pa
from aioinflux import InfluxDBClient

from efdviewer.domain.errors import EfdViewerError, StreamCutError
from efdviewer.domain.query import Statement
from efdviewer.sources.decode import Chunk, LineSplitter, decode_line, decode_rows
from efdviewer.sources.influx_errors import mapped, refuse_bad_status
from efdviewer.sources.resolver import DaemonResolver
from efdviewer.sources.workers import run_in_worker

CONNECT_TIMEOUT_S = 10.0
SILENCE_TIMEOUT_S = 60.0
STATEMENTS_AT_ONCE = 4
CHUNK_ROWS = 10_000
_READ_AHEAD = 4
_REPORT_S = 0.2
_BUFFER_BYTES = 1 << 20

_Report = Callable[..., None]


class InfluxConnection:
    """Sends statements and gives their rows, at most four at a time; reports each to its observers."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        path: str,
        tls: bool,
        database: str,
        username: str | None,
        password: str | None,
    ) -> None:
        self.where = f"{host}:{port}"
        self.observers: list[Callable[[Statement], None]] = []
        self._slots = asyncio.Semaphore(STATEMENTS_AT_ONCE)
        self._number = 0
        self._client = InfluxDBClient(
            host=f"[{host}]" if ":" in host else host,
            port=port,
            path=path if path.endswith("/") else f"{path}/",
            db=database,
            ssl=tls,
            headers=_headers(username, password),
            timeout=aiohttp.ClientTimeout(
                total=None, connect=None, sock_connect=CONNECT_TIMEOUT_S, sock_read=SILENCE_TIMEOUT_S
            ),
            connector=aiohttp.TCPConnector(resolver=DaemonResolver(), limit=2 * STATEMENTS_AT_ONCE),
            read_bufsize=_BUFFER_BYTES,
            raise_for_status=refuse_bad_status,
            trace_configs=[_no_redirects()],
        )

    async def close(self) -> None:
        """Close the connections; what still runs on the server ends within a second."""
        await self._client.close()

    async def rows(self, statement: str) -> list[dict[str, Any]]:
        """Send a small statement; gives the series of its result.

        Raises
        ------
        SourceError
            If the answer is not complete.
        """
        async with self._reported(statement) as report:
            with mapped(self.where):
                reply = await self._client.query(statement, epoch="ns")
            series = decode_rows(reply)
            report(rows=sum(len(part.get("values", ())) for part in series))
            return series

    async def stream(self, statement: str, schema: pa.Schema) -> AsyncGenerator[pa.RecordBatch, None]:
        """Send a statement whose rows may be many; they come as batches of a schema.

        Raises
        ------
        SourceError
            If the stream ends before it is complete.
        """
        async with self._reported(statement) as report:
            lines: asyncio.Queue[bytes | None] = asyncio.Queue(_READ_AHEAD)
            reader = asyncio.create_task(self._read(statement, lines, report), name="Read InfluxDB")
            complete = False
            try:
                while True:
                    line = await lines.get()
                    if line is None:
                        await reader
                        break
                    chunk: Chunk = await run_in_worker(decode_line, line, schema)
                    complete = not chunk.partial
                    if chunk.batch is not None:
                        report(rows=chunk.batch.num_rows)
                        yield chunk.batch
                if not complete:
                    raise StreamCutError(
                        f"The answer of {self.where} was cut.", hint="Choose a shorter range."
                    )
            finally:
                # Cancelling leaves the connection, which ends the query on the server.
                reader.cancel()
                while not lines.empty():
                    lines.get_nowait()
                await asyncio.wait({reader})

    async def _read(self, statement: str, lines: asyncio.Queue[bytes | None], report: _Report) -> None:
        """Read the reply line by line, no further ahead than the queue holds; None ends it."""
        client = self._client
        if not client._session:
            await client.create_session()
        splitter = LineSplitter()
        parameters = {"db": client.db, "epoch": "ns", "chunked": "true", "chunk_size": str(CHUNK_ROWS)}
        try:
            with mapped(self.where):
                async with client._session.post(
                    client.url.format(endpoint="query"), params=parameters, data={"q": statement}
                ) as response:
                    async for piece in response.content.iter_any():
                        report(received_bytes=len(piece))
                        for line in splitter.feed(piece):
                            await lines.put(line)
            if rest := splitter.rest():
                await lines.put(rest)
        finally:
            await lines.put(None)

    def _reported(self, statement: str) -> "_Reported":
        self._number += 1
        begun = Statement(number=self._number, text=statement, started_utc_ns=0)
        return _Reported(self._slots, self.observers, begun)


def _headers(username: str | None, password: str | None) -> dict[str, str]:
    """Write the credentials in UTF-8, as influxd reads them; aioinflux would write latin-1."""
    if username is None:
        return {}
    token = base64.b64encode(f"{username}:{password or ''}".encode()).decode("ascii")
    return {"Authorization": f"Basic {token}"}


def _no_redirects() -> aiohttp.TraceConfig:
    """Refuse to follow redirects, which would turn a POST into a GET and lose the statement."""

    async def refuse(_session: Any, _context: Any, parameters: aiohttp.TraceRequestRedirectParams) -> None:
        await refuse_bad_status(parameters.response)

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(refuse)
    return trace


class _Reported:
    """A statement's time on the server: waits for a slot, tells observers how it goes and ends."""

    def __init__(
        self, slots: asyncio.Semaphore, observers: list[Callable[[Statement], None]], statement: Statement
    ) -> None:
        self._slots = slots
        self._observers = observers
        self._statement = statement
        self._begun_s = self._told_s = 0.0

    async def __aenter__(self) -> _Report:
        await self._slots.acquire()
        self._begun_s = time.monotonic()
        self._tell(started_utc_ns=time.time_ns())
        return self._count

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        self._slots.release()
        outcome = "done"
        if isinstance(error, (asyncio.CancelledError, GeneratorExit)):
            outcome = "cancelled"
        elif error is not None:
            outcome = str(error) if isinstance(error, EfdViewerError) else type(error).__name__
        self._tell(outcome=outcome)

    def _count(self, *, rows: int = 0, received_bytes: int = 0) -> None:
        before = self._statement
        self._statement = replace(
            before, rows=before.rows + rows, received_bytes=before.received_bytes + received_bytes
        )
        if time.monotonic() - self._told_s > _REPORT_S:
            self._tell()

    def _tell(self, **changes: Any) -> None:
        self._told_s = time.monotonic()
        self._statement = replace(self._statement, elapsed_s=self._told_s - self._begun_s, **changes)
        for observer in list(self._observers):
            observer(self._statement)
