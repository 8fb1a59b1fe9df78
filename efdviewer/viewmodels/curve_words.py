"""What a plot says in words of a curve that has nothing to draw."""

from efdviewer.domain.errors import EfdViewerError, explain
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


def cancelled_words(series: Series | None) -> str:
    """Say that a load was stopped, and what is seen in its place."""
    if series is None or series.view is None:
        return "Cancelled."
    return "Cancelled; the picture is that of before."


def failed_words(error: EfdViewerError, series: Series | None) -> str:
    """Say what went wrong, and what is seen in its place."""
    if series is None or series.view is None:
        return explain(error)
    return f"{explain(error)} The picture is that of before."


def _no_data(latest_utc_ns: int | None, timescale: Timescale) -> str:
    if latest_utc_ns is None:
        return "No samples in this range, and none before it."
    latest = format_ns(latest_utc_ns, timescale, digits=3).replace("T", " ")
    return f"No samples in this range. The last one before it was at {latest} {timescale.value.upper()}."
