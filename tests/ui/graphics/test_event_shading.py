"""Events that are too many for lines: a wash that is darker where they crowd, and what it tells."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from efdviewer.domain.events import density
from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.graphics.event_lines import Crowd, EventLines
from efdviewer.ui.graphics.frame import Frame
from efdviewer.ui.palette import shown_color
from tests.ui.plots import RANGE, START_NS, application, overlay

WIDTH, HEIGHT = 200, 96
FRAME = Frame(left=0, top=0, width=WIDTH, height=HEIGHT, time_range=RANGE)
BUCKET_NS = RANGE.span_ns // WIDTH
LANE, TICK = 5, 4


def shaded(
    counts, *, color="#008a2e", key="lsst.sal.CSC.logevent_x@time", alpha=0.3, visible=True, covered=None
):
    """Make an overlay with so many events in each of the pixel columns."""
    counts = np.asarray(counts, np.int64)
    starts = START_NS + np.flatnonzero(counts) * BUCKET_NS
    shading = density("topic", "time", starts, counts[counts > 0], BUCKET_NS, covered=covered)
    return overlay([], key=key, color=color, alpha=alpha, visible=visible, density=shading)


def painted(*overlays, frame=FRAME) -> QImage:
    application()
    lines = EventLines()
    lines.set_overlays(overlays)
    image = QImage(frame.width, frame.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    lines.paint(painter, frame)
    painter.end()
    return image


def alpha_of(image: QImage) -> np.ndarray:
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:, :, 3].astype(int)


def test_that_a_denser_column_is_darker_and_an_empty_one_is_clear():
    counts = np.zeros(WIDTH)
    counts[10], counts[20:60], counts[100:110], counts[150] = 1, 5, 50, 1000
    alpha = alpha_of(painted(shaded(counts)))
    wash, ticks = alpha[LANE + 10 :], alpha[:TICK]
    assert (wash == wash[0]).all(), "no dashes: they would make stripes"
    for row in (wash[0], ticks[0]):
        assert 0 < row[10] < row[30] < row[105] < row[150]
        assert (row[counts == 0] == 0).all()
    assert ticks[0, 150] == 255
    assert wash.max() <= 0.3 * 255, "the curves are to be read through it"


def test_that_the_least_can_be_seen_beside_the_most():
    counts = np.zeros(WIDTH)
    counts[50], counts[150] = 1, 1_000_000
    alpha = alpha_of(painted(shaded(counts)))
    assert alpha[50, 50] >= 10
    assert alpha[1, 50] >= 60


def test_that_an_even_crowd_is_an_even_wash_whatever_the_buckets():
    for bucket_ns in (BUCKET_NS * 3 // 4, BUCKET_NS * 4):
        starts = START_NS + np.arange(0, RANGE.span_ns, bucket_ns)
        even = density("topic", "time", starts, np.full(len(starts), 8), bucket_ns)
        alpha = alpha_of(painted(overlay([], density=even)))
        assert np.ptp(alpha[50, : WIDTH - 2]) <= 1


@pytest.mark.parametrize("each", [1, 8, 50, 500])
def test_that_a_steady_event_stays_faint_and_a_crowd_in_it_stands_out(each):
    steady = np.full(WIDTH, each)
    alone = alpha_of(painted(shaded(steady)))[50]
    assert 10 <= alone.max() <= 0.12 * 255
    steady[90:95] *= 20
    alpha = alpha_of(painted(shaded(steady)))[50]
    assert abs(alpha[10] - alone[10]) <= 4
    assert alpha[92] >= 2 * alpha[10]


def test_that_more_events_in_each_column_are_darker_though_steady():
    few, many = (alpha_of(painted(shaded(np.full(WIDTH, each))))[50, 50] for each in (1, 46))
    assert few < many


@pytest.mark.parametrize("known", [slice(0, 150), slice(60, WIDTH)])
def test_that_what_is_known_looks_the_same_while_the_rest_is_not(known):
    counts = np.full(WIDTH, 8)
    whole = alpha_of(painted(shaded(counts)))
    part = np.zeros(WIDTH, np.int64)
    part[known] = counts[known]
    ends = [START_NS + place * BUCKET_NS for place in (known.start, known.stop)]
    covered = TimeRange(start_utc_ns=ends[0], end_utc_ns=ends[1])
    alpha = alpha_of(painted(shaded(part, covered=covered)))
    assert np.array_equal(alpha[:, known], whole[:, known])
    assert not np.delete(alpha, known, axis=1).any()


def test_that_shading_that_gives_way_to_lines_does_not_change_in_brightness():
    every_column = overlay(range(0, 1000, 5), alpha=0.3)
    lines = alpha_of(painted(every_column))[50].mean()
    wash = alpha_of(painted(shaded(np.ones(WIDTH))))[50].mean()
    assert wash == pytest.approx(lines, abs=2)


def test_that_several_overlays_have_their_own_lanes_and_are_as_dark_as_one():
    first, second = np.zeros(WIDTH), np.zeros(WIDTH)
    first[20:120], second[80:180] = 9, 9
    red, blue = shaded(first, color="#ff0000"), shaded(second, color="#0000ff", key="t@time")
    image = painted(red, blue)
    assert image.pixelColor(40, 1).name() == shown_color("#ff0000").name()
    assert image.pixelColor(150, LANE + 1).name() == shown_color("#0000ff").name()
    assert max(image.pixelColor(40, LANE + 1).alpha(), image.pixelColor(150, 1).alpha()) < 80
    assert image.pixelColor(40, 50).red() > image.pixelColor(40, 50).blue()
    assert image.pixelColor(150, 50).blue() > image.pixelColor(150, 50).red()
    assert alpha_of(image)[50].max() <= alpha_of(painted(red))[50].max() * 1.4


def test_that_lines_and_shadings_go_together():
    counts = np.zeros(WIDTH)
    counts[20:60] = 9
    image = painted(shaded(counts), overlay([800], key="t@time", alpha=1.0))
    alpha = alpha_of(image)
    assert 0 < alpha[50, 30] < 128
    assert {0, 255} == set(alpha[2 * LANE :, 160])


def buckets(first: int, last: int) -> TimeRange:
    return TimeRange(start_utc_ns=START_NS + first * BUCKET_NS, end_utc_ns=START_NS + last * BUCKET_NS)


def test_that_a_column_tells_how_many_events_it_has_and_in_what_time():
    counts = np.zeros(WIDTH)
    counts[50], counts[51] = 57, 3
    coarse = density("topic", "time", np.array([START_NS]), np.array([900]), 64 * BUCKET_NS)
    lines = EventLines()
    lines.set_overlays(
        [
            shaded(counts),
            overlay([], key="t@time", density=coarse),
            shaded(counts, key="u@time", visible=False),
        ]
    )
    assert lines.crowd_at(FRAME, 50).crowds == (
        Crowd("CSC.x", 57, buckets(50, 51), is_in_view=True),
        Crowd("CSC.x", 900, buckets(0, 64), is_in_view=True),
    )
    assert lines.crowd_at(FRAME, 80) is None
    assert lines.nearest(FRAME, 50, 4) is None


def test_that_a_column_tells_of_a_bucket_that_reaches_out_of_the_view():
    lines = EventLines()
    coarse = density("topic", "time", np.array([START_NS]), np.array([900]), 64 * BUCKET_NS)
    lines.set_overlays([overlay([], density=coarse)])
    whole = lines.crowd_at(FRAME, 40)
    for view, column in ((buckets(30, 50), 40), (buckets(50, 90), 40), (buckets(-20, 30), 150)):
        near = lines.crowd_at(replace(FRAME, time_range=view), column)
        assert near.crowds == (Crowd("CSC.x", 900, buckets(0, 64), is_in_view=False),)
        assert near.place != whole.place


@pytest.mark.parametrize("is_empty", [False, True])
def test_that_a_drawing_of_shapes_has_few_of_them(is_empty):
    application()
    counts = np.zeros(WIDTH)
    if not is_empty:
        counts[20:60], counts[100:110] = 5, 50
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    lines = EventLines()
    lines.set_overlays([shaded(counts)])
    painter = QPainter(generator)
    lines.paint(painter, FRAME)
    painter.end()
    text = bytes(buffer.data()).decode()
    names = [element.tag.rpartition("}")[2] for element in ElementTree.fromstring(text).iter()]
    bars = sum(name in ("rect", "path") for name in names)
    assert bars == (0 if is_empty else 4), "two runs of columns, each with its ticks"
    assert "image" not in names
