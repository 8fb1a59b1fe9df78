"""How far the stamps of a topic's messages lie from their `time`."""

import numpy as np

from efdviewer.domain.events import EventSet
from efdviewer.domain.levels import FINEST_NS
from efdviewer.domain.timerange import TimeRange

_NEAR_NS = 86_400 * 10**9
"""An offset holds so far from where it was measured: writers change their clocks seldom."""
_APART_NS = 600 * 10**9
"""Within this the same offset is kept once."""
_MOST = 500


class StampOffsets:
    """Offsets of one stamp, where they were measured; of very many, those that were measured last."""

    def __init__(self) -> None:
        self._measured: dict[tuple[int, int], tuple[int, int]] = {}

    def note(self, events: EventSet) -> None:
        """Take the median of some events, placed at their stamps."""
        if not len(events.times_utc_ns):
            return
        offset_ns = int(np.median(events.times_utc_ns - events.index_utc_ns))
        at_ns = int(events.index_utc_ns[len(events.index_utc_ns) // 2])
        # No bucket is narrow enough to tell offsets apart that differ by less than the finest one.
        place = at_ns // _APART_NS, offset_ns // FINEST_NS
        self._measured.pop(place, None)
        self._measured[place] = at_ns, offset_ns
        if len(self._measured) > _MOST:
            del self._measured[next(iter(self._measured))]

    def find(self, time_range: TimeRange) -> int | None:
        """Give the offset, ns, that was measured nearest to the middle of a range; None if none is near."""
        middle_ns = (time_range.start_utc_ns + time_range.end_utc_ns) // 2
        reach_ns = max(_NEAR_NS, time_range.span_ns)
        near = [(abs(at_ns - middle_ns), offset_ns) for at_ns, offset_ns in self._measured.values()]
        distance_ns, offset_ns = min(near, default=(reach_ns + 1, 0))
        return offset_ns if distance_ns <= reach_ns else None
