"""The connection to one InfluxDB: the only module that knows aioinflux."""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import aiohttp
import pyarrow as pa
from aioinflux import InfluxDBClient, InfluxDBError

from efdviewer.domain.errors import ReplyError, StreamCutError
from efdviewer.domain.query import Statement
from efdviewer.sources import decode_packed
from efdviewer.sources.decode import ReplyDecoder
from efdviewer.sources.decode_packed import PackedReplyDecoder
from efdviewer.sources.influx_errors import mapped, refuse_bad_status, refuse_redirect
from efdviewer.sources.reply import is_partial, refused, result_in
from efdviewer.sources.resolver import DaemonResolver
from efdviewer.sources.statement_log import StatementLog
from efdviewer.sources.workers import run_in_worker

CONNECT_TIMEOUT_S = 10.0
SILENCE_TIMEOUT_S = 60.0
_READ_AHEAD_BYTES = 1 << 20
_SMALL_CHUNK_ROWS = 1_000
_CHUNK_VALUES = 20_000
# Each chunk is a turn of the loop and of a worker: six fields took 1.2 s of processor time with 20,000 values
# in one, and 0.7 s with 60,000; more gain no time.
_CHUNK_VALUES_PACKED = 60_000
_CHUNK_VALUES_WITH_TEXT = 4_000

ShareAt = Callable[[int], float]
"""How much of an answer has come, 0 to 1, when its last row so far has a time, ns UTC."""


class InfluxConnection:
    """Sends statements and gives their rows, at most four at a time; tells the observers of each.

    Made inside a running loop. Connecting may take 10 s and silence 60 s; a whole reply has no limit.
    """

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
        observers: list[Callable[[Statement], None]],
    ) -> None:
        shown_host = f"[{host}]" if ":" in host else host
        self._where = f"{shown_host}:{port}"
        self._tls = tls
        self._log = StatementLog(observers)
        self._client = InfluxDBClient(
            host=shown_host,
            port=port,
            path=f"/{path.strip('/')}/".replace("//", "/"),
            db=database,
            ssl=tls,
            headers=_headers(username, password),
            timeout=aiohttp.ClientTimeout(
                total=None, connect=CONNECT_TIMEOUT_S, sock_connect=None, sock_read=SILENCE_TIMEOUT_S
            ),
            connector=aiohttp.TCPConnector(resolver=DaemonResolver(), limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=_READ_AHEAD_BYTES,
            raise_for_status=refuse_bad_status,
            trace_configs=[_no_redirects()],
        )

    async def close(self) -> None:
        """Close the connections; what still runs on the server ends within a second."""
        await self._client.close()

    async def rows(self, statement: str) -> list[list[Any]]:
        """Send a small statement; gives all rows of its result.

        Raises
        ------
        SourceError
            If the answer is not complete.
        """
        return [row for _name, row in await self.named_rows(statement)]

    async def named_rows(self, statement: str) -> list[tuple[str, list[Any]]]:
        """Send a small statement; gives all rows of its result, each with the name of its series.

        Raises
        ------
        SourceError
            If the answer is not complete.
        """
        rows: list[tuple[str, list[Any]]] = []
        async with self._log.running(statement) as running:
            complete = False
            with mapped(self._where, tls=self._tls):
                # Chunked, because the server truncates other replies at its max-row-limit, and in small
                # chunks, because aioinflux decodes them on the event loop.
                lines = await self._client.query(statement, chunked=True, chunk_size=_SMALL_CHUNK_ROWS)
                try:
                    async with aclosing(lines):
                        async for line in lines:
                            result = result_in(line)
                            complete = not is_partial(result)
                            rows += [
                                (series.get("name", ""), row)
                                for series in result.get("series", [])
                                for row in series.get("values", [])
                            ]
                            # Lines that are there already come without a turn of the loop between them.
                            await asyncio.sleep(0)
                except InfluxDBError as error:
                    raise refused(str(error).removesuffix(" (statement 0)")) from error
                except (json.JSONDecodeError, UnicodeDecodeError) as error:
                    raise ReplyError(
                        f"The answer of {self._where} is not JSON.",
                        hint="Is this an InfluxDB 1.x, and the path right?",
                    ) from error
            running.received(rows=len(rows))
            if not complete:
                raise _cut(self._where)
        return rows

    async def stream(
        self,
        statement: str,
        schema: pa.Schema,
        share_at: ShareAt | None = None,
        *,
        chunk_rows: int | None = None,
        may_have_nulls: bool = True,
    ) -> AsyncGenerator[pa.RecordBatch, None]:
        """Send a statement whose rows may be many; they come as batches of a schema.

        While a worker decodes, aiohttp goes on reading, about 2 MB ahead and no more. Closing the generator
        closes the connection, which ends the query on the server.

        Raises
        ------
        SourceError
            If the stream ends before it is complete.
        """
        if self._client._session is None:
            await self._client.create_session()
        has_text = any(pa.types.is_string(kind) for kind in schema.types)
        # The Accept header of the session stands for all rows but those whose chunks have one length. Where
        # chunks are wanted as they come, that must be sure: of rows with nulls, MessagePack shows no end.
        packed_suits = (chunk_rows is None or not may_have_nulls) and decode_packed.suits(schema)
        if chunk_rows is None:
            values = _CHUNK_VALUES_PACKED if packed_suits else _CHUNK_VALUES
            chunk_rows = max((_CHUNK_VALUES_WITH_TEXT if has_text else values) // len(schema), 50)
        form = {
            "q": statement,
            "db": self._client.db,
            "epoch": "ns",
            "chunked": "true",
            "chunk_size": str(chunk_rows),
        }
        headers = {"Accept": decode_packed.CONTENT_TYPE} if packed_suits else {}
        async with self._log.running(statement) as running:
            with mapped(self._where, tls=self._tls):
                async with self._client._session.post(
                    self._client.url.format(endpoint="query"), data=form, headers=headers
                ) as response:
                    packed = response.content_type == decode_packed.CONTENT_TYPE
                    decoder = PackedReplyDecoder(schema) if packed else ReplyDecoder(schema)
                    pieces: list[bytes] = []
                    async for piece in response.content.iter_any():
                        running.received(received_bytes=len(piece))
                        pieces.append(piece)
                        if not decoder.completes(piece):
                            continue
                        for batch in await run_in_worker(decoder.feed, pieces):
                            share = share_at(batch.column(0)[-1].as_py()) if share_at else None
                            running.received(rows=batch.num_rows, share=share)
                            yield batch
                        pieces = []
                    for batch in await run_in_worker(decoder.finish, pieces):
                        running.received(rows=batch.num_rows)
                        yield batch


def _cut(where: str) -> StreamCutError:
    return StreamCutError(f"The answer of {where} ended before it was complete.", hint="Try again.")


def _headers(username: str | None, password: str | None) -> dict[str, str]:
    # No gzip: inflating on the event loop costs more than it saves on any link this is used on.
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if username:
        # In UTF-8, as influxd reads it; aioinflux would write latin-1.
        token = base64.b64encode(f"{username}:{password or ''}".encode()).decode("ascii")
        headers["Authorization"] = f"Basic {token}"
    return headers


def _no_redirects() -> aiohttp.TraceConfig:
    """Refuse redirects, which would turn the POST into a GET and lose the statement."""

    async def refuse(_session: Any, _context: Any, redirect: aiohttp.TraceRequestRedirectParams) -> None:
        refuse_redirect(redirect.response)

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(refuse)
    return trace
