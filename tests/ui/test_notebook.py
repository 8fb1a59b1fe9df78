"""The notebook that the program replaces, step by step, beside the window."""

import asyncio

import aiohttp
import numpy as np
import pandas as pd
import pytest
from aioinflux import InfluxDBClient
from PySide6.QtWidgets import QLineEdit

from efdviewer.app import main
from tests.nights import CAMERA, END, END_NS, address_of, load_camera, write_night
from tests.windows import child, in_window, type_into

EVENTS = ("startIntegration", "startReadout", "endReadout")
LEAP_S = 37.0


@pytest.fixture(scope="module", params=[None, "2019"], ids=["ordinary", "clock-mix"])
def night(request, influxd, tmp_path_factory):
    """A simulated night in a real InfluxDB; gives the database's name."""
    folder = tmp_path_factory.mktemp("night")
    database = f"efd{request.param or ''}"
    load_camera(write_night(folder / "archive", request.param), folder / "camera", influxd, database)
    return database


def notebook(influxd, database: str) -> dict[str, pd.DataFrame]:
    """Query as the notebook did: plain aioinflux into DataFrames."""
    topics = {"wrebPower": ["analog_I"]} | {
        f"logevent_{event}": ["private_sndStamp", "private_rcvStamp"] for event in EVENTS
    }

    async def query() -> dict[str, pd.DataFrame]:
        headers = {"Authorization": aiohttp.encode_basic_auth(influxd.admin.name, influxd.admin.password)}
        async with InfluxDBClient(
            "127.0.0.1", influxd.port, db=database, output="dataframe", headers=headers
        ) as client:
            return {
                topic.removeprefix("logevent_"): await client.query(
                    f'SELECT {", ".join(fields)} FROM "{CAMERA}.{topic}" '
                    f"WHERE time > '{END}Z' - 20h AND time < '{END}Z'"
                )
                for topic, fields in topics.items()
            }

    return asyncio.run(query())


def address(influxd, database: str, monkeypatch) -> str:
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    return address_of(influxd, database)


def nanoseconds(index: pd.DatetimeIndex) -> np.ndarray:
    return index.as_unit("ns").asi8


def test_that_the_window_shows_what_the_notebook_showed(influxd, night, monkeypatch):
    frames = notebook(influxd, night)
    argv = [address(influxd, night, monkeypatch), "--from", "2024-01-31T12:00:00", "--to", END]
    argv += ["--plot", f"{CAMERA}.wrebPower:analog_I"]
    for event in EVENTS:
        argv += ["--overlay", f"{CAMERA}.logevent_{event}@sndStamp"]
    argv += ["--latency", f"{CAMERA}.logevent_startReadout"]

    async def look(window):
        row = window.plots.row(0)
        (field,) = row.curves()
        power = frames["wrebPower"]["analog_I"]
        times_utc_ns, values = row.drawn_points(field)
        if len(times_utc_ns) == len(power):
            assert np.array_equal(times_utc_ns, nanoseconds(power.index))
            assert np.array_equal(values, power.to_numpy())
        else:
            assert values.min() == power.min()
            assert values.max() == power.max()
        for event in EVENTS:
            lines = row.event_lines(f"{CAMERA}.logevent_{event}@sndStamp")
            expected = np.sort(frames[event]["private_sndStamp"].to_numpy()) - LEAP_S
            inside = (expected >= (END_NS / 1e9 - 20 * 3600)) & (expected < END_NS / 1e9)
            assert np.abs(lines / 1e9 - expected[inside]).max() < 2e-6
            assert len(lines) == inside.sum() > 20
        delays = (
            frames["startReadout"]["private_rcvStamp"] - frames["startReadout"]["private_sndStamp"]
        ).to_numpy()
        await compare_latency(window, night, delays)

    in_window(argv, look)


async def compare_latency(window, database: str, delays: np.ndarray) -> None:
    topic = f"{CAMERA}.logevent_startReadout"
    panel = window.latency
    if database.endswith("2019"):
        panel.set_raw(topic, True)
        type_into(child(window, QLineEdit, "latencyBins"), "32.5:41.5:1")
        await window.idle()
        edges, counts = panel.histogram(topic)
        expected = np.histogram(delays, np.arange(32.5, 42.5, 1.0))
        assert counts.sum() > 0
        assert np.array_equal(counts, expected[0])
        assert np.array_equal(edges, expected[1])
    else:
        edges, counts = panel.histogram(topic)
        assert edges[0] < np.median(delays) < edges[-1]
        assert np.median(delays) < 0.1
        assert counts.sum() == len(delays)


def test_that_a_sample_by_sample_view_equals_the_notebook_exactly(influxd, night, monkeypatch):
    frames = notebook(influxd, night)
    power = frames["wrebPower"]["analog_I"]
    start, end = "2024-01-31T20:00:00", "2024-01-31T23:00:00"
    argv = [address(influxd, night, monkeypatch), "--from", start, "--to", end]
    argv += ["--plot", f"{CAMERA}.wrebPower:analog_I"]

    async def look(window):
        row = window.plots.row(0)
        times_utc_ns, values = row.drawn_points(f"{CAMERA}.wrebPower:analog_I")
        expected = power[(power.index >= f"{start}Z") & (power.index < f"{end}Z")]
        assert len(expected) > 100
        assert np.array_equal(times_utc_ns, nanoseconds(expected.index))
        assert np.array_equal(values, expected.to_numpy())

    in_window(argv, look)


def test_that_an_unknown_topic_is_a_bad_argument(influxd, night, monkeypatch, tmp_path, capsys):
    code = main(
        [
            "render",
            address(influxd, night, monkeypatch),
            "--plot",
            "lsst.sal.Nowhere.nothing:x",
            "-o",
            str(tmp_path / "x.png"),
        ]
    )
    said = capsys.readouterr().err
    assert code == 2
    assert "lsst.sal.Nowhere.nothing" in said
    assert said.count("\n") == 1
    assert not (tmp_path / "x.png").exists()
