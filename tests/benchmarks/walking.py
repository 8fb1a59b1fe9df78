"""Where a restless person goes; a module of its own, for processes whose memory counts."""

from collections.abc import Sequence

import numpy as np

from efdviewer.domain.levels import FINEST_NS, bucket_for
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


def new_share(whole: TimeRange, ranges: Sequence[TimeRange], columns: int) -> float:
    """Give the share of the buckets shown on a walk over a whole that nobody who kept all could know, 0 to 1.

    A bucket is known if it was shown before, in the whole or on the way, or both of its halves are known.
    """
    known: set[tuple[int, int]] = set()

    def is_known(bucket_ns: int, number: int) -> bool:
        if (bucket_ns, number) in known:
            return True
        half_ns = bucket_ns // 2
        # Of halves that were never shown there is nothing to look for.
        return half_ns in levels and is_known(half_ns, 2 * number) and is_known(half_ns, 2 * number + 1)

    levels: set[int] = set()
    shown: list[int] = []
    new: list[int] = []
    for each in (whole, *ranges):
        bucket_ns = bucket_for(each.span_ns, columns) or FINEST_NS
        numbers = range(each.start_utc_ns // bucket_ns, -(-each.end_utc_ns // bucket_ns))
        missing = [(bucket_ns, number) for number in numbers if not is_known(bucket_ns, number)]
        shown.append(len(numbers))
        new.append(len(missing))
        known.update(missing)
        levels.add(bucket_ns)
    return sum(new[1:]) / sum(shown[1:])
