"""Splits curves by device: one curve for each value of an index field."""

from collections.abc import Callable, Hashable, Iterable, Sequence

from PySide6.QtCore import QObject, Signal

from efdviewer.domain import edits
from efdviewer.domain.derived import DerivedTopic
from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.query import DataSource
from efdviewer.domain.session import Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldRef, TopicName, index_fields, main_field
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.tasks import TaskRunner

MOST_DEVICES = 16
"""Curves of more devices could not be told apart."""


class SplittingViewModel(QObject):
    """Knows by what the plotted topics can be split, and splits them by what occurs in the range in view."""

    indicesChanged = Signal()
    """The index fields of a topic became known."""
    noticeRaised = Signal(str)
    """What a person should know of a split, in words."""

    def __init__(
        self, document: Document, runner: TaskRunner, time_range: TimeRange, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._range = time_range
        self._source: DataSource | None = None
        self._catalog: Catalog | None = None
        self._indices: dict[str, list[str]] = {}
        self._asked: set[str] = set()

    def indices(self, fields: Iterable[FieldRef]) -> list[str]:
        """Give the index fields by which some of these fields can be split, as far as they are known."""
        return list(dict.fromkeys(index for field in fields for index in self._indices_of(field)))

    def indices_of_row(self, row: int) -> list[str]:
        """Give the index fields by which curves of a row can be split."""
        return self.indices(_fields_of(self._document.session, row))

    def hindrance(self, row: int) -> str:
        """Say why no curve of a row can be split."""
        fields = _fields_of(self._document.session, row)
        topics = list(dict.fromkeys(field.topic for field in fields))
        unknown = [topic for topic in topics if topic not in self._indices]
        if not fields:
            return "There is no curve here that could be split."
        if unknown:
            return f"The fields of {_titles(unknown)} are not known yet."
        if any(self._indices[topic] for topic in topics):
            return "These curves are split already."
        return f"{_titles(topics)} {'has' if len(topics) == 1 else 'have'} no field that tells devices apart."

    def main_fields(self, topics: Iterable[str]) -> list[FieldRef]:
        """Give the field by which each topic is shown, where its fields are known."""
        known = {topic: self._catalog.known_fields(topic) for topic in topics} if self._catalog else {}
        found = [main_field(topic, fields) for topic, fields in known.items() if fields]
        return [field for field in found if field is not None]

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Split what another source has."""
        self._source, self._catalog = source, catalog
        self._indices, self._asked = {}, set()
        self.indicesChanged.emit()

    def set_time_range(self, time_range: TimeRange) -> None:
        """Split by what occurs in another range."""
        self._range = time_range

    def learn(self, topics: Iterable[str]) -> None:
        """Find the index fields of topics that are not known; what failed or was cancelled is asked anew."""
        for topic in dict.fromkeys(topics):
            if self._catalog is not None and topic not in self._indices:
                self._asked.add(topic)
                self._find_indices(topic, self._catalog)

    def learn_known(self, topics: Iterable[str]) -> None:
        """Find the index fields of those topics whose fields are known."""
        catalog = self._catalog
        self.learn(topic for topic in topics if catalog and catalog.known_fields(topic) is not None)

    def learn_rows(self) -> None:
        """Find the index fields of what is plotted, once."""
        session = self._document.session
        plotted = {curve.field.topic for row in session.rows for curve in row.curves}
        self.learn(plotted - self._asked)

    def split_curves(self, row: int, fields: Iterable[FieldRef], index: str) -> None:
        """Replace curves of a row by one for each device; those without the index stay."""
        found = [field for field in fields if index in self._indices_of(field)]

        def apply(devices: dict[FieldRef, list[FieldRef]]) -> None:
            place = self._place_of(row, found)
            if place is not None:
                session = edits.split_curves(self._document.session, place, devices)
                self._document.apply(f"Split by {index}", session)

        self._submit(("split", row, index, *found), found, index, apply)

    def split_row(self, row: int, index: str) -> None:
        """Split all curves of a row that can be."""
        self.split_curves(row, _fields_of(self._document.session, row), index)

    def plot_split(self, fields: Iterable[FieldRef], index: str) -> None:
        """Plot fields in a new row, one curve for each device."""
        found = list(dict.fromkeys(fields))

        def apply(devices: dict[FieldRef, list[FieldRef]]) -> None:
            refs = [ref for field in found for ref in devices.get(field, [field])]
            self._document.apply(f"Plot by {index}", edits.add_row(self._document.session, refs))

        self._submit(("plot split", index, *found), found, index, apply)

    def _indices_of(self, field: FieldRef) -> list[str]:
        fixed = {condition.field for condition in field.where}
        return [index for index in self._indices.get(field.topic, []) if index not in fixed]

    def _find_indices(self, topic: str, catalog: Catalog) -> None:
        # What is learned of a source that was left goes into the memory of that time.
        known = self._indices

        async def ask() -> None:
            derived = DerivedTopic.parse(topic)
            base = topic if derived is None else derived.base
            names = [schema.name for schema in await catalog.fields(base)]
            known[topic] = index_fields(base, names, await catalog.tags(base))
            self.indicesChanged.emit()

        self._runner.submit(("indices", topic), ask, name=f"Index fields of {topic}", on_error=_stay_silent)

    def _submit(
        self,
        key: Hashable,
        fields: Sequence[FieldRef],
        index: str,
        apply: Callable[[dict[FieldRef, list[FieldRef]]], None],
    ) -> None:
        source, time_range = self._source, self._range
        if source is None or not fields:
            return

        async def ask() -> None:
            devices: dict[FieldRef, list[FieldRef]] = {}
            for topic, where in dict.fromkeys(field.subset for field in fields):
                values = await source.distinct(topic, index, time_range, where=where)
                self._tell(topic, index, len(values))
                for field in fields if values else ():
                    if field.subset == (topic, where):
                        devices[field] = field.split(index, values[:MOST_DEVICES])
            if devices:
                apply(devices)

        self._runner.submit(key, ask, name=f"Split by {index}")

    def _tell(self, topic: str, index: str, count: int) -> None:
        title = TopicName.parse(topic).title
        if not count:
            self.noticeRaised.emit(f"{title} has no value of {index} in this range. Choose another range.")
        elif count > MOST_DEVICES:
            self.noticeRaised.emit(
                f"{title} has {count:,} values of {index} in this range; "
                f"the curves are those of the first {MOST_DEVICES}."
            )

    def _place_of(self, row: int, fields: Sequence[FieldRef]) -> int | None:
        """Find the row of some curves, which may have moved while the source was asked."""
        session = self._document.session
        holding = [
            place for place in range(len(session.rows)) if set(fields) & set(_fields_of(session, place))
        ]
        return row if row in holding else next(iter(holding), None)


def _fields_of(session: Session, row: int) -> list[FieldRef]:
    return [curve.field for curve in session.rows[row].curves] if row < len(session.rows) else []


def _titles(topics: Iterable[str]) -> str:
    return ", ".join(TopicName.parse(topic).title for topic in topics)


def _stay_silent(_error: EfdViewerError) -> None:
    """Leave it to the plot and the topic browser to say that a topic cannot be read."""
