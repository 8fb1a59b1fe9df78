"""Fields narrowed by conditions: series and exports hold the rows that meet them, and no others."""

import asyncio

import numpy as np
import pyarrow.parquet as pq
import pytest

from efdviewer.app import main
from efdviewer.domain.query import SampleQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import Equals
from efdviewer.services.catalog import Catalog
from efdviewer.services.series import SeriesOutcome, SeriesRequest
from efdviewer.services.series_loader import SeriesLoader
from efdviewer.services.tiles import TileStore
from efdviewer.sources.archive import ArchiveSource
from tests.indexed import DEVICES, ESS, RANGE, START_NS, write_indexed

AGAIN = ["--from", "2024-02-01T00:00:00", "--to", "2024-02-01T08:20:00"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_indexed(tmp_path_factory.mktemp("indexed") / "archive")


def only(index):
    return (Equals(field="salIndex", value=index),)


def plot(index, fields="temperatureItem0"):
    return ["--plot", f"{ESS}:{fields};salIndex={index}"]


@pytest.mark.parametrize("columns", [100, 20_000])
async def test_that_series_of_one_device_hold_its_values_alone(folder, columns):
    async with ArchiveSource(folder) as source:
        loader = SeriesLoader(source, Catalog(source), TileStore())
        for index in DEVICES:
            request = SeriesRequest(
                topic=ESS, fields=("temperatureItem0",), time_range=RANGE, columns=columns, where=only(index)
            )
            found = []
            await loader.load(request, found.append)
            assert {series.field for series in found} == {request.ref("temperatureItem0")}
            assert np.all(np.abs(found[-1].view.values - 100 * index) <= 1)


async def test_that_the_sample_before_an_empty_range_is_the_device_s_own(folder):
    later = TimeRange(start_utc_ns=RANGE.end_utc_ns, end_utc_ns=RANGE.end_utc_ns + 10**9)
    async with ArchiveSource(folder) as source:
        request = SeriesRequest(
            topic=ESS, fields=("temperatureItem0",), time_range=later, columns=100, where=only(0)
        )
        found = []
        await SeriesLoader(source, Catalog(source), TileStore()).load(request, found.append)
        last = await source.samples(
            SampleQuery(topic=ESS, fields=("salIndex",), time_range=RANGE, where=only(0))
        )
    assert found[-1].outcome is SeriesOutcome.NO_DATA
    assert found[-1].latest_utc_ns == last.column("time")[-1].as_py()


def test_that_a_table_has_a_column_for_each_device(folder, tmp_path):
    path = tmp_path / "devices.parquet"
    assert main(["export", str(folder), *AGAIN, *plot(0), *plot(2), "-o", str(path)]) == 0
    table = pq.read_table(path)
    assert table.column_names == ["time", "temperatureItem0;salIndex=0", "temperatureItem0;salIndex=2"]
    seconds = (table.column("time").cast("int64").to_numpy() - START_NS) // 10**9
    for index in (0, 2):
        present = np.asarray(table.column(f"temperatureItem0;salIndex={index}").is_valid())
        assert np.array_equal(seconds[present] % 3, np.full(10_000, index))


async def test_that_an_archive_of_devices_answers_for_each_of_them(folder, tmp_path):
    path = tmp_path / "devices"
    options = [*AGAIN, *plot(0), *plot(2, "temperatureItem1"), "-o", str(path)]
    assert await asyncio.to_thread(main, ["export", str(folder), *options]) == 0
    async with ArchiveSource(path) as copy, ArchiveSource(folder) as source:
        assert (await copy.fields(ESS))[0].units == "deg_C"
        for index, field in ((0, "temperatureItem0"), (2, "temperatureItem1")):
            query = SampleQuery(topic=ESS, fields=(field,), time_range=RANGE, where=only(index))
            assert (await copy.samples(query)).equals(await source.samples(query))
        assert await copy.count(SampleQuery(topic=ESS, fields=("salIndex",), time_range=RANGE)) == 20_000


async def test_that_an_archive_of_a_device_and_the_whole_topic_has_every_row(folder, tmp_path):
    path = tmp_path / "whole"
    options = [*AGAIN, *plot(1), "--plot", f"{ESS}:temperatureItem1", "-o", str(path)]
    assert await asyncio.to_thread(main, ["export", str(folder), *options]) == 0
    async with ArchiveSource(path) as copy, ArchiveSource(folder) as source:
        for where in ((), only(1)):
            query = SampleQuery(topic=ESS, fields=("temperatureItem1",), time_range=RANGE, where=where)
            assert (await copy.samples(query)).equals(await source.samples(query))
