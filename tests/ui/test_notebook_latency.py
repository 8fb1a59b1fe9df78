"""The notebook's histogram of receive minus send, and the true delays, in the panel and by its widgets."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QLabel, QLineEdit, QTableWidget

from efdviewer.domain.timescale import Timescale, format_ns
from tests.nights import CAMERA, END, END_NS, START_NS
from tests.ui.hands import TopicHand, pick, tick, type_range
from tests.ui.notebook import LINES, NINE_BINS, RECEIVE, SEND, LoadedNight
from tests.windows import child, type_into

LEAP_S = 37.0
UNITS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
QUANTILES = (0.5, 0.9, 0.99)
ROUNDED = 6e-4
"""Four digits are shown."""


async def show_delays(window) -> None:
    """Type the range, and choose each event's delays from the menu."""
    await type_range(window, format_ns(START_NS, Timescale.UTC), END)
    hand = TopicHand(window)
    for event in LINES:
        topic = await hand.find(f"atcamera {event}", "ATCamera", f"logevent_{event}")
        await hand.choose(topic, "actionShowLatency")


async def choose_bins(window, text: str) -> None:
    type_into(child(window, QLineEdit, "latencyBins"), text)
    await window.idle()


def raw_delays(night: LoadedNight, event: str) -> NDArray[np.float64]:
    """Subtract the stamps as the archive's rows have them, s."""
    index, received, sent = night.written(f"logevent_{event}", "time", RECEIVE, SEND)
    inside = (index.astype(np.int64) >= START_NS) & (index.astype(np.int64) < END_NS)
    return (received - sent)[inside]


def shown(window, event: str) -> dict[str, float]:
    """Read the table's column of an event; delays in s."""
    table = child(window, QTableWidget, "latencyTable")
    heads = [table.horizontalHeaderItem(place).text() for place in range(table.columnCount())]
    column = heads.index(event)
    texts = {
        table.verticalHeaderItem(line).text(): table.item(line, column).text().replace(",", "")
        for line in range(table.rowCount())
    }
    return {name: _number(text) for name, text in texts.items()}


def _number(text: str) -> float:
    value, _, unit = text.partition(" ")
    return float(value) * UNITS.get(unit, 1.0)


def compare(figures: dict[str, float], delays: NDArray[np.float64]) -> None:
    """Compare what the table shows with the delays themselves."""
    worst = delays[np.argmax(np.abs(delays))]
    expected = dict(zip(("Median", "p90", "p99"), np.quantile(delays, QUANTILES), strict=True)) | {
        "Worst": worst
    }
    assert figures["Count"] == len(delays) > 100
    assert figures["No stamp"] == 0
    for name, delay in expected.items():
        assert abs(figures[name] / delay - 1) < ROUNDED, name


def test_that_the_panel_shows_the_true_delays_of_an_ordinary_night(work_in, night_today, capsys):
    true_s = {event: raw_delays(night_today, event) for event in LINES}

    async def look(window):
        await show_delays(window)
        found = {event: shown(window, event) for event in LINES}
        for event in LINES:
            edges, counts = window.latency.histogram(f"{CAMERA}.logevent_{event}")
            assert np.array_equal(counts, np.histogram(true_s[event], edges)[0])
            assert counts.sum() == len(true_s[event])
        await choose_bins(window, "0:0.005:0.0001")
        for event in LINES:
            edges, counts = window.latency.histogram(f"{CAMERA}.logevent_{event}")
            assert len(counts) == 50
            assert np.array_equal(counts, np.histogram(true_s[event], edges)[0])
        return found

    found = work_in(night_today, look)
    with capsys.disabled():
        for event, figures in found.items():
            words = ", ".join(f"{name} {figure:.4g}" for name, figure in figures.items())
            print(f"\n{event}, delays shown, s: {words}", end="")
    for event, delays in true_s.items():
        compare(found[event], delays)
        assert delays.max() > 0.1, "the night has a tail"


def test_that_nine_typed_bins_count_the_raw_differences_as_the_notebook_did(work_in, night_2019, capsys):
    frames = night_2019.frames()

    async def look(window):
        await show_delays(window)
        for event in LINES:
            await pick(window, "latencyPair", event)
            # By their names both stamps are TAI; only with the scale put right the raw difference is another.
            await tick(window, "latencyRepair")
            await tick(window, "latencyRaw")
        await choose_bins(window, ", ".join(map(str, NINE_BINS)))
        histograms = {event: window.latency.histogram(f"{CAMERA}.logevent_{event}") for event in LINES}
        return histograms, {event: shown(window, event) for event in LINES}

    histograms, figures = work_in(night_2019, look)
    for event, (edges, counts) in histograms.items():
        frame = frames[f"logevent_{event}"]
        expected, expected_edges = np.histogram(frame[RECEIVE] - frame[SEND], NINE_BINS)
        assert len(counts) == 9
        assert np.array_equal(edges, expected_edges)
        assert np.array_equal(counts, expected)
        assert counts.sum() > 100
        compare(figures[event], raw_delays(night_2019, event))
    with capsys.disabled():
        for event, (_, counts) in histograms.items():
            print(f"\n{event}, raw differences in the notebook's nine bins: {counts.tolist()}", end="")


def test_that_a_click_turns_the_differences_of_2019_into_the_true_delays(work_in, night_2019):
    async def look(window):
        await show_delays(window)
        notice = child(window, QLabel, "latencyNotice")
        for event in LINES:
            await pick(window, "latencyPair", event)
            assert notice.isVisible()
            assert "37" in notice.text()
            await tick(window, "latencyRepair")
            assert not notice.isVisible()
        return {event: shown(window, event) for event in LINES}

    for event, figures in work_in(night_2019, look).items():
        compare(figures, raw_delays(night_2019, event) - LEAP_S)
