"""The messages whose delays lie in a bin that a person selected."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.domain.latency import StampPair, differences_s
from efdviewer.domain.query import DataSource
from efdviewer.domain.session import LatencyPair, Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.stamp_loader import stream_stamps
from efdviewer.services.tasks import TaskRunner
from efdviewer.sources.workers import run_in_worker
from efdviewer.viewmodels.moments import PickedMoments

MOST_LISTED = 20_000
_SETTLE_S = 0.25
"""A view that moves on is not looked through."""
_KEY = "latency bin"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BinEvents:
    """Messages of a bin: index, (n,) int64 ns UTC ascending, and delay, (n,) float64 s; of `total` in all."""

    index_utc_ns: NDArray[np.int64]
    delays_s: NDArray[np.float64]
    total: int


class LatencyBin(QObject):
    """Which bin of which pair is selected, and what is in it; it is no part of the session."""

    changed = Signal()

    def __init__(
        self, document: Document, runner: TaskRunner, moments: PickedMoments, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._moments = moments
        self._source: DataSource | None = None
        self._catalog: Catalog | None = None
        self._range = TimeRange(start_utc_ns=0, end_utc_ns=1)
        self.pair: LatencyPair | None = None
        self.low_s = self.high_s = 0.0
        self.events: BinEvents | None = None
        self.status = ""
        """Why there are no events to be listed, in words."""

    def select(self, pair: LatencyPair, low_s: float, high_s: float, *, is_last: bool) -> None:
        """List the messages of a pair with delays in a bin, whose upper end counts in the last one alone."""
        self.pair, self.low_s = pair, low_s
        self.high_s = float(np.nextafter(high_s, np.inf)) if is_last else high_s
        self._load()

    def clear(self) -> None:
        """Select nothing."""
        self.pair, self.events, self.status = None, None, ""
        self._runner.cancel(_KEY)
        self._moments.drop(self)
        self.changed.emit()

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Look into another source."""
        self._source, self._catalog = source, catalog
        self.clear()

    def set_time_range(self, time_range: TimeRange) -> None:
        """Follow the range in view."""
        self._range = time_range
        if self.pair is not None:
            self._load(settle_s=_SETTLE_S)

    def forget_coverage(self) -> None:
        """Nothing is kept."""

    def forget_loading(self) -> None:
        """Say that it was cancelled."""
        if self.pair is not None and self.events is None:
            self.status = "Cancelled; select the bin again."
            self.changed.emit()

    def errors(self) -> list[EfdViewerError]:
        """List none: the panel says what failed."""
        return []

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Select nothing of a pair that is gone or read otherwise."""
        is_gone = self.pair is not None and self.pair not in new.latency.pairs
        if is_gone or old.stamp_scales != new.stamp_scales:
            self.clear()

    def _load(self, *, settle_s: float = 0.0) -> None:
        source, catalog, pair = self._source, self._catalog, self.pair
        if source is None or catalog is None or pair is None:
            return
        time_range, bounds = self._range, (self.low_s, self.high_s)
        scales = {
            known.stamp: Timescale(known.scale)
            for known in self._document.session.stamp_scales
            if known.topic == pair.topic
        }
        self.events, self.status = None, "Loading …"

        async def load() -> None:
            await asyncio.sleep(settle_s)
            schemas = await catalog.fields(pair.topic)
            stamps = (pair.minuend, pair.subtrahend)
            async with aclosing(stream_stamps(source, pair.topic, stamps, schemas, time_range)) as tables:
                found, room = [], MOST_LISTED
                async for table in tables:
                    found.append(await run_in_worker(_within, table, pair, scales, bounds, room))
                    room -= len(found[-1].index_utc_ns)
            self.events = _joined(found)
            self.status = ""
            self._moments.pick(self, self.events.index_utc_ns)
            self.changed.emit()

        def fail(error: EfdViewerError) -> None:
            self.status = explain(error)
            self.changed.emit()

        self.changed.emit()
        self._runner.submit(_KEY, load, name=f"Messages of a bin of {pair.topic}", on_error=fail)


def _within(
    table: pa.Table,
    pair: LatencyPair,
    scales: Mapping[str, Timescale],
    bounds: tuple[float, float],
    room: int,
) -> BinEvents:
    stamps = StampPair(topic=pair.topic, minuend=pair.minuend, subtrahend=pair.subtrahend)
    found = differences_s(table, stamps, scales=scales, raw=pair.raw)
    inside = (found.values_s >= bounds[0]) & (found.values_s < bounds[1])
    chosen = np.flatnonzero(inside)
    listed = chosen[:room]
    return BinEvents(
        index_utc_ns=found.index_utc_ns[listed], delays_s=found.values_s[listed], total=len(chosen)
    )


def _joined(parts: list[BinEvents]) -> BinEvents:
    index = np.concatenate([np.empty(0, np.int64), *(part.index_utc_ns for part in parts)])
    delays = np.concatenate([np.empty(0), *(part.delays_s for part in parts)])
    return BinEvents(index_utc_ns=index, delays_s=delays, total=sum(part.total for part in parts))
