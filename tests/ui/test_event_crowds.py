"""More events than pixel columns, in a window: shaded from afar, lines from near."""

import asyncio

import numpy as np
import pyarrow as pa
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolTip, QTreeWidget

from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.sources.archive_writer import ArchiveWriter
from tests.memory import LEAP_S, SECOND_NS, START_NS
from tests.ui.plots import caught
from tests.windows import act, child, in_window

TOPIC, TELEMETRY = "lsst.sal.CSC.logevent_many", "lsst.sal.CSC.telemetry"
HOUR_NS = 3600 * SECOND_NS
COUNT, SPAN_NS = 50_000, 8 * HOUR_NS
END_NS = START_NS + SPAN_NS
MOMENTS = START_NS + np.sort(np.random.default_rng(5).integers(0, SPAN_NS // 1000, COUNT)) * 1000


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """An archive with 50,000 events in 8 hours, all over them."""
    folder = tmp_path_factory.mktemp("crowd") / "archive"
    stamps = MOMENTS / 1e9 + LEAP_S
    events = pa.table({"time": MOMENTS, "private_sndStamp": stamps, "private_seqNum": np.arange(COUNT)})
    times = START_NS + np.arange(2000) * (SPAN_NS // 2000)
    with ArchiveWriter(folder, "a test") as writer:
        for topic, table in (
            (TOPIC, events),
            (TELEMETRY, pa.table({"time": times, "value": np.arange(2000.0)})),
        ):
            for batch in table.to_batches():
                writer.append(topic, batch, {})
    return folder


def arguments(crowd, stamp: str = "time", *, start_ns: int = START_NS, end_ns: int = END_NS) -> list[str]:
    start, end = (f"{format_ns(at, Timescale.UTC)}Z" for at in (start_ns, end_ns))
    view = ["--from", start, "--to", end, "--plot", f"{TELEMETRY}:value"]
    return [str(crowd), *view, "--overlay", f"{TOPIC}@{stamp}"]


def count_shown(window) -> str:
    return child(window, QTreeWidget, "overlayList").topLevelItem(0).text(2)


def noted(window) -> list:
    """Collect the statements that are sent from now on."""
    sent: list = []
    window.workspace.statementChanged.connect(sent.append)
    return sent


def holding_back(window) -> asyncio.Event:
    """Let counts come only once an event is set."""
    released, source = asyncio.Event(), window.workspace.source
    stream = source.stream_summary

    async def late(query):
        await released.wait()
        async for batch in stream(query):
            yield batch

    source.stream_summary = late
    return released


def brightness(row) -> np.ndarray:
    """Give (width,) float64: how bright each column of a plot is where nothing but events is drawn."""
    frame = row.canvas.frame()
    image = row.canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return np.median(pixels[frame.top + 20 : frame.bottom, frame.left : frame.right, 0], axis=0)


async def show(window, start_ns: int, end_ns: int) -> None:
    window.plots.row(0).set_view_range_ns(start_ns, end_ns)
    await window.idle()


def is_consistent(row) -> bool:
    """Tell whether lines are drawn just where nothing is shaded."""
    return all(
        (len(row.event_lines(name)) == 0) is row.event_density(name) for name in (TOPIC, f"{TOPIC}@time")
    )


def test_that_zooming_in_turns_a_shading_to_lines_and_out_again_asks_nothing(crowd):
    async def work(window):
        row, middle = window.plots.row(0), START_NS + SPAN_NS // 2
        whole = row.view_range_ns()
        assert row.event_density(TOPIC)
        assert is_consistent(row)
        assert abs(int(count_shown(window).removeprefix("~").replace(",", "")) - COUNT) < 200
        near = middle, middle + 60 * SECOND_NS
        await show(window, *near)
        expected = MOMENTS[slice(*np.searchsorted(MOMENTS, near))]
        assert row.event_lines(TOPIC).tolist() == expected.tolist()
        assert is_consistent(row)
        assert count_shown(window) == f"{len(expected):,}"
        sent = noted(window)
        await show(window, *whole)
        assert row.event_density(TOPIC)
        assert is_consistent(row)
        await show(window, *near)
        assert row.event_lines(TOPIC).tolist() == expected.tolist()
        assert not [said for said in sent if TOPIC in said.text]

    in_window(arguments(crowd), work)


def test_that_one_event_more_than_columns_is_shaded(crowd):
    async def work(window):
        row, columns = window.plots.row(0), window.plots.columns()
        first = COUNT // 2
        for count, is_shaded in ((columns, False), (columns + 1, True), (columns, False)):
            await show(window, int(MOMENTS[first]), int(MOMENTS[first + count - 1]) + 1)
            assert window.plots.columns() == columns
            assert row.event_density(TOPIC) is is_shaded
            assert len(row.event_lines(TOPIC)) == (0 if is_shaded else count)

    in_window(arguments(crowd), work)


def test_that_a_shaded_column_tells_how_many_events_it_has(crowd):
    async def work(window):
        row = window.plots.row(0)
        frame = row.canvas.frame()
        QTest.mouseMove(row.canvas, QPoint(frame.left + frame.width // 2, frame.top + frame.height // 2))
        await window.idle()
        told = QToolTip.text()
        assert "CSC.many" in told
        assert "events in" in told
        assert told.endswith("here; zoom in to part them")

    in_window(arguments(crowd), work)


def test_that_a_bucket_wider_than_the_view_is_told_as_what_lies_around(crowd):
    async def work(window):
        row = window.plots.row(0)
        frame, left = row.canvas.frame(), caught(window.plots.eventLeft)
        place = QPoint(frame.left + frame.width // 3, frame.top + frame.height // 2)
        QTest.mouseMove(row.canvas, place)
        assert "here; zoom in" in QToolTip.text()
        holding_back(window)
        here_ns = frame.ns_at(place.x())
        row.set_view_range_ns(here_ns - SECOND_NS, here_ns + SECOND_NS)
        assert len(left) == 1, "what it said is no longer true of this place"
        window.overlays.show_tip(window.plots._events.crowd_at(row.canvas.frame(), place.x()), place)
        assert "around here, also outside the view; zoom in" in QToolTip.text()

    in_window(arguments(crowd), work)


def test_that_what_is_known_does_not_blink_when_the_view_steps_to_where_nothing_is(crowd):
    async def work(window):
        row = window.plots.row(0)
        before = brightness(row)
        released = holding_back(window)
        window.workspace.time.step(0.25)
        shift = len(before) // 4
        known = slice(0, len(before) - 2 * shift)
        meanwhile = brightness(row)
        assert meanwhile[-shift // 2 :].mean() > before.mean() + 5, "nothing is known there yet"
        assert abs(meanwhile[known].mean() - before[shift:][known].mean()) < 1
        released.set()
        await window.idle()
        assert abs(brightness(row)[known].mean() - meanwhile[known].mean()) < 1

    in_window(arguments(crowd, start_ns=START_NS + HOUR_NS, end_ns=START_NS + 2 * HOUR_NS), work)


def test_that_a_count_of_what_is_known_in_part_says_so_also_after_cancel(crowd):
    near = START_NS + HOUR_NS, START_NS + 2 * HOUR_NS
    whole = int(np.diff(np.searchsorted(MOMENTS, near))[0])

    async def work(window):
        tree, hint = child(window, QTreeWidget, "overlayList"), child(window, QLabel, "overlayHint")
        item = tree.topLevelItem(0)
        holding_back(window)
        window.plots.row(0).set_view_range_ns(START_NS, END_NS)
        for act_on in (lambda: None, window.workspace.cancel_all):
            act_on()
            assert item.text(2).startswith("≥ ")
            known = int(item.text(2).removeprefix("≥ ").replace(",", ""))
            assert whole - 20 < known < COUNT // 4
            assert item.toolTip(2).startswith(f"At least {known:,} in view\nOnly a part of the view is known")
        assert tree.fontMetrics().horizontalAdvance("≥ 888,888") < tree.columnWidth(2)
        assert hint.text() == "CSC.many: Loaded in part"

    in_window(arguments(crowd, start_ns=near[0], end_ns=near[1]), work)


def test_that_the_count_of_what_is_not_known_at_all_is_none(crowd):
    async def work(window):
        item = child(window, QTreeWidget, "overlayList").topLevelItem(0)
        window.workspace.events.edit(0, "Change overlay's stamp", stamp="private_sndStamp")
        assert item.text(2) == "?"
        assert item.toolTip(2).startswith("Not known how many are in view")
        await window.idle()
        assert item.text(2).startswith("~")

    in_window(arguments(crowd), work)


def test_that_a_reload_asks_for_the_counts_again(crowd):
    async def work(window):
        sent = noted(window)
        act(window, "actionReload")
        await window.idle()
        assert [said for said in sent if TOPIC in said.text]
        assert window.plots.row(0).event_density(TOPIC)

    in_window(arguments(crowd), work)


def test_that_a_hidden_overlay_is_neither_lines_nor_shaded_and_undo_shades_it_again(crowd):
    async def work(window):
        row = window.plots.row(0)
        before = window.workspace.session
        window.workspace.events.edit(0, "Hide overlay", visible=False)
        assert (row.event_density(TOPIC), len(row.event_lines(TOPIC))) == (False, 0)
        act(window, "actionUndo")
        await window.idle()
        assert row.event_density(TOPIC)
        assert window.workspace.session == before

    in_window(arguments(crowd), work)


def test_that_a_session_opens_with_the_same_shading(crowd, tmp_path):
    path = tmp_path / "crowd.efdview"

    def shown(window) -> tuple:
        (state,) = window.workspace.events.states()
        return state.density.counts.tolist(), state.density.starts_utc_ns.tolist(), count_shown(window)

    async def save(window):
        await window.save_session(path)
        return shown(window)

    async def look(window):
        return shown(window)

    assert in_window(arguments(crowd, "sndStamp"), save) == in_window(["--session", str(path)], look)
