"""Acts on the epochs of a session."""

from dataclasses import replace

from efdviewer.domain.session import Epochs, Session


def add_epochs(session: Session, epochs: Epochs) -> Session:
    """Lay telemetry over itself, once for each event."""
    if epochs in session.epochs:
        return session
    return replace(session, epochs=(*session.epochs, epochs))


def remove_epochs(session: Session, index: int) -> Session:
    """Take epochs away."""
    return replace(session, epochs=session.epochs[:index] + session.epochs[index + 1 :])


def set_epochs(session: Session, index: int, epochs: Epochs) -> Session:
    """Change field, event or window."""
    if session.epochs[index] == epochs:
        return session
    return replace(session, epochs=(*session.epochs[:index], epochs, *session.epochs[index + 1 :]))
