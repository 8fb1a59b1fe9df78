"""Chooses a source: a saved connection, a label of the site's accounts, or an address put together here."""

import time

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.services.tasks import TaskRunner
from efdviewer.sources.addresses import InfluxAddress, parse_address
from efdviewer.sources.credentials import save_password
from efdviewer.sources.opening import open_source
from efdviewer.sources.profiles import ConnectionProfile, save_profile, saved_profiles, site_accounts


class ConnectDialog(QDialog):
    """The address and its parts say the same; what is typed in one shows in the other."""

    connectRequested = Signal(str, object)
    """What to open, and the password that was typed or None."""

    def __init__(self, runner: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("connectDialog")
        self.setWindowTitle("Connect to a source")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(680, 400)
        self._runner = runner
        self._make_list()
        self._make_fields()
        self._outcome = QLabel()
        self._outcome.setObjectName("connectOutcome")
        self._outcome.setWordWrap(True)
        self._outcome.setMinimumHeight(3 * self.fontMetrics().height())
        self._make_buttons()
        columns = QHBoxLayout()
        columns.addWidget(self._list, 1)
        columns.addLayout(self._form, 2)
        layout = QVBoxLayout(self)
        layout.addLayout(columns)
        layout.addWidget(self._outcome)
        layout.addWidget(self._buttons)
        self._show_parts(self._address.text())

    def done(self, result: int) -> None:
        """Stop a test that is still under way."""
        self._runner.cancel("test connection")
        super().done(result)

    def _make_list(self) -> None:
        self._list = QListWidget()
        self._list.setObjectName("connectList")
        self._list.setAccessibleName("Known sources")
        self._list.setToolTip("Saved connections, the site's accounts ($EFDAUTH) and the demo")
        self._add("Simulated night (demo)", "demo")
        self._trouble = ""
        try:
            for profile in saved_profiles():
                self._add(profile.name, profile.address)
            for account in site_accounts():
                self._add(f"{account.label} (site account)", str(account.address))
        except EfdViewerError as error:
            self._trouble = explain(error)
        self._list.currentItemChanged.connect(self._choose)
        self._list.itemActivated.connect(self._connect)

    def _add(self, text: str, source: str) -> None:
        item = QListWidgetItem(text, self._list)
        item.setData(Qt.ItemDataRole.UserRole, source)
        item.setToolTip(source)

    def _make_fields(self) -> None:
        self._form = QFormLayout()
        self._address = self._edit(
            "connectAddress", "Address", "influxdb://user@host:port/path?db=efd, or a folder"
        )
        self._address.setText("influxdbs://reader@localhost:443?db=efd")
        self._address.textEdited.connect(self._show_parts)
        self._host = self._edit("connectHost", "Host", "Name or address of the server")
        self._port = QSpinBox()
        self._port.setRange(1, 65_535)
        self._port.setObjectName("connectPort")
        self._port.setAccessibleName("Port")
        self._tls = QCheckBox("&TLS")
        self._tls.setObjectName("connectTls")
        self._tls.setAccessibleName("TLS")
        self._path = self._edit("connectPath", "Path", "Prefix such as /influxdb/")
        self._database = self._edit("connectDatabase", "Database", "Name of the database, e.g. efd")
        self._policy = self._edit("connectPolicy", "Retention policy", "Empty for the database's default")
        self._user = self._edit("connectUser", "User", "Name of the account; empty for none")
        for edit in (self._host, self._path, self._database, self._policy, self._user):
            edit.textEdited.connect(self._show_address)
        self._port.valueChanged.connect(self._show_address)
        self._tls.clicked.connect(self._show_address)
        self._password = self._edit(
            "connectPassword", "Password", "Used for this run, unless it is remembered"
        )
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._remember = QCheckBox("Remember in the system &keyring")
        self._remember.setObjectName("connectRemember")
        self._remember.setAccessibleName("Remember in the system keyring")
        self._name = self._edit("connectName", "Save as", "A name for this connection; empty to save nothing")
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
            self._form.addRow(text, widget)

    def _make_buttons(self) -> None:
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        connect = self._buttons.addButton("&Connect", QDialogButtonBox.ButtonRole.AcceptRole)
        connect.setObjectName("connectButton")
        connect.setDefault(True)
        test = self._buttons.addButton("&Test", QDialogButtonBox.ButtonRole.ActionRole)
        test.setObjectName("connectTest")
        test.setToolTip("Ask for the topics, and say how that went")
        connect.clicked.connect(self._connect)
        test.clicked.connect(self._test)
        self._buttons.rejected.connect(self.reject)
        if self._trouble:
            self._outcome.setText(self._trouble)

    def _edit(self, name: str, label: str, tip: str) -> QLineEdit:
        edit = QLineEdit()
        edit.setObjectName(name)
        edit.setAccessibleName(label)
        edit.setToolTip(tip)
        return edit

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._address.setText(item.data(Qt.ItemDataRole.UserRole))
            self._show_parts(self._address.text())

    def _show_parts(self, text: str) -> None:
        try:
            address = parse_address(text)
        except EfdViewerError as error:
            self._outcome.setText(explain(error))
            return
        if self._trouble == "":
            self._outcome.clear()
        is_influx = isinstance(address, InfluxAddress)
        parts = (self._host, self._port, self._tls, self._path, self._database, self._policy, self._user)
        for widget in (*parts, self._password, self._remember):
            widget.setEnabled(is_influx)
        if not isinstance(address, InfluxAddress):
            return
        for widget in parts:
            widget.blockSignals(True)
        self._host.setText(address.host)
        self._port.setValue(address.port)
        self._tls.setChecked(address.tls)
        self._path.setText(address.path)
        self._database.setText(address.database)
        self._policy.setText(address.retention_policy or "")
        self._user.setText(address.username or "")
        for widget in parts:
            widget.blockSignals(False)

    def _show_address(self) -> None:
        path = self._path.text().strip().strip("/")
        address = InfluxAddress(
            host=self._host.text().strip(),
            port=self._port.value(),
            database=self._database.text(),
            path=f"/{path}/" if path else "/",
            retention_policy=self._policy.text() or None,
            tls=self._tls.isChecked(),
            username=self._user.text() or None,
        )
        self._address.setText(str(address))

    def _test(self) -> None:
        source, password = self._address.text(), self._password.text() or None
        self._outcome.setText("Asking …")

        async def test() -> None:
            begun = time.monotonic()
            async with open_source(source, password=password) as opened:
                topics = await opened.topics()
            self._outcome.setText(f"It answers: {len(topics):,} topics in {time.monotonic() - begun:.2f} s.")

        self._runner.submit("test connection", test, name=f"Test {source}", on_error=self._show_error)

    def _show_error(self, error: EfdViewerError) -> None:
        self._outcome.setText(explain(error))

    def _connect(self) -> None:
        source, password = self._address.text().strip(), self._password.text() or None
        try:
            address = parse_address(source)
            if name := self._name.text().strip():
                save_profile(ConnectionProfile(name=name, address=source))
        except EfdViewerError as error:
            self._show_error(error)
            return
        if password and self._remember.isChecked():
            self._runner.submit(
                "keyring", lambda: save_password(str(address), password), name="Save password"
            )
        self.connectRequested.emit(source, password)
        self.accept()
