"""The figures that are listed of each curve: what they are called, and where they are taken from."""

from collections.abc import Callable
from typing import NamedTuple

from efdviewer.domain.sampling import Sampling
from efdviewer.domain.statistics import HeldValue, SpanStatistics

Value = int | float | bool | str | None


class StatisticsColumn(NamedTuple):
    """A figure; `is_streamed` tells that it needs a look at every sample."""

    title: str
    tip: str
    value: Callable[[SpanStatistics], Value]
    is_streamed: bool = False


def _total(name: str) -> Callable[[SpanStatistics], Value]:
    return lambda figures: getattr(figures.totals, name) if figures.totals is not None else None


def _sampled(value: Callable[[Sampling], Value]) -> Callable[[SpanStatistics], Value]:
    return lambda figures: None if figures.sampling is None else value(figures.sampling)


def _value_of(held: HeldValue | None) -> Value:
    return None if held is None else held.value


def _longest_s(sampling: Sampling) -> Value:
    return None if sampling.longest_gap_ns is None else sampling.longest_gap_ns / 1e9


AT_A, AT_B = "At A", "At B"
LONGEST_GAP = "Longest gap, s"
OF_VIEW = (
    StatisticsColumn("Count", "Samples of the span, its first moment included", _total("count")),
    StatisticsColumn("Mean", "Mean of the samples", _total("mean")),
    StatisticsColumn("Minimum", "Least of the samples", _total("low")),
    StatisticsColumn("Maximum", "Largest of the samples", _total("high")),
    StatisticsColumn(
        "Std. dev.", "Standard deviation of the samples, by n \u2212 1", lambda each: each.deviation, True
    ),
    StatisticsColumn("RMS", "Root of the mean of their squares", lambda each: each.rms, True),
    StatisticsColumn(
        "Rate, Hz", "Samples a second, outside of gaps", _sampled(lambda each: each.rate_hz), True
    ),
    StatisticsColumn(
        "Gaps",
        "Spacings of samples of more than ten times the usual one, where curves are broken",
        _sampled(lambda each: each.gaps),
        True,
    ),
    StatisticsColumn(
        LONGEST_GAP, "From the sample before the longest gap to the one after it", _sampled(_longest_s), True
    ),
)
OF_CURSORS = (
    StatisticsColumn(AT_A, "The last sample at or before cursor A", lambda each: _value_of(each.at_a)),
    StatisticsColumn(AT_B, "The last sample at or before cursor B", lambda each: _value_of(each.at_b)),
    StatisticsColumn("B \u2212 A", "Value at B less value at A", lambda each: each.difference),
    StatisticsColumn("Per second", "The difference over the time from A to B", lambda each: each.slope_per_s),
    *OF_VIEW,
)
