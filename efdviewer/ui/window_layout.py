"""Geometry and docks of a window, kept as a value."""

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from efdviewer.domain.session import Layout

_FIRST_SIZE = QSize(1280, 800)
_FRAME = QSize(16, 48)
"""A frame is known only once it is there; those of window managers are hardly ever larger."""
_NARROWEST_SCREEN = 1024
"""Pixels; less has no room for plots between the panels, and the window is larger than the screen."""


def first_size(window: QMainWindow) -> QSize:
    """Give the size of a window that was never shown before: with its frame it fits the screen."""
    width, height = _screen(window)
    return _FIRST_SIZE.boundedTo(QSize(width, height) - _FRAME) if width >= _NARROWEST_SCREEN else _FIRST_SIZE


def layout_of(window: QMainWindow) -> Layout:
    """Give geometry and docks as they are now."""
    return Layout(
        geometry=_text(window.saveGeometry()),
        docks=docks_of(window),
        size=(window.width(), window.height()),
        screen=_screen(window),
    )


def restore_layout(window: QMainWindow, layout: Layout) -> bool:
    """Give a window the geometry and docks of a layout; tells whether it had any.

    A window that was larger than its screen is that again, on a screen of the same size; on another one
    Qt makes it fit.
    """
    if layout.geometry:
        window.restoreGeometry(_bytes(layout.geometry))
        is_plain = not (window.isMaximized() or window.isFullScreen())
        if is_plain and len(layout.size) == 2 and tuple(layout.screen) == _screen(window):
            window.resize(QSize(*layout.size))
    return restore_docks(window, layout.docks)


def docks_of(window: QMainWindow) -> str:
    """Give where the docks are, as Qt writes it, in base64."""
    return _text(window.saveState())


def restore_docks(window: QMainWindow, docks: str) -> bool:
    """Put the docks where they were; tells whether that was known."""
    return bool(docks) and window.restoreState(_bytes(docks))


def _screen(window: QMainWindow) -> tuple[int, int]:
    # Not `window.screen()`: PySide takes the screen for the window's child and deletes it with the window.
    screen = QGuiApplication.screenAt(window.geometry().center()) or QGuiApplication.primaryScreen()
    room = screen.availableSize()
    return room.width(), room.height()


def _text(state: QByteArray) -> str:
    return bytes(state.toBase64().data()).decode()


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(text.encode())
