"""Acts on the scatters of a session."""

from dataclasses import replace

from efdviewer.domain.session import Scatter, Session


def add_scatter(session: Session, scatter: Scatter) -> Session:
    """Show one field against another."""
    if scatter in session.scatters:
        return session
    return replace(session, scatters=(*session.scatters, scatter))


def remove_scatter(session: Session, index: int) -> Session:
    """Take a scatter away."""
    return replace(session, scatters=session.scatters[:index] + session.scatters[index + 1 :])


def set_scatter(session: Session, index: int, scatter: Scatter) -> Session:
    """Change fields, or how they are joined."""
    if session.scatters[index] == scatter:
        return session
    return replace(session, scatters=(*session.scatters[:index], scatter, *session.scatters[index + 1 :]))
