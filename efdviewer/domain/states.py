"""States: what a field said, and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.timerange import TimeRange

StateValue = int | float | bool | str


class Several:
    """Stands for a state within which others were too short, or too many, to be told apart."""

    def __repr__(self) -> str:
        return "several states"


SEVERAL = Several()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StateRuns:
    """States one after the other, without two equal ones in a row.

    `starts_utc_ns`, `ends_utc_ns` : (n,) int64 ns UTC, ascending; each ends where the next begins.
    `values` : n values, `SEVERAL` for stretches in which more than one was seen.
    """

    starts_utc_ns: NDArray[np.int64]
    ends_utc_ns: NDArray[np.int64]
    values: Sequence[StateValue | Several]

    def in_range(self, time_range: TimeRange) -> "StateRuns":
        """Keep the states that touch a range, in their full length."""
        first = int(np.searchsorted(self.ends_utc_ns, time_range.start_utc_ns, side="right"))
        last = int(np.searchsorted(self.starts_utc_ns, time_range.end_utc_ns))
        return StateRuns(
            starts_utc_ns=self.starts_utc_ns[first:last],
            ends_utc_ns=self.ends_utc_ns[first:last],
            values=self.values[first:last],
        )

    def at(self, utc_ns: int) -> tuple[int, int, StateValue | Several] | None:
        """Give the state at a moment: (start, end, value); None where none is known."""
        place = int(np.searchsorted(self.starts_utc_ns, utc_ns, side="right")) - 1
        if place < 0 or utc_ns >= int(self.ends_utc_ns[place]):
            return None
        return int(self.starts_utc_ns[place]), int(self.ends_utc_ns[place]), self.values[place]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTotal:
    """How long a state lasted in a range, in how many visits, and the longest of them; ns."""

    value: StateValue | Several
    total_ns: int
    visits: int
    longest_ns: int


def runs_of(
    times_utc_ns: NDArray[np.int64], values: Sequence[StateValue | Several], end_utc_ns: int
) -> StateRuns:
    """Join equal values that follow each other; the last state ends at `end_utc_ns`.

    Parameters
    ----------
    times_utc_ns : (n,) int64
        When each value was told, ns UTC, ascending; those at or after the end do not count.
    """
    count = int(np.searchsorted(times_utc_ns, end_utc_ns))
    begins = [place for place in range(count) if place == 0 or not _is_same(values[place], values[place - 1])]
    starts = np.asarray(times_utc_ns[begins], np.int64)
    ends = np.append(starts[1:], np.int64(end_utc_ns)) if len(starts) else starts.copy()
    for array in (starts, ends):
        array.flags.writeable = False
    return StateRuns(starts_utc_ns=starts, ends_utc_ns=ends, values=[values[place] for place in begins])


def totals_of(runs: StateRuns, time_range: TimeRange) -> list[StateTotal]:
    """Sum the states up within a range, the longest first."""
    spans = np.minimum(runs.ends_utc_ns, time_range.end_utc_ns) - np.maximum(
        runs.starts_utc_ns, time_range.start_utc_ns
    )
    found: dict[object, list[int]] = {}
    for value, span_ns in zip(runs.values, spans.tolist(), strict=True):
        if span_ns > 0:
            found.setdefault((type(value), value), []).append(span_ns)
    totals = [
        StateTotal(value=key[1], total_ns=sum(spent), visits=len(spent), longest_ns=max(spent))  # type: ignore[index]
        for key, spent in found.items()
    ]
    return sorted(totals, key=lambda total: -total.total_ns)


def _is_same(value: StateValue | Several, other: StateValue | Several) -> bool:
    return type(value) is type(other) and value == other
