"""What a plot says in words of a curve that has nothing to draw."""

from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.domain.topics import TopicName
from efdviewer.services.series import Series, SeriesOutcome


def outcome_words(series: Series, timescale: Timescale) -> str:
    """Say why a series is no curve, with the time of its last sample; empty where it is one."""
    match series.outcome:
        case SeriesOutcome.UNKNOWN:
            return f"{TopicName.parse(series.field.topic).title} has no field '{series.field.field}'."
        case SeriesOutcome.TEXT:
            return f"{series.field.field} is text, not a curve. Overlay its topic as event lines instead."
        case SeriesOutcome.NO_DATA:
            return _no_data(series.latest_utc_ns, timescale)
        case SeriesOutcome.READY:
            return ""


def cancelled_words(series: Series | None, shown: TimeRange) -> str:
    """Say that a load was stopped, and what is seen in its place in the range that is shown."""
    return f"Loading was cancelled.{_before(series, shown)}"


def failed_words(error: EfdViewerError, series: Series | None, shown: TimeRange) -> str:
    """Say what went wrong, and what is seen in its place in the range that is shown."""
    return f"{explain(error)}{_before(series, shown)}"


def _before(series: Series | None, shown: TimeRange) -> str:
    if series is None or series.view is None:
        return ""
    times_utc_ns = series.view.times_utc_ns
    reaches_in = bool(len(times_utc_ns)) and (
        times_utc_ns[0] < shown.end_utc_ns and times_utc_ns[-1] >= shown.start_utc_ns
    )
    return " The picture is that of before." if reaches_in or series.held is not None else ""


def _no_data(latest_utc_ns: int | None, timescale: Timescale) -> str:
    if latest_utc_ns is None:
        return "No samples in this range, and none before it."
    latest = format_ns(latest_utc_ns, timescale, digits=3).replace("T", " ")
    return f"No samples in this range. The last one before it was at {latest} {timescale.value.upper()}."
