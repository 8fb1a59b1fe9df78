"""Real queries of a real EFD, put through our own source, give the rows that it gave."""

import gzip
import json
import re

from efdviewer.domain.query import SampleQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, parse_iso_ns
from efdviewer.sources.influx import InfluxSource

QUERY = re.compile(
    r'SELECT (?P<fields>.*) FROM .*"(?P<topic>lsst\.[^"]*)" WHERE time >= \'(?P<start>[^\']*)Z\' '
    r"AND time <= '(?P<end>[^']*)Z'"
)


async def test_that_recorded_queries_give_the_recorded_rows(influxd, recordings, capsys):
    influxd.create_database("replay")
    loaded = set()
    for path in sorted((recordings / "efd").glob("*.lp.gz")):
        influxd.write("replay", gzip.decompress(path.read_bytes()))
        loaded.add(path.name.removesuffix(".lp.gz"))
    compared = rows = 0
    async with InfluxSource(
        host="127.0.0.1",
        port=influxd.port,
        database="replay",
        username=influxd.reader.name,
        password=influxd.reader.password,
    ) as source:
        with gzip.open(recordings / "efd" / "replay.jsonl.gz", "rt") as lines:
            for record in map(json.loads, lines):
                match = QUERY.match(record["q"])
                assert match, record["q"]
                if match["topic"] not in loaded:
                    continue
                rows += await compare(source, match, record["results"][0].get("series", []))
                compared += 1
    with capsys.disabled():
        print(f"\nreplayed {compared} recorded queries, {rows} rows equal")
    assert compared > 20
    assert rows > 10_000


async def compare(source: InfluxSource, match: re.Match, recorded: list) -> int:
    fields = [field.strip() for field in match["fields"].split(",")]
    if fields == ["*"]:
        fields = [schema.name for schema in await source.fields(match["topic"])]
    start = parse_iso_ns(match["start"], Timescale.UTC)
    end = parse_iso_ns(match["end"], Timescale.UTC) + 1
    query = SampleQuery(
        topic=match["topic"],
        fields=tuple(fields),
        time_range=TimeRange(start_utc_ns=start, end_utc_ns=end),
    )
    table = await source.samples(query)
    if not recorded:
        assert table.num_rows == 0
        return 0
    columns = recorded[0]["columns"]
    expected = [dict(zip(columns, row, strict=True)) for row in recorded[0]["values"]]
    assert table.num_rows == len(expected)
    for ours, theirs in zip(table.to_pylist(), expected, strict=True):
        assert ours.pop("time") == time_of(theirs.pop("time"))
        assert without_nulls(ours) == without_nulls(theirs)
    return len(expected)


def time_of(recorded: str | int) -> int:
    if isinstance(recorded, int):
        return recorded
    return parse_iso_ns(recorded.removesuffix("Z"), Timescale.UTC)


def without_nulls(row: dict) -> dict:
    return {name: value for name, value in row.items() if value is not None}
