"""The table of all overlays' events, on both sources: what it lists, says, finds, copies and writes."""

import asyncio
import gzip

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QPlainTextEdit, QTableView

from efdviewer.sources.simulate_topics import TRACEBACK
from efdviewer.viewmodels.event_focus import EventMark
from tests.benchmarks.clock import Ticker
from tests.both import has_database, write_topics
from tests.nights import CAMERA, address_of
from tests.ui.hands import HELD, LEFT, choose_from_bar, click, open_menu_and_choose
from tests.windows import act, child, in_window, type_into

POWER = ["--plot", f"{CAMERA}.wrebPower:analog_I"]
LOG, ERROR = f"{CAMERA}.logevent_logMessage", f"{CAMERA}.logevent_errorCode"
STATE, READOUT = f"{CAMERA}.logevent_summaryState", f"{CAMERA}.logevent_startReadout"
FAULT = ["--from", "2024-02-01T01:20", "--to", "2024-02-01T01:50"]
OVERLAYS = [part for topic in (LOG, ERROR, STATE, READOUT) for part in ("--overlay", topic)]
BASE_NS, SECOND = 1_706_745_600 * 10**9, 10**9


def lines(window) -> list[tuple[str, str, str]]:
    model = table(window).model()
    return [
        tuple(model.index(row, column).data() for column in range(model.columnCount()))
        for row in range(model.rowCount())
    ]


def table(window) -> QTableView:
    return child(window, QTableView, "eventTable")


def detail(window) -> str:
    return child(window, QPlainTextEdit, "eventDetail").toPlainText()


def words(window) -> str:
    return child(window, QLabel, "eventWords")._forms[0]


async def opened(window) -> None:
    act(window, "actionEventTable")
    await window.idle()


def test_that_all_events_in_view_are_listed_in_order_with_what_they_say(source):
    async def work(window):
        assert table(window).model().rowCount() == 0, "nobody looks at it"
        await opened(window)
        found = lines(window)
        assert [line[0] for line in found] == sorted(line[0] for line in found)
        at = {line[2]: place for place, line in enumerate(found)}
        ordered = ["1402  Readout timed out: WREB sent no frame", "ERROR  Readout failed, going to FAULT"]
        assert at[ordered[0]] + 1 == at[ordered[1]]
        assert found[at[ordered[1]] + 1][1:] == ("ATCamera.summaryState", "summaryState FAULT")
        readouts = [line for line in found if line[1] == "ATCamera.startReadout"]
        row = window.plots.row(0)
        assert len(readouts) == len(row.event_lines(READOUT))
        assert "imageName AT_O_20240131_" in readouts[0][2]
        assert words(window) == f"{len(found)} events in view"

    in_window([source, *POWER, *FAULT, *OVERLAYS], work)


def test_that_an_event_is_read_whole_and_linked_with_the_plots(source):
    async def work(window):
        await opened(window)
        found = lines(window)
        place = next(place for place, line in enumerate(found) if "Readout failed" in line[2])
        cell = table(window).model().index(place, 2)
        table(window).scrollTo(cell)
        QTest.mouseClick(
            table(window).viewport(), LEFT, HELD.NoModifier, table(window).visualRect(cell).center()
        )
        await window.idle()
        text = detail(window)
        for line in TRACEBACK.splitlines():
            assert line in text
        assert "ERROR (40)" in text
        assert "private_sndStamp" in text
        key, at = window.workspace.focus.selected
        assert key.startswith(LOG)
        assert at in window.plots.row(0).event_lines(LOG).tolist()
        error = int(window.plots.row(0).event_lines(ERROR)[0])
        window.workspace.focus.select(EventMark(f"{ERROR}@sndStamp", error))
        await window.idle()
        assert "Readout timed out" in lines(window)[table(window).currentIndex().row()][2]
        assert "Readout timed out" in detail(window)

    in_window([source, *POWER, *FAULT, *OVERLAYS], work)


def test_that_filter_and_order_are_acts_that_are_saved(night, tmp_path):
    async def work(window):
        await opened(window)
        total = len(lines(window))
        edit = child(window, QLineEdit, "eventFilter")
        click(edit)
        QTest.keyClicks(edit, "READOUT fail")
        await window.idle()
        assert [line[2] for line in lines(window)] == ["ERROR  Readout failed, going to FAULT"]
        assert words(window) == f"1 of {total} events"
        act(window, "actionUndo")
        await window.idle()
        assert len(lines(window)) == total
        assert edit.text() == ""
        header = table(window).horizontalHeader()
        place = QPoint(header.sectionViewportPosition(2) + 20, header.height() // 2)
        QTest.mouseClick(header.viewport(), LEFT, HELD.NoModifier, place)
        await window.idle()
        texts = [line[2] for line in lines(window)]
        assert texts == sorted(texts)
        await window.save_session(tmp_path / "sorted.efdview")
        QTest.mouseClick(header.viewport(), LEFT, HELD.NoModifier, place)
        await window.idle()
        assert [line[2] for line in lines(window)] == sorted(texts, reverse=True)
        await window.open_session(tmp_path / "sorted.efdview")
        await window.idle()
        assert [line[2] for line in lines(window)] == texts

    in_window([str(night), *POWER, *FAULT, *OVERLAYS], work)


def test_that_by_the_mouse_alone_events_are_listed_read_and_pointed_at(night):
    async def work(window):
        await choose_from_bar(window, "Events", "actionEventTable")
        place = next(place for place, line in enumerate(lines(window)) if "Readout failed" in line[2])
        cell = table(window).model().index(place, 2)
        table(window).scrollTo(cell)
        at = table(window).visualRect(cell).center()
        QTest.mouseMove(table(window).viewport(), at)
        await window.idle()
        key, utc_ns = window.workspace.focus.hovered
        assert (key, utc_ns) == (
            f"{LOG}@sndStamp",
            int(window.workspace.event_table.list.times_utc_ns[place]),
        )
        QTest.mouseClick(table(window).viewport(), LEFT, HELD.NoModifier, at)
        await window.idle()
        assert TRACEBACK.splitlines()[-1] in detail(window)
        row = window.plots.row(0)
        standby = int(row.event_lines(STATE)[1])
        frame = row.canvas.frame()
        spot = QPoint(round(frame.x_at(standby)), frame.top + frame.height // 2)
        QTest.mouseClick(row.canvas, LEFT, HELD.NoModifier, spot)
        await window.idle()
        assert lines(window)[table(window).currentIndex().row()][2] == "summaryState STANDBY"

    in_window([str(night), *POWER, *FAULT, *OVERLAYS], work)


def test_that_by_keys_alone_events_are_found_read_sorted_and_copied(night):
    async def work(window):
        window.activateWindow()
        row = window.plots.row(0)
        row.setFocus()
        QTest.keyClick(row, Qt.Key.Key_E)
        await window.idle()
        assert table(window).isVisible()
        table(window).setFocus()
        QTest.keyClick(table(window), Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
        await window.idle()
        assert window.workspace.focus.selected is not None
        last = lines(window)[-1]
        assert last[2].split("  ")[-1] in detail(window)
        QTest.keyClick(table(window), Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClick(table(window), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        copied = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
        assert copied[0] == ["Time, UTC", "Event", "Says"]
        assert [line[1:] for line in copied[1:]] == [list(line[1:]) for line in lines(window)[-2:]]
        assert len(copied[1][0]) == len("2024-02-01T01:23:59.900000000")
        QTest.keyClick(table(window), Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
        await window.idle()
        topics = [line[1] for line in lines(window)]
        assert topics == sorted(topics)

    in_window([str(night), *POWER, *FAULT, *OVERLAYS], work)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_that_a_selection_is_written_with_all_fields(night, tmp_path, ending):
    async def work(window):
        await opened(window)
        type_into(child(window, QLineEdit, "eventFilter"), "fault", enter=False)
        await window.idle()
        count = len(lines(window))
        place = table(window).visualRect(table(window).model().index(0, 1)).center()
        await open_menu_and_choose(window, table(window).viewport(), place, "actionExportEvents")
        dialog = window.findChild(QFileDialog)
        dialog.fileSelected.emit(str(tmp_path / f"events.{ending}"))
        dialog.close()
        await window.idle()
        return count

    count = in_window([str(night), *POWER, *FAULT, *OVERLAYS], work)
    path = tmp_path / f"events.{ending}"
    rows = (
        pq.read_table(path)
        if ending == "parquet"
        else pyarrow.csv.read_csv(path, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True))
    )
    assert rows.num_rows == count > 1
    assert {"time", "topic", "summaryState", "message", "traceback"} <= set(rows.column_names)
    assert TRACEBACK in rows.column("traceback").to_pylist()


def test_that_nothing_and_one_event_are_said(source):
    async def work(window):
        await opened(window)
        assert words(window) == "1 event in view"
        window.plots.row(0).set_view_range_ns(BASE_NS, BASE_NS + SECOND)
        await window.idle()
        assert (words(window), lines(window)) == ("0 events in view", [])
        window.workspace.events.remove(0)
        await window.idle()
        assert words(window).startswith("No events overlaid")

    in_window([source, *POWER, *FAULT, "--overlay", ERROR], work)


def test_that_15_963_script_states_open_at_once_and_are_read_whole(recordings, influxd, monkeypatch):
    topic = "lsst.sal.Script.logevent_state"
    if not has_database(influxd, "scripts"):
        influxd.create_database("scripts")
        path = recordings / "efd" / f"{topic}.lp.gz"
        influxd.write("scripts", gzip.decompress(path.read_bytes()))
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    stored = influxd.query(f'SELECT count(private_seqNum) FROM "scripts".."{topic}"')
    count = stored["results"][0]["series"][0]["values"][0][1]
    rows = influxd.query(f'SELECT reason FROM "scripts".."{topic}"')["results"][0]["series"][0]["values"]
    longest = max((row[1] for row in rows if "\n" in row[1]), key=len)

    async def work(window):
        await opened(window)
        assert table(window).model().rowCount() == count == 15_963
        type_into(child(window, QLineEdit, "eventFilter"), " ".join(longest.split()[:6]), enter=False)
        await window.idle()
        table(window).setFocus()
        shown = []
        for row in range(table(window).model().rowCount()):
            table(window).selectRow(row)
            await window.idle()
            shown.append(detail(window))
        whole = [line.strip() for line in longest.strip().splitlines()]
        assert any(all(line in text for line in whole) for text in shown)

    span = ["--from", "2023-05-31T00:00", "--to", "2025-05-01T00:00", "--overlay", topic]
    in_window([address_of(influxd, "scripts"), *span], work)


def test_that_100_000_events_scroll_sort_and_filter_without_a_pause(tmp_path):
    count, topic = 100_000, "lsst.sal.CSC.logevent_logMessage"
    random = np.random.default_rng(3)
    messages = [f"Step {number} of {random.integers(1000)} done" for number in range(count)]
    rows = pa.table(
        {
            "time": BASE_NS + np.arange(count) * SECOND // 4,
            "level": random.choice([10, 20, 30], count),
            "message": messages,
            "private_sndStamp": BASE_NS / 1e9 + 37 + np.arange(count) / 4,
        }
    )
    archive = write_topics(tmp_path / "archive", {topic: rows})

    async def work(window):
        ticker = Ticker()
        ticker.start()
        await opened(window)
        assert table(window).model().rowCount() == count
        for act_on in (
            lambda: window.workspace.event_table.sort_by("text"),
            table(window).scrollToBottom,
            lambda: type_into(child(window, QLineEdit, "eventFilter"), "done 77", enter=False),
            lambda: window.workspace.event_table.sort_by("time"),
            table(window).scrollToTop,
        ):
            act_on()
            await window.idle()
        ticker.stop_ms()
        assert 0 < table(window).model().rowCount() < count
        assert ticker.worked_ms < 150, f"the window's thread was at work for {ticker.worked_ms:.0f} ms"

    span = ["--from", "2024-02-01", "--to", "2024-02-01T07:00", "--overlay", topic]
    in_window([str(archive), *span], work)
    QApplication.processEvents()


def test_that_events_of_one_overlay_at_one_stamp_are_each_selected_and_read(tmp_path):
    topic = "lsst.sal.CSC.logevent_logMessage"
    count, equal = 6, 4
    stamps = np.array([0] * equal + [1, 2]) + BASE_NS / 1e9 + 37
    rows = pa.table(
        {
            "time": BASE_NS + np.arange(count) * SECOND,
            "message": [f"Message {number}" for number in range(count)],
            "private_sndStamp": stamps,
        }
    )
    archive = write_topics(tmp_path / "archive", {topic: rows})

    async def work(window):
        await opened(window)
        assert table(window).model().rowCount() == count
        table(window).setFocus()
        read = []
        for row in range(1, count):
            QTest.keyClick(table(window), Qt.Key.Key_Down)
            await window.idle()
            assert table(window).currentIndex().row() == row
            read.append(f"Message {row}" in detail(window))
        assert read == [True] * (count - 1)
        cell = table(window).visualRect(table(window).model().index(2, 2)).center()
        QTest.mouseClick(table(window).viewport(), LEFT, HELD.NoModifier, cell)
        await window.idle()
        act(window, "actionReload")
        await window.idle()
        assert table(window).currentIndex().row() == 2
        assert "Message 2" in detail(window)

    span = ["--from", "2024-01-31T23:59:50", "--to", "2024-02-01T00:01"]
    in_window([str(archive), *span, "--overlay", f"{topic}@private_sndStamp"], work)


def test_that_an_overlay_that_fails_is_named_and_the_others_are_listed(source):
    async def work(window):
        await opened(window)
        found = lines(window)
        assert found
        assert {line[1] for line in found} == {"ATCamera.errorCode"}
        assert words(window).startswith("ATCamera.logMessage: ")
        assert "private_nowhere" in words(window)
        assert words(window).endswith(f"{len(found)} event in view")
        assert window.workspace.event_table.errors()

    overlays = ["--overlay", f"{LOG}@private_nowhere", "--overlay", ERROR]
    in_window([source, *POWER, *FAULT, *overlays], work)


def test_that_100_000_rows_are_copied_without_a_pause_and_it_is_said(tmp_path):
    count, topic = 100_000, "lsst.sal.CSC.logevent_logMessage"
    rows = pa.table(
        {
            "time": BASE_NS + np.arange(count) * SECOND // 4,
            "message": [f"Step {number} done" for number in range(count)],
            "private_sndStamp": BASE_NS / 1e9 + 37 + np.arange(count) / 4,
        }
    )
    archive = write_topics(tmp_path / "archive", {topic: rows})

    async def work(window):
        await opened(window)
        table(window).setFocus()
        table(window).selectAll()
        await window.idle()
        ticker = Ticker()
        ticker.start()
        QTest.keyClick(table(window), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        async with asyncio.timeout(20):
            while window.status.currentMessage() != "Copied 100,000 rows":
                assert window.status.currentMessage() in ("Copying …", "Copied 100,000 rows")
                await asyncio.sleep(0.005)
        gap_ms = ticker.stop_ms()
        copied = QGuiApplication.clipboard().text().split("\n")
        assert len(copied) == count + 1
        assert copied[-1].endswith("Step 99999 done")
        print(f"at work for {ticker.worked_ms:.0f} ms, gap of {gap_ms:.0f} ms")
        # Three times the bound: collecting garbage of all tests before counts too.
        assert ticker.worked_ms < 180, f"the window's thread was at work for {ticker.worked_ms:.0f} ms"

    span = ["--from", "2024-02-01", "--to", "2024-02-01T07:00", "--overlay", topic]
    in_window([str(archive), *span], work)
