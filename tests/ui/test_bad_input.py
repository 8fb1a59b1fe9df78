"""Bad input given to the window: one clear line, in its place, and the window goes on."""

import shutil
import subprocess
import sys

import pytest

from efdviewer.app import main
from tests.windows import in_window

CAMERA = "lsst.sal.ATCamera"
POWER = f"{CAMERA}.wrebPower:analog_I"


def told(window) -> list[str]:
    """Everything that plots and message bar say."""
    in_plots = [row.message.accessibleName() for row in window.plots.rows() if row.message.isVisible()]
    return [*window.messages.texts(), *in_plots]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("lsst.sal.Nowhere.nothing:x", "lsst.sal.Nowhere.nothing"),
        (f"{CAMERA}.wrebPower:nothing", "no field 'nothing'"),
        (f"{CAMERA}.logevent_logMessage:message", "text"),
    ],
)
def test_that_what_cannot_be_plotted_is_said_once_beside_what_can(night, field, words):
    async def work(window):
        (said,) = told(window)
        assert words in said
        assert "\n" not in said
        assert len(window.plots.row(0).drawn_points(POWER)[0])

    in_window([str(night), "--plot", POWER, "--plot", field], work)


def test_that_an_archive_damaged_after_it_was_opened_is_said_once(night, tmp_path):
    folder = shutil.copytree(night, tmp_path / "archive")

    async def work(window):
        assert not told(window)
        for part in (folder / f"{CAMERA}.wrebPower").iterdir():
            part.write_bytes(part.read_bytes()[:1000])
        window.workspace.reload()
        await window.idle()
        (said,) = told(window)
        assert f"damaged at {CAMERA}.wrebPower" in said
        assert "\n" not in said
        shutil.copytree(night, folder, dirs_exist_ok=True)
        window.workspace.reload()
        await window.idle()
        assert not told(window)

    in_window([str(folder), "--plot", POWER], work)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["influxdb://"], "host"),
        (["nowhere"], "a saved profile, or demo"),
        (["ftp://host/db"], "ftp"),
        (["demo", "--from", "yesterday"], "--from: 'yesterday'"),
        (["demo", "--to", "tomorrow"], "--to: 'tomorrow'"),
        (["demo", "--from", "now", "--to", "now-1h"], "now-1h"),
        (["demo", "--plot", "no colon"], "no colon"),
        (["--session", "missing.efdview"], "missing.efdview"),
    ],
)
def test_that_the_program_ends_with_one_line_where_no_window_can_open(arguments, words, capsys):
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("efdviewer: ")
    assert words in line


def test_that_a_picture_that_cannot_be_drawn_gives_one_line_of_standard_error(night, tmp_path):
    code = "import sys; from efdviewer.app import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["render", str(night), "--plot", "no.such:field", "-o", str(tmp_path / "x.png")]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert "no.such" in line


def test_that_an_unknown_topic_is_a_bad_argument_to_a_database_too(
    night_today, monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv("EFDVIEWER_PASSWORD", night_today.server.reader.password)
    picture = tmp_path / "x.png"
    code = main(["render", night_today.address, "--plot", "lsst.sal.Nowhere.nothing:x", "-o", str(picture)])
    said = capsys.readouterr().err
    assert code == 2
    assert "lsst.sal.Nowhere.nothing" in said
    assert said.count("\n") == 1
    assert not picture.exists()
