"""The parts of an InfluxDB's address, beside the address itself; each follows the other."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QSpinBox, QWidget

from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.sources.addresses import InfluxAddress, parse_address

_EXAMPLE = "influxdbs://reader@localhost:443?db=efd"


class AddressForm(QWidget):
    """What is typed in the address shows in its parts, and the other way round."""

    edited = Signal()
    troubled = Signal(str)
    """What is wrong with the address, in words; empty when nothing is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make_parts()
        self._make_account()
        self._lay_out()
        self.setFocusProxy(self._address)
        self.show_source(_EXAMPLE)

    @property
    def source(self) -> str:
        """The address as typed."""
        return self._address.text().strip()

    @property
    def password(self) -> str | None:
        """What was typed; None for nothing."""
        return self._password.text() or None

    @property
    def remembers(self) -> bool:
        """Whether the password is to be kept in the system keyring."""
        return self._remember.isChecked()

    @property
    def name(self) -> str:
        """The name to save the connection under; empty to save nothing."""
        return self._name.text().strip()

    def show_source(self, source: str) -> None:
        """Show an address and its parts."""
        self._address.setText(source)
        self._show_parts(source)

    def offer(self, databases: Sequence[str], policies: Sequence[str]) -> None:
        """List what the server has; what is chosen stays."""
        for combo, names in ((self._database, databases), (self._policy, policies)):
            with QSignalBlocker(combo):
                chosen = combo.currentText()
                combo.clear()
                combo.addItems(list(names))
                combo.setCurrentText(chosen)

    def show_keyring(self, available: bool) -> None:
        """Let a password be remembered only where there is a keyring."""
        self._remember.setEnabled(available)
        self._remember.setToolTip(
            "It is never written into a file of efdviewer" if available else "This system has no keyring"
        )

    def _make_parts(self) -> None:
        self._address = _edit("connectAddress", "Address", "influxdb://user@host:port?db=efd, or a folder")
        self._address.textEdited.connect(self._take_address)
        self._host = _edit("connectHost", "Host", "Name or address of the server")
        self._port = QSpinBox()
        self._port.setRange(1, 65_535)
        self._port.setObjectName("connectPort")
        self._port.setAccessibleName("Port")
        self._tls = _check("connectTls", "&TLS")
        self._path = _edit("connectPath", "Path", "Prefix such as /influxdb/")
        self._database = _combo("connectDatabase", "Database", "Name of the database, e.g. efd")
        self._policy = _combo("connectPolicy", "Retention policy", "Empty for the database's default")
        self._user = _edit("connectUser", "User", "Name of the account; empty for none")
        for edit in (self._host, self._path, self._user):
            edit.textEdited.connect(self._show_address)
        for combo in (self._database, self._policy):
            combo.editTextChanged.connect(self._show_address)
        self._port.valueChanged.connect(self._show_address)
        self._tls.clicked.connect(self._show_address)

    def _make_account(self) -> None:
        self._password = _edit("connectPassword", "Password", "Used for this run, unless it is remembered")
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._remember = _check("connectRemember", "Remember in the system &keyring")
        self._name = _edit("connectName", "Save as", "A name for this connection; empty to save nothing")

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        for text, widget in (
            ("&Address", self._address),
            ("&Host", self._host),
            ("&Port", self._port),
            ("", self._tls),
            ("Pa&th", self._path),
            ("&Database", self._database),
            ("&Retention policy", self._policy),
            ("&User", self._user),
            ("Pass&word", self._password),
            ("", self._remember),
            ("&Save as", self._name),
        ):
            form.addRow(text, widget)

    def _take_address(self, text: str) -> None:
        self._show_parts(text)
        self.edited.emit()

    def _show_parts(self, text: str) -> None:
        try:
            address = parse_address(text)
        except EfdViewerError as error:
            self.troubled.emit(explain(error))
            return
        self.troubled.emit("")
        parts = (self._host, self._port, self._tls, self._path, self._database, self._policy, self._user)
        for widget in (*parts, self._password):
            widget.setEnabled(isinstance(address, InfluxAddress))
        if not isinstance(address, InfluxAddress):
            return
        blockers = [QSignalBlocker(widget) for widget in parts]
        self._host.setText(address.host)
        self._port.setValue(address.port)
        self._tls.setChecked(address.tls)
        self._path.setText(address.path)
        self._database.setCurrentText(address.database)
        self._policy.setCurrentText(address.retention_policy or "")
        self._user.setText(address.username or "")
        del blockers

    def _show_address(self) -> None:
        path = self._path.text().strip().strip("/")
        address = InfluxAddress(
            host=self._host.text().strip(),
            port=self._port.value(),
            database=self._database.currentText(),
            path=f"/{path}/" if path else "/",
            retention_policy=self._policy.currentText() or None,
            tls=self._tls.isChecked(),
            username=self._user.text() or None,
        )
        self._address.setText(str(address))
        self.edited.emit()


def _edit(name: str, label: str, tip: str) -> QLineEdit:
    edit = QLineEdit()
    edit.setObjectName(name)
    edit.setAccessibleName(label)
    edit.setToolTip(tip)
    return edit


def _combo(name: str, label: str, tip: str) -> QComboBox:
    combo = QComboBox()
    combo.setEditable(True)
    combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    combo.setObjectName(name)
    combo.setAccessibleName(label)
    combo.setToolTip(f"{tip}; Test lists what there is")
    return combo


def _check(name: str, text: str) -> QCheckBox:
    check = QCheckBox(text)
    check.setObjectName(name)
    check.setAccessibleName(text.replace("&", ""))
    return check
