"""Delays between stamps: loaded for the range in view, one histogram for each pair."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from efdviewer.domain import edits
from efdviewer.domain.bins import Histogram, parse_bins
from efdviewer.domain.coverage import Coverage
from efdviewer.domain.errors import BadInputError, EfdViewerError, explain
from efdviewer.domain.events import stamps_of
from efdviewer.domain.latency import DelaySummary
from efdviewer.domain.live import is_following
from efdviewer.domain.query import DataSource
from efdviewer.domain.samples import continued, times
from efdviewer.domain.session import Latency, LatencyPair, Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.stamp_loader import stream_stamps
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.pair_delays import DelayWork, PairDelays, binned, pair_names, pair_title

_SETTLE_S = 0.15
_LARGE = 50_000
"""From so many values on, figures are worked out in a worker."""

_MOST_HELD = 2_000_000
"""Rows that are kept while the view follows the clock, 48 MB; of more all are asked for at each refresh."""
_BINS = "latency bins"
_TAI_INDEX = "If it is the index that was written in TAI, say so: Time, Index of the source."

InWorker = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyRow:
    """One pair as the panel shows it."""

    pair: LatencyPair
    title: str
    name: str
    """The title, shortened where it stays unmistakable."""
    stamps: tuple[str, ...]
    scales: tuple[str | None, str | None]
    figures: DelaySummary | None
    status: str
    suspicion: str
    odd: tuple[str, ...]
    """What is odd about some of the messages, and the likely cause, in words."""
    repair: tuple[str, str] | None
    """The (stamp, scale) that would take the suspicion away."""


class LatencyViewModel(QObject):
    """Loads the two stamps of each pair and works out histograms and figures."""

    latencyChanged = Signal()

    def __init__(
        self, document: Document, runner: TaskRunner, in_worker: InWorker, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._in_worker = in_worker
        self._source: DataSource | None = None
        self._catalog: Catalog | None = None
        self._range = TimeRange(start_utc_ns=0, end_utc_ns=1)
        self._stamps: dict[str, tuple[str, ...]] = {}
        self._held: dict[LatencyPair, tuple[Coverage, pa.Table]] = {}
        """The stamps in view, kept while the view follows the clock."""
        self._delays: dict[LatencyPair, PairDelays] = {}
        self._histograms: dict[LatencyPair, Histogram] = {}
        self._failures: dict[LatencyPair, EfdViewerError] = {}

    @property
    def latency(self) -> Latency:
        """Pairs, bins and scales as the session has them."""
        return self._document.session.latency

    def rows(self) -> list[LatencyRow]:
        """Give what the panel shows of each pair."""
        pairs = self.latency.pairs
        return [self._row(pair, name) for pair, name in zip(pairs, pair_names(pairs), strict=True)]

    def delays(self) -> list[PairDelays | None]:
        """Give what came of each pair; None while it is loading or failed."""
        return [self._delays.get(pair) for pair in self.latency.pairs]

    @property
    def time_range(self) -> TimeRange:
        """The range in view."""
        return self._range

    def histogram(self, place: int) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
        """Give (edges in s (n+1,), counts (n,)) of a pair; None while it is loading or failed."""
        found = self._histograms.get(self.latency.pairs[place])
        return None if found is None else (found.edges_s, found.counts)

    @property
    def outside(self) -> tuple[int, int]:
        """Numbers of delays, of all pairs, that lie below and above all bins."""
        found = self._histograms.values()
        return sum(each.below for each in found), sum(each.above for each in found)

    def errors(self) -> list[EfdViewerError]:
        """List the pairs that could not be loaded."""
        return list(self._failures.values())

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Take stamps from another source."""
        self._source, self._catalog = source, catalog
        self._stamps.clear()
        self._forget([*self.latency.pairs, *self._delays, *self._failures])
        self._runner.cancel(_BINS)
        self._load(self.latency.pairs)

    def set_time_range(self, time_range: TimeRange) -> None:
        """Follow the range in view; what is drawn stays until the new figures are there."""
        self._range = time_range
        self._load(self.latency.pairs, settle=True)

    def forget_coverage(self) -> None:
        """Ask the source for everything anew when a range is shown next; what is drawn stays until then."""
        self._held.clear()

    def forget_loading(self) -> None:
        """Tell what is known of each pair once loads were cancelled."""
        self.latencyChanged.emit()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        if not is_following(new):
            self._held.clear()
        if old.latency == new.latency and old.stamp_scales == new.stamp_scales:
            return
        again = old.stamp_scales != new.stamp_scales or (
            old.latency.bins != new.latency.bins and not self._are_exact and self._typed_edges() is not None
        )
        pairs = new.latency.pairs
        self._forget((self._delays.keys() | self._failures.keys()) - set(pairs))
        self._load(pairs if again else [pair for pair in pairs if pair not in self._delays])
        self._bin()
        self.latencyChanged.emit()

    def edit_pair(self, place: int, **changes: Any) -> None:
        """Change the stamps of a pair, or whether its difference is raw."""
        pair = replace(self.latency.pairs[place], **changes)
        session = self._document.session
        self._document.apply("Change latency", edits.set_latency_pair(session, place, pair))

    def edit_panel(self, name: str, **changes: Any) -> None:
        """Change bins or scales.

        Raises
        ------
        BadInputError
            If the bins cannot be read.
        """
        parse_bins(changes.get("bins", "auto"))
        session = edits.set_latency(self._document.session, replace(self.latency, **changes))
        self._document.apply(name, session)

    def remove(self, place: int) -> None:
        """Take a pair away."""
        self._document.apply("Remove latency", edits.remove_latency(self._document.session, place))

    def set_scale(self, topic: str, stamp: str, scale: str | None) -> None:
        """Say by hand in which scale a stamp was written."""
        session = edits.set_stamp_scale(self._document.session, topic, stamp, scale)
        self._document.apply("Change stamp's scale", session)

    def _load(self, pairs: Iterable[LatencyPair], *, settle: bool = False) -> None:
        if self._source is None or self._catalog is None:
            return
        for pair in pairs:
            self._submit(pair, self._source, self._catalog, settle=settle)

    def _submit(self, pair: LatencyPair, source: DataSource, catalog: Catalog, *, settle: bool) -> None:
        time_range = self._range

        async def load() -> None:
            if settle:
                await asyncio.sleep(_SETTLE_S)
            work = DelayWork(pair, self._scales(pair), time_range, self._typed_edges())
            rows = 0
            async with aclosing(self._rows_in(time_range, pair, source, catalog)) as tables:
                async for table in tables:
                    rows += table.num_rows
                    await self._do(work.add, table, rows=rows)
            self._delays[pair] = await self._do(work.finish, rows=rows)
            self._failures.pop(pair, None)
            self._bin()
            self.latencyChanged.emit()

        def fail(error: EfdViewerError) -> None:
            for drawn in (self._delays, self._histograms):
                drawn.pop(pair, None)
            self._failures[pair] = error
            self.latencyChanged.emit()

        self._runner.submit(("latency", pair), load, name=f"Stamps of {pair.topic}", on_error=fail)

    async def _do(self, function: Callable[..., Any], *parts: Any, rows: int) -> Any:
        """Work something out, in a worker where there is much of it."""
        return await self._in_worker(function, *parts) if rows > _LARGE else function(*parts)

    async def _rows_in(
        self, time_range: TimeRange, pair: LatencyPair, source: DataSource, catalog: Catalog
    ) -> AsyncGenerator[pa.Table, None]:
        """Give the stamps of a range; where some are held, the open end alone is asked for."""
        schemas = await catalog.fields(pair.topic)
        self._stamps[pair.topic] = stamps_of(schemas)
        asked_utc_ns = time.time_ns()
        covered, held = self._held.get(pair, (None, pa.table({})))
        open_ns = covered.open_from(time_range) if covered else None
        kept: list[pa.Table] | None = [] if is_following(self._document.session) else None
        if open_ns is not None:
            before = continued(held, held.slice(0, 0), time_range.start_utc_ns, open_ns)
            if before.num_rows:
                kept = None if kept is None else [before]
                yield before
        missing = time_range if open_ns is None else time_range.since(open_ns)
        stamps = (pair.minuend, pair.subtrahend)
        async with aclosing(stream_stamps(source, pair.topic, stamps, schemas, missing)) as tables:
            async for table in tables:
                if kept is not None:
                    kept.append(table)
                    kept = kept if sum(map(len, kept)) <= _MOST_HELD else None
                yield table
        self._held.pop(pair, None)
        if kept:
            # A column without a value in one of them may come as another type.
            whole = pa.concat_tables(kept, promote_options="permissive").combine_chunks()
            covered = Coverage(
                time_range=time_range, asked_utc_ns=asked_utc_ns, newest_utc_ns=int(times(whole)[-1])
            )
            self._held[pair] = covered, whole

    @property
    def _are_exact(self) -> bool:
        """Whether delays can be counted in any bins without being asked for again."""
        return all(delays.counts.is_exact for delays in self._delays.values())

    def _typed_edges(self) -> NDArray[np.float64] | None:
        try:
            edges_s = parse_bins(self.latency.bins).edges_s
        except BadInputError:
            return None
        return np.array(edges_s) if edges_s else None

    def _scales(self, pair: LatencyPair) -> dict[str, Timescale]:
        """Give the scales that were set by hand for stamps of a pair's topic."""
        return {
            known.stamp: Timescale(known.scale)
            for known in self._document.session.stamp_scales
            if known.topic == pair.topic
        }

    def _bin(self) -> None:
        """Put all delays into the same bins, so that their histograms can be compared."""
        present = [pair for pair in self.latency.pairs if pair in self._delays]
        values = [self._delays[pair].counts for pair in present]
        try:
            bins = parse_bins(self.latency.bins)
        except BadInputError:
            bins = parse_bins("auto")
        log = self.latency.log_delay
        self._runner.cancel(_BINS)
        if sum(counts.count for counts in values) <= _LARGE:
            self._histograms = dict(zip(present, binned(values, bins, log), strict=True))
            return

        async def count() -> None:
            histograms = await self._in_worker(binned, values, bins, log)
            self._histograms = dict(zip(present, histograms, strict=True))
            self.latencyChanged.emit()

        self._runner.submit(_BINS, count, name="Bin delays")

    def _forget(self, pairs: Iterable[LatencyPair]) -> None:
        for pair in list(pairs):
            self._runner.cancel(("latency", pair))
            for kept in (self._delays, self._histograms, self._failures, self._held):
                kept.pop(pair, None)

    def _absence_of(self, pair: LatencyPair) -> str:
        if self._source is None:
            return "No source is open."
        return "Loading …" if self._runner.is_running(("latency", pair)) else "Cancelled; F5 loads it."

    def _row(self, pair: LatencyPair, name: str) -> LatencyRow:
        delays = self._delays.get(pair)
        if pair in self._failures:
            status = explain(self._failures[pair])
        elif delays is None:
            status = self._absence_of(pair)
        else:
            status = "" if delays.figures.count else "No pair of stamps in this range."
        suspicion = delays.suspicion if delays is not None and not pair.raw else None
        if suspicion and "time" in (pair.minuend, pair.subtrahend):
            suspicion = f"{suspicion} {_TAI_INDEX}"
        by_hand = {stamp: scale.value for stamp, scale in self._scales(pair).items()}
        return LatencyRow(
            pair=pair,
            title=pair_title(pair),
            name=name,
            stamps=self._stamps.get(pair.topic, ("time", pair.minuend, pair.subtrahend)),
            scales=(by_hand.get(pair.minuend), by_hand.get(pair.subtrahend)),
            figures=delays.figures if delays else None,
            status=status,
            suspicion=suspicion or "",
            odd=delays.sentences(pair) if delays else (),
            repair=delays.repair(pair, by_hand) if delays and suspicion else None,
        )
