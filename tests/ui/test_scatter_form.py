"""Says which fields are joined and how, by the hands of a person."""

import asyncio

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton

from efdviewer.domain.session import Scatter
from efdviewer.viewmodels.topic_drag import mime_data
from tests.ui.hands import LEFT, choose_from_bar, click
from tests.ui.plots import drop
from tests.ui.test_scatter import OTHER, RANGE, X, Y, expected, folder, panel, source  # noqa: F401
from tests.windows import act, child, in_window, type_into


def let_fall(window, line: str, *fields) -> None:
    drop(child(window, QLineEdit, line), QPoint(20, 8), mime_data(fields, []))


def test_two_fields_and_a_tolerance_with_the_mouse_alone(source):  # noqa: F811
    async def work(window):
        await choose_from_bar(window, "View", "actionScatter")
        let_fall(window, "scatterX", Y)
        let_fall(window, "scatterX", X)
        let_fall(window, "scatterY", OTHER)
        assert child(window, QLineEdit, "scatterX").text() == str(X)
        click(child(window, QPushButton, "scatterAdd"))
        await window.idle()
        assert window.workspace.session.scatters == (Scatter(x=X, y=OTHER),)
        box = child(window, QComboBox, "scatterTolerances")
        click(box, QPoint(box.width() - 8, box.height() // 2))
        index = box.model().index(box.findText("0.1"), 0)
        assert box.view().isVisible()
        # Qt takes no choice so soon after the click that opened the list.
        await asyncio.sleep(QApplication.doubleClickInterval() / 1000 + 0.1)
        QTest.mouseMove(box.view().viewport(), box.view().visualRect(index).center())
        QTest.mouseClick(box.view().viewport(), LEFT, pos=box.view().visualRect(index).center())
        await window.idle()
        assert window.workspace.session.scatters == (Scatter(x=X, y=OTHER, tolerance_s=0.1),)
        _, y, moments = panel(window).points()
        joined = expected("nearest", 0.1)
        assert moments.tolist() == joined["time"].tolist()
        assert y.tolist() == joined["z"].tolist()

    in_window([source, *RANGE, "--plot", str(X)], work)


def test_that_two_fields_dropped_at_once_are_shown(folder):  # noqa: F811
    async def work(window):
        act(window, "actionScatter")
        await window.idle()
        let_fall(window, "scatterY", OTHER, X)
        await window.idle()
        assert window.workspace.session.scatters == (Scatter(x=OTHER, y=X),)
        act(window, "actionUndo")
        assert window.workspace.session.scatters == ()

    in_window([str(folder), *RANGE, "--plot", str(X)], work)


def test_that_text_dropped_into_a_line_of_a_field_is_text(folder):  # noqa: F811
    async def work(window):
        line = child(window, QLineEdit, "scatterX")
        line.clear()
        mime = mime_data([], [])
        mime.setText("any words")
        drop(line, QPoint(4, 8), mime)
        assert line.text() == "any words"

    in_window([str(folder), *RANGE, "--scatter", f"{X},{Y}"], work)


@pytest.mark.parametrize(
    ("typed", "taken", "said"),
    [
        ("1", 1.0, ""),
        ("0", 0.0, ""),
        ("0.0000001", 1e-7, ""),
        ("-1", None, "0 to 86,400"),
        ("soon", None, "no number"),
    ],
)
def test_that_a_tolerance_is_taken_as_it_is_typed_with_the_keyboard_alone(folder, typed, taken, said):  # noqa: F811
    async def work(window):
        type_into(child(window, QLineEdit, "scatterTolerance"), "3")
        type_into(child(window, QLineEdit, "scatterTolerance"), typed)
        await window.idle()
        [scatter] = window.workspace.session.scatters
        assert scatter.tolerance_s == (3.0 if taken is None else taken)
        wrong = child(window, QLabel, "scatterWrong")
        assert said in wrong.text().replace("\u200b", "")
        assert wrong.isVisible() == bool(said)

    in_window([str(folder), *RANGE, "--scatter", f"{X},{Y}"], work)
