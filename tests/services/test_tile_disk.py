"""The file that tiles are kept in: bounded, begun anew whatever has become of it, never an error."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from efdviewer.domain.tiles import COUNTS, EXTREMES, Slot, Tile
from efdviewer.domain.topics import Equals
from efdviewer.services import tile_disk
from efdviewer.services.tile_disk import VERSION, TileDisk
from efdviewer.services.tiles import SeriesKey

SECOND = 10**9
KEY = SeriesKey("here", "topic", "x", ())
LIMIT_BYTES = 2 * 2**20


def tile_of(number, columns=EXTREMES):
    slot = Slot(SECOND, number)
    values = {name: np.random.default_rng(number).normal(size=64) for name in columns}
    return Tile(
        slot=slot,
        times_utc_ns=slot.start_utc_ns + np.arange(64) * SECOND,
        columns=values,
        settled_utc_ns=slot.end_utc_ns,
    )


def keep(disk, numbers, key=KEY):
    disk.keep([(key, EXTREMES, tile_of(number)) for number in numbers])


def kept(disk, numbers, key=KEY):
    """Give those of some adjacent tiles that are there."""
    found = disk.recall([key], EXTREMES, [Slot(SECOND, number) for number in numbers])
    return {tile.slot.number for _, tile in found}


def kept_without_use(disk, numbers):
    with closing(sqlite3.connect(disk._path)) as connection:
        return set(connection.execute("SELECT number FROM tile")) & {(number,) for number in numbers}


def size_of(folder):
    return sum(path.stat().st_size for path in folder.iterdir())


@pytest.fixture
def disk(tmp_path):
    made = TileDisk(tmp_path, LIMIT_BYTES)
    yield made
    made.close()


@pytest.fixture
def path(disk, tmp_path):
    """Give the file, written and let go."""
    keep(disk, range(3))
    disk.close()
    return next(tmp_path.glob("tiles-*.sqlite"))


def test_that_all_files_together_stay_within_the_bound(disk, tmp_path):
    for begin in range(0, 6000, 200):
        keep(disk, range(begin, begin + 200))
        assert size_of(tmp_path) <= LIMIT_BYTES
    assert disk.byte_size == size_of(tmp_path) > LIMIT_BYTES / 4


def test_that_one_write_beyond_the_bound_is_cut_back(disk, tmp_path):
    keep(disk, range(3000))
    assert size_of(tmp_path) <= LIMIT_BYTES
    assert kept(disk, range(3000))


def test_that_a_tile_takes_little_more_room_than_its_numbers(disk, tmp_path):
    keep(disk, range(500))
    disk.close()
    assert size_of(tmp_path) < 1.6 * 500 * 3 * 64 * 8


def test_that_the_earliest_written_give_way_whatever_their_place(disk):
    for begin in range(4000, 0, -200):
        keep(disk, range(begin, begin + 200))
    assert kept(disk, range(200, 400)) == set(range(200, 400))
    assert not kept(disk, range(4000, 4200))


def test_that_what_was_used_lately_stays(disk, monkeypatch):
    keep(disk, range(400))
    monkeypatch.setattr(tile_disk, "_this_hour", lambda: 10**6)
    assert len(kept(disk, range(100))) == 100
    begin, unused = 1000, range(100, 400)
    while len(kept_without_use(disk, unused)) == len(unused):
        keep(disk, range(begin, begin + 50))
        begin += 50
    assert kept(disk, range(100)) == set(range(100))
    assert kept(disk, range(1000, begin)) == set(range(1000, begin))


def test_that_of_a_tile_that_windows_know_in_part_and_whole_the_whole_stays(disk, tmp_path):
    whole = tile_of(7)
    settled_utc_ns = whole.slot.start_utc_ns + 10 * SECOND
    part = replace(
        whole,
        times_utc_ns=whole.times_utc_ns[:10],
        columns={name: values[:10] for name, values in whole.columns.items()},
        settled_utc_ns=settled_utc_ns,
    )
    other = TileDisk(tmp_path, LIMIT_BYTES)
    for tile, most in ((part, 10), (whole, 64), (part, 64)):
        disk.keep([(KEY, EXTREMES, tile)])
        ((_, found),) = other.recall([KEY], EXTREMES, [whole.slot])
        assert len(found.times_utc_ns) == most
    disk.forget([KEY])
    disk.keep([(KEY, EXTREMES, part)])
    ((_, found),) = other.recall([KEY], EXTREMES, [whole.slot])
    assert found.settled_utc_ns == settled_utc_ns
    other.close()


def test_that_files_of_earlier_versions_go_and_those_of_later_ones_stay(disk, tmp_path):
    earlier, later = (tmp_path / f"tiles-{number}.sqlite" for number in (VERSION - 1, VERSION + 1))
    beside = [earlier.with_name(f"{earlier.name}-wal"), later.with_name(f"{later.name}-wal")]
    for path in (earlier, later, *beside):
        path.touch()
    keep(disk, range(3))
    assert [path.exists() for path in (earlier, later, *beside)] == [False, True, False, True]


def test_that_series_without_tiles_are_forgotten(disk, tmp_path):
    for number in range(30):
        keep(disk, range(200), SeriesKey("here", "topic", f"x{number}", ()))
    disk.close()
    with closing(sqlite3.connect(next(tmp_path.glob("*.sqlite")))) as connection:
        (count,) = connection.execute("SELECT COUNT(*) FROM series").fetchone()
    assert count < 30


def other_tables(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE tile (x)")


def one_column_more(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE tile ADD COLUMN mood TEXT")


def lacking_a_table(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE series")


def folder_in_its_place(path):
    path.unlink()
    path.mkdir()
    (path / "something").write_text("else")


def folder_for_its_journal(path):
    path.with_name(path.name + "-wal").mkdir()


def folder_of_an_earlier_version(path):
    path.unlink()
    path.with_name("tiles-1.sqlite").mkdir()


def cut_off(path):
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize(
    "damage",
    [
        other_tables,
        one_column_more,
        lacking_a_table,
        folder_in_its_place,
        folder_for_its_journal,
        folder_of_an_earlier_version,
        cut_off,
    ],
)
def test_that_whatever_stands_in_its_place_it_is_begun_anew(disk, path, damage):
    damage(path)
    assert kept(disk, range(3)) == set()
    keep(disk, range(3))
    assert kept(disk, range(3)) == {0, 1, 2}


def test_that_an_undamaged_file_is_taken_as_it_is(disk, path, tmp_path):
    assert kept(disk, range(3)) == {0, 1, 2}
    assert kept(TileDisk(tmp_path, LIMIT_BYTES), range(3)) == {0, 1, 2}


def test_that_a_number_that_it_cannot_hold_is_no_error_and_no_damage(disk):
    keep(disk, range(3))
    far = Slot(2**70, 0)
    assert disk.recall([KEY], COUNTS, [far]) == []
    tile = tile_of(0)
    beyond = Tile(slot=far, times_utc_ns=tile.times_utc_ns, columns=tile.columns, settled_utc_ns=2**80)
    disk.keep([(KEY, EXTREMES, beyond)])
    assert kept(disk, range(3)) == {0, 1, 2}


def where(*conditions):
    return tuple(Equals(field=field, value=value) for field, value in conditions)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SeriesKey("o", "t", "f", where(("a", 1))), SeriesKey("o", "t", "f", where(("a", True)))),
        (SeriesKey("o", "t", "f", where(("a", 1))), SeriesKey("o", "t", "f", where(("a", 1.0)))),
        (SeriesKey("o", "t", "f", where(("a", 1))), SeriesKey("o", "t", "f", where(("a", "1")))),
        (SeriesKey("o", "t\nu", "f", ()), SeriesKey("o", "t", "u\nf", ())),
        (SeriesKey("o", "t", "f\na=1", ()), SeriesKey("o", "t", "f", where(("a", 1)))),
        (SeriesKey("o", "t", "\udc80", ()), SeriesKey("o", "t", "\udc81", ())),
    ],
)
def test_that_no_series_is_taken_for_another(disk, one, other):
    assert one != other
    keep(disk, [1], one)
    assert kept(disk, [1], one) == {1}
    assert kept(disk, [1], other) == set()


def test_that_a_folder_that_is_gone_is_made_again(disk, path, tmp_path):
    shutil.rmtree(tmp_path)
    keep(disk, range(3))
    assert kept(disk, range(3)) == {0, 1, 2}
