"""Intervals as bands: each where there is room, their coverage where there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.graphics.canvas import PlotCanvas
from efdviewer.ui.graphics.event_lines import EventLines
from efdviewer.ui.graphics.interval_bands import Bands, IntervalBands, coverage
from tests.ui.plots import application

START_NS, HOUR_NS = 1_706_745_600 * 10**9, 3600 * 10**9
VIEW = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + HOUR_NS)


@given(st.lists(st.tuples(st.integers(-20, 120), st.integers(0, 30)), max_size=20))
def test_that_coverage_is_the_time_that_intervals_take_of_each_column(intervals):
    left = np.array([start / 4 for start, _ in intervals])
    right = np.array([(start + length) / 4 for start, length in intervals])
    for column, found in enumerate(coverage(left, right, 25)):
        inside = sum(
            max(0.0, min(end, column + 1) - max(start, column))
            for start, end in zip(left, right, strict=True)
        )
        assert found == pytest.approx(min(inside, 1.0), abs=1e-9)


def canvas_of(starts_s, ends_s, selected=None) -> PlotCanvas:
    application()
    bands = IntervalBands()
    starts, ends = (START_NS + (np.asarray(each) * 1e9).astype(np.int64) for each in (starts_s, ends_s))
    bands.set_bands([Bands("a to b", "#e58fc2", starts, ends, [""] * len(starts))], selected)
    canvas = PlotCanvas(EventLines(), bands)
    canvas.resize(800, 200)
    canvas.set_time_range(VIEW)
    return canvas


def color_at(canvas: PlotCanvas, second: float) -> str:
    frame = canvas.frame()
    x = round(frame.x_at(START_NS + round(second * 1e9)))
    return canvas.grab().toImage().pixelColor(x, frame.top + 7).name()


def test_that_a_band_lies_from_start_to_end_and_the_selected_one_is_stronger():
    canvas = canvas_of([600, 2400], [1200, 3000])
    ground = color_at(canvas, 1800)
    assert color_at(canvas, 900) == color_at(canvas, 2700) != ground
    chosen = canvas_of([600, 2400], [1200, 3000], (START_NS + 600 * 10**9, START_NS + 1200 * 10**9))
    assert color_at(chosen, 900) != color_at(chosen, 2700)


def test_that_many_short_intervals_do_not_look_like_one_long_one():
    starts = np.arange(0, 1800, 1.0)
    sparse = canvas_of(starts, starts + 0.02)
    dense = canvas_of(starts, starts + 0.99)
    ground = color_at(sparse, 2700)
    assert len({color_at(sparse, 900), color_at(dense, 900), ground}) == 3
