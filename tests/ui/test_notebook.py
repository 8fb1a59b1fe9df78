"""The notebook that the program replaces, step by step, beside the window: its series and its lines."""

import itertools
import re

import numpy as np
import pandas as pd
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidget

from efdviewer.domain.timescale import Timescale, format_ns
from tests.nights import CAMERA, END, END_NS, START_NS
from tests.ui.hands import HELD, TopicHand, click, open_menu_and_choose, pick, type_range
from tests.ui.notebook import (
    EVENTS,
    LINES,
    QUERIES,
    RECEIVE,
    SEND,
    STORED,
    TAI_AHEAD_NS,
    lines_at,
    nanoseconds,
)
from tests.windows import child, widen

START = format_ns(START_NS, Timescale.UTC)
PARTS = 8
SERIES = [(topic, name) for topic in ("wreb", "command_takeImages", "wrebPower") for name in QUERIES[topic]]
NEAR_NS = 1000
POWER = ("ATCamera", "wrebPower", "analog_I")


async def plot_power(window) -> TopicHand:
    """Type the range, find analog_I and plot it by a double-click."""
    await type_range(window, START, END)
    hand = TopicHand(window)
    await hand.open("wrebpower", *POWER[:2])
    await hand.double_click(hand.row(*POWER))
    return hand


async def plot_all(window) -> None:
    """Plot what the notebook queried: by double-click, from the menu, and by Return."""
    hand = await plot_power(window)
    wreb, take_images = ("ATCamera", "wreb"), ("ATCamera", "command_takeImages")
    await hand.open("atcamera wreb", *wreb)
    hand.click(hand.row(*wreb, "temp1"))
    hand.click(hand.row(*wreb, "temp6"), HELD.ShiftModifier)
    await hand.choose(hand.row(*wreb, "temp6"), "actionPlotInNewRow")
    await hand.press(hand.row(*wreb, "ccdTemp0"), Qt.Key.Key_Return)
    await hand.open("take images", *take_images)
    await hand.choose(hand.row(*take_images, "expTime"), "actionPlotInNewRow")
    await hand.press(hand.row(*take_images, "numImages"), Qt.Key.Key_Return)


def drawn(window) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray, str]]:
    """Give of every curve its times, its values, and what the legend says that they are."""
    found = {}
    for row in window.plots.rows():
        for entry in row.legend.entries():
            field = entry.state.field
            key = (field.topic.removeprefix(f"{CAMERA}."), field.field)
            said = (word for word, _ in entry.words() if re.match("samples|min and max", word))
            found[key] = (*row.drawn_points(field), next(said, ""))
    return found


def compare(points: tuple[np.ndarray, np.ndarray, str], series: pd.Series) -> None:
    """Compare samples one by one, and of each bucket the least and greatest with those of its own rows."""
    times_utc_ns, values, legend = points
    rows_utc_ns, rows = nanoseconds(series.index), series.to_numpy()
    if legend == "samples":
        assert np.array_equal(times_utc_ns, rows_utc_ns)
        assert np.array_equal(values, rows)
        return
    minutes, seconds = re.fullmatch(r"min and max of (?:(\d+) min )?(\d+) s", legend).groups("0")
    width_ns = (60 * int(minutes) + int(seconds)) * 1_000_000_000
    expected = series.groupby(rows_utc_ns // width_ns).agg(["min", "max"])
    buckets = times_utc_ns.reshape(-1, 2) // width_ns
    assert np.array_equal(buckets[:, 0], buckets[:, 1])
    assert np.array_equal(buckets[:, 0], expected.index)
    assert np.array_equal(np.sort(values.reshape(-1, 2), axis=1), expected.to_numpy())


def test_that_every_series_of_the_notebook_is_drawn_exactly(work_in, night_today, capsys):
    frames = night_today.frames()
    series = {(topic, name): frames[topic][name] for topic, name in SERIES}
    bounds = np.linspace(START_NS, END_NS, PARTS + 1).astype(np.int64)

    async def look(window):
        await plot_all(window)
        whole = drawn(window)
        assert whole.keys() == series.keys()
        assert [len(row.curves()) for row in window.plots.rows()] == [1, 7, 2]
        for key, points in whole.items():
            compare(points, series[key])
        parts = []
        for start, end in itertools.pairwise(bounds):
            await type_range(window, *(format_ns(int(bound), Timescale.UTC) for bound in (start, end)))
            parts.append(drawn(window))
        for key, rows in series.items():
            assert all(part[key][2] == ("samples" if len(part[key][0]) else "") for part in parts), key
            compare((*(np.concatenate([part[key][n] for part in parts]) for n in (0, 1)), "samples"), rows)
        return whole

    whole = work_in(night_today, look)
    with capsys.disabled():
        samples = sum(map(len, series.values()))
        words = sorted({points[2] for points in whole.values()})
        print(f"\n{len(series)} series, {samples:,} samples: equal to the notebook's, time and value")
        print(
            f"over 20 h drawn as {', '.join(words)}: {sum(len(p[0]) for p in whole.values()):,} points equal"
        )


def expected_lines(frame: pd.DataFrame, stamp: str) -> np.ndarray:
    """Give where the notebook drew lines, less the 37 s by which TAI is ahead, as far as they are in view."""
    lines = np.sort(lines_at(frame, stamp)) - TAI_AHEAD_NS
    return lines[(lines >= START_NS) & (lines < END_NS)]


def furthest_ns(lines: np.ndarray, expected: np.ndarray) -> int:
    assert len(lines) == len(expected) > 100
    return int(np.abs(lines - expected).max())


def test_that_lines_stand_where_the_notebook_drew_them_less_37_s(work_in, either_night, capsys):
    frames = either_night.frames()

    async def look(window):
        await widen(window)
        hand = await plot_power(window)
        for event in EVENTS:
            topic = await hand.find(f"atcamera {event}", "ATCamera", f"logevent_{event}")
            if event in LINES:
                await hand.choose(topic, "actionOverlayTopic")
            else:
                await hand.double_click(topic)
        row, tree = window.plots.row(0), child(window, QTreeWidget, "overlayList")
        apart = {}
        for place, event in enumerate(EVENTS):
            lines = row.event_lines(f"{CAMERA}.logevent_{event}@sndStamp")
            apart[event] = furthest_ns(lines, expected_lines(frames[f"logevent_{event}"], SEND))
            assert tree.topLevelItem(place).text(2) == f"{len(lines):,}"
        swatches = [tree.topLevelItem(place).icon(0).pixmap(12).toImage() for place in range(len(LINES))]
        hues = [image.pixelColor(6, 6).hue() for image in swatches]
        assert [hue // 120 for hue in np.add(hues, 60) % 360] == [1, 2, 0], "green, blue, red"
        return apart

    apart = work_in(either_night, look)
    with capsys.disabled():
        print(f"\nlines off the notebook's less 37 s by at most, ns: {apart}")
    assert max(apart.values()) <= NEAR_NS


def test_that_stamps_of_2019_read_as_utc_stand_where_the_notebook_drew_them(work_in, night_2019):
    frames = night_2019.frames()

    async def look(window):
        await widen(window)
        hand = await plot_power(window)
        tree = child(window, QTreeWidget, "overlayList")
        for place, event in enumerate(LINES):
            await hand.choose(await hand.find(event, "ATCamera", f"logevent_{event}"), "actionOverlayTopic")
            spot = tree.visualItemRect(tree.topLevelItem(place)).center()
            click(tree.viewport(), spot)
            await open_menu_and_choose(window, tree.viewport(), spot, "actionOverlayScaleUtc")
        for event in LINES:
            lines = window.plots.row(0).event_lines(f"{CAMERA}.logevent_{event}@sndStamp")
            frame = frames[f"logevent_{event}"]
            assert furthest_ns(lines, np.sort(lines_at(frame, SEND))) <= NEAR_NS
            assert furthest_ns(lines, nanoseconds(frame.index)) <= NEAR_NS

    work_in(night_2019, look)


def test_that_one_event_shows_its_stamps_as_lines_of_their_own(work_in, night_today, capsys):
    frame = night_today.frames()["logevent_startReadout"]
    at = len(frame) // 2
    event = frame.iloc[at : at + 1]
    moments = {
        "time": nanoseconds(event.index),
        "rcvStamp": lines_at(event, RECEIVE) - TAI_AHEAD_NS,
        "efdStamp": lines_at(event, STORED),
        "sndStamp": lines_at(event, SEND) - TAI_AHEAD_NS,
    }

    async def look(window):
        hand = await plot_power(window)
        for place, stamp in enumerate(moments):
            topic = await hand.find("startreadout", "ATCamera", "logevent_startReadout")
            await hand.choose(topic, "actionOverlayTopic")
            await pick(window, f"overlayStamp{place}", stamp)
        middle = int(moments["time"][0])
        await type_range(window, *(format_ns(middle + way * 10**7, Timescale.UTC) for way in (-1, 1)))
        row = window.plots.row(0)
        return {stamp: row.event_lines(f"{CAMERA}.logevent_startReadout@{stamp}") for stamp in moments}

    found = work_in(night_today, look)
    for stamp, lines in found.items():
        assert len(lines) == 1, stamp
        assert abs(int(lines[0] - moments[stamp][0])) <= NEAR_NS, stamp
    assert np.array_equal(found["time"], moments["time"])
    assert found["rcvStamp"][0] - found["sndStamp"][0] > 100 * NEAR_NS
    with capsys.disabled():
        offsets = {stamp: int(lines[0] - moments["time"][0]) for stamp, lines in found.items()}
        print(f"\none event's lines, ns from its index: {offsets}")
