"""Two fields against each other, in a real window and on both sources."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QTabBar, QWidget

from efdviewer.app import main
from efdviewer.domain.session import Scatter
from efdviewer.domain.topics import FieldRef
from tests.both import has_database, load_topics, write_topics
from tests.ui.hands import choose_from_bar, click, pick
from tests.windows import act, child, in_window, type_into

FAST, SLOW = "lsst.sal.Test.fast", "lsst.sal.Test.slow"
X, Y, OTHER = FieldRef(FAST, "x"), FieldRef(FAST, "y"), FieldRef(SLOW, "z")
START = 1_706_745_600 * 10**9
RANGE = ["--from", "2024-02-01T00:00:00", "--to", "2024-02-01T00:10:00"]
RNG = np.random.default_rng(6)


def tables() -> dict[str, pa.Table]:
    moments = START + np.arange(3000) * 200_000_000
    x = np.cumsum(RNG.normal(0, 1, 3000))
    late = np.roll(x, 10) * 2 + RNG.normal(0, 0.1, 3000)
    late[:10] = late[10]
    slow = START - 30 * 10**9 + np.arange(150) * 4_100_000_000
    slow = np.delete(slow, slice(60, 80))
    return {
        FAST: pa.table({"time": moments, "x": x, "y": late, "label": ["a"] * 3000}),
        SLOW: pa.table({"time": slow, "z": np.sin(np.arange(len(slow)) / 5)}),
    }


TABLES = tables()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_topics(tmp_path_factory.mktemp("scatter") / "archive", TABLES)


@pytest.fixture(params=["archive", "influxd"])
def source(request, folder, influxd, monkeypatch) -> str:
    if request.param == "archive":
        return str(folder)
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    if has_database(influxd, "scatter"):
        return f"influxdb://{influxd.reader.name}@127.0.0.1:{influxd.port}?db=scatter"
    return load_topics(folder, influxd, "scatter")


def panel(window):
    return child(window, QWidget, "scatterPanel")


def expected(direction: str, tolerance_s: float) -> pd.DataFrame:
    left = TABLES[FAST].select(["time", "x"]).to_pandas()
    right = TABLES[SLOW].to_pandas()
    tolerance = round(tolerance_s * 1e9)
    joined = pd.merge_asof(left, right, on="time", direction=direction, tolerance=tolerance)
    return joined.dropna()


@pytest.mark.parametrize("direction", ["backward", "forward", "nearest"])
def test_joins_equal_merge_asof(source, direction):
    async def work(window):
        await pick(
            window,
            "scatterDirection",
            child(window, QComboBox, "scatterDirection").itemText(
                ["backward", "forward", "nearest"].index(direction)
            ),
        )
        type_into(child(window, QLineEdit, "scatterTolerance"), "3.5")
        await window.idle()
        x, y, moments = panel(window).points()
        joined = expected(direction, 3.5)
        assert (moments == joined["time"].to_numpy()).all()
        assert (x == joined["x"].to_numpy()).all()
        assert (y == joined["z"].to_numpy()).all()
        assert window.workspace.session.scatters == (
            Scatter(x=X, y=OTHER, direction=direction, tolerance_s=3.5),
        )
        lacking = 3000 - len(joined)
        words = child(window, QLabel, "scatterWords").text()
        assert f"{lacking:,} samples of x have none of y within the tolerance" in words

    in_window([source, *RANGE, "--scatter", f"{X},{OTHER}"], work)


def test_two_curves_with_the_mouse_alone(source):
    async def work(window):
        window.resize(1400, 900)
        await choose_from_bar(window, "View", "actionScatter")
        assert window.workspace.session.scatters == (Scatter(x=X, y=Y),)
        x, y, moments = panel(window).points()
        assert (x == TABLES[FAST].column("x").to_numpy()).all()
        assert (y == TABLES[FAST].column("y").to_numpy()).all()
        words = child(window, QLabel, "scatterWords").text()
        assert f"Correlation {np.corrcoef(x, y)[0, 1]:+.3f}" in words
        assert "Strongest where y follows x by 2 s" in words
        assert "lags are in steps of 200 ms" in words
        plot = child(window, pg.PlotWidget, "scatterPlot")
        box = plot.getPlotItem().vb
        left, right = np.quantile(x, [0.2, 0.4])
        corners = [
            plot.mapFromScene(box.mapViewToScene(pg.Point(at, height)))
            for at, height in ((left, y.min() - 1), (right, y.max() + 1))
        ]
        QTest.mousePress(plot.viewport(), Qt.MouseButton.LeftButton, pos=corners[0])
        for share in (0.3, 0.6, 1.0):
            between = corners[0] + (corners[1] - corners[0]) * share
            QTest.mouseMove(plot.viewport(), QPoint(int(between.x()), int(between.y())), 30)
        QTest.mouseRelease(plot.viewport(), Qt.MouseButton.LeftButton, pos=corners[1])
        await window.idle()
        marked = window.workspace.moments.times_utc_ns
        inside = x[np.isin(moments, marked)]
        width = box.viewPixelSize()[0] * 3
        assert len(marked) > 100
        assert abs(inside.min() - left) < width
        assert abs(inside.max() - right) < width
        tabs = child(window, QTabBar, "scatterTabs")
        QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(1).center())
        await window.idle()
        lags = child(window, pg.PlotWidget, "scatterLags").getPlotItem().listDataItems()[0].getData()
        assert lags[0][np.argmax(np.abs(lags[1]))] == pytest.approx(2.0)
        click(child(window, QPushButton, "scatterRemove"))
        await window.idle()
        assert not window.workspace.session.scatters
        assert not len(window.workspace.moments.times_utc_ns)
        act(window, "actionUndo")
        await window.idle()
        assert window.workspace.session.scatters == (Scatter(x=X, y=Y),)

    in_window([source, *RANGE, "--plot", f"{X},y"], work)


def test_two_fields_with_the_keyboard_alone(source):
    async def work(window):
        row = window.plots.row(0)
        row.setFocus()
        QTest.keyClick(row, Qt.Key.Key_X)
        await window.idle()
        edit = child(window, QLineEdit, "scatterY")
        assert edit.hasFocus() or edit.window().focusWidget() is edit
        QTest.keyClicks(edit, str(OTHER))
        QTest.keyClick(edit, Qt.Key.Key_Return)
        await window.idle()
        assert window.workspace.session.scatters == (Scatter(x=X, y=OTHER),)
        plot = child(window, pg.PlotWidget, "scatterPlot")
        plot.setFocus()
        for _ in range(3):
            QTest.keyClick(plot, Qt.Key.Key_Right)
        await window.idle()
        _, _, moments = panel(window).points()
        assert window.workspace.moments.times_utc_ns.tolist() == [moments[2]]
        QTest.keyClick(plot, Qt.Key.Key_Return)
        await window.idle()
        view = window.workspace.time.time_range
        assert abs((view.start_utc_ns + view.end_utc_ns) // 2 - moments[2]) <= view.span_ns // 1000

    in_window([source, *RANGE, "--plot", str(X)], work)


def test_the_span_between_the_cursors_is_ringed(source):
    async def work(window):
        from dataclasses import replace

        from efdviewer.domain.session import Cursors

        document = window.workspace.document
        cursors = Cursors(a_utc_ns=START + 60 * 10**9, b_utc_ns=START + 70 * 10**9)
        document.apply("Set cursors", replace(document.session, cursors=cursors))
        await window.idle()
        rings = child(window, pg.PlotWidget, "scatterPlot").getPlotItem().items[1]
        assert len(rings.data) == 51

    in_window([source, *RANGE, "--scatter", f"{X},{Y}"], work)


def test_what_cannot_be_shown_is_said(source):
    async def work(window):
        words = child(window, QLabel, "scatterWords")
        assert "has no field 'nothing'" in words.text().replace("\u200b", "")
        for x, said in (("rubbish", "is not TOPIC:FIELD"), (f"{FAST}:label", "is text")):
            type_into(child(window, QLineEdit, "scatterX"), x, enter=False)
            type_into(child(window, QLineEdit, "scatterY"), str(Y))
            await window.idle()
            texts = words.text() + child(window, QLabel, "scatterWrong").text()
            assert said in texts.replace("\u200b", "")

    in_window([source, *RANGE, "--scatter", f"{FAST}:nothing,{Y}"], work)


def test_scatters_are_saved_rendered_and_exported(source, tmp_path):
    saved = tmp_path / "scatter.efdview"

    async def save(window):
        await window.save_session(saved)
        return panel(window).points()

    async def look(window):
        assert panel(window).isVisible()
        return panel(window).points()

    derived = f'"{FAST}[time]":"mean(x, 2)"'
    before = in_window([source, *RANGE, "--scatter", f"{derived},{OTHER}"], save)
    after = in_window([source, "--session", str(saved)], look)
    assert len(before[0]) > 1000
    assert all((some == same).all() for some, same in zip(before, after, strict=True))
    picture = tmp_path / "scatter.png"
    assert main(["render", source, "--session", str(saved), "-o", str(picture)]) == 0
    assert picture.stat().st_size > 10_000
    table = tmp_path / "scatter.csv"
    assert main(["export", source, *RANGE, "--scatter", f"{X},{OTHER}", "-o", str(table)]) == 0
    assert str(OTHER) in table.read_text()


def test_a_scatter_of_the_wrong_form_is_a_bad_argument(folder, capsys):
    assert main(["render", str(folder), "--scatter", str(X), "-o", "x.png"]) == 2
    assert "is not TOPIC:FIELD,TOPIC:FIELD" in capsys.readouterr().err
