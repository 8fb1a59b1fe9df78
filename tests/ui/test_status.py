"""The status bar: what it says of the work under way."""

import pytest
from PySide6.QtWidgets import QLabel, QProgressBar

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
