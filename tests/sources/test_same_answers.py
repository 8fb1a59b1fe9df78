"""Whatever is asked, an archive and a database that hold the same data give the same answer."""

import asyncio
import random
from contextlib import aclosing

import pyarrow as pa
import pytest

from efdviewer.domain.query import Equals, SampleQuery, SummaryQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.sources.archive import ArchiveSource
from efdviewer.sources.archive_writer import ArchiveWriter
from efdviewer.sources.load import load_archive
from tests.sources.influx import source_of

START_NS, ROWS, SEED = 1_706_742_900_123_456_789, 700, 17
FIELDS = ("value", "whole", "flag", "text", "absent")
DATABASE = "same"


@pytest.fixture(scope="module")
def archive(tmp_path_factory, influxd):
    """An archive of random gaps, nulls and values, over midnight, and a database loaded from it."""
    choice = random.Random(SEED)
    folder = tmp_path_factory.mktemp("same") / "archive"
    times = sorted(choice.sample(range(START_NS, START_NS + 86_400 * 10**9, 1_000_003), ROWS))

    def column(kind: pa.DataType, value) -> pa.Array:
        return pa.array([None if choice.random() < 0.3 else value() for _ in times], kind)

    columns = {
        "time": pa.array(times, pa.int64()),
        "value": column(pa.float64(), lambda: choice.choice([choice.uniform(-1e9, 1e9), 0.0, -0.5, 1e-300])),
        "whole": column(pa.int64(), lambda: choice.randrange(-(2**63), 2**63)),
        "flag": column(pa.bool_(), lambda: choice.random() < 0.5),
        "text": column(pa.string(), lambda: choice.choice(["", "ü", 'a "b"', "x,y z"])),
    }
    with ArchiveWriter(folder, "a test") as writer:
        writer.append("lsst.sal.CSC.topic", pa.RecordBatch.from_pydict(columns))
    account = {"username": influxd.admin.name, "password": influxd.admin.password}
    asyncio.run(load_archive(folder, host="127.0.0.1", port=influxd.port, database=DATABASE, **account))
    influxd.query(f'GRANT READ ON "{DATABASE}" TO "{influxd.reader.name}"')
    return folder


def some_range(choice: random.Random) -> TimeRange:
    ends = sorted(START_NS + choice.randrange(-(10**9), 86_401 * 10**9) for _ in range(2))
    return TimeRange(start_utc_ns=ends[0], end_utc_ns=ends[1] + 1)


def some_query(choice: random.Random) -> SampleQuery:
    conditions = [
        Equals(field="flag", value=True),
        Equals(field="text", value="ü"),
        Equals(field="value", value=0.0),
    ]
    return SampleQuery(
        topic="lsst.sal.CSC.topic",
        fields=tuple(choice.sample(FIELDS, choice.randrange(1, 6))),
        time_range=some_range(choice),
        where=tuple(choice.sample(conditions, choice.choice([0, 0, 1, 2]))),
        limit=choice.choice([None, 1, 7, ROWS * 2]),
        descending=choice.random() < 0.4,
    )


async def streamed(source, query: SampleQuery) -> list[dict]:
    async with aclosing(source.stream(query)) as batches:
        return [row async for batch in batches for row in batch.to_pylist()]


async def test_that_samples_streams_and_counts_agree(archive, influxd):
    choice = random.Random(SEED)
    rows = 0
    async with ArchiveSource(archive) as written, source_of(influxd, DATABASE) as read:
        for _ in range(150):
            query = some_query(choice)
            expected = await written.samples(query)
            assert (await read.samples(query)).equals(expected), query
            assert await read.count(query) == await written.count(query) == expected.num_rows, query
            assert await streamed(read, query) == await streamed(written, query), query
            assert expected.column("time").to_pylist() == sorted(expected.column("time").to_pylist())
            rows += expected.num_rows
    assert rows > 5_000


async def test_that_summaries_agree(archive, influxd):
    choice = random.Random(SEED)
    rows = 0
    async with ArchiveSource(archive) as written, source_of(influxd, DATABASE) as read:
        for _ in range(60):
            query = SummaryQuery(
                topic="lsst.sal.CSC.topic",
                fields=tuple(choice.sample(("value", "flag", "absent"), choice.randrange(1, 4))),
                time_range=some_range(choice),
                bucket_ns=choice.choice([1_953_125, 10**9, 977 * 10**9, 3600 * 10**9, 86_400 * 10**9]),
                aggregates=tuple(choice.sample(("min", "max", "count"), choice.randrange(1, 4))),
            )
            expected = await written.summary(query)
            assert (await read.summary(query)).equals(expected), query
            rows += expected.num_rows
    assert rows > 1_000


async def test_that_the_latest_rows_agree(archive, influxd):
    choice = random.Random(SEED)
    async with ArchiveSource(archive) as written, source_of(influxd, DATABASE) as read:
        for _ in range(60):
            before = START_NS + choice.randrange(-(10**9), 86_401 * 10**9)
            fields = tuple(choice.sample(FIELDS, choice.randrange(1, 6)))
            expected = await written.latest("lsst.sal.CSC.topic", fields, before)
            assert (await read.latest("lsst.sal.CSC.topic", fields, before)).equals(expected), (
                fields,
                before,
            )
