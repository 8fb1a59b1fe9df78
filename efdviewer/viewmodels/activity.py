"""Every statement that was sent to the source, with what became of it."""

from collections import deque
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from efdviewer.domain.query import Statement
from efdviewer.domain.timescale import Timescale, format_ns

_KEPT = 1000
_COLUMNS = ("Started (UTC)", "Statement", "Time", "Rows", "Bytes", "Outcome")
_Index = QModelIndex | QPersistentModelIndex


class ActivityModel(QAbstractTableModel):
    """Newest first; the last thousand."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._statements: deque[Statement] = deque(maxlen=_KEPT)

    def observe(self, statement: Statement) -> None:
        """Take a statement that began, went on or ended."""
        for row, known in enumerate(self._statements):
            if (known.number, known.started_utc_ns) == (statement.number, statement.started_utc_ns):
                self._statements[row] = statement
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(_COLUMNS) - 1))
                return
        if len(self._statements) == _KEPT:
            self.beginRemoveRows(QModelIndex(), _KEPT - 1, _KEPT - 1)
            self._statements.pop()
            self.endRemoveRows()
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._statements.appendleft(statement)
        self.endInsertRows()

    def statement(self, row: int) -> Statement:
        """Give the statement of a row."""
        return self._statements[row]

    def recent_texts(self, count: int = 20) -> list[str]:
        """Give the texts of the newest statements that were answered, oldest first."""
        done = [statement.text for statement in self._statements if statement.outcome == "done"]
        return list(dict.fromkeys(done))[:count][::-1]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Qt: number of statements."""
        return 0 if parent.isValid() else len(self._statements)

    def columnCount(self, _parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Qt: number of columns."""
        return len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Qt: titles of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt: what stands in a cell."""
        statement = self._statements[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(statement, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{statement.text}\n{statement.outcome}"
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (2, 3, 4):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _text(self, statement: Statement, column: int) -> str:
        marks = {"running": "… running", "done": "✓ done", "cancelled": "– cancelled"}  # noqa: RUF001
        return (
            format_ns(statement.started_utc_ns, Timescale.UTC, digits=3).partition("T")[2],
            " ".join(statement.text.split()),
            f"{statement.elapsed_s * 1e3:,.0f} ms",
            f"{statement.rows:,}",
            f"{statement.received_bytes:,}" if statement.received_bytes else "\u2014",
            marks.get(statement.outcome, f"✗ {statement.outcome}"),
        )[column]
