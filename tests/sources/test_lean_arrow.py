import subprocess
import sys

from tests.sources.test_source_contract import write_archive

READ = """
import asyncio, sys
from efdviewer.domain.query import SampleQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.sources import open_source

async def main(folder):
    async with open_source(folder) as source:
        topic = str((await source.topics())[0])
        fields = tuple(schema.name for schema in await source.fields(topic))
        whole = TimeRange(start_utc_ns=0, end_utc_ns=2**62)
        return await source.samples(SampleQuery(topic=topic, fields=fields, time_range=whole))

table = asyncio.run(main(sys.argv[1]))
assert table.num_rows
print(sorted({"aioinflux", "aiohttp", "pandas"} & sys.modules.keys()))
assert len(table.to_pandas()) == table.num_rows
"""


def test_that_an_archive_is_read_without_pandas_which_is_there_when_asked_for(tmp_path):
    write_archive(tmp_path / "archive")
    told = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path / "archive")], check=True, capture_output=True, text=True
    )
    assert told.stdout == "[]\n"
