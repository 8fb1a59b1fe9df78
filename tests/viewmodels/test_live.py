"""Following the clock: what moves, what is asked for, and what is left alone."""

import asyncio
import time

import pytest

from efdviewer.app.window import make_application
from efdviewer.domain.session import Session
from efdviewer.services.document import Document
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.live import LiveViewModel
from efdviewer.viewmodels.time_range import TimeRangeViewModel

MINUTE_NS = 60_000_000_000
STILL = ("2024-01-31T20:00", "2024-01-31T21:00")


class Bench:
    """A document with its time range and its live mode, wired as in a window."""

    def __init__(self, session: Session) -> None:
        make_application()
        self.document = Document(session)
        self.runner = TaskRunner(report=lambda error: pytest.fail(str(error)), changed=self._changed)
        self.time = TimeRangeViewModel(self.document)
        self.live = LiveViewModel(self.document, self.runner, self.time)
        self.document.observers.append(self.time.sessionChanged)
        self.document.observers.append(self.live.sessionChanged)
        self.quiet = asyncio.Event()
        self.loaded: list[tuple[object, bool]] = []
        self.scrolled: list[object] = []
        self.time.rangeChanged.connect(lambda shown: self.loaded.append((shown, self.live.is_refreshing)))
        self.time.rangeScrolled.connect(self.scrolled.append)

    def _changed(self) -> None:
        self.live.tasksChanged()
        if not self.runner.outstanding:
            self.quiet.set()


def test_that_a_refresh_ends_at_this_moment_and_is_nothing_to_go_back_to():
    bench = Bench(Session(start="now-5m", end="now", live_s=5))
    bench.live.refresh()
    (shown, is_refresh) = bench.loaded[-1]
    assert is_refresh
    assert abs(shown.end_utc_ns - time.time_ns()) < 10**9
    assert shown.span_ns == 5 * MINUTE_NS
    assert bench.time.time_range == shown
    assert not bench.time.can_go_back
    assert bench.document.undo_name is None
    assert bench.live.refreshes == 1


def test_that_a_delayed_range_keeps_its_delay():
    bench = Bench(Session(start="now-2h", end="now-1h", live_s=5))
    assert bench.live.is_following
    bench.live.refresh()
    assert abs(bench.loaded[-1][0].end_utc_ns - time.time_ns() + 60 * MINUTE_NS) < 10**9


def test_that_back_after_a_zoom_leads_to_what_was_last_followed():
    bench = Bench(Session(start="now-5m", end="now", live_s=5))
    bench.live.refresh()
    followed = bench.time.time_range
    bench.time.zoom(0.5)
    assert bench.live.is_paused
    bench.time.go_back()
    assert bench.time.time_range == followed
    assert bench.live.is_paused
    bench.document.undo()
    bench.document.undo()
    assert bench.live.is_following


def test_that_resuming_keeps_the_length_and_is_undone_at_once():
    bench = Bench(Session(start="now-20m", end="now", live_s=10))
    bench.time.zoom(0.5)
    bench.live.resume()
    session = bench.document.session
    assert (session.start, session.end, session.live_s) == ("now-10m", "now", 10)
    assert bench.document.undo_name == "Resume live"
    bench.document.undo()
    assert bench.live.is_paused


def test_that_switching_on_lets_a_still_range_go_in_one_act():
    bench = Bench(Session(start=STILL[0], end=STILL[1]))
    assert not bench.live.is_paused
    bench.live.set_following(True)
    session = bench.document.session
    assert (session.start, session.end, session.live_s) == ("now-1h", "now", 5)
    assert bench.document.undo_name == "Follow live"
    bench.document.undo()
    assert (bench.document.session.start, bench.document.session.live_s) == (STILL[0], 0)


def test_that_pausing_lets_the_range_in_view_stand():
    bench = Bench(Session(start="now-5m", end="now", live_s=5))
    shown = bench.time.time_range
    bench.live.pause()
    assert bench.live.is_paused
    assert abs(bench.time.time_range.end_utc_ns - shown.end_utc_ns) < shown.span_ns / 1000
    assert bench.document.session.live_s == 5


def test_that_the_interval_chosen_last_is_taken_again():
    bench = Bench(Session(start="now-5m", end="now"))
    bench.live.follow_every(30)
    bench.live.set_following(False)
    assert not bench.live.is_following
    bench.live.set_following(True)
    assert bench.document.session.live_s == 30


async def test_that_a_refresh_is_left_out_while_the_one_before_is_loading():
    bench = Bench(Session(start="now-5m", end="now", live_s=5))
    done = asyncio.Event()
    bench.time.rangeChanged.connect(lambda _: bench.runner.submit(("series", "t"), done.wait, name="Load"))
    bench.live.refresh()
    bench.live.refresh()
    assert len(bench.loaded) == 1
    assert bench.live.refreshes == 0
    done.set()
    await asyncio.wait_for(bench.quiet.wait(), 10)
    assert bench.live.refreshes == 1
    bench.live.refresh()
    assert len(bench.loaded) == 2
    await bench.runner.close()


async def test_that_other_work_does_not_hold_a_refresh_back():
    bench = Bench(Session(start="now-5m", end="now", live_s=5))
    bench.runner.submit("export", asyncio.Event().wait, name="Export")
    bench.live.refresh()
    assert len(bench.loaded) == 1
    await bench.runner.close()


def test_that_nothing_moves_while_the_mouse_drags():
    bench = Bench(Session(start="now-5m", end="now", live_s=5))
    bench.live.set_held(True)
    bench.live.refresh()
    assert bench.loaded == []
    bench.live.set_held(False)
    bench.live.refresh()
    assert len(bench.loaded) == 1
