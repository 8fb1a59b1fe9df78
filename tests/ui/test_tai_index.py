"""The switch for sources whose index was written in TAI, in a real window."""

import asyncio

import numpy as np
import pyarrow as pa
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QLabel, QLineEdit, QMenu

from efdviewer.domain.leap_seconds import SECOND_NS
from tests.both import has_database, load_topics, write_topics
from tests.windows import act, child, in_window

TOPIC, EVENT = "lsst.sal.Test.old", "lsst.sal.Test.logevent_old"
NOON = 1_600_000_000 * SECOND_NS
"""September 2020, stored as TAI: the rows were sent 37 s before."""
RANGE = ["--from", "2020-09-13T12:25:00", "--to", "2020-09-13T12:30:00"]
SHOWN = ["--plot", f"{TOPIC}:value", "--overlay", f"{EVENT}@time", "--overlay", f"{EVENT}@sndStamp"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    stored = NOON + np.arange(0, 200) * SECOND_NS
    sent = stored / 1e9
    tables = {
        TOPIC: pa.table({"time": stored, "value": np.arange(200.0), "private_sndStamp": sent}),
        EVENT: pa.table({"time": stored[50:55], "private_sndStamp": sent[50:55], "state": np.arange(5)}),
    }
    return write_topics(tmp_path_factory.mktemp("old") / "archive", tables)


@pytest.fixture(params=["archive", "influxd"])
def source(request, folder, influxd, monkeypatch) -> str:
    if request.param == "archive":
        return str(folder)
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    if has_database(influxd, "tai_old"):
        return f"influxdb://{influxd.reader.name}@127.0.0.1:{influxd.port}?db=tai_old"
    return load_topics(folder, influxd, "tai_old")


def expect(window, *, mended: bool) -> None:
    row = window.plots.row(0)
    shift = 37 * SECOND_NS if mended else 0
    moments, values = row.drawn_points(f"{TOPIC}:value")
    assert (moments == NOON + np.arange(200) * SECOND_NS - shift).all()
    assert (values == np.arange(200)).all()
    index = row.event_lines(f"{EVENT}@time")
    sent = row.event_lines(f"{EVENT}@private_sndStamp")
    assert (index == NOON + np.arange(50, 55) * SECOND_NS - shift).all()
    # What the stamp says is true either way, and only the mended index agrees.
    assert np.abs(sent - (NOON + np.arange(50, 55) * SECOND_NS - 37 * SECOND_NS)).max() < 1000
    assert ("index in TAI" in window.status.source.text()) == mended


def test_the_switch_with_the_mouse_alone(source, tmp_path):
    async def work(window):
        expect(window, mended=False)
        bar = window.menuBar()
        top = next(each for each in bar.actions() if each.text() == "&Time")
        QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.actionGeometry(top).center())
        index = child(window, QMenu, "menuIndex")
        place = top.menu().actionGeometry(index.menuAction()).center()
        QTest.mouseMove(top.menu(), top.menu().rect().topLeft())
        QTest.mouseMove(top.menu(), place)
        for turn in range(40):
            QTest.mouseMove(top.menu(), place + QPoint(turn % 2, 0))
            await asyncio.sleep(0.05)
            if index.isVisible():
                break
        entry = next(each for each in index.actions() if each.objectName() == "actionIndexTaiBefore2021")
        QTest.mouseClick(index, Qt.MouseButton.LeftButton, pos=index.actionGeometry(entry).center())
        await window.idle()
        expect(window, mended=True)
        act(window, "actionUndo")
        await window.idle()
        expect(window, mended=False)
        act(window, "actionRedo")
        await window.idle()
        expect(window, mended=True)
        await window.save_session(tmp_path / "old.efdview")

    async def look(window):
        expect(window, mended=True)

    in_window([source, *RANGE, *SHOWN], work)
    in_window(["--session", str(tmp_path / "old.efdview")], look)


def test_a_day_typed_with_the_keyboard_alone(source):
    async def work(window):
        bar = window.menuBar()
        bar.setFocus()
        QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.AltModifier)
        menu = QApplication.activePopupWidget()
        assert menu is not None
        index = child(window, QMenu, "menuIndex")
        for _ in menu.actions():
            QTest.keyClick(menu, Qt.Key.Key_Down)
            if menu.activeAction() is index.menuAction():
                break
        QTest.keyClick(menu, Qt.Key.Key_Right)
        assert index.isVisible()
        for _ in index.actions():
            if index.activeAction().objectName() == "actionIndexTaiBefore":
                break
            QTest.keyClick(index, Qt.Key.Key_Down)
        QTest.keyClick(index, Qt.Key.Key_Return)
        for text in ("someday", "2020-12-24"):
            dialog = QApplication.activeModalWidget()
            assert isinstance(dialog, QInputDialog)
            edit = dialog.findChild(QLineEdit)
            edit.selectAll()
            QTest.keyClicks(edit, text)
            QTest.keyClick(edit, Qt.Key.Key_Return)
            await asyncio.sleep(0.1)
        await window.idle()
        expect(window, mended=True)
        assert window.workspace.session.tai_index == "2020-12-24"

    in_window([source, *RANGE, *SHOWN], work)


def test_the_latency_of_the_index_says_that_it_may_be_tai(folder):
    async def work(window):
        words = child(window, QLabel, "latencyNotice").text().replace("\u200b", "")
        assert "Time, Index of the source" in words
        window.workspace.set_tai_index("2021-10-01")
        await window.idle()
        assert "Index of the source" not in child(window, QLabel, "latencyNotice").text()

    in_window([str(folder), *RANGE, "--latency", f"{TOPIC}:time-sndStamp"], work)
