"""What the menus do with events and cursors: next and previous, labels, and cursors A and B."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from efdviewer.domain.cursor_edits import CursorName
from efdviewer.domain.session import Cursors
from efdviewer.ui.actions import SEPARATOR, Entry
from efdviewer.ui.moment_meant import moment_meant
from efdviewer.ui.plot_area import PlotArea
from efdviewer.viewmodels.workspace import Workspace

CURSOR_KEYS = (
    "actionCursorEarlier",
    "actionCursorLater",
    "actionCursorMuchEarlier",
    "actionCursorMuchLater",
)
"""Those that move the cursor which was set last."""
_FAST = 10
_NONE_SET = "No cursor is set. Point at a plot and press A or B."


class CursorActions(QObject):
    """Steps through events, and sets and moves the cursors."""

    statisticsRequested = Signal()
    """The table of figures is to be shown."""
    refused = Signal(str)
    """There is nothing to act on: what to do, in words."""

    def __init__(self, workspace: Workspace, area: PlotArea) -> None:
        super().__init__(area)
        self._workspace = workspace
        self._area = area

    def step_entries(self) -> list[Entry | None]:
        """List the entries that go from event to event."""
        return [
            Entry(
                name="actionNextEvent",
                text="&Next event",
                triggered=self.next_event,
                keys=["N"],
                tip="Select the next event of all overlays that are shown, also beyond the view",
            ),
            Entry(
                name="actionPreviousEvent",
                text="&Previous event",
                triggered=self.previous_event,
                keys=["P"],
                tip="Select the previous event of all overlays that are shown, also beyond the view",
            ),
        ]

    def cursor_entries(self) -> list[Entry | None]:
        """List the entries of the cursors."""
        area = self._area
        return [
            SEPARATOR,
            Entry(
                name="actionCursorA",
                text="Set cursor &A here",
                triggered=self.set_a,
                keys=["A"],
                tip="At the mouse, else at the selected event, else in the middle of the view",
            ),
            Entry(
                name="actionCursorB",
                text="Set cursor &B here",
                triggered=self.set_b,
                keys=["B"],
                tip="At the mouse, else at the selected event, else in the middle of the view",
            ),
            Entry(
                name="actionCursorEarlier",
                text="Move cursor &earlier",
                triggered=self.earlier,
                keys=["Shift+Left"],
                scope=area,
                tip="Move the cursor that was set last by a pixel; with Ctrl by ten",
            ),
            Entry(
                name="actionCursorLater",
                text="Move cursor la&ter",
                triggered=self.later,
                keys=["Shift+Right"],
                scope=area,
                tip="Move the cursor that was set last by a pixel; with Ctrl by ten",
            ),
            Entry(
                name="actionCursorMuchEarlier",
                text="Move cursor ten pi&xels earlier",
                triggered=self.much_earlier,
                keys=["Ctrl+Shift+Left"],
                scope=area,
            ),
            Entry(
                name="actionCursorMuchLater",
                text="Move cursor ten pixels late&r",
                triggered=self.much_later,
                keys=["Ctrl+Shift+Right"],
                scope=area,
            ),
            Entry(
                name="actionClearCursors",
                text="&Clear cursors",
                triggered=self._workspace.cursors.clear,
            ),
            SEPARATOR,
            Entry(
                name="actionStatisticsOfView",
                text="&Statistics of the view",
                triggered=self.show_of_view,
                keys=["Shift+S"],
                tip="Count, mean, extremes, deviation, rate and gaps of each curve in view",
            ),
        ]

    def offer(self, menu: QMenu, utc_ns: int) -> None:
        """Add entries to the menu of a plot that set a cursor where that was opened, ns UTC."""
        for name in ("a", "b"):
            action = menu.addAction(f"Set cursor &{name.upper()} here")
            action.setObjectName(f"actionCursor{name.upper()}")
            action.setData((name, utc_ns))
            action.triggered.connect(self._put_there)

    @property
    def has_cursor(self) -> bool:
        """Whether one of the cursors is set."""
        return self._workspace.session.cursors != Cursors()

    def next_event(self) -> None:
        """Go to the next event."""
        self._workspace.steps.step(forward=True, from_utc_ns=self._area.marks.pointed_utc_ns())

    def previous_event(self) -> None:
        """Go to the event before."""
        self._workspace.steps.step(forward=False, from_utc_ns=self._area.marks.pointed_utc_ns())

    def set_a(self) -> None:
        """Set cursor A."""
        self._put("a")

    def set_b(self) -> None:
        """Set cursor B."""
        self._put("b")

    def show_of_view(self) -> None:
        """Show the statistics of all that is in view."""
        self._workspace.cursors.statistics.choose("view")
        self.statisticsRequested.emit()

    def earlier(self) -> None:
        """Move the cursor a pixel to the left."""
        self._nudge(-1)

    def later(self) -> None:
        """Move the cursor a pixel to the right."""
        self._nudge(1)

    def much_earlier(self) -> None:
        """Move the cursor ten pixels to the left."""
        self._nudge(-_FAST)

    def much_later(self) -> None:
        """Move the cursor ten pixels to the right."""
        self._nudge(_FAST)

    def _put(self, name: CursorName) -> None:
        self._workspace.cursors.put(name, moment_meant(self._area, self._workspace))

    def _put_there(self) -> None:
        name, utc_ns = self.sender().data()  # type: ignore[attr-defined]
        self._workspace.cursors.put(name, utc_ns)

    def _nudge(self, pixels: int) -> None:
        pixel_ns = max(1, self._workspace.time.time_range.span_ns // self._area.columns())
        if not self._workspace.cursors.nudge(pixels * pixel_ns):
            self.refused.emit(_NONE_SET)
