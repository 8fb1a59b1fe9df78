"""The layers' contracts are checked by `make lint`; here it is checked that they cover everything and can fail."""

import ast
import importlib
import inspect
import pkgutil
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import efdviewer
from efdviewer.domain import errors

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

BREACHES = {
    "Layers: imports point down only; services and sources do not know each other": (
        ("domain/topics.py", "import efdviewer.sources"),
        ("services/tasks.py", "import efdviewer.sources"),
        ("sources/__init__.py", "import efdviewer.services"),
        ("viewmodels/__init__.py", "import efdviewer.ui"),
        ("ui/__init__.py", "import efdviewer.app"),
    ),
    "Below the view models there is no Qt": (
        ("services/tasks.py", "from PySide6.QtCore import QObject"),
        ("sources/__init__.py", "import pyqtgraph"),
        ("domain/topics.py", "import qasync"),
    ),
    "The view models draw nothing": (("viewmodels/__init__.py", "import pyqtgraph"),),
    "The domain does no input or output": (("domain/topics.py", "import asyncio"),),
    "Only a source knows aioinflux": (("services/tasks.py", "import aioinflux"),),
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(linter), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(folder)},
        check=False,
    )


@pytest.fixture
def copy(tmp_path) -> Path:
    shutil.copytree(ROOT / "efdviewer", tmp_path / "efdviewer", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_that_every_contract_has_a_breach_to_be_tried():
    assert {contract["name"] for contract in CONTRACTS} == BREACHES.keys()


@pytest.mark.parametrize(
    ("contract", "module", "line"),
    [(contract, *breach) for contract, breaches in BREACHES.items() for breach in breaches],
)
def test_that_a_forbidden_import_breaks_its_contract(copy, contract, module, line):
    path = copy / "efdviewer" / module
    path.write_text(f"{path.read_text()}\n{line}\n")
    run = _lint(copy)
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"{contract} BROKEN" in " ".join(run.stdout.split())


def _imports(path: Path) -> set[str]:
    """Names of the modules that a module imports, and of what it takes from them."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_that_the_view_models_know_no_part_of_qt_but_qtcore():
    imports = set().union(*(_imports(path) for path in (ROOT / "efdviewer/viewmodels").rglob("*.py")))
    qt = {name for name in imports if name.startswith("PySide6")}
    assert qt, "the view models are expected to use signals"
    assert {name for name in qt if not f"{name}.".startswith("PySide6.QtCore.")} == set()


def test_that_one_module_knows_aioinflux():
    modules = (ROOT / "efdviewer").rglob("*.py")
    knowing = [path for path in modules if any(name.split(".")[0] == "aioinflux" for name in _imports(path))]
    assert len(knowing) == 1, knowing


def test_that_every_package_stands_in_a_layer():
    layers = next(contract["layers"] for contract in CONTRACTS if contract["type"] == "layers")
    in_layers = {name.strip() for layer in layers for name in layer.split("|")}
    packages = {
        f"efdviewer.{found.name}" for found in pkgutil.iter_modules(efdviewer.__path__) if found.ispkg
    }
    assert packages == in_layers


def test_that_every_error_of_ours_is_told_in_the_error_tree():
    ours = []
    for found in pkgutil.walk_packages(efdviewer.__path__, "efdviewer."):
        module = importlib.import_module(found.name)
        ours += [
            kind
            for _, kind in inspect.getmembers(module, inspect.isclass)
            if issubclass(kind, Exception) and kind.__module__.startswith("efdviewer.")
        ]
    assert errors.EfdViewerError in ours
    assert {kind for kind in ours if not issubclass(kind, errors.EfdViewerError)} == set()
    assert {kind.__module__ for kind in ours} == {"efdviewer.domain.errors"}
