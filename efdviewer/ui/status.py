"""The status bar: source, cursor, what is under way, and the way to stop it."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QStatusBar, QWidget

from efdviewer.domain.query import Statement
from efdviewer.domain.timescale import Timescale, format_ns

_CONFIRMED_MS = 6000
_WHOLE = 1000
_PATIENCE_MS = 400


class WindowStatus(QStatusBar):
    """Shows progress: how much has come of the statements sent since the window was last quiet.

    Rows come in the order of time, so that the time of the last one tells how much of a range has come.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusBar")
        self.setAccessibleName("Status")
        self.source = self._label("sourceLabel", "Source")
        self.cursor_read_out = self._label("cursorLabel", "Cursor")
        self._flight = self._label("flightLabel", "Queries in flight")
        self.progress = QProgressBar()
        self.progress.setObjectName("progressBar")
        self.progress.setAccessibleName("Progress of the queries under way")
        self.progress.setToolTip("How much of what was asked for has come")
        self.progress.setRange(0, _WHOLE)
        self.progress.setFixedWidth(140)
        self.cancel_all = QPushButton("Cancel")
        self.cancel_all.setObjectName("cancelAll")
        self.cancel_all.setAccessibleName("Cancel all queries")
        self.cancel_all.setToolTip("Stop every query that is under way, here and on the server")
        for optional in (self.progress, self.cancel_all):
            # Nothing jumps when they come and go.
            policy = optional.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            optional.setSizePolicy(policy)
        self.cancel_all.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.addWidget(self.source)
        self.addWidget(self.cursor_read_out, 1)
        for widget in (self._flight, self.progress, self.cancel_all):
            self.addPermanentWidget(widget)
        self._running: dict[int, Statement] = {}
        self._done = 0
        self._rows = 0
        self._is_busy = self._is_patient = False
        self._silence = ""
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._show)
        self.show_busy(0)

    def set_patient(self, patient: bool) -> None:
        """Tell only of what takes a while: nothing flickers at the refreshes of a view that is followed."""
        self._is_patient = patient

    def observe(self, statement: Statement) -> None:
        """Count a statement of the source."""
        if statement.outcome == "running":
            self._running[statement.number] = statement
        elif self._running.pop(statement.number, None) is not None and statement.outcome == "done":
            self._done += 1
            self._rows += statement.rows
        self._show()

    def show_busy(self, outstanding: int) -> None:
        """Follow the number of tasks under way."""
        was_busy, self._is_busy = self._is_busy, outstanding > 0
        if not outstanding:
            self._patience.stop()
            self._running.clear()
            self._done = self._rows = 0
        elif self._is_patient and not was_busy:
            self._patience.start()
        self._show()

    def show_silence(self, since_utc_ns: int | None) -> None:
        """Say since when, ns UTC, the source has not answered; None while it does."""
        self._silence = ""
        if since_utc_ns is not None:
            _, _, since = format_ns(since_utc_ns, Timescale.UTC, digits=0).partition("T")
            self._silence = f"No answer since {since} UTC"
        self._show()

    def confirm(self, words: str) -> None:
        """Say for some seconds that something was done."""
        self.showMessage(words, _CONFIRMED_MS)

    def _show(self) -> None:
        is_told = self._is_busy and not self._patience.isActive()
        self.cancel_all.setEnabled(is_told)
        self.cancel_all.setVisible(is_told)
        running = len(self._running) if is_told else 0
        rows = self._rows + sum(statement.rows for statement in self._running.values())
        come = self._done + sum(statement.share for statement in self._running.values())
        # Answers without a row, to what fields there are for one, tell nothing of how long the rest takes.
        share = come / (self._done + len(self._running)) if rows else 0.0
        self.progress.setValue(int(_WHOLE * share))
        self.progress.setVisible(bool(running))
        words = "1 query" if running == 1 else f"{running} queries"
        flight = f"{words} in flight, {rows:,} rows" if running else "Working …" if is_told else "Ready"
        self._flight.setText(self._silence or flight)

    def _label(self, name: str, accessible: str) -> QLabel:
        label = QLabel()
        label.setObjectName(name)
        label.setAccessibleName(accessible)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label
