"""Numbers that publishers give their messages: what is missing, comes twice, or out of order."""

import bisect
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

MOST_LISTED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SequenceBreaks:
    """Where the numbers of a topic do not go on by one.

    `times_utc_ns` : (n,) int64, index of the message after each break; `missing` : (n,) int64, how many
    numbers lack there; 0 where the number fell, which is a message out of order, or a publisher that began
    anew. `restarts` : (n,) bool, which of those are the latter. The first `MOST_LISTED` of `breaks`.
    """

    messages: int
    publishers: int
    breaks: int
    lost: int
    repeated: int
    disordered: int
    restarted: int
    times_utc_ns: NDArray[np.int64]
    missing: NDArray[np.int64]
    restarts: NDArray[np.bool_]


_RESTART_BELOW = 100
"""A number that falls to less than this, from far above, is a publisher that began anew."""
_RESTART_FALL = 1000
"""So is one that falls by so much: no message comes as late as that."""
_MOST_GAPS = 10_000
"""So many of the newest gaps of a publisher are kept, to know what fills one."""
_ABSURD = 10**9
"""A jump by more is no loss of messages: another publisher uses the same name."""
_LIFT = 1 << 42


@dataclass(slots=True)
class _OpenGaps:
    """Numbers of a publisher that have not come: first and last of each gap, ascending."""

    firsts: list[int] = field(default_factory=list)
    lasts: list[int] = field(default_factory=list)

    def open(self, first: int, last: int) -> None:
        self.firsts.append(first)
        self.lasts.append(last)
        if len(self.firsts) > _MOST_GAPS:
            del self.firsts[0], self.lasts[0]

    def fill(self, number: int) -> bool:
        """Take a number out; False where it was not missing."""
        place = bisect.bisect_right(self.firsts, number) - 1
        if place < 0 or number > self.lasts[place]:
            return False
        first, last = self.firsts[place], self.lasts[place]
        parts = [part for part in ((first, number - 1), (number + 1, last)) if part[0] <= part[1]]
        self.firsts[place : place + 1] = [part[0] for part in parts]
        self.lasts[place : place + 1] = [part[1] for part in parts]
        return True


@dataclass(slots=True)
class _Publisher:
    """Numbers of a publisher: the last; the first, the highest and those missing since it began."""

    first: int
    last: int
    top: int
    missing: _OpenGaps = field(default_factory=_OpenGaps)


@dataclass(slots=True)
class SequenceCounts:
    """Takes messages in the order of their index, batch by batch.

    A number that comes again is repeated; one that fills a gap, or is from before the first, is out of order.
    """

    messages: int = 0
    lost: int = 0
    repeated: int = 0
    disordered: int = 0
    restarted: int = 0
    breaks: int = 0
    _publishers: dict[int, _Publisher] = field(default_factory=dict)
    _parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]] = field(default_factory=list)

    def add(
        self, times_utc_ns: NDArray[np.int64], numbers: NDArray[np.int64], publishers: NDArray[np.int64]
    ) -> None:
        """Take messages: index, ns UTC ascending, number, and who published it; all (n,) int64."""
        self.messages += len(numbers)
        found = []
        for publisher in np.unique(publishers).tolist():
            own = publishers == publisher
            found.append(self._of_publisher(publisher, times_utc_ns[own], numbers[own]))
        room = MOST_LISTED - sum(len(part[0]) for part in self._parts)
        moments = np.concatenate([np.empty(0, np.int64), *(part[0] for part in found)])
        order = np.argsort(moments, kind="stable")[: max(0, room)]
        missing = np.concatenate([np.empty(0, np.int64), *(part[1] for part in found)])
        restarts = np.concatenate([np.empty(0, np.bool_), *(part[2] for part in found)])
        self.breaks += len(moments)
        self._parts.append((moments[order], missing[order], restarts[order]))

    def figures(self) -> SequenceBreaks:
        """Give what was found so far."""
        moments, missing, restarts = (
            np.concatenate([np.empty(0, kind), *(part[place] for part in self._parts)])
            for place, kind in enumerate((np.int64, np.int64, np.bool_))
        )
        return SequenceBreaks(
            messages=self.messages,
            publishers=len(self._publishers),
            breaks=self.breaks,
            lost=self.lost,
            repeated=self.repeated,
            disordered=self.disordered,
            restarted=self.restarted,
            times_utc_ns=moments,
            missing=missing,
            restarts=restarts,
        )

    def _of_publisher(
        self, publisher: int, moments: NDArray[np.int64], numbers: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        begin = int(numbers[0])
        known = self._publishers.setdefault(publisher, _Publisher(begin, begin - 1, begin - 1))
        before = np.concatenate([[known.last], numbers[:-1]])
        fall = before - numbers
        fell = ((numbers < _RESTART_BELOW) & (fall >= _RESTART_BELOW)) | (fall >= _RESTART_FALL)
        restarts = fell | (np.abs(numbers - before) > _ABSURD)
        # The highest number so far, counted anew from each restart on.
        lift = np.cumsum(restarts) * _LIFT
        tops = np.maximum.accumulate(np.concatenate([[known.top], numbers + lift]))[:-1] - lift
        tops = np.where(restarts, numbers - 1, tops)
        known.last, known.top = int(numbers[-1]), int(max(tops[-1], numbers[-1]))
        steps = numbers - tops
        late = (steps <= 0) & ~restarts
        gaps = steps > 1
        self.restarted += int(np.count_nonzero(restarts))
        self.lost += int((steps[gaps] - 1).sum())
        for place in np.flatnonzero(gaps | late | restarts).tolist():
            number = int(numbers[place])
            if restarts[place]:
                known.first, known.missing = number, _OpenGaps()
            elif gaps[place]:
                known.missing.open(int(tops[place]) + 1, number - 1)
            elif known.missing.fill(number):
                self.lost -= 1
                self.disordered += 1
            elif number < known.first:
                self.disordered += 1
            else:
                self.repeated += 1
                late[place] = False
        breaks = gaps | late | restarts
        return moments[breaks], np.where(gaps, steps - 1, 0)[breaks], restarts[breaks]
