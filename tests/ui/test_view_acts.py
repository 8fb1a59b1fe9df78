"""Crosshair, left drag, kinds of topics and panels are acts: undone, redone, saved and opened."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from efdviewer.domain.errors import SessionFormatError
from efdviewer.domain.session import Session, View
from efdviewer.domain.session_format import session_from_json, session_to_json
from tests.windows import child, in_window


def looks(window) -> dict[str, object]:
    docks = {
        key: (
            dock.toggleViewAction().isChecked(),
            dock.isFloating(),
            window.dockWidgetArea(dock),
            sorted(other.objectName() for other in window.tabifiedDockWidgets(dock)),
        )
        for key, dock in window.docks.items()
    }
    return {
        "crosshair": child(window, QAction, "actionCrosshair").isChecked(),
        "means": child(window, QAction, "actionMeans").isChecked(),
        "pans": child(window, QAction, "actionPanMode").isChecked(),
        "events": child(window, QToolButton, "topicKindEvents").isChecked(),
        "topics": window.browser._model.rowCount(),
        **docks,
    }


def click_events(window) -> None:
    QTest.mouseClick(child(window, QToolButton, "topicKindEvents"), Qt.MouseButton.LeftButton)


def float_latency(window) -> None:
    window.docks["latency"].setFloating(True)


def move_overlays(window) -> None:
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, window.docks["overlays"])


def tab_latency(window) -> None:
    window.tabifyDockWidget(window.docks["topics"], window.docks["latency"])


ACTS = {
    "Hide crosshair": lambda window: child(window, QAction, "actionCrosshair").trigger(),
    "Show means": lambda window: child(window, QAction, "actionMeans").trigger(),
    "Pan with left drag": lambda window: child(window, QAction, "actionPanMode").trigger(),
    "Hide events": click_events,
    "Show activity": lambda window: child(window, QAction, "actionShowActivity").trigger(),
    "Hide topics": lambda window: window.docks["topics"].close(),
    "Move latency": float_latency,
    "Move event overlays": move_overlays,
    "Move latency ": tab_latency,
}


@pytest.mark.parametrize("name", ACTS)
def test_that_what_changes_the_window_is_undone_and_redone(night, name):
    async def work(window):
        before = looks(window)
        ACTS[name](window)
        await window.idle()
        after = looks(window)
        assert after != before
        assert window.workspace.document.undo_name == name.strip()
        assert name.strip() in child(window, QAction, "actionUndo").text()
        for _ in range(2):
            child(window, QAction, "actionUndo").trigger()
            await window.idle()
            assert looks(window) == before
            assert window.workspace.document.undo_name is None
            child(window, QAction, "actionRedo").trigger()
            await window.idle()
            assert looks(window) == after
            assert window.workspace.document.redo_name is None

    in_window([str(night), "--plot", "lsst.sal.ATCamera.wrebPower:analog_I"], work)


def test_that_it_is_saved_and_opened(night, tmp_path):
    path = tmp_path / "view.efdview"

    async def change(window):
        for name in ("Hide crosshair", "Pan with left drag", "Hide events", "Show activity", "Move latency "):
            ACTS[name](window)
            await window.idle()
        await window.save_session(path)
        assert not window.isWindowModified()
        click_events(window)
        assert window.isWindowModified()
        click_events(window)
        assert not window.isWindowModified()
        return looks(window)

    async def look(window):
        assert window.workspace.document.undo_name is None
        assert not window.isWindowModified()
        return looks(window)

    changed = in_window([str(night)], change)
    assert in_window(["--session", str(path)], look) == changed


def test_that_an_unknown_kind_is_refused():
    text = session_to_json(Session(view=View(hidden_kinds=("events",))))
    assert session_from_json(text).view.hidden_kinds == ("events",)
    with pytest.raises(SessionFormatError, match="hidden_kinds"):
        session_from_json(text.replace(b'"events"', b'"feasts"'))
