"""What every source promises, asked of a real InfluxDB and of a real archive that hold the same rows."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pyarrow as pa
import pytest

from efdviewer.domain.errors import BadInputError, UnknownTopicError
from efdviewer.domain.query import DataSource, Equals, SampleQuery, Statement, SummaryQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.sources.archive import ArchiveSource
from efdviewer.sources.archive_writer import ArchiveWriter
from efdviewer.sources.load import load_archive
from tests.influxd import Influxd
from tests.sources.influx import source_of

DATABASE = "contract"
NOON_NS = 1_706_702_400 * 10**9  # 2024-01-31T12:00:00Z: a new observing day begins
STEP_NS = 250_000_001
ROWS = 400
START_NS = NOON_NS - ROWS // 2 * STEP_NS
TIMES = [START_NS + row * STEP_NS for row in range(ROWS)]
BIG = 2**53 + 1
MIXED = "lsst.sal.Test.mixed"
HOSTILE = 'weird/.. "name", with = a\\b and Ünïcode ✓'
HOSTILE_FIELD = 'a "b", c = d\\e'
TEXTS = ["plain", "two\nlines", 'it\'s "quoted" \\ back\\\\slashed', "Ünïcode ✓ 漢字", ""]

FLOATS = [None if row % 7 == 3 else (row % 31) - 15.25 for row in range(ROWS)]
INTEGERS = [None if row % 5 == 4 else BIG + row for row in range(ROWS)]
FLAGS = [None if row % 11 == 0 else row % 3 == 0 for row in range(ROWS)]
NAMES = [None if row % 2 else TEXTS[row // 2 % len(TEXTS)] for row in range(ROWS)]
INDEXES = [row % 3 for row in range(ROWS)]
COLUMNS = {"value": FLOATS, "big": INTEGERS, "flag": FLAGS, "name": NAMES, "salIndex": INDEXES}


def write_archive(folder: Path) -> None:
    with ArchiveWriter(folder, "contract") as writer:
        types = [pa.float64(), pa.int64(), pa.bool_(), pa.string(), pa.int64()]
        arrays = [pa.array(column, kind) for column, kind in zip(COLUMNS.values(), types, strict=True)]
        batch = pa.RecordBatch.from_arrays([pa.array(TIMES), *arrays], names=["time", *COLUMNS])
        for start in range(0, ROWS, 37):
            writer.append(MIXED, batch.slice(start, 37), {"value": "A"})
        writer.append(HOSTILE, pa.RecordBatch.from_pydict({"time": [START_NS], HOSTILE_FIELD: [1.5]}))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contract") / "archive"
    write_archive(folder)
    return folder


@pytest.fixture(params=["influx", "archive"])
async def source(
    request: pytest.FixtureRequest, archive: Path, influxd: Influxd
) -> AsyncIterator[DataSource]:
    if request.param == "archive":
        async with ArchiveSource(archive) as opened:
            yield opened
        return
    if DATABASE not in str(influxd.query("SHOW DATABASES")):
        influxd.create_database(DATABASE)
        await load_archive(
            archive,
            host="127.0.0.1",
            port=influxd.port,
            database=DATABASE,
            username=influxd.admin.name,
            password=influxd.admin.password,
        )
    async with source_of(influxd, DATABASE) as opened:
        yield opened


def span(first: int = 0, end: int = ROWS) -> TimeRange:
    return TimeRange(start_utc_ns=START_NS + first * STEP_NS, end_utc_ns=START_NS + end * STEP_NS)


def ask(*fields: str, time_range: TimeRange | None = None, **rest) -> SampleQuery:
    return SampleQuery(topic=MIXED, fields=fields, time_range=time_range or span(), **rest)


def expected(*fields: str, keep=lambda row: True) -> list[dict]:
    return [
        {"time": TIMES[row]} | {field: COLUMNS[field][row] for field in fields}
        for row in range(ROWS)
        if keep(row) and any(COLUMNS[field][row] is not None for field in fields)
    ]


async def test_that_topics_carry_their_exact_names(source):
    assert [str(topic) for topic in await source.topics()] == sorted([MIXED, HOSTILE])


async def test_that_fields_carry_their_types(source):
    found = {field.name: field.type.value for field in await source.fields(MIXED)}
    assert found == {
        "value": "float",
        "big": "integer",
        "flag": "boolean",
        "name": "string",
        "salIndex": "integer",
    }


async def test_that_the_fields_of_an_unknown_topic_are_an_error(source):
    with pytest.raises(UnknownTopicError, match="nowhere"):
        await source.fields("nowhere")


async def test_that_all_types_come_back_exactly_with_nulls(source):
    table = await source.samples(ask("value", "big", "flag", "name"))
    assert table.to_pylist() == expected("value", "big", "flag", "name")
    kinds = [pa.int64(), pa.float64(), pa.int64(), pa.bool_(), pa.string()]
    assert table.schema.types == kinds


@pytest.mark.parametrize("field", list(COLUMNS))
async def test_that_rows_without_a_value_are_left_out(source, field):
    assert (await source.samples(ask(field))).to_pylist() == expected(field)


async def test_that_columns_come_in_the_order_asked_for(source):
    assert (await source.samples(ask("name", "value"))).column_names == ["time", "name", "value"]


async def test_that_ranges_are_half_open_to_the_nanosecond(source):
    for start, end, rows in [(0, 1, 1), (-1, 0, 0), (-1, 1, 1), (1, 2, 0)]:
        time_range = TimeRange(start_utc_ns=TIMES[10] + start, end_utc_ns=TIMES[10] + end)
        table = await source.samples(ask("salIndex", time_range=time_range))
        assert table.num_rows == rows, (start, end)
    between = TimeRange(start_utc_ns=TIMES[10] + 1, end_utc_ns=TIMES[11])
    assert (await source.samples(ask("salIndex", time_range=between))).num_rows == 0


async def test_that_hostile_names_work(source):
    query = SampleQuery(topic=HOSTILE, fields=(HOSTILE_FIELD,), time_range=span())
    assert (await source.samples(query)).to_pylist() == [{"time": START_NS, HOSTILE_FIELD: 1.5}]
    assert [field.name for field in await source.fields(HOSTILE)] == [HOSTILE_FIELD]


async def test_that_an_empty_range_gives_an_empty_table(source):
    table = await source.samples(ask("value", "name", time_range=span(ROWS + 10, ROWS + 20)))
    assert (table.num_rows, table.column_names) == (0, ["time", "value", "name"])


async def test_that_an_unknown_topic_gives_empty_answers(source):
    query = SampleQuery(topic="nowhere", fields=("value",), time_range=span())
    assert (await source.samples(query)).num_rows == 0
    assert await source.count(query) == 0
    assert (await source.latest("nowhere", ("value",), START_NS)).num_rows == 0
    summary = SummaryQuery(topic="nowhere", fields=("value",), time_range=span(), bucket_ns=10**9)
    assert (await source.summary(summary)).num_rows == 0


async def test_that_an_unknown_field_is_null_beside_a_known_one(source):
    table = await source.samples(ask("salIndex", "absent"))
    assert table["salIndex"].to_pylist() == INDEXES
    assert table["absent"].null_count == ROWS


@pytest.mark.parametrize("limit", [1, 3, ROWS, ROWS + 5])
async def test_that_a_limit_counts_from_the_start_or_the_end(source, limit):
    rows = expected("big")
    assert (await source.samples(ask("big", limit=limit))).to_pylist() == rows[:limit]
    last = await source.samples(ask("big", limit=limit, descending=True))
    assert last.to_pylist() == rows[-limit:]


async def test_that_a_limited_descending_stream_gives_the_last_rows(source):
    async with aclosing(source.stream(ask("big", limit=7, descending=True))) as batches:
        found = [time for batch in [batch async for batch in batches] for time in batch["time"].to_pylist()]
    assert set(found) == {row["time"] for row in expected("big")[-7:]}


@pytest.mark.parametrize(
    ("field", "value"), [("salIndex", 0), ("salIndex", 2), ("flag", False), ("name", TEXTS[2]), ("name", "")]
)
async def test_that_conditions_choose_rows(source, field, value):
    def chosen(row: int) -> bool:
        return COLUMNS[field][row] is not None and COLUMNS[field][row] == value

    query = ask("value", where=(Equals(field=field, value=value),))
    assert (await source.samples(query)).to_pylist() == expected("value", keep=chosen)
    assert await source.count(query) == len(expected("value", keep=chosen))


async def test_that_a_condition_on_an_unknown_field_chooses_nothing(source):
    query = ask("value", where=(Equals(field="absent", value=1),))
    assert (await source.samples(query)).num_rows == 0


@pytest.mark.parametrize(
    ("field", "value", "rows"),
    [
        *[("big", value, 0) for value in ("x", True, 0.5, float(2**60))],
        *[("value", value, 0) for value in ("x", True, 2**60, 2)],
        *[(field, value, 0) for field in ("flag", "name") for value in (1, 0.5)],
        ("flag", "true", 0),
        ("name", True, 0),
        ("big", BIG, 1),
        ("salIndex", 2.0, ROWS // 3),
        ("salIndex", 1.5, 0),
    ],
)
async def test_that_conditions_of_another_type_choose_by_number_or_nothing(source, field, value, rows):
    query = ask("salIndex", where=(Equals(field=field, value=value),))
    assert (await source.samples(query)).num_rows == await source.count(query) == rows


async def test_that_a_condition_compares_big_integers_with_floats(source):
    query = ask("salIndex", where=(Equals(field="big", value=float(BIG + 101)),))
    chosen = [BIG + row for row in range(ROWS) if INTEGERS[row] and float(INTEGERS[row]) == float(BIG + 101)]
    assert len(chosen) > 0
    assert (await source.samples(query)).num_rows == len(chosen)


async def test_that_a_field_named_twice_comes_twice(source):
    table = await source.samples(ask("flag", "flag"))
    assert table.column_names == ["time", "flag", "flag"]
    assert table.column(1).equals(table.column(2))
    assert await source.count(ask("flag", "flag")) == table.num_rows == len(expected("flag"))
    once, twice = [
        await source.summary(
            SummaryQuery(topic=MIXED, fields=fields, time_range=span(), bucket_ns=STEP_NS * 10)
        )
        for fields in (("flag",), ("flag", "flag"))
    ]
    assert twice.equals(once)


def test_that_a_negative_limit_is_refused():
    with pytest.raises(BadInputError):
        ask("flag", limit=-1)


@pytest.mark.parametrize("fields", [("value",), ("name",), ("value", "big", "flag", "name")])
async def test_that_count_is_the_number_of_samples(source, fields):
    assert await source.count(ask(*fields)) == len(expected(*fields))
    assert await source.count(ask(*fields, limit=5)) == 5


async def test_that_the_latest_row_lies_strictly_before(source):
    rows = expected("name")
    assert (await source.latest(MIXED, ("name",), rows[6]["time"])).to_pylist() == [rows[5]]
    assert (await source.latest(MIXED, ("name",), rows[6]["time"] + 1)).to_pylist() == [rows[6]]
    assert (await source.latest(MIXED, ("name",), START_NS)).num_rows == 0


async def test_that_the_latest_row_obeys_conditions(source):
    where = (Equals(field="salIndex", value=0),)
    found = await source.latest(MIXED, ("big",), TIMES[300], where=where)
    row = max(row for row in range(300) if INDEXES[row] == 0 and INTEGERS[row] is not None)
    assert found.to_pylist() == [{"time": TIMES[row], "big": INTEGERS[row]}]


@pytest.mark.parametrize("field", ["value", "flag", "name", "salIndex"])
@pytest.mark.parametrize("part", [(0, ROWS), (0, 9), (7, 8), (ROWS, ROWS + 1)])
async def test_that_distinct_values_are_those_that_occur_in_the_range(source, field, part):
    first, end = part
    found = await source.distinct(MIXED, field, span(first, end))
    assert found == sorted({value for value in COLUMNS[field][first:end] if value is not None})
    assert {type(value) for value in found} <= {type(value) for value in COLUMNS[field]}


async def test_that_distinct_values_obey_conditions(source):
    where = (Equals(field="salIndex", value=0),)
    found = await source.distinct(MIXED, "value", span(0, 9), where=where)
    assert found == sorted(FLOATS[row] for row in (0, 6))


async def test_that_distinct_integers_are_exact(source):
    assert await source.distinct(MIXED, "big", span(0, 4)) == [BIG, BIG + 1, BIG + 2, BIG + 3]


async def test_that_distinct_values_of_what_does_not_exist_are_none(source):
    assert await source.distinct(MIXED, "absent", span()) == []
    assert await source.distinct("nowhere", "absent", span()) == []
    assert await source.distinct(HOSTILE, HOSTILE_FIELD, span()) == [1.5]


async def test_that_a_field_of_too_many_values_is_refused(source, monkeypatch):
    for module in ("archive", "influx_catalog"):
        monkeypatch.setattr(f"efdviewer.sources.{module}.MOST_DISTINCT", 2)
    with pytest.raises(BadInputError, match="salIndex"):
        await source.distinct(MIXED, "salIndex", span())
    assert await source.distinct(MIXED, "flag", span()) == [False, True]


async def test_that_fields_are_no_tags(source):
    assert await source.tags(MIXED) == []
    assert await source.tags("nowhere") == []


def brute_force(field: str, time_range: TimeRange, bucket_ns: int) -> dict[int, list]:
    buckets: dict[int, list] = {}
    for time, value in zip(TIMES, COLUMNS[field], strict=True):
        if time_range.start_utc_ns <= time < time_range.end_utc_ns and value is not None:
            buckets.setdefault(time - time % bucket_ns, []).append(value)
    return buckets


@pytest.mark.parametrize("field", ["value", "big", "flag"])
@pytest.mark.parametrize("bucket_ns", [700_000_000, 10**10, 86_400 * 10**9])
async def test_that_summaries_equal_brute_force(source, field, bucket_ns):
    time_range = span(17, 391)
    aggregates = ("min", "max", "mean", "count", "first", "last")
    query = SummaryQuery(
        topic=MIXED, fields=(field,), time_range=time_range, bucket_ns=bucket_ns, aggregates=aggregates
    )
    table = await source.summary(query)
    buckets = brute_force(field, time_range, bucket_ns)
    assert table.column_names == ["time", *(f"{field}_{aggregate}" for aggregate in aggregates)]
    assert table["time"].to_pylist() == list(buckets)
    assert table[f"{field}_count"].to_pylist() == [len(values) for values in buckets.values()]
    for aggregate, exact in {"min": min, "max": max}.items():
        assert table[f"{field}_{aggregate}"].to_pylist() == [exact(values) for values in buckets.values()]
    assert table[f"{field}_first"].to_pylist() == [values[0] for values in buckets.values()]
    assert table[f"{field}_last"].to_pylist() == [values[-1] for values in buckets.values()]
    means = [sum(values) / len(values) for values in buckets.values()]
    assert table[f"{field}_mean"].to_pylist() == pytest.approx(means, rel=1e-12, abs=1e-12)


async def test_that_a_bucket_of_one_field_alone_is_null_and_counts_0_for_the_other(source):
    time_range = TimeRange(start_utc_ns=TIMES[3], end_utc_ns=TIMES[4])
    query = SummaryQuery(topic=MIXED, fields=("value", "big"), time_range=time_range, bucket_ns=10**9)
    (row,) = (await source.summary(query)).to_pylist()
    assert row["time"] <= TIMES[3]
    assert (row["value_min"], row["value_max"], row["value_count"]) == (None, None, 0)
    assert (row["big_min"], row["big_max"], row["big_count"]) == (BIG + 3, BIG + 3, 1)


async def test_that_a_summary_obeys_conditions(source):
    query = SummaryQuery(
        topic=MIXED,
        fields=("value",),
        time_range=span(),
        bucket_ns=86_400 * 10**9,
        where=(Equals(field="salIndex", value=0),),
    )
    found = sum((await source.summary(query))["value_count"].to_pylist())
    assert found == len(expected("value", keep=lambda row: INDEXES[row] == 0))


@pytest.mark.parametrize("aggregate", ["min", "max", "mean"])
async def test_that_text_has_no_minimum_maximum_or_mean(source, aggregate):
    query = SummaryQuery(
        topic=MIXED,
        fields=("value", "name"),
        time_range=span(),
        bucket_ns=10**9,
        aggregates=("count", aggregate),
    )
    with pytest.raises(BadInputError, match="name"):
        await source.summary(query)


@pytest.mark.parametrize("bucket_ns", [700_000_000, 10**10, 86_400 * 10**9])
async def test_that_texts_are_counted_and_have_a_first_and_a_last(source, bucket_ns):
    time_range = span(16, 391)
    query = SummaryQuery(
        topic=MIXED,
        fields=("name",),
        time_range=time_range,
        bucket_ns=bucket_ns,
        aggregates=("count", "first", "last"),
    )
    found = [
        {"time": start, "name_count": len(texts), "name_first": texts[0], "name_last": texts[-1]}
        for start, texts in brute_force("name", time_range, bucket_ns).items()
    ]
    table = await source.summary(query)
    assert table.to_pylist() == found
    assert table.schema.types == [pa.int64(), pa.int64(), pa.string(), pa.string()]
    async with aclosing(source.stream_summary(query)) as batches:
        assert [row async for batch in batches for row in batch.to_pylist()] == found


async def test_that_a_bucket_without_a_text_counts_0_beside_a_number(source):
    for first, text in [(1, None), (2, NAMES[2])]:
        time_range = TimeRange(start_utc_ns=TIMES[first], end_utc_ns=TIMES[first + 1])
        query = SummaryQuery(
            topic=MIXED,
            fields=("name", "salIndex"),
            time_range=time_range,
            bucket_ns=10**9,
            aggregates=("count", "last"),
        )
        (row,) = (await source.summary(query)).to_pylist()
        assert (row["name_count"], row["name_last"]) == (0 if text is None else 1, text)
        assert (row["salIndex_count"], row["salIndex_last"]) == (1, INDEXES[first])


async def test_that_a_stream_may_be_closed_early_and_the_source_used_again(source):
    stream = source.stream(ask("salIndex"))
    assert (await anext(stream)).num_rows
    await stream.aclose()
    assert await source.count(ask("salIndex")) == ROWS


async def test_that_observers_see_statements_begin_and_end(source):
    seen: list[Statement] = []
    source.statement_observers.append(seen.append)
    await source.samples(ask("salIndex"))
    last = {statement.number: statement for statement in seen}
    assert seen[0].outcome == "running"
    assert {statement.outcome for statement in last.values()} == {"done"}
    reading = [statement for statement in last.values() if "salIndex" in statement.text]
    assert [statement.rows for statement in reading] == [ROWS]


async def test_that_the_messages_of_many_topics_are_counted(source):
    everything = await source.counts([MIXED, HOSTILE, "lsst.sal.Test.nothing"], span())
    assert everything == {HOSTILE: 1}, "a topic of SAL is counted by its send stamps"
    later = TimeRange(start_utc_ns=START_NS + 1, end_utc_ns=START_NS + ROWS * STEP_NS)
    assert await source.counts([HOSTILE], later) == {}
    assert await source.counts([], span()) == {}
