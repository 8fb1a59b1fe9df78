"""The latency panel, in a real window on the simulated night."""

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QTableWidget

from efdviewer.domain.bins import core_range_s
from efdviewer.domain.topics import TopicName
from efdviewer.ui.delay_text import delay_text
from tests.nights import write_night
from tests.ui.hands import tick
from tests.windows import act, child, in_window, type_into

CAMERA = "lsst.sal.ATCamera"
EVENTS = ("startIntegration", "startReadout", "endReadout")
LONG = "lsst.sal.MTM1M3.logevent_forceActuatorFollowingErrorCounterWarningOfPrimaryAndSecondaryCylinders"


def arguments(night) -> list[str]:
    argv = [str(night)]
    for event in EVENTS:
        argv += ["--latency", f"{CAMERA}.logevent_{event}"]
    return argv


def test_that_the_axis_spans_the_core_and_words_tell_of_the_rest(night):
    async def look(window):
        edges, _ = window.latency.histogram(f"{CAMERA}.logevent_startReadout")
        low, high = core_range_s(edges)
        (left, right), _ = child(window, pg.PlotWidget, "latencyPlot").viewRange()
        assert edges[-1] > 0.5, "the night has a tail"
        assert left <= low < high <= right < 0.05
        counts = [window.latency.histogram(f"{CAMERA}.logevent_{event}")[1] for event in EVENTS]
        outside = (edges[:-1] < low) | (edges[1:] > high)
        beyond = sum(int(found[outside].sum()) for found in counts)
        label = child(window, QLabel, "latencyBeyond")
        assert beyond > 0
        total = sum(int(found.sum()) for found in counts)
        assert label.text().startswith(f"{beyond:,} of {total:,} lie beyond this axis")
        assert label.isVisible()

    in_window(arguments(night), look)


def test_that_there_is_room_for_the_last_label_of_the_axis(night):
    async def look(window):
        plot = child(window, pg.PlotWidget, "latencyPlot")
        (low, high), _ = plot.viewRange()
        label_px = plot.fontMetrics().horizontalAdvance("2.002")
        for end in (high, low + (high - low) * 0.9):
            plot.setXRange(low, end, padding=0)
            await window.idle()
            axis_end = plot.getViewBox().sceneBoundingRect().right()
            assert axis_end + label_px / 2 <= plot.viewport().width()

    in_window(arguments(night), look)


def test_that_delays_outside_the_bins_are_told_of_and_the_axis_counts_whole_messages(night):
    async def look(window):
        type_into(child(window, QLineEdit, "latencyBins"), "32.5:41.5:1")
        await window.idle()
        plot, label = child(window, pg.PlotWidget, "latencyPlot"), child(window, QLabel, "latencyBeyond")
        rows = window.workspace.latency.rows()
        total = sum(row.figures.count for row in rows)
        assert total > 0
        assert label.text() == f"Outside the bins, 32.5 s to 41.5 s: {total:,} below."
        (left, right), (bottom, top) = plot.viewRange()
        assert left <= 32.5 < 41.5 <= right < 43
        assert bottom == 0
        assert 1 < top < 2
        assert all(spacing >= 1 for spacing, _ in plot.getAxis("left").tickSpacing(bottom, top, 200))

    in_window(arguments(night), look)


def test_that_a_logarithmic_axis_tells_of_what_it_has_no_place_for(night):
    async def look(window):
        type_into(child(window, QLineEdit, "latencyBins"), "-1, 0.0004, 0.001, 10")
        child(window, QCheckBox, "latencyLogDelay").click()
        await window.idle()
        counts = [window.latency.histogram(f"{CAMERA}.logevent_{event}")[1] for event in EVENTS]
        below = sum(int(found[0]) for found in counts)
        assert below > 0
        assert (
            child(window, QLabel, "latencyBeyond").text().startswith(f"{below:,} in bins from zero or below")
        )

    in_window(arguments(night), look)


def test_that_each_column_of_figures_is_named_and_their_lines_differ_without_colour(night):
    async def look(window):
        table = child(window, QTableWidget, "latencyTable")
        headers = [table.horizontalHeaderItem(place) for place in range(table.columnCount())]
        assert [header.text() for header in headers] == list(EVENTS)
        figures = [table.verticalHeaderItem(line) for line in range(table.rowCount())]
        assert {head.text(): head.toolTip() for head in figures}["No stamp"].startswith(
            "Messages that are left"
        )
        plot = child(window, pg.PlotWidget, "latencyPlot")
        styles = [item.opts["pen"].style() for item in plot.getPlotItem().listDataItems()]
        assert len(set(styles)) == len(EVENTS)

    in_window(arguments(night), look)


@pytest.mark.parametrize("others", [[], [f"{CAMERA}.logevent_{event}" for event in EVENTS[1:]]])
def test_that_the_figures_of_a_long_topic_are_in_view_beneath_its_name_cut_short(night, others):
    async def look(window):
        table = child(window, QTableWidget, "latencyTable")
        header, places = table.horizontalHeader(), range(1 + len(others))
        assert window.docks["latency"].width() == 320
        assert header.count() == len(places)
        assert header.length() <= table.viewport().width() < 320
        for place in places:
            assert table.columnWidth(place) >= table.sizeHintForColumn(place)
        assert header.textElideMode() is Qt.TextElideMode.ElideMiddle
        assert header.sectionSizeHint(0) > table.columnWidth(0)
        assert TopicName.parse(LONG).title in table.horizontalHeaderItem(0).toolTip()

    in_window([str(night), *(text for topic in (LONG, *others) for text in ("--latency", topic))], look)


def test_that_wrong_bins_are_marked_until_they_are_right(night):
    async def look(window):
        bins = child(window, QLineEdit, "latencyBins")
        notice = child(window, QLabel, "latencyNotice")
        plain = bins.palette().color(QPalette.ColorRole.Text)
        before = window.workspace.session
        type_into(bins, "3, 2, 1")
        assert bins.palette().color(QPalette.ColorRole.Text) != plain
        assert "rise" in notice.text()
        assert window.workspace.session is before
        type_into(bins, "12")
        await window.idle()
        assert bins.palette().color(QPalette.ColorRole.Text) == plain
        assert len(window.latency.histogram(f"{CAMERA}.logevent_startReadout")[1]) == 12
        act(window, "actionUndo")
        await window.idle()
        assert bins.text() == "auto"

    in_window(arguments(night), look)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_that_logarithms_of_bins_from_zero_draw_what_has_a_place(night):
    async def look(window):
        type_into(child(window, QLineEdit, "latencyBins"), "0, 0.0005, 0.001, 0.01, 5")
        for name in ("latencyLogDelay", "latencyLogCount"):
            child(window, QCheckBox, name).click()
        await window.idle()
        plot = child(window, pg.PlotWidget, "latencyPlot")
        assert np.isfinite(plot.viewRange()).all()
        for item in plot.getPlotItem().listDataItems():
            assert item.getOriginalDataset()[0][0] == 0.0005
        edges, counts = window.latency.histogram(f"{CAMERA}.logevent_startReadout")
        assert edges[0] == 0
        assert len(counts) == 4

    in_window(arguments(night), look)


def test_that_decades_of_delay_are_labelled_in_readable_units(night):
    async def look(window):
        axis = child(window, pg.PlotWidget, "latencyPlot").getAxis("bottom")
        assert "delay (ms)" in axis.labelString()
        await tick(window, "latencyLogDelay")
        assert axis.tickStrings([-4.0, -3.0, 0.0], 1.0, 1.0) == ["100 µs", "1 ms", "1 s"]
        assert "(" not in axis.labelString()
        await tick(window, "latencyLogDelay")
        assert "delay (ms)" in axis.labelString()

    in_window(arguments(night), look)


def test_that_one_click_reads_the_stamp_of_2019_as_utc(tmp_path):
    night = write_night(tmp_path / "night", clock_mix="2019")

    async def look(window):
        button = child(window, QPushButton, "latencyRepair")
        assert button.isVisible()
        assert button.text() == "Read sndStamp as UTC"
        button.click()
        await window.idle()
        assert not button.isVisible()
        assert abs(window.workspace.latency.rows()[0].figures.median_s) < 0.1
        act(window, "actionUndo")
        await window.idle()
        assert button.isVisible()

    in_window([str(night), "--latency", f"{CAMERA}.logevent_startReadout"], look)


def test_that_wrong_bins_are_said_until_they_are_mended(night):
    async def work(window):
        bins, notice = child(window, QLineEdit, "latencyBins"), child(window, QLabel, "latencyNotice")
        type_into(bins, "many")
        assert notice.isVisible()
        assert "many" in notice.text()
        type_into(bins, "auto")
        assert not notice.isVisible()

    in_window([str(night), "--latency", f"{CAMERA}.logevent_startReadout"], work)


def test_that_the_figures_of_a_pair_have_one_unit():
    assert delay_text(1.4267, 0.0005071) == "1,426,700 µs"
    assert delay_text(1.4267, 0.0021) == "1,427 ms"
    assert delay_text(0.0009, 0.0021) == "0.9 ms"


def test_that_figures_which_differ_little_are_told_apart():
    assert delay_text(37.000507, 37.0, 0.00011) == "37.00051 s"
    assert delay_text(37.000617, 37.0, 0.00011) == "37.00062 s"
    assert delay_text(0.000507, 0.0005, 0.00011) == "507 µs"
    assert delay_text(37.0, 37.0, 1e-300) == "37 s"
    assert delay_text(0.0, 37.0, 1.0) == "0 s"


@pytest.mark.parametrize(
    ("delay_s", "text"),
    [
        (None, "\u2013"),
        (0.0, "0 s"),
        (3.7, "3.7 s"),
        (-0.0005071, "-507.1 µs"),
        (0.0123, "12.3 ms"),
        (2e-9, "2 ns"),
    ],
)
def test_that_delays_are_written_in_readable_units(delay_s, text):
    assert delay_text(delay_s) == text
