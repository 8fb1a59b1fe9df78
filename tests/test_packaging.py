import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

import efdviewer
from efdviewer.resource_files import resource

ROOT = Path(__file__).parents[1]
APP_ID = "io.github.efdviewer.efdviewer"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Every file that a clone of the project has."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is not a clone: what belongs to the project is not known")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in names.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.fixture(scope="module")
def distributions(tmp_path_factory) -> Path:
    """Build a wheel and an sdist of this checkout, without the network."""
    folder = tmp_path_factory.mktemp("dist")
    for kind in ("--wheel", "--sdist"):
        command = [sys.executable, "-m", "build", kind, "--no-isolation", "--outdir", str(folder), str(ROOT)]
        build = subprocess.run(command, capture_output=True, text=True, check=False)
        assert build.returncode == 0, build.stdout + build.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(distributions):
    with zipfile.ZipFile(next(distributions.glob("*.whl"))) as archive:
        yield archive


def test_that_the_wheel_holds_every_module_and_resource(wheel):
    names = set(wheel.namelist())
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "efdviewer").rglob("*.py")}
    resources = {
        f"efdviewer/{path.relative_to(ROOT)}" for path in (ROOT / "resources").rglob("*") if path.is_file()
    }
    assert len(resources) >= 3
    assert (modules | resources) - names == set()
    assert "efdviewer/py.typed" in names
    assert not [name for name in names if name.startswith("tests")]


def test_that_the_wheel_finds_its_resources_where_it_is_unpacked(wheel, tmp_path):
    wheel.extractall(tmp_path)
    code = f"from efdviewer.resource_files import resource; print(resource('{APP_ID}.svg'))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert Path(run.stdout.strip()) == tmp_path / f"efdviewer/resources/{APP_ID}.svg"


def test_that_the_commands_are_in_the_wheel_and_can_be_imported(wheel):
    entry_points = ConfigParser()
    entry_points.read_string(
        wheel.read(f"efdviewer-{PROJECT['version']}.dist-info/entry_points.txt").decode()
    )
    assert dict(entry_points["console_scripts"]) == {"efdviewer": "efdviewer.app:main"}
    assert dict(entry_points["gui_scripts"]) == {"efdviewer-gui": "efdviewer.app:main"}
    from efdviewer.app import main

    assert callable(main)


def test_that_a_desktop_finds_the_menu_entry_its_metadata_and_the_icon(wheel):
    shared = f"efdviewer-{PROJECT['version']}.data/data/share"
    for name in (
        f"applications/{APP_ID}.desktop",
        f"metainfo/{APP_ID}.metainfo.xml",
        f"icons/hicolor/scalable/apps/{APP_ID}.svg",
    ):
        assert f"{shared}/{name}" in wheel.namelist()


def test_that_the_sdist_builds_what_the_checkout_builds(distributions, wheel, tmp_path):
    # Not tarfile: 3.11.2, as in Debian 12, does not know the `filter` that later versions ask for.
    sdist = next(distributions.glob("*.tar.gz"))
    subprocess.run(["tar", "-xzf", str(sdist), "-C", str(tmp_path)], check=True)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    source = next(tmp_path.glob("efdviewer-*/"))
    subprocess.run([*command, str(source)], capture_output=True, check=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as rebuilt:
        assert sorted(rebuilt.namelist()) == sorted(wheel.namelist())


def test_that_the_version_is_the_same_everywhere():
    assert efdviewer.__version__ == PROJECT["version"]


def test_that_the_menu_entry_and_its_metadata_name_what_there_is():
    entry = ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(resource(f"{APP_ID}.desktop"))
    commands = {*PROJECT["scripts"], *PROJECT["gui-scripts"]}
    assert {entry[section]["Exec"].split()[0] for section in entry.sections()} <= commands
    assert entry["Desktop Entry"]["Icon"] == APP_ID
    metadata = ET.parse(resource(f"{APP_ID}.metainfo.xml")).getroot()
    assert metadata.findtext("id") == APP_ID
    assert metadata.findtext("launchable") == f"{APP_ID}.desktop"
    assert {binary.text for binary in metadata.iter("binary")} <= commands
    assert metadata.findtext("project_license") == PROJECT["license"]


def test_that_the_icon_can_be_drawn():
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QColor, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(str(resource(f"{APP_ID}.svg")))
    assert renderer.isValid()
    image = QImage(QSize(64, 64), QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    assert image.pixelColor(0, 0).alpha() == 0
    assert (
        len({image.pixelColor(x, y).name() for x in range(64) for y in range(64)} - {QColor(0).name()}) > 20
    )


def _pins(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text().splitlines()
    pins = [
        line.split(";")[0].rstrip(" \\") for line in lines if "==" in line and not line.startswith((" ", "#"))
    ]
    return dict(pin.split("==", 1) for pin in pins)


def test_that_the_locks_agree_and_pin_every_dependency_with_its_hash():
    run, dev = _pins("requirements.lock"), _pins("requirements-dev.lock")
    assert run.items() <= dev.items()
    wanted = {_name(requirement) for requirement in PROJECT["dependencies"]}
    assert wanted <= run.keys()
    assert {_name(requirement) for requirement in PROJECT["optional-dependencies"]["dev"]} <= dev.keys()
    for lock, pins in (("requirements.lock", run), ("requirements-dev.lock", dev)):
        text = (ROOT / lock).read_text()
        for name, version in pins.items():
            after = text.split(f"\n{name}=={version}", 1)[1]
            assert after.split("\n", 2)[1].startswith("    --hash=sha256:"), name


def _name(requirement: str) -> str:
    end = next((index for index, letter in enumerate(requirement) if letter in "<>=! ["), len(requirement))
    return requirement[:end].lower().replace("_", "-").replace(".", "-")


_FOREIGN = ("/work/", "/root/", "/home/", "--index-url ", "--extra-index-url", "--find-links ", "pypi.org")


def test_that_no_file_names_a_path_of_some_machine_or_a_registry(tracked):
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked
        if path != Path(__file__)
        for word in _FOREIGN
        if word.encode() in path.read_bytes()
    ]
    assert found == []


def test_that_the_top_folder_stays_tidy(tracked):
    allowed = {"efdviewer", "resources", "tests", "docs", "pyproject.toml", "README.md", "LICENSE"}
    allowed |= {"CHANGELOG.md", "Makefile", "requirements.lock", "requirements-dev.lock"}
    top = {path.relative_to(ROOT).parts[0] for path in tracked}
    assert {name for name in top - allowed if not name.startswith(".")} == set()
