"""A real X screen, for tests and for a command: `python -m tests.screens COMMAND…`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def screen(size: str = "2560x1440x24") -> Iterator[dict[str, str]]:
    """Start an X server on a display of its own choice; gives the environment for programs on it."""
    program = shutil.which("Xvfb")
    assert program, "Xvfb is missing: apt-get install xvfb"
    reader, writer = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(writer), "-screen", "0", size, "-nolisten", "tcp"],
        pass_fds=(writer,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        yield os.environ | {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    with screen() as environment:
        sys.exit(subprocess.run(sys.argv[1:], env=environment, check=False).returncode)
