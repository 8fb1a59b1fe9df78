"""Where a restless person goes; a module of its own, for processes whose memory counts."""

import numpy as np

from efdviewer.domain.timerange import TimeRange

_SHORTEST_NS = 600 * 10**9


def walk(whole: TimeRange, moves: int) -> list[TimeRange]:
    """Pan by up to half of the view, or zoom by up to four about a place in it, from the whole range on."""
    rng = np.random.default_rng(11)
    start, span = whole.start_utc_ns, whole.span_ns
    ranges = []
    for _ in range(moves):
        if rng.random() < 0.5:
            start += int(span * rng.uniform(-0.5, 0.5))
        else:
            about, factor = rng.random(), 4.0 ** rng.uniform(-1, 1)
            wider = int(np.clip(span * factor, _SHORTEST_NS, whole.span_ns))
            start, span = start + int(about * (span - wider)), wider
        start = int(np.clip(start, whole.start_utc_ns, whole.end_utc_ns - span))
        ranges.append(TimeRange(start_utc_ns=start, end_utc_ns=start + span))
    return ranges
