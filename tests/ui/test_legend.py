"""The legend: a strip above the plot, and the menu of each of its lines."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QFontMetricsF
from PySide6.QtWidgets import QMenu

from efdviewer.domain.levels import bucket_for
from efdviewer.domain.topics import FieldRef
from tests.ui.plots import SECOND_NS, A, application, area_of, caught, curve, row_of, settle
from tests.windows import in_window

CAMERA = "lsst.sal.ATCamera"


@pytest.mark.parametrize(
    ("name", "signal", "told"),
    [
        ("actionCurveVisible", "curveVisibilityEdited", (0, A, False)),
        ("actionCurveIsolate", "curveIsolated", (0, A)),
        ("actionCurveAxis", "curveAxisEdited", (0, A, "right")),
        ("actionCurveRemove", "curveRemoved", (0, A)),
    ],
)
def test_that_the_menu_of_a_curve_does_what_it_says(name, signal, told):
    area = area_of(row_of(A))
    area.set_curve(0, curve(A))
    entry, found = area.row(0).legend.entries()[0], caught(getattr(area, signal))
    place = QPoint(5, 5)
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Keyboard, place, entry.mapToGlobal(place), Qt.NoModifier
    )
    application().sendEvent(entry, event)
    menu = entry.findChild(QMenu, "curveMenu")
    actions = [action for action in menu.actions() if not action.isSeparator() and not action.menu()]
    assert all(action.objectName().startswith("action") for action in actions)
    next(action for action in actions if action.objectName() == name).trigger()
    menu.close()
    assert found == [told]
    area.close()


@pytest.mark.parametrize("count", [1, 4, 12])
def test_that_no_number_of_curves_covers_data_and_long_names_give_way(count):
    fields = [
        FieldRef("lsst.sal.CSC." + "very" * 20 + "LongTopic", f"field{index}") for index in range(count)
    ]
    area = area_of(row_of(*fields), row_of(A))
    for field in fields:
        area.set_curve(0, curve(field, title=str(field)))
    settle(area)
    row = area.row(0)
    top = row.canvas.mapTo(row, QPoint(0, row.canvas.frame().top)).y()
    for entry in row.legend.entries():
        box = entry.geometry().translated(row.legend.mapTo(row, QPoint(0, 0)))
        assert box.bottom() < top
        assert box.right() <= row.width()
        assert entry.state.title in entry.toolTip()
    assert row.canvas.frame().height > row.height() // 3
    area.close()


@pytest.mark.parametrize("width", [220, 300, 440, 460, 600, 900, 1400])
def test_that_the_field_and_what_its_points_are_can_be_read_where_values_come(width):
    area = area_of(row_of(A))
    state = curve(A, title="ATCamera.wrebPower.analog_I", detail="min and max of 2 min 8 s")
    area.set_curve(0, replace(state, view=replace(state.view, bucket_ns=128 * SECOND_NS)))
    settle(area)
    entry = area.row(0).legend.entries()[0]
    entry.resize(width, entry.height())
    value = "\u22120.123456 to 0.654321 from 12:00:00"
    shown = []
    for reading in ("", value):
        entry.set_reading(reading)
        shown.append(entry.words())
        metrics = QFontMetricsF(entry.font())
        taken = sum(metrics.horizontalAdvance(text) + 6 for text, _ in shown[-1])
        assert 18 + 6 + taken <= width
    if width >= 460:
        assert ("min and max of 2 min 8 s", True) in shown[1]
        assert shown[1][-1][0] == value
    (plain, *rest), (titled, *readings) = shown
    assert ("min and max of 2 min 8 s", True) in rest
    assert plain[0] == state.title or width < 460
    assert titled[0] == state.title or width < 600
    assert titled[0].endswith("_I" if width < 300 else "analog_I")
    assert readings[-1][0] == value or (width < 300 and readings[-1][0] == "\u22120.123456 to 0.654321")
    area.close()


@pytest.mark.parametrize("width", [300, 440, 460, 520, 600, 900])
def test_that_devices_can_be_told_apart_where_values_come(width):
    fields = FieldRef("lsst.sal.ESS.temperature", "temperatureItem0").split(
        "sensorName", ["ESS0-rack", "ESS1.rack"]
    )
    area = area_of(row_of(*fields))
    for field in fields:
        area.set_curve(0, curve(field, title=field.title, detail="min and max of 2 min 8 s"))
    settle(area)
    for entry, device in zip(area.row(0).legend.entries(), ("ESS0-rack", "ESS1.rack"), strict=True):
        entry.resize(width, entry.height())
        for reading in ("", "5.977 to 6.023 from 21:59:28"):
            entry.set_reading(reading)
            words = entry.words()
            assert words[0][0].endswith(device)
            assert width < 460 or not reading or words[-1][0] == reading
    area.close()


@pytest.mark.parametrize("width", [180, 210, 300, 380, 460, 520, 700, 1000, 1900])
@pytest.mark.parametrize(
    ("value", "when"),
    [
        ("0.561234 to 0.661234", " from 2026-11-24 20:37:20"),
        ("30.9012", " at 20:39:31.989927, 14.7 s old"),
        ("no data here", ""),
    ],
)
def test_that_a_value_is_never_cut_and_the_middle_of_a_long_name_gives_way(width, value, when):
    field = FieldRef("lsst.sal.MTM1M3.forceActuatorData", "primaryFollowingErrorMeasuredForceActuator000")
    area = area_of(row_of(field))
    area.set_curve(0, curve(field, title=field.title, detail="min and max of 2 min 8 s"))
    settle(area)
    entry = area.row(0).legend.entries()[0]
    entry.resize(width, entry.height())
    entry.set_reading(value + when)
    (title, _), *rest, (shown, _) = entry.words()
    assert shown == value + when or (width <= 380 and shown == value)
    assert rest == [] or rest[-1] == ("min and max of 2 min 8 s", True)
    assert title == field.title or width < 1900
    if title != field.title and width >= 380:
        front, _, end = title.rpartition("\u2026")
        assert front in field.title
        assert field.title.endswith(end)
        assert end.endswith("000")
    metrics = QFontMetricsF(entry.font())
    for reading in (value + when, ""):
        entry.set_reading(reading)
        taken = [metrics.horizontalAdvance(text) + 6 for text, _ in entry.words() if text]
        assert 18 + 6 + sum(taken) <= width
    area.close()


def test_that_beside_each_curve_stands_what_its_points_are(night):
    async def work(window):
        row = window.plots.row(0)
        entry = row.legend.entries()[0]
        start, end = row.view_range_ns()
        width_s = bucket_for(end - start, window.plots.columns()) // SECOND_NS
        assert entry.state.detail == f"min and max of { {64: '1 min 4 s', 128: '2 min 8 s'}[width_s] }"
        row.set_view_range_ns(end - (end - start) // 40, end)
        await window.idle()
        assert entry.state.detail == "samples"
        assert "samples" in entry.toolTip()

    in_window([str(night), "--plot", f"{CAMERA}.wrebPower:analog_I"], work)
