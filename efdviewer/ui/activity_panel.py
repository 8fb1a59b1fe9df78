"""The table of statements, to look at and to copy."""

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QVBoxLayout, QWidget

from efdviewer.ui.scroll_bars import make_flat
from efdviewer.viewmodels.activity import ActivityModel


class ActivityPanel(QWidget):
    """Each statement with its time, rows, bytes and outcome; Ctrl+C copies the selected ones."""

    def __init__(self, model: ActivityModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("activityPanel")
        self.setAccessibleName("Activity")
        self._model = model
        self._table = QTableView()
        self._table.setObjectName("activityTable")
        self._table.setAccessibleName("Statements sent to the source")
        self._table.setToolTip("Newest first; Ctrl+C copies the selected statements")
        self._table.setModel(model)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        make_flat(self._table)
        self._table.setShowGrid(False)
        self._table.setWordWrap(False)
        self._table.setTabKeyNavigation(False)
        self._table.verticalHeader().hide()
        self._table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for column, width in ((0, 110), (2, 80), (3, 90), (4, 100), (5, 160)):
            self._table.setColumnWidth(column, width)
        self._menu = QMenu(self)
        copy = self._menu.addAction("&Copy statement", self._copy)
        copy.setObjectName("actionCopyStatement")
        copy.setShortcut("Ctrl+C")
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._table.addAction(copy)
        self._table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._table.customContextMenuRequested.connect(self._show_menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self._table)

    def sizeHint(self) -> QSize:
        """Room for some lines."""
        return QSize(800, 160)

    def _copy(self) -> None:
        rows = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        texts = [self._model.statement(row).text for row in rows]
        QGuiApplication.clipboard().setText("\n".join(texts))

    def _show_menu(self, position: QPoint) -> None:
        self._menu.popup(self._table.viewport().mapToGlobal(position))
