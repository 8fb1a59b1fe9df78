"""Entries that make curves of curves: in the menus of a curve, of a row, and of the window."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from efdviewer.domain.derived import origin_of
from efdviewer.domain.events import short_stamp
from efdviewer.domain.topics import FieldRef
from efdviewer.domain.transforms import TRANSFORMS
from efdviewer.ui.derive_dialog import DeriveDialog
from efdviewer.ui.plot_area import PlotArea
from efdviewer.viewmodels.deriving import DerivingViewModel

_FIRST = "difference"


class DeriveActions(QObject):
    """Opens the dialog for what a person wants of the current row, and changes the clock of a curve."""

    refused = Signal(str)
    """There is no curve to make something of: why, in words."""

    def __init__(self, model: DerivingViewModel, area: PlotArea) -> None:
        super().__init__(area)
        self._model = model
        self._area = area
        self.menu = QMenu("&Derive a curve", area)
        self.menu.setObjectName("menuDerive")
        for name, transform in TRANSFORMS.items():
            action = QAction(f"{transform.title}…", area)
            action.setObjectName(f"actionDerive{name.capitalize()}")
            action.setData(name)
            action.triggered.connect(self._derive)
            self.menu.addAction(action)
        first = self.menu.actions()[0]
        first.setShortcut("D")
        first.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        area.addAction(first)
        area.curveMenuOpened.connect(self._offer_curve)

    def open(self, row: int, kind: str, field: FieldRef | None = None) -> None:
        """Ask what to make of a curve of a row, the first one unless told."""
        if not self._model.curves(row):
            self.refused.emit("There is no curve here to make something of.")
            return
        dialog = DeriveDialog(self._model, row, kind, self._area.window())
        if field is not None:
            dialog.choose(field)
        dialog.open()

    def _derive(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.open(self._area.current_row(), action.data())

    def _offer_curve(self, row: int, field: FieldRef, menu: QMenu) -> None:
        """Add to the menu of a curve, before its last part."""
        self._model.learn(field)
        before = menu.actions()[-2]
        derive = QAction("Derive…", menu)
        derive.setObjectName("actionCurveDerive")
        derive.triggered.connect(lambda: self.open(row, _FIRST, field))
        menu.insertAction(before, derive)
        stamps = self._model.stamps(field)
        if len(stamps) > 1:
            menu.insertMenu(before, self._clock_menu(row, field, stamps, menu))

    def _clock_menu(self, row: int, field: FieldRef, stamps: tuple[str, ...], menu: QMenu) -> QMenu:
        clocks = QMenu("Place samples by", menu)
        clocks.setObjectName("menuCurveClock")
        group = QActionGroup(clocks)
        for stamp in stamps:
            text = "time (index)" if stamp == "time" else short_stamp(stamp)
            action = QAction(text.replace("&", "&&"), clocks)
            action.setObjectName(f"actionCurveClock-{stamp}")
            action.setCheckable(True)
            action.setChecked(origin_of(field).stamp == stamp)
            action.setData(stamp)
            group.addAction(action)
            clocks.addAction(action)
        group.triggered.connect(lambda action: self._model.place_at(row, field, action.data()))
        return clocks
