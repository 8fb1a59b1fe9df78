"""A keyring that works: a password that is wanted there is read again on the next start, and is in no file."""

from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from platformdirs import user_config_dir, user_data_dir
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QDialogButtonBox, QLineEdit

from efdviewer.services.settings import load_settings
from efdviewer.ui.password_prompt import PasswordPrompt
from tests.nights import address_of
from tests.windows import child, in_window

DATABASE = "keyring"


class MemoryKeyring(KeyringBackend):
    """Keeps passwords as long as the process lives."""

    priority = 5

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture
def memory():
    before, backend = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture(scope="module")
def address(influxd) -> str:
    influxd.create_database(DATABASE)
    influxd.write(DATABASE, "lsst.sal.CSC.topic value=1 1706742900000000000")
    influxd.query(f'GRANT READ ON "{DATABASE}" TO "{influxd.reader.name}"')
    return address_of(influxd, DATABASE)


async def give_password(window, password: str, *, remember: bool) -> None:
    await window.idle()
    prompt = window.findChild(PasswordPrompt)
    assert prompt is not None, "nobody asked for a password"
    edit = child(prompt, QLineEdit, "passwordEdit")
    edit.setText(password)
    if remember:
        child(prompt, QCheckBox, "passwordRemember").click()
    ok = prompt.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok)
    QTest.mouseClick(ok, Qt.MouseButton.LeftButton)
    await window.idle()


def files_with(secret: str, *folders: Path) -> list[Path]:
    written = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert written, "nothing was written at all"
    return [path for path in written if secret.encode() in path.read_bytes()]


def test_that_a_password_wanted_in_the_keyring_is_read_at_the_next_start(memory, influxd, address, tmp_path):
    secret, path = influxd.reader.password, tmp_path / "view.efdview"

    async def ask(window):
        await give_password(window, secret, remember=True)
        assert window.workspace.source is not None
        await window.save_session(path)

    async def again(window):
        assert window.findChild(PasswordPrompt) is None
        assert window.workspace.source is not None
        assert window.messages.texts() == []

    in_window([address, "--plot", "lsst.sal.CSC.topic:value"], ask)
    assert list(memory.kept.values()) == [secret]
    in_window([address], again)
    in_window(["--session", str(path)], again)
    assert load_settings().recent == (str(path),)
    folders = (tmp_path, Path(user_config_dir("efdviewer")), Path(user_data_dir("efdviewer")))
    assert files_with(secret, *folders) == []


def test_that_a_password_for_this_run_is_not_kept(memory, influxd, address):
    async def ask(window):
        await give_password(window, influxd.reader.password, remember=False)
        assert window.workspace.source is not None

    async def again(window):
        prompt = child(window, PasswordPrompt, "passwordPrompt")
        assert window.workspace.source is None
        prompt.reject()

    in_window([address], ask)
    assert memory.kept == {}
    in_window([address], again)
