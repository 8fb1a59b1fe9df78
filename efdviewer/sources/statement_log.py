"""Tells observers what becomes of each statement."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from efdviewer.domain.errors import EfdViewerError, LinkError
from efdviewer.domain.query import Statement

STATEMENTS_AT_ONCE = 4
_REPORT_EVERY_S = 0.2


class RunningStatement:
    """One statement on its way; counts what it received."""

    def __init__(self, statement: Statement, observers: list[Callable[[Statement], None]]) -> None:
        self._statement = statement
        self._observers = observers
        self._begun_s = time.monotonic()
        self._told_s = 0.0

    def received(self, *, rows: int = 0, received_bytes: int = 0, share: float | None = None) -> None:
        """Count what came; observers hear of it about five times a second."""
        before = self._statement
        self._statement = replace(
            before,
            rows=before.rows + rows,
            received_bytes=before.received_bytes + received_bytes,
            share=before.share if share is None else share,
        )
        if time.monotonic() - self._told_s >= _REPORT_EVERY_S:
            self.tell()

    def tell(self, **changes: Any) -> None:
        """Tell the observers now."""
        self._told_s = time.monotonic()
        self._statement = replace(self._statement, elapsed_s=self._told_s - self._begun_s, **changes)
        for observer in list(self._observers):
            observer(self._statement)


class StatementLog:
    """Lets four statements run at once and tells `observers` of each."""

    def __init__(self, observers: list[Callable[[Statement], None]]) -> None:
        self._observers = observers
        self._slots = asyncio.Semaphore(STATEMENTS_AT_ONCE)
        self._number = 0

    @asynccontextmanager
    async def running(self, text: str) -> AsyncGenerator[RunningStatement, None]:
        """Wait for a free slot and hold it while the statement runs."""
        async with self._slots:
            self._number += 1
            statement = Statement(number=self._number, text=text, started_utc_ns=time.time_ns())
            running = RunningStatement(statement, self._observers)
            running.tell()
            try:
                yield running
            except (asyncio.CancelledError, GeneratorExit):
                running.tell(outcome="cancelled")
                raise
            except EfdViewerError as error:
                running.tell(outcome=str(error), lost_link=isinstance(error, LinkError))
                raise
            except Exception as error:
                running.tell(outcome=f"{type(error).__name__}: {error}")
                raise
            running.tell(outcome="done", share=1.0)
