"""The figures between the cursors as the rows of a table, one a curve."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap

from efdviewer.domain.statistics import HeldValue, SpanStatistics
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.ui.delay_text import NO_DELAY as NOTHING
from efdviewer.ui.palette import shown_color
from efdviewer.viewmodels.cursors import CursorRow
from efdviewer.viewmodels.curve_reading import age_text

_PENDING = "…"
_ROOT = QModelIndex()
_NOT_BOTH = "Set both cursors, at different moments."
_LONGEST = 40

Index = QModelIndex | QPersistentModelIndex
Value = int | float | bool | str | None


class _Column(NamedTuple):
    title: str
    tip: str
    value: Callable[[SpanStatistics], Value]


def _total(name: str) -> Callable[[SpanStatistics], Value]:
    return lambda figures: getattr(figures.totals, name) if figures.totals is not None else None


def _value_of(held: HeldValue | None) -> Value:
    return None if held is None else held.value


COLUMNS = (
    _Column("At A", "The last sample at or before cursor A", lambda each: _value_of(each.at_a)),
    _Column("At B", "The last sample at or before cursor B", lambda each: _value_of(each.at_b)),
    _Column("B \u2212 A", "Value at B less value at A", lambda each: each.difference),
    _Column("Per second", "The difference over the time from A to B", lambda each: each.slope_per_s),
    _Column("Count", "Samples between the cursors, the first moment included", _total("count")),
    _Column("Mean", "Mean of the samples between the cursors", _total("mean")),
    _Column("Minimum", "Least of the samples between the cursors", _total("low")),
    _Column("Maximum", "Largest of the samples between the cursors", _total("high")),
    _Column("Std. dev.", "Standard deviation of those samples, by n \u2212 1", lambda each: each.deviation),
)


class StatisticsModel(QAbstractTableModel):
    """One row a curve: its name, then `COLUMNS`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[CursorRow] = []
        self._timescale = Timescale.UTC

    def set_rows(self, rows: Sequence[CursorRow], timescale: Timescale) -> None:
        """Show these; the selection stays where the curves are the same."""
        same = [row.field for row in rows] == [row.field for row in self._rows]
        if not same:
            self.beginResetModel()
        self._rows, self._timescale = list(rows), timescale
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS)))

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One for each curve."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """One for the name, and the figures."""
        return 0 if parent.isValid() else len(COLUMNS) + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Name the figures, and tell in a tip what they are."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return "Curve" if section == 0 else COLUMNS[section - 1].title
        if role == Qt.ItemDataRole.ToolTipRole and section:
            return COLUMNS[section - 1].tip
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
        values = [None if shown.figures is None else column.value(shown.figures) for column in COLUMNS]
        texts = ["" if value is None else _exact(value).replace("\t", " ") for value in values]
        return [_name(shown), *(" ".join(text.splitlines()) for text in texts)]

    def _text(self, row: CursorRow, section: int) -> str:
        if row.figures is None:
            return _PENDING if row.status == "Loading …" else NOTHING
        value = COLUMNS[section - 1].value(row.figures)
        if value is None:
            is_pending = section == len(COLUMNS) and not row.figures.is_whole
            return _PENDING if is_pending and row.status else NOTHING
        return _short(value)

    def _tip(self, row: CursorRow, section: int) -> str:
        figures = row.figures
        if figures is None:
            return row.status
        column = COLUMNS[section - 1]
        value = column.value(figures)
        if value is None:
            return self._reason(figures, column.title)
        tip = f"{_exact(value)} {row.units}".strip()
        for title, held, utc_ns in (
            (COLUMNS[0].title, figures.at_a, figures.a_utc_ns),
            (COLUMNS[1].title, figures.at_b, figures.b_utc_ns),
        ):
            if column.title == title and held is not None and utc_ns is not None:
                tip += f"\n{self._age(held, utc_ns)}"
        return tip

    def _age(self, held: HeldValue, utc_ns: int) -> str:
        when = format_ns(held.utc_ns, self._timescale, digits=9).replace("T", " ")
        age = age_text(utc_ns - held.utc_ns)
        return f"sampled {when} {self._timescale.value.upper()}, {age} before the cursor"

    def _reason(self, figures: SpanStatistics, title: str) -> str:
        if title == COLUMNS[0].title:
            return "Cursor A is not set." if figures.a_utc_ns is None else "No sample at or before it."
        if title == COLUMNS[1].title:
            return "Cursor B is not set." if figures.b_utc_ns is None else "No sample at or before it."
        if None in (figures.a_utc_ns, figures.b_utc_ns) or figures.a_utc_ns == figures.b_utc_ns:
            return _NOT_BOTH
        if title == COLUMNS[-1].title or figures.totals is None:
            return figures.no_deviation
        return "There is no number to take it of."


def _alignment(section: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if section else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _of_name(row: CursorRow, role: int) -> Any:
    if role == Qt.ItemDataRole.DisplayRole:
        return _name(row)
    if role == Qt.ItemDataRole.ToolTipRole:
        return "\n".join(filter(None, [str(row.field), row.status]))
    if role == Qt.ItemDataRole.DecorationRole:
        pixmap = QPixmap(12, 12)
        pixmap.fill(shown_color(row.color))
        return pixmap
    return None


def _name(row: CursorRow) -> str:
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
