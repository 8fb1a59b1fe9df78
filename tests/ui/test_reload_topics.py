"""Reload asks for the topics too, on a real server that got new ones since."""

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.growing import TELEMETRY, Growing, until
from tests.ui.hands import TopicHand
from tests.windows import act, child, in_window

ADDED = "lsst.sal.CSC.added"


@pytest.fixture
def growing(influxd, request, monkeypatch) -> Growing:
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    database = Growing(influxd, f"reload {request.node.name}")
    database.create(10)
    return database


def listings(window) -> list[str]:
    told: list[str] = []

    def note(statement) -> None:
        if statement.outcome == "running" and "SHOW MEASUREMENTS" in statement.text:
            told.append(statement.text)

    window.workspace.statementChanged.connect(note)
    return told


def names(hand: TopicHand) -> list[str]:
    csc, model = hand.row("CSC"), hand.tree.model()
    return [model.index(row, 0, csc).data() for row in range(model.rowCount(csc))]


def test_that_reload_finds_new_topics_and_fields_and_leaves_the_tree_as_it_is(growing):
    async def work(window):
        hand = TopicHand(window)
        await hand.open("csc", "CSC", "telemetry")
        chosen = hand.row("CSC", "telemetry", "value")
        flags = QItemSelectionModel.SelectionFlag
        hand.tree.selectionModel().setCurrentIndex(chosen, flags.ClearAndSelect | flags.Rows)
        growing.server.write(growing.database, f"{ADDED} x=1\n{TELEMETRY} extra=1")
        seen = []
        window.workspace.topics.statusChanged.connect(lambda text: seen.append((text, names(hand))))
        QTest.keyClick(window, Qt.Key.Key_F5)
        assert "telemetry" in names(hand)
        await window.idle()
        assert names(hand) == ["added", "logevent_x", "telemetry"]
        assert hand.filter.text() == "csc"
        assert hand.tree.isExpanded(hand.row("CSC", "telemetry"))
        assert hand.row("CSC", "telemetry", "extra").isValid()
        assert hand.tree.currentIndex() == hand.row("CSC", "telemetry", "value")
        assert all(text and "telemetry" in rows for text, rows in seen), "blank for a while"
        assert child(window, QLabel, "topicStatus").text() == "3 of 3 topics"

    in_window([growing.address, "--from", "now-5m"], work)


def test_that_reload_does_not_build_the_same_tree_anew(growing):
    async def work(window):
        resets, listed = [], listings(window)
        window.workspace.topics.modelReset.connect(lambda: resets.append(True))
        QTest.keyClick(window, Qt.Key.Key_F5)
        await window.idle()
        assert len(listed) == 1
        assert resets == []

    in_window([growing.address, "--from", "now-5m"], work)


def test_that_a_refresh_while_live_does_not_list_topics(growing):
    async def work(window):
        act(window, "actionLiveEvery1s")
        await window.idle()
        listed, before = listings(window), window.workspace.live.refreshes
        await until(
            window.workspace.busyChanged, lambda: window.workspace.live.refreshes > before + 1, within_s=10
        )
        assert listed == []

    in_window([growing.address, "--from", "now-5m", "--plot", f"{TELEMETRY}:value"], work)
