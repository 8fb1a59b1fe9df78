"""Acts on the two cursors: pure functions from one `Session` to the next."""

from dataclasses import replace
from typing import Literal

from efdviewer.domain.session import Cursors, Session
from efdviewer.domain.timerange import FIRST_SHOWN_NS, LATEST_NS

CursorName = Literal["a", "b"]


def set_cursor(session: Session, name: CursorName, utc_ns: int) -> Session:
    """Put a cursor at a moment, ns UTC, or as near to it as can be shown."""
    return replace(session, cursors=with_cursor(session.cursors, name, utc_ns))


def with_cursor(cursors: Cursors, name: CursorName, utc_ns: int) -> Cursors:
    """Give both cursors, one of them at a moment, ns UTC."""
    at_utc_ns = min(max(utc_ns, FIRST_SHOWN_NS), LATEST_NS)
    return replace(cursors, a_utc_ns=at_utc_ns) if name == "a" else replace(cursors, b_utc_ns=at_utc_ns)


def clear_cursors(session: Session) -> Session:
    """Take both cursors away."""
    return session if session.cursors == Cursors() else replace(session, cursors=Cursors())


def set_statistics_of(session: Session, of: str) -> Session:
    """List the figures of another span, of `STATISTICS_OF`."""
    return replace(session, view=replace(session.view, statistics_of=of))
