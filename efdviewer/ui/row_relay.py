"""Hands on what a person does in one plot row, with the row's place in the stack."""

import weakref
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu

from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.plot_row import PlotRow

if TYPE_CHECKING:
    from efdviewer.ui.plot_area import PlotArea


class RowRelay(QObject):
    """Connects a row, which does not know where it stands, to the intents of its plot area."""

    def __init__(self, area: "PlotArea", row: PlotRow) -> None:
        super().__init__(row)
        # Weak: a strong one would close a cycle, and an area would outlive its last user until a collection.
        self._area_reference = weakref.ref(area)
        self._row = row
        row.focused.connect(self._focused)
        row.boxEdited.connect(self._box_edited)
        row.limitsEdited.connect(self._limits_edited)
        row.logEdited.connect(self._log_edited)
        row.fitRequested.connect(self._fit_requested)
        row.menuRequested.connect(self._menu_requested)
        row.drops.fieldsDropped.connect(self._fields_dropped)
        row.message.retryRequested.connect(self._retry_requested)
        row.message.cancelRequested.connect(self._cancel_requested)
        row.legend.visibilityEdited.connect(self._visibility_edited)
        row.legend.isolated.connect(self._isolated)
        row.legend.removed.connect(self._curve_removed)
        row.legend.colorEdited.connect(self._color_edited)
        row.legend.axisEdited.connect(self._axis_edited)
        row.legend.menuOpened.connect(self._curve_menu_opened)
        row.buttons.upRequested.connect(self._move_up)
        row.buttons.downRequested.connect(self._move_down)
        row.buttons.removeRequested.connect(self._remove)

    @property
    def _area(self) -> "PlotArea":
        area = self._area_reference()
        assert area is not None
        return area

    @property
    def _index(self) -> int:
        return self._area.index_of(self._row)

    def _focused(self) -> None:
        self._area.set_current_row(self._index)

    def _box_edited(self, time_range: TimeRange, side: str, low: float, high: float) -> None:
        self._area.boxEdited.emit(self._index, time_range, side, low, high)

    def _limits_edited(self, side: str, low: float | None, high: float | None) -> None:
        self._area.valueLimitsEdited.emit(self._index, side, low, high)

    def _log_edited(self, side: str, log: bool) -> None:
        self._area.valueLogEdited.emit(self._index, side, log)

    def _fit_requested(self) -> None:
        self._area.fitRequested.emit(self._index)

    def _menu_requested(self, utc_ns: object, value: object, place: QPoint) -> None:
        self._area.set_current_row(self._index)
        self._area.contextMenuRequested.emit(self._index, utc_ns, value, place)

    def _fields_dropped(self, fields: object, zone: str) -> None:
        if zone == "new":
            self._area.fieldsDropped.emit(-1, fields, None)
        else:
            self._area.fieldsDropped.emit(self._index, fields, None if zone in ("plot", "lanes") else zone)

    def _retry_requested(self, field: object) -> None:
        self._area.retryRequested.emit(self._index, field)

    def _cancel_requested(self, field: object) -> None:
        self._area.cancelRequested.emit(self._index, field)

    def _visibility_edited(self, field: object, visible: bool) -> None:
        self._area.curveVisibilityEdited.emit(self._index, field, visible)

    def _isolated(self, field: object) -> None:
        self._area.curveIsolated.emit(self._index, field)

    def _curve_removed(self, field: object) -> None:
        self._area.curveRemoved.emit(self._index, field)

    def _color_edited(self, field: object, color: str) -> None:
        self._area.curveColorEdited.emit(self._index, field, color)

    def _axis_edited(self, field: object, side: str) -> None:
        self._area.curveAxisEdited.emit(self._index, field, side)

    def _curve_menu_opened(self, field: object, menu: QMenu) -> None:
        self._area.curveMenuOpened.emit(self._index, field, menu)

    def _move_up(self) -> None:
        self._move_by(-1)

    def _move_down(self) -> None:
        self._move_by(1)

    def _move_by(self, step: int) -> None:
        index = self._index
        if 0 <= index + step < len(self._area.rows()):
            self._area.rowMoved.emit(index, index + step)

    def _remove(self) -> None:
        self._area.rowRemoved.emit(self._index)
