import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from efdviewer.app.window import make_application
from efdviewer.domain.errors import BadInputError
from efdviewer.domain.session import Latency, LatencyPair, Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.sources import open_source
from efdviewer.sources.workers import run_in_worker
from efdviewer.viewmodels.latency import LatencyViewModel
from tests.memory import LEAP_S, SECOND_NS, Desk, MemorySource, messages
from tests.nights import END_NS

READOUT = "lsst.sal.ATCamera.logevent_startReadout"
PAIR = LatencyPair(topic=READOUT)


@pytest.fixture
def desk() -> Desk:
    make_application()
    return Desk(Session(latency=Latency(pairs=(PAIR,))))


def latency_of(desk: Desk, in_worker=run_in_worker) -> LatencyViewModel:
    return LatencyViewModel(desk.document, desk.runner, in_worker)


async def test_that_typed_bins_count_as_numpy_does(desk, night):
    whole = TimeRange(start_utc_ns=END_NS - 86_400 * SECOND_NS, end_utc_ns=END_NS)
    table = pq.read_table(night / READOUT, columns=["private_rcvStamp", "private_sndStamp"])
    delays = table["private_rcvStamp"].to_numpy() - table["private_sndStamp"].to_numpy()
    async with open_source(str(night)) as source:
        latency = desk.show(latency_of(desk), source, whole)
        latency.edit_panel("Change bins", bins="0:0.005:0.0005")
        await desk.settled()
    edges, counts = latency.histogram(0)
    assert np.array_equal(counts, np.histogram(delays, edges)[0])
    assert counts.sum() > 500
    assert len(counts) == 10


async def test_that_absent_stamps_are_left_out_and_counted(desk):
    table = messages(6).set_column(1, "private_sndStamp", pa.array([0.0, None, *[1.7067e9] * 4]))
    latency = desk.show(latency_of(desk), MemorySource({READOUT: table}))
    await desk.settled()
    figures = latency.rows()[0].figures
    assert (figures.count, figures.absent) == (4, 2)


async def test_that_the_offered_repair_takes_the_suspicion_away(desk):
    latency = desk.show(latency_of(desk), MemorySource({READOUT: messages(20, snd_in="utc")}))
    await desk.settled()
    (row,) = latency.rows()
    assert row.figures.median_s == pytest.approx(LEAP_S + 0.5, abs=1e-6)
    assert row.suspicion
    assert row.repair == ("private_sndStamp", "utc")
    latency.set_scale(READOUT, *row.repair)
    await desk.settled()
    (row,) = latency.rows()
    assert row.figures.median_s == pytest.approx(0.5, abs=1e-6)
    assert (row.suspicion, row.repair) == ("", None)


async def test_that_a_wrong_repair_can_be_repaired(desk):
    latency = desk.show(latency_of(desk), MemorySource({READOUT: messages(20)}))
    latency.set_scale(READOUT, "private_rcvStamp", "utc")
    await desk.settled()
    (row,) = latency.rows()
    assert row.suspicion
    latency.set_scale(READOUT, *row.repair)
    await desk.settled()
    assert latency.rows()[0].figures.median_s == pytest.approx(0.5, abs=1e-6)


async def test_that_a_raw_difference_is_not_suspected(desk):
    latency = desk.show(latency_of(desk), MemorySource({READOUT: messages(20, snd_in="utc")}))
    latency.edit_pair(0, raw=True)
    await desk.settled()
    (row,) = latency.rows()
    assert row.figures.median_s == pytest.approx(LEAP_S + 0.5, abs=1e-6)
    assert (row.suspicion, row.repair) == ("", None)


async def test_that_wrong_bins_change_nothing(desk):
    latency = desk.show(latency_of(desk), MemorySource({READOUT: messages(20)}))
    await desk.settled()
    before = desk.document.session
    with pytest.raises(BadInputError, match="rise"):
        latency.edit_panel("Change bins", bins="3, 2, 1")
    assert desk.document.session is before


async def test_that_changing_bins_asks_the_source_nothing(desk):
    source = MemorySource({READOUT: messages(20)})
    latency = desk.show(latency_of(desk), source)
    await desk.settled()
    asked = len(source.asked)
    latency.edit_panel("Change bins", bins="7")
    await desk.settled()
    assert len(latency.histogram(0)[1]) == 7
    assert len(source.asked) == asked


async def test_that_many_delays_are_worked_out_in_a_worker(desk):
    handed = []

    async def in_worker(function, *parts):
        handed.append(function.__name__)
        return await run_in_worker(function, *parts)

    count = 60_000
    source = MemorySource({READOUT: messages(count, spacing_s=0.01)})
    latency = desk.show(latency_of(desk, in_worker), source)
    latency.set_time_range(TimeRange(start_utc_ns=0, end_utc_ns=END_NS * 2))
    await desk.settled()
    assert {"add", "finish", "binned"} <= set(handed)
    assert latency.histogram(0)[1].sum() == latency.rows()[0].figures.count == count
    handed.clear()
    latency.rows()
    latency.edit_panel("Change bins", bins="5")
    await desk.settled()
    assert handed == ["binned"]
    assert len(latency.histogram(0)[1]) == 5


async def test_that_a_pair_removed_while_bins_are_counted_does_not_come_back(desk):
    source = MemorySource({READOUT: messages(60_000, spacing_s=0.01)})
    latency = desk.show(latency_of(desk), source)
    await desk.settled()
    latency.edit_panel("Change bins", bins="5")
    latency.remove(0)
    await desk.settled()
    assert latency.rows() == []
    desk.document.undo()
    assert latency.histogram(0) is None, "loading anew"
    await desk.settled()
    assert len(latency.histogram(0)[1]) == 5


async def test_that_all_pairs_share_their_edges(desk):
    other = "lsst.sal.ATCamera.logevent_endReadout"
    tables = {READOUT: messages(50), other: messages(50, delay_s=3.0)}
    desk.document.apply("Latency", Session(latency=Latency(pairs=(PAIR, LatencyPair(topic=other)))))
    latency = desk.show(latency_of(desk), MemorySource(tables))
    await desk.settled()
    first, second = latency.histogram(0), latency.histogram(1)
    assert np.array_equal(first[0], second[0])
    assert first[1].sum() == second[1].sum() == 50
    assert [row.name for row in latency.rows()] == ["startReadout", "endReadout"]


async def test_that_two_pairs_of_one_topic_are_named_by_their_stamps(desk):
    pairs = (PAIR, LatencyPair(topic=READOUT, subtrahend="time"))
    desk.document.apply("Latency", Session(latency=Latency(pairs=pairs)))
    latency = desk.show(latency_of(desk), MemorySource({READOUT: messages(5)}))
    await desk.settled()
    first, second = (row.name for row in latency.rows())
    assert first != second
    assert second.endswith("time")


async def test_that_a_missing_stamp_is_told_in_the_row_only(desk):
    table = messages(5).drop_columns(["private_rcvStamp"])
    latency = desk.show(latency_of(desk), MemorySource({READOUT: table}))
    await desk.settled()
    assert "rcvStamp" in latency.rows()[0].status
    assert len(latency.errors()) == 1
    assert desk.reported == []
