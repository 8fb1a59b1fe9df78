"""Takes the pictures of the README, and more to judge the window by, from the simulated night.

python -m tests.screens python -m tests.screenshots FOLDER [NAME]
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import qasync
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QRadioButton, QTabBar, QWidget

from efdviewer.app import open_window
from efdviewer.app.window import make_application
from efdviewer.domain.timescale import Timescale, parse_iso_ns
from efdviewer.sources.simulate import simulate_night
from efdviewer.ui.main_window import MainWindow
from efdviewer.ui.rows_view import RowsView
from efdviewer.ui.theme import Scheme, apply_scheme
from tests.windows import act, child, type_into

CAMERA, MOUNT = "lsst.sal.ATCamera", "lsst.sal.MTMount"
END = parse_iso_ns("2026-02-01T10:00:00", Timescale.UTC)
EVENTS = [
    *("--overlay", f"{CAMERA}.logevent_startIntegration@sndStamp"),
    *("--overlay", f"{CAMERA}.logevent_startReadout@sndStamp"),
    *("--overlay", f"{CAMERA}.logevent_endReadout@sndStamp"),
    *("--latency", f"{CAMERA}.logevent_startReadout", "--latency", f"{CAMERA}.logevent_endReadout"),
]
NIGHT = [
    *("--plot", f"{CAMERA}.wrebPower:analog_I", "--plot", f"{CAMERA}.wreb:ccdTemp0,temp1,temp2"),
    *("--plot", f"{MOUNT}.azimuth:actualPosition", *EVENTS),
]
CLOSE = ["--from", "2026-02-01T03:10:00", "--to", "2026-02-01T03:13:00"]
MISSING = [
    *("--plot", f"{CAMERA}.wrebPower:analog_I", "--plot", f"{CAMERA}.wreb:nothing"),
    *("--from", "2026-02-02", "--to", "2026-02-03"),
]
LONG = [
    *("--plot", f"{CAMERA}.wreb:" + ",".join(f"temp{index}" for index in range(1, 9))),
    *("--plot", f"{CAMERA}.logevent_summaryState:summaryState", *EVENTS),
    *("--overlay", f"{CAMERA}.logevent_shutterMotionProfile@sndStamp"),
]
POWER, READOUT = f"{CAMERA}.wrebPower:analog_I", f"{CAMERA}.logevent_startReadout"
FAULT = ["--from", "2026-02-01T03:14:00", "--to", "2026-02-01T03:50:00"]
FAULT_NS = parse_iso_ns("2026-02-01T03:24:00", Timescale.UTC)
SAID = [
    *("--plot", POWER, "--overlay", f"{CAMERA}.logevent_logMessage", "--overlay", READOUT),
    *("--overlay", f"{CAMERA}.logevent_errorCode", "--overlay", f"{CAMERA}.logevent_summaryState", *FAULT),
]
STATES = [
    *("--plot", f"{MOUNT}.azimuth:actualPosition", "--state", f"{CAMERA}.logevent_summaryState:summaryState"),
    *("--state", f"{MOUNT}.logevent_azimuthMotionState:state"),
    *("--state", f"{MOUNT}.logevent_azimuthInPosition:inPosition"),
    *("--from", "2026-02-01T02:40:00", "--to", "2026-02-01T04:40:00"),
]
INTERVALS = [
    *("--plot", POWER, "--interval", f"{READOUT}..{CAMERA}.logevent_endReadout"),
    *("--interval", f"{CAMERA}.logevent_startIntegration..{CAMERA}.logevent_endIntegration"),
    *("--from", "2026-02-01T04:10:00", "--to", "2026-02-01T04:20:00"),
]
EPOCHS = ["--plot", POWER, "--epochs", f"{POWER}@{READOUT}:-2s..10s"]
AZIMUTH, TRAJECTORY = f"{MOUNT}.azimuth", "lsst.sal.ATMCS.trajectory"
DERIVED = [
    *("--plot", f"{AZIMUTH}:actualPosition,demandPosition"),
    *("--plot", f"{AZIMUTH}[time]:actualPosition - demandPosition"),
    *("--plot", f'{AZIMUTH}[time]:derivative(actualPosition),"mean(derivative(actualPosition), 5)"'),
    *("--plot", f"{TRAJECTORY}[]:elevation", "--from", "2026-01-31T22:19:55", "--to", "2026-01-31T22:20:20"),
]
CLOCKS = [
    *("--plot", f"{AZIMUTH}:actualVelocity", "--plot", f"{AZIMUTH}[timestamp]:actualVelocity"),
    *("--overlay", f"{MOUNT}.logevent_azimuthMotionState@sndStamp", "--timescale", "tai"),
    *("--from", "2026-01-31T22:30:45.5", "--to", "2026-01-31T22:30:47.5"),
]
DELAYS = [
    *("--plot", f"{AZIMUTH}:actualPosition", "--latency", AZIMUTH),
    *("--latency", f"{CAMERA}.logevent_endReadout", "--latency", f"{CAMERA}.logevent_startReadout"),
]
AGAINST = [
    *("--plot", f"{AZIMUTH}:actualVelocity,actualTorque"),
    *("--scatter", f"{AZIMUTH}:actualVelocity,{AZIMUTH}:actualTorque"),
]
SMALL, LARGE = (1280, 800), (2560, 1440)


Work = Callable[[MainWindow], Awaitable[QWidget | None]]
"""Brings a window into the state of a picture; gives what is to be taken, None for the window itself."""


@asynccontextmanager
async def opened(argv: list[str], size: tuple[int, int]) -> Iterator[MainWindow]:
    window = await open_window(argv)
    window.resize(*size)
    try:
        await window.idle()
        yield window
    finally:
        window.close()
        await window.closed()


async def point_at(window: MainWindow) -> None:
    row = window.plots.row(0)
    frame = row.canvas.frame()
    QTest.mouseMove(row.canvas, QPoint(frame.left + frame.width // 3, frame.top + frame.height // 2))


async def show_means(window: MainWindow) -> None:
    act(window, "actionMeans")
    await window.idle()
    await point_at(window)


async def measure(window: MainWindow) -> None:
    window.workspace.events.edit(1, "Label events", labels=("imageIndex",))
    for name in ("actionNextEvent", "actionCursorA", *["actionNextEvent"] * 5, "actionCursorB"):
        act(window, name)
        await window.idle()


async def of_view(window: MainWindow) -> None:
    act(window, "actionStatisticsOfView")
    await window.idle()


async def search(window: MainWindow) -> None:
    type_into(child(window, QLineEdit, "topicFilter"), "temp", enter=False)


async def mistype(window: MainWindow) -> None:
    type_into(child(window, QLineEdit, "timeFrom"), "2026-02-31T10:00")


async def nothing(window: MainWindow) -> None:
    pass


async def list_events(window: MainWindow) -> None:
    act(window, "actionEventTable")
    await window.idle()
    view = child(window, RowsView, "eventTable")
    model = window.workspace.event_table
    place = next(
        place for place in range(len(model.list.texts)) if "Readout failed" in str(model.list.texts[place])
    )
    view.show_place(place)
    model.select(place)


async def show_interval(window: MainWindow) -> None:
    view = child(window, RowsView, "intervalTable")
    view.selectRow(2)


async def point_at_state(window: MainWindow) -> None:
    row = window.plots.row(1)
    frame = row.canvas.frame()
    QTest.mouseMove(row.canvas, QPoint(frame.left + frame.width // 2, frame.top + 20))


async def select_epoch(window: MainWindow) -> None:
    view = child(window, RowsView, "epochTable")
    view.selectRow(303)


async def what_happened(window: MainWindow) -> None:
    window.menus._events.happened_at(FAULT_NS)
    window.workspace.surroundings.edit("Look further", before_s=20.0, after_s=20.0)


async def select_bin(window: MainWindow) -> None:
    act(window, "actionShowOverlays")
    plot = child(window, QWidget, "latencyPlot")
    plot.setFocus()
    for _ in range(4):
        QTest.keyClick(plot, Qt.Key.Key_Left)
        await window.idle()


async def over_time(window: MainWindow) -> None:
    act(window, "actionShowOverlays")
    child(window, QTabBar, "latencyTabs").setCurrentIndex(2)


async def select_pairs(window: MainWindow) -> None:
    joined = window.workspace.scatter.states()[0].joined
    assert joined is not None
    window.workspace.scatter.pick(np.flatnonzero(joined.x < -15))


async def ask_for_curve(window: MainWindow) -> QWidget:
    act(window, "actionDeriveMean")
    return child(window, QDialog, "deriveDialog")


async def ask_for_schema(window: MainWindow) -> QWidget:
    act(window, "actionSalSchema")
    child(window, QLineEdit, "schemaAddress").setText("https://efd.example.org/schema-registry")
    child(window, QRadioButton, "schemaRegistry").setChecked(True)
    return child(window, QDialog, "schemaDialog")


SCENES: dict[str, tuple[list[str], Work]] = {
    "window": (NIGHT, point_at),
    "means": (NIGHT, show_means),
    "close": ([*NIGHT, *CLOSE], point_at),
    "cursors": ([*NIGHT[:-4], *CLOSE], measure),
    "statistics": (NIGHT, of_view),
    "missing": (MISSING, nothing),
    "search": (LONG, search),
    "mistyped": (NIGHT, mistype),
    "events": (SAID, list_events),
    "happened": (SAID, what_happened),
    "intervals": (INTERVALS, show_interval),
    "states": (STATES, point_at_state),
    "epochs": (EPOCHS, select_epoch),
    "derived": (DERIVED, nothing),
    "derive": (DERIVED, ask_for_curve),
    "clocks": (CLOCKS, nothing),
    "latency": (DELAYS, select_bin),
    "delays": (DELAYS, over_time),
    "scatter": (AGAINST, select_pairs),
    "schema": (NIGHT, ask_for_schema),
}


async def take(folder: Path, archive: Path, wanted: str) -> None:
    for scheme in (Scheme.DARK, Scheme.LIGHT):
        for scene, (argv, work) in SCENES.items():
            for size in (SMALL, LARGE):
                name = f"{scene}-{scheme.value}-{size[0]}"
                if wanted in name:
                    await picture(folder / f"{name}.png", [str(archive), *argv], size, scheme, work)
        for name, argv in {
            f"empty-{scheme.value}": [],
            f"unreachable-{scheme.value}": ["influxdb://reader@127.0.0.1:9?db=efd", *NIGHT],
        }.items():
            if wanted in name:
                await picture(folder / f"{name}.png", argv, SMALL, scheme, nothing)


async def picture(
    path: Path,
    argv: list[str],
    size: tuple[int, int],
    scheme: Scheme,
    work: Work,
) -> None:
    # A window begins with the panels that the one before had open.
    os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(dir=os.environ["XDG_DATA_HOME"])
    async with opened(argv, size) as window:
        apply_scheme(scheme)
        child(window, QLineEdit, "topicFilter").setFocus(Qt.FocusReason.OtherFocusReason)
        shown = await work(window) or window
        await window.idle()
        if not shown.grab().save(str(path)):
            raise OSError(f"{path} could not be written")
        if shown is not window:
            shown.close()
    print(path)


def main(folder: Path, wanted: str = "") -> None:
    """Write the pictures whose name holds a text; the night is simulated, always the same."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["EFDVIEWER_PASSWORD"] = "none"
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_DATA_HOME"] = scratch
        archive = Path(scratch) / "night"
        simulate_night(archive, end_utc_ns=END)
        application = make_application()
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
            runner.run(take(folder, archive, wanted))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3])
