"""A command on a terminal asks for the password that nothing else knows; without one it ends."""

import os
import pty
import re
import subprocess
import sys

import pytest

from efdviewer.app import main
from tests.influxd import Influxd
from tests.nights import address_of

PROGRAM = [sys.executable, "-c", "import sys; from efdviewer.app import main; sys.exit(main(sys.argv[1:]))"]
QUERY = ["--from", "1970-01-01", "--to", "1970-01-02", "--plot", "topic:value"]


@pytest.fixture(scope="module")
def server(influxd: Influxd) -> Influxd:
    influxd.create_database("prompted")
    influxd.write("prompted", "topic value=1 1000000000")
    return influxd


def on_terminal(command: list[str], typed: str) -> tuple[int, str]:
    """Run a command on a terminal of its own; gives its exit code and what it wrote there."""
    code, screen = [], []
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    while True:
        try:
            part = os.read(terminal, 4096).decode()
        except OSError:  # how Linux tells the end of a terminal
            break
        screen.append(part)
        if "Password of" in part:
            os.write(terminal, f"{typed}\n".encode())
    code.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    os.close(terminal)
    return code[0], "".join(screen)


@pytest.mark.parametrize(("typed", "expected"), [("läser", 0), ("wrong", 3)])
def test_that_a_terminal_is_asked(server, tmp_path, typed, expected):
    command = [*PROGRAM, "export", address_of(server, "prompted"), *QUERY, "-o", str(tmp_path / "x.csv")]
    code, screen = on_terminal(command, typed)
    assert code == expected, screen
    assert "Password of reader at 127.0.0.1" in screen
    assert typed not in screen.replace("Password", "")
    assert (tmp_path / "x.csv").exists() == (expected == 0)


def test_that_without_a_terminal_the_program_ends_with_code_3(server, tmp_path):
    command = [*PROGRAM, "export", address_of(server, "prompted"), *QUERY, "-o", str(tmp_path / "x.csv")]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 3
    (line,) = done.stderr.strip().splitlines()
    assert re.search(r"password of reader .* not known", line)


def test_that_a_label_is_loaded_to_and_another_machine_refused_before_asking(night, tmp_path):
    command = [*PROGRAM, "load", str(night), "--to", "influxdb://reader@efd.example.org?db=efd"]
    code, screen = on_terminal(command, "x")
    assert code == 2
    assert "not this machine" in screen
    assert "Password of" not in screen


def test_that_a_terminal_sees_how_far_a_load_is(night, influxd, tmp_path, monkeypatch):
    part = tmp_path / "part"
    view = ["--from", "2024-01-31T20:00:00", "--to", "2024-01-31T21:00:00"]
    field = "lsst.sal.ATCamera.wrebPower:analog_I"
    assert main(["export", str(night), *view, "--plot", field, "-o", str(part)]) == 0
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.admin.password)
    address = f"influxdb://{influxd.admin.name}@127.0.0.1:{influxd.port}?db=progress"
    code, screen = on_terminal([*PROGRAM, "load", str(part), "--to", address], "")
    assert code == 0, screen
    before, last = screen.rstrip().rsplit("\r", 1)
    count = int(last.split(" ")[0].replace(",", ""))
    assert f"{count:,} rows …" in before
    assert count > 100
