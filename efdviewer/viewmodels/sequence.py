"""Gaps in the numbers of the messages whose delays are shown; looked for while somebody looks."""

from PySide6.QtCore import QObject, Signal

from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.query import DataSource
from efdviewer.domain.sequence import SequenceBreaks
from efdviewer.domain.session import Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.sequence_loader import load_sequence
from efdviewer.services.tasks import TaskRunner
from efdviewer.sources.workers import run_in_worker
from efdviewer.viewmodels.panel_loads import PanelLoads

VIEW = "sequence"
_SETTLE_S = 0.25


class SequenceViewModel(QObject):
    """Knows the breaks in the numbers of each topic of the latency panel."""

    sequencesChanged = Signal()

    def __init__(self, document: Document, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._source: DataSource | None = None
        self._catalog: Catalog | None = None
        self._range = TimeRange(start_utc_ns=0, end_utc_ns=1)
        self._loads: PanelLoads[str, SequenceBreaks] = PanelLoads(VIEW, runner, self.sequencesChanged.emit)
        self._known: dict[str, TimeRange] = {}

    @property
    def topics(self) -> list[str]:
        """Topics of the pairs of the panel, each once."""
        return list(dict.fromkeys(pair.topic for pair in self._document.session.latency.pairs))

    def found(self, topic: str) -> SequenceBreaks | None:
        """Give what was found in a topic; None before that is known."""
        return self._loads.loaded.get(topic)

    def status(self, topic: str) -> str:
        """Say why nothing is known; empty where it is."""
        is_known = self._known.get(topic) == self._range and topic in self._loads.loaded
        return self._loads.status(topic, is_known=is_known, has_source=self._source is not None)

    def errors(self) -> list[EfdViewerError]:
        """List none: the panel says what failed."""
        return []

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Look into another source."""
        self._source, self._catalog = source, catalog
        self._loads.keep(())
        self._known.clear()
        self._load()

    def set_time_range(self, time_range: TimeRange) -> None:
        """Follow the range in view."""
        self._range = time_range
        self._load()

    def forget_coverage(self) -> None:
        """Ask for everything anew when a range is shown next."""
        self._known.clear()

    def forget_loading(self) -> None:
        """Tell what is known once loads were cancelled."""
        self.sequencesChanged.emit()

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        if old.latency != new.latency:
            self._loads.keep(self.topics)
            self._load()

    def _load(self) -> None:
        source, catalog, time_range = self._source, self._catalog, self._range
        if self._document.session.latency.view == VIEW and source is not None and catalog is not None:
            for topic in self.topics:
                if self._known.get(topic) != time_range:
                    self._submit(topic, source, catalog, time_range)
        self.sequencesChanged.emit()

    def _submit(self, topic: str, source: DataSource, catalog: Catalog, time_range: TimeRange) -> None:
        async def load() -> SequenceBreaks:
            found = await load_sequence(source, catalog, topic, time_range, run_in_worker)
            self._known[topic] = time_range
            return found

        self._loads.submit(topic, load, name=f"Numbers of {topic}", settle_s=_SETTLE_S, keeps=False)
