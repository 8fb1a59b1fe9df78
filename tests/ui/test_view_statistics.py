"""Statistics of all that is in view, in a real window on both kinds of source, against numpy."""

import asyncio
import shutil

import numpy as np
import pyarrow as pa
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel

from efdviewer.app import main
from efdviewer.domain.errors import SessionFormatError
from efdviewer.domain.samples import GAP_FACTOR
from efdviewer.domain.session import Session, View
from efdviewer.domain.session_format import session_from_json, session_to_json
from efdviewer.services import span_statistics
from efdviewer.ui.statistics_table import StatisticsTable
from tests.benchmarks.clock import Ticker
from tests.both import has_database, load_topics, write_topics
from tests.nights import address_of
from tests.ui.hands import HELD, LEFT, choose_from_bar, open_menu_and_choose, pick, type_range
from tests.ui.test_cursors import POWER, TEMP, VIEW, A, B, put, samples
from tests.windows import act, child, in_window

HOLED = "lsst.sal.Tests.holed"
START, SECOND = 1_706_745_600 * 10**9, 10**9


async def of_view(window) -> None:
    act(window, "actionStatisticsOfView")
    await window.idle()


def table(window) -> StatisticsTable:
    return child(window, StatisticsTable, "statisticsTable")


def check(found, times, values, span) -> None:
    """Compare all figures with those that numpy gives of the samples in a span."""
    inside = (times >= span[0]) & (times < span[1]) & ~np.isnan(values)
    times, values = times[inside], values[inside]
    assert found.is_whole
    assert (found.span.start_utc_ns, found.span.end_utc_ns) == span
    assert found.totals.count == len(values) > 20
    assert found.totals.mean == pytest.approx(values.mean(), rel=1e-12)
    assert (found.totals.low, found.totals.high) == (values.min(), values.max())
    assert found.deviation == pytest.approx(values.std(ddof=1), rel=1e-9)
    assert found.rms == pytest.approx(np.sqrt((values**2).mean()), rel=1e-12)
    spacing = np.diff(times)
    is_gap = spacing > GAP_FACTOR * np.quantile(spacing, 0.9)
    assert found.sampling.gaps == is_gap.sum()
    assert found.sampling.longest_gap_ns == (spacing.max() if is_gap.any() else None)
    assert found.sampling.rate_hz == pytest.approx(1e9 / spacing[~is_gap].mean(), rel=1e-9)


def test_that_the_figures_are_those_of_all_samples_in_view_and_follow_it(source, night):
    async def work(window):
        await of_view(window)
        row = window.plots.row(0)
        for field in (POWER, TEMP):
            check(window.cursors.statistics(field), *samples(night, field), row.view_range_ns())
        await type_range(window, "2024-02-01T02:10:00.5", "2024-02-01T02:31")
        for field in (POWER, TEMP):
            check(window.cursors.statistics(field), *samples(night, field), row.view_range_ns())

    in_window([source, *VIEW], work)


def holed() -> pa.Table:
    """Make 20 Hz with two holes, and values that are missing for a while in one of two fields."""
    steady = np.arange(2000) * SECOND // 20
    times = START + np.concatenate([steady, steady + 300 * SECOND, steady + 2000 * SECOND])
    values = np.random.default_rng(5).normal(3, 1, len(times))
    other = np.where(np.arange(len(times)) % 1000 < 300, np.nan, values * 2)
    return pa.table({"time": times, "whole": values, "part": pa.array(other, from_pandas=True)})


@pytest.fixture(params=["archive", "influxd"])
def holed_source(request, tmp_path, influxd, monkeypatch) -> str:
    archive = write_topics(tmp_path / "holed", {HOLED: holed()})
    if request.param == "archive":
        return str(archive)
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    if not has_database(influxd, "holed"):
        return load_topics(archive, influxd, "holed")
    return address_of(influxd, "holed")


def test_that_gaps_are_counted_for_each_field_by_itself(holed_source):
    rows = holed()
    times = rows["time"].to_numpy()

    async def work(window):
        await of_view(window)
        span = window.plots.row(0).view_range_ns()
        for name in ("whole", "part"):
            values = rows[name].to_numpy()
            check(window.cursors.statistics(f"{HOLED}:{name}"), times, values, span)
        assert window.cursors.statistics(f"{HOLED}:whole").sampling.gaps == 2
        assert window.cursors.statistics(f"{HOLED}:part").sampling.gaps > 2
        model = table(window).model()
        heads = [model.headerData(place, Qt.Orientation.Horizontal) for place in range(model.columnCount())]
        tip = model.index(0, heads.index("Longest gap, s")).data(Qt.ItemDataRole.ToolTipRole)
        assert "from 2024-02-01 00:06:39.950000000 UTC" in tip
        act(window, "actionSwitchTimescale")
        tip = model.index(0, heads.index("Longest gap, s")).data(Qt.ItemDataRole.ToolTipRole)
        assert "from 2024-02-01 00:07:16.950000000 TAI" in tip

    span = ["--from", "2024-02-01T00:00", "--to", "2024-02-01T01:00"]
    in_window([holed_source, *span, "--plot", f"{HOLED}:whole,part"], work)


def test_that_by_the_mouse_alone_statistics_of_the_view_are_chosen_and_copied(night):
    async def work(window):
        await choose_from_bar(window, "Events", "actionStatisticsOfView")
        assert window.docks["cursors"].isVisible()
        cell = table(window).visualRect(table(window).model().index(1, 1)).center()
        QTest.mouseClick(table(window).viewport(), LEFT, HELD.NoModifier, cell)
        await open_menu_and_choose(window, table(window).viewport(), cell, "actionCopyStatistics")
        head, line = [each.split("\t") for each in QGuiApplication.clipboard().text().split("\n")]
        assert head == [
            *("Curve", "Count", "Mean", "Minimum", "Maximum", "Std. dev.", "RMS"),
            *("Rate, Hz", "Gaps", "Longest gap, s", "Units"),
        ]
        found = window.cursors.statistics(TEMP)
        assert line[0] == "ATCamera.wreb.temp1 [deg_C]"
        assert line[-1] == "deg_C"
        assert float(line[6]) == found.rms
        assert float(line[7]) == found.sampling.rate_hz

    in_window([str(night), *VIEW], work)


def test_that_by_keys_alone_the_span_is_switched_copied_and_undone(night):
    async def work(window):
        window.activateWindow()
        row = window.plots.row(0)
        row.setFocus()
        QTest.keyClick(row, Qt.Key.Key_S, HELD.ShiftModifier)
        await window.idle()
        assert window.docks["cursors"].isVisible()
        assert table(window).hasFocus()
        QTest.keyClick(table(window), Qt.Key.Key_C, HELD.ControlModifier)
        assert len(QGuiApplication.clipboard().text().split("\n")) == 3
        await put(window)
        assert table(window).model().columnCount() == 10, "cursors do not change what is chosen"
        assert window.cursors.statistics(TEMP).span.start_utc_ns < A
        await pick(window, "statisticsOf", "From A to B")
        check(window.cursors.statistics(TEMP), *samples(night, TEMP), (A, B))
        assert table(window).model().columnCount() == 14
        act(window, "actionUndo")
        await window.idle()
        assert child(window, QComboBox, "statisticsOf").currentText() == "Of the view"
        check(window.cursors.statistics(TEMP), *samples(night, TEMP), row.view_range_ns())

    in_window([str(night), *VIEW], work)


def test_that_nothing_is_asked_while_nobody_looks_and_once_for_each_view(night):
    async def work(window):
        await of_view(window)
        before = window.cursors.statistics(TEMP)
        act(window, "actionReload")
        await window.idle()
        assert window.cursors.statistics(TEMP) == before
        assert window.cursors.statistics(TEMP) is not before
        window.docks["cursors"].hide()
        asked = []
        window.workspace.runner.submit = _noting(window.workspace.runner.submit, asked)
        act(window, "actionZoomOut")
        await window.idle()
        assert not [name for name in asked if name.startswith("Statistics")]
        window.docks["cursors"].show()
        await window.idle()
        assert len([name for name in asked if name.startswith("Statistics")]) == 2
        check(window.cursors.statistics(TEMP), *samples(night, TEMP), window.plots.row(0).view_range_ns())

    in_window([str(night), *VIEW], work)


def _noting(submit, asked):
    def noted(key, factory, *, name, on_error=None):
        asked.append(name)
        submit(key, factory, name=name, on_error=on_error)

    return noted


def test_that_what_needs_too_many_samples_is_left_out_and_says_what_to_do(night, monkeypatch):
    monkeypatch.setattr(span_statistics, "MOST_STREAMED", 60)

    async def work(window):
        await of_view(window)
        found = window.cursors.statistics(TEMP)
        assert found.totals.count > 60
        assert (found.deviation, found.rms, found.sampling) == (None, None, None)
        tip = table(window).model().index(1, 7).data(Qt.ItemDataRole.ToolTipRole)
        assert "needs every sample" in tip
        assert "Zoom in" in tip

    in_window([str(night), *VIEW], work)


def test_that_a_cancelled_load_says_so_and_reload_takes_it_up(night):
    async def work(window):
        window.docks["cursors"].show()
        window.workspace.cursors.statistics.choose("view")
        await asyncio.sleep(0)
        window.workspace.cancel_all()
        await window.idle()
        assert "Cancelled; F5 loads it." in child(window, QLabel, "cursorStatus").text()
        act(window, "actionReload")
        await window.idle()
        assert child(window, QLabel, "cursorStatus").text() == ""
        assert window.cursors.statistics(TEMP).is_whole

    in_window([str(night), *VIEW], work)


def test_that_the_choice_is_saved_and_a_picture_shows_the_figures(night, tmp_path):
    path = tmp_path / "view.efdview"

    async def work(window):
        await of_view(window)
        await window.save_session(path)
        return window.cursors.statistics(TEMP)

    found = in_window([str(night), *VIEW], work)
    picture = tmp_path / "view.svg"
    assert main(["render", "--session", str(path), "-o", str(picture)]) == 0
    drawn = picture.read_text()
    for text in ("Statistics of all samples in view", "RMS", "Gaps", f"{found.rms:.6g}"):
        assert text in drawn, text


def test_that_another_span_is_refused():
    text = session_to_json(Session(view=View(statistics_of="view")))
    assert session_from_json(text).view.statistics_of == "view"
    with pytest.raises(SessionFormatError, match="statistics_of"):
        session_from_json(text.replace(b'"statistics_of": "view"', b'"statistics_of": "moon"'))


def test_that_a_day_of_20_hz_is_measured_without_a_pause(tmp_path):
    count = 1_728_000
    values = np.random.default_rng(1).normal(size=count)
    rows = pa.table({"time": START + np.arange(count) * SECOND // 20, "x": values})
    archive = write_topics(tmp_path / "day", {HOLED: rows})

    async def work(window):
        ticker = Ticker()
        ticker.start()
        await of_view(window)
        gap_ms = ticker.stop_ms()
        found = window.cursors.statistics(f"{HOLED}:x")
        assert found.totals.count == count
        assert found.deviation == pytest.approx(values.std(ddof=1), rel=1e-9)
        assert found.sampling.rate_hz == pytest.approx(20)
        print(f"at work for {ticker.worked_ms:.0f} ms, gap of {gap_ms:.0f} ms")
        assert ticker.worked_ms < 100, f"the window's thread was at work for {ticker.worked_ms:.0f} ms"

    span = ["--from", "2024-02-01", "--to", "2024-02-02"]
    in_window([str(archive), *span, "--plot", f"{HOLED}:x"], work)


def test_that_a_load_that_fails_says_why_and_the_other_curves_are_measured(night, tmp_path):
    copy = tmp_path / "damaged"
    shutil.copytree(night, copy)
    for path in (copy / POWER.split(":")[0]).glob("*.parquet"):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    async def work(window):
        await of_view(window)
        assert window.workspace.cursors.statistics.errors()
        assert child(window, QLabel, "cursorStatus").text()
        assert table(window).model().index(0, 1).data() == "\u2013"
        assert table(window).model().index(0, 1).data(Qt.ItemDataRole.ToolTipRole)
        check(window.cursors.statistics(TEMP), *samples(night, TEMP), window.plots.row(0).view_range_ns())

    in_window([str(copy), *VIEW], work)
