"""However a person came to a range, it looks as if it were the first that was asked for."""

import random

import numpy as np
import pytest

from efdviewer.domain.timerange import TimeRange, shifted, zoomed
from efdviewer.services.catalog import Catalog
from efdviewer.services.series import Series, SeriesRequest
from efdviewer.services.series_loader import SeriesLoader
from efdviewer.services.tiles import TileStore
from efdviewer.sources.archive import ArchiveSource
from tests.nights import END_NS, START_NS

STEPS = 60
COLUMNS = 300
WHOLE = TimeRange(start_utc_ns=START_NS, end_utc_ns=END_NS)
DENSE = ("lsst.sal.MTMount.azimuth", "actualPosition")
SLOW = ("lsst.sal.ATCamera.wrebPower", "analog_I")
EVENT = ("lsst.sal.ATCamera.logevent_summaryState", "summaryState")


def wander(seed: int) -> list[TimeRange]:
    """Pan and zoom at random, over all scales from the night to a second, now and then back to the whole."""
    chance = random.Random(seed)
    ranges = [WHOLE]
    for _ in range(STEPS):
        latest = ranges[-1]
        match chance.choice(["pan", "pan", "in", "in", "out", "whole", "back"]):
            case "pan":
                found = shifted(latest, chance.uniform(-0.8, 0.8))
            case "in":
                at_utc_ns = latest.start_utc_ns + int(chance.random() * latest.span_ns)
                found = zoomed(latest, chance.choice([0.8, 0.4, 0.05, 0.002]), at_utc_ns)
            case "out":
                found = zoomed(latest, chance.choice([1.3, 3.0, 40.0]), latest.start_utc_ns)
            case "whole":
                found = WHOLE
            case "back":
                found = chance.choice(ranges)
        is_outside = found.end_utc_ns < START_NS or found.start_utc_ns > END_NS
        ranges.append(WHOLE if is_outside or found.span_ns < 10**9 else found)
    return ranges


async def drawn(loader: SeriesLoader, request: SeriesRequest) -> Series:
    delivered: list[Series] = []
    await loader.load(request, delivered.append)
    known, _ = loader.known(request)
    assert known[-1].complete
    assert delivered[-1].outcome is known[-1].outcome
    return known[-1]


@pytest.mark.parametrize(("topic", "seed"), [(DENSE, 1), (SLOW, 1), (SLOW, 2), (EVENT, 1)])
async def test_that_panning_and_zooming_draws_what_a_fresh_start_draws(night, topic, seed):
    async with ArchiveSource(night) as source:
        catalog = Catalog(source)
        loader = SeriesLoader(source, catalog, TileStore())
        differing = []
        for step, time_range in enumerate(wander(seed)):
            request = SeriesRequest(
                topic=topic[0], fields=(topic[1],), time_range=time_range, columns=COLUMNS
            )
            seen = await drawn(loader, request)
            fresh = await drawn(SeriesLoader(source, catalog, TileStore()), request)
            what = _differences(seen, fresh)
            if what:
                differing.append((step, time_range.span_ns / 1e9, what))
        assert differing == [], "\n".join(map(str, differing))


def _differences(seen: Series, fresh: Series) -> list[str]:
    pairs = [
        (f"series {name}", seen, fresh, name)
        for name in ("outcome", "units", "stepped", "held", "latest_utc_ns")
    ]
    pairs += [
        (f"view {name}", seen.view, fresh.view, name)
        for name in ("bucket_ns", "stepped", "times_utc_ns", "values", "connect")
    ]
    seen_hold_ns, fresh_hold_ns = seen.view.hold_ns or 0, fresh.view.hold_ns or 0
    # Of fewer than three samples the spacing is that of others, seen before or asked for: about the same.
    if abs(seen_hold_ns - fresh_hold_ns) > fresh_hold_ns / 100:
        return [f"view hold_ns: {seen_hold_ns} and not {fresh_hold_ns}"]
    return [
        f"{words}: {getattr(one, name)} and not {getattr(other, name)}"
        for words, one, other, name in pairs
        if not np.array_equal(getattr(one, name), getattr(other, name))
    ]
