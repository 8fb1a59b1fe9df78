"""The event that is read: what is known of it at once, all of its fields when they have come."""

from collections.abc import Callable

import pyarrow as pa
from PySide6.QtCore import QObject, Signal

from efdviewer.domain.query import DataSource
from efdviewer.domain.timescale import Timescale
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.event_detail import detail_text, whole_text


class WholeEvent(QObject):
    """Writes one event for people; `key` names its load."""

    textChanged = Signal(str)

    def __init__(
        self,
        key: str,
        document: Document,
        runner: TaskRunner,
        scale_of: Callable[[str, str], Timescale],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._key = key
        self._document = document
        self._runner = runner
        self._scale_of = scale_of
        self._source: tuple[DataSource, Catalog] | None = None

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Read from another source."""
        self._source = (source, catalog) if source is not None and catalog is not None else None
        self.clear()

    def clear(self) -> None:
        """Read nothing."""
        self._runner.cancel(self._key)
        self.textChanged.emit("")

    def show(self, topic: str, row: pa.Table) -> None:
        """Read an event of which some fields are known."""
        if self._source is None:
            return
        source, catalog = self._source
        timescale = Timescale(self._document.session.timescale)
        self.textChanged.emit(detail_text(topic, row, self._scale_of, timescale))

        async def load() -> None:
            text = await whole_text(source, catalog, topic, row, scale_of=self._scale_of, timescale=timescale)
            if text is not None:
                self.textChanged.emit(text)

        self._runner.submit(self._key, load, name="All fields of an event")
