"""Where the files that are packed with the program lie."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """Find a packed file, in an installed wheel or in a checkout.

    Parameters
    ----------
    name : str
        Path below `resources/`, with forward slashes.

    Raises
    ------
    FileNotFoundError
        If there is no such file in either place.
    """
    for folder in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        if (path := folder / name).exists():
            return path
    raise FileNotFoundError(f"The resource {name} is missing; the installation is incomplete.")
