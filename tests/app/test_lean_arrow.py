import subprocess
import sys

from tests.sources.test_source_contract import write_archive

READ = """
import asyncio, sys
from efdviewer.app.lean_arrow import make_arrow_lean
from efdviewer.domain.query import SampleQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.sources import open_source

async def main(folder):
    async with open_source(folder) as source:
        topic = str((await source.topics())[0])
        fields = tuple(schema.name for schema in await source.fields(topic))
        whole = TimeRange(start_utc_ns=0, end_utc_ns=2**62)
        return await source.samples(SampleQuery(topic=topic, fields=fields, time_range=whole))

make_arrow_lean()
table = asyncio.run(main(sys.argv[1]))
assert table.num_rows
print(sorted({"aioinflux", "aiohttp", "pandas"} & sys.modules.keys()))
assert len(table.to_pandas()) == table.num_rows

import pandas, pyarrow
assert pyarrow.array(pandas.Series([1.0, float("nan")])).null_count == 1
"""


def test_that_an_archive_is_read_without_pandas_which_is_there_when_asked_for(tmp_path):
    write_archive(tmp_path / "archive")
    told = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path / "archive")], check=True, capture_output=True, text=True
    )
    assert told.stdout == "[]\n"


SCRIPT = READ.replace("make_arrow_lean()\n", "import pandas, pyarrow\n").split("print(")[0]


def test_that_a_script_that_opens_an_archive_keeps_arrow_as_it_is(tmp_path):
    write_archive(tmp_path / "archive")
    check = 'assert pyarrow.array(pandas.Series([1.0, float("nan")])).null_count == 1'
    before = "import pyarrow\npool = pyarrow.default_memory_pool().backend_name\n"
    after = "assert pyarrow.default_memory_pool().backend_name == pool\n"
    subprocess.run(
        [sys.executable, "-c", before + SCRIPT + after + check, str(tmp_path / "archive")], check=True
    )
