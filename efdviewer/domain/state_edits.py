"""Acts on the states of a session."""

from collections.abc import Iterable
from dataclasses import replace

from efdviewer.domain import edits
from efdviewer.domain.session import PlotRow, Session
from efdviewer.domain.topics import FieldRef


def add_lanes(session: Session, fields: Iterable[FieldRef], row: int | None = None) -> Session:
    """Show the states of fields as lanes: of a row of states, or of a new one beneath the plots."""
    fields = tuple(dict.fromkeys(fields))
    if not fields:
        return session
    if row is None or row >= len(session.rows) or not session.rows[row].lanes:
        return replace(session, rows=(*session.rows, PlotRow(lanes=fields)))
    lanes = tuple(dict.fromkeys([*session.rows[row].lanes, *fields]))
    return _with_lanes(session, row, lanes)


def remove_lane(session: Session, row: int, field: FieldRef) -> Session:
    """Take a lane away, and with the last one its row."""
    lanes = tuple(lane for lane in session.rows[row].lanes if lane != field)
    return _with_lanes(session, row, lanes) if lanes else edits.remove_row(session, row)


def lane_to_curve(session: Session, row: int, field: FieldRef) -> Session:
    """Plot a field in a row of its own in place of its lane."""
    return edits.add_row(remove_lane(session, row, field), [field], at=min(row, len(session.rows) - 1))


def curve_to_lane(session: Session, row: int, field: FieldRef) -> Session:
    """Show a field as states in place of its curve; a plot that is empty then goes."""
    session = edits.remove_curve(session, row, field)
    if not session.rows[row].curves:
        session = edits.remove_row(session, row)
    return add_lanes(session, [field])


def _with_lanes(session: Session, row: int, lanes: tuple[FieldRef, ...]) -> Session:
    if lanes == session.rows[row].lanes:
        return session
    changed = replace(session.rows[row], lanes=lanes)
    return replace(session, rows=(*session.rows[:row], changed, *session.rows[row + 1 :]))
