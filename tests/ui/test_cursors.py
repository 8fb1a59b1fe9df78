"""Cursors A and B, and what the curves do between them, in a real window on both kinds of source."""

import asyncio

import numpy as np
import pyarrow.parquet as pq
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton

from efdviewer.app import main
from efdviewer.domain.errors import SessionFormatError
from efdviewer.domain.session import Cursors, Session
from efdviewer.domain.session_format import session_from_json, session_to_json
from efdviewer.domain.timescale import Timescale, parse_iso_ns
from efdviewer.services import span_statistics
from efdviewer.ui.statistics_table import StatisticsTable
from tests.indexed import ESS, START_NS, write_indexed
from tests.ui.hands import HELD, LEFT
from tests.ui.test_plot_menu import choose, menu_at
from tests.windows import act, child, in_window

CAMERA = "lsst.sal.ATCamera"
POWER, TEMP = f"{CAMERA}.wrebPower:analog_I", f"{CAMERA}.wreb:temp1"
TAKE = f"{CAMERA}.command_takeImages"
READOUT = f"{CAMERA}.logevent_startReadout"
RANGE = ["--from", "2024-02-01T02:00:00", "--to", "2024-02-01T03:00:00"]
VIEW = [*RANGE, "--plot", POWER, "--plot", TEMP]
A, B = (parse_iso_ns(text, Timescale.UTC) for text in ("2024-02-01T02:10:00.5", "2024-02-01T02:40:00"))


def samples(night, field: str) -> tuple[np.ndarray, np.ndarray]:
    """Read a field straight from the archive's files."""
    topic, name = field.split(":")
    tables = [
        pq.read_table(path, columns=["time", name]) for path in sorted((night / topic).glob("*.parquet"))
    ]
    times = np.concatenate([table["time"].cast("int64").to_numpy() for table in tables])
    return times, np.concatenate([table[name].to_numpy() for table in tables])


async def put(window, a=A, b=B) -> None:
    window.workspace.cursors.put("a", a)
    window.workspace.cursors.put("b", b)
    await window.idle()


def place_of(window, utc_ns: int, row: int = 0) -> QPoint:
    frame = window.plots.row(row).canvas.frame()
    return QPoint(round(frame.x_at(utc_ns)), frame.top + frame.height // 2)


@pytest.mark.parametrize("order", ["A first", "B first"])
def test_that_the_figures_are_those_of_all_samples_between_the_cursors(source, night, order):
    async def work(window):
        a, b = (A, B) if order == "A first" else (B, A)
        await put(window, a, b)
        for field in (POWER, TEMP):
            times, values = samples(night, field)
            inside = values[(times >= A) & (times < B)]
            found = window.cursors.statistics(field)
            assert found.totals.count == len(inside) > 50
            assert found.totals.mean == pytest.approx(inside.mean(), rel=1e-12)
            assert (found.totals.low, found.totals.high) == (inside.min(), inside.max())
            assert found.deviation == pytest.approx(inside.std(ddof=1), rel=1e-9)
            at_a, at_b = (np.flatnonzero(times <= moment)[-1] for moment in (a, b))
            assert (found.at_a.utc_ns, found.at_a.value) == (times[at_a], values[at_a])
            assert (found.at_b.utc_ns, found.at_b.value) == (times[at_b], values[at_b])
            assert found.difference == values[at_b] - values[at_a]
            assert found.slope_per_s == pytest.approx(found.difference / ((b - a) / 1e9))

    in_window([source, *VIEW], work)


def test_that_a_sample_at_the_first_moment_counts_and_one_at_the_last_does_not(source, night):
    times, values = samples(night, TEMP)
    first = int(np.searchsorted(times, A))

    async def work(window):
        await put(window, int(times[first]), int(times[first + 3]))
        found = window.cursors.statistics(TEMP)
        assert found.totals.count == 3
        assert found.totals.high == values[first : first + 3].max()
        assert found.at_b.value == values[first + 3]

    in_window([source, *VIEW], work)


def test_that_booleans_count_as_numbers_and_texts_are_counted_alone(source, night):
    async def work(window):
        await put(window)
        shutter = window.cursors.statistics(f"{TAKE}:shutter")
        times, values = samples(night, f"{TAKE}:shutter")
        inside = values[(times >= A) & (times < B)].astype(float)
        assert shutter.totals.count == len(inside) > 5
        assert shutter.totals.mean == pytest.approx(inside.mean())
        texts = window.cursors.statistics(f"{TAKE}:keyValueMap")
        assert texts.totals.count == len(inside)
        assert (texts.totals.mean, texts.totals.low, texts.deviation) == (None, None, None)
        assert isinstance(texts.at_b.value, str)
        assert texts.difference is None
        assert "no standard deviation" in texts.no_deviation

    in_window([source, *RANGE, "--plot", f"{TAKE}:shutter,keyValueMap,numImages"], work)


def test_that_spans_without_samples_say_so_and_fields_that_do_not_exist_too(source):
    async def work(window):
        early = parse_iso_ns("2020-01-01T00:00:00", Timescale.UTC)
        await put(window, early, early + 10**9)
        found = window.cursors.statistics(TEMP)
        assert (found.totals.count, found.totals.mean, found.deviation) == (0, None, None)
        assert (found.at_a, found.at_b) == (None, None)
        unknown = window.cursors.statistics(f"{CAMERA}.wreb:nothing")
        assert unknown.totals is None
        assert "no field nothing" in unknown.no_deviation
        table = child(window, StatisticsTable, "statisticsTable")
        tips = [table.model().index(0, column).data(Qt.ItemDataRole.ToolTipRole) for column in (1, 6)]
        assert tips == ["No sample at or before it.", "There is no number to take it of."]

    in_window([source, *RANGE, "--plot", f"{CAMERA}.wreb:temp1,nothing"], work)


def test_that_one_device_of_several_is_measured_alone(tmp_path):
    field = f"{ESS}:temperatureItem0;salIndex=2"

    async def work(window):
        await put(window, START_NS, START_NS + 300 * 10**9)
        found = window.cursors.statistics(field)
        assert found.totals.count == 100
        assert 199 < found.totals.low <= found.totals.high < 201
        assert 199 < found.at_b.value < 201

    in_window([str(write_indexed(tmp_path / "indexed")), "--plot", field], work)


def test_that_a_deviation_of_too_many_samples_is_not_read_and_says_why(night, monkeypatch):
    monkeypatch.setattr(span_statistics, "MOST_STREAMED", 60)

    async def work(window):
        await put(window)
        found = window.cursors.statistics(TEMP)
        assert found.totals.count > 60
        assert (found.deviation, found.is_whole) == (None, True)
        assert "Bring them nearer" in found.no_deviation

    in_window([str(night), *VIEW], work)


def test_that_cursors_are_set_at_the_mouse_dragged_and_undone_in_one_step(night):
    async def work(window):
        row, panel = window.plots.row(0), window.cursors
        assert not window.docks["cursors"].isVisible()
        place = place_of(window, A)
        QTest.mouseMove(row.canvas, place)
        QTest.keyClick(row, Qt.Key.Key_A)
        await window.idle()
        QTest.mouseMove(row.canvas, place_of(window, B))
        QTest.keyClick(row, Qt.Key.Key_B)
        await window.idle()
        assert window.docks["cursors"].isVisible()
        first = window.workspace.session.cursors
        pixel = row.canvas.frame().ns_of(1)
        assert abs(first.a_utc_ns - A) <= pixel
        assert abs(first.b_utc_ns - B) <= pixel
        range_before = row.view_range_ns()
        grip = place_of(window, first.b_utc_ns)
        QTest.mousePress(row.canvas, LEFT, HELD.NoModifier, grip + QPoint(2, 0))
        for step in (20, 40, 60):
            QTest.mouseMove(row.canvas, grip + QPoint(step, 0))
            await asyncio.sleep(0.03)
        shown = child(window, QLabel, "cursorTimeB").text()
        assert window.workspace.session.cursors == first, "nothing is set while it is dragged"
        QTest.mouseRelease(row.canvas, LEFT, HELD.NoModifier, grip + QPoint(60, 0))
        await window.idle()
        moved = window.workspace.session.cursors
        assert abs(moved.b_utc_ns - first.b_utc_ns - 60 * pixel) <= 2 * pixel
        assert moved.a_utc_ns == first.a_utc_ns
        assert child(window, QLabel, "cursorTimeB").text() == shown
        assert row.view_range_ns() == range_before, "neither zoomed nor panned"
        assert panel.statistics(TEMP).b_utc_ns == moved.b_utc_ns
        act(window, "actionUndo")
        assert window.workspace.session.cursors == first
        await window.idle()
        QTest.mousePress(row.canvas, LEFT, HELD.NoModifier, grip)
        QTest.mouseMove(row.canvas, grip + QPoint(50, 0))
        QTest.keyClick(row, Qt.Key.Key_Escape)
        QTest.mouseRelease(row.canvas, LEFT, HELD.NoModifier, grip + QPoint(50, 0))
        assert window.workspace.session.cursors == window.workspace.cursors.cursors == first
        QTest.mouseClick(child(window, QPushButton, "cursorClear"), LEFT)
        assert window.workspace.session.cursors == Cursors()

    in_window([str(night), *VIEW], work)


def test_that_cursors_are_set_and_moved_by_keys_alone(night):
    async def work(window):
        row = window.plots.row(0)
        row.setFocus()
        QTest.keyClick(row, Qt.Key.Key_Right, HELD.ShiftModifier)
        assert "press A or B" in window.status.currentMessage()
        QTest.keyClick(row, Qt.Key.Key_A)
        start, end = row.view_range_ns()
        middle = (start + end) // 2
        assert window.workspace.session.cursors == Cursors(a_utc_ns=middle)
        for key, held in (
            (Qt.Key.Key_Right, HELD.ShiftModifier),
            (Qt.Key.Key_Right, HELD.ShiftModifier | HELD.ControlModifier),
            (Qt.Key.Key_Left, HELD.ShiftModifier),
        ):
            QTest.keyClick(row, key, held)
        pixel = (end - start) // window.plots.columns()
        assert window.workspace.session.cursors.a_utc_ns == middle + 10 * pixel
        act(window, "actionUndo")
        assert window.workspace.session.cursors.a_utc_ns == middle, "moves by key are one step"
        await window.idle()
        found = window.cursors.statistics(TEMP)
        assert found.at_a is not None
        assert (found.totals, found.at_b) == (None, None), "with one cursor there is no span"
        act(window, "actionClearCursors")
        assert not window.findChild(QAction, "actionClearCursors").isEnabled()

    in_window([str(night), *VIEW], work)


def test_that_a_cursor_dropped_or_set_near_an_event_line_stands_at_its_stamp(night):
    async def work(window):
        row = window.plots.row(0)
        stamp = int(row.event_lines(READOUT)[5])
        near = place_of(window, stamp) + QPoint(3, 0)
        QTest.mouseMove(row.canvas, near)
        QTest.keyClick(row, Qt.Key.Key_A)
        assert window.workspace.session.cursors.a_utc_ns == stamp
        await window.idle()
        choose(menu_at(window, near), "actionCursorB")
        assert window.workspace.session.cursors.b_utc_ns == stamp
        await window.idle()
        assert child(window, QLabel, "cursorDifference").text() == "0 ns = 0 s"
        assert child(window, QLabel, "cursorFrequency").text() == "\u2013"
        assert window.cursors.statistics(TEMP).totals is None

    narrow = ["--from", "2024-02-01T03:00:00", "--to", "2024-02-01T03:10:00"]
    in_window([str(night), *narrow, "--plot", TEMP, "--overlay", READOUT], work)


def test_that_a_range_is_not_asked_for_again_but_curves_and_sources_are(night):
    async def work(window):
        await put(window)
        asked = []
        window.workspace.statementChanged.connect(lambda each: asked.append(each.text))
        before = window.cursors.statistics(TEMP)
        act(window, "actionZoomIn")
        await window.idle()
        about = "from 2024-02-01T02:10:00.500Z to 2024-02-01T02:40:00Z"
        assert not [text for text in asked if about in text]
        assert window.cursors.statistics(TEMP) is before
        other = f"{CAMERA}.wreb:temp2"
        with pytest.raises(KeyError):
            window.cursors.statistics(other)
        window.workspace.plot_fields([type(window.plots.row(0).curves()[0]).parse(other)], 1)
        await window.idle()
        assert window.cursors.statistics(other).totals.count == before.totals.count
        act(window, "actionReload")
        await window.idle()
        assert window.cursors.statistics(TEMP) == before
        assert window.cursors.statistics(TEMP) is not before
        window.plots.curveVisibilityEdited.emit(0, window.plots.row(0).curves()[0], False)
        await window.idle()
        with pytest.raises(KeyError):
            window.cursors.statistics(POWER)

    in_window([str(night), *VIEW], work)


def test_that_times_are_written_in_the_scale_and_with_every_digit(night):
    async def work(window):
        await put(window, A + 123, B)
        times = [
            child(window, QLabel, name).text()
            for name in ("cursorTimeA", "cursorDifference", "cursorFrequency")
        ]
        assert times[0] == "2024-02-01 02:10:00.500000123 UTC"
        assert times[1] == "29 min 59 s = 1799.499999877 s"
        assert times[2].endswith(" Hz")
        assert float(times[2].split()[0]) == pytest.approx(1 / 1799.499999877, rel=1e-6)
        act(window, "actionSwitchTimescale")
        assert child(window, QLabel, "cursorTimeA").text() == "2024-02-01 02:10:37.500000123 TAI"
        await put(window, B, A)
        assert child(window, QLabel, "cursorDifference").text().startswith("\u2212")

    in_window([str(night), *VIEW], work)


def test_that_the_table_is_copied_by_key_and_by_mouse_with_every_digit(night):
    async def work(window):
        await put(window)
        table = child(window, StatisticsTable, "statisticsTable")
        table.setFocus()
        QTest.keyClick(table, Qt.Key.Key_C, HELD.ControlModifier)
        head, *lines = QGuiApplication.clipboard().text().split("\n")
        assert head.split("\t")[:2] == ["Curve", "At A"]
        found = window.cursors.statistics(TEMP)
        cells = lines[1].split("\t")
        assert cells[0] == "ATCamera.wreb.temp1 [deg_C]"
        assert float(cells[6]) == found.totals.mean
        assert int(cells[5]) == found.totals.count
        table.selectRow(0)
        table.customContextMenuRequested.emit(QPoint(5, 5))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        QTest.keyClick(menu, Qt.Key.Key_Down)
        QTest.keyClick(menu, Qt.Key.Key_Return)
        assert QGuiApplication.clipboard().text().split("\n")[1:] == lines[:1]

    in_window([str(night), *VIEW], work)


def test_that_the_panel_says_what_to_do_while_there_is_nothing_to_show(night):
    async def work(window):
        window.open_panel("cursors")
        status = child(window, QLabel, "cursorStatus")
        assert "press A, then B" in status.text()
        act(window, "actionCursorA")
        await window.idle()
        assert status.text() == "No curve is shown."

    in_window([str(night), *RANGE], work)


def test_that_cursors_are_saved_and_a_picture_shows_them_with_the_figures(night, tmp_path):
    path = tmp_path / "cursors.efdview"

    async def work(window):
        await put(window)
        await window.save_session(path)
        return window.cursors.statistics(TEMP)

    found = in_window([str(night), *VIEW], work)
    picture = tmp_path / "cursors.svg"
    assert main(["render", "--session", str(path), "-o", str(picture)]) == 0
    drawn = picture.read_text()
    for text in (">A<", ">B<", "Std. dev.", "2024-02-01 02:10:00.500000000 UTC", f"{found.totals.mean:.6g}"):
        assert text in drawn, text


@pytest.mark.parametrize("moment", [2**63, -(2**62)])
def test_that_a_cursor_beyond_all_time_is_refused(moment):
    text = session_to_json(Session(cursors=Cursors(a_utc_ns=5 * 10**17)))
    assert session_from_json(text).cursors.a_utc_ns == 5 * 10**17
    with pytest.raises(SessionFormatError, match="cursor"):
        session_from_json(text.replace(b"500000000000000000", str(moment).encode()))
