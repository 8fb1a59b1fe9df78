"""The simulated night in a real InfluxDB, as the clocks of today stamped it and as those of 2019 did."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from efdviewer.ui.main_window import MainWindow
from tests.nights import address_of, load_camera, write_night
from tests.ui.notebook import LoadedNight
from tests.windows import in_window

T = TypeVar("T")


@pytest.fixture(scope="session")
def night_today(night, influxd, tmp_path_factory) -> LoadedNight:
    load_camera(night, tmp_path_factory.mktemp("camera") / "archive", influxd, "notebook")
    return LoadedNight(archive=night, server=influxd, database="notebook")


@pytest.fixture(scope="session")
def night_2019(influxd, tmp_path_factory) -> LoadedNight:
    folder = tmp_path_factory.mktemp("night2019")
    archive = write_night(folder / "archive", clock_mix="2019")
    load_camera(archive, folder / "camera", influxd, "notebook2019")
    return LoadedNight(archive=archive, server=influxd, database="notebook2019")


@pytest.fixture(params=["night_today", "night_2019"])
def either_night(request) -> LoadedNight:
    return request.getfixturevalue(request.param)


@pytest.fixture
def work_in(monkeypatch) -> Callable[[LoadedNight, Callable[[MainWindow], Awaitable[T]]], T]:
    """Give what opens a window on a night, logged in as the reader and with nothing in it."""

    def open_and_work(night: LoadedNight, work: Callable[[MainWindow], Awaitable[T]]) -> T:
        monkeypatch.setenv("EFDVIEWER_PASSWORD", night.server.reader.password)
        return in_window([night.address], work)

    return open_and_work


@pytest.fixture(scope="session")
def sessions_database(night, influxd, tmp_path_factory) -> str:
    load_camera(night, tmp_path_factory.mktemp("camera") / "archive", influxd, "sessions")
    return "sessions"


@pytest.fixture(params=["archive", "influxd"])
def source(request, night, influxd, monkeypatch) -> str:
    if request.param == "archive":
        return str(night)
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    return address_of(influxd, request.getfixturevalue("sessions_database"))
