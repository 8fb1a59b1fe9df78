"""A source that is left while it is asked: what it still answers is nobody's, and nothing stays loading."""

import asyncio
from dataclasses import replace

import pytest

from efdviewer.domain import edits
from efdviewer.domain.session import Session
from efdviewer.domain.timerange import TimeRange, spec_of
from efdviewer.domain.timescale import Timescale
from efdviewer.services.catalog import Catalog
from efdviewer.sources.archive import ArchiveSource
from efdviewer.viewmodels.curve_state import CurveStatus
from efdviewer.viewmodels.workspace import Palettes, Workspace
from tests.growing import until
from tests.nights import START_NS
from tests.services.recorded import RecordedSource
from tests.ui.plots import application
from tests.viewmodels.test_plot import POWER, WARM, Bench

HOUR_NS = 3600 * 10**9
MINUTE = TimeRange(start_utc_ns=START_NS + HOUR_NS, end_utc_ns=START_NS + HOUR_NS + 60 * 10**9)


class Late(RecordedSource):
    """Answers when `gate` opens; with `insists` also who does not wait for it any more."""

    def __init__(self, source, *, insists: bool = False) -> None:
        super().__init__(source)
        self.gate = asyncio.Event()
        self.reached = asyncio.Event()
        self._insists = insists

    async def samples(self, query):
        self.reached.set()
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            if not self._insists:
                raise
            await self.gate.wait()
        return await super().samples(query)


@pytest.fixture
async def opened(night):
    async with ArchiveSource(night) as source:
        yield source


@pytest.mark.parametrize("insists", [False, True])
async def test_that_an_answer_is_not_taken_once_its_source_was_left(opened, insists):
    made = Bench(WARM)
    source = Late(opened, insists=insists)
    made.model.set_time_range(MINUTE)
    made.model.set_source(source, Catalog(source))
    await source.reached.wait()
    made.model.set_source(None, None)
    assert made.runner.names == []
    source.gate.set()
    await made.settle()
    assert made.state().view is None
    assert made.state().message == "No source is connected."
    await made.runner.close()


async def test_that_curves_are_told_of_when_there_is_no_source_any_more(opened):
    made = Bench(POWER)
    made.model.set_source(opened, Catalog(opened))
    await made.settle()
    assert made.told[-1] is CurveStatus.READY
    made.model.set_source(None, None)
    assert made.told[-1] is CurveStatus.UNKNOWN
    await made.runner.close()


async def test_that_nothing_of_one_source_is_drawn_under_the_name_of_another(night, monkeypatch):
    application()
    gate, samples = asyncio.Event(), ArchiveSource.samples
    asked = asyncio.Event()

    async def late(self, query):
        asked.set()
        await gate.wait()
        return await samples(self, query)

    monkeypatch.setattr(ArchiveSource, "samples", late)
    spec = spec_of(MINUTE, Timescale.UTC)
    session = edits.add_row(replace(Session(source=str(night)), start=spec.start, end=spec.end), [WARM])
    palettes = Palettes(curve=lambda _index: "#000000", overlay=lambda _index: "#000000")
    workspace = Workspace(session, palettes, prefetches=False)
    failed = asyncio.Event()
    workspace.messageRaised.connect(lambda _error: failed.set())
    workspace.start()
    async with asyncio.timeout(20):
        await asked.wait()
        other = edits.set_source(workspace.session, "influxdb://127.0.0.1:1?db=other")
        workspace.document.apply("Open source", other)
        await failed.wait()
        gate.set()
        await until(workspace.busyChanged, lambda: not workspace.runner.outstanding, within_s=10)
    (state,) = workspace.plot.states(0)
    assert state.view is None
    assert state.status is CurveStatus.FAILED
    await workspace.close()
