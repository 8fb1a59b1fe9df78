"""The window on its screen: when it is first shown, and when it has filled the screen for a while."""

import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.screens import screen
from tests.windows import in_window

HEADING = 32
"""Pixels that a window manager adds above a window, in any of the usual themes."""
TELL = """
from tests.windows import in_window

async def work(window):
    print(window.width(), window.height())

in_window([], work, idle=False)
"""


@pytest.mark.parametrize(
    ("size", "most", "least"),
    [("1280x800", (1280, 800 - HEADING), (1240, 730)), ("2560x1440", (1280, 800), (1280, 800))],
)
def test_that_the_first_window_fits_the_screen_with_its_frame(size, most, least):
    with screen(f"{size}x24") as environment:
        told = subprocess.run(
            [sys.executable, "-c", TELL], env=environment, capture_output=True, text=True, check=True
        )
    width, height = map(int, told.stdout.split())
    assert least[0] <= width <= most[0]
    assert least[1] <= height <= most[1]


@pytest.mark.parametrize("maximised", [True, False])
def test_that_a_window_that_filled_the_screen_is_as_it_was_before(maximised):
    async def work(window):
        window.resize(700, 600)
        if maximised:
            window.showMaximized()
        await window.idle()
        before = window.geometry()
        QTest.keyClick(window, Qt.Key.Key_F11)
        await window.idle()
        assert window.isFullScreen()
        QTest.keyClick(window, Qt.Key.Key_F11)
        await window.idle()
        assert (window.isFullScreen(), window.isMaximized()) == (False, maximised)
        assert window.geometry() == before

    in_window([], work)
