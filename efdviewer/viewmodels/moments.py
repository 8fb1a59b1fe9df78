"""Moments that another view has picked out, marked in the plots."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

_NONE: NDArray[np.int64] = np.empty(0, np.int64)


class PickedMoments(QObject):
    """What the plots mark for whoever picked it last; it is no part of the session."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._owner: object = None
        self.times_utc_ns = _NONE
        """(n,) int64 ns UTC, ascending."""

    def pick(self, owner: object, times_utc_ns: NDArray[np.int64]) -> None:
        """Mark moments, (n,) int64 ns UTC ascending, in place of those before."""
        self._owner = owner
        if not np.array_equal(times_utc_ns, self.times_utc_ns):
            self.times_utc_ns = times_utc_ns
            self.changed.emit()

    def of(self, owner: object) -> NDArray[np.int64]:
        """Give what this one has picked, (n,) int64 ns UTC ascending; empty if another did so last."""
        return self.times_utc_ns if owner is self._owner else _NONE

    def drop(self, owner: object) -> None:
        """Mark nothing more, if it was this one who picked last."""
        if owner is self._owner:
            self.pick(None, _NONE)
