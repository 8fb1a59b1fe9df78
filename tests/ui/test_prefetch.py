"""What is loaded before anybody asks for it: the views beside one that rests."""

import asyncio

from efdviewer.domain.timerange import TimeRange, shifted, zoomed
from efdviewer.viewmodels.curve_loads import REST_S
from efdviewer.viewmodels.curve_state import CurveStatus
from tests.growing import until
from tests.nights import END_NS
from tests.ui.test_kept_data import CURVE, HOUR_NS, about_curve, drawn, listen
from tests.windows import in_window

HERE = TimeRange(start_utc_ns=END_NS - 4 * HOUR_NS, end_utc_ns=END_NS - 3 * HOUR_NS)
ELSEWHERE = TimeRange(start_utc_ns=END_NS - 12 * HOUR_NS, end_utc_ns=END_NS - 11 * HOUR_NS)
BESIDE = (shifted(HERE, -1), shifted(HERE, 1), zoomed(HERE, 2.0, END_NS - int(3.5 * HOUR_NS)))
OPENED = ["--plot", CURVE, "--from", "2024-02-01T04:00", "--to", "2024-02-01T05:00"]


def go_to(window, there):
    window.plots.row(0).set_view_range_ns(there.start_utc_ns, there.end_utc_ns)


def status(window):
    return window.plots.row(0).canvas.states()[0].status


async def complete(window):
    """Wait until the curve is there, but not for what is loaded after it."""
    drawn_anew = asyncio.Event()
    window.workspace.plot.curveChanged.connect(lambda _row, _state: drawn_anew.set())
    while status(window) is not CurveStatus.READY:
        drawn_anew.clear()
        await drawn_anew.wait()


def test_that_the_views_beside_one_that_rests_are_there_at_once(night):
    async def work(window):
        go_to(window, HERE)
        await window.idle()
        sent = listen(window)
        for there in BESIDE:
            go_to(window, there)
            assert status(window) is CurveStatus.READY
            assert len(drawn(window)[0])
        assert not about_curve(sent)

    in_window([str(night), *OPENED], work)


def test_that_nothing_is_loaded_beside_a_view_that_was_left_at_once(night):
    async def work(window):
        go_to(window, HERE)
        await complete(window)
        go_to(window, ELSEWHERE)
        await window.idle()
        sent = listen(window)
        go_to(window, BESIDE[0])
        await window.idle()
        assert about_curve(sent)

    # From far away: the first view has been loaded, and what is beside it.
    in_window([str(night), "--plot", CURVE, "--from", "2024-01-31T13:00", "--to", "2024-01-31T13:10"], work)


def test_that_nothing_is_loaded_beside_a_view_while_anything_else_loads(night):
    async def work(window):
        gate = asyncio.Event()
        window.workspace.runner.submit(("overlay", "x"), gate.wait, name="Events of x")
        go_to(window, HERE)
        await complete(window)
        sent = listen(window)
        names = ["Events of x", "Load what is beside the view"]
        workspace = window.workspace
        await until(workspace.busyChanged, lambda: workspace.runner.names == names, within_s=10)
        await asyncio.sleep(2 * REST_S)
        assert not about_curve(sent)
        gate.set()
        await window.idle()
        assert about_curve(sent)

    in_window([str(night), "--plot", CURVE, "--from", "2024-01-31T13:00", "--to", "2024-01-31T13:10"], work)
