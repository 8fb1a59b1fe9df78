"""The one time range of a window: typed, zoomed, stepped through and remembered."""

import time
from collections.abc import Hashable
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from efdviewer.domain import edits
from efdviewer.domain.leap_seconds import DAY_NS
from efdviewer.domain.levels import readable
from efdviewer.domain.live import is_following
from efdviewer.domain.session import Session, ValueAxis
from efdviewer.domain.timerange import (
    TimeRange,
    TimeRangeSpec,
    clamped,
    convert_spec,
    shifted,
    spec_of,
    zoomed,
)
from efdviewer.domain.timescale import Timescale, day_obs_of, day_obs_start_utc_ns
from efdviewer.services.document import Document

SCRIPT = "script"
"""The gesture of a range that was not chosen by hand."""
_SAME_GESTURE_S = 1.0
"""Ticks of a wheel that follow each other so soon are one gesture."""


class _View(NamedTuple):
    time_range: TimeRange
    axes: tuple[tuple[ValueAxis, ValueAxis], ...]
    """Left and right axis of each row when the view was left."""
    gesture: Hashable | None = None
    """The gesture that led to it, which may go on."""


class TimeRangeViewModel(QObject):
    """Resolves what was typed, and turns gestures into acts on the document."""

    rangeChanged = Signal(object)
    """The resolved `TimeRange` is another one, or what it holds is to be asked for anew."""
    rangeScrolled = Signal(object)
    """The `TimeRange` in view moved on with the clock; its new part is asked for at the next refresh."""
    timescaleChanged = Signal(str)
    specChanged = Signal(str, str)
    """The expressions to show: from, to."""
    historyChanged = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._range = self._resolve(document.session)
        self._visited = [_View(self._range, ())]
        self._position = 0
        self._gesture: tuple[Hashable, int] | None = None
        self._gesture_s = 0.0

    @property
    def time_range(self) -> TimeRange:
        """The range in view."""
        return self._range

    @property
    def timescale(self) -> Timescale:
        """Scale of labels and of unmarked typed times."""
        return Timescale(self._document.session.timescale)

    @property
    def can_go_back(self) -> bool:
        """Whether an earlier range was visited."""
        return self._position > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether `go_back` was used and can be taken back."""
        return self._position + 1 < len(self._visited)

    def resolve(self, start: str, end: str) -> TimeRange:
        """Resolve expressions as they would be now.

        Raises
        ------
        TimeExpressionError
            If one of them cannot be read.
        """
        spec = TimeRangeSpec(start=start, end=end)
        return spec.resolve(now_utc_ns=time.time_ns(), timescale=self.timescale)

    def check(self, session: Session) -> None:
        """Raise a TimeExpressionError if a session's range cannot be read."""
        self._resolve(session)

    def edit_spec(self, start: str, end: str) -> None:
        """Apply typed expressions; relative ones are taken from this moment, also when they are the same."""
        self._gesture = None
        self.resolve(start, end)
        session = edits.set_time(self._document.session, start, end)
        if session is self._document.session:
            self.refresh()
        else:
            self._document.apply("Change time range", session)

    def edit_range(self, time_range: TimeRange, gesture: Hashable | None = None) -> None:
        """Apply a range that a gesture chose, to a fraction of a pixel; that of a script is kept exactly."""
        chosen = time_range if gesture == SCRIPT else readable(time_range)
        self._note_gesture(gesture)
        self._document.apply(
            "Pan" if gesture == "pan" else "Zoom",
            self.with_range(self._document.session, chosen),
            gesture=self._gesture,
        )
        self._gesture_s = time.monotonic()

    def _note_gesture(self, gesture: Hashable | None) -> None:
        """Tell the ticks of one gesture from those of the next one of its kind, by the pause between."""
        if gesture is None or gesture == SCRIPT:
            self._gesture = None
        elif self._gesture is None or self._gesture[0] != gesture:
            self._gesture = (gesture, 0)
        elif time.monotonic() - self._gesture_s > _SAME_GESTURE_S:
            self._gesture = (gesture, self._gesture[1] + 1)

    def with_range(self, session: Session, time_range: TimeRange) -> Session:
        """Write a range into a session as absolute expressions."""
        spec = spec_of(time_range, self.timescale)
        return edits.set_time(session, spec.start, spec.end)

    def edit_timescale(self, timescale: str) -> None:
        """Show UTC or TAI; the instants stay."""
        session = self._document.session
        if timescale == session.timescale:
            return
        spec = convert_spec(
            TimeRangeSpec(start=session.start, end=session.end), self.timescale, Timescale(timescale)
        )
        self._document.apply(
            f"Show {timescale.upper()}",
            edits.set_timescale(session, timescale, start=spec.start, end=spec.end),
        )

    def refresh(self) -> None:
        """Resolve relative expressions anew, from this moment."""
        self._gesture = None
        session = self._document.session
        if is_following(session):
            self.follow(time.time_ns())
        else:
            self._show(self._resolve(session), left=session)

    def follow(self, now_utc_ns: int, *, load: bool = True) -> None:
        """Move the view with the clock, in place of the one it was: there is nothing to go back to.

        Without `load` only what is drawn moves.
        """
        session = self._document.session
        spec = TimeRangeSpec(start=session.start, end=session.end)
        self._range = spec.resolve(now_utc_ns=now_utc_ns, timescale=self.timescale)
        self._visited[self._position] = self._visited[self._position]._replace(time_range=self._range)
        (self.rangeChanged if load else self.rangeScrolled).emit(self._range)

    def zoom(self, factor: float, at_utc_ns: int | None = None) -> None:
        """Make the range longer (factor above 1) or shorter around a moment, by default its middle."""
        middle = self._range.start_utc_ns + self._range.span_ns // 2
        self.edit_range(zoomed(self._range, factor, middle if at_utc_ns is None else at_utc_ns), "key zoom")

    def step(self, fraction: float) -> None:
        """Move by a fraction of the range; negative is earlier."""
        self.edit_range(shifted(self._range, fraction), "step")

    @property
    def day_obs(self) -> int:
        """The observing day in the middle of the view, e.g. 20240131."""
        return day_obs_of(self._range.start_utc_ns + self._range.span_ns // 2)

    def show_day_obs(self, day_obs: str) -> None:
        """Show a whole observing day, typed as `20240131`.

        Raises
        ------
        TimeExpressionError
            If it is none.
        """
        self.edit_spec(f"dayObs={day_obs}", f"dayObs={day_obs}")

    def show_moment(self, utc_ns: int) -> None:
        """Bring a moment into the middle of the view."""
        half_ns = self._range.span_ns // 2
        self.edit_range(clamped(utc_ns - half_ns, utc_ns - half_ns + self._range.span_ns))

    def step_day_obs(self, days: int) -> None:
        """Show an observing day so many after the one in view."""
        noon_utc_ns = day_obs_start_utc_ns(self.day_obs) + days * DAY_NS
        self.show_day_obs(str(day_obs_of(noon_utc_ns)))

    def go_back(self) -> None:
        """Show the range before this one."""
        self._visit(self._position - 1)

    def go_forward(self) -> None:
        """Show the range that `go_back` left."""
        self._visit(self._position + 1)

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        if old.timescale != new.timescale:
            self.timescaleChanged.emit(new.timescale)
        if (old.start, old.end, old.timescale) != (new.start, new.end, new.timescale):
            self.specChanged.emit(new.start, new.end)
            if (old.start, old.end) != (new.start, new.end) and old.timescale == new.timescale:
                self._show(self._resolve(new), left=old)

    def _resolve(self, session: Session) -> TimeRange:
        spec = TimeRangeSpec(start=session.start, end=session.end)
        return spec.resolve(now_utc_ns=time.time_ns(), timescale=Timescale(session.timescale))

    def _visit(self, position: int) -> None:
        if 0 <= position < len(self._visited):
            self._gesture = None
            session = self._document.session
            self._remember(session)
            self._position = position
            view = self._visited[position]
            session = edits.set_value_limits(self.with_range(session, view.time_range), view.axes)
            self._document.apply("Change time range", session)
            self.historyChanged.emit()

    def _remember(self, session: Session) -> None:
        """Note the value axes of the view that is left, so that going back brings the whole picture."""
        view = self._visited[self._position]
        self._visited[self._position] = view._replace(axes=edits.value_axes(session))

    def _is_going_on(self) -> bool:
        """Tell whether the view that is left is only a stage of the gesture under way."""
        return self._gesture is not None and self._visited[self._position].gesture == self._gesture

    def _show(self, time_range: TimeRange, *, left: Session) -> None:
        if time_range == self._range:
            return
        self._range = time_range
        if self._visited[self._position].time_range != time_range:
            self._remember(left)
            del self._visited[self._position + 1 :]
            if self._is_going_on():
                del self._visited[self._position :]
            self._visited.append(_View(time_range, (), self._gesture))
            del self._visited[:-200]
            self._position = len(self._visited) - 1
        self.rangeChanged.emit(time_range)
        self.historyChanged.emit()
