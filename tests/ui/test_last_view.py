"""What was left is not lost: another session opened, or the window closed without saving."""

from efdviewer.services.last_session import last_session_path
from efdviewer.ui.message_bar import MessageBar
from tests.windows import act, child, in_window

POWER, WREB = "lsst.sal.ATCamera.wrebPower:analog_I", "lsst.sal.ATCamera.wreb:temp1"


def test_that_a_closed_window_can_be_had_back_untitled(night):
    async def left(window):
        return window.workspace.session.rows

    async def again(window):
        act(window, "actionOpenLast")
        await window.idle()
        assert window.workspace.document.path is None
        return window.workspace.session.rows

    rows = in_window([str(night), "--plot", POWER, "--plot", WREB], left)
    assert len(rows) == 2
    assert in_window([], again) == rows
    assert "password" not in last_session_path().read_text()


def test_that_opening_another_session_keeps_the_one_before(night, tmp_path):
    path = tmp_path / "other.efdview"

    async def save(window):
        await window.save_session(path)

    async def work(window):
        before = window.workspace.session.rows
        await window.open_session(path)
        await window.idle()
        assert window.workspace.session.rows != before
        act(window, "actionOpenLast")
        await window.idle()
        assert window.workspace.session.rows == before

    in_window([str(night), "--plot", WREB], save)
    in_window([str(night), "--plot", POWER], work)


def test_that_there_may_be_no_view_to_go_back_to(night):
    last_session_path().unlink(missing_ok=True)

    async def work(window):
        act(window, "actionOpenLast")
        await window.idle()
        return " ".join(child(window, MessageBar, "messageBar").texts())

    assert "No view was left yet." in in_window([str(night)], work)
