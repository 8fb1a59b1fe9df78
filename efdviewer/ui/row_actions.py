"""What can be done with the current plot row from the menu and the keyboard."""

from PySide6.QtCore import QObject

from efdviewer.ui.actions import Entry
from efdviewer.ui.plot_area import PlotArea

_GROWTH = 1.25


class RowActions(QObject):
    """Moves, resizes and scales the row that was touched last, by the intents that a mouse would give."""

    def __init__(self, area: PlotArea) -> None:
        super().__init__(area)
        self._area = area

    def entries(self) -> list[Entry]:
        """List the menu entries."""
        area = self._area
        return [
            Entry(
                name="actionMovePlotUp", text="Move plot &up", triggered=self.move_up, keys=["Ctrl+Shift+Up"]
            ),
            Entry(
                name="actionMovePlotDown",
                text="Move plot &down",
                triggered=self.move_down,
                keys=["Ctrl+Shift+Down"],
            ),
            Entry(name="actionGrowPlot", text="Make plot &higher", triggered=self.grow, keys=["Ctrl++"]),
            Entry(name="actionShrinkPlot", text="Make plot &lower", triggered=self.shrink, keys=["Ctrl+-"]),
            Entry(
                name="actionLeftAxis",
                text="Le&ft value axis…",
                triggered=self.open_left_axis,
                keys=["L"],
                scope=area,
                tip="Type the limits of the left value axis, lock them, or make it logarithmic",
            ),
            Entry(
                name="actionRightAxis",
                text="Ri&ght value axis…",
                triggered=self.open_right_axis,
                keys=["R"],
                scope=area,
                tip="Type the limits of the right value axis, lock them, or make it logarithmic",
            ),
        ]

    def move_up(self) -> None:
        """Change places with the row above."""
        self._move_by(-1)

    def move_down(self) -> None:
        """Change places with the row below."""
        self._move_by(1)

    def grow(self) -> None:
        """Take height from the other rows."""
        self._resize_by(_GROWTH)

    def shrink(self) -> None:
        """Give height to the other rows."""
        self._resize_by(1 / _GROWTH)

    def open_left_axis(self) -> None:
        """Show the settings of the left value axis."""
        self._open_axis("left")

    def open_right_axis(self) -> None:
        """Show the settings of the right value axis."""
        self._open_axis("right")

    def _move_by(self, step: int) -> None:
        row = self._area.current_row()
        if 0 <= row + step < len(self._area.rows()):
            self._area.rowMoved.emit(row, row + step)
            self._area.row(row + step).setFocus()

    def _resize_by(self, factor: float) -> None:
        stretches = self._area.stretches()
        if len(stretches) > 1:
            stretches[self._area.current_row()] *= factor
            self._area.stretchesEdited.emit(stretches)

    def _open_axis(self, side: str) -> None:
        if self._area.rows():
            self._area.row(self._area.current_row()).open_axis(side)
