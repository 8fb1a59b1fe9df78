"""The state of each curve, from the first request to the last word, on a real archive."""

import asyncio

import numpy as np
import pytest

from efdviewer.domain import edits
from efdviewer.domain.errors import UnreachableError
from efdviewer.domain.session import Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldRef
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.tasks import TaskRunner
from efdviewer.services.tiles import TileStore
from efdviewer.sources.archive import ArchiveSource
from efdviewer.viewmodels.curve_state import CurveStatus
from efdviewer.viewmodels.plot import PlotViewModel
from tests.nights import END_NS, START_NS
from tests.services.recorded import RecordedSource
from tests.ui.plots import application

CAMERA = "lsst.sal.ATCamera"
POWER, WARM = FieldRef(f"{CAMERA}.wrebPower", "analog_I"), FieldRef(f"{CAMERA}.wreb", "temp1")
HOUR_NS = 3600 * 10**9
WHOLE = TimeRange(start_utc_ns=START_NS, end_utc_ns=END_NS)
LATER = TimeRange(start_utc_ns=END_NS + HOUR_NS, end_utc_ns=END_NS + 2 * HOUR_NS)


class Bench:
    """A view model on a document, with all that it told."""

    def __init__(self, *fields: FieldRef) -> None:
        application()
        self.document = Document(Session(source="demo"))
        self.document.apply("Add plot", edits.add_row(self.document.session, fields))
        self._changed = asyncio.Event()
        self.runner = TaskRunner(report=self._report, changed=self._changed.set)
        self.model = PlotViewModel(
            self.document, self.runner, TileStore(), WHOLE, lambda index: f"#{index:06x}", prefetches=False
        )
        self.document.observers.append(self.model.sessionChanged)
        self.told: list[CurveStatus] = []
        self.model.curveChanged.connect(lambda _row, state: self.told.append(state.status))

    def _report(self, error) -> None:
        raise AssertionError(error)

    def state(self, index=0):
        return self.model.states(0)[index]

    async def settle(self) -> None:
        while self.runner.outstanding:
            self._changed.clear()
            await self._changed.wait()


@pytest.fixture
async def source(night):
    async with ArchiveSource(night) as opened:
        yield opened


@pytest.fixture
async def bench(source):
    made = Bench(POWER)
    made.source = source
    source.statement_observers.append(made.model.observe)
    made.model.set_source(source, Catalog(source))
    yield made
    await made.runner.close()


async def test_that_a_curve_is_loading_until_it_is_ready(bench):
    assert bench.state().status is CurveStatus.LOADING
    assert bench.state().view is None
    await bench.settle()
    state = bench.state()
    assert (state.status, state.message, state.units) == (CurveStatus.READY, "", "A")
    assert state.detail.startswith("min and max of")
    assert state.title == "ATCamera.wrebPower.analog_I"


async def test_that_the_coarse_picture_stands_in_while_the_fine_one_is_loading(bench):
    await bench.settle()
    before = bench.state().view
    hour = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + HOUR_NS)
    bench.model.set_time_range(hour)
    assert bench.state().status is CurveStatus.LOADING
    coarse = bench.state().view
    assert coarse.bucket_ns == before.bucket_ns
    inside = before.times_utc_ns < hour.end_utc_ns
    assert set(before.values[inside]) <= set(coarse.values)
    await bench.settle()
    assert bench.state().status is CurveStatus.READY
    assert bench.state().view.bucket_ns < before.bucket_ns


async def test_that_the_old_picture_stays_while_nothing_is_known_of_the_next(bench):
    await bench.settle()
    before = bench.state().view
    bench.model.set_time_range(TimeRange(start_utc_ns=START_NS - HOUR_NS, end_utc_ns=START_NS))
    assert bench.state().status is CurveStatus.LOADING
    assert bench.state().view is before
    await bench.settle()
    assert bench.state().status is CurveStatus.NO_DATA


async def test_that_an_empty_range_names_the_latest_sample_before_it(bench):
    await bench.settle()
    last = bench.state().view.times_utc_ns[-1]
    bench.model.set_time_range(LATER)
    await bench.settle()
    state = bench.state()
    assert state.status is CurveStatus.NO_DATA
    assert "The last one before it was at 2024-02-01 07:5" in state.message
    assert state.message.endswith("UTC.")
    assert last <= END_NS


async def test_that_unknown_fields_topics_and_text_say_what_they_are(source):
    made = Bench(
        FieldRef(WARM.topic, "nonsense"),
        FieldRef(f"{CAMERA}.nonsense", "x"),
        FieldRef(f"{CAMERA}.logevent_logMessage", "message"),
    )
    made.model.set_source(source, Catalog(source))
    await made.settle()
    states = [made.state(index) for index in range(3)]
    assert [state.status for state in states] == [CurveStatus.UNKNOWN, CurveStatus.UNKNOWN, CurveStatus.TEXT]
    for state, words in zip(states, ("no field 'nonsense'", "nonsense", "is text"), strict=True):
        assert words in state.message
    assert len(made.model.errors()) == 3


async def test_that_a_cancelled_load_says_so_and_can_be_taken_up_again(bench):
    bench.model.cancel(POWER.subset)
    assert bench.state().status is CurveStatus.CANCELLED
    assert bench.state().message == "Loading was cancelled."
    await bench.settle()
    assert bench.state().status is CurveStatus.CANCELLED
    bench.model.reload()
    await bench.settle()
    assert bench.state().status is CurveStatus.READY
    bench.model.reload()
    bench.model.cancel(POWER.subset)
    assert bench.state().message == "Loading was cancelled. The picture is that of before."
    assert len(bench.state().view.values)


async def test_that_no_picture_of_before_is_spoken_of_where_none_is_in_sight(bench):
    await bench.settle()
    bench.model.set_time_range(LATER)
    bench.model.cancel(POWER.subset)
    assert bench.state().message == "Loading was cancelled."


async def test_that_a_cancelled_load_ends_its_statements_at_once(source, monkeypatch):
    monkeypatch.setattr("efdviewer.services.flights._LINGER_S", 3600)
    made, stuck = Bench(POWER), RecordedSource(source)
    stuck.stops_after = 0
    made.model.set_source(stuck, Catalog(stuck))
    await stuck.stopped.wait()
    made.model.cancel(POWER.subset)
    async with asyncio.timeout(10):
        await made.settle()


async def test_that_a_failure_is_told_over_the_picture_of_before_and_goes_with_the_next_success(night):
    source = ArchiveSource(night)
    async with source:
        made = Bench(POWER)
        made.model.set_source(source, Catalog(source))
        await made.settle()
        good = source.samples, source.summary
        view = made.state().view

        async def refuse(query):
            raise UnreachableError("The archive is gone.", hint="Bring it back.")

        source.samples = source.summary = refuse
        made.model.reload()
        await made.settle()
        assert made.state().status is CurveStatus.FAILED
        assert "The archive is gone." in made.state().message
        assert "Bring it back." in made.state().message
        assert made.state().message.endswith("The picture is that of before.")
        assert np.array_equal(made.state().view.values, view.values)
        assert len(made.model.errors()) == 1
        source.samples, source.summary = good
        made.model.reload()
        await made.settle()
        assert made.state().status is CurveStatus.READY
        await made.runner.close()


async def test_that_a_load_tells_its_progress(source):
    made = Bench(POWER)
    source.statement_observers.append(made.model.observe)
    said = []
    made.model.curveChanged.connect(lambda _row, state: said.append(state.message))
    made.model.set_source(source, Catalog(source))
    await made.settle()
    assert any("answered" in message for message in said)
    assert said[-1] == ""


async def test_that_only_what_is_new_is_loaded_and_what_comes_back_is_known(bench):
    await bench.settle()
    view = bench.state().view
    session = bench.document.session
    bench.document.apply("Add curve", edits.add_curves(session, 0, [WARM]))
    assert bench.state().status is CurveStatus.READY
    assert bench.state(1).status is CurveStatus.LOADING
    await bench.settle()
    assert bench.state().view is view
    assert (bench.state().side, bench.state(1).side) == ("left", "right")
    bench.document.apply("Remove curve", edits.remove_curve(bench.document.session, 0, POWER))
    sent = []
    bench.source.statement_observers.append(sent.append)
    bench.document.apply("Add curve", edits.add_curves(bench.document.session, 0, [POWER]))
    assert bench.state(1).status is CurveStatus.READY
    await bench.settle()
    assert np.array_equal(bench.state(1).view.values, view.values)
    assert not sent


async def test_that_without_a_source_it_says_whether_one_is_on_its_way():
    made = Bench(POWER)
    assert (made.state().status, made.state().message) == (
        CurveStatus.UNKNOWN,
        "No source is connected.",
    )
    made.model.set_absence(CurveStatus.LOADING, "Connecting …")
    assert made.state().status is CurveStatus.LOADING
    assert "Connecting" in made.state().message


async def test_that_a_curve_removed_while_it_loads_is_there_when_it_comes_back(bench):
    document = bench.document
    document.apply("Add curve", edits.add_curves(document.session, 0, [FieldRef(POWER.topic, "analog_V")]))
    document.apply("Remove curve", edits.remove_curve(document.session, 0, POWER))
    await bench.settle()
    assert bench.model.states(0)[0].field != POWER
    document.apply("Add curve", edits.add_curves(document.session, 0, [POWER]))
    await bench.settle()
    assert bench.state(1).status is CurveStatus.READY
    assert bench.state(1).view.has_points
