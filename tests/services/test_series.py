"""What a view of a field loads, from a real archive."""

import asyncio
import time
from dataclasses import replace

import numpy as np
import pytest

from efdviewer.domain.query import SampleQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.services.catalog import Catalog
from efdviewer.services.series import SLOW_NS, Series, SeriesOutcome, SeriesRequest
from efdviewer.services.series_loader import SeriesLoader
from efdviewer.services.tiles import TileStore
from efdviewer.sources.archive import ArchiveSource
from tests.nights import END_NS, START_NS
from tests.services.recorded import RecordedSource

CAMERA, MOUNT = "lsst.sal.ATCamera", "lsst.sal.MTMount"
HOUR_NS = 3600 * 10**9
WHOLE = TimeRange(start_utc_ns=START_NS, end_utc_ns=END_NS)


@pytest.fixture
async def source(night):
    async with ArchiveSource(night) as opened:
        yield opened


async def load(source, topic: str, *fields: str, time_range=WHOLE, columns: int = 1000) -> dict[str, Series]:
    found = {}
    loader = SeriesLoader(source, Catalog(source), TileStore())
    request = SeriesRequest(topic=topic, fields=fields, time_range=time_range, columns=columns)
    await loader.load(request, lambda series: found.update({series.field.field: series}))
    return found


async def samples(source, topic: str, field: str, time_range=WHOLE):
    return await source.samples(SampleQuery(topic=topic, fields=(field,), time_range=time_range))


async def test_that_few_samples_are_drawn_themselves(source):
    series = (await load(source, f"{CAMERA}.wrebPower", "analog_I", columns=1400))["analog_I"]
    table = await samples(source, f"{CAMERA}.wrebPower", "analog_I")
    assert series.view.bucket_ns == 0
    assert series.units == "A"
    assert np.array_equal(series.view.times_utc_ns, table["time"].to_numpy())
    assert np.array_equal(series.view.values, table["analog_I"].to_numpy())


async def test_that_the_silence_after_the_fault_stays_a_gap(source):
    view = (await load(source, f"{CAMERA}.wrebPower", "analog_I", columns=1400))["analog_I"].view
    broken = np.flatnonzero(~view.connect[:-1])
    assert len(broken) == 1
    assert 900e9 < view.times_utc_ns[broken[0] + 1] - view.times_utc_ns[broken[0]] < 1500e9


async def test_that_many_samples_come_as_minima_and_maxima(source):
    series = (await load(source, f"{MOUNT}.azimuth", "actualPosition"))["actualPosition"]
    table = await samples(source, f"{MOUNT}.azimuth", "actualPosition")
    moments, values = table["time"].to_numpy(), table["actualPosition"].to_numpy()
    view = series.view
    assert view.bucket_ns == 64 * 10**9
    assert len(view.times_utc_ns) <= 4 * 1000
    buckets = moments // view.bucket_ns
    edges = np.flatnonzero(np.diff(buckets, prepend=buckets[0] - 1))
    drawn = np.sort(view.values.reshape(-1, 2), axis=1)
    assert np.array_equal(drawn[:, 0], np.minimum.reduceat(values, edges))
    assert np.array_equal(drawn[:, 1], np.maximum.reduceat(values, edges))
    assert np.array_equal(
        view.times_utc_ns.reshape(-1, 2) // view.bucket_ns, np.stack([buckets[edges]] * 2, 1)
    )


async def test_that_an_empty_range_names_the_latest_sample(source):
    later = TimeRange(start_utc_ns=END_NS + HOUR_NS, end_utc_ns=END_NS + 2 * HOUR_NS)
    series = (await load(source, f"{CAMERA}.wreb", "temp1", time_range=later))["temp1"]
    table = await samples(source, f"{CAMERA}.wreb", "temp1")
    assert series.outcome is SeriesOutcome.NO_DATA
    assert series.latest_utc_ns == table["time"][-1].as_py()


async def test_that_a_state_holds_its_value_from_before_the_range(source):
    part = TimeRange(start_utc_ns=END_NS - 10 * HOUR_NS, end_utc_ns=END_NS - 8 * HOUR_NS)
    series = (await load(source, f"{CAMERA}.logevent_summaryState", "summaryState", time_range=part))[
        "summaryState"
    ]
    assert series.stepped
    assert series.held[1] == 2.0
    assert series.held[0] < part.start_utc_ns


async def test_that_text_and_unknown_fields_say_so(source):
    found = await load(source, f"{CAMERA}.logevent_logMessage", "message", "nonsense", "level")
    assert found["message"].outcome is SeriesOutcome.TEXT
    assert found["nonsense"].outcome is SeriesOutcome.UNKNOWN
    assert found["level"].outcome is SeriesOutcome.READY


async def test_that_slow_telemetry_is_steps_that_begin_with_the_value_before_the_range(source):
    part = TimeRange(start_utc_ns=END_NS - 4 * HOUR_NS, end_utc_ns=END_NS - 3 * HOUR_NS)
    table = await samples(source, f"{CAMERA}.wrebPower", "analog_I")
    moments, values = table["time"].to_numpy(), table["analog_I"].to_numpy()
    assert np.quantile(np.diff(moments), 0.9) >= SLOW_NS
    before = np.searchsorted(moments, part.start_utc_ns) - 1
    series = (await load(source, f"{CAMERA}.wrebPower", "analog_I", time_range=part))["analog_I"]
    assert series.view.stepped
    assert series.held == (moments[before], values[before])


async def test_that_no_value_is_held_over_a_silence_of_telemetry(source):
    table = await samples(source, f"{CAMERA}.wrebPower", "analog_I")
    moments = table["time"].to_numpy()
    silent = int(np.argmax(np.diff(moments)))
    part = TimeRange(start_utc_ns=int(moments[silent + 1]) - 10**9, end_utc_ns=END_NS - HOUR_NS)
    series = (await load(source, f"{CAMERA}.wrebPower", "analog_I", time_range=part, columns=3000))[
        "analog_I"
    ]
    assert series.view.stepped
    assert series.held is None


@pytest.mark.parametrize("topic", [f"{CAMERA}.wrebPower", f"{MOUNT}.cabinetVibration", f"{MOUNT}.elevation"])
@pytest.mark.parametrize("span_ns", [10**9, 20 * 10**9, 90 * 10**9, HOUR_NS])
async def test_that_a_range_looks_the_same_whatever_was_seen_before(source, topic, span_ns):
    name = (await source.fields(topic))[0].name
    part = TimeRange(start_utc_ns=END_NS - 2 * HOUR_NS, end_utc_ns=END_NS - 2 * HOUR_NS + span_ns)
    pictures = []
    for seen_before in ([], [WHOLE], [part]):
        loader, found = SeriesLoader(source, Catalog(source), TileStore()), []
        for time_range in [*seen_before, part]:
            request = SeriesRequest(topic=topic, fields=(name,), time_range=time_range, columns=1000)
            await loader.load(request, found.append)
        series = found[-1]
        pictures.append((series.outcome, series.stepped, series.held, len(series.view.values)))
    assert pictures[0] == pictures[1] == pictures[2]


async def test_that_no_state_is_drawn_into_the_future(source):
    now_ns = time.time_ns()
    for start_ns in (START_NS, now_ns + HOUR_NS):
        part = TimeRange(start_utc_ns=start_ns, end_utc_ns=now_ns + 2 * HOUR_NS)
        series = (await load(source, f"{CAMERA}.logevent_summaryState", "summaryState", time_range=part))[
            "summaryState"
        ]
        if start_ns == START_NS:
            assert series.view.stepped
            assert now_ns <= series.view.time_range.end_utc_ns <= time.time_ns()
        else:
            assert series.outcome is SeriesOutcome.NO_DATA
            assert series.held is None


async def test_that_whole_numbers_of_telemetry_are_steps(source):
    minute = TimeRange(start_utc_ns=END_NS - HOUR_NS, end_utc_ns=END_NS - HOUR_NS + 60 * 10**9)
    for time_range in (minute, WHOLE):
        found = await load(source, "lsst.sal.ESS.temperature", "salIndex", time_range=time_range)
        assert found["salIndex"].view.stepped


async def test_that_fast_telemetry_is_no_steps(source):
    minute = TimeRange(start_utc_ns=END_NS - HOUR_NS, end_utc_ns=END_NS - HOUR_NS + 60 * 10**9)
    series = (await load(source, f"{MOUNT}.azimuth", "actualPosition", time_range=minute))["actualPosition"]
    assert len(series.view.times_utc_ns) > 1000
    assert not series.view.stepped
    assert series.held is None


async def test_that_a_view_between_two_slow_samples_holds_the_first(source):
    table = await samples(source, f"{CAMERA}.wrebPower", "analog_I")
    moments = table["time"].to_numpy()
    between = TimeRange(start_utc_ns=int(moments[900]) + 1, end_utc_ns=int(moments[901]))
    found = {}
    loader = SeriesLoader(source, Catalog(source), TileStore())
    for time_range in (WHOLE, between):
        request = SeriesRequest(
            topic=f"{CAMERA}.wrebPower", fields=("analog_I",), time_range=time_range, columns=1400
        )
        await loader.load(request, lambda series: found.update({series.field.field: series}))
    assert found["analog_I"].outcome is SeriesOutcome.NO_DATA
    assert found["analog_I"].held[0] == found["analog_I"].latest_utc_ns == moments[900]


async def test_that_held_values_of_several_fields_take_one_statement(source):
    part = TimeRange(start_utc_ns=END_NS - 4 * HOUR_NS, end_utc_ns=END_NS - 3 * HOUR_NS)
    asked = []
    latest = source.latest
    source.latest = lambda topic, fields, *rest, **more: (
        asked.append(fields) or latest(topic, fields, *rest, **more)
    )
    found = await load(source, f"{CAMERA}.wreb", "temp1", "temp2", "temp3", time_range=part)
    assert [sorted(fields) for fields in asked] == [["temp1", "temp2", "temp3"]]
    assert len({series.held[0] for series in found.values()}) == 1
    table = await samples(source, f"{CAMERA}.wreb", "temp2")
    before = np.searchsorted(table["time"].to_numpy(), part.start_utc_ns) - 1
    assert found["temp2"].held[1] == table["temp2"][int(before)].as_py()


@pytest.mark.parametrize("cheap_s", [0.0, 60.0])
async def test_that_a_view_is_loaded_in_advance_only_where_that_is_cheap(source, monkeypatch, cheap_s):
    monkeypatch.setattr("efdviewer.services.series_loader._CHEAP_S", cheap_s)
    recorded = RecordedSource(source)
    loader = SeriesLoader(recorded, Catalog(recorded), TileStore())
    here = TimeRange(start_utc_ns=END_NS - 2 * HOUR_NS, end_utc_ns=END_NS - HOUR_NS)
    beside = TimeRange(start_utc_ns=END_NS - 3 * HOUR_NS, end_utc_ns=END_NS - 2 * HOUR_NS)
    request = SeriesRequest(
        topic=f"{MOUNT}.azimuth", fields=("actualPosition",), time_range=here, columns=1000
    )
    await loader.load(request, lambda _series: None)
    recorded.taken()
    await loader.prefetch(replace(request, time_range=beside))
    assert bool(recorded.taken()) is (cheap_s > 0)
    assert loader.known(replace(request, time_range=beside))[1] is (cheap_s > 0)


async def test_that_a_long_way_to_the_source_does_not_make_it_too_dear_to_load_in_advance(source):
    class FarAway(RecordedSource):
        async def stream_summary(self, query):
            await asyncio.sleep(0.15)
            async for batch in super().stream_summary(query):
                yield batch

    far = FarAway(source)
    loader = SeriesLoader(far, Catalog(far), TileStore())
    here = TimeRange(start_utc_ns=END_NS - 2 * HOUR_NS, end_utc_ns=END_NS - HOUR_NS)
    request = SeriesRequest(
        topic=f"{MOUNT}.azimuth", fields=("actualPosition",), time_range=here, columns=1000
    )
    await loader.load(request, lambda _series: None)
    tail = TimeRange(start_utc_ns=END_NS - HOUR_NS, end_utc_ns=END_NS - HOUR_NS + 600 * 10**9)
    await loader.load(replace(request, time_range=tail), lambda _series: None)
    wide = TimeRange(start_utc_ns=END_NS - 8 * HOUR_NS, end_utc_ns=END_NS)
    far.taken()
    await loader.prefetch(replace(request, time_range=wide))
    assert far.taken()
