"""The acts of a person: pure functions from one `Session` to the next.

Each leaves the session as it is (the same object) where there is nothing to do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from efdviewer.domain.session import (
    Curve,
    Latency,
    LatencyPair,
    Overlay,
    PlotRow,
    Session,
    StampScale,
    ValueAxis,
    View,
)
from efdviewer.domain.topics import FieldRef


def set_source(session: Session, source: str) -> Session:
    """Show another source, whose index is in UTC as far as is known; what is plotted stays."""
    return replace(session, source=source, tai_index="")


def set_tai_index(session: Session, tai_index: str) -> Session:
    """Read the index of the source as TAI, as `Session.tai_index` says."""
    return replace(session, tai_index=tai_index)


def set_time(session: Session, start: str, end: str) -> Session:
    """Show another range, given as time expressions."""
    if (start, end) == (session.start, session.end):
        return session
    return replace(session, start=start, end=end)


def set_timescale(session: Session, timescale: str, *, start: str, end: str) -> Session:
    """Change the scale of labels and typed times; the expressions are the same instants in it."""
    return replace(session, timescale=timescale, start=start, end=end)


def add_row(session: Session, fields: Iterable[FieldRef] = (), *, at: int | None = None) -> Session:
    """Put a new row into the stack, at the end unless told."""
    row = PlotRow(curves=tuple(Curve(field=field) for field in dict.fromkeys(fields)))
    position = len(session.rows) if at is None else at
    return replace(session, rows=(*session.rows[:position], row, *session.rows[position:]))


def remove_row(session: Session, row: int) -> Session:
    """Take a row out of the stack."""
    return replace(session, rows=session.rows[:row] + session.rows[row + 1 :])


def move_row(session: Session, row: int, to: int) -> Session:
    """Move a row to another place in the stack."""
    if row == to or not 0 <= to < len(session.rows):
        return session
    rest = session.rows[:row] + session.rows[row + 1 :]
    return replace(session, rows=(*rest[:to], session.rows[row], *rest[to:]))


def resize_rows(session: Session, stretches: Sequence[float]) -> Session:
    """Give each row its share of the height; the shares are normalised to a mean of 1."""
    mean = sum(stretches) / len(stretches)
    rows = tuple(
        replace(row, stretch=round(stretch / mean, 4))
        for row, stretch in zip(session.rows, stretches, strict=True)
    )
    return session if rows == session.rows else replace(session, rows=rows)


def add_curves(session: Session, row: int, fields: Iterable[FieldRef], *, axis: str | None = None) -> Session:
    """Add fields to a row; those that are there already stay as they are."""
    if row >= len(session.rows):
        return add_row(session, fields)
    present = {curve.field for curve in session.rows[row].curves}
    new = tuple(Curve(field=field, axis=axis) for field in dict.fromkeys(fields) if field not in present)
    if not new:
        return session
    return _with_row(session, row, curves=session.rows[row].curves + new)


def split_curves(session: Session, row: int, devices: Mapping[FieldRef, Iterable[FieldRef]]) -> Session:
    """Put one curve for each device in the place of a curve; those that are in the row already stay."""
    curves: dict[FieldRef, Curve] = {}
    for curve in session.rows[row].curves:
        for field in devices.get(curve.field, (curve.field,)):
            is_new = field != curve.field
            curves.setdefault(
                field, replace(curve, field=field, visible=True, color=None) if is_new else curve
            )
    return _with_row(session, row, curves=tuple(curves.values()))


def remove_curve(session: Session, row: int, field: FieldRef) -> Session:
    """Take a field out of a row; the row stays."""
    return _with_row(
        session, row, curves=tuple(curve for curve in session.rows[row].curves if curve.field != field)
    )


def set_curve(
    session: Session,
    row: int,
    field: FieldRef,
    *,
    visible: bool | None = None,
    color: str | None = None,
    axis: str | None = None,
) -> Session:
    """Show or hide a curve, colour it, or choose its axis."""

    def change(curve: Curve) -> Curve:
        if curve.field != field:
            return curve
        return replace(
            curve,
            visible=curve.visible if visible is None else visible,
            color=color or curve.color,
            axis=axis or curve.axis,
        )

    return _with_curves(session, row, change)


def isolate_curve(session: Session, row: int, field: FieldRef) -> Session:
    """Show one curve of a row alone; asked again, show all."""
    alone = all(curve.visible == (curve.field == field) for curve in session.rows[row].curves)
    return _with_curves(session, row, lambda curve: replace(curve, visible=alone or curve.field == field))


def set_value_axis(session: Session, row: int, side: str, axis: ValueAxis) -> Session:
    """Fix or free the limits of a value axis, or make it logarithmic; `side` is `left` or `right`."""
    return _with_row(session, row, **{side: axis})


def value_axes(session: Session) -> tuple[tuple[ValueAxis, ValueAxis], ...]:
    """List the left and the right axis of each row."""
    return tuple((row.left, row.right) for row in session.rows)


def set_value_limits(session: Session, axes: tuple[tuple[ValueAxis, ValueAxis], ...]) -> Session:
    """Give rows the limits they had; without effect where there are other rows by now."""
    if len(axes) != len(session.rows):
        return session
    rows = [
        replace(
            row,
            left=replace(row.left, low=left.low, high=left.high),
            right=replace(row.right, low=right.low, high=right.high),
        )
        for row, (left, right) in zip(session.rows, axes, strict=True)
    ]
    return replace(session, rows=tuple(rows))


def fit_values(session: Session, row: int) -> Session:
    """Let both value axes of a row follow the data again."""
    plot = session.rows[row]
    return _with_row(
        session,
        row,
        left=replace(plot.left, low=None, high=None),
        right=replace(plot.right, low=None, high=None),
    )


def add_overlay(session: Session, topic: str, stamp: str) -> Session:
    """Lay the events of a topic over all rows."""
    overlay = Overlay(topic=topic, stamp=stamp)
    if any((known.topic, known.stamp) == (topic, stamp) for known in session.overlays):
        return session
    return replace(session, overlays=(*session.overlays, overlay))


def remove_overlay(session: Session, index: int) -> Session:
    """Take an overlay away."""
    return replace(session, overlays=session.overlays[:index] + session.overlays[index + 1 :])


def set_overlay(session: Session, index: int, overlay: Overlay) -> Session:
    """Change an overlay's stamp, colour, opacity or visibility."""
    if session.overlays[index] == overlay:
        return session
    return replace(session, overlays=(*session.overlays[:index], overlay, *session.overlays[index + 1 :]))


def add_latency(session: Session, pair: LatencyPair) -> Session:
    """Add the histogram of a stamp pair."""
    if pair in session.latency.pairs:
        return session
    return set_latency(session, replace(session.latency, pairs=(*session.latency.pairs, pair)))


def remove_latency(session: Session, index: int) -> Session:
    """Take a stamp pair away."""
    pairs = session.latency.pairs
    return set_latency(session, replace(session.latency, pairs=pairs[:index] + pairs[index + 1 :]))


def set_latency_pair(session: Session, index: int, pair: LatencyPair) -> Session:
    """Change the stamps of a pair, or whether its difference is raw."""
    pairs = session.latency.pairs
    return set_latency(session, replace(session.latency, pairs=(*pairs[:index], pair, *pairs[index + 1 :])))


def set_latency(session: Session, latency: Latency) -> Session:
    """Change bins and scales of the latency panel."""
    return session if latency == session.latency else replace(session, latency=latency)


def set_stamp_scale(session: Session, topic: str, stamp: str, scale: str | None) -> Session:
    """Say by hand in which scale a stamp was written; None goes back to what its name tells."""
    others = tuple(known for known in session.stamp_scales if (known.topic, known.stamp) != (topic, stamp))
    new = () if scale is None else (StampScale(topic=topic, stamp=stamp, scale=scale),)
    return session if others + new == session.stamp_scales else replace(session, stamp_scales=others + new)


def set_view(
    session: Session,
    *,
    crosshair: bool | None = None,
    pans: bool | None = None,
    means: bool | None = None,
    hidden_kinds: Iterable[str] | None = None,
) -> Session:
    """Show or hide crosshair or means, choose what a left drag does, or leave kinds of topics out."""
    view = View(
        crosshair=session.view.crosshair if crosshair is None else crosshair,
        pans=session.view.pans if pans is None else pans,
        means=session.view.means if means is None else means,
        hidden_kinds=session.view.hidden_kinds if hidden_kinds is None else tuple(hidden_kinds),
    )
    return session if view == session.view else replace(session, view=view)


def set_docks(session: Session, docks: str) -> Session:
    """Arrange the panels, as Qt writes it, in base64."""
    return replace(session, layout=replace(session.layout, docks=docks))


def _with_row(session: Session, row: int, **changes: object) -> Session:
    changed = replace(session.rows[row], **changes)  # type: ignore[arg-type]
    if changed == session.rows[row]:
        return session
    return replace(session, rows=(*session.rows[:row], changed, *session.rows[row + 1 :]))


def _with_curves(session: Session, row: int, change: Callable[[Curve], Curve]) -> Session:
    return _with_row(session, row, curves=tuple(change(curve) for curve in session.rows[row].curves))
