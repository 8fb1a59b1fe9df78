"""The values that are written at event lines: loaded while few events are in view."""

import asyncio
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from PySide6.QtCore import QObject, Signal

from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.events import EventSet
from efdviewer.domain.query import DataSource, SampleQuery
from efdviewer.domain.session import Overlay, Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.services.catalog import Catalog
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.events import EventsViewModel, key_of

MOST_LABELLED = 100
"""Values are loaded of up to so many events of an overlay."""
_MOST_ROWS = 1000
_SETTLE_S = 0.15
_LONGEST = 80
_NOTHING = "\u2013"

Wanted = tuple[str, tuple[str, ...]]
"""Topic and fields."""


class EventLabels(QObject):
    """Loads the label fields of the events in view, by the `time` of their rows."""

    labelsChanged = Signal()

    def __init__(self, events: EventsViewModel, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._events = events
        self._runner = runner
        self._source: DataSource | None = None
        self._range = TimeRange(start_utc_ns=0, end_utc_ns=1)
        self._texts: dict[Wanted, dict[int, str]] = {}
        self._asked: dict[Wanted, set[int]] = {}
        events.overlaysChanged.connect(self._load)

    def texts(self, key: str) -> Mapping[int, str]:
        """Give what is known of an overlay's lines: the text of each, by where it stands, ns UTC."""
        for overlay, found in self._events.shown():
            known = self._texts.get((overlay.topic, overlay.labels))
            if key_of(overlay) == key and known and isinstance(found, EventSet):
                events = zip(*self._in_view(found), strict=True)
                return {utc_ns: known[index] for utc_ns, index in events if index in known}
        return {}

    def errors(self) -> list[EfdViewerError]:
        """List none: what could not be loaded is reported when that happens."""
        return []

    def set_source(self, source: DataSource | None, _catalog: Catalog | None) -> None:
        """Take values from another source."""
        self._source = source
        self._forget()
        self._load()

    def set_time_range(self, time_range: TimeRange) -> None:
        """Follow the range in view."""
        self._range = time_range
        self._load()

    def forget_coverage(self) -> None:
        """Ask for everything anew."""
        self._forget()

    def forget_loading(self) -> None:
        """Ask no more for what was cancelled, until other events come into view."""

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        if old.overlays != new.overlays:
            kept = {(overlay.topic, overlay.labels) for overlay in new.overlays}
            for gone in (self._texts.keys() | self._asked.keys()) - kept:
                self._runner.cancel(("labels", gone))
                self._texts.pop(gone, None)
                self._asked.pop(gone, None)
            self._load()
            self.labelsChanged.emit()

    def _forget(self) -> None:
        for wanted in self._asked:
            self._runner.cancel(("labels", wanted))
        self._texts.clear()
        self._asked.clear()

    def _in_view(self, events: EventSet) -> tuple[list[int], list[int]]:
        """Give where the events in view stand, and the `time` of their rows; none where they are many."""
        bounds = [self._range.start_utc_ns, self._range.end_utc_ns]
        first, last = np.searchsorted(events.times_utc_ns, bounds)
        if last - first > MOST_LABELLED:
            return [], []
        return events.times_utc_ns[first:last].tolist(), events.index_utc_ns[first:last].tolist()

    def _load(self) -> None:
        if self._source is None:
            return
        for overlay, found in self._events.shown():
            if overlay.labels and isinstance(found, EventSet):
                self._ask(overlay, found, self._source)

    def _ask(self, overlay: Overlay, found: EventSet, source: DataSource) -> None:
        wanted = overlay.topic, overlay.labels
        _, index = self._in_view(found)
        lacking = set(index) - self._texts.get(wanted, {}).keys()
        if not lacking or lacking <= self._asked.get(wanted, set()):
            return
        self._asked[wanted] = set(index)
        moments = TimeRange(start_utc_ns=min(index), end_utc_ns=max(index) + 1)

        async def load() -> None:
            await asyncio.sleep(_SETTLE_S)
            query = SampleQuery(
                topic=overlay.topic, fields=overlay.labels, time_range=moments, limit=_MOST_ROWS
            )
            rows = await source.samples(query)
            # Rows without any of the values do not come; of those beyond the limit nothing is known.
            told = index if rows.num_rows < _MOST_ROWS else []
            self._texts[wanted] = dict.fromkeys(told, _NOTHING) | _texts_of(rows)
            self.labelsChanged.emit()

        self._runner.submit(("labels", wanted), load, name=f"Labels of {overlay.topic}")


def _texts_of(rows: pa.Table) -> dict[int, str]:
    """Write the values of each row, by its `time`."""
    moments, *columns = (column.to_pylist() for column in rows.columns)
    return {utc_ns: joined_text(values) for utc_ns, *values in zip(moments, *columns, strict=True)}


def joined_text(values: Sequence[object]) -> str:
    """Write values for people, on one line."""
    text = " · ".join(map(_text, values))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _text(value: object) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else " ".join(str(value).split())
