"""Telemetry laid over itself, once for each event: windows, and what is usual in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.errors import BadInputError
from efdviewer.domain.leap_seconds import DAY_NS
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import day_obs_of, day_obs_start_utc_ns

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_MOST_BINS = 320
LEAST_IN_BIN = 5
"""Fewer samples than this in a bin would make a median of chance."""
_MOST_NIGHTS = 60
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EpochSet:
    """Samples in a window around each of some moments.

    `events_utc_ns` : (m,) int64 ns UTC, ascending; `times_utc_ns` : (n,) int64 ns UTC, ascending; `values` :
    (n,) float64; `firsts`, `lasts` : (m,) int64, the samples from and to of each epoch, which may overlap.
    """

    events_utc_ns: NDArray[np.int64]
    times_utc_ns: NDArray[np.int64]
    values: NDArray[np.float64]
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Samples of each epoch, (m,) int64."""
        return np.asarray(self.lasts - self.firsts, np.int64)

    def offsets_s(self, epoch: int) -> NDArray[np.float64]:
        """Give how far the samples of an epoch lie after its event, float64 s."""
        part = slice(int(self.firsts[epoch]), int(self.lasts[epoch]))
        return np.asarray((self.times_utc_ns[part] - int(self.events_utc_ns[epoch])) / 1e9, np.float64)

    def values_of(self, epoch: int) -> NDArray[np.float64]:
        """Give the samples of an epoch."""
        return np.asarray(self.values[int(self.firsts[epoch]) : int(self.lasts[epoch])], np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EpochBands:
    """What is usual at which distance from the event.

    `starts_ns` : (k,) int64, where each bin begins, ns from the event; `width_ns` : of all bins; `counts` :
    (k,) int64 samples in each; `quantiles` : (5, k) float64, the `QUANTILES` of these samples, NaN for none.
    """

    starts_ns: NDArray[np.int64]
    width_ns: int
    counts: NDArray[np.int64]
    quantiles: NDArray[np.float64]

    @property
    def median(self) -> NDArray[np.float64]:
        """Median of each bin, (k,) float64."""
        return np.asarray(self.quantiles[2], np.float64)


def windows_of(events_utc_ns: NDArray[np.int64], start_ns: int, end_ns: int) -> list[TimeRange]:
    """Give the stretches of time that windows from `start_ns` to `end_ns` after each event cover."""
    merged: list[list[int]] = []
    for utc_ns in events_utc_ns.tolist():
        if merged and utc_ns + start_ns <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], utc_ns + end_ns)
        else:
            merged.append([utc_ns + start_ns, utc_ns + end_ns])
    return [TimeRange(start_utc_ns=first, end_utc_ns=last) for first, last in merged]


def epochs_of(
    events_utc_ns: NDArray[np.int64],
    times_utc_ns: NDArray[np.int64],
    values: NDArray[np.float64],
    start_ns: int,
    end_ns: int,
) -> EpochSet:
    """Find the samples in the half-open window of each event."""
    firsts = np.searchsorted(times_utc_ns, events_utc_ns + start_ns)
    lasts = np.searchsorted(times_utc_ns, events_utc_ns + end_ns)
    for array in (events_utc_ns, times_utc_ns, values):
        array.flags.writeable = False
    return EpochSet(
        events_utc_ns=events_utc_ns, times_utc_ns=times_utc_ns, values=values, firsts=firsts, lasts=lasts
    )


def bands_of(epochs: EpochSet, start_ns: int, end_ns: int, *, least_in_bin: int = LEAST_IN_BIN) -> EpochBands:
    """Work out medians and quantiles over all samples of each bin; one begins just at the event.

    Bins are so wide that they hold `least_in_bin` samples on average.
    """
    total = int(epochs.counts.sum())
    width_ns = _bin_width_ns(end_ns - start_ns, total // least_in_bin)
    first = start_ns // width_ns
    bins = max(1, -(-(end_ns - first * width_ns) // width_ns))
    # Sixteen bits, which numpy sorts by counting: an order of magnitude faster. Epoch by epoch, since what
    # is worked on then stays in the processor's cache.
    places, values = np.empty(total, np.uint16), np.empty(total)
    in_bin, filled = np.zeros(bins, np.int64), 0
    for event, begin, end in zip(
        epochs.events_utc_ns.tolist(), epochs.firsts.tolist(), epochs.lasts.tolist(), strict=True
    ):
        own = (epochs.times_utc_ns[begin:end] - event) // width_ns - first
        sampled = epochs.values[begin:end]
        finite = np.isfinite(sampled)
        if not finite.all():
            own, sampled = own[finite], sampled[finite]
        until = filled + len(own)
        places[filled:until], values[filled:until] = own, sampled
        in_bin += np.bincount(own, minlength=bins)
        filled = until
    order = np.argsort(places[:filled], kind="stable")
    # Not by an index: that would hold the interpreter, and the window, all the while.
    values = np.take(values, order)
    quantiles = np.full((len(QUANTILES), bins), np.nan)
    ends = np.cumsum(in_bin)
    for place in np.flatnonzero(in_bin).tolist():
        quantiles[:, place] = np.quantile(values[ends[place] - in_bin[place] : ends[place]], QUANTILES)
    starts_ns = (np.arange(bins, dtype=np.int64) + first) * width_ns
    return EpochBands(starts_ns=starts_ns, width_ns=width_ns, counts=in_bin, quantiles=quantiles)


def thinned_traces(
    epochs: EpochSet, chosen: Sequence[int], most: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Give the points of some epochs to be drawn, with NaN between two epochs.

    An epoch of more than `most` points keeps the lowest and the highest of each stretch.

    Returns
    -------
    (n,) float64 s after the event, (n,) float64 values, (n,) int64 epoch of each point
    """
    offsets: list[NDArray[np.float64]] = []
    values: list[NDArray[np.float64]] = []
    owners: list[NDArray[np.int64]] = []
    gap = np.array([np.nan])
    for epoch in chosen:
        x, y = epochs.offsets_s(epoch), epochs.values_of(epoch)
        if len(x) > most:
            stretches = np.array_split(np.arange(len(x)), max(1, most // 2))
            kept = np.unique(
                [
                    place
                    for part in stretches
                    for place in (part[np.argmin(y[part])], part[np.argmax(y[part])])
                ]
            )
            x, y = x[kept], y[kept]
        offsets += [x, gap]
        values += [y, gap]
        owners.append(np.full(len(x) + 1, epoch))
    if not offsets:
        return np.empty(0), np.empty(0), np.empty(0, np.int64)
    return np.concatenate(offsets), np.concatenate(values), np.concatenate(owners)


def night_starts(text: str, time_range: TimeRange) -> NDArray[np.int64]:
    """Give the noons, ns UTC, at which the nights begin that were asked for, ascending.

    Parameters
    ----------
    text : str
        How many nights up to the one in which a range begins, or their dayObs: `20230531, 20230615`.

    Raises
    ------
    BadInputError
        If the text is neither.
    """
    parts = [part for part in text.replace(",", " ").split() if part]
    if not parts or not all(part.isdecimal() for part in parts):
        raise BadInputError(
            f"'{text}' is neither a number of nights nor a list of dayObs.",
            hint="Example: 7, or 20230531, 20230615.",
        )
    if len(parts) == 1 and len(parts[0]) < len("20230531"):
        count = int(parts[0])
        if not 1 <= count <= _MOST_NIGHTS:
            raise BadInputError(f"'{text}' nights; between 1 and {_MOST_NIGHTS} can be compared.")
        latest = day_obs_start_utc_ns(day_obs_of(time_range.start_utc_ns))
        return np.array([latest - back * DAY_NS for back in reversed(range(count))], np.int64)
    if len(parts) > _MOST_NIGHTS:
        raise BadInputError(f"More than {_MOST_NIGHTS} nights.", hint="Name fewer.")
    return np.array(sorted({day_obs_start_utc_ns(int(part)) for part in parts}), np.int64)


def _bin_width_ns(span_ns: int, filled: int) -> int:
    """Choose a readable width: no more bins than can be seen, nor than can be filled."""
    bins = min(_MOST_BINS, max(8, filled))
    least_ns = max(1, -(-span_ns // bins))
    decade = int(10 ** (len(str(least_ns)) - 1))
    return next(step * decade for step in (*_STEPS, 10) if step * decade >= least_ns)
