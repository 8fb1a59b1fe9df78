"""Curves, overlays and a plot area for tests."""

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from efdviewer.domain.level_view import LevelView
from efdviewer.domain.session import Curve, PlotRow
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldRef
from efdviewer.ui.plot_area import PlotArea
from efdviewer.viewmodels.curve_state import CurveState, CurveStatus, OverlayState

SECOND_NS = 1_000_000_000
START_NS = 1_706_742_900_000_000_000
RANGE = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + 1000 * SECOND_NS)
A, B, C = (FieldRef("lsst.sal.CSC.topic", name) for name in "abc")


def application() -> QApplication:
    return QApplication.instance() or QApplication([])


def view(values, *, stepped=False, connect=None, bucket_ns=0, time_range=RANGE) -> LevelView:
    count = len(values)
    step = time_range.span_ns // max(1, count)
    return LevelView(
        time_range=time_range,
        times_utc_ns=time_range.start_utc_ns + step // 2 + np.arange(count, dtype=np.int64) * step,
        values=np.asarray(values, np.float64),
        connect=np.ones(count, np.bool_) if connect is None else connect,
        bucket_ns=bucket_ns,
        stepped=stepped,
    )


def curve(field=A, **changes) -> CurveState:
    parts = {
        "title": field.field,
        "units": "A",
        "color": "#0072b2",
        "side": "left",
        "visible": True,
        "status": CurveStatus.READY,
        "detail": "samples",
        "view": view([1.0, 2.0, 3.0]),
    }
    return CurveState(field=field, **(parts | changes))


def overlay(
    seconds,
    *,
    key="lsst.sal.CSC.logevent_x@private_sndStamp",
    visible=True,
    alpha=0.3,
    color="#008a2e",
    density=None,
):
    return OverlayState(
        key=key,
        title="CSC.x",
        color=color,
        alpha=alpha,
        visible=visible,
        times_utc_ns=START_NS + np.asarray(seconds, np.int64) * SECOND_NS,
        density=density,
    )


def row_of(*fields) -> PlotRow:
    return PlotRow(curves=tuple(Curve(field=field) for field in fields))


def settle(area: PlotArea) -> None:
    for _ in range(3):
        application().processEvents()


def area_of(*rows: PlotRow) -> PlotArea:
    application()
    area = PlotArea()
    area.resize(1000, 600)
    area.set_time_range(RANGE)
    area.set_rows(rows)
    area.show()
    settle(area)
    return area


def caught(signal) -> list:
    found: list = []
    signal.connect(lambda *values: found.append(values))
    return found


def drop(widget, place: QPoint, mime) -> None:
    """Enter, move and let go, as a drag from the tree does."""
    send = application().sendEvent
    carried = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    send(widget, QDragEnterEvent(place, *carried))
    send(widget, QDragMoveEvent(place, *carried))
    send(widget, QDropEvent(QPointF(place), *carried))
