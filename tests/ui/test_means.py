"""The mean of each interval over its extremes: asked for when wanted alone, and drawn as the samples have it."""

import math
import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from efdviewer.app import main
from efdviewer.domain.query import SampleQuery, SummaryQuery
from efdviewer.domain.session import Session
from efdviewer.domain.session_format import session_from_json, session_to_json
from efdviewer.domain.tiles import EXTREMES, MEANS
from efdviewer.domain.topics import FieldRef
from efdviewer.services.document import load_session
from tests.growing import VIEW, Growing, until
from tests.indexed import DEVICES, ESS, write_indexed
from tests.nights import CAMERA, END_NS
from tests.windows import act, child, in_window

HOUR_NS = 3600 * 10**9
CURVE = FieldRef(f"{CAMERA}.wrebPower", "analog_I")
WHOLE = ["--from", "2024-01-31T12:00", "--to", "2024-02-01T04:00"]
"""All of it is final: what may have grown would be asked for once more."""
ARGUMENTS = ["--plot", str(CURVE), *WHOLE]


def listen(window) -> list[SummaryQuery]:
    """Note each summary that the source is asked for."""
    asked, source = [], window.workspace.source
    stream = source.stream_summary

    def noted(query):
        asked.append(query)
        return stream(query)

    source.stream_summary = noted
    return asked


def kinds_in_view(asked: list[SummaryQuery], view) -> set[tuple[str, ...]]:
    """Give what was asked for in the buckets of a view, not beside it."""
    shown = view.time_range
    return {
        query.aggregates
        for query in asked
        if query.bucket_ns == view.bucket_ns
        and query.time_range.start_utc_ns < shown.end_utc_ns
        and shown.start_utc_ns < query.time_range.end_utc_ns
    }


def state_of(window, row: int = 0):
    return window.plots.row(row).canvas.states()[0]


def means(window):
    return state_of(window).view.means


async def expect_means(window, state) -> None:
    """Compare the line with the means of the samples of each interval that lies wholly in view."""
    view, field = state.view, state.field
    query = SampleQuery(
        topic=field.topic, fields=(field.field,), time_range=view.time_range, where=field.where
    )
    table = await window.workspace.source.samples(query)
    moments, values = table["time"].to_numpy(), table[field.field].to_numpy()
    starts = view.means.times_utc_ns - view.means.times_utc_ns % view.bucket_ns
    whole = (starts >= view.time_range.start_utc_ns) & (starts + view.bucket_ns <= view.time_range.end_utc_ns)
    assert whole.sum() > 100
    firsts, ends = (np.searchsorted(moments, starts[whole] + width) for width in (0, view.bucket_ns))
    expected = [values[first:end].mean() for first, end in zip(firsts, ends, strict=True)]
    assert view.means.values[whole] == pytest.approx(expected, rel=1e-12)
    assert len(np.unique(starts)) == len(starts)


def choose_with_the_mouse(window, action: str) -> None:
    bar = window.menuBar()
    top = next(each for each in bar.actions() if each.text() == "&View")
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.actionGeometry(top).center())
    menu = top.menu()
    assert isinstance(menu, QMenu)
    assert menu.isVisible()
    place = menu.actionGeometry(child(window, QAction, action)).center()
    # A menu takes no click of a mouse that has not moved since it opened.
    for step in range(8):
        QTest.mouseMove(menu, place + QPoint(step, 0))
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)


def test_that_means_are_switched_on_in_the_menu_and_off_by_a_key_and_equal_those_of_the_samples(source):
    async def work(window):
        asked = listen(window)
        before, points = state_of(window), window.plots.row(0).drawn_points(CURVE)
        assert (before.view.means, before.detail) == (None, "min and max of 1 min 4 s")
        choose_with_the_mouse(window, "actionMeans")
        # The extremes are known: they stay as they are while the means are on their way.
        assert window.plots.row(0).drawn_points(CURVE)[1].tolist() == points[1].tolist()
        await window.idle()
        assert asked[0].aggregates == MEANS
        assert kinds_in_view(asked, state_of(window).view) == {MEANS}
        assert child(window, QAction, "actionMeans").isChecked()
        assert state_of(window).detail == "min, mean and max of 1 min 4 s"
        assert window.plots.row(0).drawn_points(CURVE)[1].tolist() == points[1].tolist()
        await expect_means(window, state_of(window))
        window.activateWindow()
        row = window.plots.row(0)
        row.setFocus()
        QTest.keyClick(row, Qt.Key.Key_M)
        await window.idle()
        assert not child(window, QAction, "actionMeans").isChecked()
        assert means(window) is None
        asked.clear()
        QTest.keyClick(row, Qt.Key.Key_M)
        await window.idle()
        assert means(window) is not None
        assert kinds_in_view(asked, state_of(window).view) == set()

    in_window([source, *ARGUMENTS], work)


def test_that_without_means_none_is_asked_for(night_today, work_in):
    async def work(window):
        sent = []
        window.workspace.source.statement_observers.append(lambda statement: sent.append(statement.text))
        window.workspace.plot_fields([CURVE], None)
        await window.idle()
        row = window.plots.row(0)
        for hours in (20, 19):
            row.set_view_range_ns(END_NS - hours * HOUR_NS, END_NS)
            await window.idle()
        assert any("MIN(" in text for text in sent)
        assert not any("MEAN(" in text or "COUNT(" in text for text in sent)
        act(window, "actionMeans")
        await window.idle()
        assert any('MEAN("analog_I"), COUNT("analog_I")' in text for text in sent)

    work_in(night_today, work)


def test_that_the_legend_reads_the_mean_at_the_mouse(night):
    async def work(window):
        act(window, "actionMeans")
        await window.idle()
        canvas, line = window.plots.row(0).canvas, means(window)
        frame = canvas.frame()
        place = len(line.times_utc_ns) // 3
        x = math.floor(frame.x_of(line.times_utc_ns[place : place + 1])[0])
        QTest.mouseMove(canvas, QPoint(x, frame.top + 20))
        said = window.plots.row(0).legend.entries()[0].accessibleDescription()
        near = line.values[place - 1 : place + 2]
        assert any(f", mean {value:.6g} from " in said for value in near), said

    in_window([str(night), *ARGUMENTS], work)


def test_that_a_move_a_zoom_and_a_reload_keep_the_means(source):
    async def work(window):
        row, asked = window.plots.row(0), listen(window)
        act(window, "actionMeans")
        await window.idle()
        for start, end in ((18, 5), (17, 4), (19, 1)):
            row.set_view_range_ns(END_NS - start * HOUR_NS, END_NS - end * HOUR_NS)
            await window.idle()
            await expect_means(window, state_of(window))
        assert MEANS in {query.aggregates for query in asked}
        asked.clear()
        act(window, "actionReload")
        await window.idle()
        assert kinds_in_view(asked, state_of(window).view) == {EXTREMES, MEANS}
        await expect_means(window, state_of(window))
        row.set_view_range_ns(END_NS - 11 * HOUR_NS, END_NS - 11 * HOUR_NS + 60 * 10**9)
        await window.idle()
        assert (state_of(window).detail, means(window)) == ("samples", None)

    in_window([source, *ARGUMENTS], work)


def test_that_means_are_undone_and_redone(night):
    async def work(window):
        assert means(window) is None
        act(window, "actionMeans")
        await window.idle()
        assert window.workspace.document.undo_name == "Show means"
        for name, is_on in (("actionUndo", False), ("actionRedo", True), ("actionUndo", False)):
            act(window, name)
            await window.idle()
            assert child(window, QAction, "actionMeans").isChecked() == is_on
            assert (means(window) is not None) == is_on

    in_window([str(night), *ARGUMENTS], work)


def test_that_a_session_keeps_means_and_one_without_them_still_opens(night, tmp_path):
    path = tmp_path / "view.efdview"

    async def save(window):
        act(window, "actionMeans")
        await window.idle()
        await window.save_session(path)
        return means(window).values.tolist()

    async def look(window):
        assert child(window, QAction, "actionMeans").isChecked()
        return means(window).values.tolist()

    async def open_there(window):
        assert means(window) is None
        await window.open_session(path)
        await window.idle()
        return means(window).values.tolist()

    saved = in_window([str(night), *ARGUMENTS], save)
    assert load_session(path).view.means
    assert in_window(["--session", str(path)], look) == saved
    assert in_window([str(night), *ARGUMENTS], open_there) == saved
    old = session_to_json(Session()).replace(b'    "means": false,\n', b"")
    assert b"means" not in old
    assert session_from_json(old) == Session()


def test_that_a_second_window_finds_the_means_that_the_first_has_saved(night):
    async def look(window):
        act(window, "actionMeans")
        asked = listen(window)
        await window.idle()
        return means(window).values.tolist(), kinds_in_view(asked, state_of(window).view)

    first, kinds = in_window([str(night), *ARGUMENTS], look)
    assert MEANS in kinds
    again, kinds = in_window([str(night), *ARGUMENTS], look)
    assert again == first
    assert MEANS not in kinds


def test_that_states_have_no_means_and_are_not_asked_for_any(night):
    states = f"{CAMERA}.logevent_summaryState:summaryState"

    async def work(window):
        act(window, "actionMeans")
        asked = listen(window)
        await window.idle()
        assert means(window) is None
        assert asked == []

    in_window([str(night), "--plot", states, *WHOLE], work)


def test_that_each_device_has_its_own_means(tmp_path):
    folder = write_indexed(tmp_path / "archive")
    fields = FieldRef(ESS, "temperatureItem0").split("salIndex", DEVICES)

    async def work(window):
        act(window, "actionMeans")
        await window.idle()
        for row, index in enumerate(DEVICES):
            state = state_of(window, row)
            assert (abs(state.view.means.values - 100 * index) <= 1).all()
            await expect_means(window, state)

    plots = [word for field in fields for word in ("--plot", str(field))]
    times = ["--from", "2024-02-01T00:00:00", "--to", "2024-02-01T08:20:00"]
    in_window([str(folder), *plots, *times], work)


def test_that_means_follow_the_clock(influxd, monkeypatch):
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    growing = Growing(influxd, "live means")
    growing.create(3000)

    async def work(window):
        act(window, "actionMeans")
        act(window, "actionLiveEvery1s")
        await window.idle()
        now_ns = time.time_ns()
        assert not means(window).values.any()
        growing.write(now_ns, 100.0)
        plot = window.workspace.plot
        await until(plot.curveChanged, lambda: bool(means(window).values.any()), within_s=5)
        act(window, "actionLiveOff")
        await window.idle()
        line = means(window)
        place = int(np.argmax(line.values))
        assert abs(int(line.times_utc_ns[place]) - now_ns) <= state_of(window).view.bucket_ns

    in_window([growing.address, "--from", "now-40m", "--to", "now", *VIEW], work)


def test_that_a_picture_shows_the_means_of_its_session(night, tmp_path):
    session, with_means, without = (tmp_path / name for name in ("view.efdview", "with.png", "without.png"))

    async def save(window):
        await window.save_session(session)

    in_window([str(night), *ARGUMENTS], save)
    narrow = ["--size", "800x500"]
    assert main(["render", "--session", str(session), "-o", str(without), *narrow]) == 0
    text = session.read_bytes()
    session.write_bytes(text.replace(b'"means": false', b'"means": true'))
    assert main(["render", "--session", str(session), "-o", str(with_means), *narrow]) == 0
    assert QImage(str(with_means)) != QImage(str(without))
