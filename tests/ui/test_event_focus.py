"""Events in the plots: pointed at, picked, gone through and labelled, in a real window."""

import re

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTreeWidget

from efdviewer.app import main
from efdviewer.domain.session_format import session_from_json, session_to_json
from efdviewer.ui.label_menu import LabelMenu
from efdviewer.viewmodels.event_focus import EventMark
from tests.ui.hands import HELD, LEFT
from tests.ui.test_plot_menu import choose, menu_at
from tests.windows import act, child, in_window

CAMERA = "lsst.sal.ATCamera"
POWER, TEMP = f"{CAMERA}.wrebPower:analog_I", f"{CAMERA}.wreb:temp1"
EVENTS = ("startIntegration", "startReadout", "endReadout")
READOUT = f"{CAMERA}.logevent_startReadout"
ROWS = ["--plot", POWER, "--plot", TEMP]
LINES = [part for event in EVENTS for part in ("--overlay", f"{CAMERA}.logevent_{event}")]
CLOSE = ["--from", "2024-02-01T03:00:00", "--to", "2024-02-01T03:06:00"]
WHOLE = ["--from", "2024-01-31T12:00:00", "--to", "2024-02-01T08:00:00"]


def key_of(event: str) -> str:
    return f"{CAMERA}.logevent_{event}@sndStamp"


def place_of(window, utc_ns: int, row: int = 0) -> QPoint:
    frame = window.plots.row(row).canvas.frame()
    return QPoint(int(frame.x_of(np.array([utc_ns]))[0]), frame.top + frame.height // 2)


def color_at(window, place: QPoint, row: int) -> str:
    image = window.plots.row(row).canvas.grab().toImage()
    return image.pixelColor(place).name()


async def press(window, key: Qt.Key) -> EventMark | None:
    QTest.keyClick(window.plots.row(0), key)
    await window.idle()
    return window.workspace.focus.selected


def test_that_an_event_is_pointed_at_picked_and_let_go_by_the_mouse_in_all_rows(night):
    async def work(window):
        focus, row = window.workspace.focus, window.plots.row(0)
        stamp = int(row.event_lines(READOUT)[2])
        mark, place = EventMark(key_of("startReadout"), stamp), place_of(window, stamp)
        color = window.workspace.events.states()[1].color
        plain = [color_at(window, place, each) for each in (0, 1)]
        assert color not in plain
        QTest.mouseMove(row.canvas, place)
        assert focus.hovered == mark
        await window.idle()
        assert [color_at(window, place, each) for each in (0, 1)] == [color, color]
        QTest.mouseMove(row.canvas, place + QPoint(12, 0))
        assert focus.hovered is None
        await window.idle()
        assert [color_at(window, place, each) for each in (0, 1)] == plain
        range_before = row.view_range_ns()
        QTest.mouseClick(row.canvas, LEFT, HELD.NoModifier, place)
        assert focus.selected == mark
        await window.idle()
        beside = place + QPoint(1, 0)
        assert [color_at(window, beside, each) for each in (0, 1)] == [color, color], "a stronger line"
        assert window.workspace.session.start == CLOSE[1]
        assert row.view_range_ns() == range_before
        QTest.mouseClick(row.canvas, LEFT, HELD.NoModifier, place + QPoint(12, 0))
        assert focus.selected is None
        focus.select(mark)
        QTest.keyClick(row, Qt.Key.Key_Escape)
        assert focus.selected is None

    in_window([str(night), *ROWS, *LINES, *CLOSE], work)


def test_that_a_drag_selects_nothing_and_a_table_marks_events_in_the_plots(night):
    async def work(window):
        focus, row = window.workspace.focus, window.plots.row(0)
        stamp = int(row.event_lines(READOUT)[2])
        place = place_of(window, stamp)
        focus.hover(EventMark(key_of("startReadout"), stamp))
        await window.idle()
        assert color_at(window, place, 1) == window.workspace.events.states()[1].color
        QTest.mousePress(row.canvas, LEFT, HELD.NoModifier, place)
        QTest.mouseMove(row.canvas, place + QPoint(60, 0))
        QTest.mouseRelease(row.canvas, LEFT, HELD.NoModifier, place + QPoint(60, 0))
        assert focus.selected is None

    in_window([str(night), *ROWS, *LINES, *CLOSE], work)


def test_that_an_event_is_let_go_with_its_overlay(night):
    async def work(window):
        focus, events = window.workspace.focus, window.workspace.events
        stamp = int(window.plots.row(0).event_lines(READOUT)[0])
        for change in ({"visible": False}, {"stamp": "private_rcvStamp"}):
            focus.select(EventMark(key_of("startReadout"), stamp))
            focus.hover(EventMark(key_of("startReadout"), stamp))
            events.edit(1, "Change", **change)
            await window.idle()
            assert (focus.selected, focus.hovered) == (None, None)
            act(window, "actionUndo")
            await window.idle()
        focus.select(EventMark(key_of("endReadout"), stamp))
        events.remove(0)
        assert focus.selected is not None, "it is another one's"

    in_window([str(night), *ROWS, *LINES, *CLOSE], work)


def all_events(window) -> list[EventMark]:
    """List the events in view of all overlays in the order of time."""
    row = window.plots.row(0)
    found = [(int(t), n, e) for n, e in enumerate(EVENTS) for t in row.event_lines(f"{CAMERA}.logevent_{e}")]
    return [EventMark(key_of(event), utc_ns) for utc_ns, _, event in sorted(found)]


@pytest.mark.parametrize("nights", ["archive", "today", "2019"])
def test_that_keys_go_through_all_events_and_beyond_the_view(nights, request, monkeypatch):
    if nights == "archive":
        address = str(request.getfixturevalue("night"))
    else:
        loaded = request.getfixturevalue(f"night_{nights}")
        monkeypatch.setenv("EFDVIEWER_PASSWORD", loaded.server.reader.password)
        address = loaded.address

    async def work(window):
        window.resize(2560, 900)
        await window.idle()
        row = window.plots.row(0)
        start, end = row.view_range_ns()
        row.set_view_range_ns(start - 600 * 10**9, end + 600 * 10**9)
        await window.idle()
        expected = all_events(window)
        row.set_view_range_ns(start, end)
        await window.idle()
        middle = (start + end) // 2
        later = [mark for mark in expected if mark.utc_ns > middle]
        assert sum(mark.utc_ns >= end for mark in later) > 3, "some lie beyond the view"
        first = next(place for place, mark in enumerate(later) if mark.utc_ns >= end)
        for mark in later[: first + 2]:
            assert await press(window, Qt.Key.Key_N) == mark
            shown = row.view_range_ns()
            assert shown[0] <= mark.utc_ns < shown[1]
            assert shown[1] - shown[0] == end - start, "the view keeps its length"
        place = expected.index(later[first + 1])
        for mark in reversed(expected[place - 4 : place]):
            assert await press(window, Qt.Key.Key_P) == mark

    in_window([address, *ROWS, *LINES, *CLOSE], work)


def test_that_a_step_begins_at_the_mouse_and_ends_with_words_at_the_last_event(source):
    async def work(window):
        row = window.plots.row(0)
        marks = all_events(window)
        between = (marks[1].utc_ns + marks[2].utc_ns) // 2
        place = place_of(window, between)
        for each in (place + QPoint(20, 0), place):
            # Where the mouse of a test before was left, it would not move.
            QTest.mouseMove(row.canvas, each)
            await window.idle()
        at = window.plots.marks.pointed_utc_ns()
        expected = next(mark for mark in marks if mark.utc_ns > at)
        assert await press(window, Qt.Key.Key_N) == expected
        window.workspace.events.edit(0, "Hide", visible=False)
        window.workspace.events.edit(1, "Hide", visible=False)
        await window.idle()
        row.set_view_range_ns(*(bound + 365 * 86_400 * 10**9 for bound in row.view_range_ns()))
        await window.idle()
        before = row.view_range_ns()
        assert await press(window, Qt.Key.Key_N) is None
        assert window.status.currentMessage() == "No later event of ATCamera.endReadout"
        assert row.view_range_ns() == before
        last = await press(window, Qt.Key.Key_P)
        assert last.key == key_of("endReadout")
        assert row.view_range_ns()[0] <= last.utc_ns < row.view_range_ns()[1]
        assert await press(window, Qt.Key.Key_N) == last, "it is the last"

    in_window([source, *ROWS, *LINES, *CLOSE], work)


def test_that_shaded_events_are_gone_through_one_by_one(night):
    async def work(window):
        row = window.plots.row(0)
        assert row.event_density(READOUT)
        start, end = row.view_range_ns()
        first = await press(window, Qt.Key.Key_N)
        second = await press(window, Qt.Key.Key_N)
        assert row.view_range_ns() == (start, end), "both are in view"
        row.set_view_range_ns((start + end) // 2, (start + end) // 2 + 10**12)
        await window.idle()
        lines = row.event_lines(READOUT).tolist()
        assert [first.utc_ns, second.utc_ns] == lines[:2]

    in_window([str(night), *ROWS[:2], "--overlay", READOUT, *WHOLE], work)


def test_that_steps_without_an_overlay_or_a_source_say_what_to_do(night):
    async def without_overlay(window):
        assert await press(window, Qt.Key.Key_N) is None
        assert "press O" in window.status.currentMessage()

    in_window([str(night), *ROWS, *CLOSE], without_overlay)

    async def without_source(window):
        act(window, "actionPreviousEvent")
        assert window.status.currentMessage() == "No source is open."

    in_window([*ROWS, *LINES, *CLOSE], without_source)


def test_that_several_presses_are_several_steps_and_cancelling_ends_them(night):
    async def work(window):
        marks = all_events(window)
        start, end = window.plots.row(0).view_range_ns()
        later = [mark for mark in marks if mark.utc_ns > (start + end) // 2]
        for _ in range(3):
            QTest.keyClick(window.plots.row(0), Qt.Key.Key_N)
        await window.idle()
        assert window.workspace.focus.selected == later[2]
        act(window, "actionNextEvent")
        window.workspace.cancel_all()
        await window.idle()
        assert window.workspace.focus.selected == later[2]
        assert await press(window, Qt.Key.Key_N) == later[3]

    in_window([str(night), *ROWS, *LINES, *CLOSE], work)


def values_of(window, key: str) -> list[str]:
    return list(window.workspace.labels.texts(key).values())


def test_that_fields_are_chosen_as_labels_by_keys_and_written_at_the_lines(source):
    async def work(window):
        tree = child(window, QTreeWidget, "overlayList")
        tree.setFocus()
        tree.setCurrentItem(tree.topLevelItem(1))
        place = tree.visualItemRect(tree.currentItem()).center()
        event = QContextMenuEvent(
            QContextMenuEvent.Reason.Keyboard, place, tree.viewport().mapToGlobal(place)
        )
        QApplication.sendEvent(tree.viewport(), event)
        menu = QApplication.activePopupWidget()
        QTest.keyClick(menu, Qt.Key.Key_L)
        below = child(window, LabelMenu, "overlayLabels")
        assert below.isVisible()
        names = [action.data() for action in below.actions()]
        assert names == ["exposureTime", "imageIndex", "imageName", "timestampAcquisitionStart"]
        for name in ("imageIndex", "imageName"):
            while below.activeAction() is None or below.activeAction().data() != name:
                QTest.keyClick(below, Qt.Key.Key_Down)
            QTest.keyClick(below, Qt.Key.Key_Space)
            assert below.isVisible(), "it stays open for the next"
        QTest.keyClick(below, Qt.Key.Key_Escape)
        QTest.keyClick(menu, Qt.Key.Key_Escape)
        await window.idle()
        assert window.workspace.session.overlays[1].labels == ("imageIndex", "imageName")
        texts = values_of(window, key_of("startReadout"))
        lines = window.plots.row(0).event_lines(READOUT)
        assert list(window.workspace.labels.texts(key_of("startReadout"))) == lines.tolist()
        assert all(re.fullmatch(r"\d+ · AT_O_\S+", text) for text in texts), texts
        assert not values_of(window, key_of("endReadout"))
        asked = []
        window.workspace.statementChanged.connect(asked.append)
        act(window, "actionZoomIn")
        await window.idle()
        assert not [each for each in asked if "imageName" in each.text], "those in view are known"
        assert set(values_of(window, key_of("startReadout"))) < set(texts)
        act(window, "actionUndoZoom")
        act(window, "actionUndo")
        act(window, "actionUndo")
        await window.idle()

    in_window([source, *ROWS, *LINES, *CLOSE], work)


def test_that_labels_are_chosen_by_the_mouse_and_drawn_into_pictures(night, tmp_path):
    path = tmp_path / "labels.efdview"

    async def work(window):
        stamp = int(window.plots.row(0).event_lines(READOUT)[0])
        menu = menu_at(window, place_of(window, stamp))
        menus = [action.menu() for action in menu.actions() if isinstance(action.menu(), QMenu)]
        below = next(each for each in menus if each.objectName() == "menuLabels")
        overlay = below.actions()[1].menu()
        overlay.popup(window.mapToGlobal(QPoint(100, 100)))
        action = next(each for each in overlay.actions() if each.data() == "imageName")
        QTest.mouseClick(overlay, LEFT, HELD.NoModifier, overlay.actionGeometry(action).center())
        assert overlay.isVisible()
        overlay.close()
        menu.close()
        await window.idle()
        await window.save_session(path)
        start, end = window.plots.row(0).view_range_ns()
        window.plots.row(0).set_view_range_ns(start - 4 * 3600 * 10**9, end)
        await window.idle()
        assert len(window.plots.row(0).event_lines(READOUT)) > 100
        assert not values_of(window, key_of("startReadout")), "of many events nothing is loaded"

    in_window([str(night), *ROWS, *LINES, *CLOSE], work)
    picture = tmp_path / "labels.svg"
    session = session_from_json(path.read_bytes())
    assert session.overlays[1].labels == ("imageName",)
    path.write_bytes(session_to_json(session))
    assert main(["render", "--session", str(path), "-o", str(picture)]) == 0
    assert len(re.findall(r"AT_O_2024\d+_\d+", picture.read_text())) >= 5


def test_that_a_cursor_goes_to_the_selected_event_by_key(night):
    async def work(window):
        mark = await press(window, Qt.Key.Key_N)
        QTest.keyClick(window.plots.row(0), Qt.Key.Key_B)
        assert window.workspace.session.cursors.b_utc_ns == mark.utc_ns
        await window.idle()
        choose(menu_at(window, place_of(window, mark.utc_ns)), "actionCursorA")
        assert window.workspace.session.cursors.a_utc_ns == mark.utc_ns

    in_window([str(night), *ROWS, *LINES, *CLOSE], work)
