"""Asks for the password of one source."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget


class PasswordPrompt(QDialog):
    """Says which account, takes its password, and whether to keep it in the system keyring."""

    passwordGiven = Signal(str, str, bool)
    """Address, password, and whether to keep it."""

    def __init__(self, address: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("passwordPrompt")
        self.setWindowTitle("Password")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._address = address
        label = QLabel(f"Password for\n{address}")
        label.setWordWrap(True)
        self._password = QLineEdit()
        self._password.setObjectName("passwordEdit")
        self._password.setAccessibleName("Password")
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._remember = QCheckBox("&Remember in the system keyring")
        self._remember.setObjectName("passwordRemember")
        self._remember.setAccessibleName("Remember in the system keyring")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self._give)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (label, self._password, self._remember, buttons):
            layout.addWidget(widget)

    def _give(self) -> None:
        self.passwordGiven.emit(self._address, self._password.text(), self._remember.isChecked())
        self.accept()
