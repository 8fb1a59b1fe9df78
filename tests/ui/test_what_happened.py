"""What happened around a moment, asked of every topic, on both sources."""

import gzip

import pyarrow as pa
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTableView,
)

from efdviewer.domain.timescale import Timescale, parse_iso_ns
from efdviewer.sources.simulate_schedule import FAULT_AT_S
from efdviewer.sources.simulate_topics import TRACEBACK
from tests.both import has_database, load_topics, write_topics
from tests.nights import CAMERA, START_NS, address_of
from tests.ui.hands import HELD, LEFT, open_menu_and_choose, tick
from tests.windows import act, child, in_window

POWER = ["--plot", f"{CAMERA}.wrebPower:analog_I"]
SECOND = 10**9
FAULT_NS = START_NS + round(FAULT_AT_S * SECOND)
AROUND = ["--from", "2024-02-01T01:20", "--to", "2024-02-01T01:28"]
BASE_NS = 1_706_745_600 * SECOND


def table(window) -> QTableView:
    return child(window, QTableView, "surroundingsTable")


def lines(window) -> list[tuple[str, str]]:
    model = table(window).model()
    return [(model.index(row, 3).data(), model.index(row, 4).data()) for row in range(model.rowCount())]


def offsets(window) -> list[str]:
    model = table(window).model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def words(window) -> str:
    return child(window, QLabel, "surroundingsWords")._forms[0]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Topics of two components, one of them without any private field, and one that is no SAL topic."""
    stamp = [BASE_NS / 1e9 + 37]
    topics = {
        "lsst.sal.One.command_go": pa.table(
            {"time": [BASE_NS], "private_sndStamp": stamp, "speed": [2.5], "private_seqNum": [7]}
        ),
        "lsst.sal.Two.logevent_went": pa.table({"time": [BASE_NS + SECOND], "private_sndStamp": stamp}),
        "lsst.other.Three.logevent_odd": pa.table({"time": [BASE_NS + 2 * SECOND], "note": ["a\nb"]}),
        "lsst.sal.One.telemetry": pa.table({"time": [BASE_NS], "private_sndStamp": stamp, "value": [1.0]}),
    }
    return write_topics(tmp_path_factory.mktemp("plain") / "archive", topics)


@pytest.fixture(params=["archive", "influxd"])
def few(request, plain, influxd, monkeypatch) -> str:
    if request.param == "archive":
        return str(plain)
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    if not has_database(influxd, "three plain topics"):
        return load_topics(plain, influxd, "three plain topics")
    return address_of(influxd, "three plain topics")


def test_that_around_the_fault_all_messages_are_there_in_order_and_whole(source):
    async def work(window):
        window.menus._events.happened_at(FAULT_NS)
        await window.idle()
        assert lines(window) == [
            ("errorCode", "1402  Readout timed out: WREB sent no frame"),
            ("logMessage", "ERROR  Readout failed, going to FAULT"),
            ("summaryState", "summaryState FAULT"),
        ]
        assert offsets(window) == ["-0.200000 s", "-0.100000 s", "+0.000000 s"]
        assert "heartbeats left out" in words(window)
        assert table(window).currentIndex().row() == 2, "the nearest"
        table(window).setFocus()
        QTest.keyClick(table(window), Qt.Key.Key_Up)
        await window.idle()
        text = child(window, QPlainTextEdit, "surroundingsDetail").toPlainText()
        assert all(line in text for line in TRACEBACK.splitlines())
        await tick(window, "surroundingsHeartbeats")
        assert ("heartbeat", "") in lines(window)
        assert "heartbeats left out" not in words(window)

    in_window([source, *POWER, *AROUND], work)


def test_that_by_the_mouse_alone_a_place_in_a_plot_is_asked_about(night):
    async def work(window):
        row = window.plots.row(0)
        frame = row.canvas.frame()
        x = round(frame.x_at(FAULT_NS))
        place = row.canvas.mapTo(row, QPoint(x, frame.top + frame.height // 2))
        await open_menu_and_choose(window, row, place, "actionWhatHappenedHere")
        assert ("summaryState", "summaryState FAULT") in lines(window)
        spin = child(window, QDoubleSpinBox, "surroundingsBefore")
        spin.setValue(60)
        await window.idle()
        assert ("logMessage", "WARNING  WREB is slow to answer, waiting") in lines(window)
        wanted = lines(window).index(("errorCode", "1402  Readout timed out: WREB sent no frame"))
        cell = table(window).visualRect(table(window).model().index(wanted, 3)).center()
        for press in (QTest.mouseClick, QTest.mouseDClick):
            press(table(window).viewport(), LEFT, HELD.NoModifier, cell)
        await window.idle()
        assert [overlay.topic for overlay in window.workspace.session.overlays] == [
            f"{CAMERA}.logevent_errorCode"
        ]

    in_window([str(night), *POWER, *AROUND], work)


def test_that_by_keys_alone_the_moment_under_the_mouse_is_asked_about_narrowed_and_undone(night, tmp_path):
    async def work(window):
        window.activateWindow()
        row = window.plots.row(0)
        row.setFocus()
        QTest.keyClick(row, Qt.Key.Key_W)
        await window.idle()
        settings = window.workspace.session.surroundings
        start, end = row.view_range_ns()
        assert settings.at_utc_ns == (start + end) // 2, "the middle, since the mouse is not in a plot"
        assert ("summaryState", "summaryState FAULT") in lines(window)
        edit = child(window, QLineEdit, "surroundingsComponents")
        edit.setFocus()
        QTest.keyClicks(edit, "mtmount")
        QTest.keyClick(edit, Qt.Key.Key_Return)
        await window.idle()
        assert lines(window) == []
        assert words(window).startswith("Nothing in the 6 topics asked")
        await window.save_session(tmp_path / "happened.efdview")
        for _ in range(2):
            act(window, "actionUndo")
            await window.idle()
        assert window.workspace.session.surroundings.at_utc_ns is None
        await window.open_session(tmp_path / "happened.efdview")
        await window.idle()
        assert words(window).startswith("Nothing in the 6 topics asked")

    in_window([str(night), *POWER, *AROUND], work)


def test_that_the_command_of_a_real_night_is_found_with_its_neighbours(recordings, influxd, monkeypatch):
    if not has_database(influxd, "happened"):
        influxd.create_database("happened")
        for path in sorted((recordings / "efd").glob("lsst.sal.MTMount.*.lp.gz")):
            influxd.write("happened", gzip.decompress(path.read_bytes()))
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    at_utc_ns = parse_iso_ns("2023-06-01T00:12:35.290", Timescale.UTC)
    wanted = []
    for topic in ("azimuthMotionState", "azimuthInPosition", "azimuthSystemState"):
        reply = influxd.query(
            f'SELECT private_seqNum FROM "happened".."lsst.sal.MTMount.logevent_{topic}" '
            f"WHERE time >= {at_utc_ns - 30 * SECOND} AND time <= {at_utc_ns + 30 * SECOND}"
        )
        for series in reply["results"][0].get("series", []):
            wanted += [(row[0], topic) for row in series["values"]]
    wanted.append((1_685_578_355_290_013_000, "command_stopTracking"))

    async def work(window):
        child(window, QDoubleSpinBox, "surroundingsBefore")
        window.workspace.surroundings.edit("Look", before_s=30.0, after_s=30.0)
        window.menus._events.happened_at(at_utc_ns)
        await window.idle()
        assert [message for message, _ in lines(window)] == [topic for _, topic in sorted(wanted)]
        assert len(wanted) > 1, "it has neighbours"
        assert table(window).currentIndex().row() == sorted(wanted).index(wanted[-1])

    span = ["--from", "2023-06-01T00:10", "--to", "2023-06-01T00:15"]
    in_window([address_of(influxd, "happened"), *span], work)


def test_that_commands_events_and_topics_without_private_fields_are_all_found(few):
    async def work(window):
        window.menus._events.happened_at(BASE_NS)
        await window.idle()
        assert lines(window) == [("command_go", "speed 2.5"), ("went", ""), ("odd", "note a ⏎ b")]
        assert "3 messages in 3 of 3 topics asked" in words(window)
        window.menus._events.happened_at(BASE_NS + 100 * SECOND)
        await window.idle()
        assert lines(window) == []
        assert words(window) == "Nothing in the 3 topics asked"
        window.workspace.surroundings.edit("Look", before_s=98.5)
        await window.idle()
        assert lines(window) == [("odd", "note a ⏎ b")]
        assert child(window, QCheckBox, "surroundingsHeartbeats").isEnabled()

    in_window([few, "--from", "2024-02-01", "--to", "2024-02-01T00:10"], work)
    QApplication.processEvents()


def test_that_3_000_topics_are_asked_with_a_handful_of_statements(recordings, influxd, monkeypatch):
    names = gzip.decompress((recordings / "efd" / "measurements.txt.gz").read_bytes()).decode().split()
    if not has_database(influxd, "three thousand topics"):
        influxd.create_database("three thousand topics")
        influxd.write(
            "three thousand topics",
            "\n".join(
                f"{name} private_sndStamp={BASE_NS / 1e9 + 37},private_seqNum={number}i {BASE_NS + number * SECOND}"
                for number, name in enumerate(names)
            ),
        )
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    sent: dict[int, str] = {}

    async def work(window):
        window.workspace.statementChanged.connect(lambda each: sent.setdefault(each.number, each.text))
        window.menus._events.happened_at(BASE_NS + 1000 * SECOND)
        await window.idle()
        assert 1 <= len(lines(window)) <= 11
        assert "of 2,690 topics asked" in words(window)
        assert len([text for text in sent.values() if "COUNT" in text]) <= 6
        assert len(sent) < 40

    in_window(
        [address_of(influxd, "three thousand topics"), "--from", "2024-02-01", "--to", "2024-02-01T01:00"],
        work,
    )
