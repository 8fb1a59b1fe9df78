"""What the Time menu does: back and forward, zoom, step, following the clock, and the time scale."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from efdviewer.ui.actions import SEPARATOR, Entry
from efdviewer.viewmodels.live import LiveViewModel
from efdviewer.viewmodels.time_range import TimeRangeViewModel

TIME_KEYS = ("actionZoomIn", "actionZoomOut", "actionEarlier", "actionLater")
"""Those whose keys have no modifiers."""


class TimeActions(QObject):
    """Moves the time range; keys without modifiers work in `scope` only, where nobody types text."""

    def __init__(self, time_range: TimeRangeViewModel, live: LiveViewModel, scope: QWidget) -> None:
        super().__init__(scope)
        self._time = time_range
        self._live = live
        self._scope = scope

    def entries(self) -> list[Entry | None]:
        """List the menu entries."""
        time, plots = self._time, self._scope
        return [
            Entry(
                name="actionUndoZoom",
                text="&Back to the range before",
                triggered=time.go_back,
                keys=["Alt+Left"],
            ),
            Entry(
                name="actionRedoZoom", text="&Forward again", triggered=time.go_forward, keys=["Alt+Right"]
            ),
            SEPARATOR,
            Entry(name="actionZoomIn", text="Zoom &in", triggered=self.zoom_in, keys=["+", "="], scope=plots),
            Entry(name="actionZoomOut", text="Zoom &out", triggered=self.zoom_out, keys=["-"], scope=plots),
            Entry(
                name="actionEarlier", text="Step &earlier", triggered=self.earlier, keys=["Left"], scope=plots
            ),
            Entry(name="actionLater", text="Step &later", triggered=self.later, keys=["Right"], scope=plots),
            Entry(
                name="actionPreviousDayObs",
                text="&Previous observing day",
                triggered=self.previous_day,
                keys=["Ctrl+Left"],
                scope=plots,
            ),
            Entry(
                name="actionNextDayObs",
                text="&Next observing day",
                triggered=self.next_day,
                keys=["Ctrl+Right"],
                scope=plots,
            ),
            SEPARATOR,
            Entry(
                name="actionLive",
                text="Li&ve",
                triggered=self._live.set_following,
                keys=["F6"],
                checkable=True,
                tip="Follow the clock",
            ),
            Entry(
                name="actionResumeLive",
                text="&Resume live",
                triggered=self._live.resume,
                keys=["Shift+F6"],
                tip="Follow the clock again, with a range as long as this one",
            ),
            SEPARATOR,
            Entry(name="actionSwitchTimescale", text="Switch &UTC and TAI", triggered=self.switch_timescale),
        ]

    def zoom_in(self) -> None:
        """Half the range."""
        self._time.zoom(0.5)

    def zoom_out(self) -> None:
        """Twice the range."""
        self._time.zoom(2.0)

    def earlier(self) -> None:
        """Go a quarter of the range back."""
        self._time.step(-0.25)

    def later(self) -> None:
        """Go a quarter of the range on."""
        self._time.step(0.25)

    def previous_day(self) -> None:
        """Show the observing day before."""
        self._time.step_day_obs(-1)

    def next_day(self) -> None:
        """Show the observing day after."""
        self._time.step_day_obs(1)

    def switch_timescale(self) -> None:
        """Between UTC and TAI."""
        self._time.edit_timescale("utc" if self._time.timescale == "tai" else "tai")
