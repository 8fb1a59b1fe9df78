"""The end of the program: at once, whatever is under way, and nothing left behind on the server."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.influxd import Influxd

DATABASE, ROWS = "closing", 600_000
LIMIT_S, NOISE = 2.0, 3

# Runs the program; a line on standard input closes its window, as a click on the cross does.
PROGRAM = """
import sys, threading
from PySide6.QtCore import QMetaObject, Qt
from PySide6.QtWidgets import QApplication
from efdviewer.app import main
from efdviewer.ui.main_window import MainWindow

def close_when_told():
    if not sys.stdin.readline():
        return
    window = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow))
    QMetaObject.invokeMethod(window, "close", Qt.ConnectionType.QueuedConnection)

threading.Thread(target=close_when_told, daemon=True).start()
sys.exit(main(sys.argv[1:]))
"""
HANGING_LOOK_UP = """
import socket, threading
def hang(*_, **__):
    print("looking up", flush=True)
    threading.Event().wait(60)
socket.getaddrinfo = hang
"""


@pytest.fixture(scope="module")
def server(influxd: Influxd) -> Influxd:
    influxd.create_database(DATABASE)
    for begin in range(0, ROWS, 100_000):
        lines = "\n".join(
            f"lsst.sal.CSC.topic value={index / 7} {index * 10**9}" for index in range(begin, begin + 100_000)
        )
        influxd.write(DATABASE, lines)
    return influxd


@contextmanager
def program(
    code: str, *argv: str, password: str = "", prepare: Callable[[], object] | None = None
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", code, *argv],
        env=os.environ | {"EFDVIEWER_PASSWORD": password, "QT_QPA_PLATFORM": "offscreen"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=prepare,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def address(server: Influxd) -> str:
    return f"influxdb://{server.reader.name}@127.0.0.1:{server.port}?db={DATABASE}"


def long_load(server: Influxd) -> list[str]:
    """Arguments that make the server work for long: samples in bins of an overlay cannot be summed up."""
    return [
        address(server),
        *("--from", "1970-01-01", "--to", "1970-01-08", "--overlay", "lsst.sal.CSC.topic@time"),
        *("--plot", "lsst.sal.CSC.topic:value"),
    ]


def await_queries(server: Influxd, *, some: bool) -> None:
    deadline = time.monotonic() + 20
    while bool(server.running_queries()) != some:
        assert time.monotonic() < deadline, f"queries: {server.running_queries()}"


def end(process: subprocess.Popen[str]) -> tuple[int, float, str]:
    """Wait for the end; gives exit code, seconds it took, and standard error."""
    begun_s = time.monotonic()
    _, errors = process.communicate(timeout=30)
    return process.returncode, time.monotonic() - begun_s, errors


def test_that_closing_during_a_load_ends_program_and_queries(server, capsys):
    with program(PROGRAM, *long_load(server), password=server.reader.password) as process:
        await_queries(server, some=True)
        process.stdin.write("close\n")
        process.stdin.flush()
        code, took_s, errors = end(process)
    with capsys.disabled():
        print(f"\nclosed during a load after {took_s:.2f} s (limit {LIMIT_S} s)")
    assert (code, "Traceback" in errors) == (0, False), errors
    assert took_s < NOISE * LIMIT_S
    await_queries(server, some=False)


def test_that_closing_while_a_name_look_up_hangs_ends_the_program(capsys):
    source = "influxdb://reader@nowhere.example:8086?db=efd"
    with program(HANGING_LOOK_UP + PROGRAM, source, password="x") as process:
        assert process.stdout.readline() == "looking up\n"
        process.stdin.write("close\n")
        process.stdin.flush()
        code, took_s, errors = end(process)
    with capsys.disabled():
        print(f"\nclosed during a look-up after {took_s:.2f} s (limit {LIMIT_S} s)")
    assert (code, "Traceback" in errors) == (0, False), errors
    assert took_s < NOISE * LIMIT_S


def test_that_closing_while_a_server_keeps_silent_ends_the_program():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        source = f"influxdb://reader@127.0.0.1:{silent.getsockname()[1]}?db=efd"
        with program(PROGRAM, source, password="x") as process:
            connection, _ = silent.accept()
            with connection:
                process.stdin.write("close\n")
                process.stdin.flush()
                code, took_s, errors = end(process)
    assert (code, "Traceback" in errors) == (0, False), errors
    assert took_s < NOISE * LIMIT_S


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_that_a_signal_ends_the_program_at_once(server, sent):
    with program(PROGRAM, *long_load(server), password=server.reader.password) as process:
        await_queries(server, some=True)
        process.send_signal(sent)
        code, took_s, errors = end(process)
    assert (code, "Traceback" in errors) == (130, False), errors
    assert took_s < NOISE * LIMIT_S
    await_queries(server, some=False)


def test_that_sigterm_ends_a_program_that_was_started_in_the_background(server):
    def ignore_ctrl_c() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    with program(
        PROGRAM, *long_load(server), password=server.reader.password, prepare=ignore_ctrl_c
    ) as process:
        await_queries(server, some=True)
        process.send_signal(signal.SIGTERM)
        code, took_s, errors = end(process)
    assert (code, "Traceback" in errors) == (130, False), errors
    assert took_s < NOISE * LIMIT_S
