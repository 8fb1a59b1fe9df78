"""The last sample before a view, as far as it is known."""

from collections.abc import Sequence

import numpy as np

from efdviewer.domain.cover import buckets_over
from efdviewer.domain.tiles import SAMPLES, Slot, Tile, slots_over
from efdviewer.domain.timerange import TimeRange
from efdviewer.services.held_values import HeldValues, Sample
from efdviewer.services.tiles import SeriesTiles


def last_before(
    utc_ns: int, tiles: SeriesTiles, slots: Sequence[Slot], held: HeldValues
) -> tuple[bool, Sample | None]:
    """Tell whether the last sample before a moment is known, and give it; None where there is none.

    Where it was known of an earlier moment, and nothing came between the two, it is the same.
    """
    for slot in reversed(slots):
        if slot.start_utc_ns > utc_ns:
            continue
        samples = tiles.samples(slot)
        if samples is None or tiles.answered_until(SAMPLES, samples.slot) < min(utc_ns, slot.end_utc_ns):
            break
        if (last := _last_in(samples, utc_ns)) is not None:
            return True, last
    is_known, sample = held.find(tiles.key, utc_ns)
    if not is_known and (carried := held.carried(tiles.key, utc_ns)):
        since_utc_ns, sample = carried
        between = TimeRange(start_utc_ns=since_utc_ns, end_utc_ns=utc_ns)
        # To look through more than a view takes costs more than to ask.
        is_near = between.span_ns <= slots[-1].end_utc_ns - slots[0].start_utc_ns
        is_known = is_near and _is_silent(tiles, between, slots[0].bucket_ns)
    return (True, sample) if is_known else (False, None)


def _is_silent(tiles: SeriesTiles, time_range: TimeRange, bucket_ns: int) -> bool:
    """Tell whether it is known that there is no sample in a range."""
    buckets = buckets_over(tiles, slots_over(time_range, bucket_ns), prefers_samples=False)
    if any(each.overlap(time_range) for each in buckets.unknown):
        return False
    ends = buckets.starts_utc_ns + np.maximum(buckets.widths_ns, 1)
    within = (buckets.starts_utc_ns < time_range.end_utc_ns) & (ends > time_range.start_utc_ns)
    return not within.any()


def _last_in(samples: Tile, utc_ns: int) -> Sample | None:
    place = int(np.searchsorted(samples.times_utc_ns, utc_ns))
    values = samples.columns["value"][:place]
    finite = np.flatnonzero(np.isfinite(values)) if values.dtype.kind == "f" else np.arange(place)
    if not len(finite):
        return None
    last = int(finite[-1])
    return Sample(int(samples.times_utc_ns[last]), float(values[last]))
