"""Opens the demo and tells when its first curve was drawn; imports nothing that the program does not."""

import asyncio
import json
import time

import qasync

from efdviewer.app import open_window
from efdviewer.app.lean_arrow import make_arrow_lean
from efdviewer.app.window import make_application
from tests.benchmarks.clock import Ticker

CURVE = "lsst.sal.ATCamera.wrebPower:analog_I"


async def main() -> None:
    """Print when it was drawn, and the longest gap since the window showed, as JSON."""
    window = await open_window(["demo", "--plot", CURVE])
    ticker = Ticker()
    ticker.start()
    row = window.plots.row(0)
    while not len(row.drawn_points(CURVE)[0]):  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0)
    row.repaint()
    drawn_s = time.monotonic()
    await window.idle()
    await asyncio.sleep(1)
    print(json.dumps({"drawn_s": drawn_s, "gap_ms": ticker.stop_ms()}))
    window.close()
    await window.closed()


if __name__ == "__main__":
    # As the command line does.
    make_arrow_lean()
    application = make_application()
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        runner.run(main())
