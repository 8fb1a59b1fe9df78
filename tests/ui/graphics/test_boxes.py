"""Buckets that are wider than some columns: a band from minimum to maximum, not a wave."""

from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from efdviewer.domain.level_view import Buckets, view_of_buckets
from efdviewer.ui.graphics.curve import CurvePainter
from efdviewer.ui.graphics.frame import Frame, ValueScale
from tests.ui.plots import RANGE, SECOND_NS, START_NS, application, curve

FRAME = Frame(left=0, top=0, width=200, height=100, time_range=RANGE)
"""A pixel is 5 s wide, and a unit of the scale 1 pixel high."""
SCALE = ValueScale(low=0.0, high=100.0)
WIDE_S, NARROW_S = 50, 5


def bucketed(*buckets, stepped=False):
    """Make a curve of buckets: start and width in seconds, minimum, maximum."""
    starts, widths, minima, maxima = np.array(buckets, np.float64).T
    known = Buckets(
        starts_utc_ns=START_NS + starts.astype(np.int64) * SECOND_NS,
        widths_ns=widths.astype(np.int64) * SECOND_NS,
        minima=minima,
        maxima=maxima,
    )
    return curve(view=view_of_buckets(known, RANGE, stepped=stepped))


def row_of(minima, maxima, width_s=WIDE_S, begin_s=0):
    return [
        (begin_s + place * width_s, width_s, *pair)
        for place, pair in enumerate(zip(minima, maxima, strict=True))
    ]


def alpha_of(state, scale=SCALE) -> np.ndarray:
    """Give (height, width) uint8: how opaque each pixel is."""
    application()
    image = QImage(FRAME.width, FRAME.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter, curve_painter = QPainter(image), CurvePainter()
    curve_painter.state = state
    curve_painter.paint(painter, FRAME, scale, QColor("#ffffff"))
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(FRAME.height, -1, 4)[:, :, 3].copy()


def is_light(part: np.ndarray) -> bool:
    """Tell whether a part is filled all over, so that other curves are seen through it."""
    return bool(((part > 10) & (part < 80)).all())


def test_that_wide_buckets_are_a_band_without_a_wave():
    alpha = alpha_of(bucketed(*row_of([30] * 20, [70] * 20)))
    assert is_light(alpha[32:68, 2:-2])
    for edge in (30, 70):
        assert (alpha[edge - 1 : edge + 1, 1:-1].max(axis=0) == 255).all()
    assert not alpha[:28].any()
    assert not alpha[72:].any()


def test_that_neighbours_are_joined_at_both_edges():
    alpha = alpha_of(bucketed(*row_of([30, 10, 60], [50, 90, 80])))
    ink = alpha == 255
    for column, rows in ((10, [(10, 50), (70, 90)]), (20, [(10, 20), (40, 90)])):
        sides = ink[:, column - 1 : column + 2].any(axis=1)
        for first, last in rows:
            assert sides[first + 1 : last - 1].all()
    assert ink[21:39, 29:31].any(axis=1).all(), "the last is closed"
    assert not ink[31:39, 10 + 2 : 20 - 2].any()


def test_that_a_bucket_of_one_value_is_a_flat_line():
    alpha = alpha_of(bucketed(*row_of([40] * 20, [40] * 20)))
    assert (alpha[59:61, 1:-1].max(axis=0) == 255).all()
    assert not alpha[:58].any()
    assert not alpha[62:].any()


@pytest.mark.parametrize("stepped", [False, True])
def test_that_a_gap_between_wide_buckets_stays_a_gap(stepped):
    before, after = row_of([30] * 5, [70] * 5), row_of([30] * 10, [70] * 10, begin_s=500)
    alpha = alpha_of(bucketed(*before, *after, stepped=stepped))
    assert not alpha[:, 53:97].any()
    assert is_light(alpha[32:68, 2:48])
    assert (alpha[32:68, 49:51].max(axis=1) == 255).all(), "closed before the gap"
    assert is_light(alpha[32:68, 102:-2])


def test_that_narrow_buckets_beside_wide_ones_are_drawn_as_ever():
    rng = np.random.default_rng(4)
    lows = rng.uniform(20, 40, 80)
    fine = row_of(lows, lows + 30, NARROW_S, begin_s=400)
    mixed = [*row_of([20] * 8, [80] * 8), *fine, *row_of([20] * 4, [80] * 4, begin_s=800)]
    mixed_alpha, fine_alpha = (alpha_of(bucketed(*buckets)) for buckets in (mixed, fine))
    assert np.array_equal(mixed_alpha[:, 82:158], fine_alpha[:, 82:158])
    assert is_light(mixed_alpha[22:78, 2:78])
    assert is_light(mixed_alpha[22:78, 162:198])


def test_that_a_wide_bucket_of_a_state_counts_until_the_next_one():
    sparse = [(0, WIDE_S, 20, 40), (100, WIDE_S, 70, 70), (200, WIDE_S, 20, 20)]
    alpha = alpha_of(bucketed(*sparse, stepped=True))
    assert is_light(alpha[62:78, 2:18])
    assert (alpha[29:31, 22:38].max(axis=0) == 255).all()
    assert not alpha[32:78, 22:38].any()
    assert (alpha[79:81, 42:58].max(axis=0) == 255).all()


def test_that_a_minimum_without_a_logarithm_reaches_below_the_plot():
    alpha = alpha_of(bucketed(*row_of([-1.0] * 20, [10.0] * 20)), ValueScale(low=0.0, high=2.0, log=True))
    assert (alpha[49:51, 1:-1].max(axis=0) == 255).all()
    assert is_light(alpha[52:, 2:-2])


def test_that_a_zoom_into_one_bucket_fills_the_plot():
    near = Frame(
        left=0,
        top=0,
        width=200,
        height=100,
        time_range=type(RANGE)(
            start_utc_ns=START_NS + 110 * SECOND_NS, end_utc_ns=START_NS + 110 * SECOND_NS + 1000
        ),
    )
    application()
    image = QImage(200, 100, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter, curve_painter = QPainter(image), CurvePainter()
    curve_painter.state = bucketed(*row_of([30] * 20, [70] * 20))
    curve_painter.paint(painter, near, SCALE, QColor("#ffffff"))
    painter.end()
    assert 10 < image.pixelColor(100, 50).alpha() < 80
    assert 255 in (image.pixelColor(100, row).alpha() for row in (29, 30))


def test_that_a_drawing_of_shapes_has_filled_boxes():
    application()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    painter, curve_painter = QPainter(generator), CurvePainter()
    curve_painter.state = bucketed(*row_of([30] * 20, [70] * 20))
    curve_painter.paint(painter, FRAME, SCALE, QColor("#0072b2"))
    painter.end()
    tree = ElementTree.fromstring(bytes(buffer.data()).decode())
    filled = [group for group in tree.iter() if group.get("fill") == "#0072b2"]
    boxes = [shape for group in filled for shape in group if shape.tag.endswith(("rect", "path"))]
    assert len(boxes) == 20
    assert all(0.1 < float(group.get("fill-opacity")) < 0.3 for group in filled if len(group))
