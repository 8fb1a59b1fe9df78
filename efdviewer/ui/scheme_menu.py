"""The choice of light or dark, kept for the user."""

from dataclasses import replace

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from efdviewer.services.settings import load_settings, save_settings
from efdviewer.ui.theme import Scheme, apply_scheme

_TITLES = {Scheme.SYSTEM: "As the &system", Scheme.LIGHT: "&Light", Scheme.DARK: "&Dark"}


class SchemeMenu(QMenu):
    """One checked entry for each scheme."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("C&olours", parent)
        self.setObjectName("menuColors")
        group = QActionGroup(self)
        for scheme, title in _TITLES.items():
            action = self.addAction(title)
            action.setObjectName(f"actionColors{scheme.value.capitalize()}")
            action.setCheckable(True)
            action.setData(scheme.value)
            group.addAction(action)
        group.triggered.connect(self._choose)
        self.aboutToShow.connect(self._show_chosen)
        self._show_chosen()

    def _show_chosen(self) -> None:
        chosen = load_settings().scheme
        for action in self.actions():
            action.setChecked(action.data() == chosen)

    def _choose(self, action: QAction) -> None:
        scheme = Scheme(action.data())
        apply_scheme(scheme)
        save_settings(replace(load_settings(), scheme=scheme.value))
