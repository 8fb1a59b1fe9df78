"""One view of some fields of a topic: what it wants of the tiles, what it lacks, and what it shows."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.cover import buckets_over, means_over, samples_over, unknown_over
from efdviewer.domain.level_view import LevelView, line_of_means, view_of_buckets, view_of_samples
from efdviewer.domain.levels import FINEST_NS, SAMPLES_PER_COLUMN, bucket_for, plan
from efdviewer.domain.samples import GAP_FACTOR, usual_spacing_ns
from efdviewer.domain.tiles import EXTREMES, MEANS, SAMPLES, TILE_BUCKETS, Columns, Slot, slots_over
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldSchema, TopicKind, TopicName
from efdviewer.services.before_view import last_before
from efdviewer.services.habits import Habits
from efdviewer.services.held_values import HeldValues, Sample
from efdviewer.services.series import SLOW_NS, Series, SeriesOutcome, SeriesRequest, is_state
from efdviewer.services.tiles import Needs, SeriesTiles

_SPACINGS_BEYOND = 2
_MOST_BEYOND = 32
"""So many slots on either side are looked through at most: what is far away in them is not worth the time."""
_OWED_NS = 90 * 10**9
"""A picture is no longer complete when the source has told nothing for so long: a live view is asked for
at least once a minute."""

R = TypeVar("R")
Wanted = dict[tuple[Slot, ...], tuple[str, ...]]


class SeriesView:
    """Looks at the tiles as they are at the moment; asks for nothing and keeps nothing."""

    def __init__(
        self,
        request: SeriesRequest,
        schemas: Mapping[str, FieldSchema],
        tiles: Mapping[str, SeriesTiles],
        habits: Habits,
        held: HeldValues,
        *,
        now_utc_ns: int,
    ) -> None:
        self.request = request
        self.tiles = tiles
        self.habits = habits
        self.fields = tuple(schemas)
        self.lasting = TopicName.parse(request.topic).kind is not TopicKind.TELEMETRY
        self._schemas = schemas
        self._states = tuple(name for name in self.fields if is_state(request.topic, schemas[name]))
        self.averaged = tuple(name for name in self.fields if request.means and name not in self._states)
        """The fields of which means are drawn: not the states, between which there is nothing."""
        self._held = held
        self._views: dict[str, LevelView] = {}
        self._memory: dict[Hashable, Any] = {}
        self._version = -1
        time_range = request.time_range
        self._known = time_range.until(now_utc_ns)
        self._is_future = time_range.start_utc_ns >= now_utc_ns
        self.bucket_ns = bucket_for(time_range.span_ns, request.columns)
        self._slots: tuple[int, list[Slot]] = (-1, [])

    @property
    def slots(self) -> list[Slot]:
        """The places of the tiles, ascending: over the view, and over the samples to which lines leave it."""
        reach_ns = self._reach_ns
        if reach_ns != self._slots[0]:
            self._slots = reach_ns, slots_over(self.request.time_range.padded(reach_ns), self.bucket_ns)
            self._memory.clear()
        return self._slots[1]

    @property
    def _reach_ns(self) -> int:
        """So far beyond the view a neighbour of its samples may be; 0 where buckets or steps have none."""
        spacing_ns = self.habits.spacing_ns
        if spacing_ns is None or self.lasting or not max(self.bucket_ns, FINEST_NS) < spacing_ns < SLOW_NS:
            return 0
        # Powers of two, lest it change with each view.
        reach_ns = 1 << int(_SPACINGS_BEYOND * spacing_ns).bit_length()
        return min(reach_ns, _MOST_BEYOND * TILE_BUCKETS * max(self.bucket_ns, FINEST_NS))

    @property
    def _covered(self) -> TimeRange:
        return TimeRange(start_utc_ns=self.slots[0].start_utc_ns, end_utc_ns=self.slots[-1].end_utc_ns)

    @property
    def sample_limit(self) -> int | None:
        """So many rows are drawn as they are; tiles reach beyond the view and may hold more in proportion."""
        if not self.bucket_ns:
            return None
        share = self._covered.span_ns / self.request.time_range.span_ns
        return int(SAMPLES_PER_COLUMN * self.request.columns * share)

    def wants(self) -> tuple[Columns, ...]:
        """Tell what the view is made of, as far as that is known: `SAMPLES`, `EXTREMES`, or either."""
        if not self.bucket_ns:
            return (SAMPLES,)
        limit = self.sample_limit
        assert limit is not None
        # First, since the samples that are known may be from before there were so many.
        if self.habits.is_crowded(self._covered, limit):
            return (EXTREMES,)
        count = self._count()
        if count is not None:
            return (SAMPLES,) if count <= SAMPLES_PER_COLUMN * self.request.columns else (EXTREMES,)
        chosen = plan(self.request.time_range.span_ns, self.request.columns, self.habits.rate_hz)
        if not chosen.bucket_ns:
            return (SAMPLES,)
        if chosen.sample_limit or self._is_sparse():
            return (SAMPLES, EXTREMES)
        return (EXTREMES,)

    @property
    def wants_means(self) -> bool:
        """Whether means are part of it: not where samples are drawn, nor before that is known."""
        return bool(self.averaged) and self.wants() == (EXTREMES,)

    def missing(self, columns: Columns) -> Wanted:
        """Give the slots of which nothing is known that counts, with the fields that share them."""
        return self._shared({name: needs.missing for name, needs in self._needs(columns).items()})

    def ageing(self, columns: Columns) -> Wanted:
        """Give the slots that may have grown since they were asked for, with the fields that share them."""
        return self._shared({name: needs.ageing for name, needs in self._needs(columns).items()})

    @property
    def is_complete(self) -> bool:
        """Whether nothing has to be asked for to draw it; what is at its open end may be some seconds old."""
        return any(not self.missing(columns) for columns in self.wants()) and not self._lacks_means

    @property
    def is_settled(self) -> bool:
        """Whether nothing has to be asked for at all."""
        best = self.wants()[0]
        has_all = not self.missing(best) and not self.ageing(best)
        has_means = not self._lacks_means and not (self.wants_means and self.ageing(MEANS))
        return has_all and has_means and not self.unheld and not self.lacks_spacing

    @property
    def share(self) -> float:
        """How much of the view is known, 0 to 1."""
        lacking = min(
            sum(len(needs.missing) for needs in self._needs(columns).values()) for columns in self.wants()
        )
        parts = len(self.tiles)
        if self.wants_means:
            lacking += sum(len(needs.missing) for needs in self._needs(MEANS).values())
            parts += len(self.averaged)
        return 1 - lacking / (len(self.slots) * parts)

    def series(self) -> list[Series]:
        """Make the best of what is known; empty where there is nothing to be seen yet."""
        wanted = self.wants()
        complete = self.is_complete
        self._learn()
        self._views = views = {name: self._view(name, wanted) for name in self.fields}
        if not complete and not any(view.has_points for view in views.values()):
            return []
        return [
            self._series(name, view, complete=complete and self._is_answered(name, view))
            for name, view in views.items()
        ]

    @property
    def stepped(self) -> tuple[str, ...]:
        """The fields whose values hold until the next: all of slow telemetry, else the states."""
        is_slow = self.habits.spacing_ns is not None and self.habits.spacing_ns >= SLOW_NS
        return self.fields if is_slow else self._states

    @property
    def unheld(self) -> tuple[str, ...]:
        """The fields of which the last sample before the view has to be known and is not."""
        return tuple(name for name in self.fields if self._has_gap_before(name) and not self.held(name)[0])

    def held(self, name: str) -> tuple[bool, Sample | None]:
        """Tell whether the last sample before the view is known, and give it."""
        return last_before(self.request.time_range.start_utc_ns, self.tiles[name], self.slots, self._held)

    @property
    def lacks_spacing(self) -> bool:
        """Whether the samples are too few to tell how often they come, which decides how they are drawn."""
        if self.lasting or self.habits.spacing_ns is not None or self.habits.has_asked_spacing:
            return False
        return self._count() is not None

    @property
    def _lacks_means(self) -> bool:
        return self.wants_means and bool(self.missing(MEANS))

    @property
    def _hold_ns(self) -> int | None:
        """How long a value counts after its sample, ns; None for until the next one, whenever that is."""
        if self.lasting or self.habits.spacing_ns is None:
            return None
        return int(GAP_FACTOR * self.habits.spacing_ns)

    def _needs(self, columns: Columns) -> dict[str, Needs]:
        names = self.averaged if columns == MEANS else self.fields
        end_utc_ns = self.request.time_range.end_utc_ns
        return self._remembered(
            ("needs", columns),
            lambda: {
                name: self.tiles[name].needs(columns, self.slots, self.habits, end_utc_ns=end_utc_ns)
                for name in names
            },
        )

    @staticmethod
    def _shared(slots_of: Mapping[str, tuple[Slot, ...]]) -> Wanted:
        found: dict[tuple[Slot, ...], tuple[str, ...]] = {}
        for name, slots in slots_of.items():
            if slots:
                found[slots] = (*found.get(slots, ()), name)
        return found

    def _samples(self, name: str) -> tuple[NDArray[np.int64], NDArray[Any]] | None:
        return self._remembered(("samples", name), lambda: samples_over(self.tiles[name], self.slots))

    def _remembered(self, key: Hashable, work_out: Callable[[], R]) -> R:
        """Work something out once for as long as no tile changes: a frame asks for it several times."""
        version = next(iter(self.tiles.values())).version
        if version != self._version:
            self._version = version
            self._memory.clear()
        if key not in self._memory:
            self._memory[key] = work_out()
        return cast("R", self._memory[key])

    def _count(self) -> int | None:
        """Count the samples in view, of the field that has most; None unless all are known."""
        counts = []
        for name in self.fields:
            found = self._samples(name)
            if found is None:
                return None
            counts.append(_number_in(found[0], self.request.time_range))
        return max(counts, default=0)

    def _has_gap_before(self, name: str) -> bool:
        """Tell whether a field has nothing in view, or holds a value from the left edge to the first."""
        view = self._views.get(name) or self._view(name, self.wants())
        if not view.has_points:
            return True
        start_utc_ns = self.request.time_range.start_utc_ns
        first = int(view.times_utc_ns[np.searchsorted(view.times_utc_ns, start_utc_ns)])
        return name in self.stepped and first > start_utc_ns + view.bucket_ns

    def _is_sparse(self) -> bool:
        """Tell whether so few buckets hold a sample that the samples themselves may be few."""
        most = 0
        for series in self.tiles.values():
            tiles = [series.extremes(slot) for slot in self.slots]
            if not all(tiles):
                return False
            most = max(most, sum(len(tile.times_utc_ns) for tile in tiles if tile))
        if most < self.request.columns // SAMPLES_PER_COLUMN:
            return True
        # At the rate that is known of elsewhere, samples come in these buckets alone.
        filled_ns = most * self.bucket_ns
        return plan(filled_ns, self.request.columns, self.habits.rate_hz).sample_limit > 0

    def _learn(self) -> None:
        found = [samples[0] for name in self.fields if (samples := self._samples(name)) is not None]
        if len(found) == len(self.fields) and found:
            times_utc_ns = max(found, key=len)
            if len(times_utc_ns):
                # Silence here tells nothing of elsewhere.
                self.habits.rate_hz = len(times_utc_ns) * 1e9 / self._covered.span_ns
            self.habits.spacing_ns = usual_spacing_ns(times_utc_ns) or self.habits.spacing_ns

    def _view(self, name: str, wanted: Iterable[Columns]) -> LevelView:
        samples = self._samples(name) if SAMPLES in wanted else None
        if samples is not None:
            view = view_of_samples(
                *samples,
                self._known,
                stepped=name in self.stepped,
                lasting=self.lasting,
                hold_ns=self._hold_ns,
            )
            unknown = unknown_over(self.tiles[name], self.slots, prefers_samples=True)
            return replace(view, unknown=self._in_view(unknown))
        buckets = buckets_over(self.tiles[name], self.slots, prefers_samples=EXTREMES not in wanted)
        view = view_of_buckets(buckets, self._known, stepped=name in self._states, lasting=self.lasting)
        view = replace(view, unknown=self._in_view(buckets.unknown))
        if name not in self.averaged or EXTREMES not in wanted:
            return view
        line = line_of_means(means_over(self.tiles[name], self.slots), self._known)
        return replace(view, means=line) if len(line.times_utc_ns) else view

    def _in_view(self, unknown: Iterable[TimeRange]) -> tuple[TimeRange, ...]:
        """Cut stretches of which the source has told nothing to the view; the future is none."""
        if self._is_future:
            return ()
        parts = [each.overlap(self._known) for each in unknown]
        return tuple(part for part in parts if part is not None)

    def _is_answered(self, name: str, view: LevelView) -> bool:
        """Tell whether all that a view seems to say is what the source has told."""
        owed_ns = sum(each.span_ns for each in view.unknown)
        if owed_ns > _OWED_NS or owed_ns == self._known.span_ns:
            return False
        return view.has_points or self.held(name)[0]

    def _series(self, name: str, view: LevelView, *, complete: bool) -> Series:
        found = Series(
            field=self.request.ref(name),
            outcome=SeriesOutcome.READY,
            units=self._schemas[name].units,
            description=self._schemas[name].description,
            stepped=view.stepped,
            view=view,
            complete=complete,
        )
        _, before = self.held(name)
        if before is not None and view.stepped and self._counts_still(before):
            found = replace(found, held=(before.utc_ns, before.value))
        if complete and not view.has_points:
            latest_utc_ns = None if before is None else before.utc_ns
            found = replace(found, outcome=SeriesOutcome.NO_DATA, latest_utc_ns=latest_utc_ns)
        return found

    def _counts_still(self, sample: Sample) -> bool:
        """Tell whether a value from before the view holds at its beginning; none is held into the future."""
        age_ns = self.request.time_range.start_utc_ns - sample.utc_ns
        return not self._is_future and (self._hold_ns is None or age_ns <= self._hold_ns)


def _number_in(times_utc_ns: NDArray[np.int64], time_range: TimeRange) -> int:
    first, last = np.searchsorted(times_utc_ns, [time_range.start_utc_ns, time_range.end_utc_ns])
    return int(last - first)
