import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from efdviewer.app.window import make_application
from efdviewer.domain.query import Statement
from efdviewer.viewmodels.activity import ActivityModel


@pytest.fixture
def model():
    make_application()
    model = ActivityModel()
    model.tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return model


def statement(number: int, **changes) -> Statement:
    return Statement(number=number, text=f"SELECT {number}", started_utc_ns=10**18 + number, **changes)


def texts(model: ActivityModel, row: int) -> list[str]:
    return [model.index(row, column).data() for column in range(model.columnCount())]


def test_that_the_newest_statement_stands_first(model):
    for number in range(3):
        model.observe(statement(number))
    assert [model.statement(row).number for row in range(3)] == [2, 1, 0]


def test_that_a_statement_that_goes_on_keeps_its_line(model):
    model.observe(statement(0))
    model.observe(statement(1))
    model.observe(statement(0, rows=12_345, received_bytes=678_901, elapsed_s=1.5, outcome="done"))
    assert model.rowCount() == 2
    assert texts(model, 1)[1:] == ["SELECT 0", "1,500 ms", "12,345", "678,901", "✓ done"]
    assert texts(model, 0)[5] == "… running"


def test_that_the_last_thousand_are_kept():
    make_application()
    # Without the tester, which looks at every row after every change: 68 s instead of less than one.
    model = ActivityModel()
    for number in range(1003):
        model.observe(statement(number))
    assert model.rowCount() == 1000
    assert model.statement(0).number == 1002
    assert model.statement(999).number == 3


def test_that_a_failure_says_why_in_its_line_and_the_tip_holds_the_whole_statement(model):
    text = "SELECT *\nFROM   x"
    failed = Statement(number=1, text=text, started_utc_ns=10**18, outcome="No such database.")
    model.observe(failed)
    assert texts(model, 0)[1] == "SELECT * FROM x"
    assert texts(model, 0)[5] == "✗ No such database."
    assert model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole).startswith(text)


def test_that_only_answered_statements_are_recalled_oldest_first(model):
    for number, outcome in enumerate(("done", "cancelled", "done", "running")):
        model.observe(statement(number, outcome=outcome))
    assert model.recent_texts() == ["SELECT 0", "SELECT 2"]
    assert model.recent_texts(1) == ["SELECT 2"]
