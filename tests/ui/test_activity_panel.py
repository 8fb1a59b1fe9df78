from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView

from efdviewer.app.window import make_application
from efdviewer.domain.query import Statement
from efdviewer.ui.activity_panel import ActivityPanel
from efdviewer.viewmodels.activity import ActivityModel
from tests.windows import child


def test_that_the_selected_statements_are_copied_as_they_were_sent():
    make_application()
    model = ActivityModel()
    for number in range(3):
        model.observe(Statement(number=number, text=f"SELECT\n  {number}", started_utc_ns=10**18))
    panel = ActivityPanel(model)
    panel.show()
    panel.activateWindow()
    assert QTest.qWaitForWindowActive(panel)
    table = child(panel, QTableView, "activityTable")
    table.setFocus()
    table.selectRow(0)
    table.selectionModel().select(
        model.index(2, 0),
        table.selectionModel().SelectionFlag.Select | table.selectionModel().SelectionFlag.Rows,
    )
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "SELECT\n  2\nSELECT\n  0"
    panel.close()
