"""Takes times, and the longest gaps of the GUI thread."""

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QTimer

T = TypeVar("T")


@dataclass
class Runs:
    """Times of one kind of work, s; of each the longest time between two ticks, and the GUI thread's share, ms."""

    seconds: list[float] = field(default_factory=list)
    gaps_ms: list[float] = field(default_factory=list)
    worked_ms: list[float] = field(default_factory=list)

    @property
    def best_s(self) -> float:
        # What the others took longer, something else on the machine took.
        return min(self.seconds)

    @property
    def gap_ms(self) -> float:
        # A machine that others use too stops all for a while now and then.
        return statistics.median(self.gaps_ms)

    async def time(self, work: Callable[[], Awaitable[T]], ticker: "Ticker | None" = None) -> T:
        """Do the work once more."""
        if ticker is not None:
            ticker.start()
        begun_s = time.perf_counter()
        result = await work()
        self.seconds.append(time.perf_counter() - begun_s)
        if ticker is not None:
            self.gaps_ms.append(ticker.stop_ms())
            self.worked_ms.append(ticker.worked_ms)
        return result


class Ticker(QObject):
    """Measures the longest time between ticks of a 5 ms timer in the GUI thread.

    `worked_ms` is the longest time that the thread itself was at work between two ticks: the rest of a gap it
    waited, for the interpreter's lock or for a processor that others had.
    """

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._last_s = self._last_worked_s = 0.0
        self._longest_s = 0.0
        self.worked_ms = 0.0

    def start(self) -> None:
        self._longest_s = self.worked_ms = 0.0
        self._last_s, self._last_worked_s = time.perf_counter(), time.thread_time()
        self._timer.start(5)

    def stop_ms(self) -> float:
        self._timer.stop()
        self._tick()
        return self._longest_s * 1e3

    def _tick(self) -> None:
        now_s, worked_s = time.perf_counter(), time.thread_time()
        self._longest_s = max(self._longest_s, now_s - self._last_s)
        self.worked_ms = max(self.worked_ms, 1e3 * (worked_s - self._last_worked_s))
        self._last_s, self._last_worked_s = now_s, worked_s
