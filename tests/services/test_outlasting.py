"""Statements that outlast who asked for them: counted while they run, and ended at once where that is wanted."""

import asyncio
from functools import partial

import pytest

from efdviewer.domain.timerange import TimeRange
from efdviewer.services.catalog import Catalog
from efdviewer.services.series import SeriesRequest
from efdviewer.services.series_loader import SeriesLoader
from efdviewer.services.tasks import TaskRunner
from efdviewer.services.tiles import TileStore
from efdviewer.sources.archive import ArchiveSource
from tests.nights import END_NS, START_NS
from tests.services.recorded import RecordedSource

TOPIC, FIELD = "lsst.sal.ATCamera.wrebPower", "analog_I"
WHOLE = TimeRange(start_utc_ns=START_NS, end_utc_ns=END_NS)
MINUTE = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + 60 * 10**9)
LINGER = "efdviewer.services.flights._LINGER_S"


class Stuck(RecordedSource):
    """Does not answer what is summarised; `running` are the statements that have not ended."""

    def __init__(self, source) -> None:
        super().__init__(source)
        self.running = 0
        self.begun = asyncio.Event()

    async def stream_summary(self, query):
        self.running += 1
        self.begun.set()
        try:
            await asyncio.Event().wait()
            async for batch in super().stream_summary(query):
                yield batch
        finally:
            self.running -= 1


class Desk:
    """Loads one field in the tasks of a runner."""

    def __init__(self, source: Stuck) -> None:
        self._quiet = asyncio.Event()
        self.runner = TaskRunner(report=self._report, changed=self._note)
        self.loader = SeriesLoader(source, Catalog(source), TileStore(), partial(self.runner.adopt, "series"))

    def load(self, time_range: TimeRange) -> None:
        request = SeriesRequest(topic=TOPIC, fields=(FIELD,), time_range=time_range, columns=500)
        self.runner.submit("view", lambda: self.loader.load(request, lambda _series: None), name="Load")

    async def quiet(self) -> None:
        async with asyncio.timeout(10):
            await self._quiet.wait()

    def _note(self) -> None:
        if self.runner.outstanding:
            self._quiet.clear()
        else:
            self._quiet.set()

    def _report(self, error) -> None:
        raise AssertionError(error)


@pytest.fixture
async def source(night):
    async with ArchiveSource(night) as opened:
        yield Stuck(opened)


@pytest.fixture
async def desk(source):
    made = Desk(source)
    yield made
    await made.runner.close()


async def test_that_a_runner_is_busy_until_the_statements_of_a_view_that_was_left_have_ended(source, desk):
    desk.load(WHOLE)
    await source.begun.wait()
    desk.runner.cancel("view")
    await desk.quiet()
    assert source.running == 0


async def test_that_cancelling_everything_ends_statements_at_once(source, desk, monkeypatch):
    monkeypatch.setattr(LINGER, 3600)
    desk.load(WHOLE)
    await source.begun.wait()
    desk.runner.cancel_all()
    await desk.quiet()
    assert source.running == 0


async def test_that_the_statements_about_some_rows_can_be_ended_at_once(source, desk, monkeypatch):
    monkeypatch.setattr(LINGER, 3600)
    desk.load(WHOLE)
    await source.begun.wait()
    desk.runner.cancel("view")
    desk.loader.end((TOPIC, ()))
    await desk.quiet()
    assert source.running == 0


async def test_that_a_summary_ends_at_once_where_the_samples_are_few(source, desk, monkeypatch):
    monkeypatch.setattr(LINGER, 3600)
    desk.load(MINUTE)
    await source.begun.wait()
    await desk.quiet()
    assert source.running == 0
