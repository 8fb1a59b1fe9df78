"""The status bar: what it says of the work under way."""

import pytest
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton

from efdviewer.domain.query import Statement
from efdviewer.ui.status import WindowStatus
from tests.ui.plots import application
from tests.windows import child


@pytest.fixture
def status() -> WindowStatus:
    application()
    bar = WindowStatus()
    bar.show()
    return bar


def sent(number: int, *, outcome: str = "running", rows: int = 0, share: float = 0.0) -> Statement:
    return Statement(number=number, text="", started_utc_ns=0, rows=rows, share=share, outcome=outcome)


def said(status: WindowStatus) -> str:
    return child(status, QLabel, "flightLabel").text()


def test_that_nothing_has_come_of_what_was_cancelled_failed_or_brought_no_row(status):
    progress = child(status, QProgressBar, "progressBar")
    status.show_busy(1)
    for number, outcome in enumerate(("done", "cancelled", "The way is gone.")):
        status.observe(sent(number))
        status.observe(sent(number, outcome=outcome, share=0.9))
    status.observe(sent(3))
    assert (said(status), progress.value()) == ("1 query in flight, 0 rows", 0)
    status.observe(sent(3, rows=120, share=0.5))
    assert said(status) == "1 query in flight, 120 rows"
    assert progress.value() == 0.75 * progress.maximum()


def test_that_ready_and_the_button_to_cancel_agree(status):
    cancel = child(status, QPushButton, "cancelAll")
    for outstanding, statement in (
        (0, None),
        (1, None),
        (1, sent(0)),
        (1, sent(0, outcome="done", rows=7)),
        (0, None),
    ):
        status.show_busy(outstanding)
        if statement is not None:
            status.observe(statement)
        assert (said(status) == "Ready") == (not cancel.isVisible())


def test_that_the_status_says_since_when_a_source_does_not_answer(status):
    status.show_silence(1_706_742_947_900_000_000)
    for outstanding in (1, 0):
        status.show_busy(outstanding)
        assert said(status) == "No answer since 23:15:47 UTC"
    status.show_silence(None)
    assert said(status) == "Ready"
