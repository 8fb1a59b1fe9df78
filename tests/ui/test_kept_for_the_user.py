"""Save as and Open recent from the menu, and the layout of the window from one start to the next."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMenu

from tests.nights import CAMERA
from tests.windows import act, child, in_window

POWER, WREB = f"{CAMERA}.wrebPower:analog_I", f"{CAMERA}.wreb:temp1"


async def save_as(window, path) -> None:
    """Choose Save as from the menu, and type where into its dialog."""
    act(window, "actionSaveSessionAs")
    (dialog,) = window.findChildren(QFileDialog)
    dialog.setDirectory(str(path.parent))
    name = child(dialog, QLineEdit, "fileNameEdit")
    name.setFocus()
    name.selectAll()
    QTest.keyClicks(name, path.stem)
    dialog.accept()
    await window.idle()


def test_that_save_as_writes_and_open_recent_opens_it(night, tmp_path):
    first, second = tmp_path / "first.efdview", tmp_path / "second.efdview"

    async def save(window):
        await save_as(window, first)
        assert first.is_file()
        rows = window.workspace.session.rows
        act(window, "actionAddPlot")
        await save_as(window, second)
        assert second.read_bytes() != first.read_bytes()
        assert "second.efdview" in window.windowTitle()
        return rows

    async def again(window):
        recent = child(window, QMenu, "menuRecent")
        recent.popup(window.mapToGlobal(window.rect().center()))
        assert [action.text() for action in recent.actions()] == ["second.efdview", "first.efdview"]
        for _ in range(2):
            QTest.keyClick(recent, Qt.Key.Key_Down)
        QTest.keyClick(recent, Qt.Key.Key_Return)
        await window.idle()
        assert "first.efdview" in window.windowTitle()
        assert window.messages.texts() == []
        return window.workspace.session.rows

    saved = in_window([str(night), "--plot", POWER, "--plot", WREB], save)
    assert in_window([], again) == saved


def test_that_the_layout_is_kept_from_one_start_to_the_next(night):
    def layout(window) -> dict:
        return {
            name: (dock.isVisible(), window.dockWidgetArea(dock), dock.isFloating())
            for name, dock in window.docks.items()
        } | {"size": (window.width(), window.height())}

    async def arrange(window):
        before = layout(window)
        act(window, "actionShowActivity")
        window.docks["overlays"].close()
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.docks["latency"])
        window.resize(window.width() - 90, window.height() - 50)
        await window.idle()
        changed = layout(window)
        assert all(changed[name] != before[name] for name in ("activity", "overlays", "latency", "size"))
        return changed

    async def look(window):
        return layout(window)

    arranged = in_window([str(night), "--plot", POWER], arrange)
    assert in_window([str(night), "--plot", WREB], look) == arranged
    assert in_window([], look) == arranged
