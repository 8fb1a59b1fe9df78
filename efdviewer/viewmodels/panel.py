"""What the workspace tells every panel, and asks of it."""

from typing import Protocol

from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.query import DataSource
from efdviewer.domain.session import Session
from efdviewer.domain.timerange import TimeRange
from efdviewer.services.catalog import Catalog


class PanelModel(Protocol):
    """State of a panel that shows something of the range in view."""

    def set_source(self, source: DataSource | None, catalog: Catalog | None) -> None:
        """Show another source; nothing of the one before may be shown under its name."""
        ...

    def set_time_range(self, time_range: TimeRange) -> None:
        """Show another range."""
        ...

    def forget_coverage(self) -> None:
        """Ask the source for everything anew when a range is shown next."""
        ...

    def forget_loading(self) -> None:
        """Tell what is known once loads were cancelled."""
        ...

    def sessionChanged(self, old: Session, new: Session) -> None:
        """Follow the document."""
        ...

    def errors(self) -> list[EfdViewerError]:
        """List what could not be loaded."""
        ...
