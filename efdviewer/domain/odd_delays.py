"""Delays that are not what they seem: set apart, counted, and with the likely cause in words."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

LONGEST_S = 86_400.0
"""No message is under way for longer; such a difference says that a stamp is wrong."""
_NEAR_S = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class OddDelays:
    """How many messages are odd, and in which way.

    `zero_later`, `zero_earlier` : a stamp is zero; `missing` : one is null or no time at all; all three have
    no delay. `absurd` : longer than a day, and left out. `negative` : received before sent, and counted in.
    `ahead`, `behind` : off by TAI minus UTC where most are not, and counted in. `offset_s` is that.
    """

    zero_later: int = 0
    zero_earlier: int = 0
    missing: int = 0
    absurd: int = 0
    negative: int = 0
    ahead: int = 0
    behind: int = 0
    offset_s: float = 37.0

    @property
    def absent(self) -> int:
        """Messages that have no delay."""
        return self.zero_later + self.zero_earlier + self.missing

    def plus(self, other: Self) -> Self:
        """Add counts up."""
        names = [part.name for part in fields(self) if part.name != "offset_s"]
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        return type(self)(**sums, offset_s=self.offset_s)

    def sentences(self, later: str, earlier: str, median_s: float | None) -> list[str]:
        """Say what is odd about the difference of two stamps, and what the cause may be."""
        found = []
        for count, stamp in ((self.zero_later, later), (self.zero_earlier, earlier)):
            if count:
                found.append(f"{count:,} with {stamp} zero, which means that it was not written: left out.")
        if self.missing:
            found.append(f"{self.missing:,} without one of the stamps: left out.")
        if self.absurd:
            found.append(
                f"{self.absurd:,} differ by more than a day: left out. "
                "A stamp is in another unit, or was never set."
            )
        is_mixed = median_s is not None and abs(abs(median_s) - self.offset_s) < _NEAR_S
        for count, sign in ((self.ahead, "+"), (self.behind, "−")):  # noqa: RUF001
            if count and not is_mixed:
                found.append(
                    f"{count:,} near {sign}{self.offset_s:.0f} s, TAI minus UTC: in these one stamp is UTC."
                )
        plain = self.negative - self.behind
        if plain > 0 and not is_mixed:
            found.append(
                f"{plain:,} below zero: the clocks of the two stamps differ, or their order is wrong."
            )
        return found


def odd_delays(values_s: NDArray[np.float64], offset_s: float) -> OddDelays:
    """Count what is odd among delays, (n,) float64 s, none of them longer than a day."""
    return OddDelays(
        negative=int(np.count_nonzero(values_s < 0)),
        ahead=int(np.count_nonzero(np.abs(values_s - offset_s) < _NEAR_S)),
        behind=int(np.count_nonzero(np.abs(values_s + offset_s) < _NEAR_S)),
        offset_s=offset_s,
    )
