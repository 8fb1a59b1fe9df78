"""An index written in TAI until October 2021: every answer is that of a source in UTC."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from efdviewer.domain.errors import BadInputError
from efdviewer.domain.leap_seconds import SECOND_NS
from efdviewer.domain.query import SampleQuery, SummaryQuery
from efdviewer.domain.tai_index import TaiIndex
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import Equals
from efdviewer.sources import open_source
from efdviewer.sources.opening import indexed
from tests.both import has_database, load_topics, write_topics
from tests.influxd import READER, Influxd

TOPIC, EVENT = "lsst.sal.Test.mixed", "lsst.sal.Test.logevent_mixed"
SWITCH = 1_633_046_400 * SECOND_NS
"""2021-10-01."""
LEAP = 1_483_228_800 * SECOND_NS
RNG = np.random.default_rng(2)


def truth() -> dict[str, pa.Table]:
    """Rows in UTC: before and after the switch, and around the last leap second."""
    old = LEAP + np.arange(-40, 40) * SECOND_NS
    recent = SWITCH - 37 * SECOND_NS - np.arange(1, 2000)[::-1] * SECOND_NS // 2
    new = SWITCH + np.arange(0, 2000) * SECOND_NS // 2
    moments = np.concatenate([old, recent, new])
    count = len(moments)
    return {
        TOPIC: pa.table(
            {
                "time": moments,
                "value": RNG.normal(0, 1, count),
                "number": RNG.integers(0, 9, count),
                "private_sndStamp": moments / 1e9 + 37,
                "salIndex": np.arange(count) % 3,
            }
        ),
        EVENT: pa.table({"time": moments[::500], "private_sndStamp": moments[::500] / 1e9 + 37}),
    }


TRUTH = truth()


def stored() -> dict[str, pa.Table]:
    """The same as it was written: TAI before the switch."""
    found = {}
    for topic, table in TRUTH.items():
        moments = np.asarray(table.column("time"))
        ahead = np.where(moments < LEAP, 36, np.where(moments < SWITCH - 37 * SECOND_NS, 37, 0)) * SECOND_NS
        found[topic] = table.set_column(0, "time", pa.array(moments + ahead))
    return found


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tai")
    return {
        "truth": write_topics(folder / "truth", TRUTH),
        "stored": write_topics(folder / "stored", stored()),
    }


@pytest.fixture(params=["archive", "influxd"])
def addresses(request, folders, influxd: Influxd) -> tuple[str, str]:
    if request.param == "archive":
        return str(folders["truth"]), str(folders["stored"])
    names = [f"tai_{name}" for name in folders]
    for name, folder in zip(names, folders.values(), strict=True):
        if not has_database(influxd, name):
            load_topics(folder, influxd, name)
    where = f"influxdb://{influxd.reader.name}@127.0.0.1:{influxd.port}?db="
    return where + names[0], where + names[1]


RANGES = {
    "before": TimeRange(start_utc_ns=SWITCH - 500 * SECOND_NS, end_utc_ns=SWITCH - 200 * SECOND_NS),
    "after": TimeRange(start_utc_ns=SWITCH + 100 * SECOND_NS, end_utc_ns=SWITCH + 300 * SECOND_NS),
    "across": TimeRange(start_utc_ns=SWITCH - 301 * SECOND_NS, end_utc_ns=SWITCH + 299 * SECOND_NS),
    "leap": TimeRange(start_utc_ns=LEAP - 33 * SECOND_NS, end_utc_ns=LEAP + 21 * SECOND_NS),
    "all": TimeRange(start_utc_ns=0, end_utc_ns=2 * SWITCH),
    "nothing": TimeRange(start_utc_ns=5, end_utc_ns=10),
}


async def both(addresses, ask):
    true, told = addresses
    async with open_source(true, password=READER.password) as source:
        expected = await ask(source)
    index = TaiIndex.parse("2021-10-01")
    async with open_source(told, password=READER.password, tai_index=index) as source:
        found = await ask(source)
    return expected, found


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("more", [{}, {"limit": 700}, {"limit": 700, "descending": True}, {"limit": 3}])
async def test_samples_and_counts(addresses, name, more):
    query = SampleQuery(topic=TOPIC, fields=("value", "number"), time_range=RANGES[name], **more)

    async def ask(source):
        parts = [batch async for batch in source.stream(query)] if not query.descending else []
        table = await source.samples(query)
        return table, sum(part.num_rows for part in parts), await source.count(query)

    (expected, streamed, count), (found, also_streamed, also_count) = await both(addresses, ask)
    assert found.cast(expected.schema).equals(expected)
    assert (streamed, count) == (also_streamed, also_count)
    assert name == "nothing" or expected.num_rows > 0


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("bucket_s", [7, 60, 3600])
async def test_summaries_in_buckets_of_utc(addresses, name, bucket_s):
    query = SummaryQuery(
        topic=TOPIC,
        fields=("value", "number"),
        time_range=RANGES[name],
        bucket_ns=bucket_s * SECOND_NS,
        aggregates=("min", "max", "mean", "count"),
        where=(Equals(field="salIndex", value=1),),
    )
    expected, found = await both(addresses, lambda source: source.summary(query))
    assert expected.column_names == found.column_names
    assert expected.num_rows == found.num_rows
    for column in expected.column_names:
        np.testing.assert_allclose(found.column(column), expected.column(column), rtol=1e-12)


@pytest.mark.parametrize(
    "before",
    [
        SWITCH + 100 * SECOND_NS,
        SWITCH,
        SWITCH - 10 * SECOND_NS,
        SWITCH - 37 * SECOND_NS,
        SWITCH - 100 * SECOND_NS,
        LEAP + 5 * SECOND_NS,
        LEAP,
        LEAP - 5 * SECOND_NS,
        LEAP - 1000 * SECOND_NS,
        2**63 - 1,
    ],
)
async def test_the_last_row_before_a_moment(addresses, before):
    expected, found = await both(addresses, lambda source: source.latest(TOPIC, ("value",), before))
    assert found.to_pylist() == expected.to_pylist()


async def test_messages_of_many_topics_and_devices(addresses):
    for name in ("across", "leap", "all"):
        expected, found = await both(
            addresses, lambda source, name=name: source.counts([TOPIC, EVENT], RANGES[name])
        )
        assert found == expected
        devices, also = await both(
            addresses, lambda source, name=name: source.distinct(TOPIC, "salIndex", RANGES[name])
        )
        assert devices == also == [0, 1, 2]


async def test_derived_topics_lie_at_their_stamps_either_way(addresses):
    query = SampleQuery(
        topic=f"{TOPIC}[private_sndStamp]", fields=("value - number",), time_range=RANGES["across"]
    )
    expected, found = await both(addresses, lambda source: source.samples(query))
    assert expected.num_rows > 1000
    assert found.equals(expected)


async def test_an_index_that_is_tai_throughout(folders):
    async with open_source(str(folders["truth"]), tai_index=TaiIndex.parse("always")) as source:
        whole = TimeRange(start_utc_ns=0, end_utc_ns=2 * SWITCH)
        table = await source.samples(SampleQuery(topic=TOPIC, fields=("value",), time_range=whole))
    moments = np.asarray(TRUTH[TOPIC].column("time"))
    # Around the leap second one moment of TAI is within it; what is long after it is 37 s earlier.
    late = int(np.count_nonzero(moments > LEAP + 100 * SECOND_NS))
    assert (np.asarray(table.column("time"))[-late:] == moments[-late:] - 37 * SECOND_NS).all()


async def test_origins_differ_so_that_nothing_kept_is_mistaken(folders):
    async with open_source(str(folders["truth"])) as source:
        other = indexed(source, TaiIndex.parse("2021-10-01"))
        assert other.origin != source.origin
        assert indexed(other, None).origin == source.origin


@pytest.mark.parametrize("text", ["soon", "2021-13-01", "20211001"])
def test_other_days_are_refused(text):
    with pytest.raises(BadInputError):
        TaiIndex.parse(text)


@pytest.mark.parametrize("bucket_s", [0.1, 1, 7, 3600])
async def test_rows_within_a_leap_second_stand_at_the_last_nanosecond_before_it(tmp_path, bucket_s):
    tai_ns = LEAP + 36 * SECOND_NS + np.arange(-20, 20) * SECOND_NS // 4
    rows = pa.table({"time": tai_ns, "value": np.arange(40.0)})
    folder = write_topics(tmp_path / "leap", {TOPIC: rows})
    around = TimeRange(start_utc_ns=LEAP - 10 * SECOND_NS, end_utc_ns=LEAP + 10 * SECOND_NS)
    utc_ns = np.minimum(tai_ns - 36 * SECOND_NS, LEAP - 1)
    utc_ns[24:] = tai_ns[24:] - 37 * SECOND_NS
    async with open_source(str(folder)) as raw:
        source = indexed(raw, TaiIndex.parse("always"))
        found = await source.samples(SampleQuery(topic=TOPIC, fields=("value",), time_range=around))
        assert np.asarray(found.column("time")).tolist() == utc_ns.tolist()
        bucket_ns = round(bucket_s * SECOND_NS)
        query = SummaryQuery(topic=TOPIC, fields=("value",), time_range=around, bucket_ns=bucket_ns)
        buckets = (await source.summary(query)).to_pylist()
        starts = utc_ns - utc_ns % bucket_ns
        assert [row["time"] for row in buckets] == np.unique(starts).tolist()
        counts = [int(np.count_nonzero(starts == row["time"])) for row in buckets]
        assert [row["value_count"] for row in buckets] == counts
        last = await source.latest(TOPIC, ("value",), LEAP)
        assert last.to_pylist() == [{"time": LEAP - 1, "value": 23.0}]
