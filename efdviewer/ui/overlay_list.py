"""The event overlays: on or off, colour, stamp, how many are in view."""

import html
from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QHeaderView,
    QLabel,
    QMenu,
    QStyle,
    QToolTip,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from efdviewer.domain.events import short_stamp
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.ui.check_frame import CheckFrameDelegate
from efdviewer.ui.delay_text import delay_text
from efdviewer.ui.fitted_text import breakable
from efdviewer.ui.graphics.event_lines import CrowdHit, EventHit
from efdviewer.ui.graphics.interval_bands import BandHit
from efdviewer.ui.label_menu import LabelMenu
from efdviewer.ui.palette import shown_color
from efdviewer.ui.scroll_bars import make_flat
from efdviewer.ui.time_bar import span_text
from efdviewer.viewmodels.curve_state import OverlayRow
from efdviewer.viewmodels.event_tip import crowd_text
from efdviewer.viewmodels.events import EventsViewModel

_HINT = "No events overlaid. Double-click an event in the topic list, or select it and press O."

_MILLION = 1_000_000
_WIDEST_COUNT = "≥ 888,888"


class OverlayList(QWidget):
    """One line an overlay: a check box with colour and title, the stamp to use, the count in view."""

    def __init__(self, model: EventsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("overlayPanel")
        self.setAccessibleName("Event overlays")
        self._model = model
        self._shown: list[tuple[str, tuple[str, ...]]] = []
        self._tip_at = QPoint()
        self._list = QTreeWidget()
        self._list.setObjectName("overlayList")
        self._list.setAccessibleName("Event overlays")
        self._list.setToolTip("Space shows or hides, Delete removes; the menu has colour, labels and scale")
        self._list.setHeaderLabels(["Event", "Stamp", "In view"])
        self._list.setRootIsDecorated(False)
        self._list.setItemDelegate(CheckFrameDelegate(self._list))
        make_flat(self._list)
        self._list.setUniformRowHeights(True)
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self._list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Fixed)
        self._fix_count_width()
        self._list.itemChanged.connect(self._toggle)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._list.customContextMenuRequested.connect(self._show_menu)
        self._hint = QLabel(_HINT)
        self._hint.setWordWrap(True)
        self._hint.setObjectName("overlayHint")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self._list)
        layout.addWidget(self._hint)
        self._make_menu()
        model.overlaysChanged.connect(self._show)
        model.eventDescribed.connect(self._show_description)
        self._show()

    def sizeHint(self) -> QSize:
        """Room for a few overlays."""
        return QSize(320, 120)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the colour scheme and the font."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._show()
        elif event.type() is QEvent.Type.FontChange:
            self._fix_count_width()

    def show_tip(self, hit: EventHit | CrowdHit | BandHit, position: QPoint) -> None:
        """Tell of the event under the cursor, once its row is there, and of how many others are.

        Where there is none, tell of the interval.
        """
        self._tip_at = position
        if isinstance(hit, BandHit):
            QToolTip.showText(position, _band_text(hit), self)
            return
        if isinstance(hit, CrowdHit):
            told = [
                (crowd.title, crowd.number, _spell(crowd.time_range.span_ns), crowd.is_in_view)
                for crowd in hit.crowds
            ]
            QToolTip.showText(position, crowd_text(told), self)
            return
        self._model.describe(hit.key, hit.utc_ns, hit.reached)

    def _show(self) -> None:
        rows = self._model.rows()
        # The stamps chosen are not part of it: a box that was built anew would lose the keyboard.
        shape = [(row.overlay.topic, row.stamps) for row in rows]
        self._list.blockSignals(True)
        if shape != self._shown:
            self._shown = shape
            self._list.clear()
            for index, row in enumerate(rows):
                self._add(index, row)
        for index, row in enumerate(rows):
            self._fill(index, row)
        self._list.blockSignals(False)
        self._list.setVisible(bool(rows))
        troubles = [f"{titles}: {status}" for status, titles in _by_status(rows).items()]
        self._hint.setText(breakable("\n".join(troubles)) if rows else _HINT)
        self._hint.setVisible(bool(troubles) or not rows)

    def _add(self, index: int, row: OverlayRow) -> None:
        item = QTreeWidgetItem(self._list)
        stamp = QComboBox()
        stamp.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        stamp.setMinimumContentsLength(6)
        stamp.setObjectName(f"overlayStamp{index}")
        stamp.setAccessibleName(f"Stamp of {row.title}")
        stamp.setToolTip("Where the line stands: which of the topic's stamps")
        for name in row.stamps:
            stamp.addItem(short_stamp(name), name)
        stamp.activated.connect(
            lambda place, index=index, box=stamp: self._choose_stamp(index, box.itemData(place))
        )
        self._list.setItemWidget(item, 1, stamp)

    def _fill(self, index: int, row: OverlayRow) -> None:
        item = self._list.topLevelItem(index)
        assert item is not None
        stamp = cast("QComboBox", self._list.itemWidget(item, 1))
        stamp.setCurrentIndex(max(0, stamp.findData(row.overlay.stamp)))
        item.setText(0, row.name)
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, row.title)
        item.setIcon(0, _swatch(row.color))
        item.setToolTip(0, f"{row.title}\n{row.overlay.topic}\n{row.status}".strip())
        item.setCheckState(0, Qt.CheckState.Checked if row.overlay.visible else Qt.CheckState.Unchecked)
        item.setText(2, _count_text(row))
        item.setData(2, Qt.ItemDataRole.AccessibleTextRole, _count_tip(row))
        item.setToolTip(2, _count_tip(row))
        item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _fix_count_width(self) -> None:
        """Give the counts one width, whatever they are: names and columns stay where they are on a zoom."""
        margin = self._list.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin)
        width = self._list.fontMetrics().horizontalAdvance(_WIDEST_COUNT)
        self._list.setColumnWidth(2, width + 2 * (margin + 1) + 2)

    def _make_menu(self) -> None:
        self._menu = QMenu(self)
        remove = self._menu.addAction("&Remove overlay", self._remove)
        remove.setObjectName("actionRemoveOverlay")
        remove.setShortcut("Delete")
        remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._list.addAction(remove)
        color = self._menu.addAction("Change &colour …", self._choose_color)
        color.setObjectName("actionOverlayColor")
        self._labels = LabelMenu(self._model, 0, "&Label lines with", self._menu)
        self._labels.setObjectName("overlayLabels")
        self._menu.addMenu(self._labels)
        self._menu.addSeparator()
        for scale, text in (
            (None, "Scale by the stamp's &name"),
            ("utc", "Read stamp as &UTC"),
            ("tai", "Read stamp as &TAI"),
        ):
            action = self._menu.addAction(text)
            action.setObjectName(f"actionOverlayScale{(scale or 'name').capitalize()}")
            action.triggered.connect(
                lambda _=False, scale=scale: self._model.set_scale(self._current(), scale)
            )

    def _current(self) -> int:
        item = self._list.currentItem()
        return self._list.indexOfTopLevelItem(item) if item is not None else -1

    def _show_menu(self, position: QPoint) -> None:
        # A click on the choice of stamps does not make its row the current one.
        if (item := self._list.itemAt(position)) is not None:
            self._list.setCurrentItem(item)
        if self._current() >= 0:
            self._labels.index = self._current()
            self._menu.popup(self._list.viewport().mapToGlobal(position))

    def _toggle(self, item: QTreeWidgetItem, column: int) -> None:
        if column == 0:
            visible = item.checkState(0) is Qt.CheckState.Checked
            index = self._list.indexOfTopLevelItem(item)
            self._model.edit(index, "Show overlay" if visible else "Hide overlay", visible=visible)

    def _choose_stamp(self, index: int, stamp: str) -> None:
        self._model.edit(index, "Change overlay's stamp", stamp=stamp)

    def _remove(self) -> None:
        if self._current() >= 0:
            self._model.remove(self._current())

    def _choose_color(self) -> None:
        index = self._current()
        dialog = QColorDialog(shown_color(self._model.rows()[index].color), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(
            lambda color: self._model.edit(index, "Change overlay's colour", color=color.name())
        )
        dialog.open()

    def _show_description(self, _key: str, _utc_ns: int, text: str) -> None:
        QToolTip.showText(self._tip_at, text, self)


def _swatch(color: str) -> QIcon:
    pixmap = QPixmap(12, 12)
    pixmap.fill(shown_color(color))
    return QIcon(pixmap)


def _spell(span_ns: int) -> str:
    """Say how long a stretch of some columns is; a few seconds to the tenth."""
    return f"{span_ns / 1e9:.3g} s" if 10**9 <= span_ns < 10**10 else span_text(span_ns)


def _count_text(row: OverlayRow) -> str:
    if not row.is_complete:
        return f"≥ {_short(row.count)}" if row.count else "?"
    if not row.is_exact:
        return f"~{_short(row.count)}"
    return f"{row.count:,} +{row.absent:,}" if row.absent else f"{row.count:,}"


def _short(count: int) -> str:
    # Cut, not rounded: "at least" has to stay true.
    return f"{count:,}" if count < _MILLION else f"{count * 10 // _MILLION / 10:,.1f} M"


def _count_tip(row: OverlayRow) -> str:
    """Say in words what the count is."""
    if not row.is_complete:
        words = [f"At least {row.count:,} in view" if row.count else "Not known how many are in view"]
        words.append("Only a part of the view is known; the rest is not loaded yet.")
    else:
        words = [f"{'' if row.is_exact else 'About '}{row.count:,} in view"]
    if row.absent:
        words.append(f"{row.absent:,} left out: the stamp is zero or missing")
    if not row.is_exact:
        words.append("Too many for lines; shaded where they crowd. Zoom in to part them.")
    return "\n".join(words)


def _by_status(rows: Sequence[OverlayRow]) -> dict[str, str]:
    """Say each thing that is wrong once, with the events that it befell."""
    titles: dict[str, list[str]] = {}
    for row in rows:
        if row.status:
            titles.setdefault(row.status, []).append(row.title)
    return {status: ", ".join(names) for status, names in titles.items()}


def _band_text(hit: BandHit) -> str:
    """Say as HTML what an interval is, how long, and when."""
    start = format_ns(hit.start_utc_ns, Timescale.UTC, digits=6).replace("T", " ")
    lines = [f"<b>{html.escape(hit.title)}</b>: {delay_text((hit.end_utc_ns - hit.start_utc_ns) / 1e9)}"]
    lines += [html.escape(hit.key)] if hit.key else []
    return "<br>".join([*lines, f"from {start} UTC"])
