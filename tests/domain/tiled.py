"""Samples of every kind for tests of tiles, and what they come to when each is looked at by itself."""

import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from efdviewer.domain.levels import FINEST_NS
from efdviewer.domain.tiles import SAMPLES, TILE_BUCKETS, Slot, Tile, cut

FLOATS = st.one_of(
    st.floats(-10, 10),
    st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 1.7e308, -1.7e308, 5e-324]),
)
INTEGERS = st.one_of(
    st.integers(-5, 5),
    st.integers(2**53 - 2, 2**53 + 2),
    st.sampled_from([-(2**63), -(2**63) + 1, 2**63 - 2, 2**63 - 1]),
)
BOOLEANS = st.integers(0, 1)
KINDS = ((FLOATS, np.float64), (INTEGERS, np.int64), (BOOLEANS, np.int64))
LEVELS = st.integers(0, 20).map(lambda power: FINEST_NS << power)
NUMBERS = st.one_of(st.integers(-4, 4), st.just(2**10))


class Series(NamedTuple):
    times_utc_ns: NDArray[np.int64]
    values: NDArray[Any]

    def within(self, start_utc_ns: int, end_utc_ns: int) -> "Series":
        inside = (self.times_utc_ns >= start_utc_ns) & (self.times_utc_ns < end_utc_ns)
        return Series(self.times_utc_ns[inside], self.values[inside])


@st.composite
def series_in(draw: st.DrawFn, slots: list[Slot], *, most: int = 60, kind=None) -> Series:
    """Draw samples in adjacent slots: at the edges of buckets and between them, with whole slots left empty."""
    width_ns, start_utc_ns = slots[0].bucket_ns, slots[0].start_utc_ns
    bucket = st.one_of(st.sampled_from([0, TILE_BUCKETS - 1]), st.integers(0, TILE_BUCKETS * len(slots) - 1))
    offset = st.one_of(st.sampled_from([0, 1, width_ns - 1]), st.integers(0, width_ns - 1))
    places = draw(st.lists(st.tuples(bucket, offset), max_size=most, unique=True))
    times_utc_ns = sorted(start_utc_ns + number * width_ns + rest for number, rest in places)
    numbers, dtype = kind or draw(st.sampled_from(KINDS))
    values = draw(st.lists(numbers, min_size=len(times_utc_ns), max_size=len(times_utc_ns)))
    return Series(np.array(times_utc_ns, np.int64), np.array(values, dtype))


def adjacent(bucket_ns: int, first: int, count: int) -> list[Slot]:
    return [Slot(bucket_ns, number) for number in range(first, first + count)]


def sample_tile(series: Series, slot: Slot, settled_utc_ns: int = 2**62) -> Tile:
    return cut(series.times_utc_ns, {SAMPLES[0]: series.values}, [slot], settled_utc_ns)[0]


def aggregates(series: Series, slot: Slot) -> list[tuple[int, Any, Any, int]]:
    """Give start, minimum, maximum and count of each bucket of a slot, one sample after the other."""
    found = _present(series, slot)
    return [(start, min(values), max(values), len(values)) for start, values in found.items()]


def assert_means(tile: Tile, series: Series) -> None:
    """Compare means and counts with sums of fractions; of infinities of both signs there is no mean."""
    found = _present(series, tile.slot)
    assert tile.times_utc_ns.tolist() == list(found)
    assert tile.columns["count"].tolist() == [len(values) for values in found.values()]
    for mean, values in zip(tile.columns["mean"].tolist(), found.values(), strict=True):
        if not all(map(math.isfinite, values)):
            assert str(float(mean)) == str(sum(filter(math.isinf, values)))
            continue
        exact = sum(map(Fraction, values)) / len(values)
        largest = max(abs(Fraction(value)) for value in values)
        assert abs(Fraction(mean) - exact) <= largest / 2**52 + Fraction(1, 2**1074)


def _present(series: Series, slot: Slot) -> dict[int, list[Any]]:
    """Give the values in each bucket of a slot, by its start, without those that are not a number."""
    found: dict[int, list[Any]] = {}
    for utc_ns, value in zip(series.times_utc_ns.tolist(), series.values.tolist(), strict=True):
        if slot.start_utc_ns <= utc_ns < slot.end_utc_ns and not math.isnan(value):
            found.setdefault(utc_ns // slot.bucket_ns * slot.bucket_ns, []).append(value)
    return dict(sorted(found.items()))


def rows_of(tile: Tile) -> list[tuple[Any, ...]]:
    return list(
        zip(tile.times_utc_ns.tolist(), *(column.tolist() for column in tile.columns.values()), strict=True)
    )
