"""The menu entry that tells how much has been kept of what sources have answered, and throws it away."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from efdviewer.services.kept_tiles import KeptTiles
from efdviewer.services.tasks import TaskRunner
from efdviewer.ui.actions import Entry
from efdviewer.ui.status import WindowStatus

CLEAR = "actionClearCache"


class CacheActions(QObject):
    """Clears the tiles in memory and on disk; what is drawn stays until the view moves."""

    def __init__(self, tiles: KeptTiles, runner: TaskRunner, status: WindowStatus, parent: QObject) -> None:
        super().__init__(parent)
        self._tiles = tiles
        self._runner = runner
        self._status = status
        self._action: QAction | None = None

    def entries(self) -> list[Entry | None]:
        """List the entries of the menu."""
        tip = "Throw away the minima, maxima and samples kept on this machine; the source is asked again"
        return [Entry(name=CLEAR, text="Clear &kept data", triggered=self.clear, tip=tip)]

    def follow(self, menu: QMenu, action: QAction) -> None:
        """Show the size whenever the menu opens."""
        self._action = action
        menu.aboutToShow.connect(self._show_size)

    def clear(self) -> None:
        """Throw everything away."""

        async def clear() -> None:
            size = size_text(self._tiles.byte_size + self._tiles.disk_bytes)
            await self._tiles.clear_everywhere()
            self._status.confirm(f"{size} of kept data cleared")

        self._runner.submit("clear tiles", clear, name="Clear kept data")

    def _show_size(self) -> None:
        assert self._action is not None
        memory, disk = size_text(self._tiles.byte_size), size_text(self._tiles.disk_bytes)
        self._action.setText(f"Clear &kept data ({memory} in memory, {disk} on disk)")


def size_text(byte_size: int) -> str:
    """Write a number of bytes for people."""
    for unit, width in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if byte_size >= width:
            return f"{byte_size / width:.3g} {unit}"
    return f"{byte_size} bytes"
