"""What is kept of the answers of a source: the same view again, a new process, reload, and clearing it."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from efdviewer.services.tile_disk import TileDisk
from efdviewer.viewmodels.curve_state import CurveStatus
from tests.nights import END_NS
from tests.windows import act, in_window

HOUR_NS = 3600 * 10**9
CURVE = "lsst.sal.MTMount.azimuth:actualPosition"
ARGUMENTS = ["--plot", CURVE, "--from", "2024-01-31T12:00", "--to", "2024-02-01T08:00"]


def drawn(window):
    return [part.tolist() for part in window.plots.row(0).drawn_points(CURVE)]


def listen(window):
    sent = []
    window.workspace.source.statement_observers.append(
        lambda statement: sent.append(statement.text) if statement.outcome != "running" else None
    )
    return sent


def about_curve(sent):
    return [text for text in sent if "azimuth" in text]


def test_that_a_view_seen_before_is_there_at_once_and_asks_nothing(night):
    async def work(window):
        row = window.plots.row(0)
        whole, before = row.view_range_ns(), drawn(window)
        row.set_view_range_ns(END_NS - 2 * HOUR_NS, END_NS - HOUR_NS)
        await window.idle()
        near = drawn(window)
        sent = listen(window)
        row.set_view_range_ns(*whole)
        assert row.canvas.states()[0].status is CurveStatus.READY
        assert drawn(window) == before
        row.set_view_range_ns(END_NS - 2 * HOUR_NS, END_NS - HOUR_NS)
        assert row.canvas.states()[0].status is CurveStatus.READY
        assert drawn(window) == near
        await window.idle()
        assert not about_curve(sent)

    in_window([str(night), *ARGUMENTS], work)


def test_that_a_second_window_finds_what_the_first_has_saved(night):
    async def look(window):
        sent = listen(window)
        first = drawn(window)
        window.plots.row(0).set_view_range_ns(END_NS - 12 * HOUR_NS, END_NS - 2 * HOUR_NS)
        await window.idle()
        return first, drawn(window), about_curve(sent)

    first = in_window([str(night), *ARGUMENTS], look)
    again = in_window([str(night), *ARGUMENTS], look)
    assert again[:2] == first[:2]
    assert len(first[2]) > len(again[2])


def test_that_reload_asks_again_and_draws_the_same(night):
    async def work(window):
        before, sent = drawn(window), listen(window)
        act(window, "actionReload")
        assert drawn(window) == before
        await window.idle()
        assert drawn(window) == before
        assert about_curve(sent)

    in_window([str(night), *ARGUMENTS], work)


def test_that_kept_data_tell_their_size_and_go_when_they_are_cleared(night, own_cache):
    async def work(window):
        action = window.findChild(QAction, "actionClearCache")
        menu = next(
            menu
            for entry in window.menuBar().actions()
            if isinstance(menu := entry.menu(), QMenu) and menu.title() == "&View"
        )
        menu.aboutToShow.emit()
        assert "MB in memory" in action.text() or "kB in memory" in action.text()
        assert window.workspace.tiles.disk_bytes > 10_000
        before, sent = drawn(window), listen(window)
        act(window, "actionClearCache")
        await window.idle()
        assert window.workspace.tiles.byte_size == 0
        assert drawn(window) == before
        assert "cleared" in window.status.currentMessage()
        row = window.plots.row(0)
        start, end = row.view_range_ns()
        row.set_view_range_ns(start, end - HOUR_NS)
        await window.idle()
        assert about_curve(sent)

    in_window([str(night), *ARGUMENTS], work)


def test_that_a_window_that_is_closed_lets_its_file_go(night, own_cache):
    async def work(window):
        assert window.workspace.tiles.disk_bytes > 10_000

    in_window([str(night), *ARGUMENTS], work)
    assert len(list(own_cache.glob("tiles-*"))) == 1


def test_that_what_is_reloaded_is_not_found_again_though_the_load_was_cancelled(night, own_cache):
    def saved():
        with closing(sqlite3.connect(next(own_cache.glob("tiles-*.sqlite")))) as connection:
            query = "SELECT COUNT(*) FROM tile JOIN series ON series.id = series WHERE name LIKE ?"
            return connection.execute(query, ("%actualPosition%",)).fetchone()[0]

    async def look(window):
        await window.idle()

    async def reload(window):
        asked = asyncio.Event()

        async def never_answer(_query):
            asked.set()
            await asyncio.Event().wait()
            yield

        window.workspace.source.stream_summary = never_answer
        act(window, "actionReload")
        await asyncio.wait_for(asked.wait(), 5)
        window.workspace.cancel_all()
        await window.idle()

    in_window([str(night), *ARGUMENTS], look)
    assert saved() > 0
    in_window([str(night), *ARGUMENTS], reload)
    assert saved() == 0


@pytest.mark.parametrize("damage", [b"", b"not a database" * 1000, None])
def test_that_a_damaged_file_is_begun_anew_without_a_word(night, own_cache, damage):
    async def look(window):
        assert not window.messages.isVisible()
        return drawn(window)

    before = in_window([str(night), *ARGUMENTS], look)
    path = next(own_cache.glob("tiles-*.sqlite"))
    for leftover in own_cache.glob("tiles-*.sqlite-*"):
        leftover.unlink()
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(
        whole[:middle] + b"\x55" * 20_000 + whole[middle + 20_000 :] if damage is None else damage
    )
    assert in_window([str(night), *ARGUMENTS], look) == before
    assert in_window([str(night), *ARGUMENTS], look) == before


def test_that_a_folder_that_cannot_be_written_does_not_stand_in_the_way(night, tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    monkeypatch.setattr(
        "efdviewer.viewmodels.workspace.TileDisk", lambda _folder: TileDisk(blocked / "below")
    )

    async def look(window):
        assert window.plots.row(0).canvas.states()[0].status is CurveStatus.READY
        assert not window.messages.isVisible()

    in_window([str(night), *ARGUMENTS], look)
