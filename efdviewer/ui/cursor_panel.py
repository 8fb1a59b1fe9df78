"""Cursors A and B, and the statistics of the curves: between them, or of all that is in view."""

from decimal import Decimal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from efdviewer.domain.session import STATISTICS_OF, Cursors
from efdviewer.domain.statistics import SpanStatistics
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.domain.topics import FieldRef
from efdviewer.ui.delay_text import NO_DELAY as NOTHING
from efdviewer.ui.statistics_columns import OF_CURSORS, OF_VIEW
from efdviewer.ui.statistics_table import StatisticsTable
from efdviewer.ui.time_bar import span_text
from efdviewer.viewmodels.cursors import CursorsViewModel

_HINT = "No cursor is set. Point at a plot and press A, then B; or use the Events menu."
_OF = {"cursors": "From A to B", "view": "Of the view"}
_IN_VIEW = "Statistics of all samples in view"
_NO_CURVE = "No curve is shown."
_TIMES = ("A", "B", "B \u2212 A", "1/(B \u2212 A)")
_NAMES = ("cursorTimeA", "cursorTimeB", "cursorDifference", "cursorFrequency")
_ACCESSIBLE = (
    "Time of cursor A",
    "Time of cursor B",
    "Time from A to B",
    "Its frequency",
)


class CursorPanel(QWidget):
    """The times at the left, the figures beside them."""

    def __init__(self, model: CursorsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cursorPanel")
        self.setAccessibleName("Cursors")
        self._model = model
        self._statistics = model.statistics
        self._is_picture = False
        self._times = [QLabel() for _ in _TIMES]
        self._clear = QPushButton("Clear")
        self._clear.setObjectName("cursorClear")
        self._clear.setAccessibleName("Clear both cursors")
        self._clear.setToolTip("Take both cursors away")
        self._clear.clicked.connect(model.clear)
        self._status = QLabel()
        self._status.setObjectName("cursorStatus")
        self._status.setAccessibleName("What is known of the figures")
        self._status.setWordWrap(True)
        self._of = QComboBox()
        self._of.setObjectName("statisticsOf")
        self._of.setAccessibleName("Statistics of")
        self._of.setToolTip("Take the figures of the samples between the cursors, or of all in view")
        for of in STATISTICS_OF:
            self._of.addItem(_OF[of], of)
        self._of.activated.connect(self._choose)
        self._table = StatisticsTable()
        self._lay_out()
        model.cursorsChanged.connect(self._show_times)
        model.cursorsChanged.connect(self._show)
        model.statistics.figuresChanged.connect(self._show)
        self._show()

    def focus_table(self) -> None:
        """Put the keyboard into the table, where there is one."""
        target = self._table if self._table.isVisible() else self._of
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """Load what is to be seen."""
        super().showEvent(event)
        self._statistics.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Load nothing of the view while nobody looks."""
        super().hideEvent(event)
        self._statistics.set_watched(False)

    def sizeHint(self) -> QSize:
        """Room for the times, and some curves; in a picture for all, and no more."""
        return QSize(1000, super().sizeHint().height() if self._is_picture else 160)

    def statistics(self, field: FieldRef | str) -> SpanStatistics:
        """Give the figures of a field that is shown, as they are known now.

        Raises
        ------
        KeyError
            If the table has no figures of that field.
        """
        wanted = FieldRef.parse(field) if isinstance(field, str) else field
        for row in self._statistics.rows():
            if row.field == wanted and row.figures is not None:
                return row.figures
        raise KeyError(f"No figures of {wanted} are shown.")

    def show_figures_only(self) -> None:
        """Leave out what is there to be operated, for a picture."""
        self._is_picture = True
        for bars in (self._table.setHorizontalScrollBarPolicy, self._table.setVerticalScrollBarPolicy):
            bars(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._show()

    def _lay_out(self) -> None:
        self._moments = QWidget()
        grid = QGridLayout(self._moments)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        for place, (title, label) in enumerate(zip(_TIMES, self._times, strict=True)):
            label.setObjectName(_NAMES[place])
            label.setAccessibleName(_ACCESSIBLE[place])
            label.setToolTip("Select to copy")
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            grid.addWidget(QLabel(title), place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label, place, 1, Qt.AlignmentFlag.AlignTop)
        choices = QHBoxLayout()
        choices.setSpacing(8)
        choices.addWidget(self._of)
        choices.addWidget(self._clear)
        choices.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self._moments)
        left.addLayout(choices)
        left.addStretch(1)
        beside = QVBoxLayout()
        beside.setSpacing(2)
        beside.addWidget(self._status)
        beside.addWidget(self._table, 1)
        beside.addStretch(0)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 4, 4)
        layout.setSpacing(14)
        layout.addLayout(left)
        layout.addLayout(beside, 1)

    def _show_times(self) -> None:
        cursors, scale = self._model.cursors, self._model.timescale
        texts = [_moment(cursors.a_utc_ns, scale), _moment(cursors.b_utc_ns, scale), NOTHING, NOTHING]
        if cursors.a_utc_ns is not None and cursors.b_utc_ns is not None:
            apart_ns = cursors.b_utc_ns - cursors.a_utc_ns
            texts[2] = _length(apart_ns)
            if apart_ns:
                texts[3] = f"{1e9 / apart_ns:.7g} Hz".replace("-", "\u2212")
        for label, text in zip(self._times, texts, strict=True):
            label.setText(text)
        is_told = cursors != Cursors() or not self._statistics.is_of_view
        self._moments.setVisible(is_told)
        self._clear.setVisible(is_told and not self._is_picture)
        self._clear.setEnabled(cursors != Cursors())

    def _show(self) -> None:
        self._show_times()
        is_of_view = self._statistics.is_of_view
        self._of.setCurrentIndex(STATISTICS_OF.index("view" if is_of_view else "cursors"))
        self._of.setVisible(not self._is_picture)
        is_set = is_of_view or self._model.cursors != Cursors()
        rows = self._statistics.rows() if is_set else []
        self._table.set_rows(rows, OF_VIEW if is_of_view else OF_CURSORS, self._model.timescale)
        if self._is_picture:
            self._table.fit_height()
        self._table.setVisible(bool(rows))
        status = self._statistics.status() if rows else _NO_CURVE if is_set else _HINT
        if self._is_picture and is_of_view and not status:
            status = _IN_VIEW
        self._status.setText(status)
        self._status.setVisible(bool(status))

    def _choose(self, place: int) -> None:
        self._statistics.choose(STATISTICS_OF[place])


def _moment(utc_ns: int | None, scale: Timescale) -> str:
    if utc_ns is None:
        return NOTHING
    return f"{format_ns(utc_ns, scale, digits=9).replace('T', ' ')} {scale.value.upper()}"


def _length(apart_ns: int) -> str:
    """Write a length for people, then in seconds with every digit."""
    sign = "\u2212" if apart_ns < 0 else ""
    exact = f"{Decimal(abs(apart_ns)).scaleb(-9):f}"
    exact = exact.rstrip("0").rstrip(".") if "." in exact else exact
    return f"{sign}{span_text(abs(apart_ns))} = {sign}{exact} s"
