"""Curves made of curves, in a real window: by formulas, by another clock, and of packed samples."""

import asyncio

import numpy as np
import pyarrow as pa
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QCompleter,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
)

from efdviewer.domain.timescale import tai_ns_from_utc_ns
from efdviewer.domain.topics import FieldRef
from tests.both import has_database, load_topics, write_topics
from tests.ui.hands import TopicHand, click, open_menu_and_choose
from tests.windows import act, child, in_window

MOUNT, OTHER, ENCODERS = "lsst.sal.MTMount.azimuth", "lsst.sal.MTMount.demand", "lsst.sal.ATMCS.trajectory"
START = 1_706_745_600 * 10**9
RNG = np.random.default_rng(3)
ROWS = 40_000
FROM = ["--from", "2024-02-01T00:00:00", "--to", "2024-02-01T00:33:20"]
SHORT = ["--from", "2024-02-01T00:10:00", "--to", "2024-02-01T00:10:20"]


def tables() -> dict[str, pa.Table]:
    moments = START + np.arange(ROWS) * 50_000_000
    position = np.sin(np.arange(ROWS) / 500) * 90 + RNG.normal(0, 0.01, ROWS)
    position[21_234] = 400.0
    measured = tai_ns_from_utc_ns(moments - 130_000_000) / 1e9
    messages = START + np.arange(120, dtype=np.int64) * 10**9
    messages = np.delete(messages, slice(40, 70))
    values = RNG.normal(0, 1, (len(messages), 100))
    return {
        MOUNT: pa.table(
            {
                "time": moments,
                "actualPosition": position,
                "demandPosition": position - 0.5,
                "timestamp": measured,
            }
        ),
        OTHER: pa.table({"time": moments[::7] + 1000, "position": position[::7]}),
        ENCODERS: pa.table(
            {
                "time": messages + 1_200_000_000,
                "cRIO_timestamp": tai_ns_from_utc_ns(messages) / 1e9,
                **{f"elevation{place}": values[:, place] for place in range(100)},
            }
        ),
    }


TABLES = tables()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_topics(tmp_path_factory.mktemp("deriving") / "archive", TABLES)


@pytest.fixture(params=["archive", "influxd"])
def source(request, folder, influxd, monkeypatch) -> str:
    if request.param == "archive":
        return str(folder)
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    if has_database(influxd, "deriving"):
        return f"influxdb://{influxd.reader.name}@127.0.0.1:{influxd.port}?db=deriving"
    return load_topics(folder, influxd, "deriving")


def column(name: str, topic: str = MOUNT) -> np.ndarray:
    return np.asarray(TABLES[topic].column(name))


def shown(window) -> list[list[str]]:
    return [[str(curve.field) for curve in row.curves] for row in window.workspace.session.rows]


def dialog(window) -> QDialog:
    return child(window, QDialog, "deriveDialog")


def choose(box: QComboBox, text: str) -> None:
    """Open a list with the mouse and click on an entry."""
    QTest.mouseClick(box, Qt.MouseButton.LeftButton)
    view = box.view()
    place = view.visualRect(box.model().index(box.findText(text), 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert box.currentText() == text


def test_a_difference_with_the_mouse_alone(source):
    async def work(window):
        entry = window.plots.row(0).legend.entries()[0]
        await open_menu_and_choose(window, entry, QPoint(5, 5), "actionCurveDerive")
        choose(child(window, QComboBox, "deriveOther"), "MTMount.azimuth.demandPosition")
        click(child(window, QPushButton, "derivePlot"))
        await window.idle()
        assert shown(window)[1] == [f"{MOUNT}[time]:actualPosition - demandPosition"]
        moments, values = window.plots.row(1).drawn_points(shown(window)[1][0])
        first, last = window.plots.row(1).view_range_ns()
        inside = (moments >= first) & (moments < last)
        rows = slice(12_000, 12_400)
        assert (moments[inside] == column("time")[rows]).all()
        expected = (column("actualPosition") - column("demandPosition"))[rows]
        np.testing.assert_array_equal(values[inside], expected)
        act(window, "actionUndo")
        await window.idle()
        assert len(shown(window)) == 1

    in_window([source, *SHORT, "--plot", f"{MOUNT}:actualPosition,demandPosition"], work)


def test_an_expression_with_the_keyboard_alone(source):
    async def work(window):
        window.plots.row(0).setFocus()
        QTest.keyClick(window.plots.row(0), Qt.Key.Key_D)
        kind = child(window, QComboBox, "deriveKind")
        kind.setFocus()
        QTest.keyClicks(kind, "Ex")
        formula = child(window, QLineEdit, "deriveFormula")
        assert dialog(window).focusWidget() is formula
        formula.selectAll()
        QTest.keyClicks(formula, "abs(actualPosition) + nothing")
        QTest.keyClick(formula, Qt.Key.Key_Return)
        assert "no field 'nothing'" in child(window, QLabel, "deriveProblem").toolTip()
        assert dialog(window).isVisible()
        formula.selectAll()
        QTest.keyClicks(formula, "2 * act")
        names = formula.findChild(QCompleter).popup()
        assert names.isVisible()
        QTest.keyClick(names, Qt.Key.Key_Down)
        QTest.keyClick(names, Qt.Key.Key_Return)
        assert formula.text() == "2 * actualPosition"
        QTest.keyClick(formula, Qt.Key.Key_Return)
        await window.idle()
        assert shown(window)[1:] == [[f"{MOUNT}[time]:2 * actualPosition"]]

    in_window([source, *FROM, "--plot", f"{MOUNT}:actualPosition"], work)


FORMULAS = {
    "derivative(actualPosition)": lambda values, seconds: np.append(
        np.nan, np.diff(values) / np.diff(seconds)
    ),
    "mean(actualPosition, 3)": lambda values, seconds: np.array(
        [values[max(0, place - 59) : place + 1].mean() for place in range(len(values))]
    ),
    "median(actualPosition, 3)": lambda values, seconds: np.array(
        [np.median(values[max(0, place - 59) : place + 1]) for place in range(len(values))]
    ),
    "detrend(actualPosition, '2024-02-01T00:00:00', '2024-02-01T00:33:20')": lambda values, seconds: (
        values - np.polyval(np.polyfit(seconds - 1000, values, 1), seconds - 1000)
    ),
    "convert(actualPosition, 'deg', 'arcsec')": lambda values, seconds: values * 3600,
    "actualPosition / demandPosition": lambda values, seconds: values / (values - 0.5),
    f'actualPosition - "{OTHER}:position"': lambda values, seconds: (
        values - values[(np.arange(len(values)) - 1) // 7 * 7]
    ),
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_derived_curves_equal_numpy_at_their_samples_and_hide_no_extreme_elsewhere(source, formula):
    seconds = np.arange(ROWS) / 20
    expected = FORMULAS[formula](column("actualPosition"), seconds)
    field = FieldRef(f"{MOUNT}[time]", formula)
    rows = slice(12_000, 12_400)

    async def samples(window):
        row = window.plots.row(0)
        moments, values = row.drawn_points(field)
        first, last = row.view_range_ns()
        inside = (moments >= first) & (moments < last)
        assert (moments[inside] == column("time")[rows]).all()
        np.testing.assert_allclose(values[inside], expected[rows], rtol=1e-9, atol=1e-9)

    async def buckets(window):
        row = window.plots.row(0)
        moments, values = row.drawn_points(field)
        assert len(moments) < ROWS / 4
        finite = expected[np.isfinite(expected) if "OTHER" not in formula else slice(None)]
        finite = finite[1:] if "lsst" in formula else finite
        np.testing.assert_allclose([values.min(), values.max()], [finite.min(), finite.max()], rtol=1e-9)

    in_window([source, *SHORT, "--plot", str(field)], samples)
    in_window([source, *FROM, "--plot", str(field)], buckets)


def test_another_clock_with_the_mouse_alone(source):
    async def work(window):
        entry = window.plots.row(0).legend.entries()[0]
        open_menu(entry, QPoint(5, 5))
        menu = child(window, QMenu, "curveMenu")
        clocks = child(menu, QMenu, "menuCurveClock")
        place = menu.actionGeometry(clocks.menuAction()).center()
        QTest.mouseMove(menu, place)
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)
        while not clocks.isVisible():  # noqa: ASYNC110 - Qt opens it by a timer of its own
            await asyncio.sleep(0.05)
        action = next(each for each in clocks.actions() if each.data() == "timestamp")
        QTest.mouseClick(clocks, Qt.MouseButton.LeftButton, pos=clocks.actionGeometry(action).center())
        await window.idle()
        expect_measured(window)

    in_window([source, *SHORT, "--plot", f"{MOUNT}:actualPosition"], work)


def test_another_clock_with_the_keyboard_alone(source):
    async def work(window):
        entry = window.plots.row(0).legend.entries()[0]
        entry.setFocus()
        open_menu(entry, entry.rect().center(), QContextMenuEvent.Reason.Keyboard)
        menu = QApplication.activePopupWidget()
        while (
            menu.activeAction() is None
            or menu.activeAction().menu() is None
            or (menu.activeAction().menu().objectName() != "menuCurveClock")
        ):
            QTest.keyClick(menu, Qt.Key.Key_Down)
        clocks = menu.activeAction().menu()
        QTest.keyClick(menu, Qt.Key.Key_Right)
        while clocks.activeAction().data() != "timestamp":
            QTest.keyClick(clocks, Qt.Key.Key_Down)
        QTest.keyClick(clocks, Qt.Key.Key_Return)
        await window.idle()
        expect_measured(window)
        act(window, "actionUndo")
        await window.idle()
        assert shown(window) == [[f"{MOUNT}:actualPosition"]]

    in_window([source, *SHORT, "--plot", f"{MOUNT}:actualPosition"], work)


def open_menu(widget, place: QPoint, reason=QContextMenuEvent.Reason.Mouse) -> None:
    event = QContextMenuEvent(reason, place, widget.mapToGlobal(place), Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


def expect_measured(window) -> None:
    """The curve lies where its own stamp says, 0.13 s before the index."""
    assert shown(window) == [[f"{MOUNT}[timestamp]:actualPosition"]]
    moments, values = window.plots.row(0).drawn_points(shown(window)[0][0])
    place = int(np.argmax(values == column("actualPosition")[12_100]))
    assert abs(moments[place] - (column("time")[12_100] - 130_000_000)) < 1000


def expect_unpacked(window) -> None:
    assert shown(window) == [[f"{ENCODERS}[]:elevation"]]
    row = window.plots.row(0)
    moments, values = row.drawn_points(shown(window)[0][0])
    first, last = row.view_range_ns()
    inside = (moments >= first) & (moments < last)
    expected = TABLES[ENCODERS].select([f"elevation{place}" for place in range(100)]).to_pandas()
    # The messages of the seconds 35 to 39, and those from 70 on, after a gap.
    packed = expected.to_numpy()[35:45].ravel()
    assert (values[inside] == packed).all()
    steps = np.diff(moments[inside])
    assert np.abs(steps[:499] - 10_000_000).max() < 2000
    assert abs(steps[499] - 30_010_000_000) < 2000


PACKED = ["--from", "2024-02-01T00:00:35", "--to", "2024-02-01T00:01:15"]


def test_packed_samples_become_a_series_with_a_double_click(source):
    async def work(window):
        window.resize(2400, 800)
        hand = TopicHand(window)
        await hand.open("traj", "ATMCS", "trajectory")
        await hand.double_click(hand.row("ATMCS", "trajectory", "elevation[100]"))
        expect_unpacked(window)

    in_window([source, *PACKED], work)


def test_packed_samples_become_a_series_with_the_keyboard_alone(source):
    async def work(window):
        window.resize(2400, 800)
        edit = child(window, QLineEdit, "topicFilter")
        edit.setFocus()
        QTest.keyClicks(edit, "traj")
        QTest.keyClick(edit, Qt.Key.Key_Return)
        await window.idle()
        tree = TopicHand(window).tree
        QTest.keyClick(tree, Qt.Key.Key_Right)
        await window.idle()
        for _ in range(20):
            if tree.currentIndex().data() == "elevation[100]":
                break
            QTest.keyClick(tree, Qt.Key.Key_Down)
        QTest.keyClick(tree, Qt.Key.Key_Return)
        await window.idle()
        expect_unpacked(window)

    in_window([source, *PACKED], work)


def test_packed_samples_hide_no_extreme_at_any_zoom(source):
    expected = TABLES[ENCODERS].select([f"elevation{place}" for place in range(100)]).to_pandas().to_numpy()

    async def work(window):
        row = window.plots.row(0)
        for span_s in (3600, 900, 240, 120):
            start = START + (60 - span_s // 2) * 10**9
            row.set_view_range_ns(start, start + span_s * 10**9)
            await window.idle()
            moments, values = row.drawn_points(f"{ENCODERS}[]:elevation")
            inside = (moments >= START) & (moments < START + 120 * 10**9)
            assert values[inside].max() == expected.max()
            assert values[inside].min() == expected.min()

    in_window([source, *FROM, "--plot", f"{ENCODERS}[]:elevation"], work)


def test_derived_curves_are_saved_and_opened_again(source, tmp_path):
    fields = [f"{MOUNT}[timestamp]:median(actualPosition, 2)", f"{ENCODERS}[]:elevation * 2"]
    saved = tmp_path / "derived.efdview"

    async def save(window):
        await window.save_session(saved)
        return [window.plots.row(row).drawn_points(field) for row, field in enumerate(fields)]

    async def look(window):
        assert shown(window) == [[str(FieldRef.parse(field))] for field in quoted]
        return [window.plots.row(row).drawn_points(field) for row, field in enumerate(quoted)]

    quoted = [f'{MOUNT}[timestamp]:"median(actualPosition, 2)"', fields[1]]
    fields = quoted
    plots = [part for field in quoted for part in ("--plot", field)]
    before = in_window([source, *FROM, *plots], save)
    after = in_window([source, "--session", str(saved)], look)
    for (some, values), (same, same_values) in zip(before, after, strict=True):
        assert len(some) > 50
        assert (some == same).all()
        assert (values == same_values).all()


def test_a_wrong_formula_says_so_in_its_plot(source):
    async def work(window):
        assert "has no field 'nothing + 1'" in window.workspace.plot.states(0)[0].message

    in_window([source, *FROM, "--plot", f"{MOUNT}[time]:nothing + 1"], work)


def test_units_of_a_derived_curve_stand_on_its_axis():
    async def work(window):
        units = [state.units for state in window.workspace.plot.states(0)]
        assert units == ["deg", "deg/s", "arcsec"]

    in_window(
        [
            "demo",
            "--plot",
            f"{MOUNT}[time]:actualPosition - demandPosition,derivative(actualPosition),"
            "\"convert(actualPosition, 'deg', 'arcsec')\"",
        ],
        work,
    )
