"""Derived topics, on an archive and a real InfluxDB, against numpy over all rows at once."""

from contextlib import aclosing
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from efdviewer.domain.errors import BadInputError, EfdViewerError, UnknownTopicError
from efdviewer.domain.query import SampleQuery, SummaryQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import tai_ns_from_utc_ns
from efdviewer.domain.topics import Equals, FieldType
from efdviewer.sources import open_source
from tests.both import has_database, load_topics, write_topics
from tests.influxd import READER, Influxd

MOUNT, SLOW, STATE = "lsst.sal.Test.mount", "lsst.sal.Test.slow", "lsst.sal.Test.logevent_state"
SPARSE = "lsst.sal.Test.sparse"
ENCODERS, VIBRATION = "lsst.sal.ATMCS.mount_AzEl_Encoders", "lsst.sal.ESS.accelerometer"
START = 1_706_745_600 * 10**9
SECOND = 10**9
ROWS = 12_000
RNG = np.random.default_rng(5)


def tai_s(utc_ns: np.ndarray) -> np.ndarray:
    return tai_ns_from_utc_ns(utc_ns) / 1e9


def mount() -> pa.Table:
    moments = START + np.arange(ROWS) * 50_000_000 + RNG.integers(-5_000_000, 5_000_000, ROWS)
    moments[7000:] += 120 * SECOND
    measured = tai_s(moments - RNG.integers(70_000_000, 220_000_000, ROWS))
    measured[[5, 500]] = 0.0
    a = np.cumsum(RNG.normal(0, 1, ROWS)) + 1000
    a[6000] = 5000.0
    return pa.table(
        {
            "time": moments,
            "a": pa.array(a, mask=RNG.random(ROWS) < 0.01),
            "b": RNG.normal(5, 1, ROWS),
            "n": RNG.integers(0, 9, ROWS),
            "label": pa.array(["x"] * ROWS),
            "salIndex": np.arange(ROWS) % 2,
            "timestamp": measured,
        }
    )


def slow() -> pa.Table:
    moments = START + np.arange(-20, 300) * 3 * SECOND
    return pa.table({"time": moments, "t": np.sin(np.arange(320) / 9)})


def sparse() -> pa.Table:
    """Two fields that no row has both of."""
    values, odd = RNG.normal(0, 1, 4000), np.arange(4000) % 2 == 1
    return pa.table(
        {
            "time": START + np.arange(4000) * SECOND,
            "p": pa.array(values, mask=odd),
            "q": pa.array(values, mask=~odd),
        }
    )


def state() -> pa.Table:
    return pa.table({"time": np.array([START - 86_400 * SECOND, START + 200 * SECOND]), "on": [1, 0]})


def packed(stamps_utc_ns: np.ndarray, length: int, stamp: str, names: tuple[str, ...], **more) -> pa.Table:
    count = len(stamps_utc_ns)
    columns = {"time": stamps_utc_ns + 1_300_000_000, stamp: tai_s(stamps_utc_ns), **more}
    for name in names:
        values = np.round(RNG.normal(0, 1, (count, length)), 6)
        columns |= {f"{name}{index}": values[:, index] for index in range(length)}
    return pa.table(columns)


# A steady stretch, a gap, one message alone, another gap, two messages.
ENCODER_SECONDS = np.array([*range(60), *range(100, 130), 200, 300, 301], np.int64)
VIBRATION_SECONDS = np.arange(0, 400, 2, dtype=np.int64)


def tables() -> dict[str, pa.Table]:
    encoders = START + ENCODER_SECONDS * SECOND
    vibration = START + VIBRATION_SECONDS * SECOND
    return {
        MOUNT: mount(),
        SLOW: slow(),
        STATE: state(),
        ENCODERS: packed(encoders, 100, "cRIO_timestamp", ("elevation", "azimuth")),
        VIBRATION: packed(
            vibration, 400, "timestamp", ("accelerationX",), interval=np.full(len(vibration), 0.005)
        ),
        SPARSE: sparse(),
    }


TABLES = tables()
WHOLE = TimeRange(start_utc_ns=START - 600 * SECOND, end_utc_ns=START + 3000 * SECOND)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_topics(tmp_path_factory.mktemp("derived") / "archive", TABLES)


@pytest.fixture(params=["archive", "influxd"])
def address(request: pytest.FixtureRequest, archive: Path, influxd: Influxd, monkeypatch) -> str:
    # Many blocks, so that their seams are looked at.
    monkeypatch.setattr("efdviewer.sources.derivation._BLOCK", 4000)
    if request.param == "archive":
        return str(archive)
    if has_database(influxd, "derived"):
        return f"influxdb://{influxd.reader.name}@127.0.0.1:{influxd.port}?db=derived"
    return load_topics(archive, influxd, "derived")


def opened(address: str):
    return open_source(address, password=READER.password)


async def rows(address: str, topic: str, *fields: str, time_range=WHOLE, where=(), **more):
    async with opened(address) as source:
        query = SampleQuery(topic=topic, fields=fields, time_range=time_range, where=where, **more)
        table = await source.samples(query)
    columns = [np.asarray(table.column(name), np.float64) for name in table.column_names[1:]]
    return np.asarray(table.column("time")), *columns


def column(name: str, topic: str = MOUNT) -> np.ndarray:
    return TABLES[topic].column(name).to_pandas().to_numpy(np.float64)


def index(topic: str = MOUNT) -> np.ndarray:
    return np.asarray(TABLES[topic].column("time"))


async def test_formulas_over_the_fields_of_a_row_equal_numpy(address):
    moments, found = await rows(address, f"{MOUNT}[time]", "hypot(a, b) / 2 - n^2")
    expected = np.hypot(column("a"), column("b")) / 2 - column("n") ** 2
    present = np.isfinite(expected)
    assert (moments == index()[present]).all()
    np.testing.assert_allclose(found, expected[present], rtol=1e-15)


async def test_a_formula_is_the_same_whatever_else_is_asked_for(address):
    part = TimeRange(start_utc_ns=START + 101 * SECOND, end_utc_ns=START + 300 * SECOND)
    names = ("derivative(p)", "derivative(q)", "mean(p, 9)")
    for time_range in (WHOLE, part):
        together = await rows(address, f"{SPARSE}[time]", *names, time_range=time_range)
        for name, found in zip(names, together[1:], strict=True):
            moments, alone = await rows(address, f"{SPARSE}[time]", name, time_range=time_range)
            present = ~np.isnan(found)
            assert together[0][present].tolist() == moments.tolist()
            np.testing.assert_allclose(found[present], alone, rtol=1e-12)
            assert len(alone) > 90


async def test_a_formula_that_never_has_a_value_does_not_read_the_whole_history(address):
    async with opened(address) as source:
        query = SampleQuery(
            topic=f"{MOUNT}[time]", fields=("sqrt(-1 - abs(b))",), time_range=WHOLE, limit=1, descending=True
        )
        read = []
        inner = source
        while hasattr(inner, "source"):
            inner = inner.source
        inner.statement_observers.append(lambda statement: read.append(statement.number))
        assert (await source.samples(query)).num_rows == 0
        assert len(set(read)) <= 10


async def test_a_derivative_equals_numpy_and_knows_the_row_before_the_range(address):
    a, moments = column("b"), index()
    expected = np.diff(a) / (np.diff(moments) / 1e9)
    begin = TimeRange(start_utc_ns=int(moments[3000]), end_utc_ns=int(moments[9000]))
    times, found = await rows(address, f"{MOUNT}[time]", "derivative(b)", time_range=begin)
    assert (times == moments[3000:9000]).all()
    np.testing.assert_allclose(found, expected[2999:8999], rtol=1e-12)


@pytest.mark.parametrize("name", ["mean", "median"])
async def test_moving_windows_equal_pandas_across_seams_and_gaps(address, name):
    # A row in which the field is null is no row of it.
    frame = pd.Series(column("a"), index=pd.DatetimeIndex(index())).dropna()
    expected = getattr(frame.rolling("7s", min_periods=1), name)().to_numpy()
    moments = frame.index.to_numpy(np.int64)
    part = TimeRange(start_utc_ns=int(moments[2000]), end_utc_ns=int(moments[8000]))
    times, found = await rows(address, f"{MOUNT}[time]", f"{name}(a, 7)", time_range=part)
    assert (times == moments[2000:8000]).all()
    np.testing.assert_allclose(found, expected[2000:8000], rtol=1e-11)


async def test_a_rise_of_a_rise_knows_two_rows_before_the_range(address):
    moments, values = index(), column("b")
    rise = np.diff(values) / (np.diff(moments) / 1e9)
    expected = np.diff(rise) / (np.diff(moments)[1:] / 1e9)
    part = TimeRange(start_utc_ns=int(moments[7000]), end_utc_ns=int(moments[7100]))
    _, found = await rows(address, f"{MOUNT}[time]", "derivative(derivative(b))", time_range=part)
    np.testing.assert_allclose(found, expected[6998:7098], rtol=1e-9)


async def test_windows_within_windows_look_far_enough_back(address):
    frame = pd.Series(column("b"), index=pd.DatetimeIndex(index()))
    rise = frame.diff() / np.append(np.nan, np.diff(index()) / 1e9)
    expected = rise.rolling("5s", min_periods=1).mean().rolling("3s", min_periods=1).mean().to_numpy()
    moments = index()
    part = TimeRange(start_utc_ns=int(moments[1000]), end_utc_ns=int(moments[2000]))
    _, found = await rows(address, f"{MOUNT}[time]", "mean(mean(derivative(b), 5), 3)", time_range=part)
    np.testing.assert_allclose(found, expected[1000:2000], rtol=1e-9)


async def test_a_trend_is_that_of_the_range_that_the_formula_names(address):
    moments, a = index(), column("a")
    fitted = (moments >= START) & (moments < START + 100 * SECOND) & np.isfinite(a)
    seconds = (moments - START) / 1e9
    line = np.polynomial.Polynomial.fit(seconds[fitted], a[fitted], 1)
    formula = "detrend(a, '2024-02-01T00:00:00', '2024-02-01T00:01:40')"
    times, found = await rows(address, f"{MOUNT}[time]", formula)
    present = np.isfinite(a)
    assert (times == moments[present]).all()
    np.testing.assert_allclose(found, (a - line(seconds))[present], atol=1e-7)


async def test_units_are_converted(address):
    _, found = await rows(address, f"{MOUNT}[time]", "convert(b, 'deg', 'arcsec')")
    np.testing.assert_allclose(found, column("b") * 3600, rtol=1e-14)
    with pytest.raises(BadInputError, match="cannot be converted"):
        await rows(address, f"{MOUNT}[time]", "convert(b, 'deg', 'm')")


async def test_a_field_of_another_topic_counts_as_of_the_row(address):
    moments, found = await rows(address, f"{MOUNT}[time]", f'b - "{SLOW}:t"')
    left = pd.DataFrame({"time": index(), "b": column("b")})
    right = pd.DataFrame({"time": index(SLOW), "t": column("t", SLOW)})
    joined = pd.merge_asof(left, right, on="time", tolerance=600 * SECOND)
    expected = (joined["b"] - joined["t"]).to_numpy()
    present = np.isfinite(expected)
    assert (moments == index()[present]).all()
    np.testing.assert_allclose(found, expected[present], rtol=1e-14)


async def test_what_an_event_said_counts_until_the_next(address):
    moments, found = await rows(address, f"{MOUNT}[time]", f'b * "{STATE}:on"')
    expected = np.where(index() < START + 200 * SECOND, column("b"), 0.0)
    assert (moments == index()).all()
    np.testing.assert_allclose(found, expected)


async def test_rows_lie_where_a_stamp_says(address):
    measured = np.rint((column("timestamp") - 37) * 1e9)
    order = np.argsort(measured, kind="stable")
    order = order[measured[order] > 0]
    moments, found, whole = await rows(address, f"{MOUNT}[timestamp]", "b", "n")
    assert len(moments) == ROWS - 2
    assert np.abs(moments - measured[order]).max() < 1000
    assert (np.diff(moments) >= 0).all()
    np.testing.assert_array_equal(found, column("b")[order])
    np.testing.assert_array_equal(whole, column("n")[order])


async def test_a_part_by_a_stamp_holds_all_rows_of_it_and_no_other(address):
    moments, values = await rows(address, f"{MOUNT}[timestamp]", "b")
    for first, last in ((2500, 2501), (4000, 7100), (11_990, 11_997)):
        part = TimeRange(start_utc_ns=int(moments[first]), end_utc_ns=int(moments[last]))
        some, found = await rows(address, f"{MOUNT}[timestamp]", "b", time_range=part)
        assert (some == moments[first:last]).all()
        assert (found == values[first:last]).all()


async def test_conditions_hold_for_derived_rows(address):
    where = (Equals(field="salIndex", value=1),)
    moments, found = await rows(address, f"{MOUNT}[time]", "derivative(b)", where=where)
    expected = np.diff(column("b")[1::2]) / (np.diff(index()[1::2]) / 1e9)
    assert (moments == index()[3::2]).all()
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def unpacked(topic: str, name: str, length: int, seconds: np.ndarray, apart_ns: int):
    moments = (START + seconds * SECOND)[:, None] + np.arange(length) * apart_ns
    values = np.stack([column(f"{name}{place}", topic) for place in range(length)], axis=1)
    return moments.ravel(), values.ravel()


async def test_packed_samples_lie_where_they_were_taken_across_gaps_and_alone(address):
    expected, values = unpacked(ENCODERS, "elevation", 100, ENCODER_SECONDS, 10_000_000)
    moments, found = await rows(address, f"{ENCODERS}[]", "elevation")
    assert np.abs(moments - expected).max() < 1000
    assert (found == values).all()


async def test_packed_samples_by_their_interval(address):
    expected, values = unpacked(VIBRATION, "accelerationX", 400, VIBRATION_SECONDS, 5_000_000)
    moments, found = await rows(address, f"{VIBRATION}[]", "accelerationX")
    assert np.abs(moments - expected).max() < 1000
    assert (found == values).all()


@pytest.mark.parametrize("topic", [ENCODERS, VIBRATION])
async def test_any_part_of_packed_samples_is_that_part(address, topic):
    name = "elevation" if topic == ENCODERS else "accelerationX"
    moments, values = await rows(address, f"{topic}[]", name)
    random = np.random.default_rng(1)
    for _ in range(8):
        first, last = np.sort(random.choice(len(moments), 2, replace=False))
        part = TimeRange(start_utc_ns=int(moments[first]), end_utc_ns=int(moments[last]))
        some, found = await rows(address, f"{topic}[]", name, time_range=part)
        assert (some == moments[first:last]).all()
        assert (found == values[first:last]).all()


@pytest.mark.parametrize(
    ("topic", "field"),
    [
        (f"{ENCODERS}[]", "elevation"),
        (f"{VIBRATION}[]", "derivative(accelerationX)"),
        (f"{MOUNT}[timestamp]", "mean(a, 2)"),
    ],
)
async def test_summaries_are_those_of_all_samples(address, topic, field):
    moments, values = await rows(address, topic, field)
    bucket_ns = 7 * SECOND
    async with opened(address) as source:
        query = SummaryQuery(topic=topic, fields=(field,), time_range=WHOLE, bucket_ns=bucket_ns)
        table = await source.summary(query)
    starts, places = np.unique(moments - moments % bucket_ns, return_inverse=True)
    assert (np.asarray(table.column("time")) == starts).all()
    lows, highs = np.full(len(starts), np.inf), np.full(len(starts), -np.inf)
    np.minimum.at(lows, places, values)
    np.maximum.at(highs, places, values)
    np.testing.assert_array_equal(table.column(f"{field}_min"), lows)
    np.testing.assert_array_equal(table.column(f"{field}_max"), highs)
    assert (np.asarray(table.column(f"{field}_count")) == np.bincount(places)).all()


async def test_the_last_rows_before_a_moment(address):
    topic = f"{ENCODERS}[]"
    moments, values = await rows(address, topic, "elevation")
    # Within a message, in a gap, and after everything.
    for before in (moments[5050], START + 250 * SECOND, START + 2000 * SECOND):
        place = int(np.searchsorted(moments, before))
        async with opened(address) as source:
            row = await source.latest(topic, ("elevation",), int(before))
        assert row.column("time").to_pylist() == [moments[place - 1]]
        assert row.column("elevation").to_pylist() == [values[place - 1]]
        times, found = await rows(
            address,
            topic,
            "elevation",
            time_range=TimeRange(start_utc_ns=START, end_utc_ns=int(before)),
            limit=250,
            descending=True,
        )
        assert (times == moments[place - 250 : place]).all()
        assert (found == values[place - 250 : place]).all()


async def test_a_limit_gives_the_first_rows_and_count_counts_them(address):
    times, _ = await rows(address, f"{ENCODERS}[]", "azimuth", limit=150)
    moments, _ = await rows(address, f"{ENCODERS}[]", "azimuth")
    assert (times == moments[:150]).all()
    async with opened(address) as source:
        query = SampleQuery(topic=f"{ENCODERS}[]", fields=("azimuth",), time_range=WHOLE)
        assert await source.count(query) == len(moments)


async def test_fields_of_derived_topics(address):
    async with opened(address) as source:
        packed_fields = await source.fields(f"{ENCODERS}[]")
        assert [field.name for field in packed_fields] == ["azimuth", "elevation"]
        by_stamp = {field.name: field.type for field in await source.fields(f"{MOUNT}[timestamp]")}
        assert by_stamp["n"] is FieldType.INTEGER
        for wrong in (f"{MOUNT}[]", f"{MOUNT}[nothing]", "lsst.sal.No.topic[time]"):
            with pytest.raises(UnknownTopicError):
                await source.fields(wrong)


@pytest.mark.parametrize(
    "formula", ["nothing", "label + 1", "a +", "2 * pi", "a; import os", "__import__('os')", '"a:b:c:d" + a']
)
async def test_wrong_formulas_are_refused_in_words(address, formula):
    with pytest.raises(EfdViewerError):
        await rows(address, f"{MOUNT}[time]", formula)


async def test_closing_a_stream_ends_the_query(address):
    async with opened(address) as source:
        query = SampleQuery(topic=f"{MOUNT}[timestamp]", fields=("b",), time_range=WHOLE)
        running: set[int] = set()
        source.statement_observers.append(
            lambda statement: (running.add if statement.outcome == "running" else running.discard)(
                statement.number
            )
        )
        async with aclosing(source.stream(query)) as batches:
            async for _ in batches:
                break
        assert not running
