"""Who waits for a statement keeps it alive, from the moment on that this is said."""

import asyncio

import pytest

from efdviewer.domain.tiles import EXTREMES, Slot
from efdviewer.services.flights import Flight
from efdviewer.services.habits import Habits
from efdviewer.services.tile_strip import RowSeries

SLOTS = [Slot(10**9, 0)]


def flight(work) -> tuple[Flight, list]:
    made, ended = (
        Flight(RowSeries(subset=("t", ()), tiles={}, habits=Habits(), arrived=list), SLOTS, EXTREMES),
        [],
    )
    made.begin(work, ended.append)
    return made, ended


async def test_that_who_has_said_so_is_waited_for_though_his_turn_has_not_come():
    gate = asyncio.Event()
    made, ended = flight(gate.wait())
    waiting = made.wait(list)
    made.end_unless_wanted()
    gate.set()
    await waiting
    await asyncio.sleep(0)
    assert ended == [made]
    assert not made.task.cancelled()


async def test_that_who_gives_up_before_his_turn_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr("efdviewer.services.flights._LINGER_S", 0.01)
    told = []
    made, ended = flight(asyncio.Event().wait())
    waiting = made.wait(lambda: told.append(True))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await made.task
    made.tell()
    assert (told, ended) == ([], [made])
