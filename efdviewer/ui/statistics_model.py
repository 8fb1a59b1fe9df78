"""The figures of a span as the rows of a table, one a curve."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap

from efdviewer.domain.statistics import HeldValue, SpanStatistics
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.ui.delay_text import NO_DELAY as NOTHING
from efdviewer.ui.palette import shown_color
from efdviewer.ui.statistics_columns import AT_A, AT_B, LONGEST_GAP, OF_CURSORS, StatisticsColumn
from efdviewer.viewmodels.curve_reading import age_text
from efdviewer.viewmodels.statistics import StatisticsRow

_PENDING = "…"
_ROOT = QModelIndex()
_NOT_BOTH = "Set both cursors, at different moments."
_LONGEST = 40
_WITHOUT_UNITS = ("Count", "Rate, Hz", "Gaps", LONGEST_GAP)

Index = QModelIndex | QPersistentModelIndex


class StatisticsModel(QAbstractTableModel):
    """One row a curve: its name, then `columns`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[StatisticsRow] = []
        self._timescale = Timescale.UTC
        self.columns: Sequence[StatisticsColumn] = OF_CURSORS

    def set_rows(
        self, rows: Sequence[StatisticsRow], columns: Sequence[StatisticsColumn], timescale: Timescale
    ) -> None:
        """Show these; the selection stays where curves and columns are the same."""
        same = [row.field for row in rows] == [row.field for row in self._rows] and columns is self.columns
        if not same:
            self.beginResetModel()
        self._rows, self.columns, self._timescale = list(rows), columns, timescale
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(self.columns)))

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One for each curve."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """One for the name, and the figures."""
        return 0 if parent.isValid() else len(self.columns) + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Name the figures, and tell in a tip what they are."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return "Curve" if section == 0 else self.columns[section - 1].title
        if role == Qt.ItemDataRole.ToolTipRole and section:
            return self.columns[section - 1].tip
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Write a figure; its tip has every digit, or the reason why there is none."""
        row, section = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if section == 0:
            return _of_name(row, role)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, section)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row, section)
        return None

    def exact_texts(self, row: int) -> list[str]:
        """Write a row with every digit, to be taken elsewhere; empty for what is not there."""
        shown = self._rows[row]
        values = [None if shown.figures is None else column.value(shown.figures) for column in self.columns]
        texts = ["" if value is None else _exact(value).replace("\t", " ") for value in values]
        return [_name(shown), *(" ".join(text.splitlines()) for text in texts), shown.units]

    def headings(self) -> list[str]:
        """Name the columns of `exact_texts`."""
        return ["Curve", *(column.title for column in self.columns), "Units"]

    def _text(self, row: StatisticsRow, section: int) -> str:
        if row.figures is None:
            return _PENDING if row.status == "Loading …" else NOTHING
        value = self.columns[section - 1].value(row.figures)
        if value is None:
            is_pending = self.columns[section - 1].is_streamed and not row.figures.is_whole
            return _PENDING if is_pending and row.status else NOTHING
        return _short(value)

    def _tip(self, row: StatisticsRow, section: int) -> str:
        figures = row.figures
        if figures is None:
            return row.status
        column = self.columns[section - 1]
        value = column.value(figures)
        if value is None:
            return self._reason(figures, column)
        tip = _exact(value) if column.title in _WITHOUT_UNITS else f"{_exact(value)} {row.units}".strip()
        sampling = figures.sampling
        if column.title == LONGEST_GAP and sampling is not None and sampling.gap_start_utc_ns is not None:
            tip += f" s\nfrom {self._moment(sampling.gap_start_utc_ns)}"
        for title, held, utc_ns in (
            (AT_A, figures.at_a, figures.a_utc_ns),
            (AT_B, figures.at_b, figures.b_utc_ns),
        ):
            if column.title == title and held is not None and utc_ns is not None:
                tip += f"\n{self._age(held, utc_ns)}"
        return tip

    def _age(self, held: HeldValue, utc_ns: int) -> str:
        age = age_text(utc_ns - held.utc_ns)
        return f"sampled {self._moment(held.utc_ns)}, {age} before the cursor"

    def _moment(self, utc_ns: int) -> str:
        when = format_ns(utc_ns, self._timescale, digits=9).replace("T", " ")
        return f"{when} {self._timescale.value.upper()}"

    def _reason(self, figures: SpanStatistics, column: StatisticsColumn) -> str:
        title = column.title
        if title == AT_A:
            return "Cursor A is not set." if figures.a_utc_ns is None else "No sample at or before it."
        if title == AT_B:
            return "Cursor B is not set." if figures.b_utc_ns is None else "No sample at or before it."
        if figures.span is None:
            return _NOT_BOTH
        if title == LONGEST_GAP and figures.sampling is not None:
            return "There is no gap."
        if column.is_streamed or figures.totals is None:
            return figures.no_deviation or "Fewer than two samples."
        return "There is no number to take it of."


def _alignment(section: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if section else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _of_name(row: StatisticsRow, role: int) -> Any:
    if role == Qt.ItemDataRole.DisplayRole:
        return _name(row)
    if role == Qt.ItemDataRole.ToolTipRole:
        return "\n".join(filter(None, [str(row.field), row.status]))
    if role == Qt.ItemDataRole.DecorationRole:
        pixmap = QPixmap(12, 12)
        pixmap.fill(shown_color(row.color))
        return pixmap
    return None


def _name(row: StatisticsRow) -> str:
    return f"{row.field.title} [{row.units}]" if row.units else row.field.title


def _exact(value: int | float | bool | str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else repr(value)


def _short(value: int | float | bool | str) -> str:
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "\u2212")
    if isinstance(value, str):
        text = " ".join(value.split())
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return _exact(value) if isinstance(value, bool) else f"{value:,}".replace("-", "\u2212")
