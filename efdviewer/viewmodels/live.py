"""Following the clock: when the view moves on, and when what has come since is asked for."""

import math
import time

from PySide6.QtCore import QObject, QTimer, Signal

from efdviewer.domain.levels import readable
from efdviewer.domain.live import (
    DEFAULT_INTERVAL_S,
    follow,
    is_following,
    is_paused,
    late_after_ns,
    stop_following,
)
from efdviewer.domain.session import Session
from efdviewer.services.document import Document
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.time_range import TimeRangeViewModel

REFRESHING = ("series", "overlay", "latency", "latency bins")
"""Kinds of the tasks that a refresh consists of."""
_SCROLL_MS = 40
"""The view scrolls no more often: it is repainted each time."""


class LiveViewModel(QObject):
    """Moves a range that ends at `now` on with the clock, and has it refreshed every so many seconds.

    Timers only wake it up; which range is shown is always read from the clock. A refresh that is due
    while the one before is still under way is left out, so that a slow link gets its data too.
    """

    stateChanged = Signal()
    """Following was switched on or off, paused or resumed, or has another interval."""
    lateChanged = Signal(bool)
    """The source has not answered a refresh for long, or it has at last."""

    def __init__(
        self,
        document: Document,
        runner: TaskRunner,
        time_range: TimeRangeViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._time = time_range
        self._interval_s = document.session.live_s or DEFAULT_INTERVAL_S
        self._columns = 1000
        self._is_held = False
        self._moved_utc_ns = 0
        self.is_refreshing = False
        """Whether the range is changing because of a refresh, and nothing else."""
        self._is_loading = False
        self.refreshes = 0
        """Number of refreshes that have ended."""
        self._refresh_timer = QTimer(self)
        self._refresh_timer.timeout.connect(self.refresh)
        self._late_timer = QTimer(self, singleShot=True)
        self._late_timer.timeout.connect(self._note_late)
        self._is_late = False
        self._scroll_timer = QTimer(self, singleShot=True)
        self._scroll_timer.timeout.connect(self._scroll)
        self._schedule()

    @property
    def is_following(self) -> bool:
        """Whether the view moves with the clock."""
        return is_following(self._document.session)

    @property
    def is_paused(self) -> bool:
        """Whether following is switched on, but a range was chosen that stands still."""
        return is_paused(self._document.session)

    @property
    def interval_s(self) -> int:
        """Seconds between two refreshes: those chosen last."""
        return self._interval_s

    @property
    def patience_s(self) -> float:
        """How long a refresh may take, s, until what is seen counts as out of date; endless without any."""
        return late_after_ns(self._document.session) / 1e9 if self.is_following else math.inf

    def set_following(self, on: bool) -> None:
        """Follow the clock, or no longer."""
        if on and not self.is_following:
            self.follow_every(self._interval_s)
        elif not on and self.is_following:
            self.switch_off()

    def switch_off(self) -> None:
        """Follow the clock no longer, nor offer to resume it; the range stays as it was typed."""
        self._document.apply("Stop following", stop_following(self._document.session))

    def follow_every(self, live_s: int) -> None:
        """Follow the clock with a refresh every so many seconds; a range that stands still is let go."""
        act = "Resume live" if self.is_paused else "Follow live"
        self._document.apply(act, follow(self._document.session, live_s, self._time.time_range))

    def resume(self) -> None:
        """Follow the clock again, with a range as long as the one in view."""
        self.follow_every(self._interval_s)

    def pause(self) -> None:
        """Let the range in view stand still; `resume` goes on."""
        if self.is_following:
            session = self._time.with_range(self._document.session, readable(self._time.time_range))
            self._document.apply("Pause live", session)

    def set_held(self, held: bool) -> None:
        """Let nothing move while the mouse drags something in a plot."""
        self._is_held = held

    def set_columns(self, columns: int) -> None:
        """Follow the width of the plots, in pixels."""
        self._columns = max(1, columns)
        self._await_column()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        if (old.live_s, is_following(old)) == (new.live_s, is_following(new)):
            return
        self._interval_s = new.live_s or self._interval_s
        self._schedule()
        if is_following(new) and not is_following(old):
            self.refresh()
        self.stateChanged.emit()

    def tasksChanged(self) -> None:
        """Take note that a task began or ended."""
        if self._is_loading and not self.is_refreshing and not self._runner.running_of(REFRESHING):
            self._is_loading = False
            self.refreshes += 1
            self._late_timer.stop()
            self._set_late(False)

    def refresh(self) -> None:
        """Show the range as it is now and ask for its open end, unless that is still under way."""
        if self._is_held or self._runner.running_of(REFRESHING):
            return
        self.is_refreshing = self._is_loading = True
        self._late_timer.start(late_after_ns(self._document.session) // 1_000_000)
        try:
            self._move(load=True)
        finally:
            self.is_refreshing = False
        self.tasksChanged()

    def stop(self) -> None:
        """Stop for good."""
        self._late_timer.stop()
        self._pause_timers()

    def _pause_timers(self) -> None:
        self._refresh_timer.stop()
        self._scroll_timer.stop()

    def _schedule(self) -> None:
        self._pause_timers()
        if self.is_following:
            self._refresh_timer.start(self._document.session.live_s * 1000)
            self._moved_utc_ns = time.time_ns()
            self._await_column()

    def _note_late(self) -> None:
        self._set_late(True)

    def _set_late(self, is_late: bool) -> None:
        if is_late != self._is_late:
            self._is_late = is_late
            self.lateChanged.emit(is_late)

    def _scroll(self) -> None:
        if not self._is_held and time.time_ns() - self._moved_utc_ns >= self._column_ns():
            self._move(load=False)
        else:
            self._await_column()

    def _move(self, *, load: bool) -> None:
        self._moved_utc_ns = time.time_ns()
        self._time.follow(self._moved_utc_ns, load=load)
        self._await_column()

    def _await_column(self) -> None:
        """Wake up when the clock has moved the view by one more column of pixels."""
        if self._refresh_timer.isActive():
            due_ns = self._moved_utc_ns + self._column_ns() - time.time_ns()
            # A column that takes days needs no timer that could not hold the time.
            self._scroll_timer.start(min(max(_SCROLL_MS, -(-due_ns // 1_000_000)), 60_000))

    def _column_ns(self) -> int:
        return self._time.time_range.span_ns // self._columns
