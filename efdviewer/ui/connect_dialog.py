"""Chooses a source: a saved connection, a label of the site's accounts, or an address put together here."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.services.tasks import TaskRunner
from efdviewer.sources.addresses import parse_address
from efdviewer.sources.credentials import has_keyring, save_password
from efdviewer.sources.probe import probe
from efdviewer.sources.profiles import (
    ConnectionProfile,
    remove_profile,
    save_profile,
    saved_profiles,
    site_accounts,
)
from efdviewer.ui.address_form import AddressForm
from efdviewer.ui.scroll_bars import make_flat

_ADDRESS, _NAME = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_KEYS = ("test connection", "look for a keyring")


class ConnectDialog(QDialog):
    """Known sources on the left, an address and its parts on the right, and a test of it."""

    connectRequested = Signal(str, object)
    """What to open, and the password that was typed or None."""

    def __init__(self, runner: TaskRunner, parent: QWidget | None = None, *, source: str = "") -> None:
        super().__init__(parent)
        self.setObjectName("connectDialog")
        self.setWindowTitle("Connect to a source")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, 440)
        self._runner = runner
        self._chosen: str | None = None
        self._outcome = QLabel()
        self._outcome.setObjectName("connectOutcome")
        self._outcome.setAccessibleName("Outcome")
        self._outcome.setWordWrap(True)
        self._outcome.setMinimumHeight(3 * self.fontMetrics().height())
        self._form = AddressForm()
        self._form.troubled.connect(self._outcome.setText)
        self._form.edited.connect(self._forget_choice)
        self._make_list()
        self._make_buttons()
        self._lay_out()
        self._fill_list()
        self._choose_again(source)
        self._form.setFocus()
        runner.submit(_KEYS[1], self._look_for_keyring, name="Look for a keyring")

    def done(self, result: int) -> None:
        """Stop a test that is still under way."""
        for key in _KEYS:
            self._runner.cancel(key)
        super().done(result)

    def _make_list(self) -> None:
        self._list = QListWidget()
        make_flat(self._list)
        self._list.setObjectName("connectList")
        self._list.setAccessibleName("Known sources")
        self._list.setToolTip("Saved connections, the site's accounts ($EFDAUTH) and the demo")
        self._list.currentItemChanged.connect(self._choose)
        self._list.itemActivated.connect(self._connect)
        self._remove = QPushButton("Re&move")
        self._remove.setObjectName("connectRemove")
        self._remove.setToolTip("Forget the chosen saved connection")
        self._remove.setEnabled(False)
        self._remove.clicked.connect(self._remove_chosen)

    def _make_buttons(self) -> None:
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        connect = self._buttons.addButton("&Connect", QDialogButtonBox.ButtonRole.AcceptRole)
        connect.setObjectName("connectButton")
        connect.setDefault(True)
        test = self._buttons.addButton("T&est", QDialogButtonBox.ButtonRole.ActionRole)
        test.setObjectName("connectTest")
        test.setToolTip("Ask the server what it has, and say how that went")
        connect.clicked.connect(self._connect)
        test.clicked.connect(self._test)
        self._buttons.rejected.connect(self.reject)
        # Only one button is left to be the default, or Return would press the first one: Cancel.
        for button in self._buttons.findChildren(QPushButton):
            button.setAutoDefault(button is connect)

    def _lay_out(self) -> None:
        known = QVBoxLayout()
        known.addWidget(self._list)
        known.addWidget(self._remove)
        columns = QHBoxLayout()
        columns.addLayout(known, 1)
        columns.addWidget(self._form, 2)
        layout = QVBoxLayout(self)
        layout.addLayout(columns)
        layout.addWidget(self._outcome)
        layout.addWidget(self._buttons)

    def _fill_list(self) -> None:
        self._list.clear()
        self._add("Simulated night (demo)", "demo", "demo")
        for fill in (self._add_profiles, self._add_accounts):
            try:
                fill()
            except EfdViewerError as error:
                self._show_error(error)

    def _choose_again(self, source: str) -> None:
        """Show a source as it was chosen before: in the list, or as an address."""
        items = [self._list.item(row) for row in range(self._list.count())]
        named = next((item for item in items if item.data(_NAME) == source), None)
        if named is not None:
            self._list.setCurrentItem(named)
        elif source:
            self._form.show_source(source)

    def _add_profiles(self) -> None:
        for profile in saved_profiles():
            self._add(profile.name, profile.address, profile.name)

    def _add_accounts(self) -> None:
        for account in site_accounts():
            self._add(f"{account.label} (site account)", str(account.address), account.label)

    def _add(self, text: str, address: str, name: str) -> None:
        item = QListWidgetItem(text, self._list)
        item.setData(_ADDRESS, address)
        item.setData(_NAME, name)
        item.setToolTip(address)

    def _choose(self, item: QListWidgetItem | None) -> None:
        self._remove.setEnabled(item is not None and item.text() == item.data(_NAME) != "demo")
        if item is not None:
            self._form.show_source(item.data(_ADDRESS))
            self._chosen = item.data(_NAME)

    def _forget_choice(self) -> None:
        """Connect to what is typed from now on, not to the known source that was chosen."""
        self._chosen = None

    def _remove_chosen(self) -> None:
        item = self._list.currentItem()
        try:
            remove_profile(item.data(_NAME))
        except EfdViewerError as error:
            self._show_error(error)
        self._fill_list()

    async def _look_for_keyring(self) -> None:
        self._form.show_keyring(await has_keyring())

    def _test(self) -> None:
        source, password = self._chosen or self._form.source, self._form.password
        self._outcome.setText("Asking …")

        async def test() -> None:
            found = await probe(source, password=password)
            self._form.offer(found.databases, found.policies)
            self._outcome.setText(found.words)

        self._runner.submit(_KEYS[0], test, name=f"Test {source}", on_error=self._show_error)

    def _show_error(self, error: EfdViewerError) -> None:
        self._outcome.setText(explain(error))

    def _connect(self) -> None:
        source, password = self._chosen or self._form.source, self._form.password
        try:
            address = parse_address(self._form.source)
            if name := self._form.name:
                save_profile(ConnectionProfile(name=name, address=self._form.source))
                source = name
        except EfdViewerError as error:
            self._show_error(error)
            return
        if password and self._form.remembers:
            self._runner.submit(
                "keyring", lambda: save_password(str(address), password), name="Save password"
            )
        self.connectRequested.emit(source, password)
        self.accept()
