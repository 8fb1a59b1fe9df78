"""Servers that misbehave: each fault is a typed error with a sentence and a hint, and never an empty plot."""

import asyncio
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgpack
import pytest

from efdviewer.domain.errors import (
    CredentialsError,
    EfdViewerError,
    LimitError,
    QueryError,
    ReplyError,
    SilenceError,
    StreamCutError,
    UnreachableError,
)
from efdviewer.domain.query import SampleQuery, SummaryQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.sources import influx_http
from efdviewer.sources.decode_packed import CONTENT_TYPE
from efdviewer.sources.influx import InfluxSource
from tests.influxd import running

PASSWORD = "s3cret-pässwörd"
RANGE = TimeRange(start_utc_ns=0, end_utc_ns=10**9)
SAMPLES = SampleQuery(topic="m", fields=("v",), time_range=RANGE)


def source_at(port: int, *, host: str = "127.0.0.1", tls: bool = False) -> InfluxSource:
    return InfluxSource(
        host=host,
        port=port,
        database="d",
        retention_policy="autogen",
        tls=tls,
        username="u",
        password=PASSWORD,
    )


def http(status: str, body: bytes = b"", kind: str = "application/json", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def chunked(*chunks: bytes, end: bool = True) -> bytes:
    parts = [b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"]
    parts += [b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks]
    return b"".join(parts) + (b"0\r\n\r\n" if end else b"")


def result(**content: object) -> bytes:
    return json.dumps({"results": [{"statement_id": 0, **content}]}).encode() + b"\n"


def rows(index: int, *, partial: bool) -> bytes:
    series = {"name": "m", "columns": ["time", "v"], "values": [[index, 0.5]], "partial": partial}
    text = result(series=[series], partial=partial)
    return text.replace(b": ", b":").replace(b", ", b",")


FIELD_KEYS = chunked(
    result(series=[{"name": "m", "columns": ["fieldKey", "fieldType"], "values": [["v", "float"]]}])
)


@asynccontextmanager
async def answering(reply: bytes, *, to: str = "SELECT", hang: bool = False) -> AsyncIterator[int]:
    """Serve field keys well, and what is asked with `to` with these bytes; then close, or say no more."""
    released = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    int(line[15:])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length:")
                )
                form = await reader.readexactly(length)
                if to.encode() in form:
                    writer.write(reply)
                    await writer.drain()
                    if hang:
                        await released.wait()
                    break
                writer.write(FIELD_KEYS)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        released.set()
        server.close()


async def failure_of(ask: Callable[[InfluxSource], object], source: InfluxSource) -> EfdViewerError:
    async with source:
        with pytest.raises(EfdViewerError) as raised:
            await ask(source)
    error = raised.value
    assert str(error).endswith(".")
    assert error.hint
    assert PASSWORD not in f"{error!r} {error} {error.hint} {error.__cause__!r} {source!r}"
    return error


STATUSES = [
    (http("401 Unauthorized", b'{"error":"authorization failed"}'), CredentialsError, "authorization failed"),
    (http("401 Unauthorized"), CredentialsError, "refuses the user name or password"),
    (http("403 Forbidden", b'{"error":"u not authorized"}'), CredentialsError, "u not authorized"),
    (http("404 Not Found", b"404 page not found\n", "text/plain"), ReplyError, "/query: 404 page not found"),
    (
        http("404 Not Found", b'{"code":"not found","message":"no dbrp mapping found"}'),
        ReplyError,
        "no dbrp mapping found",
    ),
    (http("503 Service Unavailable"), ReplyError, "503 Service Unavailable"),
    (http("500 Internal Server Error", b'{"error":"engine is closed"}'), QueryError, "engine is closed"),
    (
        http("500 Internal Server Error", msgpack.packb({"error": "engine is closed"}), CONTENT_TYPE),
        QueryError,
        "engine is closed",
    ),
    (http("502 Bad Gateway", b"<html>sorry</html>", "text/html"), ReplyError, "web page"),
    (http("200 OK", b"<html>please log in</html>", "text/html"), ReplyError, "web page"),
    (http("200 OK", b"hello", "text/plain"), ReplyError, "not JSON"),
    (http("200 OK"), StreamCutError, "before it was complete"),
    (
        http("301 Moved Permanently", Location="https://elsewhere.example/query"),
        ReplyError,
        "elsewhere.example",
    ),
    (
        http("307 Temporary Redirect", Location="https://elsewhere.example/query"),
        ReplyError,
        "elsewhere.example",
    ),
    (http("304 Not Modified"), ReplyError, "sends us on"),
    (http("200 OK", b'{"code":"internal error","message":"out of memory"}'), QueryError, "out of memory"),
    (chunked(result(error="query-timeout limit exceeded")), LimitError, "query-timeout limit exceeded"),
    (http("200 OK", b'{"error":"timeout"}'), QueryError, "timeout"),
    (chunked(b'{"results":[{"statement_id":0,', end=False), StreamCutError, ""),
    (chunked(result(partial=True)), StreamCutError, "before it was complete"),
    (b"", StreamCutError, "without an answer"),
    (b"\x15\x03\x01\x00\x02\x02\x46", ReplyError, "does not speak HTTP"),
]


@pytest.mark.parametrize(("reply", "kind", "words"), STATUSES)
async def test_that_a_stream_says_what_the_server_answered(reply, kind, words):
    async with answering(reply) as port:
        error = await failure_of(lambda source: source.samples(SAMPLES), source_at(port))
    assert type(error) is kind
    assert words in str(error)


@pytest.mark.parametrize(("reply", "kind", "words"), STATUSES)
async def test_that_a_small_statement_says_what_the_server_answered(reply, kind, words):
    async with answering(reply, to="SHOW") as port:
        error = await failure_of(lambda source: source.topics(), source_at(port))
    assert type(error) is kind
    assert words in str(error)


async def test_that_an_error_after_hundreds_of_good_chunks_is_raised():
    good = [rows(index, partial=True) for index in range(300)]
    async with answering(chunked(*good, result(error="query-timeout limit exceeded"))) as port:
        for ask in (
            lambda source: source.samples(SAMPLES),
            lambda source: source.summary(
                SummaryQuery(topic="m", fields=("v",), time_range=RANGE, bucket_ns=1, aggregates=("min",))
            ),
        ):
            error = await failure_of(ask, source_at(port))
            assert type(error) is LimitError
            assert "query-timeout" in str(error)


@pytest.mark.parametrize(
    "reply",
    [
        chunked(rows(0, partial=True), rows(1, partial=True)),
        chunked(rows(0, partial=True), rows(1, partial=True), end=False),
        chunked(rows(0, partial=True), rows(1, partial=False)[:-20]),
        chunked(rows(0, partial=True), rows(1, partial=False)[:-20], end=False),
        chunked(rows(0, partial=True), rows(1, partial=False), end=False),
    ],
)
async def test_that_a_cut_stream_raises(reply):
    async with answering(reply) as port:
        error = await failure_of(lambda source: source.samples(SAMPLES), source_at(port))
    assert type(error) is StreamCutError


async def test_that_a_whole_stream_of_the_same_kind_does_not_raise():
    async with (
        answering(chunked(rows(0, partial=True), rows(1, partial=False))) as port,
        source_at(port) as source,
    ):
        assert (await source.samples(SAMPLES)).to_pylist() == [{"time": 0, "v": 0.5}, {"time": 1, "v": 0.5}]


@pytest.mark.parametrize("reply", [b"", chunked(rows(0, partial=True), end=False)])
async def test_that_silence_ends_in_an_error(monkeypatch, reply):
    monkeypatch.setattr(influx_http, "SILENCE_TIMEOUT_S", 0.2)
    async with answering(reply, hang=True) as port:
        error = await failure_of(lambda source: source.samples(SAMPLES), source_at(port))
    assert type(error) is SilenceError


async def test_that_a_reader_who_takes_long_is_not_taken_for_silence(monkeypatch):
    monkeypatch.setattr(influx_http, "SILENCE_TIMEOUT_S", 0.2)
    wide = rows(0, partial=True).replace(b'"m"', b'"%s"' % (b"m" * 100_000))
    good = [wide] * 100
    async with answering(chunked(*good, rows(1, partial=False))) as port, source_at(port) as source:
        count = 0
        async for batch in source.stream(SAMPLES):
            if count == 0:
                await asyncio.sleep(0.5)  # the reader's own slowness is what is tested
            count += batch.num_rows
    assert count == 101


async def test_that_a_closed_port_is_unreachable():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = await failure_of(lambda source: source.topics(), source_at(taken.getsockname()[1]))
    assert type(error) is UnreachableError
    assert "refused" in str(error)
    assert error.exit_code == 3


@pytest.mark.parametrize("host", ["no-such-host.invalid", "two..dots", "has space"])
async def test_that_an_unknown_host_is_unreachable(monkeypatch, host):
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = await failure_of(lambda source: source.topics(), source_at(8086, host=host))
    assert host in str(error)
    assert error.exit_code in (2, 3)


async def test_that_connecting_takes_no_longer_than_its_time(monkeypatch):
    monkeypatch.setattr(influx_http, "CONNECT_TIMEOUT_S", 0.2)
    blocked = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: blocked.wait())
    error = await failure_of(lambda source: source.topics(), source_at(8086, host="slow.example"))
    blocked.set()
    assert type(error) is UnreachableError
    assert "in time" in str(error)


def test_that_a_look_up_that_hangs_does_not_hold_the_exit():
    program = """
import asyncio, contextlib, socket, threading
socket.getaddrinfo = lambda *_: threading.Event().wait()
from efdviewer.sources.influx import InfluxSource
async def main():
    async with InfluxSource(host="slow.example", port=8086, database="d") as source:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(source.topics(), 0.2)
        print("closing", flush=True)
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "closing\n"
        begun = time.monotonic()
        assert process.wait(10) == 0
    assert time.monotonic() - begun < 2


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    request = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-keyout",
    ]
    subprocess.run([*request, path, "-out", path.with_suffix(".crt")], check=True, capture_output=True)
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


async def test_that_a_certificate_nobody_vouches_for_is_refused(certificate, tls_server):
    error = await failure_of(lambda source: source.topics(), source_at(tls_server, tls=True))
    assert type(error) is UnreachableError
    assert "certificate" in str(error).lower()


@pytest.fixture(scope="module")
def tls_server(certificate):
    """A server of TLS alone, as Go and its like have them: plain HTTP gets a line of text."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(5)
                    try:
                        if connection.recv(1, socket.MSG_PEEK) == b"\x16":
                            with context.wrap_socket(connection, server_side=True) as secure:
                                secure.recv(1)
                        else:
                            connection.recv(65_536)
                            connection.sendall(
                                b"HTTP/1.0 400 Bad Request\r\n\r\n"
                                b"Client sent an HTTP request to an HTTPS server.\n"
                            )
                    except OSError:
                        pass

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]


async def test_that_plain_http_to_a_server_of_tls_is_explained(tls_server):
    error = await failure_of(lambda source: source.topics(), source_at(tls_server))
    assert "HTTPS server" in str(error)


async def test_that_tls_to_a_server_of_plain_http_is_explained(influxd):
    error = await failure_of(lambda source: source.topics(), source_at(influxd.port, tls=True))
    assert type(error) is UnreachableError
    assert "TLS" in str(error)
    assert "influxdb://" in error.hint


async def test_that_a_wrong_path_is_named(influxd):
    source = InfluxSource(host="127.0.0.1", port=influxd.port, path="/nothing/here", database="d")
    error = await failure_of(lambda opened: opened.topics(), source)
    assert type(error) is ReplyError
    assert "/nothing/here/query" in str(error)


async def test_that_a_server_that_dies_cuts_the_stream(tmp_path):
    with running(tmp_path) as doomed:
        doomed.create_database("d")
        for begin in range(0, 1_600_000, 100_000):
            doomed.write("d", "\n".join(f"m v={i / 7} {i}" for i in range(begin, begin + 100_000)))
        source = InfluxSource(
            host="127.0.0.1",
            port=doomed.port,
            database="d",
            username=doomed.admin.name,
            password=doomed.admin.password,
        )
        async with source:
            stream = source.stream(SAMPLES)
            await anext(stream)
            doomed.kill()
            with pytest.raises(StreamCutError):
                async for _ in stream:
                    pass
            with pytest.raises(UnreachableError):
                await source.count(SAMPLES)
