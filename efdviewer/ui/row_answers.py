"""What a plot row answers when it is asked what it shows; read from what is drawn."""

import math

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.events import full_stamp
from efdviewer.domain.quoting import split_quoted, unquote
from efdviewer.domain.states import Several
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import format_ns
from efdviewer.domain.topics import FieldRef
from efdviewer.ui.graphics.canvas import PlotCanvas
from efdviewer.ui.graphics.curve import visible_slice
from efdviewer.ui.graphics.event_labels import in_view
from efdviewer.ui.graphics.event_lines import EventLines
from efdviewer.ui.time_bar import span_text
from efdviewer.viewmodels.curve_reading import Reading, read
from efdviewer.viewmodels.curve_state import CurveState, OverlayState


def drawn_points(canvas: PlotCanvas, field: FieldRef) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give the points of a visible curve in view: (n,) int64 ns UTC and (n,) float64 values."""
    for state in canvas.states():
        if state.field == field and state.visible and state.view is not None:
            inside = visible_slice(state.view, canvas.time_range)
            return state.view.times_utc_ns[inside], state.view.values[inside]
    return np.empty(0, np.int64), np.empty(0, np.float64)


def sample_near(canvas: PlotCanvas, utc_ns: int, value: float) -> tuple[CurveState, Reading] | None:
    """Give the curve that is drawn nearest to a value at a time, ns UTC, and what it reads there."""
    found = []
    for state in canvas.states():
        nearest = read(state, utc_ns)
        if nearest is not None and math.isfinite(nearest.value):
            scale = canvas.scale(state.side)
            places = scale.y_of(canvas.frame(), np.array([nearest.value, value]))
            found.append((abs(float(places[0] - places[1])), state, nearest))
    if not found:
        return None
    _, state, nearest = min(found, key=lambda entry: entry[0])
    return state, nearest


def state_bands(canvas: PlotCanvas, field: FieldRef) -> list[tuple[int, int, int | float | bool | str]]:
    """Give the states of a lane that touch the view: (start, end, value), ns UTC, in their full length.

    Stretches in which several states could not be told apart are left out.
    """
    return [
        (start, end, value)
        for lane in canvas.lanes.lanes
        if lane.field == field
        for start, end, value in zip(
            lane.runs.starts_utc_ns.tolist(), lane.runs.ends_utc_ns.tolist(), lane.runs.values, strict=True
        )
        if not isinstance(value, Several)
    ]


def lanes_at(canvas: PlotCanvas, utc_ns: int | None) -> tuple[str, str]:
    """Say of each lane its state at a moment, how long it lasted and since when; and a shorter form."""
    if utc_ns is None:
        return "", ""
    long, short = [], []
    for lane in canvas.lanes.lanes:
        found = lane.runs.at(utc_ns)
        if found is None:
            continue
        start, end, value = found
        label = " ".join(lane.label(value).split())
        told = "" if label == str(value) or isinstance(value, Several) else f" ({value})"
        since = format_ns(start, canvas.timescale, digits=3).replace("T", " ")
        long.append(
            f"{label}{told} for {span_text(end - start)}, since {since} {canvas.timescale.value.upper()}"
        )
        short.append(f"{label} {span_text(end - start)}")
    return " · ".join(long), " · ".join(short)


def events_in_view(events: EventLines, overlay: str, time_range: TimeRange) -> NDArray[np.int64]:
    """Give the events of `TOPIC` or `TOPIC@STAMP` in a range, (n,) int64 ns UTC.

    Empty where they are shaded, and where the overlay is hidden or unknown, or the topic alone leaves open
    which is meant.
    """
    state = _shown_overlay(events, overlay)
    return np.empty(0, np.int64) if state is None else in_view(state, time_range)


def is_shaded(events: EventLines, overlay: str) -> bool:
    """Tell whether the events of `TOPIC` or `TOPIC@STAMP` are shaded, since they are too many for lines."""
    state = _shown_overlay(events, overlay)
    return state is not None and state.density is not None


def _shown_overlay(events: EventLines, overlay: str) -> OverlayState | None:
    topic, *stamp = (unquote(part) for part in split_quoted(overlay, "@"))
    matching = []
    for state in events.overlays:
        known_topic, known_stamp = (unquote(part) for part in state.key.rsplit("@", 1))
        if known_topic == topic and (not stamp or full_stamp(stamp[0]) == full_stamp(known_stamp)):
            matching.append(state)
    return matching[0] if len(matching) == 1 and matching[0].visible else None
