"""The list of event overlays, in a real window on the simulated night."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QTreeWidget

from tests.windows import act, child, in_window, widen

CAMERA = "lsst.sal.ATCamera"
EVENTS = ("startIntegration", "startReadout", "endReadout")


def arguments(night) -> list[str]:
    argv = [str(night), "--plot", f"{CAMERA}.wrebPower:analog_I"]
    for event in EVENTS:
        argv += ["--overlay", f"{CAMERA}.logevent_{event}@sndStamp"]
    return argv


def line(tree: QTreeWidget, place: int, column: int) -> str:
    return tree.topLevelItem(place).text(column)


def test_that_each_line_names_its_event_and_counts_what_is_in_view(night):
    async def look(window):
        await widen(window)
        tree = child(window, QTreeWidget, "overlayList")
        row = window.plots.row(0)
        for place, event in enumerate(EVENTS):
            lines = row.event_lines(f"{CAMERA}.logevent_{event}@sndStamp")
            assert line(tree, place, 0) == event
            assert line(tree, place, 2) == f"{len(lines):,}"
            assert tree.topLevelItem(place).toolTip(0).startswith(f"ATCamera.{event}")
        start, end = row.view_range_ns()
        row.set_view_range_ns(start + (end - start) // 2, end)
        await window.idle()
        fewer = row.event_lines(f"{CAMERA}.logevent_startReadout@sndStamp")
        assert line(tree, 1, 2) == f"{len(fewer):,}"
        assert 0 < len(fewer) < len(lines)

    in_window(arguments(night), look)


def test_that_names_fit_a_narrow_dock(night):
    async def look(window):
        panel = window.overlays
        panel.setParent(None)
        panel.resize(320, 200)
        panel.show()
        await window.idle()
        tree = child(panel, QTreeWidget, "overlayList")
        room = tree.columnWidth(0) - tree.iconSize().width() - 24
        assert room > tree.fontMetrics().horizontalAdvance("startIntegration")
        panel.setParent(window)

    in_window(arguments(night), look)


def test_that_columns_keep_their_widths_on_a_zoom_and_names_that_begin_alike_end_apart(night):
    heartbeats = [f"lsst.sal.{csc}.logevent_heartbeat@sndStamp" for csc in ("ATCamera", "MTMount")]

    async def look(window):
        window.resize(1280, 800)
        await window.idle()
        tree, row = child(window, QTreeWidget, "overlayList"), window.plots.row(0)
        whole = [tree.columnWidth(column) for column in range(3)]
        assert line(tree, 3, 2).startswith("~7")
        assert tree.fontMetrics().horizontalAdvance(line(tree, 3, 2)) < whole[2]
        assert tree.topLevelItem(3).toolTip(2).startswith("About 7")
        start, _ = row.view_range_ns()
        row.set_view_range_ns(start, start + 60 * 10**9)
        await window.idle()
        assert line(tree, 3, 2) in ("60", "61")
        assert [tree.columnWidth(column) for column in range(3)] == whole
        room = whole[0] - tree.iconSize().width() - 40
        names = [line(tree, place, 0) for place in range(tree.topLevelItemCount())]
        shown = {tree.fontMetrics().elidedText(name, tree.textElideMode(), room) for name in names}
        assert len(shown) == len(names) == 5
        assert "startReadout" in shown

    argv = arguments(night)
    for key in heartbeats:
        argv += ["--overlay", key]
    in_window(argv, look)


def test_that_a_check_box_hides_and_undo_shows(night):
    async def look(window):
        tree = child(window, QTreeWidget, "overlayList")
        tree.topLevelItem(1).setCheckState(0, Qt.CheckState.Unchecked)
        assert [overlay.visible for overlay in window.workspace.session.overlays] == [True, False, True]
        act(window, "actionUndo")
        await window.idle()
        assert tree.topLevelItem(1).checkState(0) is Qt.CheckState.Checked

    in_window(arguments(night), look)


def test_that_delete_removes_the_current_overlay(night):
    async def look(window):
        window.activateWindow()
        tree = child(window, QTreeWidget, "overlayList")
        tree.setFocus()
        tree.setCurrentItem(tree.topLevelItem(1))
        await window.idle()
        QTest.keyClick(tree, Qt.Key.Key_Delete)
        await window.idle()
        assert [line(tree, place, 0) for place in range(tree.topLevelItemCount())] == [EVENTS[0], EVENTS[2]]

    in_window(arguments(night), look)


def test_that_a_chosen_stamp_moves_the_lines(night):
    async def look(window):
        await widen(window)
        box = child(window, QComboBox, "overlayStamp0")
        assert [box.itemText(place) for place in range(3)] == ["time", "sndStamp", "rcvStamp"]
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_Down)
        await window.idle()
        topic = f"{CAMERA}.logevent_startIntegration"
        assert window.workspace.session.overlays[0].stamp == "private_rcvStamp"
        assert len(window.plots.row(0).event_lines(f"{topic}@rcvStamp")) > 500

    in_window(arguments(night), look)


def test_that_stamps_are_stepped_through_by_key(night):
    async def look(window):
        window.activateWindow()
        box = child(window, QComboBox, "overlayStamp0")
        box.setFocus()
        for stamp in ("rcvStamp", "kafkaStamp"):
            QTest.keyClick(box.window().focusWidget(), Qt.Key.Key_Down)
            await window.idle()
            assert child(window, QComboBox, "overlayStamp0").currentText() == stamp
        act(window, "actionUndo")
        await window.idle()
        assert box.currentText() == "rcvStamp"
        assert box.hasFocus()

    in_window(arguments(night), look)


def test_that_an_empty_list_says_how_to_begin(night):
    async def look(window):
        hint = child(window, QLabel, "overlayHint")
        assert hint.isVisible()
        assert "press O" in hint.text()

    in_window(arguments(night)[:3], look)
