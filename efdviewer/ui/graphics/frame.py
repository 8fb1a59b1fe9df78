"""Where a plot lies in its widget, and which time a pixel shows; integers wherever time is concerned."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.timerange import TimeRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The drawing area of a plot, in pixels of its widget, and the range of time it shows."""

    left: int
    top: int
    width: int
    height: int
    time_range: TimeRange

    @property
    def right(self) -> int:
        """First pixel beyond the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """First pixel below the lower edge."""
        return self.top + self.height

    def x_of(self, times_utc_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the horizontal place of times, (n,) float64 pixels.

        The start of the view is taken off as an integer, so a nanosecond is not lost at any zoom.
        """
        offsets = (times_utc_ns - self.time_range.start_utc_ns).astype(np.float64)
        return self.left + offsets * (self.width / self.time_range.span_ns)

    def x_at(self, utc_ns: int) -> float:
        """Give the horizontal place of a moment, pixels, at most a little outside of the plot."""
        pixels = (utc_ns - self.time_range.start_utc_ns) * self.width / self.time_range.span_ns
        return self.left + min(max(pixels, -1.0), self.width + 1.0)

    def ns_at(self, x: int) -> int:
        """Give the time, ns UTC, at the left edge of a pixel column; also outside the plot."""
        return self.time_range.start_utc_ns + self.ns_of(x - self.left)

    def ns_of(self, pixels: int) -> int:
        """Give the length of time, ns, of so many pixels."""
        return pixels * self.time_range.span_ns // self.width


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueScale:
    """Limits of a value axis; with `log` they are decimal logarithms."""

    low: float
    high: float
    log: bool = False

    def y_of(self, frame: Frame, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the vertical place of values, (n,) float64 pixels; NaN where a logarithm has none."""
        return frame.bottom - (self.transformed(values) - self.low) * (frame.height / (self.high - self.low))

    def value_at(self, frame: Frame, y: float) -> float:
        """Give the value at a pixel row."""
        place = self.low + (frame.bottom - y) * (self.high - self.low) / frame.height
        return float(10.0 ** min(max(place, -300.0), 300.0)) if self.log else float(place)

    def transformed(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give values in the units of the limits."""
        if not self.log:
            return values
        with np.errstate(divide="ignore", invalid="ignore"):
            logarithms = np.log10(values)
        return np.where(values > 0, logarithms, np.nan)

    def limits(self) -> tuple[float, float]:
        """Give the lowest and the highest value shown."""
        if self.log:
            return 10.0**self.low, 10.0**self.high
        return self.low, self.high
