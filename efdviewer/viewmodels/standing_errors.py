"""Errors that no panel shows itself, and what puts an end to them."""

from PySide6.QtCore import QObject, Signal

from efdviewer.domain.errors import EfdViewerError, SourceError, UnreachableError


class StandingErrors(QObject):
    """Tells of errors, and when they are over: those of a source go by themselves, all others when closed."""

    raised = Signal(object)
    settled = Signal(object)
    """An `EfdViewerError` that was raised before no longer holds."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._out_of_reach: list[UnreachableError] = []

    def report(self, error: EfdViewerError) -> None:
        """Take an error of what a person, or a panel, wants of the source in use."""
        if isinstance(error, UnreachableError):
            self._out_of_reach.append(error)
        self.raised.emit(error)

    def withdraw(self, error: EfdViewerError) -> None:
        """Take note that what failed was done again, and well."""
        if isinstance(error, SourceError):
            self.settled.emit(error)

    def answered(self) -> None:
        """Take note that the source answers: it is within reach.

        What was cut or timed out is over only when the same is done again, and well.
        """
        settled, self._out_of_reach = self._out_of_reach, []
        for error in settled:
            self.settled.emit(error)
