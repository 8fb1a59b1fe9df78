"""A view of the simulated night, and all that a window shows of it."""

from tests.nights import CAMERA

POWER = f"{CAMERA}.wrebPower:analog_I"
READOUT = f"{CAMERA}.logevent_startReadout"
VIEW = [
    *("--from", "2024-01-31T18:00:00", "--to", "2024-02-01T06:00:00"),
    *("--plot", f"{POWER},digital_I", "--plot", f"{CAMERA}.wreb:temp1,temp2"),
    *("--overlay", f"{READOUT}@sndStamp", "--overlay", f"{CAMERA}.logevent_endReadout@sndStamp"),
    *("--latency", READOUT),
]


def shown(window) -> dict:
    rows = window.plots.rows()
    fields = [(row, field) for row in rows for field in row.curves()]
    return {
        "session": window.workspace.session,
        "curves": [row.curves() for row in rows],
        "range": [row.view_range_ns() for row in rows],
        "points": [[part.tolist() for part in row.drawn_points(field)] for row, field in fields],
        "looks": [(state.color, state.visible, state.side) for row in rows for state in row.canvas.states()],
        "limits": [row.canvas.scale("left").limits() for row in rows],
        "lines": [row.event_lines(f"{READOUT}@sndStamp").tolist() for row in rows],
        "shaded": [row.event_density(f"{READOUT}@sndStamp") for row in rows],
        "histogram": [part.tolist() for part in window.latency.histogram(READOUT)],
        "docks": {name: (dock.isVisible(), dock.isFloating()) for name, dock in window.docks.items()},
        "places": {name: dock.geometry().getRect() for name, dock in window.docks.items()},
        "heights": [row.height() for row in rows],
    }
