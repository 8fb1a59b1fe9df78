"""An archive written into a real InfluxDB holds what the archive holds."""

import math
import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from efdviewer.domain.errors import BadInputError, UnwritableNameError
from efdviewer.domain.query import SampleQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.sources.archive import ArchiveSource
from efdviewer.sources.archive_writer import ArchiveWriter
from efdviewer.sources.load import load_archive
from tests.benchmarks.night import WHOLE_S
from tests.nights import END_NS
from tests.sources.influx import source_of

ALL = TimeRange(start_utc_ns=0, end_utc_ns=4_000_000_000 * 10**9)


def archive(folder: Path, topics: dict[str, dict[str, pa.Array]]) -> Path:
    with ArchiveWriter(folder, "a test") as writer:
        for topic, columns in topics.items():
            count = len(next(iter(columns.values())))
            times = pa.array(range(1, count + 1), pa.int64())
            names = ["time", *columns]
            writer.append(topic, pa.RecordBatch.from_arrays([times, *columns.values()], names=names))
    return folder


async def load(influxd, folder: Path, database: str, **options) -> int:
    account = {"username": influxd.admin.name, "password": influxd.admin.password}
    return await load_archive(
        folder, **({"host": "127.0.0.1", "port": influxd.port, "database": database} | account | options)
    )


async def last_hours(night: Path, folder: Path) -> tuple[Path, float]:
    """Copy the end of a night, all topics that have rows then; gives its share of the rows too."""
    end, rows, whole = TimeRange(start_utc_ns=END_NS - 4 * 3600 * 10**9, end_utc_ns=END_NS + 10**9), 0, 0
    async with ArchiveSource(night) as source:
        with ArchiveWriter(folder, "a test") as writer:
            for topic in map(str, await source.topics()):
                fields = tuple(field.name for field in await source.fields(topic))
                query = SampleQuery(topic=topic, fields=fields, time_range=end)
                for batch in (await source.samples(query)).to_batches():
                    writer.append(topic, batch)
                    rows += batch.num_rows
                whole += await source.count(replace(query, time_range=ALL))
    return folder, rows / whole


async def test_that_the_end_of_a_night_arrives_in_time(night, influxd, tmp_path, capsys):
    hours, share = await last_hours(night, tmp_path / "hours")
    begun_s = time.monotonic()
    rows = await load(influxd, hours, "hours")
    took_s, limit_s = time.monotonic() - begun_s, WHOLE_S * share
    with capsys.disabled():
        print(f"\nloaded {rows:,} rows in {took_s:.1f} s (limit {limit_s:.1f} s)")
    assert rows > 300_000
    assert took_s < 3 * limit_s
    influxd.query(f'GRANT READ ON "hours" TO "{influxd.reader.name}"')
    async with ArchiveSource(hours) as written, source_of(influxd, "hours") as read:
        assert await read.topics() == await written.topics()
        for topic in map(str, await written.topics()):
            fields = tuple(field.name for field in await written.fields(topic))
            assert {field.name for field in await read.fields(topic)} == set(fields)
            query = SampleQuery(topic=topic, fields=fields, time_range=ALL)
            assert await read.count(query) == await written.count(query), topic
            if topic.startswith("lsst.sal.ATCamera"):
                assert (await read.samples(query)).equals(await written.samples(query)), topic


async def test_that_odd_names_and_values_arrive_as_they_are(influxd, tmp_path):
    columns = {
        "a field, = odd": pa.array([1.5, None, -0.0]),
        "text": pa.array(['say "hi"', "back\\slash", "two\nlines"]),
        "whole": pa.array([2**53 + 1, -(2**63), 2**63 - 1], pa.int64()),
        "flag": pa.array([True, None, False]),
    }
    folder = archive(tmp_path / "odd", {"lsst.sal.Ünï,c ode=": columns})
    assert await load(influxd, folder, "odd") == 3
    influxd.query(f'GRANT READ ON "odd" TO "{influxd.reader.name}"')
    query = SampleQuery(topic="lsst.sal.Ünï,c ode=", fields=tuple(columns), time_range=ALL)
    async with ArchiveSource(folder) as written, source_of(influxd, "odd") as read:
        assert (await read.samples(query)).equals(await written.samples(query))


async def test_that_numbers_influxdb_has_not_are_left_out(influxd, tmp_path):
    columns = {"value": pa.array([math.nan, math.inf, 1.0])}
    assert await load(influxd, archive(tmp_path / "nan", {"topic": columns}), "nan") == 3
    assert (
        influxd.query('SELECT count(value) FROM "nan".."topic"')["results"][0]["series"][0]["values"][0][1]
        == 1
    )


@pytest.mark.parametrize("name", ["ends\\", "comma\\,", "space\\ ", "equals\\="])
async def test_that_a_name_influxdb_would_change_is_refused_before_anything_is_written(
    influxd, tmp_path, name
):
    folder = archive(
        tmp_path / "names", {"good": {"value": pa.array([1.0])}, "topic": {name: pa.array([1.0])}}
    )
    with pytest.raises(UnwritableNameError, match="cannot be the name"):
        await load(influxd, folder, "refused")
    databases = influxd.query("SHOW DATABASES")["results"][0]["series"][0]["values"]
    assert ["refused"] not in databases


async def test_that_only_force_writes_where_data_is_or_to_another_machine(influxd, tmp_path):
    folder = archive(tmp_path / "small", {"topic": {"value": pa.array([1.0])}})
    assert await load(influxd, folder, "twice") == 1
    with pytest.raises(BadInputError, match="not empty"):
        await load(influxd, folder, "twice")
    assert await load(influxd, folder, "twice", force=True) == 1
    with pytest.raises(BadInputError, match="not this machine"):
        await load(influxd, folder, "elsewhere", host="efd.example.org")
