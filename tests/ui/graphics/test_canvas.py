"""When the drawn part of a plot is painted anew."""

import pytest
from PySide6.QtCore import QEvent, QObject

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
