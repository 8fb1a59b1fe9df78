"""What the two stamps of one pair come to: its name, its delays, and what seems wrong with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.bins import BinSpec, Histogram, weighted_edges
from efdviewer.domain.delay_counts import DelayCounts, Weighted
from efdviewer.domain.delay_timeline import DelaysOverTime, DelayTimeline
from efdviewer.domain.events import short_stamp, stamp_scale
from efdviewer.domain.latency import DelaySummary, StampPair, differences_s, summarise, suspect_scale
from efdviewer.domain.odd_delays import OddDelays
from efdviewer.domain.session import LatencyPair
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import TopicName
from efdviewer.viewmodels.row_names import row_names

_SHARES = np.concatenate([np.linspace(0, 1, 401), [0.999, 0.9999, 0.001, 0.0001]])
_SHARES.sort()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairDelays:
    """Delays of one pair.

    `counts` : all of them; `shares`, `shares_s` : (k,) shares, 0 to 1, and the delays, s, that they do not
    exceed; `figures` : their count and quantiles; `timeline` : how they went over time;
    `odd` : how many are odd; `suspicion` : what to tell when one of the stamps seems to be read in the wrong
    scale.
    """

    counts: DelayCounts
    shares: NDArray[np.float64]
    shares_s: NDArray[np.float64]
    figures: DelaySummary
    timeline: DelaysOverTime
    odd: OddDelays
    suspicion: str | None

    def sentences(self, pair: LatencyPair) -> tuple[str, ...]:
        """Say what is odd about some of the messages."""
        later, earlier = short_stamp(pair.minuend), short_stamp(pair.subtrahend)
        return tuple(self.odd.sentences(later, earlier, self.figures.median_s))

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


class DelayWork:
    """Subtracts the stamps of a pair as their rows stream by; what was worked out of them is all that stays.

    `edges_s` are bins whose counts shall be exact however many rows come.
    """

    def __init__(
        self,
        pair: LatencyPair,
        scales: Mapping[str, Timescale],
        time_range: TimeRange,
        edges_s: NDArray[np.float64] | None,
    ) -> None:
        self._pair = pair
        self._scales = scales
        self._range = time_range
        self._counts = DelayCounts(edges_s)
        self._timeline = DelayTimeline(time_range)
        self._odd = OddDelays()

    def add(self, table: pa.Table) -> None:
        """Take rows, `time` and both stamps, that follow those before."""
        found = differences_s(table, _stamps(self._pair), scales=self._scales, raw=self._pair.raw)
        self._counts.add(found.values_s)
        self._timeline.add(found.index_utc_ns, found.values_s)
        self._odd = found.odd.plus(self._odd)

    def finish(self) -> PairDelays:
        """Give what came of all rows, judged by the leap seconds of the range."""
        figures = summarise(self._counts, self._odd.absent)
        shares = _SHARES if self._counts.count else np.empty(0)
        return PairDelays(
            counts=self._counts,
            shares=shares,
            shares_s=np.array(self._counts.quantiles(shares.tolist()) if len(shares) else []),
            figures=figures,
            timeline=self._timeline.figures(),
            odd=self._odd,
            suspicion=suspect_scale(figures.median_s, self._range.start_utc_ns),
        )


def binned(found: Sequence[DelayCounts], bins: BinSpec, log: bool) -> list[Histogram]:
    """Count each in bins that suit all of them together."""
    if not found:
        return []
    edges = weighted_edges(Weighted.joined([counts.weighted() for counts in found]), bins, log=log)
    if not bins.edges_s:
        for counts in found:
            edges = counts.suited(edges)
    return [
        Histogram(edges_s=edges, counts=part, below=below, above=above)
        for part, below, above in (counts.histogram(edges) for counts in found)
    ]


def _stamps(pair: LatencyPair) -> StampPair:
    return StampPair(topic=pair.topic, minuend=pair.minuend, subtrahend=pair.subtrahend)
