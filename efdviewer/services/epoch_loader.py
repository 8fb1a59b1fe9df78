"""Loads telemetry around events, and the same hours of several nights."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.derived import schema_of
from efdviewer.domain.epochs import (
    LEAST_IN_BIN,
    EpochBands,
    EpochSet,
    bands_of,
    epochs_of,
    night_starts,
    thinned_traces,
    windows_of,
)
from efdviewer.domain.errors import BadInputError, LimitError, UnknownTopicError
from efdviewer.domain.levels import bucket_for
from efdviewer.domain.query import DataSource, SampleQuery, SummaryQuery
from efdviewer.domain.samples import column_as_float, times
from efdviewer.domain.session import DAY_OBS, Epochs
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import day_obs_of, day_obs_start_utc_ns
from efdviewer.domain.topics import FieldRef, FieldSchema, FieldType
from efdviewer.services.series_loader import FieldCatalog
from efdviewer.services.stamp_loader import load_stamps

MOST_EVENTS = 5_000
MOST_SAMPLES = 20_000_000
MOST_TRACES = 200
_MOST_POINTS = 20_000
MOST_STATEMENTS = 400
_DENSE = 0.1
"""From this share of the time on, one statement over all of it is cheaper than one for each window."""
_AT_ONCE = 4
_NIGHT_COLUMNS = 500

Piece = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Times, ns UTC, and values of some samples."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedEpochs:
    """Epochs of a range in view, their bands, and the traces to be drawn.

    `start_ns`, `end_ns` : the window, ns from each event. `bucket_ns` is 0 where the values are samples,
    else they are means of so many ns. `traces` : as `thinned_traces` gives them; `traced` epochs are drawn.
    """

    epochs: Epochs
    time_range: TimeRange
    asked_utc_ns: int
    units: str
    found: EpochSet
    bands: EpochBands
    start_ns: int
    end_ns: int
    bucket_ns: int
    traces: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]
    traced: int


async def load_epochs(
    source: DataSource,
    catalog: FieldCatalog,
    epochs: Epochs,
    time_range: TimeRange,
    in_worker: Callable[..., Awaitable[Any]],
) -> LoadedEpochs:
    """Load the samples around the events of a range, or the hours of a range in several nights.

    Raises
    ------
    EfdViewerError
        If the source does not answer completely, lacks topic or field, or there is too much.
    """
    schema = await _schema(catalog, epochs.field)
    asked_utc_ns = time.time_ns()
    bucket_ns = 0
    if epochs.event == DAY_OBS:
        events = night_starts(epochs.nights, time_range)
        start_ns = time_range.start_utc_ns - day_obs_start_utc_ns(day_obs_of(time_range.start_utc_ns))
        end_ns = start_ns + time_range.span_ns
        bucket_ns = bucket_for(time_range.span_ns, _NIGHT_COLUMNS)
        parts = [
            TimeRange(start_utc_ns=noon + start_ns, end_utc_ns=noon + end_ns) for noon in events.tolist()
        ]
    else:
        events = await _events(source, catalog, epochs.event, time_range)
        start_ns, end_ns = -epochs.before_ns, epochs.after_ns
        if end_ns <= start_ns:
            raise BadInputError("The window of an epoch ends before it begins.", hint="Example: -2s to 30s.")
        parts = parts_of(windows_of(events, start_ns, end_ns))
    pieces = await load_samples(source, epochs.field, parts, bucket_ns)
    # A night has one mean in each bucket, and only so many nights are compared.
    least_in_bin = 1 if bucket_ns else LEAST_IN_BIN
    found, bands, traces, traced = await in_worker(
        _worked_out, events, pieces, (start_ns, end_ns), least_in_bin
    )
    return LoadedEpochs(
        epochs=epochs,
        time_range=time_range,
        asked_utc_ns=asked_utc_ns,
        units=schema.units,
        found=found,
        bands=bands,
        start_ns=start_ns,
        end_ns=end_ns,
        bucket_ns=bucket_ns,
        traces=traces,
        traced=traced,
    )


def _worked_out(
    events: NDArray[np.int64],
    pieces: Sequence[Piece],
    window_ns: tuple[int, int],
    least_in_bin: int,
) -> tuple[EpochSet, EpochBands, tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]], int]:
    start_ns, end_ns = window_ns
    moments = np.concatenate([np.empty(0, np.int64), *(piece[0] for piece in pieces)])
    values = np.concatenate([np.empty(0), *(piece[1] for piece in pieces)])
    found = epochs_of(events, moments, values, start_ns, end_ns)
    filled = np.flatnonzero(found.counts)
    places = np.unique(np.linspace(0, len(filled) - 1, min(len(filled), MOST_TRACES)).round().astype(int))
    chosen = filled[places] if int(found.counts.sum()) > _MOST_POINTS else filled
    traces = thinned_traces(found, chosen.tolist(), max(20, _MOST_POINTS // max(1, len(chosen))))
    bands = bands_of(found, start_ns, end_ns, least_in_bin=least_in_bin)
    return found, bands, traces, len(chosen)


async def _schema(catalog: FieldCatalog, field: FieldRef) -> FieldSchema:
    schema = schema_of(field.topic, field.field, await catalog.fields(field.topic))
    if schema is None:
        raise UnknownTopicError(f"{field.topic} has no field '{field.field}'.", hint="Check its spelling.")
    if schema.type is FieldType.STRING:
        raise BadInputError(
            f"{field.title} is text, which cannot be laid over itself.", hint="Choose a number."
        )
    return schema


async def _events(
    source: DataSource, catalog: FieldCatalog, topic: str, time_range: TimeRange
) -> NDArray[np.int64]:
    schemas = await catalog.fields(topic)
    table = await load_stamps(
        source, topic, ("time",), schemas, time_range, every_message=True, limit=MOST_EVENTS + 1
    )
    if table.num_rows > MOST_EVENTS:
        raise LimitError(f"More than {MOST_EVENTS:,} events are in view.", hint="Zoom in.")
    return np.unique(times(table))


def parts_of(windows: Sequence[TimeRange]) -> list[TimeRange]:
    """Choose what to ask for: each window, or all of the time where they fill a good part of it.

    More windows than may be asked for one by one are joined over the shortest gaps.
    """
    if not windows:
        return []
    whole = TimeRange(start_utc_ns=windows[0].start_utc_ns, end_utc_ns=windows[-1].end_utc_ns)
    if sum(window.span_ns for window in windows) > _DENSE * whole.span_ns:
        return [whole]
    starts = np.array([window.start_utc_ns for window in windows])
    ends = np.array([window.end_utc_ns for window in windows])
    kept = np.sort(np.argsort(starts[1:] - ends[:-1], kind="stable")[-(MOST_STATEMENTS - 1) :])
    firsts, lasts = np.append(starts[:1], starts[kept + 1]), np.append(ends[kept], ends[-1:])
    return [
        TimeRange(start_utc_ns=first, end_utc_ns=last)
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
    ]


async def load_samples(
    source: DataSource, field: FieldRef, parts: Sequence[TimeRange], bucket_ns: int
) -> list[Piece]:
    """Load samples of some stretches of time, or means of buckets, piece by piece, ascending.

    Raises
    ------
    EfdViewerError
        If the source does not answer completely, or there are more than `MOST_SAMPLES`.
    """
    turn = asyncio.Semaphore(_AT_ONCE)
    count = 0

    async def load(part: TimeRange) -> list[Piece]:
        nonlocal count
        found: list[Piece] = []
        async with turn:
            rows = _means(source, field, part, bucket_ns) if bucket_ns else _rows(source, field, part)
            async with aclosing(rows) as batches:
                async for moments, values in batches:
                    count += len(moments)
                    if count > MOST_SAMPLES:
                        raise LimitError(
                            f"More than {MOST_SAMPLES:,} samples lie around these events.",
                            hint="Zoom in, or choose a shorter window.",
                        )
                    found.append((moments, values))
        return found

    loaded = await asyncio.gather(*map(load, parts))
    return [piece for part in loaded for piece in part]


async def _rows(source: DataSource, field: FieldRef, part: TimeRange) -> AsyncGenerator[Piece, None]:
    query = SampleQuery(topic=field.topic, fields=(field.field,), time_range=part, where=field.where)
    async with aclosing(source.stream(query)) as batches:
        async for batch in batches:
            table = pa.Table.from_batches([batch])
            yield times(table), column_as_float(table, field.field)


async def _means(
    source: DataSource, field: FieldRef, part: TimeRange, bucket_ns: int
) -> AsyncGenerator[Piece, None]:
    query = SummaryQuery(
        topic=field.topic,
        fields=(field.field,),
        time_range=part,
        bucket_ns=bucket_ns,
        aggregates=("mean",),
        where=field.where,
    )
    table = await source.summary(query)
    starts = np.maximum(times(table), part.start_utc_ns)
    yield starts, column_as_float(table, f"{field.field}_mean")
