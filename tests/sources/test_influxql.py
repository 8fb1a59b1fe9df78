import asyncio
import math
import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from efdviewer.domain.errors import UnwritableNameError
from efdviewer.domain.query import Equals, SampleQuery, SummaryQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.sources import influxql
from tests.influxd import Influxd
from tests.sources.influx import source_of

RANGE = TimeRange(start_utc_ns=0, end_utc_ns=10_000)
HOSTILE = st.text(
    st.sampled_from("a\"'\\/;,. =%\n\t-*()[]{}$:@#µ✓\U0001f52d") | st.characters(codec="utf-8"),
    min_size=1,
    max_size=12,
).filter(lambda name: "\r" not in name and "\0" not in name)
# The server's own encoding of points loses a backslash in front of these.
NAMES = HOSTILE.filter(lambda name: not re.search(r'\\([,= "\\]|$)', name))
ON_SERVER = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def hostile(influxd: Influxd) -> Influxd:
    influxd.create_database("hostile")
    influxd.write("hostile", "seed v=1.5 1000")
    return influxd


@ON_SERVER
@given(topic=NAMES, field=NAMES)
@example(topic='a"; DROP MEASUREMENT "seed', field="\\x")
@example(topic="back\\slash", field='"')
@example(topic="two\nlines", field="/* */")
def test_that_hostile_names_survive_the_way_to_the_server_and_back(hostile, topic, field):
    target = influxql.measurement("hostile", "autogen", topic)
    hostile.query(f'SELECT "v" AS {influxql.identifier(field)} INTO {target} FROM "hostile"."autogen"."seed"')

    async def check() -> None:
        async with source_of(hostile, "hostile") as source:
            assert topic in [str(name) for name in await source.topics()]
            assert field in [schema.name for schema in await source.fields(topic)]
            query = SampleQuery(topic=topic, fields=(field,), time_range=RANGE)
            assert (await source.samples(query)).to_pylist() == [{"time": 1000, field: 1.5}]
            assert await source.count(query) == 1

    asyncio.run(check())


@ON_SERVER
@given(value=HOSTILE | st.just(""))
@example(value="x' OR 'a' = 'a")
@example(value="\\' OR v = 1 --")
def test_that_hostile_texts_compare_equal_to_themselves_alone(hostile, value):
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    hostile.write("hostile", f'texts s="{text}" 2000\ntexts s="other {text}" 3000'.encode())

    async def check() -> None:
        async with source_of(hostile, "hostile") as source:
            query = SampleQuery(
                topic="texts", fields=("s",), time_range=RANGE, where=(Equals(field="s", value=value),)
            )
            assert (await source.samples(query)).to_pylist() == [{"time": 2000, "s": value}]

    asyncio.run(check())


@ON_SERVER
@given(
    value=st.floats(allow_nan=False, allow_infinity=False).filter(
        lambda value: value == 0 or abs(value) > 1e-300
    )
)
@example(value=1e-7)
@example(value=-1.7976931348623157e308)
@example(value=9007199254740993.0)
def test_that_a_float_compares_equal_to_itself(hostile, value):
    hostile.write("hostile", f"floats f={value!r} 2000")

    async def check() -> None:
        async with source_of(hostile, "hostile") as source:
            query = SampleQuery(
                topic="floats", fields=("f",), time_range=RANGE, where=(Equals(field="f", value=value),)
            )
            assert (await source.samples(query)).to_pylist() == [{"time": 2000, "f": value}]

    asyncio.run(check())


@pytest.mark.parametrize("name", ["a\rb", "a\0b"])
def test_that_characters_influxql_cannot_carry_are_refused(name):
    with pytest.raises(UnwritableNameError, match="cannot carry"):
        influxql.identifier(name)
    with pytest.raises(UnwritableNameError, match="cannot carry"):
        influxql.literal(name)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_that_numbers_influxql_cannot_write_are_refused(value):
    with pytest.raises(UnwritableNameError):
        influxql.literal(value)


def test_that_statements_are_marked_name_the_policy_and_end_before_the_end():
    target = influxql.measurement("efd", "autogen", "m")
    samples = SampleQuery(
        topic="m",
        fields=("a", "b"),
        time_range=RANGE,
        where=(Equals(field="salIndex", value=0),),
        limit=5,
        descending=True,
    )
    assert influxql.select_samples(samples, target, samples.fields) == (
        '/* efdviewer */ SELECT "a", "b" FROM "efd"."autogen"."m" '
        'WHERE time >= 0 AND time < 10000 AND "salIndex" = 0 ORDER BY time DESC LIMIT 5'
    )
    summary = SummaryQuery(topic="m", fields=("a",), time_range=RANGE, bucket_ns=7)
    assert influxql.select_summary(summary, target, [("min", "a"), ("max", "a")]) == (
        '/* efdviewer */ SELECT MIN("a"), MAX("a") FROM "efd"."autogen"."m" '
        "WHERE time >= 0 AND time < 10000 GROUP BY time(7ns) fill(none)"
    )
