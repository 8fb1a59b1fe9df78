"""Keeps Python's cyclic garbage collector in the thread of the user interface."""

import gc

from PySide6.QtCore import QObject, QTimer

_PERIOD_MS = 1000


class GuiThreadCollector(QObject):
    """Collects cycles from a timer, in place of whichever thread happens to allocate.

    Widgets lie in cycles with what they call. Collected in a worker thread, they are destroyed there, which
    ends the process with a segmentation fault; collected between two frames, they also hold up neither.
    From the first window on, the interpreter's own collecting stays off: a closed window may be garbage yet.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(_PERIOD_MS)
        # Modules and classes stay for good; without them a full collection is a matter of milliseconds.
        gc.freeze()

    def _collect(self) -> None:
        for generation, (count, threshold) in reversed(
            list(enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)))
        ):
            if count > threshold:
                gc.collect(generation)
                return
