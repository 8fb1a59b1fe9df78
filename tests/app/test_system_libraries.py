import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from efdviewer.app.system_libraries import PACKAGES, check_display, explain_import_error, missing_packages
from efdviewer.domain.errors import EfdViewerError, explain
from tests.screens import screen

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux loads Qt's libraries so")

_OURS = (
    "libc.so libm.so libpthread.so libdl.so librt.so libstdc++.so libgcc_s.so libz.so ld-linux libicu libQt6"
)


def _run(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM")
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        env=clean | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def x_display():
    """A real X server on a display number that it chooses itself."""
    with screen("320x200x24") as environment:
        yield environment["DISPLAY"]


def test_that_this_machine_misses_nothing():
    assert missing_packages() == []


def test_that_a_library_that_is_not_there_is_named_by_its_package_once():
    libraries = {
        "libnowhere.so.1": "libnowhere1",
        "libnowhere-more.so.1": "libnowhere1",
        "libc.so.6": "libc6",
    }
    assert missing_packages(libraries) == ["libnowhere1"]


def test_that_every_library_of_the_x11_plugin_has_a_package():
    readelf = shutil.which("readelf")
    if readelf is None:
        pytest.skip("readelf is not installed")
    pyside = Path(find_spec("PySide6").origin).parent
    parts = [
        pyside / "Qt/plugins/platforms/libqxcb.so",
        *pyside.glob("Qt/plugins/xcbglintegrations/*.so"),
        *(
            pyside / f"Qt/lib/libQt6{part}.so.6"
            for part in ("Core", "DBus", "Gui", "Svg", "Widgets", "XcbQpa")
        ),
    ]
    dump = subprocess.run(
        [readelf, "-d", *map(str, parts)], capture_output=True, text=True, check=True
    ).stdout
    needed = {line.split("[")[1].rstrip("]") for line in dump.splitlines() if "(NEEDED)" in line}
    assert "libxcb-cursor.so.0" in needed
    assert {name for name in needed if not name.startswith(tuple(_OURS.split()))} - PACKAGES.keys() == set()


def test_that_a_failed_qt_import_names_the_packages(monkeypatch):
    monkeypatch.setitem(PACKAGES, "libnowhere.so.1", "libnowhere1")
    error = explain_import_error(
        ImportError("libnowhere.so.1: cannot open shared object file: No such file or directory")
    )
    assert str(error) == "Qt needs system libraries that are not installed: libnowhere1."
    assert error.hint.endswith("apt-get install libnowhere1")


def test_that_a_library_of_unknown_package_is_named_itself():
    error = explain_import_error(ImportError("libnowhere.so.1: cannot open shared object file: No such file"))
    assert "libnowhere.so.1" in str(error)


def test_that_another_import_error_is_left_alone():
    assert explain_import_error(ImportError("cannot import name 'QWidgets'")) is None


@pytest.mark.parametrize(
    "environ", [{}, {"QT_QPA_PLATFORM": "xcb"}, {"QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": "w"}]
)
def test_that_no_display_is_said_so(environ):
    with pytest.raises(EfdViewerError, match=r"There is no display: .*DISPLAY not set\."):
        check_display(environ)


@pytest.mark.parametrize("platform", ["offscreen", "minimal", "vnc:size=100x100"])
def test_that_a_platform_without_display_is_left_to_qt(platform):
    check_display({"QT_QPA_PLATFORM": platform})


def test_that_a_display_that_does_not_answer_is_named():
    with pytest.raises(EfdViewerError, match=r"The display :64999 does not answer\.") as caught:
        check_display({"DISPLAY": ":64999"})
    assert "xauth" in explain(caught.value)


def test_that_a_display_that_answers_is_enough_for_qt(x_display):
    code = """
from efdviewer.app.system_libraries import check_display
check_display()
from PySide6.QtWidgets import QApplication
print(QApplication([]).platformName())
"""
    run = _run(code, DISPLAY=x_display, WAYLAND_DISPLAY="nobody-listens-here")
    assert (run.returncode, run.stdout.strip()) == (0, "xcb"), run.stderr


def test_that_the_check_costs_little_beside_loading_qt(x_display):
    code = """
import time, PySide6.QtWidgets
from efdviewer.app.system_libraries import check_display
first_ns = time.perf_counter_ns(); check_display(); print(time.perf_counter_ns() - first_ns)
app_ns = time.perf_counter_ns(); PySide6.QtWidgets.QApplication([]); print(time.perf_counter_ns() - app_ns)
"""
    run = _run(code, DISPLAY=x_display)
    assert run.returncode == 0, run.stderr
    print("check and QApplication, ms:", [int(text) / 1e6 for text in run.stdout.split()])
    assert int(run.stdout.split()[0]) < 50e6
