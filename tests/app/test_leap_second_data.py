"""Data around a leap second: drawn, exported and read back, in UTC and in TAI."""

import csv

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from efdviewer.app import main
from efdviewer.domain.leap_seconds import SECOND_NS
from efdviewer.domain.timescale import Timescale, parse_iso_ns, tai_ns_from_utc_ns
from efdviewer.ui.graphics.time_ticks import time_ticks
from tests.both import has_database, load_topics, write_topics
from tests.windows import child, in_window

TOPIC = "lsst.sal.Test.clock"
LEAP = 1_483_228_800 * SECOND_NS
TAI_NS = LEAP + 36 * SECOND_NS + np.arange(-20, 20) * 250_000_000
"""Every quarter of a second of TAI, five seconds before the leap second and four after its begin."""


def utc_ns() -> np.ndarray:
    outside = (TAI_NS < LEAP + 36 * SECOND_NS) | (TAI_NS >= LEAP + 37 * SECOND_NS)
    tai = TAI_NS[outside]
    return np.where(tai < LEAP + 36 * SECOND_NS, tai - 36 * SECOND_NS, tai - 37 * SECOND_NS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    moments = utc_ns()
    table = pa.table(
        {
            "time": moments,
            "value": np.arange(len(moments), dtype=float),
            "timestamp": tai_ns_from_utc_ns(moments) / 1e9,
        }
    )
    return write_topics(tmp_path_factory.mktemp("leap") / "archive", {TOPIC: table})


@pytest.fixture(params=["archive", "influxd"])
def source(request, folder, influxd, monkeypatch) -> str:
    if request.param == "archive":
        return str(folder)
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    if has_database(influxd, "leap"):
        return f"influxdb://{influxd.reader.name}@127.0.0.1:{influxd.port}?db=leap"
    return load_topics(folder, influxd, "leap")


RANGES = {
    "utc": ["--from", "2016-12-31T23:59:54", "--to", "2017-01-01T00:00:06", "--timescale", "utc"],
    "tai": ["--from", "2017-01-01T00:00:30", "--to", "2017-01-01T00:00:43", "--timescale", "tai"],
}


@pytest.mark.parametrize("scale", RANGES)
@pytest.mark.parametrize("topic", [TOPIC, f"{TOPIC}[timestamp]"])
def test_samples_are_drawn_where_they_belong_and_labelled_so(source, scale, topic):
    async def work(window):
        row = window.plots.row(0)
        start, end = row.view_range_ns()
        assert (start, end) == (LEAP - 6 * SECOND_NS, LEAP + 6 * SECOND_NS)
        moments, values = row.drawn_points(f"{topic}:value")
        assert np.abs(moments - utc_ns()).max() < 500
        assert (values == np.arange(len(moments))).all()
        ticks = time_ticks(window.workspace.time.time_range, Timescale(scale), 12)
        assert len(ticks) > 5
        for tick in ticks:
            written = parse_iso_ns(f"{tick.context}T{tick.label}", Timescale(scale))
            assert written == tick.utc_ns

    in_window([source, *RANGES[scale], "--plot", f"{topic}:value"], work)


@pytest.mark.parametrize("scale", RANGES)
def test_what_is_exported_is_read_back(source, scale, tmp_path):
    for name in ("leap.csv", "leap.parquet", "leap"):
        path = tmp_path / name
        assert (
            main(["export", source, *RANGES[scale], "--plot", f"{TOPIC}:value,timestamp", "-o", str(path)])
            == 0
        )
    with (tmp_path / "leap.csv").open() as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert [parse_iso_ns(row["time"].removesuffix("Z"), Timescale.UTC) for row in rows] == utc_ns().tolist()
    table = pq.read_table(tmp_path / "leap.parquet")
    assert table.column("time").cast(pa.int64()).to_pylist() == utc_ns().tolist()

    async def work(window):
        moments, _ = window.plots.row(0).drawn_points(f"{TOPIC}:value")
        assert (moments == utc_ns()).all()

    in_window([str(tmp_path / "leap"), *RANGES[scale], "--plot", f"{TOPIC}:value"], work)


def test_a_range_over_a_leap_second_survives_switching_the_scale_and_saving(source, tmp_path):
    from PySide6.QtWidgets import QComboBox, QLineEdit

    saved = tmp_path / "leap.efdview"

    async def switch(window):
        child(window, QComboBox, "timescaleSwitch").setCurrentText("TAI")
        await window.idle()
        assert child(window, QLineEdit, "timeFrom").text() == "2017-01-01T00:00:30"
        assert child(window, QLineEdit, "timeTo").text() == "2017-01-01T00:00:43"
        await window.save_session(saved)
        return window.plots.row(0).view_range_ns()

    async def look(window):
        assert window.workspace.session.timescale == "tai"
        return window.plots.row(0).view_range_ns()

    before = in_window([source, *RANGES["utc"], "--plot", f"{TOPIC}:value"], switch)
    assert in_window([source, "--session", str(saved)], look) == before


@pytest.mark.parametrize("command", ["export", "render"])
def test_what_leaves_the_program_says_when_leap_seconds_are_not_known(folder, tmp_path, capsys, command):
    path = tmp_path / ("out.csv" if command == "export" else "out.png")
    future = ["--from", "2030-01-01", "--to", "2030-01-02", "--plot", f"{TOPIC}:value"]
    main([command, str(folder), *future, "-o", str(path)])
    assert "Leap seconds are known until" in capsys.readouterr().err
    main([command, str(folder), *RANGES["utc"], "--plot", f"{TOPIC}:value", "-o", str(path)])
    assert "Leap seconds" not in capsys.readouterr().err


def test_a_window_says_it_once(folder):
    async def work(window):
        assert not window.messages.texts()
        for day in ("2030-01-01", "2031-01-01"):
            window.workspace.time.edit_spec(day, f"{day}T12:00:00")
            await window.idle()
        assert len([text for text in window.messages.texts() if "Leap seconds" in text]) == 1
        window.messages.clear()
        window.workspace.time.edit_spec("2032-01-01", "2032-01-02")
        await window.idle()
        assert not window.messages.texts()

    in_window([str(folder), *RANGES["utc"], "--plot", f"{TOPIC}:value"], work)
