"""Lets Python hear of signals while Qt waits for events."""

import contextlib
import signal
import socket
from collections.abc import Iterator

from PySide6.QtCore import QSocketNotifier


@contextlib.contextmanager
def prompt_signals() -> Iterator[None]:
    """Wake the interpreter at each signal: Qt waits in C++, where Ctrl+C would go unheard until an event."""
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
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        notifier.setEnabled(False)
        receiver.close()
        sender.close()
