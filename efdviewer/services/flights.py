"""Statements that are under way, and who waits for them."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from efdviewer.domain.tiles import Columns, Slot
from efdviewer.services.tile_strip import RowSeries

_LINGER_S = 0.25
"""A statement that nobody waits for any more is ended after this time: a view that moves asks anew sooner."""


class Flight:
    """One statement that fills tiles, and all who wait for it."""

    def __init__(self, series: RowSeries, slots: Sequence[Slot], columns: Columns) -> None:
        self.subset = series.subset
        self.slots = frozenset(slots)
        self._keys = {tiles.key for tiles in series.tiles.values()}
        self._columns = columns
        self._task: asyncio.Task[None] | None = None
        self._waiting: list[Callable[[], None]] = []

    def serves(self, series: RowSeries, slots: Sequence[Slot], columns: Columns) -> bool:
        """Tell whether it brings some of the tiles that are wanted, of all of the fields."""
        wanted = {tiles.key for tiles in series.tiles.values()}
        brings_some = columns == self._columns and wanted <= self._keys and not self.slots.isdisjoint(slots)
        return brings_some and not self._is_ending

    @property
    def task(self) -> asyncio.Task[None]:
        """What fills the tiles, once it was begun."""
        assert self._task is not None
        return self._task

    @property
    def _is_ending(self) -> bool:
        return self.task.cancelling() > 0

    def begin(self, work: Coroutine[Any, Any, None], ended: Callable[["Flight"], None]) -> None:
        """Start, and call `ended` when that has come to an end."""

        def end(task: asyncio.Task[None]) -> None:
            if not task.cancelled():
                # Taken here too: a failure that nobody waits for any more needs not be told.
                task.exception()
            ended(self)

        self._task = asyncio.ensure_future(work)
        self._task.add_done_callback(end)

    def wait(self, arrived: Callable[[], None]) -> asyncio.Future[None]:
        """Wait for the end from now on; `arrived` is called whenever tiles have come."""
        self._waiting.append(arrived)
        end = asyncio.shield(self.task)
        end.add_done_callback(lambda _end: self._leave(arrived))
        return end

    def _leave(self, arrived: Callable[[], None]) -> None:
        self._waiting.remove(arrived)
        if not self._waiting:
            # Who takes over has not begun yet.
            asyncio.get_running_loop().call_later(_LINGER_S, self.end_unless_wanted)

    def tell(self) -> None:
        """Call all who wait: tiles have come."""
        for arrived in list(self._waiting):
            arrived()

    def end(self) -> None:
        """Stop it, here and on the server."""
        self.task.cancel()

    def end_unless_wanted(self) -> None:
        """Stop it, unless somebody waits for it."""
        if not self._waiting:
            self.end()


async def together(*works: Coroutine[Any, Any, None] | asyncio.Future[None]) -> None:
    """Do works at the same time; the first failure ends the others and is raised as it is."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
