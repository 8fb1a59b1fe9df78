"""The figures of each pair of stamps, in a table that also says which line is whose."""

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from efdviewer.domain.events import short_stamp
from efdviewer.domain.topics import TopicName
from efdviewer.ui.delay_text import NO_DELAY, delay_text
from efdviewer.ui.palette import curve_color
from efdviewer.ui.scroll_bars import make_flat
from efdviewer.viewmodels.latency import LatencyRow

_FIGURES = ("Count", "No stamp", "Median", "p90", "p99", "Worst")
_LEFT_OUT = "Messages that are left out: one of the two stamps is zero or missing"
_FINEST_STEP_S = 1e-6
"""Stamps are float64 seconds since 1970, which hold no less than a quarter of this."""
_NARROWEST = 72
"""Pixels of a column: its line, and both ends of a name."""
_STYLES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)
"""By place, so that no meaning rests on colour alone."""


class LatencyTable(QTableWidget):
    """One column a pair: its line and name, then counts and delays in readable units."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(len(_FIGURES), 0, parent)
        self._in_full = False
        self.setObjectName("latencyTable")
        self.setAccessibleName("Figures of the delays")
        self.setToolTip("Delays of the messages in view")
        self.setVerticalHeaderLabels(_FIGURES)
        self.verticalHeaderItem(_FIGURES.index("No stamp")).setToolTip(_LEFT_OUT)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        make_flat(self)
        self.setIconSize(QSize(24, 10))
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 4)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def show_rows(self, rows: Sequence[LatencyRow], *, in_full: bool) -> None:
        """Show the figures of these pairs, in the order in which they are drawn.

        With `in_full` the headings say all that a form beside the table would say, and are never cut.
        """
        self._in_full = in_full
        # An ellipsis would make one line of several.
        elide = Qt.TextElideMode.ElideNone if in_full else Qt.TextElideMode.ElideMiddle
        self.horizontalHeader().setTextElideMode(elide)
        self.setColumnCount(len(rows))
        present = [row.figures.p90_s for row in rows if row.figures and row.figures.p90_s is not None]
        # In one unit, so that they can be compared at a glance.
        like_s = max(map(abs, present), default=None)
        for place, row in enumerate(rows):
            name = QTableWidgetItem(_swatch(place), _full_heading(row) if in_full else row.name)
            name.setToolTip(row.title)
            self.setHorizontalHeaderItem(place, name)
            for line, text in enumerate(_texts(row, like_s)):
                item = QTableWidgetItem(text)
                item.setToolTip(row.title)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(line, place, item)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for the scroll bar where it is needed."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._fit_columns()
        self._fit_height()

    def _fit_columns(self) -> None:
        """Give the headings the room that the figures leave, to the shortest first."""
        header, places = self.horizontalHeader(), range(self.columnCount())
        widths = {place: max(_NARROWEST, self.sizeHintForColumn(place)) for place in places}
        lacking = {place: max(0, header.sectionSizeHint(place) - widths[place]) for place in places}
        spare = max(0, self.viewport().width() - sum(widths.values()))
        for done, place in enumerate(sorted(places, key=lacking.__getitem__)):
            more = lacking[place] if self._in_full else min(lacking[place], spare // (len(places) - done))
            header.resizeSection(place, widths[place] + more)
            spare -= more

    def _fit_height(self) -> None:
        height = self.horizontalHeader().sizeHint().height() + 4
        height += len(_FIGURES) * self.verticalHeader().defaultSectionSize()
        if self.horizontalHeader().length() > self.viewport().width():
            height += self.horizontalScrollBar().sizeHint().height()
        self.setFixedHeight(height)


def line_pen(place: int) -> QPen:
    """Give the pen of the nth histogram, in the present scheme."""
    pen = QPen(QColor(curve_color(place)), 1.5, _STYLES[place % len(_STYLES)])
    pen.setCosmetic(True)
    return pen


def _full_heading(row: LatencyRow) -> str:
    # One below the other, so that several pairs find room side by side.
    stamps = (row.pair.minuend, row.pair.subtrahend)
    minuend, subtrahend = map(short_stamp, stamps)
    lines = [*TopicName.parse(row.pair.topic).title.rsplit(".", 1), minuend, f"\u2212 {subtrahend}"]
    if row.pair.raw:
        return "\n".join([*lines, "as written"])
    read = [
        f"{short_stamp(stamp)} read as {scale.upper()}"
        for stamp, scale in zip(stamps, row.scales, strict=True)
        if scale is not None
    ]
    return "\n".join([*lines, *read])


def _texts(row: LatencyRow, like_s: float | None) -> list[str]:
    figures = row.figures
    if figures is None:
        return [NO_DELAY] * len(_FIGURES)
    delays = (figures.median_s, figures.p90_s, figures.p99_s, figures.worst_s)
    step_s = _smallest_step_s([delay_s for delay_s in delays if delay_s is not None])
    return [
        f"{figures.count:,}",
        f"{figures.absent:,}",
        *(delay_text(delay_s, like_s, step_s) for delay_s in delays),
    ]


def _smallest_step_s(delays_s: Sequence[float]) -> float:
    steps = [high - low for low, high in itertools.pairwise(sorted(delays_s)) if high > low]
    return max(_FINEST_STEP_S, min(steps)) if steps else 0.0


def _swatch(place: int) -> QIcon:
    pixmap = QPixmap(24, 10)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    pen = line_pen(place)
    pen.setWidthF(2.0)
    painter.setPen(pen)
    painter.drawLine(0, 5, 24, 5)
    painter.end()
    return QIcon(pixmap)
