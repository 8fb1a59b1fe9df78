"""What the panel of intervals says: its lists, its figures, and why an event is alone."""

import numpy as np

from efdviewer.domain.intervals import Intervals, LoneEvents
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.domain.topics import TopicName
from efdviewer.ui.delay_text import delay_text
from efdviewer.viewmodels.columns_model import Column
from efdviewer.viewmodels.intervals import IntervalState


def interval_columns(found: Intervals | None, timescale: Timescale) -> tuple[list[Column], np.ndarray]:
    """Give the columns of the list of intervals, and its rows."""
    if found is None:
        return [], np.empty(0, np.int64)
    starts, durations_s, keys = found.starts_utc_ns, found.durations_s, found.keys

    def start(place: int) -> str:
        return format_ns(int(starts[place]), timescale, digits=6).replace("T", " ")

    scale = timescale.value.upper()
    return [
        Column(
            title=f"Start, {scale}",
            text=start,
            keys=starts,
            copied=lambda place: format_ns(int(starts[place]), timescale, digits=9),
        ),
        Column(
            title="Duration",
            text=lambda place: delay_text(float(durations_s[place])),
            keys=durations_s,
            copied=lambda place: f"{durations_s[place]:.9f} s",
            is_right=True,
        ),
        Column(title="Of both events", text=lambda place: keys[place], keys=found.key_ranks),
    ], np.arange(len(starts))


def lone_columns(lone: LoneEvents, state: IntervalState | None, timescale: Timescale) -> list[Column]:
    """Give the columns of the list of events without a partner."""
    times = lone.times_utc_ns

    def topic(place: int) -> str:
        assert state is not None
        return state.pair.start if lone.is_start[place] else state.pair.end

    def missing(place: int) -> str:
        assert state is not None
        return _why_alone(state, int(times[place]), timescale, is_start=bool(lone.is_start[place]))

    return [
        Column(
            title=f"Time, {timescale.value.upper()}",
            text=lambda place: format_ns(int(times[place]), timescale, digits=6).replace("T", " "),
            copied=lambda place: format_ns(int(times[place]), timescale, digits=9),
        ),
        Column(title="Event", text=lambda place: TopicName.parse(topic(place)).title),
        Column(title="Why", text=missing, tip=missing),
        Column(title="Of the event", text=lone.key),
    ]


def _why_alone(state: IntervalState, utc_ns: int, timescale: Timescale, *, is_start: bool) -> str:
    """Say which partner an event lacks, and how far it was looked for."""
    assert state.looked is not None
    other = TopicName.parse(state.pair.end if is_start else state.pair.start).title.rpartition(".")[2]
    edge_utc_ns = state.looked.end_utc_ns if is_start else state.looked.start_utc_ns
    own, edge = (format_ns(moment, timescale, digits=0).split("T") for moment in (utc_ns, edge_utc_ns))
    where = edge[1] if own[0] == edge[0] else " ".join(edge)
    if not is_start:
        return f"no own {other} since {where}"
    is_open = utc_ns == state.open_start_utc_ns
    return f"{'perhaps still open: ' if is_open else ''}no own {other} up to {where}"


def words_of(state: IntervalState, view: TimeRange) -> str:
    """Say what is known of a pair: figures of what is in view, and how it was found."""
    lines = [state.status] if state.status else []
    if state.found is not None and state.is_whole:
        lines += [_figures(state.found, view), *state.notes]
    elif state.found is not None and len(state.found.keys):
        count = len(state.found.keys)
        lines.append(f"{count:,} {'interval is' if count == 1 else 'intervals are'} known so far.")
    return "\n".join(lines)


def _figures(found: Intervals, view: TimeRange) -> str:
    lone = len(found.lone_starts_utc_ns) + len(found.lone_ends_utc_ns)
    unpaired = f"{lone:,} {'event' if lone == 1 else 'events'} unpaired." if lone else "None unpaired."
    durations_s = found.durations_s
    if not len(durations_s):
        return f"No intervals in view. {unpaired}"
    middle, late = np.quantile(durations_s, [0.5, 0.99])
    shortest, longest = durations_s.min(), durations_s.max()
    count = f"{len(durations_s):,} {'interval' if len(durations_s) == 1 else 'intervals'} in view"
    texts = [delay_text(float(value)) for value in (middle, late, shortest, longest, durations_s.sum())]
    share = 100 * found.covered_ns(view) / view.span_ns
    figures = "median {}, p99 {}, {} to {}, together {}".format(*texts) + f", {share:.3g} % of the view"
    return f"{count}: {figures}. {unpaired}"
