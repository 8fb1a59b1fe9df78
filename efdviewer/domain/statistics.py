"""Figures of the samples between two moments, put together of parts."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.sampling import Sampling
from efdviewer.domain.timerange import TimeRange

Number = int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Count, mean, and sum of squared distances from the mean; values of parts merge to that of the whole."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Self:
        """Take them of (n,) float64; NaN counts as absent."""
        present = values[~np.isnan(values)]
        if not len(present):
            return cls()
        mean = float(present.mean())
        return cls(count=len(present), mean=mean, squares=float(((present - mean) ** 2).sum()))

    def merged(self, other: Self) -> Self:
        """Give those of both sets of values.

        After Chan, Golub and LeVeque (1979): no small difference of large sums is taken.
        """
        count = self.count + other.count
        if not count:
            return self
        apart = other.mean - self.mean
        return type(self)(
            count=count,
            mean=self.mean + apart * other.count / count,
            squares=self.squares + other.squares + apart * apart * self.count * other.count / count,
        )

    @property
    def deviation(self) -> float | None:
        """Standard deviation of a sample, by n - 1; None for fewer than two values."""
        return math.sqrt(self.squares / (self.count - 1)) if self.count > 1 else None

    @property
    def rms(self) -> float | None:
        """Root of the mean square; None for no value."""
        return math.hypot(self.mean, math.sqrt(self.squares / self.count)) if self.count else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How many values there are, their mean and extremes; None where there is none, and for texts."""

    count: int = 0
    mean: float | None = None
    low: Number | None = None
    high: Number | None = None

    @classmethod
    def joined(cls, parts: Iterable[Self]) -> Self:
        """Give those of all parts; whole numbers keep every digit of their extremes."""
        filled = [part for part in parts if part.count]
        count = sum(part.count for part in filled)
        lows = [part.low for part in filled if part.low is not None]
        highs = [part.high for part in filled if part.high is not None]
        means = [part.mean * part.count for part in filled if part.mean is not None]
        return cls(
            count=count,
            mean=math.fsum(means) / count if means else None,
            low=min(lows, default=None),
            high=max(highs, default=None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldValue:
    """The last sample at or before a moment: when it was taken, ns UTC, and its value."""

    utc_ns: int
    value: Number | bool | str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanStatistics:
    """What a field does in a span of time, half-open, and at two moments.

    `span` is None, and `totals` with it, where cursors bound it that are not both set, apart. `at_a` and
    `at_b` are the last samples at or before each cursor; None where there is none, or no cursor. `deviation`
    is the standard deviation by n - 1, `rms` the root of the mean square: both None, and `sampling` with
    them, with `no_deviation` for the reason; while not `is_whole` they are still on their way.
    """

    a_utc_ns: int | None = None
    b_utc_ns: int | None = None
    span: TimeRange | None = None
    at_a: HeldValue | None = None
    at_b: HeldValue | None = None
    totals: Totals | None = None
    deviation: float | None = None
    rms: float | None = None
    sampling: Sampling | None = None
    no_deviation: str = ""
    is_whole: bool = True

    @property
    def difference(self) -> Number | None:
        """Value at B less value at A; None where one is missing or a text."""
        values = [each.value if each is not None else "" for each in (self.at_a, self.at_b)]
        first, second = values
        if isinstance(first, str) or isinstance(second, str):
            return None
        return second - first

    @property
    def slope_per_s(self) -> float | None:
        """Difference over the time from A to B, in units per second; None where either is missing."""
        if self.difference is None or self.a_utc_ns is None or self.b_utc_ns in (None, self.a_utc_ns):
            return None
        assert self.b_utc_ns is not None
        return self.difference / ((self.b_utc_ns - self.a_utc_ns) / 1e9)
