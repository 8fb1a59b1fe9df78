"""Files and addresses dropped on the window."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from tests.windows import act, in_window

POWER = "lsst.sal.ATCamera.wrebPower:analog_I"


def drop(window, *urls: QUrl) -> bool:
    """Drop as Qt does; tells whether the window takes it."""
    data = QMimeData()
    data.setUrls(urls)
    place = window.rect().center()
    rules = (data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(place, Qt.DropAction.CopyAction, *rules)
    QApplication.sendEvent(window, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(place), Qt.DropAction.CopyAction, *rules)
    QApplication.sendEvent(window, event)
    return True


def test_that_a_dropped_archive_and_a_dropped_session_open(night, tmp_path):
    path = tmp_path / "a view.efdview"

    async def work(window):
        assert drop(window, QUrl.fromLocalFile(str(night)))
        await window.idle()
        assert window.workspace.source is not None
        await window.save_session(path)
        act(window, "actionAddPlot")
        changed = window.workspace.session
        assert drop(window, QUrl.fromLocalFile(str(path)))
        await window.idle()
        assert len(window.workspace.session.rows) == len(changed.rows) - 1
        assert window.messages.texts() == []

    in_window([], work)


@pytest.mark.parametrize(
    ("urls", "said"),
    [
        (["https://someone:secret@example.org/night.efdview"], "https://example.org/night.efdview is not a"),
        (["file:///nowhere/night.efdview"], "/nowhere/night.efdview"),
        (["file:///a.efdview", "file:///b.efdview"], "one at a time"),
    ],
)
def test_that_what_cannot_be_opened_gets_one_line_and_changes_nothing(night, urls, said):
    async def work(window):
        before = window.workspace.session
        assert drop(window, *map(QUrl, urls))
        await window.idle()
        (text,) = window.messages.texts()
        assert said in text
        assert "secret" not in text
        assert window.workspace.session == before

    in_window([str(night), "--plot", POWER], work)


def test_that_a_drop_without_addresses_is_not_taken():
    async def work(window):
        assert not drop(window)

    in_window([], work)


def test_that_a_strange_file_is_called_so_until_a_session_opens(night, tmp_path):
    notes, session = tmp_path / "notes.txt", tmp_path / "view.efdview"
    notes.write_text("rain")

    async def work(window):
        await window.save_session(session)
        drop(window, QUrl.fromLocalFile(str(notes)))
        await window.idle()
        (said,) = window.messages.texts()
        assert said.startswith("notes.txt is not a session.")
        drop(window, QUrl.fromLocalFile(str(session)))
        await window.idle()
        assert window.messages.texts() == []

    in_window([str(night), "--plot", POWER], work)
