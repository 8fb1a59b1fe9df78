"""The window as a whole: its names, its sessions, its end."""

import time
from contextlib import aclosing

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QTreeWidget, QWidget

from efdviewer.domain.errors import SessionFormatError
from efdviewer.domain.query import SampleQuery
from efdviewer.ui.action_finder import ActionFinder
from efdviewer.ui.actions import all_actions
from tests.windows import act, child, in_window, type_into, widen

CAMERA = "lsst.sal.ATCamera"
POWER = f"{CAMERA}.wrebPower:analog_I"
NAMED = [
    "topicFilter",
    "topicTree",
    "timeFrom",
    "timeTo",
    "timeQuick",
    "timeBack",
    "timeForward",
    "timeZoomOut",
    "timescaleSwitch",
    "plotArea",
    "plotRow0",
    "plotRow1",
    "overlayList",
    "latencyPanel",
    "activityTable",
    "cancelAll",
    "progressBar",
    "cursorLabel",
    "sourceLabel",
]


def arguments(night) -> list[str]:
    return [
        str(night),
        "--plot",
        POWER,
        "--plot",
        f"{CAMERA}.wreb:temp1,temp2",
        "--overlay",
        f"{CAMERA}.logevent_startReadout",
        "--latency",
        f"{CAMERA}.logevent_startReadout",
    ]


def test_that_every_widget_of_the_contract_is_there_by_name(night):
    async def look(window):
        for name in NAMED:
            assert child(window, QWidget, name).accessibleName(), name

    in_window(arguments(night), look)


def shown(window) -> dict:
    rows = [window.plots.row(index) for index in range(len(window.workspace.session.rows))]
    return {
        "curves": [row.curves() for row in rows],
        "range": [row.view_range_ns() for row in rows],
        "points": [[row.drawn_points(field)[1].tolist() for field in row.curves()] for row in rows],
        "lines": rows[0].event_lines(f"{CAMERA}.logevent_startReadout").tolist(),
        "counts": window.latency.histogram(f"{CAMERA}.logevent_startReadout")[1].tolist(),
    }


def test_that_a_saved_session_opens_as_the_same_window(night, tmp_path):
    path = tmp_path / "view.efdview"

    async def save(window):
        row = window.plots.row(0)
        start, end = row.view_range_ns()
        row.set_view_range_ns(start + 7_000_000_000_001, end - 3_000_000_000_003)
        await window.idle()
        assert row.view_range_ns() == (start + 7_000_000_000_001, end - 3_000_000_000_003)
        act(window, "actionAddPlot")
        window.docks["activity"].show()
        await window.idle()
        await window.save_session(path)
        return shown(window)

    before = in_window(arguments(night), save)
    assert b"password" not in path.read_bytes()

    async def look(window):
        assert window.docks["activity"].isVisible()
        return shown(window)

    assert in_window(["--session", str(path)], look) == before


def test_that_a_damaged_session_changes_nothing(night, tmp_path):
    path = tmp_path / "bad.efdview"
    path.write_text('{"format": "efdviewer-session", "version": 99}')

    async def look(window):
        before = window.workspace.session
        with pytest.raises(SessionFormatError):
            await window.open_session(path)
        assert window.workspace.session == before

    in_window(arguments(night), look)


def test_that_a_typed_range_shows_and_undo_takes_it_back(night):
    async def look(window):
        before = window.plots.row(0).view_range_ns()
        type_into(child(window, QLineEdit, "timeTo"), "2024-02-01T06:00:00", enter=False)
        type_into(child(window, QLineEdit, "timeFrom"), "2024-02-01T05:00:00")
        await window.idle()
        start, end = window.plots.row(0).view_range_ns()
        assert end - start == 3600 * 10**9
        act(window, "actionUndo")
        await window.idle()
        assert window.plots.row(0).view_range_ns() == before
        type_into(child(window, QLineEdit, "timeFrom"), "2024-13-01")
        assert child(window, QLineEdit, "timeFrom").selectedText() == "13"
        assert window.plots.row(0).view_range_ns() == before

    in_window(arguments(night), look)


def test_that_changing_the_scale_keeps_the_instants(night):
    async def look(window):
        before = window.plots.row(0).view_range_ns()
        typed = child(window, QLineEdit, "timeFrom").text()
        act(window, "actionSwitchTimescale")
        await window.idle()
        assert window.plots.row(0).view_range_ns() == before
        assert child(window, QLineEdit, "timeFrom").text() != typed

    in_window(arguments(night), look)


def test_that_event_lines_stand_at_the_send_stamps(night):
    async def look(window):
        await widen(window)
        lines = window.plots.row(0).event_lines(f"{CAMERA}.logevent_startReadout@sndStamp")
        assert len(lines) > 500
        assert (np.diff(lines) >= 0).all()

    in_window(arguments(night), look)


def test_that_a_window_that_still_connects_says_so(night):
    async def look(window):
        said = child(window, QLabel, "sourceLabel")
        assert (said.text(), window.workspace.topics.notice) == ("Connecting …", "Connecting …")
        await window.idle()
        assert said.text() == night.name
        assert window.workspace.topics.rowCount() > 0

    in_window([str(night)], look, idle=False)


def test_that_a_window_without_a_source_says_so():
    async def look(window):
        assert child(window, QLabel, "sourceLabel").text() == "No source"
        assert window.workspace.topics.notice == "No source is open."

    in_window([], look)


def test_that_three_letters_and_keys_plot_a_field(night):
    async def look(window):
        edit = child(window, QLineEdit, "topicFilter")
        type_into(edit, "wrebp", enter=False)
        await window.idle()
        tree = child(window, QWidget, "topicTree")
        QTest.keyClick(edit, Qt.Key.Key_Down)
        QTest.keyClick(tree, Qt.Key.Key_Right)
        await window.idle()
        QTest.keyClick(tree, Qt.Key.Key_Down)
        QTest.keyClick(tree, Qt.Key.Key_Return)
        await window.idle()
        assert [str(field) for field in window.plots.row(0).curves()] == [POWER]

    in_window([str(night)], look)


def test_that_closing_during_a_load_takes_less_than_two_seconds(night):
    begun = []

    async def look(window):
        begun.append(time.monotonic())

    in_window([*arguments(night), "--plot", "lsst.sal.MTMount.azimuth:actualPosition"], look, idle=False)
    assert time.monotonic() - begun[0] < 2.0


def test_that_every_menu_entry_has_a_name_of_its_own(night):
    async def look(window):
        entries = [action for _, action in all_actions(window.menuBar()) if action.isEnabled()]
        names = [action.objectName() for action in entries]
        assert [action.text() for action in entries if not action.objectName().startswith("action")] == []
        assert len(set(names)) == len(names) > 30

    in_window([str(night)], look)


def test_that_no_key_with_alt_is_given_twice(night):
    async def work(window):
        titles = [action.text() for action in window.menuBar().actions()]
        titles += [label.text() for label in window.findChildren(QLabel) if label.buddy()]
        titles += [button.text() for button in window.findChildren(QAbstractButton)]
        keys = [QKeySequence.mnemonic(title).toString() for title in titles]
        given = [key for key in keys if key]
        assert len(given) > 6
        assert sorted(given) == sorted(set(given))

    in_window(arguments(night), work)


def test_that_the_title_marks_edits_until_they_are_saved_and_saving_is_confirmed(night, tmp_path):
    path = tmp_path / "view.efdview"

    async def work(window):
        assert not window.isWindowModified()
        await window.save_session(path)
        assert window.statusBar().currentMessage() == f"Saved {path}"
        assert "view.efdview[*]" in window.windowTitle()
        assert not window.isWindowModified()
        act(window, "actionAddPlot")
        assert window.isWindowModified()
        act(window, "actionUndo")
        assert not window.isWindowModified()
        act(window, "actionRedo")
        await window.save_session(path)
        assert not window.isWindowModified()

    in_window(arguments(night), work)


def test_that_a_window_at_rest_shows_no_progress_and_nothing_to_cancel(night):
    async def work(window):
        cancel, progress = window.status.cancel_all, window.status.progress
        height = window.status.height()
        assert not cancel.isVisible()
        assert not progress.isVisible()
        window.workspace.reload()
        assert cancel.isVisible()
        await window.idle()
        assert not cancel.isVisible()
        assert window.status.height() == height

    in_window(arguments(night), work)


def test_that_progress_tells_how_much_of_the_range_has_come(night, monkeypatch):
    monkeypatch.setattr("efdviewer.sources.statement_log._REPORT_EVERY_S", 0.0)
    azimuth = "lsst.sal.MTMount.azimuth"

    async def work(window):
        query = SampleQuery(
            topic=azimuth, fields=("actualPosition",), time_range=window.workspace.time.time_range
        )
        progress, seen = window.status.progress, []
        async with aclosing(window.workspace.source.stream(query)) as batches:
            async for batch in batches:
                come = (batch["time"][-1].as_py() - query.time_range.start_utc_ns) / query.time_range.span_ns
                seen.append((progress.value() / progress.maximum(), come))
        assert len(seen) > 5
        assert [shown for shown, _ in seen] == pytest.approx([come for _, come in seen], abs=0.002)
        assert not progress.isVisible()

    in_window([str(night)], work)


def test_that_quick_ranges_and_the_topics_menu_are_found_as_actions(night):
    async def work(window):
        act(window, "actionFindAction")
        finder = child(window, ActionFinder, "actionFinder")
        QTest.keyClicks(child(finder, QLineEdit, "actionFilter"), "quick 15 min")
        QTest.keyClick(child(finder, QLineEdit, "actionFilter"), Qt.Key.Key_Return)
        await window.idle()
        assert window.workspace.time.time_range.span_ns == 15 * 60 * 10**9
        act(window, "actionFindAction")
        finder = child(window, ActionFinder, "actionFinder")
        shown = child(finder, QTreeWidget, "actionList")
        names = [shown.topLevelItem(row).text(0) for row in range(shown.topLevelItemCount())]
        assert "Topic: Show latency" in names
        finder.close()

    in_window(arguments(night), work)


def test_that_a_click_on_the_empty_window_leaves_the_filter(night):
    async def work(window):
        act(window, "actionFilterTopics")
        edit = child(window, QLineEdit, "topicFilter")
        window.activateWindow()
        await window.idle()
        assert edit.hasFocus()
        QTest.mouseClick(window.empty, Qt.MouseButton.LeftButton)
        assert not edit.hasFocus()

    in_window([str(night)], work)
