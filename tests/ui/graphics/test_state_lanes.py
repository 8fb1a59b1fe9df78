"""Lanes of states: legible in both schemes, and at a cost that follows pixels."""

import time

import numpy as np
import pytest
from PySide6.QtGui import QPalette

from efdviewer.domain.states import SEVERAL, runs_of
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldRef
from efdviewer.ui.graphics.canvas import PlotCanvas
from efdviewer.ui.graphics.event_lines import EventLines
from efdviewer.ui.graphics.interval_bands import IntervalBands
from efdviewer.ui.graphics.state_lanes import state_color
from efdviewer.ui.theme import Scheme, apply_scheme
from efdviewer.viewmodels.states import LaneState
from tests.ui.plots import application

START_NS = 1_706_745_600 * 10**9
HOUR_NS = 3600 * 10**9
VIEW = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + HOUR_NS)
FIELD = FieldRef("lsst.sal.CSC.logevent_mode", "mode")


@pytest.fixture(params=[Scheme.LIGHT, Scheme.DARK], ids=["light", "dark"])
def scheme(request):
    application()
    apply_scheme(request.param)
    yield request.param
    apply_scheme(Scheme.SYSTEM)


def canvas_of(times: np.ndarray, values: list, **lane) -> PlotCanvas:
    application()
    canvas = PlotCanvas(EventLines(), IntervalBands())
    canvas.resize(900, 90)
    canvas.set_time_range(VIEW)
    runs = runs_of(times, values, VIEW.end_utc_ns)
    parts = {"field": FIELD, "title": FIELD.title, "runs": runs, "known": VIEW}
    canvas.set_lanes([LaneState(**(parts | lane))])
    return canvas


def luminance(color) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


@pytest.mark.usefixtures("scheme")
def test_that_labels_are_legible_on_every_state():
    text = luminance(application().palette().color(QPalette.ColorRole.Text))
    names = ["ENABLED", "DISABLED", "STANDBY", "OFFLINE", "FAULT", "true", "false"]
    states = [(0, name) for name in names] + [(value, str(value)) for value in range(16)]
    contrasts = {}
    for value, label in states:
        ground = luminance(state_color(value, label))
        contrasts[label] = (max(text, ground) + 0.05) / (min(text, ground) + 0.05)
    assert not {label: contrast for label, contrast in contrasts.items() if contrast < 4.5}
    assert state_color(3, "3") == state_color(3, "3")
    assert state_color(3, "3") != state_color(4, "4")


def test_that_a_state_that_is_narrower_than_a_pixel_is_still_seen():
    times = np.array([0, HOUR_NS // 2, HOUR_NS // 2 + 1000]) + START_NS
    canvas = canvas_of(times, [1, 2, 1])
    plain = canvas_of(times[:1], [1])
    frame = canvas.frame()
    middle, y = frame.left + frame.width // 2, frame.top + 26
    found = {canvas.grab().toImage().pixelColor(middle + offset, y).name() for offset in (-1, 0, 1)}
    assert found != {plain.grab().toImage().pixelColor(middle, y).name()}


def test_that_what_is_not_known_is_hatched_and_several_states_are_grained():
    known = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + HOUR_NS // 2)
    canvas = canvas_of(np.array([START_NS, START_NS + HOUR_NS // 4]), [1, SEVERAL], known=known)
    image, frame = canvas.grab().toImage(), canvas.frame()

    def colors(share: float) -> set[str]:
        x = round(frame.left + share * frame.width)
        return {image.pixelColor(x + dx, frame.top + 22 + dy).name() for dx in range(8) for dy in range(6)}

    assert len(colors(0.1)) == 1
    assert len(colors(0.3)) > 1, "grained"
    assert len(colors(0.6)) > 1, "hatched"


def test_that_painting_costs_no_more_for_twenty_thousand_states():
    def paint_s(count: int) -> float:
        canvas = canvas_of(
            START_NS + np.arange(count) * (HOUR_NS // count), [place % 5 for place in range(count)]
        )
        canvas.grab()
        times = []
        for _ in range(5):
            begun_s = time.perf_counter()
            canvas.grab()
            times.append(time.perf_counter() - begun_s)
        return min(times)

    assert paint_s(20_000) < 3 * paint_s(800)
