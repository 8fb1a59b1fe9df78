"""Which panels a new window brings to the front."""

from tests.nights import CAMERA
from tests.windows import in_window

STATE = ["--state", f"{CAMERA}.logevent_summaryState:summaryState"]
EPOCHS = ["--epochs", f"{CAMERA}.wrebPower:analog_I@{CAMERA}.logevent_startReadout"]


def test_that_what_the_session_has_is_before_panels_that_were_open_when_the_last_window_closed(night):
    async def open_all(window):
        for name in ("eventTable", "states", "intervals", "epochs", "surroundings"):
            window.open_panel(name)
            await window.idle()

    async def look(window):
        await window.idle()
        return {name for name, dock in window.docks.items() if not dock.visibleRegion().isEmpty()}

    in_window([str(night)], open_all)
    assert "epochs" in in_window([str(night), *EPOCHS], look)
    assert "states" in in_window([str(night), *STATE], look)
