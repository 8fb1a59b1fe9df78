"""Acts on the scatters of a session."""

from dataclasses import replace

from efdviewer.domain.errors import BadInputError
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


def parse_tolerance_s(text: str) -> float:
    """Read how far apart in time two samples may be, s.

    Raises
    ------
    BadInputError
        If it is no number, or not one of 0 to 86,400.
    """
    try:
        tolerance_s = float(text)
    except ValueError as error:
        raise BadInputError(f"'{text}' is no number of seconds.", hint="Example: 0.5.") from error
    if not 0 <= tolerance_s <= 86_400:
        raise BadInputError("A tolerance is 0 to 86,400 s.", hint="Example: 0.5.")
    return tolerance_s
