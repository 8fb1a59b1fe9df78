"""A straight line fitted by least squares to samples that come in parts."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.formulas import Line

_NOTHING = np.longdouble(0)


@dataclass(frozen=True, slots=True)
class LineFit:
    """Sums over samples, of seconds since `at_utc_ns` and of values, in extended precision."""

    at_utc_ns: int
    count: int = 0
    t: np.longdouble = _NOTHING
    tt: np.longdouble = _NOTHING
    y: np.longdouble = _NOTHING
    ty: np.longdouble = _NOTHING

    def with_samples(self, moments: NDArray[np.int64], values: NDArray[np.float64]) -> Self:
        """Take more samples, (n,) int64 ns UTC and (n,) float64; those that are not finite do not count."""
        finite = np.isfinite(values)
        seconds = ((moments[finite] - self.at_utc_ns) / 1e9).astype(np.longdouble)
        numbers = values[finite].astype(np.longdouble)
        return type(self)(
            self.at_utc_ns,
            self.count + len(numbers),
            self.t + seconds.sum(),
            self.tt + (seconds * seconds).sum(),
            self.y + numbers.sum(),
            self.ty + (seconds * numbers).sum(),
        )

    def line(self) -> Line:
        """Give the line; flat through the mean where time does not vary, not a number without any sample."""
        if not self.count:
            return Line(self.at_utc_ns, math.nan, 0.0)
        spread = self.tt - self.t * self.t / self.count
        covariance = self.ty - self.t * self.y / self.count
        rise = covariance / spread if spread > 0 else _NOTHING
        return Line(self.at_utc_ns, float((self.y - rise * self.t) / self.count), float(rise))
