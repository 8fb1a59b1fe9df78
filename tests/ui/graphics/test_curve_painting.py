from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from efdviewer.domain.level_view import MeanLine
from efdviewer.ui.graphics.curve import CurvePainter
from efdviewer.ui.graphics.event_lines import EventLines
from efdviewer.ui.graphics.frame import Frame, ValueScale
from efdviewer.ui.palette import shown_color
from tests.ui.plots import RANGE, START_NS, application, curve, overlay, view

FRAME = Frame(left=0, top=0, width=200, height=100, time_range=RANGE)
SCALE = ValueScale(low=0.0, high=100.0)


def painted(state, frame=FRAME, scale=SCALE, *, before=None) -> np.ndarray:
    """Give (height, width) bool: where a curve leaves ink, perhaps after another state of it was drawn."""
    application()
    image = QImage(frame.width, frame.height, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    curve_painter = CurvePainter()
    for shown in (before, state):
        image.fill(0)
        curve_painter.state = shown
        curve_painter.paint(painter, frame, scale, QColor("#ffffff"))
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(frame.height, -1, 4)[:, :, 3] > 40


def test_that_a_spike_of_one_point_among_thousands_is_drawn():
    values = np.full(4000, 10.0)
    values[2001] = 95.0
    ink = painted(curve(view=view(values, bucket_ns=1)))
    assert ink[5:85].any(axis=0).sum() in (1, 2)
    assert ink[6:88, 99:102].any(axis=1).all()


def test_that_a_gap_stays_a_gap_sparse_and_dense():
    for count, bucket_ns in ((20, 0), (4000, 1)):
        connect = np.ones(count, np.bool_)
        connect[count // 2 - 1] = False
        times_apart = view(np.full(count, 50.0), connect=connect, bucket_ns=bucket_ns)
        times = times_apart.times_utc_ns.copy()
        times[count // 2 :] += RANGE.span_ns // 4
        state = curve(
            view=type(times_apart)(
                time_range=RANGE,
                times_utc_ns=times,
                values=times_apart.values,
                connect=connect,
                bucket_ns=bucket_ns,
            )
        )
        ink = painted(state)
        assert ink[:, 20:90].any()
        assert not ink[:, 104:140].any()


def test_that_dense_columns_cover_what_the_line_would_cover():
    rng = np.random.default_rng(3)
    values = np.clip(np.cumsum(rng.normal(size=2000)) + 50, 5, 95)
    dense = painted(curve(view=view(values, bucket_ns=1)))
    wide = Frame(left=0, top=0, width=4000, height=100, time_range=RANGE)
    fine = painted(curve(view=view(values, bucket_ns=1)), wide).reshape(100, 200, 20).any(axis=2)
    for column in range(2, 198):
        rows, expected = np.flatnonzero(dense[:, column]), np.flatnonzero(fine[:, column])
        assert abs(rows[0] - expected[0]) <= 3
        assert abs(rows[-1] - expected[-1]) <= 3


@pytest.mark.parametrize("width_px", [0.55, 0.92, 1.0, 1.3, 1.41, 1.9])
@pytest.mark.parametrize("swaps", [False, True])
def test_that_a_band_of_buckets_has_no_gaps_whatever_their_width(width_px, swaps):
    """Each bucket reaches from 30 to 70; in which order it shows both does not matter."""
    pairs = np.array([[30.0, 70.0], [70.0, 30.0]])[np.arange(int(FRAME.width / width_px)) % 2 * swaps]
    ink = painted(curve(view=view(pairs.ravel(), bucket_ns=1)))
    assert ink[31:69, 2:-2].all()
    assert not ink[:28].any()
    assert not ink[72:].any()


@pytest.mark.parametrize("width_px", [0.6, 1.3, 1.9])
def test_that_a_bucket_that_stands_out_is_drawn_once_in_its_place(width_px):
    pairs = np.tile([40.0, 45.0], (int(FRAME.width / width_px), 1))
    place = len(pairs) // 2
    pairs[place] = 40.0, 95.0
    columns = np.flatnonzero(painted(curve(view=view(pairs.ravel(), bucket_ns=1)))[6:50].any(axis=0))
    assert 1 <= len(columns) <= width_px + 2
    assert abs(columns.mean() + 0.5 - (place + 0.5) * width_px) <= 1.5


def test_that_steps_hold_their_value_until_the_next_sample_and_from_the_left_edge():
    state = curve(view=view([20.0, 80.0], stepped=True), held=(START_NS - 5, 60.0))
    ink = painted(state)
    assert ink[39:42, 10:45].any(axis=0).all()
    assert ink[79:82, 55:145].any(axis=0).all()
    assert ink[19:22, 155:199].any(axis=0).all()


def test_that_the_last_step_ends_where_the_telemetry_has_fallen_silent():
    stepped = view([20.0, 80.0], stepped=True)
    lasts_ns = RANGE.span_ns // 8
    ink = painted(curve(view=replace(stepped, hold_ns=lasts_ns)))
    assert ink[19:22, 152:173].any(axis=0).all()
    assert not ink[:, 178:].any()
    ink = painted(curve(view=replace(stepped, hold_ns=lasts_ns), held=(START_NS - 5, 60.0)))
    assert not ink[:, :45].any()


def test_that_a_held_value_without_samples_is_a_line_across():
    ink = painted(curve(view=None, held=(START_NS - 5, 60.0)))
    assert ink[39:41, 1:199].any(axis=0).all()


def test_that_a_held_value_that_comes_after_the_samples_is_drawn():
    drawn = view([20.0, 80.0], stepped=True)
    late = painted(curve(view=drawn, held=(START_NS - 5, 60.0)), before=curve(view=drawn))
    assert np.array_equal(late, painted(curve(view=drawn, held=(START_NS - 5, 60.0))))


def test_that_a_held_value_without_samples_ends_where_it_ceases_to_count():
    empty = replace(view([], stepped=True), hold_ns=RANGE.span_ns // 2)
    ink = painted(curve(view=empty, held=(START_NS - 5, 60.0)))
    assert ink[39:41, 1:98].any(axis=0).all()
    assert not ink[:, 102:].any()


def test_that_points_far_outside_do_not_bend_the_line_between_them():
    narrow = type(RANGE)(start_utc_ns=START_NS + 500_000_000_000, end_utc_ns=START_NS + 500_000_001_000)
    frame = Frame(left=0, top=0, width=200, height=100, time_range=narrow)
    ink = painted(curve(view=view([0.0, 100.0])), frame)
    assert ink[48:53].any(axis=0).all()
    assert not ink[:40].any()


@pytest.mark.parametrize("count", [5, 100_000])
def test_that_event_lines_stand_at_their_columns_and_nowhere_else(count):
    application()
    seconds = np.sort(np.random.default_rng(1).integers(0, 250, count))
    lines = EventLines()
    lines.set_overlays([overlay(seconds, alpha=1.0), overlay([900], key="t@time", visible=False)])
    image = QImage(200, 100, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    lines.paint(painter, FRAME)
    painter.end()
    ink = np.frombuffer(image.constBits(), np.uint8).reshape(100, 200, 4)[:, :, 3] > 0
    below = ink[10:]
    columns = set(seconds * 200 // 1000)
    # A line that stands apart is two pixels wide.
    wide = columns if count > 1000 else columns | {column + 1 for column in columns}
    assert set(np.flatnonzero(below.all(axis=0))) == wide
    assert below.any(axis=0).sum() == below.all(axis=0).sum()


def test_that_overlays_differ_in_style_and_mix_where_they_meet():
    application()
    lines = EventLines()
    lines.set_overlays([overlay([100], alpha=0.5), overlay([100, 500], key="t@time", alpha=0.5)])
    image = QImage(200, 96, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    lines.paint(painter, Frame(left=0, top=0, width=200, height=96, time_range=RANGE))
    painter.end()
    alpha = np.frombuffer(image.constBits(), np.uint8).reshape(96, 200, 4)[:, :, 3]
    below = alpha[10:]
    assert set(below[:, 100]) == {0, 128}
    assert set(below[:, 20]) == {128, 191} or set(below[:, 20]) == {128, 192}


def test_that_each_overlay_has_a_lane_of_ticks_in_its_full_colour():
    application()
    lines = EventLines()
    crowd = list(np.linspace(100, 300, 4000))
    lines.set_overlays(
        [overlay(crowd, color="#ff0000"), overlay([*crowd, 500], key="t@time", color="#0000ff")]
    )
    image = QImage(200, 96, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    lines.paint(painter, Frame(left=0, top=0, width=200, height=96, time_range=RANGE))
    painter.end()
    first, second = shown_color("#ff0000"), shown_color("#0000ff")
    assert [image.pixelColor(40, y).name() for y in (1, 6)] == [first.name(), second.name()]
    assert image.pixelColor(100, 6).name() == second.name()
    assert image.pixelColor(100, 1).name() != first.name()


def test_that_a_crowd_of_events_is_counted():
    lines = EventLines()
    lines.set_overlays([overlay([500, 501, 502, 600]), overlay([503], key="t@time")])
    assert lines.nearest(FRAME, 100, 4).reached == 4


def test_that_the_nearest_line_within_reach_is_found():
    lines = EventLines()
    lines.set_overlays([overlay([100, 500])])
    assert lines.nearest(FRAME, 101, 4) == (lines.overlays[0].key, START_NS + 500_000_000_000, 1)
    assert lines.nearest(FRAME, 60, 4) is None


def alpha_of(*states) -> np.ndarray:
    """Give (height, width) uint8: how opaque the picture is after curves were drawn by one painter."""
    application()
    image = QImage(FRAME.width, FRAME.height, QImage.Format.Format_ARGB32_Premultiplied)
    painter, curve_painter = QPainter(image), CurvePainter()
    for state in states:
        image.fill(0)
        curve_painter.state = state
        curve_painter.paint(painter, FRAME, SCALE, QColor("#ffffff"))
        curve_painter.paint_means(painter, QColor("#ffffff"))
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(FRAME.height, -1, 4)[:, :, 3].copy()


def with_means(count: int, mean: float, connect: np.ndarray) -> object:
    drawn = view(np.tile([10.0, 90.0], count), bucket_ns=1)
    middles = (drawn.times_utc_ns[::2] + drawn.times_utc_ns[1::2]) // 2
    line = MeanLine(times_utc_ns=middles, values=np.full(count, mean), connect=connect)
    return replace(drawn, means=line)


def test_that_means_stand_out_from_extremes_that_stay_visible():
    drawn = with_means(2000, 30.0, np.ones(2000, np.bool_))
    shown, bare = alpha_of(curve(view=drawn)), alpha_of(curve(view=replace(drawn, means=None)))
    inside = (slice(None), slice(2, 198))
    line = np.zeros(100, np.bool_)
    line[69:71] = True
    assert (shown[inside][line] > 240).all()
    beside = shown[15:85][inside][~line[15:85]]
    assert (beside > 60).all()
    assert (beside < 160).all()
    assert (bare[15:85][inside] == 255).all()


def test_that_a_mean_without_neighbours_is_a_dot():
    connect = np.zeros(5, np.bool_)
    shown = alpha_of(curve(view=with_means(5, 50.0, connect)))
    for column in (20, 60, 100, 140, 180):
        assert shown[48:52, column - 1 : column + 2].max() > 200


def test_that_means_that_are_gone_are_not_drawn():
    drawn = with_means(50, 30.0, np.ones(50, np.bool_))
    for after in (curve(view=view([], bucket_ns=1)), curve(view=None)):
        assert not alpha_of(curve(view=drawn), after).any()
