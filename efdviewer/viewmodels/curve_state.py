"""What is known of one curve in a plot row, ready to be drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.events import EventDensity
from efdviewer.domain.level_view import LevelView
from efdviewer.domain.session import Overlay
from efdviewer.domain.topics import FieldRef


class CurveStatus(Enum):
    """What the plot says of a curve."""

    LOADING = "loading"
    READY = "ready"
    NO_DATA = "no data"
    UNKNOWN = "unknown"
    TEXT = "text, not drawn"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurveState:
    """A curve as a row draws it.

    `message` is what the plot says in words where `status` is not READY. While LOADING, or when CANCELLED
    or FAILED, `view` may hold the picture of before. `detail` tells what the points are: `samples`, `min
    and max of 2 s`. `is_late` tells that the source owes what came since the picture. `held` is the last
    sample before the range, (int64 ns UTC, value), of a curve drawn in steps. `lag_ns` is how far a view may
    run ahead of the answers, ns, before that is worth a word: while it follows the clock.
    """

    field: FieldRef
    title: str
    units: str
    color: str
    side: str
    visible: bool
    status: CurveStatus
    message: str = ""
    description: str = ""
    detail: str = ""
    is_late: bool = False
    lag_ns: int = 0
    view: LevelView | None = None
    held: tuple[int, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OverlayState:
    """An event overlay as a row draws it; `key` is `TOPIC@STAMP`.

    `times_utc_ns` : (n,) int64, sorted, ns UTC; empty where `density` is drawn in their place.
    `texts` : what is written at the line of a time, ns UTC, as far as it is known.
    """

    key: str
    title: str
    color: str
    alpha: float
    visible: bool
    times_utc_ns: NDArray[np.int64]
    density: EventDensity | None = None
    texts: Mapping[int, str] = field(default_factory=dict)

    @property
    def has_events(self) -> bool:
        """Whether there is anything to be drawn."""
        return self.density is not None or len(self.times_utc_ns) > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayRow:
    """One overlay as the list shows it."""

    overlay: Overlay
    title: str
    name: str
    """The title, shortened where it stays unmistakable."""
    color: str
    stamps: tuple[str, ...]
    count: int
    is_exact: bool
    """Whether `count` is: where events are shaded, buckets that the view cuts count by their share."""
    is_complete: bool
    """Whether all of the view is known; where not, it holds `count` events at least."""
    absent: int
    status: str
