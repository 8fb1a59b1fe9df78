"""Tiles that are lost while the open end of one is asked for: no gap stays, in the picture or on disk."""

import asyncio
import time

import numpy as np
import pytest

from efdviewer.domain.coverage import GRACE_NS
from efdviewer.domain.tiles import EXTREMES, Slot
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.services.catalog import Catalog
from efdviewer.services.event_loader import EventLoader, EventRequest
from efdviewer.services.kept_tiles import KeptTiles
from efdviewer.services.series import SeriesRequest
from efdviewer.services.series_loader import SeriesLoader
from efdviewer.services.tile_disk import TileDisk
from efdviewer.services.tiles import SeriesKey, TileStore
from efdviewer.sources.workers import run_in_worker
from tests.services.recorded import RecordedSource
from tests.services.test_tiles import extremes_of
from tests.sources.influx import source_of

SECOND = 10**9
SPACING_NS = SECOND // 4
HOUR_NS = 3600 * SECOND
TILE_NS = 64 * 4 * SECOND
"""Of the level at which an hour is drawn."""


class HeldBack(RecordedSource):
    """`asked_again` is set when a summary is asked for; while `gate` is closed it does not set out."""

    def __init__(self, source) -> None:
        super().__init__(source)
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked_again = asyncio.Event()

    async def stream_summary(self, query):
        self.asked_again.set()
        await self.gate.wait()
        async for batch in super().stream_summary(query):
            yield batch


@pytest.fixture
async def source(influxd, request, monkeypatch):
    """An hour and more of rows, of which an open end is asked for again at once.

    Three quarters of the last tile are final, and one is not.
    """
    monkeypatch.setattr("efdviewer.services.habits.FRESH_NS", 0)
    database = f"lost_{abs(hash(request.node.name))}"
    influxd.create_database(database)
    now = time.time_ns()
    now -= (now - GRACE_NS - TILE_NS * 3 // 4) % TILE_NS
    moments = range(now - HOUR_NS - 1200 * SECOND, now, SPACING_NS)
    influxd.write(database, "\n".join(f"t x={place % 7} {moment}" for place, moment in enumerate(moments)))
    async with source_of(influxd, database) as opened:
        made = HeldBack(opened)
        made.hour = TimeRange(start_utc_ns=now - HOUR_NS, end_utc_ns=now)
        yield made


class Curve:
    """Loads one hour of one field; `view` is what was delivered last."""

    def __init__(self, source: HeldBack, store: TileStore) -> None:
        self._source = source
        self._loader = SeriesLoader(source, Catalog(source), store)
        self._request = SeriesRequest(topic="t", fields=("x",), time_range=source.hour, columns=500)
        self.key = SeriesKey(source.origin, "t", "x", ())

    async def load(self, meanwhile=None) -> None:
        """Load; once the source was asked, and before it answers, something else may happen."""
        loading = asyncio.ensure_future(self._loader.load(self._request, self._take))
        if meanwhile is not None:
            self._source.gate.clear()
            self._source.asked_again.clear()
            await self._source.asked_again.wait()
            await meanwhile()
            self._source.gate.set()
        async with asyncio.timeout(20):
            await loading

    def _take(self, series) -> None:
        self._series = series

    @property
    def is_whole(self) -> bool:
        view = self._series.view
        inside = view.times_utc_ns >= self._source.hour.start_utc_ns - view.bucket_ns
        longest_ns = np.diff(view.times_utc_ns[inside]).max()
        lacking_ns = self._source.hour.end_utc_ns - view.times_utc_ns[-1]
        return self._series.complete and max(longest_ns, lacking_ns) < 3 * view.bucket_ns


async def test_that_clearing_while_an_open_end_is_asked_for_leaves_no_gap(source):
    store = TileStore()
    curve = Curve(source, store)
    await curve.load()

    async def clear():
        store.clear()

    await curve.load(clear)
    assert curve.is_whole


async def test_that_clearing_while_a_view_is_filled_leaves_no_gap(source):
    store = TileStore()
    curve = Curve(source, store)
    await curve.load()

    async def clear():
        store.clear()

    store.expire([curve.key])
    await curve.load(clear)
    assert curve.is_whole


async def test_that_a_tile_that_gives_way_while_its_open_end_is_asked_for_leaves_no_gap(source):
    store = TileStore(limit_bytes=200_000)
    curve = Curve(source, store)
    await curve.load()

    async def crowd():
        other = store.series(SeriesKey("elsewhere", "t", "x", ()))
        for number in range(0, 200, 2):
            slot = Slot(SECOND, number)
            other.put(EXTREMES, extremes_of(slot, count=64), time.monotonic())
        assert not any(store.series(curve.key)._tiles)

    await curve.load(crowd)
    assert curve.is_whole


async def test_that_no_gap_stays_on_disk_when_kept_data_are_cleared(source, tmp_path):
    store = KeptTiles(TileDisk(tmp_path), run_in_worker)
    curve = Curve(source, store)
    await curve.load()
    await curve.load(store.clear_everywhere)
    await curve.load()
    await store.close()
    store = KeptTiles(TileDisk(tmp_path), run_in_worker)
    again = Curve(source, store)
    await again.load()
    assert again.is_whole
    await store.close()


async def test_that_clearing_while_events_are_counted_again_leaves_no_gap(source):
    store = TileStore()
    loader = EventLoader(source, Catalog(source), store)
    request = EventRequest(placement=("t", "time", Timescale.UTC), time_range=source.hour, columns=500)
    before = await loader.load(request)
    source.gate.clear()
    source.asked_again.clear()
    loading = asyncio.ensure_future(loader.load(request))
    await source.asked_again.wait()
    store.clear()
    source.gate.set()
    assert (await loading).count_in(source.hour) == before.count_in(source.hour)
