"""What a panel loads for each of its things: what came, what failed, what is under way."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable
from typing import Generic, TypeVar

from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.services.tasks import TaskRunner

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class PanelLoads(Generic[K, V]):
    """Keeps one load for each key; a later one takes the place of the one under way."""

    def __init__(self, kind: str, runner: TaskRunner, changed: Callable[[], None]) -> None:
        self._kind = kind
        self._runner = runner
        self._changed = changed
        self._under_way: set[K] = set()
        self.loaded: dict[K, V] = {}
        self.failures: dict[K, EfdViewerError] = {}

    def submit(
        self, key: K, load: Callable[[], Awaitable[V]], *, name: str, settle_s: float, keeps: bool = True
    ) -> None:
        """Load, after a rest that lets ranges that change quickly pass by.

        What was there before stays until then, and where the load fails if it `keeps`.
        """

        async def work() -> None:
            await asyncio.sleep(settle_s)
            self.loaded[key] = await load()
            self.failures.pop(key, None)
            self._end(key)

        def fail(error: EfdViewerError) -> None:
            self.failures[key] = error
            if not keeps:
                self.loaded.pop(key, None)
            self._end(key)

        self._under_way.add(key)
        self._runner.submit((self._kind, key), work, name=name, on_error=fail)

    def cancel(self, key: K) -> None:
        """End the load of a key; what is there stays."""
        self._under_way.discard(key)
        self._runner.cancel((self._kind, key))

    def keep(self, keys: Collection[K]) -> None:
        """Forget all other keys."""
        for gone in {*self.loaded, *self.failures, *self._under_way} - set(keys):
            self.cancel(gone)
            self.loaded.pop(gone, None)
            self.failures.pop(gone, None)

    def status(self, key: K, *, is_known: bool, has_source: bool) -> str:
        """Say what stands in the way of a key; empty where all that is wanted is known."""
        if key in self._under_way and self._runner.is_running((self._kind, key)):
            return "Loading …"
        if key in self.failures:
            return explain(self.failures[key])
        if is_known:
            return ""
        return "Cancelled; F5 loads it." if has_source else "No source is open."

    def _end(self, key: K) -> None:
        self._under_way.discard(key)
        self._changed()
