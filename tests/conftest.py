import os
from pathlib import Path

import hypothesis
import pytest

from tests.influxd import running

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

# The time of one example says nothing on a machine that does other things too.
hypothesis.settings.register_profile("shared machine", deadline=None)
hypothesis.settings.load_profile("shared machine")

RECORDINGS = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def influxd(tmp_path_factory: pytest.TempPathFactory):
    with running(tmp_path_factory.mktemp("influxd")) as server:
        yield server


@pytest.fixture(scope="session")
def recordings() -> Path:
    if not RECORDINGS.is_dir():
        pytest.skip(f"the recordings are not at {RECORDINGS}")
    return RECORDINGS


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory):
    """A cache of this run, in which the demo is written once."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder / "efdviewer"


@pytest.fixture(autouse=True)
def own_home(
    own_cache: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep settings, profiles and the last view of tests away from the user's, and tiles from other tests."""
    for path in own_cache.glob("tiles-*"):
        path.unlink()
    # What is beside a view is loaded as soon as it rests, lest every test waits for that.
    monkeypatch.setattr("efdviewer.viewmodels.curve_loads.REST_S", 0.0)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
    monkeypatch.delenv("EFDAUTH", raising=False)
    monkeypatch.delenv("EFDVIEWER_PASSWORD", raising=False)


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with the simulated night; not to be written to."""
    from tests.nights import write_night

    return write_night(tmp_path_factory.mktemp("night") / "archive")
