"""Panels shown, hidden, moved and floated, as acts on the session."""

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow

from efdviewer.domain import edits
from efdviewer.ui.window_layout import docks_of, restore_docks
from efdviewer.viewmodels.workspace import Workspace

Place = tuple[object, ...]


class DockActs(QObject):
    """Tells the document when a person has arranged the docks, and arranges them as it says.

    Qt tells of one act by several signals, and of none by the sizes of docks. So an act is what has changed
    of where the docks stand, once the signals have come to rest; sizes are kept, but are no acts.
    """

    def __init__(self, window: QMainWindow, docks: dict[str, QDockWidget], workspace: Workspace) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._document = workspace.document
        self._arranged = self._document.session.layout.docks
        self._initial = ""
        self._places: dict[str, Place] | None = None
        self._is_brought_about = False
        self._rest = QTimer(self, singleShot=True, interval=0)
        self._rest.timeout.connect(self._compare)
        self._moved: QObject | None = None
        for dock in docks.values():
            dock.visibilityChanged.connect(self._rest.start)
            dock.dockLocationChanged.connect(self._note_move)
            dock.topLevelChanged.connect(self._note_move)
        workspace.documentChanged.connect(self._follow)

    def bring_about(self) -> None:
        """Take the next change for a part of the act that has just been done: a panel opened with it."""
        self._is_brought_about = True
        self._rest.start()

    def _note_move(self) -> None:
        self._moved = self.sender()
        self._rest.start()

    def _compare(self) -> None:
        if not self._window.isVisible():
            return
        before, self._places = self._places, self._current_places()
        if before is None:
            self._initial = self._initial or docks_of(self._window)
        elif changed := [key for key, place in self._places.items() if place != before[key]]:
            self._arranged = docks_of(self._window)
            session = edits.set_docks(self._document.session, self._arranged)
            if self._is_brought_about:
                self._document.amend(session)
            else:
                self._document.apply(self._name(changed, before), session)
        self._is_brought_about = False

    def _follow(self) -> None:
        wanted = self._document.session.layout.docks
        if wanted != self._arranged:
            self._arranged = wanted
            restore_docks(self._window, wanted or self._initial)
            self._places = None
            self._rest.start()

    def _name(self, changed: list[str], before: dict[str, Place]) -> str:
        assert self._places is not None
        for key in changed:
            shown = self._places[key][0]
            if shown != before[key][0]:
                return f"{'Show' if shown else 'Hide'} {self._docks[key].windowTitle().lower()}"
        moved = next((key for key in changed if self._docks[key] is self._moved), changed[0])
        return f"Move {self._docks[moved].windowTitle().lower()}"

    def _current_places(self) -> dict[str, Place]:
        return {key: self._place(dock) for key, dock in self._docks.items()}

    def _place(self, dock: QDockWidget) -> Place:
        shown = dock.toggleViewAction().isChecked()
        if not shown or dock.isFloating():
            return shown, dock.isFloating()
        together = [other.objectName() for other in self._window.tabifiedDockWidgets(dock)]
        area = self._window.dockWidgetArea(dock)
        before = [
            other.objectName()
            for other in self._docks.values()
            if self._is_before(other, dock) and other.objectName() not in together
        ]
        return shown, False, area, tuple(sorted(together)), tuple(sorted(before))

    def _is_before(self, other: QDockWidget, dock: QDockWidget) -> bool:
        """Tell whether another dock stands above, or left of, this one in the same area."""
        if not other.isVisible() or not dock.isVisible() or other.isFloating():
            return False
        if self._window.dockWidgetArea(other) != self._window.dockWidgetArea(dock):
            return False
        return (other.y(), other.x()) < (dock.y(), dock.x())
