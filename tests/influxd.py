"""A real InfluxDB for tests: own ports, own data folder, accounts switched on."""

import base64
import ctypes
import json
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_FILE = "influxd.toml"
_CONFIG = """
reporting-enabled = false
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  wal-fsync-delay = "100ms"
  query-log-enabled = false
[coordinator]
{coordinator}
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  auth-enabled = true
  log-enabled = false
{http}
"""


@dataclass(frozen=True)
class Account:
    name: str
    password: str


ADMIN = Account("admin", "pässwörd ✓")
READER = Account("reader", "läser")


@dataclass
class Influxd:
    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    admin: Account = ADMIN
    reader: Account = READER

    def query(self, statement: str, *, account: Account | None = ADMIN) -> dict:
        body = urllib.parse.urlencode({"q": statement, "epoch": "ns"}).encode()
        return json.loads(self._post("/query", body, account))

    def create_database(self, name: str) -> None:
        self.query(f'CREATE DATABASE "{name}"')
        self.query(f'GRANT READ ON "{name}" TO "{READER.name}"')

    def write(self, database: str, lines: str | bytes, *, policy: str = "") -> None:
        body = lines.encode() if isinstance(lines, str) else lines
        parameters = {"db": database, "precision": "ns"} | ({"rp": policy} if policy else {})
        self._post(f"/write?{urllib.parse.urlencode(parameters)}", body, ADMIN)

    def running_queries(self) -> list[str]:
        series = self.query("SHOW QUERIES")["results"][0]["series"]
        return [row[1] for part in series for row in part["values"] if "SHOW QUERIES" not in row[1]]

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        """Start it once more, on the same port and with what it had written."""
        self.process = _start(self.folder)
        _await_ping(self)

    def _post(self, path: str, body: bytes, account: Account | None) -> bytes:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body)
        if account is not None:
            token = base64.b64encode(f"{account.name}:{account.password}".encode()).decode()
            request.add_header("Authorization", f"Basic {token}")
        with urllib.request.urlopen(request, timeout=120) as reply:
            return reply.read()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


@contextmanager
def running(folder: Path, *, coordinator: str = "", http: str = "") -> Iterator[Influxd]:
    """Start a server, make its accounts, and end it whatever happens."""
    port = free_port()
    (folder / _FILE).write_text(
        _CONFIG.format(rpc=free_port(), port=port, folder=folder, coordinator=coordinator, http=http)
    )
    server = Influxd(folder, port, _start(folder))
    try:
        _await_ping(server)
        server.query(
            f"""CREATE USER "{ADMIN.name}" WITH PASSWORD '{ADMIN.password}' WITH ALL PRIVILEGES""",
            account=None,
        )
        server.query(f"""CREATE USER "{READER.name}" WITH PASSWORD '{READER.password}'""")
        yield server
    finally:
        server.process.terminate()
        try:
            server.process.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def _start(folder: Path) -> subprocess.Popen[bytes]:
    program = shutil.which("influxd")
    assert program, "influxd is missing: apt-get install influxdb"
    with (folder / "influxd.log").open("ab") as log:
        return subprocess.Popen(
            [program, "-config", str(folder / _FILE)], stdout=log, stderr=log, preexec_fn=_die_with_parent
        )


def _await_ping(server: Influxd) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.process.poll() is None, "influxd ended at once; see influxd.log in its folder"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/ping", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)  # the server offers nothing to wait for
    raise AssertionError("influxd did not answer within 60 s")
