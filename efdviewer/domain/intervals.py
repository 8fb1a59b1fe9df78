"""Times between two kinds of events: which start belongs to which end, and which are left alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.samples import times
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldSchema, TopicKind, TopicName, index_fields, is_private

MATCHING = ("imageName",)
"""Fields that tell for certain which start an end belongs to, where both topics have one."""
_INTERIM_ACKS = (300, 301, 302)
"""SAL's codes of a command that was received, is in progress or has stalled; any other ends it."""
_BEGINNINGS = (("start", "end"), ("begin", "end"), ("start", "stop"), ("open", "close"), ("enter", "exit"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoneEvents:
    """Events without a partner, of both topics, by time.

    `times_utc_ns` : (n,) int64 ns UTC, ascending; `is_start` : (n,) bool, of which topic each is; `places` :
    (n,) int64, where its key stands in that topic's `keys`, (of starts, of ends).
    """

    times_utc_ns: NDArray[np.int64]
    is_start: NDArray[np.bool_]
    places: NDArray[np.int64]
    keys: tuple[Sequence[str], Sequence[str]]

    def key(self, place: int) -> str:
        """Give the key of the nth event."""
        return self.keys[0 if self.is_start[place] else 1][int(self.places[place])]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Intervals:
    """What two topics come to in a range.

    `starts_utc_ns`, `ends_utc_ns` : (n,) int64 ns UTC, ascending in the starts; `keys` : n texts, what the
    two events have in common, empty where they were paired in order; `key_ranks` : (n,) int64, their order.
    `lone_starts_utc_ns`, `lone_ends_utc_ns` : int64 ns UTC, ascending, of the events that found no partner,
    and their keys. `others` counts acknowledgements of other commands.
    """

    starts_utc_ns: NDArray[np.int64]
    ends_utc_ns: NDArray[np.int64]
    keys: Sequence[str]
    key_ranks: NDArray[np.int64]
    lone_starts_utc_ns: NDArray[np.int64]
    lone_start_keys: Sequence[str]
    lone_ends_utc_ns: NDArray[np.int64]
    lone_end_keys: Sequence[str]
    others: int = 0

    @property
    def durations_s(self) -> NDArray[np.float64]:
        """Length of each interval, (n,) float64 s."""
        return (self.ends_utc_ns - self.starts_utc_ns) / 1e9

    @property
    def open_start_utc_ns(self) -> int | None:
        """The latest of all starts, ns UTC, if no end was found for it."""
        if not len(self.lone_starts_utc_ns):
            return None
        latest = int(self.lone_starts_utc_ns[-1])
        is_latest = not len(self.starts_utc_ns) or latest >= int(self.starts_utc_ns[-1])
        return latest if is_latest else None

    def lone_events(self) -> LoneEvents:
        """List the events of both topics that found no partner, by time."""
        times_utc_ns = np.concatenate([self.lone_starts_utc_ns, self.lone_ends_utc_ns])
        counts = len(self.lone_starts_utc_ns), len(self.lone_ends_utc_ns)
        order = np.argsort(times_utc_ns, kind="stable")
        return LoneEvents(
            times_utc_ns=times_utc_ns[order],
            is_start=np.repeat([True, False], counts)[order],
            places=np.concatenate([np.arange(count) for count in counts])[order],
            keys=(self.lone_start_keys, self.lone_end_keys),
        )

    def covered_ns(self, time_range: TimeRange) -> int:
        """Give how much of a range lies in at least one interval."""
        starts = np.maximum(self.starts_utc_ns, time_range.start_utc_ns)
        ends = np.clip(self.ends_utc_ns, time_range.start_utc_ns, time_range.end_utc_ns)
        reached = np.maximum.accumulate(np.concatenate([[time_range.start_utc_ns], ends]))[:-1]
        return int(np.maximum(ends - np.maximum(starts, reached), 0).sum())

    def paired(self) -> "Intervals":
        """Leave out the events that found no partner."""
        none = np.empty(0, np.int64)
        return replace(
            self,
            lone_starts_utc_ns=none,
            lone_start_keys=(),
            lone_ends_utc_ns=none,
            lone_end_keys=(),
            others=0,
        )

    def touching(self, time_range: TimeRange) -> "Intervals":
        """Keep the intervals that touch a range, and the lone events that lie in it."""
        kept = np.flatnonzero(
            (self.starts_utc_ns < time_range.end_utc_ns) & (self.ends_utc_ns >= time_range.start_utc_ns)
        )
        starts = _within(self.lone_starts_utc_ns, time_range)
        ends = _within(self.lone_ends_utc_ns, time_range)
        return Intervals(
            starts_utc_ns=self.starts_utc_ns[kept],
            ends_utc_ns=self.ends_utc_ns[kept],
            keys=[self.keys[place] for place in kept.tolist()],
            key_ranks=self.key_ranks[kept],
            lone_starts_utc_ns=self.lone_starts_utc_ns[starts],
            lone_start_keys=[self.lone_start_keys[place] for place in starts.tolist()],
            lone_ends_utc_ns=self.lone_ends_utc_ns[ends],
            lone_end_keys=[self.lone_end_keys[place] for place in ends.tolist()],
            others=self.others,
        )


def pair_in_order(
    start_utc_ns: Sequence[int],
    start_codes: Sequence[int],
    end_utc_ns: Sequence[int],
    end_codes: Sequence[int],
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pair each start with the next end of its code, unless another start of that code comes first.

    Codes below zero are of events without a key, which find no partner. An end at the very moment of a start
    ends what began before, if anything did, else this start.

    Returns
    -------
    list of (int, int), list of int, list of int
        Places of the pairs, of the lone starts and of the lone ends.
    """
    events = [
        (utc_ns, 1, place, code)
        for place, (utc_ns, code) in enumerate(zip(start_utc_ns, start_codes, strict=True))
    ]
    events += [
        (utc_ns, 0, place, code)
        for place, (utc_ns, code) in enumerate(zip(end_utc_ns, end_codes, strict=True))
    ]
    events.sort()
    pairs: list[tuple[int, int]] = []
    is_lone_start, is_lone_end = [True] * len(start_utc_ns), [True] * len(end_utc_ns)
    begun: dict[int, int] = {}
    early: dict[int, tuple[int, int]] = {}
    """Ends that nothing had begun for, with their moment: the start of the same moment is still to come."""
    for utc_ns, is_start, place, code in events:
        if code < 0:
            continue
        if not is_start:
            start = begun.pop(code, None)
            if start is None:
                early[code] = utc_ns, place
                continue
            end = place
        elif early.get(code, (None, 0))[0] == utc_ns:
            start, end = place, early.pop(code)[1]
        else:
            begun[code] = place
            continue
        pairs.append((start, end))
        is_lone_start[start] = is_lone_end[end] = False
    lone_starts = [place for place, is_lone in enumerate(is_lone_start) if is_lone]
    lone_ends = [place for place, is_lone in enumerate(is_lone_end) if is_lone]
    return sorted(pairs), lone_starts, lone_ends


def intervals_between(starts: pa.Table, ends: pa.Table, by: Sequence[str]) -> Intervals:
    """Pair the rows of two tables, each with `time` and the fields `by`, ascending in time.

    Without fields they are paired in the order of time. A row that lacks one of the fields finds no partner.
    The column `ack` tells acknowledgements that end nothing, and `cmdtype` those of other commands.
    """
    if "ack" in ends.column_names:
        ends = ends.filter(~np.isin(ends.column("ack").to_numpy(), _INTERIM_ACKS))
    start_utc_ns, end_utc_ns = times(starts), times(ends)
    start_codes, end_codes, start_keys, end_keys = _keys(starts, ends, by)
    pairs, lone_starts, lone_ends = pair_in_order(
        start_utc_ns.tolist(), start_codes.tolist(), end_utc_ns.tolist(), end_codes.tolist()
    )
    others = 0
    if "cmdtype" in ends.column_names and pairs:
        kinds = ends.column("cmdtype").to_pylist()
        own = {kinds[end] for _, end in pairs}
        related = [place for place in lone_ends if kinds[place] in own]
        lone_ends, others = related, len(lone_ends) - len(related)
    places = np.array(pairs, np.int64).reshape(-1, 2)
    keys = [start_keys[place] for place in places[:, 0].tolist()]
    return Intervals(
        starts_utc_ns=_frozen(start_utc_ns[places[:, 0]]),
        ends_utc_ns=_frozen(end_utc_ns[places[:, 1]]),
        keys=keys,
        key_ranks=np.unique(np.array(keys, np.str_), return_inverse=True)[1].astype(np.int64),
        lone_starts_utc_ns=_frozen(start_utc_ns[lone_starts]),
        lone_start_keys=[start_keys[place] for place in lone_starts],
        lone_ends_utc_ns=_frozen(end_utc_ns[lone_ends]),
        lone_end_keys=[end_keys[place] for place in lone_ends],
        others=others,
    )


def common_fields(start_fields: Iterable[FieldSchema], end_fields: Iterable[FieldSchema]) -> list[str]:
    """List the fields by which events of two topics may be matched: those that both have in one type."""
    types = {field.name: field.type for field in start_fields}
    both = [field.name for field in end_fields if types.get(field.name) is field.type]
    own = [name for name in both if not is_private(name)]
    return own + [name for name in ("private_seqNum", "private_origin", "private_identity") if name in both]


def matching_fields(start: str, end: str, common: Sequence[str]) -> tuple[str, ...]:
    """Choose the fields that pair the events of two topics, of those that both have; none for the order.

    `private_seqNum` numbers the messages of each topic, but an acknowledgement repeats that of its command.
    """
    chosen = [name for name in MATCHING if name in common][:1]
    acknowledges = TopicName.parse(end).kind is TopicKind.ACKNOWLEDGEMENT
    if not chosen and acknowledges and TopicName.parse(start).kind is TopicKind.COMMAND:
        chosen = [name for name in ("private_seqNum",) if name in common]
    return (*chosen, *index_fields(start, common))


def partner_of(topic: str, others: Iterable[str]) -> tuple[str, str] | None:
    """Find the topic that a name suggests as the other half; gives the pair in order of time."""
    own, known = TopicName.parse(topic), set(others)
    stem = topic.removesuffix(own.name)
    if own.kind is TopicKind.COMMAND and f"{stem}ackcmd" in known:
        return topic, f"{stem}ackcmd"
    for begin, end in _BEGINNINGS:
        for word, other in ((begin, end), (end, begin)):
            for spelled, replaced in ((word, other), (word.capitalize(), other.capitalize())):
                # The last place first: the end of opening a shutter begins the time that it is open.
                place = own.name.rfind(spelled)
                found = f"{stem}{own.name[:place]}{replaced}{own.name[place + len(spelled) :]}"
                if place >= 0 and found in known and found != topic:
                    return (topic, found) if word == begin else (found, topic)
    return None


def in_order_of_names(first: str, second: str) -> tuple[str, str]:
    """Put two topics into the order that their names tell, else as they are given."""
    name = TopicName.parse(second).name.lower().removeprefix("logevent_")
    later = TopicName.parse(first).name.lower().removeprefix("logevent_")
    begins = tuple(begin for begin, _ in _BEGINNINGS)
    if TopicName.parse(second).kind is TopicKind.COMMAND or (
        any(word in name for word in begins) and not any(word in later for word in begins)
    ):
        return second, first
    return first, second


def _keys(
    starts: pa.Table, ends: pa.Table, by: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[str], list[str]]:
    """Give a number for each key, the same for the same, and its text; -1 where a part is missing."""
    count = starts.num_rows
    codes = np.zeros(count + ends.num_rows, np.int64)
    texts = [""] * len(codes)
    for name in by:
        values = [*starts.column(name).to_pylist(), *ends.column(name).to_pylist()]
        # Not pandas, which takes half a second and 30 MB to import.
        encoded = pa.array(values).dictionary_encode()
        numbers = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        count_known = max(1, len(encoded.dictionary))
        codes = np.where((codes < 0) | (numbers < 0), -1, codes * count_known + numbers)
        parts = ["?" if value is None else str(value) for value in values]
        shown = parts if name in MATCHING else [f"{name} {part}" for part in parts]
        texts = [f"{text} · {part}" if text else part for text, part in zip(texts, shown, strict=True)]
    return codes[:count], codes[count:], texts[:count], texts[count:]


def _within(times_utc_ns: NDArray[np.int64], time_range: TimeRange) -> NDArray[np.int64]:
    return np.flatnonzero((times_utc_ns >= time_range.start_utc_ns) & (times_utc_ns < time_range.end_utc_ns))


def _frozen(times_utc_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    times_utc_ns.flags.writeable = False
    return times_utc_ns
