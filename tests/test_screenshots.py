"""The pictures can be made again by their script, and those of the README are there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.screens import screen

ROOT = Path(__file__).resolve().parents[1]


def test_that_the_readme_shows_pictures_that_are_there():
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert shown
    for path in shown:
        assert QImage(str(ROOT / path)).width() >= 1280, path


@pytest.mark.parametrize(
    ("name", "size"), [("window-dark-1280", (1280, 800)), ("close-light-2560", (2560, 1440))]
)
def test_that_the_script_takes_its_pictures_on_a_real_screen(tmp_path, name, size):
    with screen() as environment:
        done = subprocess.run(
            [sys.executable, "-m", "tests.screenshots", tmp_path, name],
            check=False,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    picture = QImage(str(tmp_path / f"{name}.png"))
    assert (picture.width(), picture.height()) == size
    is_dark = picture.pixelColor(5, 5).lightness() < 100
    assert is_dark == ("dark" in name)
