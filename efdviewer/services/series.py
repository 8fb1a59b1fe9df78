"""Series: what became of a field in a range, made from the tables that a source answers."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
import pyarrow as pa

from efdviewer.domain.levels import LevelView, view_from_samples, view_from_summary
from efdviewer.domain.samples import GAP_FACTOR, column_as_float, times, usual_spacing_ns
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import Equals, FieldRef, FieldSchema, FieldType, TopicKind, TopicName

SLOW_NS = 5_000_000_000
"""Telemetry that usually comes no more often than this is drawn in steps, as what is known of it is."""


class SeriesOutcome(Enum):
    """What became of one field."""

    READY = "ready"
    NO_DATA = "no data"
    UNKNOWN = "unknown"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One field in one range.

    `latest_utc_ns` is the time of the last sample before the range where it has none, int64 ns UTC.
    `held` is that sample of a field drawn in steps, (int64 ns UTC, value).
    """

    field: FieldRef
    outcome: SeriesOutcome
    units: str = ""
    stepped: bool = False
    view: LevelView | None = None
    held: tuple[int, float] | None = None
    latest_utc_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRequest:
    """Fields of one topic, over a range, for so many pixel columns."""

    topic: str
    fields: tuple[str, ...]
    time_range: TimeRange
    columns: int
    where: tuple[Equals, ...] = ()

    def ref(self, name: str) -> FieldRef:
        """Name one of the fields in full."""
        return FieldRef(self.topic, name, self.where)


Deliver = Callable[[Series], None]


class SeriesPresenter:
    """Turns the tables of one request into series, and delivers them."""

    def __init__(
        self,
        request: SeriesRequest,
        schemas: Mapping[str, FieldSchema],
        deliver: Deliver,
        *,
        spacing_ns: float | None,
        now_utc_ns: int,
    ) -> None:
        self.request = request
        self._known = request.time_range.until(now_utc_ns)
        self._is_future = request.time_range.start_utc_ns >= now_utc_ns
        self.fields = tuple(schemas)
        self._states = tuple(name for name in schemas if _is_state(request.topic, schemas[name]))
        self.lasting = TopicName.parse(request.topic).kind is not TopicKind.TELEMETRY
        self.empty: tuple[str, ...] = ()
        self.buckets = 0
        self.rate_hz: float | None = None
        self.spacing_ns = spacing_ns
        self._schemas = schemas
        self._deliver = deliver
        self._held: dict[str, tuple[int, float]] = {}
        self._views: dict[str, LevelView] = {}
        self._samples: pa.Table | None = None

    @property
    def is_slow(self) -> bool:
        """Whether the samples are known to come so seldom that they are drawn in steps."""
        return self.spacing_ns is not None and self.spacing_ns >= SLOW_NS

    @property
    def stepped(self) -> tuple[str, ...]:
        """The fields whose samples hold until the next: all of slow telemetry, else the states."""
        return self.fields if self.is_slow else self._states

    @property
    def hold_ns(self) -> int | None:
        """How long a value counts after its sample, ns; None for until the next one, whenever that is."""
        if self.lasting or self.spacing_ns is None:
            return None
        return int(GAP_FACTOR * self.spacing_ns)

    def hold(self, row: pa.Table, names: tuple[str, ...]) -> tuple[str, ...]:
        """Take the last samples before the range of fields drawn in steps; gives those that the row lacks.

        A sample that is too old to count is not held, and none is held into the future.
        """
        lacking = []
        for name in names:
            value = float(column_as_float(row, name)[0]) if row.num_rows else math.nan
            if math.isnan(value):
                lacking.append(name)
                continue
            utc_ns = int(times(row)[0])
            if self._is_future:
                continue
            if self.hold_ns is None or self.request.time_range.start_utc_ns - utc_ns <= self.hold_ns:
                self._held[name] = (utc_ns, value)
                if name in self._views or name in self.empty:
                    self._send(name)
        return tuple(lacking)

    def show_samples(self, table: pa.Table, *, limit: int | None = None) -> bool:
        """Draw samples; not if there are more than the limit, and then tell so."""
        times_utc_ns = times(table)
        if limit is not None and len(times_utc_ns) > limit:
            self.rate_hz = len(times_utc_ns) * 1e9 / max(1, int(times_utc_ns[-1] - times_utc_ns[0]))
            return False
        self.rate_hz = len(times_utc_ns) * 1e9 / self.request.time_range.span_ns
        self._samples = table
        self.spacing_ns = usual_spacing_ns(times_utc_ns) or self.spacing_ns
        self._draw_samples(table)
        return True

    @property
    def lacks_spacing(self) -> bool:
        """Whether the samples are too few to tell how often they come, which decides how they are drawn."""
        return self._samples is not None and self.spacing_ns is None and not self.lasting

    def learn_spacing(self, before: pa.Table) -> None:
        """Draw the samples anew, knowing from those before the range how often they come."""
        if self._samples is None:
            return
        self.spacing_ns = usual_spacing_ns(np.concatenate([times(before), times(self._samples)]))
        if self.is_slow:
            self._draw_samples(self._samples)

    def _draw_samples(self, table: pa.Table) -> None:
        for name in self.fields:
            self._views[name] = view_from_samples(
                table,
                name,
                self._known,
                stepped=name in self.stepped,
                lasting=self.lasting,
                hold_ns=self.hold_ns,
            )
        self._send_all()

    def show_summary(self, table: pa.Table, bucket_ns: int) -> None:
        """Draw minima and maxima, unless the samples are there already."""
        if self._samples is not None:
            return
        self.buckets = table.num_rows
        for name in self.fields:
            self._views[name] = view_from_summary(
                table,
                name,
                self._known,
                bucket_ns,
                stepped=name in self._states,
                lasting=self.lasting,
            )
        self._send_all()

    def show_empty(self, name: str, latest_utc_ns: int | None) -> None:
        """Say that a field has no sample in the range, and when it last had one."""
        self._deliver(replace(self._series(name), latest_utc_ns=latest_utc_ns))

    def _send_all(self) -> None:
        self.empty = tuple(name for name in self.fields if not len(self._views[name].times_utc_ns))
        for name in self.fields:
            if name not in self.empty:
                self._send(name)

    def _send(self, name: str) -> None:
        self._deliver(self._series(name))

    def _series(self, name: str) -> Series:
        view = self._views.get(name)
        stepped = view.stepped if view is not None else name in self.stepped
        return Series(
            field=self.request.ref(name),
            outcome=SeriesOutcome.NO_DATA if name in self.empty else SeriesOutcome.READY,
            units=self._schemas[name].units,
            stepped=stepped,
            view=view,
            held=self._held.get(name) if stepped else None,
        )


def _is_state(topic: str, schema: FieldSchema) -> bool:
    """Events and commands hold their value until the next one; so do whole numbers, which count or name."""
    is_whole = schema.type in (FieldType.BOOLEAN, FieldType.INTEGER)
    return is_whole or TopicName.parse(topic).kind is not TopicKind.TELEMETRY
