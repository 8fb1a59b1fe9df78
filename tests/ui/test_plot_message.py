"""What a plot says over its curves, and that it does not move under the mouse."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldRef
from efdviewer.viewmodels.curve_state import CurveStatus
from tests.ui.plots import RANGE, START_NS, A, B, area_of, caught, curve, row_of, settle, view

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def area():
    made = area_of(row_of(A, B))
    yield made
    made.close()


def test_that_an_empty_plot_says_how_to_fill_it():
    area = area_of(row_of())
    message = area.row(0).message
    assert message.isVisible()
    assert "Drag fields here" in message.accessibleName()
    area.set_rows([row_of(A)])
    area.set_curve(0, curve(A))
    assert not message.isVisible()
    area.close()


def test_that_every_state_has_other_words_and_another_icon(area):
    seen = set()
    for status in CurveStatus:
        if status is not CurveStatus.READY:
            area.set_curve(0, curve(A, status=status, view=None))
            settle(area)
            labels = area.row(0).message.findChildren(QLabel)
            shown = [label for label in labels if label.isVisibleTo(area)]
            icon = next(label.pixmap().toImage() for label in shown if not label.pixmap().isNull())
            words = next(label.text() for label in shown if label.text())
            bits = bytes(icon.constBits())
            assert (words, bits) not in seen
            assert words not in {known for known, _ in seen}
            seen.add((words, bits))
    assert len({bits for _, bits in seen}) == len(seen) == 6


def test_that_a_click_on_cancel_is_not_lost_while_the_words_change(area):
    area.set_curve(0, curve(A, status=CurveStatus.LOADING, view=None, message="Loading … 0 of 2"))
    message, cancelled = area.row(0).message, caught(area.cancelRequested)
    button = message.findChild(QPushButton, "plotCancel")
    QTest.mousePress(button, LEFT)
    area.set_curve(0, curve(A, status=CurveStatus.LOADING, view=None, message="Loading … 1 of 2"))
    assert "1 of 2" in message.accessibleName()
    QTest.mouseRelease(button, LEFT)
    assert cancelled == [(0, A)]


@pytest.mark.parametrize("status", [CurveStatus.LOADING, CurveStatus.FAILED])
@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_that_the_focus_goes_from_a_button_to_its_plot(area, status, way):
    window = QWidget()
    layout, edit = QVBoxLayout(window), QLineEdit("a filter")
    layout.addWidget(edit)
    layout.addWidget(area)
    window.show()
    edit.setFocus()
    area.set_curve(0, curve(A, status=status, view=None))
    settle(area)
    for signal in (area.cancelRequested, area.retryRequested):
        signal.connect(lambda row, field: area.set_curve(row, curve(field)))
    row = area.row(0)
    button = row.message.findChild(QPushButton)
    if way == "mouse":
        QTest.mouseClick(button, LEFT)
    else:
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)
    assert not row.message.isVisible()
    assert window.focusWidget() is row
    area.set_curve(0, curve(A, status=status, view=None))
    row.message.findChild(QPushButton).setFocus()
    area.set_curve(0, curve(A))
    assert window.focusWidget() is row
    area.setParent(None)
    window.close()


def test_that_a_second_load_keeps_the_picture_and_soon_says_that_it_loads(area):
    area.set_curve(0, curve(A))
    message = area.row(0).message
    area.set_curve(0, curve(A, status=CurveStatus.LOADING))
    assert not message.isVisible()
    assert QSignalSpy(message.resized).wait(2000)
    assert message.isVisible()
    assert "Loading" in message.accessibleName()
    assert len(area.row(0).drawn_points(A)[0]) == 3
    area.set_curve(0, curve(A))
    assert not message.isVisible()


LONG = "MTM1M3VerticalTemperatureActuatorGroup.hardpointActuatorDataWithAVeryLongTopicNameIndeed.salIndex"


def loading(field, **changes):
    return curve(
        field, **({"status": CurveStatus.LOADING, "view": None, "message": "Loading \u2026"} | changes)
    )


def shown(message, kind):
    return [part for part in message.findChildren(kind) if part.isVisible()]


def test_that_curves_that_load_are_one_line_with_one_cancel():
    area = area_of(row_of(A, B, FieldRef("lsst.sal.Other.topic", "c")))
    other = FieldRef("lsst.sal.Other.topic", "c")
    for field in (A, B, other):
        area.set_curve(0, loading(field, message=f"Loading \u2026 1 of {len(field.topic)} queries answered"))
    settle(area)
    message, cancelled = area.row(0).message, caught(area.cancelRequested)
    assert message.accessibleName() == "Loading 3 curves \u2026"
    assert "b: Loading \u2026 1 of" in shown(message, QLabel)[1].toolTip()
    (button,) = shown(message, QPushButton)
    assert message.height() < area.row(0).canvas.frame().height / 8
    QTest.mousePress(button, LEFT)
    area.set_curve(0, curve(B))
    assert message.accessibleName() == "Loading 2 curves \u2026"
    QTest.mouseRelease(button, LEFT)
    assert {field for _, field in cancelled} == {A, other}
    area.close()


def test_that_words_stand_left_and_buttons_in_one_column_however_long_names_are(area):
    area.resize(500, 500)
    area.set_curve(0, loading(A, title=LONG))
    failed = "127.0.0.1:44017 cannot be reached: Connection refused. Check the address."
    area.set_curve(0, curve(B, status=CurveStatus.FAILED, view=None, message=failed))
    settle(area)
    message = area.row(0).message
    icons = [label for label in shown(message, QLabel) if not label.text()]
    words = [label for label in shown(message, QLabel) if label.text()]
    buttons = shown(message, QPushButton)
    assert len(icons) == len(words) == len(buttons) == 2
    for column in (icons, words, buttons):
        assert len({part.x() for part in column}) == 1
    assert len({button.width() for button in buttons}) == 1
    for label in words:
        assert label.alignment() & Qt.AlignmentFlag.AlignLeft
        widest = max(label.fontMetrics().horizontalAdvance(word) for word in label.text().split(" "))
        assert widest <= label.width()
        assert label.height() >= label.heightForWidth(label.width())
    assert words[0].text().startswith("\u2026")
    assert words[0].text().endswith("salIndex: Loading \u2026")
    assert LONG in words[0].toolTip()
    assert LONG in message.accessibleName()
    assert message.geometry().right() <= area.row(0).canvas.frame().right


def test_that_what_failed_for_several_curves_is_said_once(area):
    for field in (A, B):
        area.set_curve(0, curve(field, status=CurveStatus.FAILED, view=None, message="It is gone."))
    settle(area)
    message, retried = area.row(0).message, caught(area.retryRequested)
    assert message.accessibleName() == "2 curves: It is gone."
    (button,) = shown(message, QPushButton)
    QTest.mouseClick(button, LEFT)
    assert retried == [(0, A)]


def test_that_words_over_a_picture_stand_at_its_foot(area):
    area.set_curve(0, curve(A, status=CurveStatus.NO_DATA, view=None))
    settle(area)
    frame, message = area.row(0).canvas.frame(), area.row(0).message
    assert abs(message.geometry().center().y() - (frame.top + frame.height // 2)) < 5
    area.set_curve(0, curve(A, status=CurveStatus.NO_DATA, view=None, held=(START_NS - 5, 2.0)))
    settle(area)
    assert message.geometry().bottom() > frame.bottom - 20


def test_that_values_in_the_legend_follow_a_view_that_moves_under_a_resting_mouse(area):
    area.set_curve(0, curve(A, view=view([1.0, 2.0, 3.0, 4.0])))
    settle(area)
    row = area.row(0)
    frame, entry = row.canvas.frame(), row.legend.entries()[0]
    QTest.mouseMove(row.canvas, QPoint(frame.left + frame.width // 8, 100))
    settle(area)
    assert entry.accessibleDescription().startswith("1 at")
    half = RANGE.span_ns // 2
    told = caught(area.cursorMoved)
    area.set_time_range(TimeRange(start_utc_ns=START_NS + half, end_utc_ns=START_NS + 3 * half))
    assert told == [(row.canvas.frame().ns_at(frame.left + frame.width // 8),)]
    assert entry.accessibleDescription().startswith("3 at")
    area.set_curve(0, curve(A, view=view([7.0, 7.0, 7.0, 7.0])))
    assert entry.accessibleDescription().startswith("7 at")
