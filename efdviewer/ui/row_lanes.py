"""The lanes of a plot row: their height, and what they say at the cursor."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from efdviewer.domain.topics import FieldRef
from efdviewer.ui.fitted_text import FittedLabel
from efdviewer.ui.graphics.canvas import LEAST_HEIGHT, PlotCanvas
from efdviewer.ui.row_answers import lanes_at
from efdviewer.viewmodels.states import LaneState

_NO_LIMIT = 16_777_215
"""Qt's own word for no maximum."""


class RowLanes(FittedLabel):
    """Stands above the lanes, in place of a legend."""

    def __init__(self, row: QWidget, canvas: PlotCanvas) -> None:
        super().__init__(row)
        self.setObjectName("laneReading")
        self.setAccessibleName("States at the cursor")
        self.hide()
        self._row = row
        self._canvas = canvas
        self.fields: tuple[FieldRef, ...] = ()
        """The fields whose states are drawn, from the top."""

    @property
    def title(self) -> str:
        """Words for people."""
        return f"States of {', '.join(field.title for field in self.fields)}"

    def set_lanes(self, lanes: Sequence[LaneState]) -> None:
        """Draw the states as they are now."""
        self._canvas.set_lanes(lanes)

    def read(self, utc_ns: int | None) -> None:
        """Say the states at the cursor, ns UTC."""
        if self.fields:
            self.set_forms(*lanes_at(self._canvas, utc_ns))

    def fit(self, header_height: int) -> None:
        """Take just the height that lanes need; a row of curves takes what it is given."""
        self.setVisible(bool(self.fields))
        if self.fields:
            self._canvas.setMinimumHeight(1)
            self._row.setFixedHeight(header_height + self._canvas.lanes_height())
        else:
            self._canvas.setMinimumHeight(LEAST_HEIGHT)
            self._row.setMinimumHeight(0)
            self._row.setMaximumHeight(_NO_LIMIT)
