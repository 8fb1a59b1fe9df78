"""The figures of each pair of stamps, in a table that also says which line is whose."""

import itertools
import math
import re
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from efdviewer.domain.events import short_stamp
from efdviewer.ui.palette import curve_color
from efdviewer.viewmodels.latency import LatencyRow

_FIGURES = ("Count", "No stamp", "Median", "p90", "p99", "Worst")
_LEFT_OUT = "Messages that are left out: one of the two stamps is zero or missing"
_NONE = "\u2013"
_UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
_MANY = 1000
_DIGITS, _MOST_DIGITS = 4, 10
_FINEST_STEP_S = 1e-6
"""Stamps are float64 seconds since 1970, which hold no less than a quarter of this."""
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
        self.setObjectName("latencyTable")
        self.setAccessibleName("Figures of the delays")
        self.setToolTip("Delays of the messages in view")
        self.setVerticalHeaderLabels(_FIGURES)
        self.verticalHeaderItem(_FIGURES.index("No stamp")).setToolTip(_LEFT_OUT)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setIconSize(QSize(24, 10))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 4)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def show_rows(self, rows: Sequence[LatencyRow], *, in_full: bool) -> None:
        """Show the figures of these pairs, in the order in which they are drawn.

        With `in_full` the headings say all that a form beside the table would say.
        """
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
        self._fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for the scroll bar where it is needed."""
        super().resizeEvent(event)
        self._fit_height()

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


def delay_text(delay_s: float | None, like_s: float | None = None, step_s: float = 0.0) -> str:
    """Write a delay in a readable unit, or in the unit that another one would have.

    Two digits tell of a difference of `step_s`, even where the delay itself is much larger.
    """
    if delay_s is None:
        return _NONE
    size_s = abs(delay_s if like_s is None else like_s)
    if not size_s:
        return f"{delay_s:.4g} s"
    unit, width_s = next((pair for pair in _UNITS if size_s >= pair[1]), _UNITS[-1])
    value = delay_s / width_s
    if abs(value) >= _MANY:
        return f"{value:,.0f} {unit}"
    return f"{value:.{_digits(abs(delay_s), step_s)}g} {unit}"


def _digits(size_s: float, step_s: float) -> int:
    if not size_s or not step_s:
        return _DIGITS
    needed = math.floor(math.log10(size_s)) - math.floor(math.log10(step_s)) + 2
    return min(max(needed, _DIGITS), _MOST_DIGITS)


def _full_heading(row: LatencyRow) -> str:
    # One below the other, so that several pairs find room side by side.
    lines = re.split(r"\.|: | (?=\u2212)", row.title)
    if row.pair.raw:
        return "\n".join([*lines, "as written"])
    stamps = (row.pair.minuend, row.pair.subtrahend)
    read = [
        f"{short_stamp(stamp)} read as {scale.upper()}"
        for stamp, scale in zip(stamps, row.scales, strict=True)
        if scale is not None
    ]
    return "\n".join([*lines, *read])


def _texts(row: LatencyRow, like_s: float | None) -> list[str]:
    figures = row.figures
    if figures is None:
        return [_NONE] * len(_FIGURES)
    delays = (figures.median_s, figures.p90_s, figures.p99_s, figures.worst_s)
    rising = sorted(delay_s for delay_s in delays if delay_s is not None)
    steps = [high - low for low, high in itertools.pairwise(rising) if high > low]
    step_s = max(_FINEST_STEP_S, min(steps)) if steps else 0.0
    return [
        f"{figures.count:,}",
        f"{figures.absent:,}",
        *(delay_text(delay_s, like_s, step_s) for delay_s in delays),
    ]


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
