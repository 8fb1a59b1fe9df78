"""When the drawn part of a plot is painted anew."""

import pytest
from PySide6.QtCore import QEvent, QObject

from efdviewer.domain.session import ValueAxis
from efdviewer.viewmodels.curve_state import CurveStatus
from tests.ui.plots import A, area_of, curve, row_of, settle, view


class Paints(QObject):
    """Counts the paintings of a widget."""

    def __init__(self, widget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched, event) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


@pytest.mark.parametrize(
    ("changes", "is_painted"),
    [
        ({"status": CurveStatus.LOADING, "message": "1 of 2"}, False),
        ({"color": "#b36b00"}, True),
        ({"visible": False}, True),
        ({"side": "right"}, True),
        ({"held": (5, 1.0)}, True),
        ({"view": view([1.0, 5.0])}, True),
        ({"view": None}, True),
    ],
)
def test_that_a_curve_is_painted_anew_just_when_it_looks_different(changes, is_painted):
    area, drawn = area_of(row_of(A)), view([1.0, 2.0])
    area.set_curve(0, curve(A, view=drawn))
    settle(area)
    paints = Paints(area.row(0).canvas)
    area.set_curve(0, curve(A, **({"view": drawn} | changes)))
    settle(area)
    assert (paints.count > 0) == is_painted
    area.close()


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.0, 0.5, "above these limits, at 1 to 3 A"),
        (4.0, None, "below these limits, at 1 to 3 A"),
        (2.5, 2.6, None),
        (None, None, None),
    ],
)
def test_that_no_curve_is_out_of_sight_without_a_word(low, high, words):
    area = area_of(row_of(A))
    area.set_curve(0, curve(A, units="A", view=view([1.0, 3.0, 2.0])))
    settle(area)
    canvas = area.row(0).canvas
    plain = canvas.grab().toImage()
    canvas.set_axes(ValueAxis(low=low, high=high), ValueAxis())
    found = canvas.beyond()
    assert [beyond.words for beyond in found] == ([f"{A.field} lies {words}"] if words else [])
    assert (canvas.grab().toImage() != plain) == (low is not None)
    area.set_curve(0, curve(A, visible=False, view=view([1.0, 3.0])))
    assert canvas.beyond() == []
    area.close()
