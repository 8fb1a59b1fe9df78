"""The way to a source: opened and checked before it takes the place of the one in use."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from PySide6.QtCore import QObject, Signal

from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.query import DataSource, Statement
from efdviewer.services.tasks import TaskRunner
from efdviewer.sources.credentials import save_password
from efdviewer.sources.opening import open_source

_OPENING = "source"


class Connection(QObject):
    """Keeps the source in use open, and that one until another has answered.

    Passwords that a person gave are kept for this run, each for its own address alone.
    """

    opening = Signal()
    opened = Signal(str, object)
    """Address and the `DataSource` that answered; what used the one before has to let go of it."""
    failed = Signal(str, object)
    """Address and the `EfdViewerError` that stood in the way; the source in use stays."""

    def __init__(
        self, runner: TaskRunner, observe: Callable[[Statement], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._runner = runner
        self._observe = observe
        self._resources = AsyncExitStack()
        self._passwords: dict[str, str] = {}

    def open(self, address: str, password: str | None = None, *, remember: bool = False) -> None:
        """Open a source, in place of an attempt that is still under way; keep the password if wanted."""
        if password:
            self._passwords[address] = password
        if password and remember:
            self._runner.submit("keyring", lambda: save_password(address, password), name="Save password")

        async def connect() -> None:
            async with AsyncExitStack() as resources:
                source: DataSource = await resources.enter_async_context(
                    open_source(address, password=self._passwords.get(address))
                )
                source.statement_observers.append(self._observe)
                # Once, before every panel asks: a source that does not answer is told of in one place.
                await source.check()
                self._let_go()
                self._resources = resources.pop_all()
            self.opened.emit(address, source)

        def fail(error: EfdViewerError) -> None:
            self.failed.emit(address, error)

        self.opening.emit()
        self._runner.submit(_OPENING, connect, name=f"Open {address}", on_error=fail)

    def drop(self) -> None:
        """Close the source in use, and give up opening another."""
        self._runner.cancel(_OPENING)
        self._let_go()

    async def close(self) -> None:
        """Close the source in use, once nothing asks it any more."""
        await self._resources.aclose()

    def _let_go(self) -> None:
        resources, self._resources = self._resources, AsyncExitStack()
        self._runner.submit(resources, resources.aclose, name="Close source")
