"""The table of figures of a span, to look at and to copy."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTableView, QWidget

from efdviewer.domain.timescale import Timescale
from efdviewer.ui.scroll_bars import make_flat
from efdviewer.ui.statistics_columns import StatisticsColumn
from efdviewer.ui.statistics_model import StatisticsModel
from efdviewer.viewmodels.statistics import StatisticsRow

_NARROWEST = 60
"""Pixels of a column of figures until wider ones come."""
_NAMES = 200
"""So many pixels names have at least, where they need them."""


class StatisticsTable(QTableView):
    """One row a curve; Ctrl+C copies the selected ones, or all, with every digit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statisticsTable")
        self.setAccessibleName("Statistics of the curves")
        self.setToolTip("Exact figures of all samples, whatever is drawn; Ctrl+C copies them")
        self._model = StatisticsModel(self)
        self.setModel(self._model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        make_flat(self)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(_NARROWEST)
        self._menu = QMenu(self)
        copy = self._menu.addAction("&Copy figures", self.copy)
        copy.setObjectName("actionCopyStatistics")
        copy.setShortcut("Ctrl+C")
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)

    def sizeHint(self) -> QSize:
        """Room for some curves."""
        return QSize(760, 130)

    def set_rows(
        self, rows: Sequence[StatisticsRow], columns: Sequence[StatisticsColumn], timescale: Timescale
    ) -> None:
        """Show these figures of these curves."""
        is_other = columns is not self._model.columns
        self._model.set_rows(rows, columns, timescale)
        for column in range(1, len(columns) + 1):
            # Wider, but never narrower: columns do not jump to and fro while a cursor is moved.
            least = _NARROWEST if is_other or not rows else self.columnWidth(column)
            wanted = max(self.sizeHintForColumn(column), self.horizontalHeader().sectionSizeHint(column))
            self.setColumnWidth(column, max(least, wanted))
        self._fit_names()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the names what room there is."""
        super().resizeEvent(event)
        self._fit_names()

    def fit_height(self) -> None:
        """Be as high as the rows, for a picture."""
        height = self.horizontalHeader().sizeHint().height() + 2 * self.frameWidth()
        height += self._model.rowCount() * self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(height)

    def copy(self) -> None:
        """Copy the selected rows, or all, with their headings, between tabs."""
        chosen = sorted(index.row() for index in self.selectionModel().selectedRows())
        rows = chosen or range(self._model.rowCount())
        lines = [self._model.headings(), *map(self._model.exact_texts, rows)]
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines))

    def _fit_names(self) -> None:
        """Let names fill the width, but stay legible where figures need more than that."""
        figures = sum(map(self.columnWidth, range(1, self._model.columnCount())))
        least = min(self.sizeHintForColumn(0), _NAMES)
        self.setColumnWidth(0, max(least, self.viewport().width() - figures))

    def _show_menu(self, position: QPoint) -> None:
        self._menu.popup(self.viewport().mapToGlobal(position))
