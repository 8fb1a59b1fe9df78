"""What delays are made of: pairs of stamps, their scales, bins; and what seems wrong with a pair."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from efdviewer.domain.errors import BadInputError, explain
from efdviewer.domain.events import short_stamp, stamp_scale
from efdviewer.ui.fitted_text import breakable
from efdviewer.ui.form_parts import choice, side_by_side
from efdviewer.ui.theme import wrong_color
from efdviewer.viewmodels.latency import LatencyRow, LatencyViewModel

_CHARACTERS = 8
"""Of a stamp's name; the rest of a long one gives way."""


class LatencyForm(QWidget):
    """Chooses a pair and edits it; the notice below it tells how the chosen pair fares."""

    def __init__(self, model: LatencyViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._make_controls()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._controls)
        layout.addWidget(self._notice)
        layout.addWidget(self._repair)

    pairChosen = Signal()

    @property
    def place(self) -> int:
        """Place of the pair that is chosen; -1 where there is none."""
        return self._pair.currentIndex()

    def choose(self, place: int) -> None:
        """Choose a pair."""
        self._pair.setCurrentIndex(place)

    def show_rows(self, rows: Sequence[LatencyRow], *, with_controls: bool) -> None:
        """Show these pairs, the same one chosen as before; in a picture nothing is there to be operated."""
        self._controls.setVisible(bool(rows) and with_controls)
        latency = self._model.latency
        if not self._bins.hasFocus() or not self._bins.isModified():
            self._bins.setText(latency.bins)
            self._bins.setPalette(QPalette())
        self._log_count.setChecked(latency.log_count)
        self._log_delay.setChecked(latency.log_delay)
        place = self._pair.currentIndex()
        self._pair.blockSignals(True)
        self._pair.clear()
        for row in rows:
            self._pair.addItem(row.name)
            self._pair.setItemData(self._pair.count() - 1, row.title, Qt.ItemDataRole.ToolTipRole)
        self._pair.setCurrentIndex(min(max(place, 0), len(rows) - 1))
        self._pair.blockSignals(False)
        self._show_pair()
        if not with_controls:
            self._repair.hide()
        self.setVisible(bool(rows) and (with_controls or not self._notice.isHidden()))

    def _make_controls(self) -> None:
        self._controls = QWidget()
        form = QFormLayout(self._controls)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(4)
        self._pair = choice(
            "latencyPair",
            "Pair of stamps",
            "The pair that the fields below change",
            least_characters=_CHARACTERS,
        )
        self._pair.currentIndexChanged.connect(self._show_pair)
        self._minuend = choice(
            "latencyMinuend", "Later stamp", "The stamp to subtract from", least_characters=_CHARACTERS
        )
        self._subtrahend = choice(
            "latencySubtrahend", "Earlier stamp", "The stamp that is subtracted", least_characters=_CHARACTERS
        )
        self._minuend.activated.connect(self._choose_stamps)
        self._subtrahend.activated.connect(self._choose_stamps)
        self._scales = []
        for number, stamp in enumerate(("later", "earlier")):
            scale = choice(
                f"latencyScale{number}",
                f"Scale of the {stamp} stamp",
                "Set by hand if it is wrong",
                least_characters=_CHARACTERS,
            )
            scale.activated.connect(self._choose_scales)
            self._scales.append(scale)
        self._raw = QCheckBox("As &written")
        self._raw.setObjectName("latencyRaw")
        self._raw.setAccessibleName("Raw difference")
        self._raw.setToolTip("Subtract the numbers as they are, whatever their scales")
        self._raw.clicked.connect(self._choose_raw)
        remove = QPushButton("Remove")
        remove.setObjectName("latencyRemove")
        remove.setAccessibleName("Remove pair")
        remove.setToolTip("Take this pair away")
        remove.clicked.connect(self._remove)
        self._bins = QLineEdit()
        self._bins.setObjectName("latencyBins")
        self._bins.setAccessibleName("Bins")
        self._bins.setToolTip(
            "auto, a count such as 50, start:stop:step in s such as 32.5:41.5:1, or edges in s"
        )
        self._bins.returnPressed.connect(self._choose_bins)
        self._log_count = self._check("latencyLogCount", "Log count", "Counts on a logarithmic axis")
        self._log_delay = self._check("latencyLogDelay", "Log delay", "Delays on a logarithmic axis")
        form.addRow("Pair", side_by_side(self._pair, remove))
        form.addRow("Later", side_by_side(self._minuend, self._scales[0]))
        form.addRow("Earlier", side_by_side(self._subtrahend, self._scales[1]))
        form.addRow("Bins", side_by_side(self._bins, self._raw))
        form.addRow("", side_by_side(self._log_count, self._log_delay))
        self._notice = QLabel()
        self._notice.setWordWrap(True)
        self._notice.setObjectName("latencyNotice")
        self._repair = QPushButton()
        self._repair.setObjectName("latencyRepair")
        self._repair.setAccessibleName("Read a stamp in another scale")
        self._repair.setToolTip("Set the scale of this stamp by hand")
        self._repair.clicked.connect(self._read_otherwise)

    def _show_pair(self) -> None:
        rows, place = self._model.rows(), self._pair.currentIndex()
        if not 0 <= place < len(rows):
            self._notice.hide()
            self._repair.hide()
            return
        row = rows[place]
        for box, stamp in ((self._minuend, row.pair.minuend), (self._subtrahend, row.pair.subtrahend)):
            box.clear()
            for name in row.stamps:
                box.addItem(short_stamp(name), name)
            box.setCurrentIndex(box.findData(stamp))
        for box, stamp, scale in zip(
            self._scales, (row.pair.minuend, row.pair.subtrahend), row.scales, strict=True
        ):
            box.clear()
            named = stamp_scale(stamp)
            box.addItem(f"{named.value.upper() if named else 'unknown'} by name", None)
            box.addItem("UTC", "utc")
            box.addItem("TAI", "tai")
            box.setCurrentIndex(box.findData(scale))
        self._raw.setChecked(row.pair.raw)
        notices = [text for text in (row.status, row.suspicion, *row.odd) if text]
        self._notice.setText(breakable("\n".join(notices)))
        self._notice.setVisible(bool(notices))
        self._repair.setVisible(row.repair is not None)
        if row.repair is not None:
            stamp, scale = row.repair
            self._repair.setText(f"Read {short_stamp(stamp)} as {scale.upper()}")

    def _choose_stamps(self) -> None:
        self._model.edit_pair(
            self._pair.currentIndex(),
            minuend=self._minuend.currentData(),
            subtrahend=self._subtrahend.currentData(),
        )

    def _choose_scales(self) -> None:
        pair = self._model.rows()[self._pair.currentIndex()].pair
        for box, stamp in zip(self._scales, (pair.minuend, pair.subtrahend), strict=True):
            if box is self.sender():
                self._model.set_scale(pair.topic, stamp, box.currentData())

    def _read_otherwise(self) -> None:
        row = self._model.rows()[self._pair.currentIndex()]
        if row.repair is not None:
            self._model.set_scale(row.pair.topic, *row.repair)

    def _choose_raw(self, raw: bool) -> None:
        self._model.edit_pair(self._pair.currentIndex(), raw=raw)

    def _choose_bins(self) -> None:
        palette = QPalette()
        try:
            self._model.edit_panel("Change bins", bins=self._bins.text())
            self._bins.setModified(False)
            self._show_pair()
        except BadInputError as error:
            palette = self._bins.palette()
            palette.setColor(QPalette.ColorRole.Text, wrong_color())
            self._notice.setText(explain(error))
            self._notice.show()
        self._bins.setPalette(palette)

    def _choose_logs(self) -> None:
        self._model.edit_panel(
            "Change scale", log_count=self._log_count.isChecked(), log_delay=self._log_delay.isChecked()
        )

    def _remove(self) -> None:
        self._model.remove(self._pair.currentIndex())

    def _check(self, name: str, text: str, tip: str) -> QCheckBox:
        check = QCheckBox(text)
        check.setObjectName(name)
        check.setAccessibleName(text)
        check.setToolTip(tip)
        check.clicked.connect(self._choose_logs)
        return check
