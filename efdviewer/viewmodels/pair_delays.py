"""What the two stamps of one pair come to: its name, its delays, and what seems wrong with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.events import stamp_scale
from efdviewer.domain.latency import (
    BinSpec,
    DelaySummary,
    Histogram,
    StampPair,
    bin_edges,
    differences_s,
    summarise,
    suspect_scale,
)
from efdviewer.domain.session import LatencyPair
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import TopicName
from efdviewer.viewmodels.row_names import row_names


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairDelays:
    """Delays of one pair.

    `values_s` : (n,) float64 seconds, ascending; `figures` : their count and quantiles; `suspicion` : what to
    tell when one of the stamps seems to be read in the wrong scale.
    """

    values_s: NDArray[np.float64]
    figures: DelaySummary
    suspicion: str | None

    def repair(self, pair: LatencyPair, by_hand: Mapping[str, str]) -> tuple[str, str] | None:
        """Name the stamp to read otherwise: the smaller one as UTC, or else the larger one as TAI."""
        late = (self.figures.median_s or 0.0) > 0
        smaller, larger = (pair.subtrahend, pair.minuend) if late else (pair.minuend, pair.subtrahend)
        for stamp, now, then in ((smaller, "tai", "utc"), (larger, "utc", "tai")):
            named = stamp_scale(stamp)
            if by_hand.get(stamp, named.value if named else None) == now and stamp != "time":
                return stamp, then
        return None


def pair_title(pair: LatencyPair) -> str:
    """Give topic and stamps of a pair in full."""
    return f"{TopicName.parse(pair.topic).title}: {_stamps(pair).title}"


def pair_names(pairs: Sequence[LatencyPair]) -> list[str]:
    """Shorten the titles of pairs where they stay unmistakable."""
    topics = [pair.topic for pair in pairs]
    named = dict(zip(dict.fromkeys(topics), row_names(list(dict.fromkeys(topics))), strict=True))
    return [named[pair.topic] if topics.count(pair.topic) == 1 else pair_title(pair) for pair in pairs]


def work_out(
    table: pa.Table, pair: LatencyPair, scales: Mapping[str, Timescale], at_utc_ns: int
) -> PairDelays:
    """Subtract the stamps of a table, and judge what comes of it by the leap seconds of a time."""
    delays = differences_s(table, _stamps(pair), scales=scales, raw=pair.raw)
    return PairDelays(
        values_s=delays.values_s,
        figures=summarise(delays),
        suspicion=suspect_scale(delays.values_s, at_utc_ns),
    )


def binned(values: Sequence[NDArray[np.float64]], bins: BinSpec, log: bool) -> list[Histogram]:
    """Count each array, (n,) float64 seconds, in bins that suit all of them together."""
    if not values:
        return []
    edges = bin_edges(np.concatenate(values), bins, log=log)
    histograms = [Histogram(edges) for _ in values]
    for histogram, delays in zip(histograms, values, strict=True):
        histogram.add(delays)
    return histograms


def _stamps(pair: LatencyPair) -> StampPair:
    return StampPair(topic=pair.topic, minuend=pair.minuend, subtrahend=pair.subtrahend)
