"""Reads units and descriptions from the files of ts_xml, in a folder or in the installed package."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from efdviewer.domain.errors import BadInputError
from efdviewer.domain.sal_notes import FieldNote, TopicNote, tidy_units, tidy_words
from efdviewer.domain.topics import SAL_PREFIX

_log = logging.getLogger(__name__)
_PACKAGE = Path("lsst", "ts", "xml", "data", "sal_interfaces")
_KINDS = ("SALTelemetry", "SALEvent", "SALCommand")
GENERICS = "SALGeneric"
"""The component whose topics every other one may have too."""
_MOST_BYTES = 50_000_000
_HINT = "Choose the folder of ts_xml, or sal_interfaces in it."


def installed_folder() -> Path | None:
    """Find the files of an installed ts_xml, without importing it."""
    for entry in sys.path:
        folder = Path(entry or ".") / _PACKAGE
        if folder.is_dir():
            return folder
    return None


def read_folder(folder: Path) -> tuple[dict[str, TopicNote], list[str]]:
    """Read every file of a folder and those beneath it; gives notes by topic, and the damaged files.

    Raises
    ------
    BadInputError
        If the folder cannot be read, or holds no definition of a SAL topic.
    """
    if not folder.is_dir():
        raise BadInputError(f"{folder} is no folder.", hint=_HINT)
    notes: dict[str, TopicNote] = {}
    damaged = []
    for path in sorted(folder.rglob("*.xml")):
        try:
            if path.stat().st_size > _MOST_BYTES:
                raise ValueError("It is too large.")
            notes.update(_topics_of(path))
        except (OSError, ValueError, ElementTree.ParseError) as error:
            _log.warning("%s is damaged: %s", path, error)
            damaged.append(path.name)
    if not notes:
        raise BadInputError(f"{folder} holds no definitions of SAL topics.", hint=_HINT)
    return notes, damaged


def note_of(notes: dict[str, TopicNote], topic: str) -> TopicNote | None:
    """Find what is known of a topic: its own definition, or that of the generic topic of its name."""
    if topic in notes:
        return notes[topic]
    _, dot, name = topic.removeprefix(SAL_PREFIX).partition(".")
    return notes.get(f"{SAL_PREFIX}{GENERICS}.{name}") if dot else None


def _topics_of(path: Path) -> Iterator[tuple[str, TopicNote]]:
    # The parser of the standard library reads no external entities.
    root = ElementTree.fromstring(path.read_bytes())  # noqa: S314
    for kind in _KINDS:
        for element in root.iter(kind):
            csc, _, name = _text(element, "EFDB_Topic").partition("_")
            if csc and name:
                fields = {
                    _text(item, "EFDB_Name"): FieldNote(
                        tidy_units(_text(item, "Units")), tidy_words(_text(item, "Description"))
                    )
                    for item in element.iter("item")
                }
                fields.pop("", None)
                description = tidy_words(_text(element, "Description"))
                yield f"{SAL_PREFIX}{csc}.{name}", TopicNote(description, fields)


def _text(element: ElementTree.Element, name: str) -> str:
    return (element.findtext(name) or "").strip()
