"""Makes curves of curves: by formulas, and by the clock that says when their samples were taken."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from efdviewer.domain import edits
from efdviewer.domain.derived import DerivedTopic, check_formula, origin_of, schema_of
from efdviewer.domain.derived_edits import replace_field
from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.domain.events import stamps_of
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldRef, FieldSchema, FieldType
from efdviewer.domain.transforms import TRANSFORMS, Choices, at_stamp, derived_field
from efdviewer.services.catalog import Catalog
from efdviewer.services.document import Document
from efdviewer.services.tasks import TaskRunner


class DerivingViewModel(QObject):
    """Knows what formulas can read, and plots what they come to."""

    fieldsLearned = Signal()
    """The fields of a topic became known."""

    def __init__(
        self, document: Document, runner: TaskRunner, time_range: TimeRange, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._range = time_range
        self._catalog: Catalog | None = None

    def set_source(self, catalog: Catalog | None) -> None:
        """Read the fields that another source has."""
        self._catalog = catalog

    def set_time_range(self, time_range: TimeRange) -> None:
        """Follow the range in view, whose trend may be taken away."""
        self._range = time_range

    def curves(self, row: int) -> list[FieldRef]:
        """List the curves of a row."""
        rows = self._document.session.rows
        return [curve.field for curve in rows[row].curves] if row < len(rows) else []

    def others(self, field: FieldRef) -> list[FieldRef]:
        """List all curves but one, those of its own rows first."""
        session = self._document.session
        found = dict.fromkeys(curve.field for row in session.rows for curve in row.curves)
        return sorted(
            (other for other in found if other != field),
            key=lambda other: origin_of(other) != origin_of(field),
        )

    def learn(self, field: FieldRef) -> None:
        """Find out what else the rows of a curve hold."""
        catalog, topic = self._catalog, origin_of(field).base
        if catalog is None or catalog.known_fields(topic) is not None:
            return

        async def ask() -> None:
            await catalog.fields(topic)
            self.fieldsLearned.emit()

        self._runner.submit(("formula fields", topic), ask, name=f"Fields of {topic}", on_error=_stay_silent)

    def names(self, field: FieldRef) -> list[str]:
        """List the fields that a formula over the rows of a curve can read; none before they are known."""
        return [schema.name for schema in self._schemas(field) if schema.type is not FieldType.STRING]

    def units(self, field: FieldRef) -> str:
        """Tell the units of a curve; empty where they are not known."""
        origin = origin_of(field)
        schema = schema_of(str(origin), field.field, self._schemas(field))
        return schema.units if schema is not None else ""

    def stamps(self, field: FieldRef) -> tuple[str, ...]:
        """List the stamps by which a curve can be placed, the index first; none for packed samples."""
        known = self._base(field)
        return stamps_of(known) if known and origin_of(field).stamp else ()

    def formula(self, name: str, field: FieldRef, other: FieldRef | None, **chosen: str) -> str:
        """Write the formula of one of the `TRANSFORMS` of a curve."""
        choices = Choices(
            view=self._range,
            other=other,
            seconds=chosen.get("seconds", ""),
            units=(chosen.get("old", ""), chosen.get("new", "")),
        )
        return TRANSFORMS[name].formula(field, choices)

    def problem(self, field: FieldRef, formula: str) -> str:
        """Say what is wrong with a formula over the rows of a curve; empty where nothing is known to be."""
        known = self._schemas(field)
        if not known:
            return ""
        try:
            check_formula(origin_of(field), formula.strip(), known)
        except EfdViewerError as error:
            return explain(error)
        return ""

    def plot(self, row: int, field: FieldRef, formula: str, *, in_new_row: bool) -> None:
        """Plot a formula over the rows of a curve beside it, or in a row of its own."""
        session, derived = self._document.session, derived_field(field, formula.strip())
        if in_new_row:
            self._document.apply("Derive curve", edits.add_row(session, [derived], at=row + 1))
        else:
            self._document.apply("Derive curve", edits.add_curves(session, row, [derived]))

    def place_at(self, row: int, field: FieldRef, stamp: str) -> None:
        """Draw a curve where a stamp of its messages says, in place of where it was."""
        session = replace_field(self._document.session, row, field, at_stamp(field, stamp))
        self._document.apply("Change clock of curve", session)

    def _base(self, field: FieldRef) -> Sequence[FieldSchema]:
        known = self._catalog.known_fields(origin_of(field).base) if self._catalog is not None else None
        return known or ()

    def _schemas(self, field: FieldRef) -> Sequence[FieldSchema]:
        origin: DerivedTopic = origin_of(field)
        try:
            return origin.schemas(self._base(field))
        except EfdViewerError:
            return ()


def _stay_silent(_error: EfdViewerError) -> None:
    """Leave it to the plot to say that the topic cannot be read."""
