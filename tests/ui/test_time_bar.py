"""The time bar under the hands: typed, chosen, stepped back and forward."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton

from tests.windows import child, in_window, type_into


@pytest.mark.parametrize(
    ("typed", "wrong"), [("2024-13-01", "13"), ("now-20q", "q"), ("yesterday", "yesterday")]
)
def test_that_wrong_characters_are_marked_and_explained(typed, wrong):
    async def work(window):
        edit, said = child(window, QLineEdit, "timeFrom"), child(window, QLabel, "timeResolved")
        before = window.workspace.time.time_range
        type_into(edit, typed)
        assert wrong in edit.selectedText()
        assert edit.selectedText() in typed
        assert said.toolTip()
        assert window.workspace.time.time_range == before

    in_window([], work)


def test_that_each_quick_range_shows_and_back_and_forward_return():
    async def work(window):
        button = child(window, QToolButton, "timeQuick")
        labels = [action.text() for action in button.menu().actions() if action.data()]
        ranges = [window.workspace.time.time_range]
        for label in labels:
            next(action for action in button.menu().actions() if action.text() == label).trigger()
            await window.idle()
            ranges.append(window.workspace.time.time_range)
        spans_min = {time_range.span_ns // 60_000_000_000 for time_range in ranges}
        assert spans_min >= {5, 15, 60, 360, 720, 1200, 1440, 2880, 10080, 43200}
        last = window.workspace.time.time_range
        QTest.mouseClick(child(window, QToolButton, "timeBack"), Qt.MouseButton.LeftButton)
        assert window.workspace.time.time_range != last
        QTest.mouseClick(child(window, QToolButton, "timeForward"), Qt.MouseButton.LeftButton)
        assert window.workspace.time.time_range == last

    in_window([], work)
