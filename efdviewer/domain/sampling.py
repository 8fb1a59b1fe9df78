"""How often a field is sampled, and where it falls silent."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.samples import GAP_FACTOR, usual_spacing_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Rate and gaps of samples.

    A gap is a spacing of more than `GAP_FACTOR` times the usual one, the 90th percentile of all, as curves
    are broken there. `rate_hz` is how many samples a second come outside of gaps; None for fewer than two
    moments. `longest_gap_ns` is the length of the longest gap and `gap_start_utc_ns` the sample before it;
    None where there is no gap. What lies before the first sample and after the last one is none.
    """

    rate_hz: float | None = None
    gaps: int = 0
    longest_gap_ns: int | None = None
    gap_start_utc_ns: int | None = None

    @classmethod
    def of(cls, times_utc_ns: NDArray[np.int64]) -> Self:
        """Take it of the times of all samples, (n,) int64 ns UTC, ascending."""
        spacing_ns = np.diff(times_utc_ns)
        usual_ns = usual_spacing_ns(times_utc_ns)
        is_gap = spacing_ns > GAP_FACTOR * usual_ns if usual_ns else np.zeros(len(spacing_ns), np.bool_)
        covered_ns = int(spacing_ns[~is_gap].sum())
        steady = int(len(spacing_ns) - is_gap.sum())
        rate_hz = steady / (covered_ns / 1e9) if covered_ns else None
        if not is_gap.any():
            return cls(rate_hz=rate_hz)
        longest = int(spacing_ns.argmax())
        return cls(
            rate_hz=rate_hz,
            gaps=int(is_gap.sum()),
            longest_gap_ns=int(spacing_ns[longest]),
            gap_start_utc_ns=int(times_utc_ns[longest]),
        )
