"""What is not loaded is hatched, once it has been so for a while."""

from dataclasses import replace

import numpy as np
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest

from efdviewer.domain.timerange import TimeRange
from tests.ui.plots import RANGE, SECOND_NS, START_NS, A, application, area_of, curve, row_of, view


def inked_columns(row) -> list[int]:
    """Give the pixel columns of a plot that are not all ground along some of its height."""
    canvas = row.canvas
    image, frame = canvas.grab().toImage(), canvas.frame()
    ground = canvas.palette().color(QPalette.ColorRole.Base).rgb()
    rows = range(frame.top + frame.height // 2 + 3, frame.top + frame.height // 2 + 19)
    return [
        x - frame.left
        for x in range(frame.left + 2, frame.right - 2)
        if sum(image.pixel(x, y) != ground for y in rows) == 2
    ]


def test_that_what_is_not_loaded_is_hatched_after_a_while_and_not_when_it_is_there():
    application()
    area = area_of(row_of(A))
    row = area.row(0)
    half = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + 500 * SECOND_NS)
    known = view(np.zeros(2))
    area.set_time_range(RANGE)
    area.set_curve(0, curve(A, view=replace(known, unknown=(half,))))
    QTest.qWait(50)
    assert not inked_columns(row)
    QTest.qWait(600)
    hatched, width = inked_columns(row), row.canvas.frame().width
    assert len(hatched) > 0.4 * width
    assert max(hatched) <= width // 2 + 1
    area.set_curve(0, curve(A, view=known))
    QTest.qWait(20)
    assert not inked_columns(row)
    area.close()
