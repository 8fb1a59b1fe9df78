"""Rows held column by column, for tables of any length: sorted without being moved."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_TOP = QModelIndex()

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """One column. A row's *place* is where it stands in the data, however the table is sorted.

    `keys`, (n,) of any number type, is what the rows are sorted by; None where they are not. `text` is asked
    for the rows in view alone. `copied` is what a copy holds in place of it. `color` is that of a mark.
    """

    title: str
    text: Callable[[int], str]
    keys: NDArray[Any] | None = None
    copied: Callable[[int], str] | None = None
    tip: Callable[[int], str] | None = None
    color: Callable[[int], object] | None = None
    is_right: bool = False


class ColumnsModel(QAbstractTableModel):
    """A table of columns, of which nothing is made before it is seen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: Sequence[Column] = ()
        self._order: NDArray[np.int64] = np.empty(0, np.int64)
        self._rows: NDArray[np.int64] | None = None
        self._sorted_by: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)

    def show(self, columns: Sequence[Column], places: NDArray[np.int64]) -> None:
        """Show the rows at these places, (n,) int64, sorted as the table is."""
        self.beginResetModel()
        self._columns, self._order, self._rows = columns, places, None
        self._sort()
        self.endResetModel()

    def show_sorted(self, columns: Sequence[Column], places: NDArray[np.int64]) -> None:
        """Show the rows at these places, (n,) int64, in their order, whatever column is marked as sorted."""
        self.beginResetModel()
        self._columns, self._order, self._rows = columns, places, None
        self.endResetModel()

    def place_at(self, row: int) -> int:
        """Give the place of a row of the table."""
        return int(self._order[row])

    def row_of(self, place: int) -> int | None:
        """Give the row in which a place stands; None where it is not shown."""
        if self._rows is None:
            self._rows = np.full(int(self._order.max()) + 1 if len(self._order) else 0, -1, np.int64)
            self._rows[self._order] = np.arange(len(self._order))
        row = int(self._rows[place]) if 0 <= place < len(self._rows) else -1
        return None if row < 0 else row

    def copied(self, rows: Iterable[int]) -> Iterator[str]:
        """Give a heading and rows as lines, separated by tabs, as spreadsheets take them.

        They are those of this moment, whatever is shown while they are made.
        """
        columns, order = self._columns, self._order

        def line(row: int) -> str:
            place = int(order[row])
            texts = [(column.copied or column.text)(place) for column in columns]
            return "\t".join(" ".join(text.split("\t")).replace("\n", "⏎") for text in texts)

        return chain(["\t".join(column.title for column in columns)], map(line, rows))

    def rowCount(self, parent: Index = _TOP) -> int:
        """Count the rows."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = _TOP) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give what a cell shows."""
        if not index.isValid():
            return None
        column, place = self._columns[index.column()], int(self._order[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(place)
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip(place) if column.tip else None
        if role == Qt.ItemDataRole.DecorationRole:
            return column.color(place) if column.color else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.is_right else _LEFT
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Give the heading of a column."""
        if orientation is Qt.Orientation.Horizontal and 0 <= section < len(self._columns):
            if role == Qt.ItemDataRole.DisplayRole:
                return self._columns[section].title
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if self._columns[section].is_right else _LEFT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; equal rows stay in their order."""
        self._sorted_by = column, order
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        places = [self.place_at(index.row()) for index in before]
        self._order = np.sort(self._order)
        self._sort()
        self._rows = None
        moved = [self.row_of(place) for place in places]
        after = [self.index(row or 0, index.column()) for row, index in zip(moved, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _sort(self) -> None:
        column, order = self._sorted_by
        if not 0 <= column < len(self._columns):
            return
        keys = self._columns[column].keys
        if keys is not None:
            chosen = keys[self._order]
            if order is Qt.SortOrder.DescendingOrder:
                # Reversed twice, so that equal rows stay in their order.
                self._order = self._order[::-1][np.argsort(chosen[::-1], kind="stable")][::-1]
            else:
                self._order = self._order[np.argsort(chosen, kind="stable")]
