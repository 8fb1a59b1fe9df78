"""Acts on the intervals of a session."""

from dataclasses import replace

from efdviewer.domain.session import IntervalPair, Session


def add_interval(session: Session, pair: IntervalPair) -> Session:
    """Show the times between two events."""
    if any((known.start, known.end) == (pair.start, pair.end) for known in session.intervals):
        return session
    return replace(session, intervals=(*session.intervals, pair))


def remove_interval(session: Session, index: int) -> Session:
    """Take a pair away."""
    return replace(session, intervals=session.intervals[:index] + session.intervals[index + 1 :])


def set_interval(session: Session, index: int, pair: IntervalPair) -> Session:
    """Change topics, matching, colour or visibility of a pair."""
    if session.intervals[index] == pair:
        return session
    return replace(session, intervals=(*session.intervals[:index], pair, *session.intervals[index + 1 :]))
