"""Whether the source in use answers, told from what becomes of its statements."""

import math
import time

from PySide6.QtCore import QObject, QTimer, Signal

from efdviewer.domain.query import DataSource, Statement

_TICK_MS = 1000


class Link(QObject):
    """Knows since when the source has answered nothing of what it was asked.

    It is silent from the first failure of the way to it, or where people are not patient from a while after
    it was asked, until anything comes of it.
    """

    answered = Signal()
    silenceChanged = Signal()
    """It fell silent, is so for another second, or answers again."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source: DataSource | None = None
        self._patience_s = math.inf
        self._running: set[int] = set()
        self._asked_utc_ns: int | None = None
        """When the first was asked of what nothing has been answered since."""
        self._is_lost = False
        self._told_utc_ns: int | None = None
        self._ticking = QTimer(self, interval=_TICK_MS)
        self._ticking.timeout.connect(self._tick)

    @property
    def silent_since_utc_ns(self) -> int | None:
        """Since when it is silent, ns UTC; None while it is not."""
        is_long = bool(self._running) and self._waited_s() >= self._patience_s
        return self._asked_utc_ns if self._is_lost or is_long else None

    @property
    def silence_s(self) -> float | None:
        """For how long it is silent, s; None while it is not."""
        return None if self.silent_since_utc_ns is None else self._waited_s()

    def set_source(self, source: DataSource | None) -> None:
        """Listen to another source."""
        if self._source is not None:
            self._source.statement_observers.remove(self.observe)
        self._source = source
        if source is not None:
            source.statement_observers.append(self.observe)
        self._running.clear()
        self._asked_utc_ns, self._is_lost = None, False
        self._tell()

    def set_patience(self, patience_s: float) -> None:
        """Say how long an answer may take, s, before people should know of it."""
        self._patience_s = patience_s
        self._tell()

    def observe(self, statement: Statement) -> None:
        """Take a statement of the source that began, went on or ended."""
        was_silent = self.silent_since_utc_ns is not None
        is_running = statement.outcome == "running"
        (self._running.add if is_running else self._running.discard)(statement.number)
        if statement.lost_link:
            self._is_lost = True
            self._asked_utc_ns = self._asked_utc_ns or time.time_ns()
        elif statement.outcome == "cancelled":
            # That people gave up waiting makes nothing better.
            self._is_lost = was_silent
        elif is_running and not (statement.rows or statement.received_bytes):
            self._asked_utc_ns = self._asked_utc_ns or statement.started_utc_ns
        else:
            self._is_lost = False
            self._asked_utc_ns = time.time_ns()
            self.answered.emit()
        if not (self._running or self._is_lost):
            self._asked_utc_ns = None
        self._tell()

    def _waited_s(self) -> float:
        return 0.0 if self._asked_utc_ns is None else (time.time_ns() - self._asked_utc_ns) / 1e9

    def _tell(self) -> None:
        since_utc_ns = self.silent_since_utc_ns
        if self._asked_utc_ns is None:
            self._ticking.stop()
        elif not self._ticking.isActive():
            self._ticking.start()
        if since_utc_ns != self._told_utc_ns:
            self._told_utc_ns = since_utc_ns
            self.silenceChanged.emit()

    def _tick(self) -> None:
        self._told_utc_ns = self.silent_since_utc_ns
        self.silenceChanged.emit()
