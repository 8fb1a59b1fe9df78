"""What happened around a moment: the messages of all topics, without any having been chosen before."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from efdviewer.domain.errors import EfdViewerError, UnknownTopicError
from efdviewer.domain.query import DataSource
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale
from efdviewer.domain.topics import TopicKind, TopicName
from efdviewer.services.catalog import Catalog
from efdviewer.services.event_rows import EventList, Loaded, arranged, load_event_rows

MOST_LISTED = 500
"""So many messages of one topic are listed at most."""
MOST_TOPICS = 300
_AT_ONCE = 4
_HEARTBEAT = "logevent_heartbeat"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Happened:
    """What was found in a range.

    `asked` counts the topics that were asked; `heartbeats` the messages left out as such. `cut` names the
    topics of which only the first `MOST_LISTED` are listed, `failed` those that could not be loaded.
    """

    time_range: TimeRange
    events: EventList
    asked: int
    heartbeats: int
    cut: tuple[str, ...]
    failed: tuple[tuple[str, EfdViewerError], ...]
    left_out: int
    """Topics with messages beyond `MOST_TOPICS`."""


async def asked_topics(catalog: Catalog, cscs: Sequence[str]) -> list[TopicName]:
    """List the events, commands and acknowledgements of some components; of all where none is named."""
    wanted = {csc.lower() for csc in cscs}
    return [
        topic
        for topic in await catalog.topics()
        if topic.kind is not TopicKind.TELEMETRY and (not wanted or topic.csc.lower() in wanted)
    ]


async def load_happened(
    source: DataSource,
    catalog: Catalog,
    time_range: TimeRange,
    *,
    cscs: Sequence[str],
    heartbeats: bool,
    in_worker: Callable[..., Awaitable[Any]],
    progress: Callable[[int, int], None],
) -> Happened:
    """Ask all topics whether they have messages in a range, and load those of the topics that have.

    `progress` is told how many of how many topics are loaded.

    Raises
    ------
    EfdViewerError
        If the topics cannot be counted; a topic that fails later is named in what is given.
    """
    topics = await asked_topics(catalog, cscs)
    counts = await source.counts([str(topic) for topic in topics], time_range)
    beats = {name: count for name, count in counts.items() if TopicName.parse(name).name == _HEARTBEAT}
    wanted = sorted(name for name in counts if heartbeats or name not in beats)
    turn = asyncio.Semaphore(_AT_ONCE)
    loaded: dict[str, Loaded] = {}
    failed: list[tuple[str, EfdViewerError]] = []

    async def load(topic: str) -> None:
        async with turn:
            try:
                loaded[topic] = await load_event_rows(
                    source, catalog, topic, (topic, "time", Timescale.UTC), time_range, limit=MOST_LISTED
                )
            except UnknownTopicError:
                # It was dropped, or lives in another retention policy, since it was counted.
                return
            except EfdViewerError as error:
                failed.append((topic, error))
            progress(len(loaded) + len(failed), len(wanted))

    await asyncio.gather(*map(load, wanted[:MOST_TOPICS]))
    parts = [loaded[topic] for topic in wanted if topic in loaded]
    cut = tuple(key for table, _, key in parts if table.num_rows > MOST_LISTED)
    parts = [(table.slice(0, MOST_LISTED), placement, key) for table, placement, key in parts]
    return Happened(
        time_range=time_range,
        events=await in_worker(arranged, parts, time_range),
        asked=len(topics),
        heartbeats=0 if heartbeats else sum(beats.values()),
        cut=cut,
        failed=tuple(failed),
        left_out=max(0, len(wanted) - MOST_TOPICS),
    )
