"""Takes the pictures of the README and the ones to judge the window by, from the demo.

xvfb-run -a -s "-screen 0 2560x1440x24" python -m tests.screenshots FOLDER
"""

import asyncio
import sys
from pathlib import Path

import qasync
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from efdviewer.app import open_window
from efdviewer.app.window import make_application
from efdviewer.domain.timescale import Timescale, parse_iso_ns
from efdviewer.sources.simulate import simulate_night
from efdviewer.ui.main_window import MainWindow

CAMERA, MOUNT = "lsst.sal.ATCamera", "lsst.sal.MTMount"
END = parse_iso_ns("2026-02-01T10:00:00", Timescale.UTC)
NIGHT = [
    "--plot",
    f"{CAMERA}.wrebPower:analog_I",
    "--plot",
    f"{CAMERA}.wreb:ccdTemp0,temp1,temp2",
    "--plot",
    f"{MOUNT}.azimuth:actualPosition",
    "--overlay",
    f"{CAMERA}.logevent_startIntegration@sndStamp",
    "--overlay",
    f"{CAMERA}.logevent_startReadout@sndStamp",
    "--overlay",
    f"{CAMERA}.logevent_endReadout@sndStamp",
    "--latency",
    f"{CAMERA}.logevent_startReadout",
]
SIZES = ((1280, 800), (2560, 1440))


async def picture(window: MainWindow, path: Path) -> None:
    await window.idle()
    window.grab().save(str(path))
    print(path)


async def take(folder: Path, archive: Path) -> None:
    for scheme in (Qt.ColorScheme.Dark, Qt.ColorScheme.Light):
        QGuiApplication.styleHints().setColorScheme(scheme)
        name = scheme.name.lower()
        for width, height in SIZES:
            window = await open_window([str(archive), *NIGHT])
            window.resize(width, height)
            await window.idle()
            window.plots.setFocus()
            QTest.mouseMove(window.plots.row(0), QPoint(width // 4, 60))
            await picture(window, folder / f"window-{name}-{width}.png")
            window.close()
            await window.closed()
        window = await open_window([])
        await picture(window, folder / f"empty-{name}.png")
        window.close()
        await window.closed()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / "night"
    if not (archive / "manifest.json").exists():
        simulate_night(archive, end_utc_ns=END)
    application = make_application()
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        runner.run(take(folder, archive))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
