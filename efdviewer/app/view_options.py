"""The options that say what a view holds: each turns one text into an edit of the session."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from efdviewer.domain import edits
from efdviewer.domain.epoch_edits import add_epochs
from efdviewer.domain.errors import BadInputError
from efdviewer.domain.events import full_stamp
from efdviewer.domain.interval_edits import add_interval
from efdviewer.domain.latency import StampPair
from efdviewer.domain.quoting import split_quoted, unquote
from efdviewer.domain.scatter_edits import add_scatter
from efdviewer.domain.session import Epochs, IntervalPair, LatencyPair, Scatter, Session
from efdviewer.domain.state_edits import add_lanes
from efdviewer.domain.timerange import parse_span_ns
from efdviewer.domain.topics import FieldRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOption:
    """An option that may be repeated; `apply` raises an `EfdViewerError` for what it cannot read."""

    name: str
    metavar: str
    help: str
    apply: Callable[[Session, str], Session]


def _plot(session: Session, text: str) -> Session:
    """Read `TOPIC:FIELD[,FIELD…][;FIELD=VALUE…]`; conditions count for all fields."""
    head, *conditions = split_quoted(text, ";")
    first, *others = split_quoted(head, ",")
    field = FieldRef.parse(";".join([first, *conditions]))
    if not all(others):
        raise BadInputError(f"'{text}' has an empty field name.")
    return edits.add_row(session, [field, *(replace(field, field=unquote(other)) for other in others)])


def _overlay(session: Session, text: str) -> Session:
    """Read `TOPIC[@STAMP]`; without a stamp, the send stamp of a SAL topic and the index of any other."""
    topic, *stamps = split_quoted(text, "@")
    name = unquote(topic)
    if len(stamps) > 1 or not name or not all(stamps):
        raise BadInputError(f"'{text}' is not TOPIC[@STAMP].")
    if stamps:
        return edits.add_overlay(session, name, full_stamp(unquote(stamps[0])))
    return edits.add_overlay(session, name, "private_sndStamp" if name.startswith("lsst.sal.") else "time")


def _latency(session: Session, text: str) -> Session:
    """Read `TOPIC[:STAMP-STAMP]`."""
    pair = StampPair.parse(text)
    return edits.add_latency(
        session, LatencyPair(topic=pair.topic, minuend=pair.minuend, subtrahend=pair.subtrahend)
    )


def _interval(session: Session, text: str) -> Session:
    """Read `START_TOPIC..END_TOPIC`."""
    topics = [unquote(part) for part in split_quoted(text, "..")]
    if len(topics) != 2 or not all(topics):
        raise BadInputError(f"'{text}' is not START_TOPIC..END_TOPIC.")
    return add_interval(session, IntervalPair(start=topics[0], end=topics[1]))


def _state(session: Session, text: str) -> Session:
    """Read `TOPIC:FIELD`; lanes that follow each other share a row."""
    is_last = bool(session.rows and session.rows[-1].lanes)
    return add_lanes(session, [FieldRef.parse(text)], len(session.rows) - 1 if is_last else None)


def _epochs(session: Session, text: str) -> Session:
    """Read `TOPIC:FIELD@EVENT_TOPIC[:BEFORE..AFTER]`; `dayObs` in place of an event compares nights."""
    field, *rest = split_quoted(text, "@")
    if len(rest) != 1 or not rest[0]:
        raise BadInputError(f"'{text}' is not TOPIC:FIELD@EVENT_TOPIC[:BEFORE..AFTER].")
    event, *windows = split_quoted(rest[0], ":")
    epochs = Epochs(field=FieldRef.parse(field), event=unquote(event))
    if windows:
        ends = split_quoted(windows[0], "..")
        if len(windows) > 1 or len(ends) != 2:
            raise BadInputError(f"'{':'.join(windows)}' is not BEFORE..AFTER.", hint="Example: -2s..30s.")
        epochs = replace(epochs, before_ns=-parse_span_ns(ends[0]), after_ns=parse_span_ns(ends[1]))
    if epochs.after_ns <= -epochs.before_ns:
        raise BadInputError(f"'{windows[0]}' ends before it begins.", hint="Example: -2s..30s.")
    return add_epochs(session, epochs)


def _scatter(session: Session, text: str) -> Session:
    """Read `TOPIC:FIELD,TOPIC:FIELD`, what goes to the right and what goes up."""
    fields = split_quoted(text, ",")
    if len(fields) != 2 or not all(fields):
        raise BadInputError(f"'{text}' is not TOPIC:FIELD,TOPIC:FIELD.")
    return add_scatter(session, Scatter(x=FieldRef.parse(fields[0]), y=FieldRef.parse(fields[1])))


VIEW_OPTIONS = (
    ViewOption(
        name="plot",
        metavar="TOPIC:FIELD[,FIELD…][;FIELD=VALUE…]",
        help="a plot row; with conditions only of the rows that meet them, e.g. ';salIndex=1'; repeatable",
        apply=_plot,
    ),
    ViewOption(name="overlay", metavar="TOPIC[@STAMP]", help="lines at events; repeatable", apply=_overlay),
    ViewOption(
        name="latency",
        metavar="TOPIC[:STAMP-STAMP]",
        help="a latency histogram; repeatable",
        apply=_latency,
    ),
    ViewOption(
        name="interval",
        metavar="START_TOPIC..END_TOPIC",
        help="the intervals between two events; repeatable",
        apply=_interval,
    ),
    ViewOption(
        name="state",
        metavar="TOPIC:FIELD[;FIELD=VALUE…]",
        help="a lane of state bands; repeatable",
        apply=_state,
    ),
    ViewOption(
        name="epochs",
        metavar="TOPIC:FIELD@EVENT_TOPIC[:BEFORE..AFTER]",
        help="telemetry aligned on each event, e.g. ':-2s..30s'; '@dayObs' compares nights; repeatable",
        apply=_epochs,
    ),
    ViewOption(
        name="scatter",
        metavar="TOPIC:FIELD,TOPIC:FIELD",
        help="one field against another, x and y; repeatable",
        apply=_scatter,
    ),
)
