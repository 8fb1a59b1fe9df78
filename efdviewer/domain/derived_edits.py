"""Acts of a person on derived curves; each gives the next session."""

from dataclasses import replace

from efdviewer.domain.session import Session
from efdviewer.domain.topics import FieldRef


def replace_field(session: Session, row: int, old: FieldRef, new: FieldRef) -> Session:
    """Draw another field in the place of one, in its colour; the session as it is where both are there."""
    plot = session.rows[row]
    if old == new or any(curve.field == new for curve in plot.curves):
        return session
    curves = tuple(replace(curve, field=new) if curve.field == old else curve for curve in plot.curves)
    rows = (*session.rows[:row], replace(plot, curves=curves), *session.rows[row + 1 :])
    return replace(session, rows=rows)
