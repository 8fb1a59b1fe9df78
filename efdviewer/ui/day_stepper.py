"""Shows one observing day after the other, from noon to noon UTC."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from efdviewer.domain.errors import BadInputError, explain
from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.buttons import tool_button
from efdviewer.ui.theme import wrong_color
from efdviewer.viewmodels.time_range import TimeRangeViewModel

_TIP = "Observing day in view, such as 20240131: from 12:00 to 12:00 UTC. Return shows all of it."


class DayStepper(QWidget):
    """The dayObs in view, the one before and the one after."""

    def __init__(self, model: TimeRangeViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._day = QLineEdit()
        self._day.setObjectName("dayObs")
        self._day.setAccessibleName("Observing day")
        self._day.setToolTip(_TIP)
        self._day.setMaxLength(8)
        self._day.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._day.setFixedWidth(self._day.fontMetrics().horizontalAdvance("20240131") + 18)
        self._day.returnPressed.connect(self._apply)
        self._day.textEdited.connect(self._show_right)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(
            tool_button(
                "dayObsPrevious",
                "◂",
                label="Previous observing day",
                tip="The observing day before this one (Ctrl+Left)",
                clicked=lambda: model.step_day_obs(-1),
            )
        )
        layout.addWidget(self._day)
        layout.addWidget(
            tool_button(
                "dayObsNext",
                "▸",
                label="Next observing day",
                tip="The observing day after this one (Ctrl+Right)",
                clicked=lambda: model.step_day_obs(1),
            )
        )
        model.rangeChanged.connect(self._show)
        model.rangeScrolled.connect(self._show)
        self._show(model.time_range)

    def show_field(self, shown: bool) -> None:
        """Show the day itself between the buttons, or leave it to their tips."""
        self._day.setVisible(shown)

    def _show(self, _time_range: TimeRange) -> None:
        if not (self._day.hasFocus() and self._day.isModified()):
            self._day.setText(str(self._model.day_obs))
            self._show_right()

    def _apply(self) -> None:
        try:
            self._model.show_day_obs(self._day.text().strip())
        except BadInputError as error:
            palette = self._day.palette()
            palette.setColor(QPalette.ColorRole.Text, wrong_color())
            self._day.setPalette(palette)
            self._day.setToolTip(explain(error))
            return
        self._day.setModified(False)

    def _show_right(self) -> None:
        self._day.setPalette(QPalette())
        self._day.setToolTip(_TIP)
