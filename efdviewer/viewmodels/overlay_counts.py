"""How many events of an overlay are in view, as far as that is known, and what there is to be said of it."""

from typing import NamedTuple

from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.domain.leap_seconds import SECOND_NS
from efdviewer.domain.live import is_following
from efdviewer.domain.session import Session
from efdviewer.domain.timerange import TimeRange, clamped
from efdviewer.services.event_loader import Events

_LATE_REFRESHES = 2
"""So many refreshes of a view that is followed may be due before its count is called incomplete."""


class ViewCount(NamedTuple):
    """The events in view, and what is known of their number, as an `OverlayRow` tells it."""

    number: int
    is_exact: bool
    is_complete: bool


def count_in_view(shown: Events | None, view: TimeRange, *, late_ns: int) -> ViewCount:
    """Count what is shown in a view, of whose end so many ns may be missing without a word."""
    if shown is None:
        return ViewCount(0, is_exact=True, is_complete=False)
    number, is_exact = shown.count_in(view)
    wanted = clamped(view.start_utc_ns, view.end_utc_ns)
    covered = shown.covered or wanted
    is_complete = (
        covered.start_utc_ns <= wanted.start_utc_ns and wanted.end_utc_ns <= covered.end_utc_ns + late_ns
    )
    return ViewCount(number if is_complete else shown.least_in(view), is_exact, is_complete)


def late_ns(session: Session) -> int:
    """Give how much of the end of a view may wait for its refresh: only of one that is followed."""
    return _LATE_REFRESHES * session.live_s * SECOND_NS if is_following(session) else 0


def status_of(
    shown: Events | None, counted: ViewCount, *, is_loading: bool, failure: EfdViewerError | None
) -> str:
    """Say what is amiss with the events in view; empty where nothing is, or more of them are on their way."""
    if failure is not None:
        return explain(failure)
    if shown is None:
        return "Loading …" if is_loading else "Not loaded"
    if not counted.is_complete:
        return "" if is_loading else "Loaded in part"
    return "" if counted.number else "No events in this range"
