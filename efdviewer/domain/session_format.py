"""A session written down as JSON, and read back with every part checked."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

import orjson

from efdviewer.domain.errors import BadInputError, SessionFormatError
from efdviewer.domain.session import (
    EVENT_SORTS,
    JOIN_DIRECTIONS,
    LATENCY_VIEWS,
    LIVE_INTERVALS_S,
    MOST_SURROUNDING_S,
    STATISTICS_OF,
    TOPIC_SWITCHES,
    Session,
)
from efdviewer.domain.tai_index import TaiIndex
from efdviewer.domain.timerange import FIRST_SHOWN_NS, LATEST_NS
from efdviewer.domain.topics import FieldRef

FORMAT = "efdviewer-session"
VERSION = 1
_LONGEST_TOLERANCE_S = 86_400.0


def session_to_json(session: Session) -> bytes:
    """Write a session as indented JSON in UTF-8."""
    document = {"format": FORMAT, "version": VERSION, **_plain(session)}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def session_from_json(text: bytes) -> Session:
    """Read what `session_to_json` wrote.

    Raises
    ------
    SessionFormatError
        If the text is no session, of a newer version, or damaged; the message names the part.
    """
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise SessionFormatError(
            f"The session is damaged: {error}.", hint="Open an older copy of it."
        ) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise SessionFormatError("The file is not an efdviewer session.", hint="Sessions end in .efdview.")
    if document.get("version") != VERSION:
        raise SessionFormatError(
            f"The session has version {document.get('version')!r}; this program reads version {VERSION}.",
            hint="Update efdviewer.",
        )
    content = {name: value for name, value in document.items() if name not in ("format", "version")}
    session = _read(Session, content, "session")
    assert isinstance(session, Session)
    _check(session)
    return session


def _check(session: Session) -> None:
    if session.timescale not in ("utc", "tai"):
        raise SessionFormatError(f"session.timescale is '{session.timescale}'; it can be utc or tai.")
    try:
        TaiIndex.parse(session.tai_index)
    except BadInputError as error:
        raise SessionFormatError(f"session.tai_index: {error}") from error
    if session.live_s not in (0, *LIVE_INTERVALS_S):
        allowed = ", ".join(map(str, LIVE_INTERVALS_S))
        raise SessionFormatError(f"session.live_s is {session.live_s}; it can be 0, {allowed}.")
    _check_rows(session)
    _check_events(session)
    if any(known.scale not in ("utc", "tai") for known in session.stamp_scales):
        raise SessionFormatError("A stamp's scale can be utc or tai.")
    for moment in (session.cursors.a_utc_ns, session.cursors.b_utc_ns):
        if moment is not None and not FIRST_SHOWN_NS <= moment <= LATEST_NS:
            raise SessionFormatError("A cursor lies outside the years 1972 to 2261.")
    if session.view.statistics_of not in STATISTICS_OF:
        raise SessionFormatError(f"session.view.statistics_of can be {' or '.join(STATISTICS_OF)}.")
    if unknown := [kind for kind in session.view.hidden_kinds if kind not in TOPIC_SWITCHES]:
        raise SessionFormatError(f"session.view.hidden_kinds has an unknown '{unknown[0]}'.")


def _check_rows(session: Session) -> None:
    for row in session.rows:
        for curve in row.curves:
            if curve.axis not in (None, "left", "right"):
                raise SessionFormatError(f"A curve's axis is '{curve.axis}'; it can be left or right.")
        if row.curves and row.lanes:
            raise SessionFormatError("A row has both curves and lanes; it can have either.")


def _check_events(session: Session) -> None:
    if session.latency.view not in LATENCY_VIEWS:
        allowed = ", ".join(LATENCY_VIEWS)
        raise SessionFormatError(f"session.latency.view is '{session.latency.view}'; it can be {allowed}.")
    if session.event_table.sort not in EVENT_SORTS:
        allowed = ", ".join(EVENT_SORTS)
        raise SessionFormatError(
            f"The event table is sorted by '{session.event_table.sort}'; it can be {allowed}."
        )
    if any(epochs.after_ns <= -epochs.before_ns for epochs in session.epochs):
        raise SessionFormatError("The window of epochs ends before it begins.")
    for scatter in session.scatters:
        if scatter.direction not in JOIN_DIRECTIONS or not 0 <= scatter.tolerance_s <= _LONGEST_TOLERANCE_S:
            allowed = ", ".join(JOIN_DIRECTIONS)
            raise SessionFormatError(f"A scatter is joined {allowed}, within 0 to 86,400 s.")
    spans_s = (session.surroundings.before_s, session.surroundings.after_s)
    if not all(0 <= span_s <= MOST_SURROUNDING_S for span_s in spans_s):
        raise SessionFormatError(f"session.surroundings can be up to {MOST_SURROUNDING_S:.0f} s on a side.")


def _plain(value: Any) -> Any:
    if isinstance(value, FieldRef):
        return str(value)
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _read(kind: Any, value: Any, where: str) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        if value is None:
            return None
        kind = next(option for option in get_args(kind) if option is not types.NoneType)
    if kind is FieldRef:
        return _read_field(value, where)
    if is_dataclass(kind):
        return _read_parts(kind, value, where)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise SessionFormatError(f"{where} is not a list.")
        return tuple(_read(get_args(kind)[0], item, f"{where}[{index}]") for index, item in enumerate(value))
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise SessionFormatError(f"{where} is {value!r}, not a {kind.__name__}.")
    return value


def _read_field(value: Any, where: str) -> FieldRef:
    try:
        return FieldRef.parse(_read(str, value, where))
    except BadInputError as error:
        raise SessionFormatError(f"{where}: {error}") from error


def _read_parts(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        raise SessionFormatError(f"{where} is not an object.")
    hints = get_type_hints(kind)
    names = [part.name for part in fields(kind)]
    if unknown := [name for name in value if name not in names]:
        raise SessionFormatError(f"{where} has an unknown part '{unknown[0]}'.")
    try:
        return kind(
            **{name: _read(hints[name], value[name], f"{where}.{name}") for name in names if name in value}
        )
    except TypeError as error:
        raise SessionFormatError(f"{where} lacks a part.") from error
