"""A database to which messages are written while a window looks at it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import SignalInstance

from tests.influxd import Influxd
from tests.nights import address_of

SECOND_NS = 1_000_000_000
TELEMETRY, EVENT = "lsst.sal.CSC.telemetry", "lsst.sal.CSC.logevent_x"
FIELD = f"{TELEMETRY}:value"
VIEW = ["--plot", FIELD, "--overlay", f"{EVENT}@time", "--latency", EVENT]
_LEAP_S = 37


@dataclass(frozen=True)
class Growing:
    server: Influxd
    database: str

    @property
    def address(self) -> str:
        return address_of(self.server, self.database)

    def create(self, seconds: int) -> None:
        """Begin with a message and an event a second, up to this moment."""
        self.server.create_database(self.database)
        now_ns = time.time_ns()
        moments = [now_ns - second * SECOND_NS for second in range(seconds)]
        self.server.write(self.database, "\n".join(line for at in moments for line in self._lines(at, 0.0)))

    def write(self, utc_ns: int, value: float) -> None:
        """Write one message and one event."""
        self.server.write(self.database, "\n".join(self._lines(utc_ns, value)))

    @staticmethod
    def _lines(utc_ns: int, value: float) -> tuple[str, str]:
        sent_s = utc_ns / 1e9 + _LEAP_S
        stamps = f"private_sndStamp={sent_s:.6f},private_rcvStamp={sent_s + 0.25:.6f},private_seqNum=1i"
        return f"{TELEMETRY} value={value} {utc_ns}", f"{EVENT} {stamps} {utc_ns}"


async def until(signal: SignalInstance, holds: Callable[[], bool], *, within_s: float) -> None:
    """Wait for a signal after which something holds; TimeoutError if that takes too long."""
    changed = asyncio.Event()

    def note(*_: object) -> None:
        changed.set()

    signal.connect(note)
    try:
        async with asyncio.timeout(within_s):
            while not holds():
                changed.clear()
                await changed.wait()
    finally:
        signal.disconnect(note)
