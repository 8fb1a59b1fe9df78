"""What outlasts the program: of each tile as much as was final."""

import asyncio
import contextlib
import sqlite3
import time

import numpy as np
import pytest

from efdviewer.domain.tiles import EXTREMES, MEANS, SAMPLES, Slot, cut
from efdviewer.services.habits import Habits
from efdviewer.services.kept_tiles import KeptTiles
from efdviewer.services.tile_disk import TileDisk
from efdviewer.services.tiles import SeriesKey, SeriesTiles
from efdviewer.sources.workers import run_in_worker

SECOND = 10**9
KEY = SeriesKey("here", "topic", "x", ())
SLOT = Slot(SECOND, 26_000_000)
MIDDLE_NS = SLOT.start_utc_ns + 32 * SECOND


def tile_of(settled_utc_ns: int, slot: Slot = SLOT):
    starts = slot.start_utc_ns + np.arange(64) * slot.bucket_ns
    columns = {"min": np.arange(64) + 2**53 + 1, "max": np.arange(64) + 2**53 + 2}
    return cut(starts, columns, [slot], settled_utc_ns)[0]


@pytest.fixture
def keep(tmp_path):
    made = []

    def tiles(limit_bytes: int = 10**8) -> KeptTiles:
        made.append(TileDisk(tmp_path, limit_bytes))
        return KeptTiles(made[-1], run_in_worker)

    yield tiles
    for disk in made:
        disk.close()


async def recalled(keep, slots=(SLOT,)):
    store = keep()
    series = store.series(KEY)
    await store.recall([series], EXTREMES, list(slots))
    return series


async def test_that_a_final_tile_comes_back_exact_and_needs_nothing(keep):
    store = keep()
    store.series(KEY).put(EXTREMES, tile_of(SLOT.end_utc_ns), 1.0)
    await store.save()
    series = await recalled(keep)
    found = series.extremes(SLOT)
    assert found.is_settled
    for name in EXTREMES:
        assert found.columns[name].dtype == np.int64
        assert found.columns[name].tolist() == tile_of(SLOT.end_utc_ns).columns[name].tolist()
    assert series.needs(EXTREMES, [SLOT], Habits(), end_utc_ns=SLOT.end_utc_ns) == ((), ())


async def test_that_means_are_kept_beside_the_extremes(keep):
    store = keep()
    store.series(KEY).put(EXTREMES, tile_of(SLOT.end_utc_ns), 1.0)
    starts = tile_of(SLOT.end_utc_ns).times_utc_ns
    columns = {"mean": np.linspace(0, 1, 64), "count": np.arange(1, 65)}
    columns["mean"][3] = np.nan
    store.series(KEY).put(MEANS, cut(starts, columns, [SLOT], SLOT.end_utc_ns)[0], 1.0)
    await store.save()
    series = await recalled(keep)
    assert series.get(MEANS, SLOT) is None
    again = keep()
    await again.recall([again.series(KEY)], MEANS, [SLOT])
    found = again.series(KEY).get(MEANS, SLOT)
    for name in MEANS:
        assert found.columns[name].tobytes() == columns[name].tobytes()


async def test_that_of_an_open_tile_the_final_part_comes_back_and_the_rest_is_asked_for(keep):
    store = keep()
    store.series(KEY).put(EXTREMES, tile_of(MIDDLE_NS), 1.0)
    await store.save()
    series = await recalled(keep)
    assert series.extremes(SLOT).times_utc_ns[-1] == MIDDLE_NS - SECOND
    assert series.needs(EXTREMES, [SLOT], Habits(), end_utc_ns=SLOT.end_utc_ns).missing == (SLOT,)
    assert series.asked_from(EXTREMES, SLOT) == MIDDLE_NS


async def test_that_a_tile_of_which_hardly_anything_is_final_is_not_written(keep):
    store = keep()
    store.series(KEY).put(EXTREMES, tile_of(SLOT.start_utc_ns + SECOND), 1.0)
    await store.save()
    assert (await recalled(keep)).extremes(SLOT) is None


async def test_that_what_is_recalled_does_not_replace_what_is_newer(keep):
    store = keep()
    store.series(KEY).put(EXTREMES, tile_of(MIDDLE_NS), 1.0)
    await store.save()
    other = keep()
    series = other.series(KEY)
    series.put(EXTREMES, tile_of(SLOT.end_utc_ns), 1.0)
    await other.recall([series], EXTREMES, [SLOT])
    assert series.extremes(SLOT).is_settled


async def test_that_after_tiles_that_cannot_be_taken_back_others_are_written_still(keep, saved, monkeypatch):
    def fail(*_):
        raise MemoryError

    store = keep()
    other = Slot(SECOND, SLOT.number + 2)
    monkeypatch.setattr(SeriesTiles, "put_recalled", fail)
    with pytest.raises(MemoryError):
        await store.recall([store.series(KEY)], EXTREMES, [SLOT])
    store.series(KEY).put(EXTREMES, tile_of(other.end_utc_ns, other), 1.0)
    await store.save()
    monkeypatch.undo()
    assert (await recalled(keep, [other])).extremes(other) is not None


async def test_that_samples_are_found_for_finer_levels_too(keep):
    store = keep()
    values = {"value": np.arange(3.0)}
    moments = SLOT.start_utc_ns + np.arange(3) * SECOND
    store.series(KEY).put(SAMPLES, cut(moments, values, [SLOT], SLOT.end_utc_ns)[0], 1.0)
    await store.save()
    again = keep()
    series = again.series(KEY)
    child = SLOT.children[0]
    await again.recall([series], SAMPLES, [child])
    assert series.samples(child).columns["value"].tolist() == [0.0, 1.0, 2.0]


async def test_that_the_file_is_bounded_and_another_series_is_never_mistaken(keep, tmp_path):
    store = keep(limit_bytes=200_000)
    for number in range(400):
        slot = Slot(SECOND, 26_000_000 + 2 * number)
        store.series(KEY).put(EXTREMES, tile_of(slot.end_utc_ns, slot), 1.0)
        if number % 50 == 49:
            await store.save()
    series = await recalled(keep, [Slot(SECOND, 26_000_000 + number) for number in range(800)])
    kept = sum(series.extremes(Slot(SECOND, 26_000_000 + 2 * number)) is not None for number in range(400))
    assert 20 < kept < 390
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 200_000
    other = keep()
    series = other.series(SeriesKey("elsewhere", "topic", "x", ()))
    await other.recall([series], EXTREMES, [SLOT])
    assert series.extremes(SLOT) is None


class Gate:
    """Holds back what is handed to a worker."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.open = asyncio.Event()
        self.done = 0

    async def in_worker(self, function, *args):
        self.reached.set()
        await self.open.wait()
        result = await run_in_worker(function, *args)
        self.done += 1
        return result


@pytest.fixture
async def saved(keep):
    """Give a store that has written one tile, which is recalled then."""
    store = keep()
    store.series(KEY).put(EXTREMES, tile_of(SLOT.end_utc_ns), 1.0)
    await store.save()
    return store


async def test_that_what_is_reloaded_is_forgotten_though_the_load_does_not_end(keep, saved):
    saved.expire([KEY])
    await saved.recall([saved.series(KEY)], EXTREMES, [SLOT])
    assert (await recalled(keep)).extremes(SLOT) is None


async def test_that_what_is_reloaded_is_forgotten_when_the_window_closes(keep, saved):
    saved.expire([KEY])
    await saved.close()
    assert (await recalled(keep)).extremes(SLOT) is None


@pytest.mark.parametrize("call", ["save", "recall", "clear_everywhere"])
async def test_that_who_is_cancelled_while_the_disk_is_written_ends_with_it(keep, saved, tmp_path, call):
    gate = Gate()
    store = KeptTiles(TileDisk(tmp_path), gate.in_worker)
    store.expire([KEY])
    other = Slot(SECOND, SLOT.number + 2)
    store.series(KEY).put(EXTREMES, tile_of(other.end_utc_ns, other), time.monotonic())
    arguments = ([store.series(KEY)], EXTREMES, [SLOT]) if call == "recall" else ()
    task = asyncio.ensure_future(getattr(store, call)(*arguments))
    await gate.reached.wait()
    task.cancel()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done()
    gate.open.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gate.done == (1 if call == "clear_everywhere" else 2)
    series = await recalled(keep, [SLOT, SLOT.sibling, other])
    assert series.extremes(SLOT) is None
    assert (series.extremes(other) is None) is (call == "clear_everywhere")
    await store.close()


async def test_that_what_became_known_before_a_reload_is_not_written_after_it(keep, tmp_path):
    gate = Gate()
    store = KeptTiles(TileDisk(tmp_path), gate.in_worker)
    store.series(KEY).put(EXTREMES, tile_of(SLOT.end_utc_ns), 1.0)
    writing = asyncio.ensure_future(store.save())
    await gate.reached.wait()
    store.expire([KEY])
    reloading = asyncio.ensure_future(store.recall([store.series(KEY)], EXTREMES, [SLOT]))
    gate.open.set()
    await asyncio.gather(writing, reloading)
    assert (await recalled(keep)).extremes(SLOT) is None
    await store.close()


async def test_that_an_answer_to_a_question_from_before_a_reload_is_not_written(keep):
    store = keep()
    asked_s = time.monotonic()
    store.expire([KEY])
    store.series(KEY).put(EXTREMES, tile_of(SLOT.end_utc_ns), asked_s - 1.0)
    await store.save()
    assert (await recalled(keep)).extremes(SLOT) is None


async def test_that_what_is_recalled_during_a_reload_does_not_come_back(saved, tmp_path):
    gate = Gate()
    store = KeptTiles(TileDisk(tmp_path), gate.in_worker)
    recalling = asyncio.ensure_future(store.recall([store.series(KEY)], EXTREMES, [SLOT]))
    await gate.reached.wait()
    store.expire([KEY])
    gate.open.set()
    await recalling
    assert store.series(KEY).extremes(SLOT) is None
    await store.close()


@pytest.mark.parametrize("act", ["reload", "clear"])
async def test_that_an_open_tile_is_written_anew_after_all_was_thrown_away(keep, act):
    store = keep()
    store.series(KEY).put(EXTREMES, tile_of(MIDDLE_NS), 1.0)
    await store.save()
    if act == "reload":
        store.expire([KEY])
    else:
        await store.clear_everywhere()
    store.series(KEY).put(EXTREMES, tile_of(MIDDLE_NS), 1e12)
    await store.save()
    assert (await recalled(keep)).extremes(SLOT).times_utc_ns[-1] == MIDDLE_NS - SECOND


async def test_that_what_cannot_be_forgotten_now_is_forgotten_later(keep, saved, tmp_path, monkeypatch):
    monkeypatch.setattr("efdviewer.services.tile_disk._PATIENCE_S", 0.01)
    store = keep()
    store.expire([KEY])
    with contextlib.closing(sqlite3.connect(next(tmp_path.glob("*.sqlite")))) as other:
        other.execute("BEGIN IMMEDIATE")
        await store.save()
        other.rollback()
    await store.save()
    assert (await recalled(keep)).extremes(SLOT) is None


async def test_that_a_slow_disk_does_not_hold_up_the_end(tmp_path):
    store = KeptTiles(TileDisk(tmp_path), Gate().in_worker)
    async with asyncio.timeout(2):
        await store.close()


async def test_that_a_window_that_ends_lets_the_file_go(saved, tmp_path):
    await saved.close()
    assert [path.suffix for path in tmp_path.iterdir()] == [".sqlite"]
