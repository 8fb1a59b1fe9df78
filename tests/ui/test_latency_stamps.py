"""The pair of stamps and their scales, chosen by hand in the latency panel: what becomes of the figures."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QTableWidget

from tests.nights import CAMERA
from tests.ui.hands import pick, tick
from tests.windows import act, child, in_window

READOUT = f"{CAMERA}.logevent_startReadout"
LEAP_S = 37.0
ROUNDED_S = 1e-6
"""Stamps are seconds since 1970 in float64: one step of them is 0.24 µs."""


@pytest.fixture
def stamps(night) -> dict[str, NDArray[np.float64]]:
    """Stamps as they are written in the archive's files, s."""
    files = sorted((night / READOUT).glob("*.parquet"))
    table = pq.ParquetDataset(files).read()
    return {
        name: table[f"private_{name}"].to_numpy()
        for name in ("sndStamp", "rcvStamp", "kafkaStamp", "efdStamp")
    }


def arguments(night) -> list[str]:
    return [str(night), "--latency", READOUT]


def compare(window, delays_s: NDArray[np.float64]) -> None:
    """Compare figures, table and histogram with delays that were worked out here."""
    figures = window.workspace.latency.rows()[0].figures
    worst_s = delays_s[np.argmax(np.abs(delays_s))]
    assert figures.count == len(delays_s) > 500
    for found, quantile in ((figures.median_s, 0.5), (figures.p90_s, 0.9), (figures.p99_s, 0.99)):
        assert found == pytest.approx(np.quantile(delays_s, quantile), abs=ROUNDED_S)
    assert figures.worst_s == pytest.approx(worst_s, abs=ROUNDED_S)
    edges, counts = window.latency.histogram(READOUT)
    assert counts.sum() == len(delays_s)
    assert edges[0] == pytest.approx(delays_s.min(), abs=ROUNDED_S)
    assert edges[-1] == pytest.approx(delays_s.max(), abs=ROUNDED_S)


def delays_shown(window) -> list[str]:
    """Give median, p90, p99 and worst as the table writes them."""
    table = child(window, QTableWidget, "latencyTable")
    lines = [table.verticalHeaderItem(line).text() for line in range(table.rowCount())]
    return [table.item(line, 0).text() for line in range(lines.index("Median"), table.rowCount())]


def assert_told_apart(shown: list[str], delays_s: NDArray[np.float64]) -> None:
    """Check that figures beside an offset of 37 s are written to where they differ."""
    assert len(set(shown)) == 4
    median, unit = shown[0].split(" ")
    assert unit == "s"
    assert float(median) == pytest.approx(np.median(delays_s), abs=1e-4)


def test_that_the_difference_as_written_has_the_leap_seconds_and_the_true_one_has_not(night, stamps):
    as_written = stamps["rcvStamp"] - stamps["efdStamp"]

    async def work(window):
        await pick(window, "latencySubtrahend", "efdStamp")
        compare(window, as_written - LEAP_S)
        await tick(window, "latencyRaw")
        compare(window, as_written)
        assert_told_apart(delays_shown(window), as_written)
        assert child(window, QLabel, "latencyNotice").isHidden(), "a raw difference is what was asked for"
        act(window, "actionUndo")
        await window.idle()
        assert not child(window, QCheckBox, "latencyRaw").isChecked()
        compare(window, as_written - LEAP_S)

    in_window(arguments(night), work)


@pytest.mark.parametrize(
    ("box", "ahead_s"), [("latencyScale0", LEAP_S), ("latencyScale1", -LEAP_S)], ids=["later", "earlier"]
)
def test_that_a_scale_set_by_hand_moves_the_delays_by_the_leap_seconds(night, stamps, box, ahead_s):
    by_name = stamps["rcvStamp"] - stamps["sndStamp"]

    async def work(window):
        compare(window, by_name)
        await pick(window, box, "UTC")
        compare(window, by_name + ahead_s)
        assert_told_apart(delays_shown(window), by_name + ahead_s)
        assert "37" in child(window, QLabel, "latencyNotice").text()
        await pick(window, box, "TAI")
        compare(window, by_name)
        assert child(window, QLabel, "latencyNotice").isHidden()
        await pick(window, box, "UTC")
        await pick(window, box, "TAI by name")
        assert window.workspace.session.stamp_scales == ()
        compare(window, by_name)

    in_window(arguments(night), work)


def test_that_both_scales_set_by_hand_cancel_out(night, stamps):
    async def work(window):
        for box in ("latencyScale0", "latencyScale1"):
            await pick(window, box, "UTC")
        compare(window, stamps["rcvStamp"] - stamps["sndStamp"])

    in_window(arguments(night), work)


def test_that_other_stamps_chosen_give_other_delays(night, stamps):
    async def work(window):
        await pick(window, "latencyMinuend", "kafkaStamp")
        compare(window, stamps["kafkaStamp"] - stamps["sndStamp"])
        await pick(window, "latencySubtrahend", "rcvStamp")
        compare(window, stamps["kafkaStamp"] - stamps["rcvStamp"])
        await pick(window, "latencyMinuend", "sndStamp")
        compare(window, stamps["sndStamp"] - stamps["rcvStamp"])
        for _ in range(2):
            act(window, "actionUndo")
            await window.idle()
        assert child(window, QComboBox, "latencyMinuend").currentText() == "kafkaStamp"
        assert child(window, QComboBox, "latencySubtrahend").currentText() == "sndStamp"
        compare(window, stamps["kafkaStamp"] - stamps["sndStamp"])

    in_window(arguments(night), work)
