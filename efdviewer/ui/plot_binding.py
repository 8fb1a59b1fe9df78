"""Ties the plot area to a workspace: states go in, gestures come out as acts on the document."""

from dataclasses import replace

from PySide6.QtCore import QObject

from efdviewer.domain import edits
from efdviewer.domain.levels import readable
from efdviewer.domain.session import ValueAxis
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldRef
from efdviewer.ui.graphics.interval_bands import Bands
from efdviewer.ui.mark_binding import MarkBinding
from efdviewer.ui.plot_area import PlotArea
from efdviewer.viewmodels.workspace import Workspace


class PlotBinding(QObject):
    """Keeps a `PlotArea` showing what a `Workspace` knows."""

    def __init__(self, workspace: Workspace, area: PlotArea) -> None:
        super().__init__(area)
        self._workspace = workspace
        self._area = area
        self._marks = MarkBinding(workspace, area)
        self._take_states()
        self._take_intents()
        area.set_timescale(str(workspace.time.timescale))
        area.set_time_range(workspace.time.time_range)
        self._show_rows()
        self._show_overlays()
        self._show_bands()
        workspace.plot.set_columns(area.columns())
        workspace.events.set_columns(area.columns())
        workspace.states.set_columns(area.columns())

    def _take_states(self) -> None:
        workspace, area = self._workspace, self._area
        workspace.plot.rowsChanged.connect(self._show_rows)
        workspace.plot.curveChanged.connect(area.set_curve)
        workspace.events.overlaysChanged.connect(self._show_overlays)
        workspace.states.lanesChanged.connect(self._show_lanes)
        workspace.intervals.bandsChanged.connect(self._show_bands)
        workspace.labels.labelsChanged.connect(self._show_overlays)
        workspace.time.rangeChanged.connect(area.set_time_range)
        workspace.time.rangeScrolled.connect(area.set_time_range)
        workspace.time.timescaleChanged.connect(area.set_timescale)

    def _take_intents(self) -> None:
        workspace, area = self._workspace, self._area
        area.columnsChanged.connect(workspace.plot.set_columns)
        area.columnsChanged.connect(workspace.events.set_columns)
        area.columnsChanged.connect(workspace.states.set_columns)
        area.columnsChanged.connect(workspace.live.set_columns)
        area.dragChanged.connect(workspace.live.set_held)
        area.rangeEdited.connect(workspace.time.edit_range)
        area.boxEdited.connect(self._zoom_box)
        area.valueLimitsEdited.connect(self._set_limits)
        area.valueLogEdited.connect(self._set_log)
        area.fitRequested.connect(self._fit)
        area.curveVisibilityEdited.connect(self._set_visible)
        area.curveIsolated.connect(self._isolate)
        area.curveRemoved.connect(self._remove_curve)
        area.curveColorEdited.connect(self._set_color)
        area.curveAxisEdited.connect(self._set_axis)
        area.rowRemoved.connect(self.remove_row)
        area.rowMoved.connect(self._move_row)
        area.stretchesEdited.connect(self._resize)
        area.fieldsDropped.connect(self._drop_fields)
        area.topicsDropped.connect(self.overlay_topics)
        area.retryRequested.connect(self._retry)
        area.cancelRequested.connect(self._cancel)

    def _show_rows(self) -> None:
        rows = self._workspace.session.rows
        self._area.set_rows(rows)
        for row in range(len(rows)):
            for state in self._workspace.plot.states(row):
                self._area.set_curve(row, state)
        self._show_lanes()

    def _show_lanes(self) -> None:
        self._area.set_lanes(self._workspace.states.lanes())

    def _show_overlays(self) -> None:
        labels = self._workspace.labels
        states = [replace(state, texts=labels.texts(state.key)) for state in self._workspace.events.states()]
        self._area.set_overlays(states)
        self._marks.show_events()

    def _show_bands(self) -> None:
        intervals = self._workspace.intervals
        bands = [
            Bands(
                state.title, state.color, state.found.starts_utc_ns, state.found.ends_utc_ns, state.found.keys
            )
            for state in intervals.states()
            if state.found is not None and state.pair.visible
        ]
        self._area.set_bands(bands, intervals.selected)

    def _zoom_box(self, row: int, time_range: TimeRange, side: str, low: float, high: float) -> None:
        session = self._workspace.time.with_range(self._workspace.session, readable(time_range))
        axis = getattr(session.rows[row], side)
        zoomed = ValueAxis(low=low, high=high, log=axis.log)
        self._workspace.document.apply("Zoom", edits.set_value_axis(session, row, side, zoomed))

    def _set_limits(self, row: int, side: str, low: float | None, high: float | None) -> None:
        session = self._workspace.session
        axis = ValueAxis(low=low, high=high, log=getattr(session.rows[row], side).log)
        self._workspace.document.apply(
            "Change value axis", edits.set_value_axis(session, row, side, axis), gesture=("limits", row, side)
        )

    def _set_log(self, row: int, side: str, log: bool) -> None:
        session = self._workspace.session
        axis = getattr(session.rows[row], side)
        self._workspace.document.apply(
            "Change value axis",
            edits.set_value_axis(session, row, side, ValueAxis(low=axis.low, high=axis.high, log=log)),
        )

    def _fit(self, row: int) -> None:
        self._workspace.document.apply("Fit", edits.fit_values(self._workspace.session, row))

    def _set_visible(self, row: int, field: FieldRef, visible: bool) -> None:
        session = edits.set_curve(self._workspace.session, row, field, visible=visible)
        self._workspace.document.apply("Show curve" if visible else "Hide curve", session)

    def _isolate(self, row: int, field: FieldRef) -> None:
        session = edits.isolate_curve(self._workspace.session, row, field)
        self._workspace.document.apply("Isolate curve", session)

    def _remove_curve(self, row: int, field: FieldRef) -> None:
        session = edits.remove_curve(self._workspace.session, row, field)
        self._workspace.document.apply("Remove curve", session)

    def _set_color(self, row: int, field: FieldRef, color: str) -> None:
        session = edits.set_curve(self._workspace.session, row, field, color=color)
        self._workspace.document.apply("Change colour", session)

    def _set_axis(self, row: int, field: FieldRef, side: str) -> None:
        session = edits.set_curve(self._workspace.session, row, field, axis=side)
        self._workspace.document.apply("Change axis", session)

    def remove_row(self, row: int) -> None:
        """Take a row away."""
        if 0 <= row < len(self._workspace.session.rows):
            self._workspace.document.apply("Remove plot", edits.remove_row(self._workspace.session, row))

    def _move_row(self, row: int, to: int) -> None:
        self._workspace.document.apply("Move plot", edits.move_row(self._workspace.session, row, to))

    def _resize(self, stretches: list[float]) -> None:
        session = edits.resize_rows(self._workspace.session, stretches)
        self._workspace.document.apply("Resize plots", session, gesture="resize")

    def _drop_fields(self, row: int, fields: list[FieldRef], axis: str | None) -> None:
        self._workspace.plot_fields(fields, None if row < 0 else row, axis)

    def overlay_topics(self, topics: list[str]) -> None:
        """Lay the events of some topics over the plots."""
        for topic in topics:
            self._workspace.overlay(topic)

    def _retry(self, _row: int, _field: FieldRef) -> None:
        if self._workspace.source is None:
            self._workspace.reload()
        else:
            self._workspace.plot.retry()

    def _cancel(self, _row: int, field: FieldRef) -> None:
        if self._workspace.source is None:
            self._workspace.cancel_all()
        else:
            self._workspace.plot.cancel(field.subset)
