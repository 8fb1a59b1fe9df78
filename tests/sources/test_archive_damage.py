"""Damaged archives: an error, never less data."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from efdviewer.domain.errors import ArchiveError
from efdviewer.sources.archive import ArchiveSource
from tests.sources.test_source_contract import MIXED, ROWS, ask, write_archive


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_archive(tmp_path / "archive")
    return tmp_path / "archive"


async def rows_of(folder: Path) -> int:
    async with ArchiveSource(folder) as source:
        return (await source.samples(ask("salIndex"))).num_rows


async def test_that_a_whole_archive_gives_all_rows(folder):
    assert await rows_of(folder) == ROWS


@pytest.mark.parametrize("day", [0, 1])
async def test_that_a_missing_day_is_an_error(folder, day):
    sorted((folder / MIXED).glob("*.parquet"))[day].unlink()
    with pytest.raises(ArchiveError, match="rows"):
        await rows_of(folder)


async def test_that_a_missing_topic_folder_is_an_error(folder):
    shutil.rmtree(folder / MIXED)
    with pytest.raises(ArchiveError, match="rows"):
        await rows_of(folder)


@pytest.mark.parametrize("day", [0, 1])
async def test_that_a_missing_column_is_an_error(folder, day):
    path = sorted((folder / MIXED).glob("*.parquet"))[day]
    pq.write_table(pq.read_table(path).drop_columns(["salIndex"]), path)
    with pytest.raises(ArchiveError, match="no column salIndex"):
        await rows_of(folder)


@pytest.mark.parametrize("day", [0, 1])
async def test_that_a_truncated_file_is_an_error(folder, day):
    path = sorted((folder / MIXED).glob("*.parquet"))[day]
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(ArchiveError, match="damaged"):
        await rows_of(folder)
