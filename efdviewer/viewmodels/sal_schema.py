"""The SAL schema that a person chose: read once, or asked for topic by topic; laid over the fields."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from efdviewer.domain.derived import DerivedTopic
from efdviewer.domain.errors import BadInputError, EfdViewerError, explain
from efdviewer.domain.sal_notes import TopicNote
from efdviewer.domain.topics import FieldSchema
from efdviewer.services.settings import load_settings, save_settings
from efdviewer.services.tasks import TaskRunner
from efdviewer.sources.sal_xml import installed_folder, note_of, read_folder
from efdviewer.sources.schema_registry import ask_registry
from efdviewer.sources.workers import run_in_own_thread

PACKAGE = "package"
"""In place of a folder or an address: the installed package."""
_READ = "SAL schema"


class SalSchema(QObject):
    """Units and descriptions of fields, wherever they come from; no view waits for them."""

    notesChanged = Signal(object)
    """A set of topics of which something became known; None for all."""
    statusChanged = Signal()

    def __init__(self, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._notes: dict[str, TopicNote] = {}
        self._asked: set[str] = set()
        self.chosen = load_settings().sal_schema
        """`package`, a folder, the address of a registry, or empty for the units that are built in."""
        self.status = ""
        """What came of it, in words."""

    def start(self) -> None:
        """Read what was chosen before."""
        self._read()

    def choose(self, text: str) -> None:
        """Take another schema, and remember it.

        Raises
        ------
        BadInputError
            If it is neither a folder nor an address.
        """
        words = text.strip()
        if words and words != PACKAGE and not _is_address(words) and not Path(words).is_dir():
            raise BadInputError(
                f"'{words}' is neither a folder nor an address.",
                hint="Example: https://host/schema-registry.",
            )
        if words == PACKAGE and installed_folder() is None:
            raise BadInputError("The package lsst.ts.xml is not installed for this Python.")
        self.chosen = words
        save_settings(replace(load_settings(), sal_schema=words))
        self._notes.clear()
        self._asked.clear()
        self.notesChanged.emit(None)
        self._read()

    def applied(self, topic: str, schemas: Sequence[FieldSchema]) -> list[FieldSchema]:
        """Give the fields of a topic with what is known of them."""
        note = note_of(self._notes, _base(topic))
        return list(schemas) if note is None else note.applied(schemas)

    def want(self, topic: str) -> None:
        """Ask a registry for a topic, once."""
        base = _base(topic)
        if _is_address(self.chosen) and base not in self._asked:
            self._ask(self.chosen, base)

    def describe(self, topic: str) -> str:
        """Say what a topic is, as far as that is known by now."""
        note = note_of(self._notes, topic)
        return "" if note is None else note.description

    def _read(self) -> None:
        chosen = self.chosen
        self._runner.cancel(_READ)
        if not chosen or _is_address(chosen):
            self._say("" if not chosen else "Asked for the topics that are looked at.")
            return

        async def read() -> None:
            folder = installed_folder() if chosen == PACKAGE else Path(chosen)
            if folder is None:
                raise BadInputError("The package lsst.ts.xml is not installed for this Python.")
            self._notes, damaged = await run_in_own_thread(read_folder, folder)
            fields = sum(len(note.fields) for note in self._notes.values())
            names = ", ".join(damaged[:3])
            beside = f" {len(damaged):,} damaged files were left out: {names}." if damaged else ""
            self._say(f"{fields:,} fields of {len(self._notes):,} topics.{beside}")
            self.notesChanged.emit(None)

        self._say("Reading …")
        self._runner.submit(_READ, read, name="Read SAL schema", on_error=self._fail)

    def _ask(self, address: str, topic: str) -> None:
        self._asked.add(topic)

        async def ask() -> None:
            found = await ask_registry(address, topic)
            if found is not None and address == self.chosen:
                self._notes[topic] = found
                self._say(f"{len(self._notes):,} topics so far.")
                self.notesChanged.emit({topic})

        def fail(error: EfdViewerError) -> None:
            # Asked again when somebody looks at it again.
            self._asked.discard(topic)
            self._fail(error)

        self._runner.submit((_READ, topic), ask, name=f"SAL schema of {topic}", on_error=fail)

    def _fail(self, error: EfdViewerError) -> None:
        self._say(explain(error))

    def _say(self, words: str) -> None:
        self.status = words
        self.statusChanged.emit()


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _base(topic: str) -> str:
    derived = DerivedTopic.parse(topic)
    return topic if derived is None else derived.base
