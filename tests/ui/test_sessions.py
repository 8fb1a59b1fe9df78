"""What was changed by hand, saved, closed and opened again, on both kinds of source."""

import contextlib
import random
from urllib.parse import quote

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLineEdit, QMenu, QSplitter, QTreeWidget

from efdviewer.domain.errors import SessionFormatError
from efdviewer.services.document import load_session
from tests.ui.views import VIEW, shown
from tests.windows import act, child, in_window, type_into


async def change_by_hand(window) -> None:
    """Do what a person does: type, click, drag, choose from menus."""
    power, digital = window.plots.row(0).legend.entries()
    QTest.mouseClick(digital, Qt.MouseButton.LeftButton)
    power.customContextMenuRequested.emit(QPoint(5, 5))
    colors = next(menu for menu in power.findChildren(QMenu) if menu.title() == "Colour")
    colors.actions()[3].trigger()
    for menu in power.findChildren(QMenu):
        menu.close()
    type_into(child(window, QLineEdit, "timeTo"), "2024-02-01T04:00:00.123456789")
    canvas = window.plots.row(0).canvas
    frame = canvas.frame()
    start, end = QPoint(frame.left + 60, frame.top + 40), QPoint(frame.left + 260, frame.top + 140)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(canvas, (start + end) / 2)
    QTest.mouseMove(canvas, end)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    type_into(child(window, QLineEdit, "latencyBins"), "0:0.01:0.0005")
    child(window, QCheckBox, "latencyLogCount").click()
    child(window, QTreeWidget, "overlayList").topLevelItem(1).setCheckState(0, Qt.CheckState.Unchecked)
    handle = window.plots.findChild(QSplitter).handle(1)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=QPoint(40, 2))
    QTest.mouseMove(handle, QPoint(40, 62))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=QPoint(40, 62))
    act(window, "actionShowActivity")
    child(window, QAction, "actionSwitchTimescale").trigger()
    await window.idle()


def test_that_a_saved_session_opens_as_the_same_window(source, night, influxd, tmp_path):
    path = tmp_path / "view.efdview"

    async def save(window):
        before = shown(window)
        await change_by_hand(window)
        changed = shown(window)
        same = [part for part in changed if changed[part] == before[part]]
        assert same == ["curves"], "the hands changed all the rest"
        await window.save_session(path)
        return changed

    saved = in_window([source, *VIEW], save)
    text = path.read_text()
    assert "password" not in text
    if source != str(night):
        written = {influxd.reader.password, quote(influxd.reader.password)}
        assert not [secret for secret in written if secret in text], "an archive has no password to keep"

    async def look(window):
        return shown(window)

    opened = in_window(["--session", str(path)], look)
    # Qt keeps the shares of docks, which differ by the rounding of a pixel or two.
    for name, place in saved.pop("places").items():
        assert opened["places"][name] == pytest.approx(place, abs=3), name
    assert {part: opened[part] == saved[part] for part in saved} == dict.fromkeys(saved, True)


def test_that_fifty_steps_of_undo_and_redo_return_to_the_same_picture(source):
    choice = random.Random(50)

    async def work(window):
        await change_by_hand(window)
        pictures = {window.workspace.session: shown(window)}
        for _ in range(50):
            name = choice.choice(["actionUndo", "actionUndo", "actionRedo"])
            act(window, name)
            if choice.random() < 0.3:
                await window.idle()
                picture = shown(window)
                known = pictures.setdefault(window.workspace.session, picture)
                assert {part: picture[part] == known[part] for part in known} == dict.fromkeys(known, True)
        while child(window, QAction, "actionRedo").isEnabled():
            act(window, "actionRedo")
        await window.idle()
        last = shown(window)
        assert last["points"] == pictures[window.workspace.session]["points"]
        assert last["histogram"] == pictures[window.workspace.session]["histogram"]
        return len(pictures)

    assert in_window([source, *VIEW], work) > 3


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.99])
def test_that_a_cut_session_is_refused_and_changes_nothing(night, tmp_path, kept):
    path = tmp_path / "view.efdview"

    async def work(window):
        await window.save_session(path)
        text = path.read_bytes()
        path.write_bytes(text[: int(len(text) * kept)])
        before = window.workspace.session
        with pytest.raises(SessionFormatError):
            await window.open_session(path)
        assert window.workspace.session == before

    in_window([str(night), *VIEW], work)


def test_that_no_damage_gets_past_the_reader(tmp_path, night):
    """Random bytes in a real file: refused, or read as a session; no other error comes through."""
    path = tmp_path / "view.efdview"

    async def save(window):
        await window.save_session(path)

    in_window([str(night), *VIEW], save)
    whole, choice = path.read_bytes(), random.Random(8)
    refused = 0
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(choice.randrange(1, 4)):
            damaged[choice.randrange(len(damaged))] = choice.randrange(256)
        path.write_bytes(damaged)
        with contextlib.suppress(SessionFormatError):
            load_session(path)
            continue
        refused += 1
    assert refused > 100
