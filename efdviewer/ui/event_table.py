"""The events of all overlays in view, one line each, and the selected one whole."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from efdviewer.domain.session import EVENT_SORTS
from efdviewer.domain.timescale import format_ns
from efdviewer.domain.topics import TopicName
from efdviewer.ui.event_detail_view import EventDetailView
from efdviewer.ui.fitted_text import FittedLabel
from efdviewer.ui.palette import shown_color
from efdviewer.ui.rows_view import RowsView
from efdviewer.viewmodels.columns_model import Column
from efdviewer.viewmodels.event_table import EventTableViewModel

_STAMP = "2024-01-31 23:15:00.123456"
_TABLES = "Tables (*.csv *.parquet)"


class EventTablePanel(QWidget):
    """Filter, table and detail; linked with the plots by what is selected and hovered."""

    def __init__(
        self,
        model: EventTableViewModel,
        origin: Callable[[], Mapping[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("eventTablePanel")
        self.setAccessibleName("Event table")
        self._model = model
        self._origin = origin
        self._swatches: dict[str, QPixmap] = {}
        self._make_filter()
        self._make_table()
        self._detail = EventDetailView("eventDetail")
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self._table)
        split.addWidget(self._detail)
        split.setStretchFactor(0, 5)
        split.setStretchFactor(1, 3)
        self._words = FittedLabel()
        self._words.setObjectName("eventWords")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._filter, 1)
        head.addWidget(self._words, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(split, 1)
        self._typing = QTimer(self, singleShot=True, interval=0)
        self._typing.timeout.connect(self._apply_filter)
        model.rowsChanged.connect(self._show)
        model.wordsChanged.connect(self._show_words)
        model.selectionMoved.connect(self.follow_selection)
        model.settingsChanged.connect(self._show_settings)
        model.whole.textChanged.connect(self._detail.setPlainText)
        self._show()
        self._show_settings()

    def sizeHint(self) -> QSize:
        """Room for some lines."""
        return QSize(800, 220)

    def focus_table(self) -> None:
        """Put the keyboard into the table."""
        self._table.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if self._table.current_place() is None and self._table.columns.rowCount():
            self._table.selectRow(0)

    def follow_selection(self) -> None:
        """Show the event that was selected elsewhere."""
        self._table.show_place(self._model.selected)

    def showEvent(self, event: QShowEvent) -> None:
        """Load what is to be seen."""
        super().showEvent(event)
        self._model.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Load nothing while nobody looks."""
        super().hideEvent(event)
        self._model.set_watched(False)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the colour scheme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._swatches.clear()

    def _make_filter(self) -> None:
        self._filter = QLineEdit()
        self._filter.setObjectName("eventFilter")
        self._filter.setAccessibleName("Filter events")
        self._filter.setPlaceholderText("Filter events")
        self._filter.setToolTip("Words that all have to stand in the topic's name or in what the event says")
        self._filter.setClearButtonEnabled(True)
        self._filter.textEdited.connect(self._note_typed)
        self._filter.returnPressed.connect(self.focus_table)

    def _make_table(self) -> None:
        self._table = RowsView(
            "eventTable", "Events in view", "A click on a heading sorts; Ctrl+C copies the selected events"
        )
        header = self._table.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.sectionClicked.connect(self._sort_by_column)
        for name, key in zip(EVENT_SORTS, ("1", "2", "3"), strict=True):
            self._table.add_action(
                f"actionSortEventsBy{name.capitalize()}",
                f"Sort by {name}",
                lambda name=name: self._model.sort_by(name),
                f"Ctrl+{key}",
            )
        self._table.add_action("actionExportEvents", "&Export…", self._ask_where)
        self._table.currentPlaceChanged.connect(self._model.select)
        self._table.placeHovered.connect(self._model.hover)

    def _note_typed(self) -> None:
        self._typing.start()

    def _apply_filter(self) -> None:
        self._model.edit("Filter events", gesture="event filter", filter=self._filter.text())

    def _show_settings(self) -> None:
        settings = self._model.settings
        if self._filter.text() != settings.filter and not self._typing.isActive():
            self._filter.setText(settings.filter)
        order = Qt.SortOrder.DescendingOrder if settings.descending else Qt.SortOrder.AscendingOrder
        place = EVENT_SORTS.index(settings.sort) if settings.sort in EVENT_SORTS else 0
        self._table.horizontalHeader().setSortIndicator(place, order)

    def _sort_by_column(self, column: int) -> None:
        self._model.sort_by(EVENT_SORTS[column])

    def _show(self) -> None:
        events, timescale = self._model.list, self._model.timescale

        def clock(place: int, digits: int) -> str:
            # A stamp in float seconds lies up to 100 ns beside the microsecond that was written.
            step_ns = 10 ** (9 - digits)
            rounded_ns = (int(events.times_utc_ns[place]) + step_ns // 2) // step_ns * step_ns
            return format_ns(rounded_ns, timescale, digits=digits)

        columns = [
            Column(
                title=f"Time, {timescale.value.upper()}",
                text=lambda place: clock(place, 6).replace("T", " "),
                copied=lambda place: clock(place, 9),
            ),
            Column(
                title="Event",
                text=lambda place: TopicName.parse(events.topic_of(place)).title,
                tip=events.topic_of,
                color=lambda place: self._swatch(self._model.color_of(place)),
            ),
            Column(title="Says", text=lambda place: events.texts[place].as_py() or ""),
        ]
        is_first = not self._table.columns.columnCount()
        self._table.columns.show_sorted(columns, self._model.places)
        if is_first:
            self._table.set_widths([_STAMP, "   ATCamera.startIntegration"])
        selected = self._model.selected
        if selected is None and self._table.hasFocus() and len(self._model.places):
            # Keys go on from somewhere.
            selected = int(self._model.places[0])
        self._table.show_place(selected)
        self._show_words()

    def _show_words(self) -> None:
        words = self._model.words()
        self._words.set_forms(words)
        self._words.setToolTip(words)

    def _swatch(self, color: str) -> QPixmap:
        if color not in self._swatches:
            pixmap = QPixmap(10, 10)
            pixmap.fill(QColor(shown_color(color)))
            self._swatches[color] = pixmap
        return self._swatches[color]

    def _ask_where(self) -> None:
        dialog = QFileDialog(self.window(), "Export events", "", _TABLES)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(self._export)
        dialog.open()

    def _export(self, path: str) -> None:
        chosen = self._table.selected_places()
        # One row is the current one; who marks several means these.
        self._model.export(chosen if len(chosen) > 1 else [], Path(path), self._origin())
