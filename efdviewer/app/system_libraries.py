"""What Qt needs from the system: shared libraries and a display, told by the name of what is missing.

Qt itself aborts the process with advice to reinstall the application, whatever the cause. Run as a script,
this module prints the Debian packages that are missing, one a line; that needs neither Qt nor any package.
"""

import ctypes
import os
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from efdviewer.domain.errors import EfdViewerError

# What QtCore, QtGui, QtWidgets, QtDBus and the xcb platform plugin of PySide6 6.11 are linked against and
# do not bring along, with the Debian package of each (`readelf -d`, `dpkg -S`).
PACKAGES: Mapping[str, str] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libzstd.so.1": "libzstd1",
}
_WAYLAND_PACKAGES: Mapping[str, str] = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}


def missing_packages(libraries: Mapping[str, str] = PACKAGES) -> list[str]:
    """Name the Debian packages whose libraries cannot be loaded, sorted; empty when all is well.

    Parameters
    ----------
    libraries : mapping of str to str
        Names of shared libraries, as the loader knows them, and the package of each.
    """
    return sorted({package for soname, package in libraries.items() if not _loads(soname)})


def check_display(environ: Mapping[str, str] | None = None) -> None:
    """Make sure that a QApplication can open its display; call it before the first one is created.

    The platform plugin is loaded, which Qt would do next in any case, and the display is asked once
    whether it answers. Plugins that need no display (`offscreen`) are left to Qt.

    Parameters
    ----------
    environ : mapping of str to str, optional
        The environment; by default that of the process.

    Raises
    ------
    EfdViewerError
        If there is no display, if it does not answer, or if libraries are missing; the message names them.
    """
    environ = os.environ if environ is None else environ
    # An inherited Wayland socket can be used once only, and that is Qt's turn.
    if not sys.platform.startswith("linux") or environ.get("WAYLAND_SOCKET"):
        return
    wanted = [part.partition(":")[0] for part in environ.get("QT_QPA_PLATFORM", "").split(";") if part]
    platforms = [name.partition("-")[0] for name in wanted] or ["wayland", "xcb"]
    if any(name not in _PLUGINS for name in platforms):
        return
    displays = {name: environ.get(_PLUGINS[name].variable, "") for name in platforms}
    failures = []
    for name, display in displays.items():
        if display:
            failure = _failure(_PLUGINS[name], display)
            if failure is None:
                return
            failures.append(failure)
    if failures:
        raise failures[-1]
    raise EfdViewerError(
        f"There is no display: {' and '.join(_PLUGINS[name].variable for name in platforms)} not set.",
        hint="Log in to a desktop or use ssh -X; 'efdviewer render' and 'efdviewer export' need none.",
    )


def explain_import_error(error: ImportError) -> EfdViewerError | None:
    """Turn the failed import of a Qt module into a message that names the packages to install.

    Returns
    -------
    EfdViewerError or None
        None where the import failed for another reason than a missing shared library.
    """
    if "cannot open shared object file" not in str(error):
        return None
    return _missing_libraries(str(error), PACKAGES)


def _failure(plugin: "_Plugin", display: str) -> EfdViewerError | None:
    spec = find_spec("PySide6")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "Qt" / "plugins" / "platforms" / plugin.file
    # A distribution's own PySide6 keeps its plugins elsewhere, and its package brings the libraries.
    if path.exists():
        try:
            ctypes.CDLL(str(path))
        except OSError as error:
            return _missing_libraries(str(error), plugin.libraries)
    if plugin.answers(display):
        return None
    return EfdViewerError(
        f"The display {display} does not answer.",
        hint="Is it still there, and may this account use it (xauth, xhost)?",
    )


def _missing_libraries(reason: str, libraries: Mapping[str, str]) -> EfdViewerError:
    packages = missing_packages(libraries)
    if not packages:
        return EfdViewerError(f"Qt cannot be loaded: {reason}.")
    command = "apt-get install" if os.geteuid() == 0 else "sudo apt-get install"
    return EfdViewerError(
        f"Qt needs system libraries that are not installed: {', '.join(packages)}.",
        hint=f"Run: {command} {' '.join(packages)}",
    )


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _x11_answers(display: str) -> bool:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = (ctypes.c_void_p,)
    xcb.xcb_disconnect.argtypes = (ctypes.c_void_p,)
    connection = xcb.xcb_connect(os.fsencode(display), None)
    answers = bool(xcb.xcb_connection_has_error(connection) == 0)
    xcb.xcb_disconnect(connection)
    return answers


def _wayland_answers(display: str) -> bool:
    wayland = ctypes.CDLL("libwayland-client.so.0")
    wayland.wl_display_connect.argtypes = (ctypes.c_char_p,)
    wayland.wl_display_connect.restype = ctypes.c_void_p
    wayland.wl_display_disconnect.argtypes = (ctypes.c_void_p,)
    connection = wayland.wl_display_connect(os.fsencode(display))
    if connection:
        wayland.wl_display_disconnect(connection)
    return bool(connection)


class _Plugin(NamedTuple):
    file: str
    variable: str
    libraries: Mapping[str, str]
    answers: Callable[[str], bool]


_PLUGINS: Mapping[str, _Plugin] = {
    "wayland": _Plugin(
        "libqwayland.so", "WAYLAND_DISPLAY", {**PACKAGES, **_WAYLAND_PACKAGES}, _wayland_answers
    ),
    "xcb": _Plugin("libqxcb.so", "DISPLAY", PACKAGES, _x11_answers),
}


if __name__ == "__main__":
    print("\n".join(missing_packages()))  # noqa: T201
