"""What a view of a field loads, from a real archive."""

import numpy as np
import pytest

from efdviewer.domain.query import SampleQuery
from efdviewer.domain.timerange import TimeRange
from efdviewer.services.catalog import Catalog
from efdviewer.services.series import Series, SeriesLoader, SeriesOutcome, SeriesRequest
from efdviewer.sources.archive import ArchiveSource
from tests.nights import END_NS, START_NS

CAMERA, MOUNT = "lsst.sal.ATCamera", "lsst.sal.MTMount"
HOUR_NS = 3600 * 10**9
WHOLE = TimeRange(start_utc_ns=START_NS, end_utc_ns=END_NS)


@pytest.fixture
async def source(night):
    async with ArchiveSource(night) as opened:
        yield opened


async def load(source, topic: str, *fields: str, time_range=WHOLE, columns: int = 1000) -> dict[str, Series]:
    found = {}
    loader = SeriesLoader(source, Catalog(source))
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
