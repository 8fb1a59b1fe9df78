"""Names and values at event lines: which are written, and where."""

from xml.etree import ElementTree as ET

from PySide6.QtCore import QBuffer
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator

from efdviewer.ui.graphics.event_labels import paint_labels
from efdviewer.ui.graphics.frame import Frame
from tests.ui.plots import RANGE, START_NS, application, overlay

FRAME = Frame(left=50, top=5, width=1000, height=200, time_range=RANGE)


def written(*overlays) -> list[str]:
    application()
    buffer, generator = QBuffer(), QSvgGenerator()
    generator.setOutputDevice(buffer)
    painter = QPainter(generator)
    paint_labels(painter, FRAME, overlays, 20)
    painter.end()
    texts = ET.fromstring(bytes(buffer.data())).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(text.itertext()) for text in texts]


def labelled(seconds, texts, **changes):
    made = overlay(seconds, **changes)
    for second, text in zip(seconds, texts, strict=True):
        made.texts[START_NS + second * 10**9] = text
    return made


def test_that_values_stand_beside_the_name_where_there_is_room_and_in_its_place_where_not():
    assert written(labelled([100, 500], ["value", "last"])) == ["x value", "x last"]
    close = labelled([500], ["4711 · on"]), overlay([520], key="t@time")
    assert written(*close) == ["4711 · on"]


def test_that_bare_names_give_way_to_values_and_long_values_are_cut_before_the_next():
    values = labelled([100, 250], ["a rather long text that says much", "second"])
    names = overlay([110], key="t@time")
    first, second = written(values, names)
    assert first.startswith("a rather")
    assert first.endswith("…")
    assert second == "x second"


def test_that_a_label_at_the_right_edge_stands_left_of_its_line():
    assert written(labelled([998], ["seen"])) == ["seen"]


def test_that_of_many_lines_those_with_values_are_labelled_if_they_are_few():
    many = overlay(range(0, 900, 20), key="t@time")
    assert written(many) == []
    assert written(many, labelled([100, 500], ["one", "two"])) == ["x one", "x two"]
    assert written(labelled(range(0, 900, 20), ["v"] * 45)) == []
