"""Connecting from the window to a real server, and what is said where that fails."""

import asyncio
import socket

import orjson
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QListWidget, QPushButton

from efdviewer.services.settings import load_settings
from efdviewer.sources.profiles import ConnectionProfile, saved_profiles
from efdviewer.ui.connect_dialog import ConnectDialog
from efdviewer.ui.message_bar import MessageBar
from efdviewer.ui.password_prompt import PasswordPrompt
from tests.nights import address_of
from tests.windows import act, child, in_window, type_into

FIELD = "lsst.sal.ATCamera.wrebPower:analog_I"


@pytest.fixture(scope="module")
def server(influxd):
    for name in ("connecting", "other"):
        influxd.create_database(name)
        influxd.write(name, "lsst.sal.CSC.topic value=1 1000000000\nlsst.sal.CSC.more value=2 2000000000")
    influxd.query('CREATE RETENTION POLICY "short" ON "connecting" DURATION INF REPLICATION 1')
    return influxd


def dialog_of(window) -> ConnectDialog:
    act(window, "actionOpenSource")
    return child(window, ConnectDialog, "connectDialog")


async def outcome(dialog: ConnectDialog, window) -> str:
    """Press Test and wait for what it says."""
    child(dialog, QPushButton, "connectTest").click()
    assert child(dialog, QLabel, "connectOutcome").text() == "Asking …"
    await window.idle()
    return child(dialog, QLabel, "connectOutcome").text()


def fill(dialog: ConnectDialog, address: str, password: str = "") -> None:
    type_into(child(dialog, QLineEdit, "connectAddress"), address, enter=False)
    # QTest types ASCII alone.
    child(dialog, QLineEdit, "connectPassword").setText(password)


def items(combo: QComboBox) -> list[str]:
    return [combo.itemText(index) for index in range(combo.count())]


def test_that_a_test_says_what_is_there_and_offers_it(server):
    async def work(window):
        dialog = dialog_of(window)
        fill(dialog, address_of(server, "connecting"), server.reader.password)
        assert (await outcome(dialog, window)).startswith("It answers: 2 topics in ")
        database = child(dialog, QComboBox, "connectDatabase")
        assert {"connecting", "other"} <= set(items(database))
        assert "_internal" not in items(database)
        assert items(child(dialog, QComboBox, "connectPolicy")) == ["autogen", "short"]
        database.setCurrentText("other")
        assert child(dialog, QLineEdit, "connectAddress").text() == address_of(server, "other")
        child(dialog, QPushButton, "connectButton").click()
        await window.idle()
        assert window.workspace.source is not None
        assert "other" in child(window, QLabel, "sourceLabel").text()
        assert not window.messages.texts()

    in_window([], work)


def silent_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize(
    ("change", "password", "words"),
    [
        (lambda text: text, "wrong", "refuse"),
        (lambda text: text.replace("127.0.0.1", "no-such-host.invalid"), "x", "unknown"),
        (lambda text: text.replace("connecting", "nowhere"), None, "There is no database 'nowhere'"),
        (lambda text: text.replace("influxdb:", "influxdbs:"), None, "TLS"),
        (lambda text: text + "&rp=never", None, "no retention policy 'never'"),
        (lambda _: f"influxdb://127.0.0.1:{silent_port()}?db=efd", None, "cannot be reached"),
        (lambda _: "influxdb://", None, "host"),
    ],
)
def test_that_what_is_wrong_is_said_in_one_line(server, change, password, words):
    async def work(window):
        dialog = dialog_of(window)
        fill(dialog, change(address_of(server, "connecting")), password or server.reader.password)
        said = await outcome(dialog, window)
        assert words in said
        assert "\n" not in said
        assert not window.messages.texts()
        dialog.close()

    in_window([], work)


def test_that_a_connection_is_saved_by_name_and_opened_by_it(server, tmp_path):
    path = tmp_path / "view.efdview"

    async def save(window):
        dialog = dialog_of(window)
        fill(dialog, address_of(server, "connecting"), server.reader.password)
        type_into(child(dialog, QLineEdit, "connectName"), "my efd", enter=False)
        child(dialog, QPushButton, "connectButton").click()
        await window.idle()
        assert child(window, QLabel, "sourceLabel").text() == "my efd"
        await window.save_session(path)

    in_window([], save)
    assert saved_profiles() == [ConnectionProfile(name="my efd", address=address_of(server, "connecting"))]
    assert orjson.loads(path.read_bytes())["source"] == "my efd"
    assert server.reader.password.encode() not in path.read_bytes()
    assert load_settings().recent == (str(path),)

    async def remove(window):
        dialog = dialog_of(window)
        known = child(dialog, QListWidget, "connectList")
        known.setCurrentRow(1)
        assert child(dialog, QLineEdit, "connectAddress").text() == address_of(server, "connecting")
        child(dialog, QPushButton, "connectRemove").click()
        assert known.count() == 1
        known.setCurrentRow(0)
        assert not child(dialog, QPushButton, "connectRemove").isEnabled()
        dialog.close()

    in_window([], remove)
    assert saved_profiles() == []


def test_that_a_site_account_is_listed_and_shown_by_its_label(server, tmp_path, monkeypatch):
    accounts = tmp_path / "accounts.json"
    account = {"username": server.reader.name, "password": server.reader.password, "database": "connecting"}
    accounts.write_bytes(orjson.dumps({"base_efd": {"url": f"http://127.0.0.1:{server.port}/", **account}}))
    monkeypatch.setenv("EFDAUTH", str(accounts))

    async def work(window):
        dialog = dialog_of(window)
        known = child(dialog, QListWidget, "connectList")
        known.setCurrentRow(1)
        assert known.currentItem().text() == "base_efd (site account)"
        child(dialog, QPushButton, "connectButton").click()
        await window.idle()
        assert child(window, QLabel, "sourceLabel").text() == "base_efd"
        assert window.workspace.session.source == "base_efd"
        assert len(await window.workspace.catalog.topics()) == 2

    in_window([], work)


def test_that_without_a_keyring_none_is_offered(server):
    async def work(window):
        dialog = dialog_of(window)
        await window.idle()
        assert not child(dialog, QCheckBox, "connectRemember").isEnabled()
        dialog.close()

    in_window([], work)


def test_that_a_missing_password_is_asked_for_until_it_is_right(server):
    async def work(window):
        await window.idle()
        for password in ("wrong", server.reader.password):
            assert window.workspace.source is None
            prompt = child(window, PasswordPrompt, "passwordPrompt")
            child(prompt, QLineEdit, "passwordEdit").setText(password)
            QTest.keyClick(child(prompt, QLineEdit, "passwordEdit"), Qt.Key.Key_Return)
            await window.idle()
            await asyncio.sleep(0)
        assert window.workspace.source is not None
        assert len(window.plots.row(0).drawn_points("lsst.sal.CSC.topic:value")[0]) == 1
        assert not child(window, MessageBar, "messageBar").isVisible()

    argv = ["--from", "1970-01-01", "--to", "1970-01-02", "--plot", "lsst.sal.CSC.topic:value"]
    in_window([address_of(server, "connecting"), *argv], work, idle=False)


def test_that_an_unreachable_server_is_told_of_once_and_tried_again_in_the_plot(server):
    async def work(window):
        (said,) = window.messages.texts()
        assert "cannot be reached" in said
        message = window.plots.row(0).message
        assert "could not be opened" in message.accessibleName()
        assert "could not be opened" in child(window, QLabel, "sourceLabel").text()
        assert "could not be opened" in window.workspace.topics.notice
        button = message.findChild(QPushButton, "plotRetry")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        await window.idle()
        assert window.messages.texts() == [said]

    source = f"influxdb://127.0.0.1:{silent_port()}?db=efd"
    in_window([source, "--plot", "lsst.sal.CSC.topic:value", "--overlay", "lsst.sal.CSC.topic"], work)


def test_that_return_in_the_address_connects(server):
    async def work(window):
        dialog = dialog_of(window)
        await window.idle()
        fill(dialog, address_of(server, "connecting"), server.reader.password)
        QTest.keyClick(child(dialog, QLineEdit, "connectAddress"), Qt.Key.Key_Return)
        await window.idle()
        assert window.workspace.source is not None

    in_window([], work)


def test_that_a_wrong_address_leaves_what_is_shown(server, night):
    async def work(window):
        row = window.plots.row(0)
        points = len(row.drawn_points(FIELD)[0])
        dialog = dialog_of(window)
        fill(dialog, f"influxdb://127.0.0.1:{silent_port()}?db=efd")
        child(dialog, QPushButton, "connectButton").click()
        await window.idle()
        (said,) = window.messages.texts()
        assert "cannot be reached" in said
        assert window.workspace.session.source == str(night)
        assert window.workspace.source is not None
        assert len(row.drawn_points(FIELD)[0]) == points > 100
        assert window.workspace.document.undo_name is None

    in_window([str(night), "--plot", FIELD], work)


def test_that_what_was_typed_in_vain_is_there_to_be_mended(server):
    async def work(window):
        act(window, "actionOpenSource")
        dialog = child(window, ConnectDialog, "connectDialog")
        type_into(child(dialog, QLineEdit, "connectAddress"), "influxdb://127.0.0.1:1/?db=efd")
        await window.idle()
        act(window, "actionOpenSource")
        again = next(found for found in window.findChildren(ConnectDialog) if found.isVisible())
        assert child(again, QLineEdit, "connectAddress").text() == "influxdb://127.0.0.1:1/?db=efd"
        again.close()

    in_window([], work)


def test_that_another_source_replaces_the_first_and_undo_brings_it_back(server, night):
    async def work(window):
        row = window.plots.row(0)
        points = len(row.drawn_points(FIELD)[0])
        window.workspace.connect_to(address_of(server, "connecting"), server.reader.password)
        await window.idle()
        assert window.workspace.session.source == address_of(server, "connecting")
        assert len(row.drawn_points(FIELD)[0]) == 0
        act(window, "actionUndo")
        await window.idle()
        assert window.workspace.session.source == str(night)
        assert len(row.drawn_points(FIELD)[0]) == points > 100
        act(window, "actionRedo")
        await window.idle()
        # The password that was given for that address is still known.
        assert not window.messages.texts()
        assert window.workspace.source.address.endswith("connecting")

    in_window([str(night), "--plot", FIELD], work)


def test_that_the_view_stays_of_use_while_another_source_hangs_and_a_third_is_gone_to(server, night):
    async def work(window):
        asked, given_up = asyncio.Event(), asyncio.Event()

        async def say_nothing(reader, writer):
            asked.set()
            await reader.read()
            given_up.set()
            writer.close()

        silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        port = silent.sockets[0].getsockname()[1]
        row, drawn = window.plots.row(0), asyncio.Event()
        window.workspace.connect_to(f"influxdb://127.0.0.1:{port}?db=efd")
        await asyncio.wait_for(asked.wait(), 30)
        start, end = row.view_range_ns()
        finer = (start + (end - start) // 2, start + (end - start) * 3 // 4)
        before = row.drawn_points(FIELD)[0]

        def look(*_):
            times = row.drawn_points(FIELD)[0]
            if len(times) and times[-1] - times[0] < (end - start) // 2 < before[-1] - before[0]:
                drawn.set()

        window.workspace.plot.curveChanged.connect(look)
        row.set_view_range_ns(*finer)
        await asyncio.wait_for(drawn.wait(), 30)
        assert window.workspace.session.source == str(night)
        assert not given_up.is_set()
        window.workspace.connect_to(address_of(server, "connecting"), server.reader.password)
        await asyncio.wait_for(given_up.wait(), 30)
        await window.idle()
        assert window.workspace.session.source == address_of(server, "connecting")
        assert not window.messages.texts()
        silent.close()

    in_window([str(night), "--plot", FIELD], work)
