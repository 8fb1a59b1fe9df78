"""Two fields against each other while messages come in, on a real server."""

import time

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tests.growing import FIELD, SECOND_NS, TELEMETRY, Growing, until
from tests.ui.test_scatter_selection import marked, plot_of, ringed
from tests.windows import act, child, in_window


def test_that_a_scatter_follows_what_comes_and_keeps_what_is_selected(influxd, monkeypatch):
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    growing = Growing(influxd, "live scatter")
    growing.create(600)

    async def work(window):
        act(window, "actionLiveEvery1s")
        await window.idle()
        panel = child(window, QWidget, "scatterPanel")
        plot = plot_of(window)
        plot.setFocus()
        for _ in range(400):
            QTest.keyClick(plot, Qt.Key.Key_Right)
        chosen = marked(window)
        assert len(chosen) == 1
        written = time.time_ns() // SECOND_NS * SECOND_NS + 1
        growing.write(written, 42.0)
        await until(window.workspace.scatter.scattersChanged, lambda: 42.0 in panel.points()[0], within_s=15)
        x, y, moments = panel.points()
        assert moments[x == 42.0].tolist() == [written]
        assert y[x == 42.0].tolist() == [42.0]
        assert marked(window) == chosen
        assert len(ringed(window)) == 1

    view = ["--from", "now-5m", "--to", "now", "--scatter", f"{FIELD},{TELEMETRY}:value"]
    in_window([growing.address, *view], work)
