"""Lets Python hear of signals while Qt waits for events."""

import contextlib
import signal
import socket
from collections.abc import Iterator
from types import FrameType

from PySide6.QtCore import QSocketNotifier


@contextlib.contextmanager
def prompt_signals() -> Iterator[None]:
    """Wake the interpreter at each signal: Qt waits in C++, where Ctrl+C would go unheard until an event.

    SIGTERM is taken as Ctrl+C is, so that queries end on the server when a desktop session ends; also in a
    program that a shell started in the background, where Ctrl+C is ignored at first.
    """
    receiver, sender = socket.socketpair()
    receiver.setblocking(False)
    sender.setblocking(False)

    def drain() -> None:
        # Being called is all that is needed: the signal's handler runs before the next bytecode.
        with contextlib.suppress(BlockingIOError):
            receiver.recv(64)

    notifier = QSocketNotifier(receiver.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(drain)
    before = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    default = signal.signal(signal.SIGTERM, _interrupt)
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, default)
        signal.set_wakeup_fd(before)
        notifier.setEnabled(False)
        receiver.close()
        sender.close()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)
