"""The current `Session` and its history; saved and opened as a file."""

import os
import tempfile
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from pathlib import Path

from efdviewer.domain.errors import EfdViewerError, SessionFormatError
from efdviewer.domain.session import Layout, Session
from efdviewer.domain.session_format import session_from_json, session_to_json

HISTORY_LIMIT = 500
SESSION_SUFFIX = ".efdview"

Observer = Callable[[Session, Session], None]


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    session: Session
    gesture: Hashable | None


class Document:
    """The session that a window shows, with undo and redo.

    `observers` are called with (old, new) after every change, undo and redo included.
    """

    def __init__(self, session: Session) -> None:
        self._steps = [_Step("", session, None)]
        self._position = 0
        self.observers: list[Observer] = []
        self.path: Path | None = None
        self._saved = session

    @property
    def is_modified(self) -> bool:
        """Whether a session that has a file differs from what the file holds."""
        return self.path is not None and self.session != self._saved

    @property
    def session(self) -> Session:
        """What is shown now."""
        return self._steps[self._position].session

    @property
    def undo_name(self) -> str | None:
        """Name of the act that undo takes back; None where there is none."""
        return self._steps[self._position].name if self._position > 0 else None

    @property
    def redo_name(self) -> str | None:
        """Name of the act that redo repeats; None where there is none."""
        return self._steps[self._position + 1].name if self._position + 1 < len(self._steps) else None

    def apply(self, name: str, session: Session, *, gesture: Hashable | None = None) -> None:
        """Make a session the current one, as an act with a name.

        Acts of one `gesture` that follow each other (the ticks of a wheel) are one step of the history.
        """
        old = self.session
        if session == old:
            return
        current = self._steps[self._position]
        del self._steps[self._position + 1 :]
        if gesture is not None and current.gesture == gesture:
            self._steps[self._position] = _Step(name, session, gesture)
        else:
            self._steps.append(_Step(name, session, gesture))
            del self._steps[: max(0, len(self._steps) - HISTORY_LIMIT)]
        self._position = len(self._steps) - 1
        self._tell(old)

    def amend(self, session: Session) -> None:
        """Let the last act have led to this session: what it brought about is taken back with it."""
        old = self.session
        if session != old:
            self._steps[self._position] = replace(self._steps[self._position], session=session)
            self._tell(old)

    def undo(self) -> None:
        """Go back one act."""
        self._go(self._position - 1)

    def redo(self) -> None:
        """Go forward one act."""
        self._go(self._position + 1)

    def replace_all(self, session: Session, *, path: Path | None) -> None:
        """Begin anew with a session, without a history."""
        old = self.session
        self._steps = [_Step("", session, None)]
        self._position = 0
        self.path, self._saved = path, session
        self._tell(old)

    def note_saved(self, path: Path) -> None:
        """Take note that a file holds the session as it is now."""
        self.path, self._saved = path, self.session

    def _go(self, position: int) -> None:
        if 0 <= position < len(self._steps):
            old = self.session
            self._position = position
            self._tell(old)

    def _tell(self, old: Session) -> None:
        for observer in list(self.observers):
            observer(old, self.session)


def save_session(session: Session, path: Path, *, layout: Layout) -> None:
    """Write a session to a file, whole or not at all; an archive beneath its folder is kept relative.

    Raises
    ------
    EfdViewerError
        If the file cannot be written; what was there before stays.
    """
    folder = path.absolute().parent
    text = session_to_json(replace(session, source=_relative(session.source, folder), layout=layout))
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise EfdViewerError(
            f"The session could not be saved to {path}: {error.strerror}.", hint="Choose another folder."
        ) from error


def load_session(path: Path) -> Session:
    """Read a session file; an archive's relative address becomes absolute.

    Raises
    ------
    SessionFormatError
        If the file cannot be read, is damaged, foreign or newer.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise SessionFormatError(f"The session {path} cannot be read: {error.strerror}.") from error
    try:
        session = session_from_json(text)
    except SessionFormatError as error:
        raise SessionFormatError(f"{path.name}: {error}", hint=error.hint) from error
    beside = path.absolute().parent / session.source
    if session.source and not Path(session.source).is_absolute() and (beside / "manifest.json").is_file():
        session = replace(session, source=str(beside))
    return session


def _relative(source: str, folder: Path) -> str:
    address = Path(source)
    if address.is_absolute() and address.is_relative_to(folder):
        return str(address.relative_to(folder))
    return source
