"""What InfluxDB itself makes special; the rest of the protocol is tested for all sources together."""

import asyncio
from contextlib import aclosing

import pytest

from efdviewer.domain.errors import BadInputError, CredentialsError, QueryError, UnknownTopicError
from efdviewer.domain.query import Equals, SampleQuery, Statement, SummaryQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldType
from efdviewer.sources.influx import InfluxSource
from tests.influxd import Account, Influxd, running
from tests.sources.influx import source_of

BIG = 2**53 + 1
WEEKS_LATER_NS = 2_000_000_000_000_000
ALL = TimeRange(start_utc_ns=0, end_utc_ns=2 * WEEKS_LATER_NS)
SHORT = TimeRange(start_utc_ns=0, end_utc_ns=10_000)
LINES = f"""
lsst.sal.X.mixed f=1.5,i={BIG}i,b=true,s="one,
two" 1000
lsst.sal.X.mixed f=-2,b=false 2000
lsst.sal.X.mixed i=5i,s="" 3000
lsst.sal.X.mixed b=true 3500
retyped v=7i,w=true,t=true 1000
retyped v=2.5,w={BIG}i,t="text" {WEEKS_LATER_NS}
name name=4.5,time_=1 1000
"""


@pytest.fixture(scope="module")
def server(influxd: Influxd) -> Influxd:
    influxd.create_database("special")
    influxd.write("special", LINES)
    influxd.query('CREATE RETENTION POLICY "short" ON "special" DURATION INF REPLICATION 1')
    influxd.write("special", "elsewhere v=1.5 1000", policy="short")
    influxd.create_database("long")
    for begin in range(0, 400_000, 100_000):
        influxd.write("long", "\n".join(f"m v={i / 7},i={i % 3}i {i}" for i in range(begin, begin + 100_000)))
    return influxd


@pytest.fixture
async def source(server: Influxd):
    async with source_of(server, "special") as opened:
        yield opened


def query(topic: str, *fields: str, time_range: TimeRange = ALL, **more) -> SampleQuery:
    return SampleQuery(topic=topic, fields=fields, time_range=time_range, **more)


async def test_that_types_and_nulls_arrive_exactly(source: InfluxSource):
    table = await source.samples(query("lsst.sal.X.mixed", "f", "i", "b", "s"))
    assert [str(kind) for kind in table.schema.types] == ["int64", "double", "int64", "bool", "string"]
    assert table.to_pylist() == [
        {"time": 1000, "f": 1.5, "i": BIG, "b": True, "s": "one,\ntwo"},
        {"time": 2000, "f": -2.0, "i": None, "b": False, "s": None},
        {"time": 3000, "f": None, "i": 5, "b": None, "s": ""},
        {"time": 3500, "f": None, "i": None, "b": True, "s": None},
    ]
    numbers = await source.samples(query("lsst.sal.X.mixed", "b", "i"))
    assert numbers.to_pylist() == [
        {"time": row["time"], "b": row["b"], "i": row["i"]} for row in table.to_pylist()
    ]


async def test_that_a_field_named_name_is_not_lost(source: InfluxSource):
    assert (await source.samples(query("name", "name"))).to_pylist() == [{"time": 1000, "name": 4.5}]


async def test_that_a_field_of_two_types_comes_as_numbers(source: InfluxSource):
    types = {schema.name: schema.type for schema in await source.fields("retyped")}
    assert types == {"v": FieldType.FLOAT, "w": FieldType.FLOAT, "t": FieldType.STRING}
    assert (await source.samples(query("retyped", "v"))).column("v").to_pylist() == [7.0, 2.5]
    assert (await source.samples(query("retyped", "w"))).column("w").to_pylist() == [float(BIG)]
    assert (await source.samples(query("retyped", "t"))).column("t").to_pylist() == ["text"]


async def test_that_unknown_fields_are_null_and_unknown_topics_empty(source: InfluxSource):
    table = await source.samples(query("lsst.sal.X.mixed", "nope", "i"))
    assert table.column_names == ["time", "nope", "i"]
    assert table.column("nope").null_count == table.num_rows == 2
    for nothing in (query("lsst.sal.X.mixed", "nope"), query("no.such.topic", "v")):
        assert (await source.samples(nothing)).num_rows == 0
        assert (await source.samples(nothing)).column_names == ["time", *nothing.fields]
        assert await source.count(nothing) == 0
        assert (await source.latest(nothing.topic, nothing.fields, 10_000)).num_rows == 0


async def test_that_a_field_that_appears_later_is_found(server: Influxd, source: InfluxSource):
    server.write("special", "growing a=1 1000")
    assert (await source.samples(query("growing", "a"))).num_rows == 1
    server.write("special", "growing b=2i 2000")
    assert (await source.samples(query("growing", "b"))).to_pylist() == [{"time": 2000, "b": 2}]


async def test_that_a_field_whose_type_changes_is_refused_once_and_then_loads(
    server: Influxd, source: InfluxSource
):
    server.write("special", "changing v=1i 1000")
    assert (await source.samples(query("changing", "v"))).column("v").to_pylist() == [1]
    server.write("special", f"changing v=1.5 {WEEKS_LATER_NS}")
    with pytest.raises(Exception, match="type") as raised:
        await source.samples(query("changing", "v"))
    assert "again" in raised.value.hint
    assert (await source.samples(query("changing", "v"))).column("v").to_pylist() == [1.0, 1.5]


async def test_that_a_topic_of_another_retention_policy_is_named_with_it(
    server: Influxd, source: InfluxSource
):
    with pytest.raises(UnknownTopicError, match="elsewhere") as raised:
        await source.fields("elsewhere")
    assert "short" in raised.value.hint
    with pytest.raises(UnknownTopicError) as raised:
        await source.fields("nowhere")
    assert "short" not in raised.value.hint
    async with source_of(server, "special", retention_policy="short") as there:
        assert (await there.samples(query("elsewhere", "v"))).num_rows == 1
        assert "rp=short" in there.address
    assert await source.retention_policies() == ["autogen", "short"]


async def test_that_summaries_cover_the_range_alone_and_count_nothing_as_zero(source: InfluxSource):
    asked = SummaryQuery(
        topic="lsst.sal.X.mixed",
        fields=("f", "i", "b", "nope"),
        time_range=TimeRange(start_utc_ns=1000, end_utc_ns=3500),
        bucket_ns=2000,
        aggregates=("min", "max", "mean", "count", "first", "last"),
    )
    table = await source.summary(asked)
    first, second = table.to_pylist()
    assert table.column_names[1:7] == [f"f_{name}" for name in asked.aggregates]
    assert (first["time"], second["time"]) == (0, 2000)
    assert [first[f"i_{name}"] for name in ("min", "max", "count", "first", "last")] == [
        BIG,
        BIG,
        1,
        BIG,
        BIG,
    ]
    assert [second[f"f_{name}"] for name in asked.aggregates] == [-2.0, -2.0, -2.0, 1, -2.0, -2.0]
    assert [first[f"b_{name}"] for name in asked.aggregates] == [1, 1, 1.0, 1, 1, 1]
    assert [second[f"b_{name}"] for name in asked.aggregates] == [0, 0, 0.0, 1, 0, 0]
    assert [first[f"nope_{name}"] for name in asked.aggregates] == [None, None, None, 0, None, None]
    assert table.schema.field("b_min").type == table.schema.field("i_max").type == "int64"


async def test_that_the_mean_of_booleans_is_the_share_of_true(source: InfluxSource):
    asked = SummaryQuery(
        topic="lsst.sal.X.mixed",
        fields=("b", "f"),
        time_range=SHORT,
        bucket_ns=4000,
        aggregates=("mean", "min"),
    )
    assert (await source.summary(asked)).to_pylist() == [
        {"time": 0, "b_mean": 2 / 3, "b_min": 0, "f_mean": -0.25, "f_min": -2.0}
    ]


async def test_that_texts_are_not_summarised(source: InfluxSource):
    asked = SummaryQuery(topic="lsst.sal.X.mixed", fields=("s",), time_range=SHORT, bucket_ns=1000)
    with pytest.raises(BadInputError, match="holds texts"):
        await source.summary(asked)


@pytest.mark.parametrize(
    "fields", [("f",), ("f", "i"), ("i", "s", "f"), ("s", "b"), ("f", "i", "b", "s", "nope")]
)
@pytest.mark.parametrize("limit", [None, 0, 2])
async def test_that_the_count_is_that_of_the_samples(source: InfluxSource, fields, limit):
    for where in ((), (Equals(field="b", value=True),)):
        asked = query("lsst.sal.X.mixed", *fields, where=where, limit=limit)
        assert await source.count(asked) == (await source.samples(asked)).num_rows


async def test_that_many_fields_are_counted_by_their_rows(server: Influxd, source: InfluxSource):
    server.write("special", "wide a=1,b=1 1000\nwide c=1,d=1,e=1 2000\nwide f=1 3000")
    assert await source.count(query("wide", *"abcde")) == 2


async def test_that_a_limit_takes_from_the_start_or_from_the_end(source: InfluxSource):
    times = [
        row["time"] for row in (await source.samples(query("lsst.sal.X.mixed", "b", limit=2))).to_pylist()
    ]
    assert times == [1000, 2000]
    last = await source.samples(query("lsst.sal.X.mixed", "b", limit=2, descending=True))
    assert last.column("time").to_pylist() == [2000, 3500]
    everything = await source.samples(query("lsst.sal.X.mixed", "b", descending=True))
    assert everything.column("time").to_pylist() == [1000, 2000, 3500]


async def test_that_the_latest_row_lies_before_the_time(source: InfluxSource):
    found = await source.latest("lsst.sal.X.mixed", ("f", "i"), 3000)
    assert found.to_pylist() == [{"time": 2000, "f": -2.0, "i": None}]
    assert (await source.latest("lsst.sal.X.mixed", ("f", "i"), 3001)).column("time").to_pylist() == [3000]
    assert (await source.latest("lsst.sal.X.mixed", ("f",), 1000)).num_rows == 0


async def test_that_descending_rows_of_several_chunks_come_ascending(server: Influxd):
    async with source_of(server, "long") as source:
        table = await source.samples(query("m", "v", limit=25_000, descending=True))
        assert table.column("time").to_pylist() == list(range(375_000, 400_000))


async def test_that_closing_a_stream_ends_the_query_on_the_server(server: Influxd):
    async with source_of(server, "long") as source:
        stream = source.stream(query("m", "v"))
        await anext(stream)
        assert len(server.running_queries()) == 1
        await stream.aclose()
        await until_idle(server)


async def test_that_cancelling_ends_the_query_on_the_server(server: Influxd):
    arrived = asyncio.Event()
    outcomes = []

    async def read() -> None:
        async with aclosing(source.stream(query("m", "v"))) as batches:
            async for _ in batches:
                arrived.set()
                await asyncio.Event().wait()

    async with source_of(server, "long") as source:
        source.statement_observers.append(lambda statement: outcomes.append(statement.outcome))
        task = asyncio.create_task(read())
        await arrived.wait()
        assert len(server.running_queries()) == 1
        task.cancel()
        await asyncio.wait({task})
        await until_idle(server)
    assert outcomes[-1] == "cancelled"


async def until_idle(server: Influxd) -> None:
    async with asyncio.timeout(5):
        while await asyncio.to_thread(server.running_queries):
            pass


async def test_that_a_reader_who_waits_stops_the_server(server: Influxd):
    # More than the buffers of both ends of the socket hold, which grow to some 40 MB.
    server.create_database("wide")
    for begin in range(0, 60_000, 10_000):
        server.write("wide", "\n".join(f'm s="{i:1000}" {i}' for i in range(begin, begin + 10_000)))
    async with source_of(server, "wide") as source, aclosing(source.stream(query("m", "s"))) as batches:
        rows = (await anext(batches)).num_rows
        # Time enough to send everything, if nothing held the server back.
        whole = await source.samples(query("m", "s"))
        assert whole.num_rows == 60_000
        assert len(server.running_queries()) == 1
        async for batch in batches:
            rows += batch.num_rows
    assert rows == 60_000


async def test_that_at_most_four_statements_run_at_once(server: Influxd):
    running_now: set[int] = set()
    most = 0

    def observe(statement: Statement) -> None:
        nonlocal most
        if statement.outcome == "running":
            running_now.add(statement.number)
        else:
            running_now.discard(statement.number)
        most = max(most, len(running_now))

    async with source_of(server, "long") as source:
        source.statement_observers.append(observe)
        assert await asyncio.gather(*(source.count(query("m", "v")) for _ in range(12))) == [400_000] * 12
    assert most == 4
    assert not running_now


async def test_that_observers_hear_of_a_statement_from_start_to_end(server: Influxd):
    heard: list[Statement] = []
    async with source_of(server, "long") as source:
        await source.fields("m")
        source.statement_observers.append(heard.append)
        async with aclosing(source.stream(query("m", "v"))) as batches:
            async for _ in batches:
                if len(heard) == 1:
                    await asyncio.sleep(0.25)  # longer than the pause between two reports
    assert heard[0].outcome == "running"
    assert heard[0].rows == 0
    assert heard[-1].outcome == "done"
    assert heard[-1].rows == 400_000
    shares = [statement.share for statement in heard]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert any(0 < share < 1 for share in shares)
    assert shares[-1] == 1
    assert heard[-1].received_bytes > 4_000_000
    assert heard[-1].text.startswith("/* efdviewer */ SELECT")
    assert [part.received_bytes for part in heard] == sorted(part.received_bytes for part in heard)
    assert len({part.number for part in heard}) == 1


async def test_that_wrong_accounts_are_told_apart(server: Influxd):
    server.query('CREATE DATABASE "closed"')
    async with source_of(server, "special", account=Account("reader", "wrong")) as source:
        with pytest.raises(CredentialsError, match="refuses") as raised:
            await source.topics()
        assert "wrong" not in f"{raised.value} {raised.value.hint} {source!r} {source.address}"
    async with source_of(server, "closed") as source:
        with pytest.raises(CredentialsError, match="does not allow"):
            await source.topics()


async def test_that_a_database_that_does_not_exist_is_said(server: Influxd):
    async with source_of(server, "absent", account=server.admin) as source:
        for asked in (source.topics(), source.fields("m"), source.samples(query("m", "v"))):
            with pytest.raises(QueryError, match="database not found: absent"):
                await asked
    async with source_of(server, "special", account=server.admin, retention_policy="absent") as source:
        with pytest.raises((QueryError, UnknownTopicError), match="absent"):
            await source.fields("m")


async def test_that_limits_of_the_server_are_explained_or_kept_clear_of(tmp_path, server: Influxd):
    with running(tmp_path, coordinator="max-select-buckets = 100", http="max-row-limit = 1000") as limited:
        limited.create_database("d")
        limited.write("d", "\n".join(f"m{i % 3000} v={i} {i}" for i in range(3000)))
        limited.write("d", "\n".join(f"m v={i} {i}" for i in range(5000)))
        async with source_of(limited, "d") as source:
            asked = SummaryQuery(
                topic="m", fields=("v",), time_range=TimeRange(start_utc_ns=0, end_utc_ns=5000), bucket_ns=10
            )
            with pytest.raises(QueryError, match="max-select-buckets") as raised:
                await source.summary(asked)
            assert "wider" in raised.value.hint
            assert (await source.samples(query("m", "v"))).num_rows == 5000
            assert len(await source.topics()) == 3001


async def test_that_tags_tell_devices_apart(influxd: Influxd):
    values = ["R22", "0", 'it\'s "quoted" \\ back', "Ünïcode ✓, = and spaces"]
    influxd.create_database("camera")
    for place, value in enumerate(values):
        escaped = value.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")
        influxd.write("camera", f"focal,Raft={escaped},Reb=Reb{place % 2} temp={place} {1000 + place}")
    async with source_of(influxd, "camera") as source:
        assert await source.tags("focal") == ["Raft", "Reb"]
        assert await source.distinct("focal", "Raft", SHORT) == sorted(values)
        assert await source.distinct("focal", "Reb", SHORT) == ["Reb0", "Reb1"]
        assert [field.name for field in await source.fields("focal")] == ["temp"]
        for place, value in enumerate(values):
            where = (Equals(field="Raft", value=value),)
            table = await source.samples(query("focal", "temp", where=where))
            assert table.to_pylist() == [{"time": 1000 + place, "temp": place}]
            found = await source.latest("focal", ("temp",), 5000, where=where)
            assert found.column("temp").to_pylist() == [place]


@pytest.mark.parametrize("names", [(("a b", "c"), ("a", "b c")), (("a", None), ("a", "None"))])
def test_that_no_other_database_or_policy_has_the_same_origin(names):
    one, other = (
        InfluxSource(host="efd", port=8086, database=database, retention_policy=policy).origin
        for database, policy in names
    )
    assert one != other
