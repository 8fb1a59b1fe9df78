"""What stands in place of the plots while there are none: ways to begin."""

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from efdviewer.ui.field_drop import dropped_fields, dropped_topics, is_droppable

_WAYS = (
    ("emptyDemo", "Open the demo", "A simulated observing night, no database needed"),
    ("emptyConnect", "Connect to an EFD", "An InfluxDB by address, profile or $EFDAUTH"),
    ("emptyOpen", "Open a file", "A session (.efdview) or an archive folder"),
)


class EmptyState(QWidget):
    """Three ways to begin without a source; with one, how to plot the first field."""

    demoRequested = Signal()
    connectRequested = Signal()
    openRequested = Signal()
    fieldsDropped = Signal(object)
    topicsDropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("emptyState")
        self.setAccessibleName("Nothing plotted yet")
        self.setAcceptDrops(True)
        # A click here leaves the topic filter, so that keys act on the window again.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._title = QLabel()
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.6)
        self._title.setFont(font)
        self._hint = QLabel()
        for label in (self._title, self._hint):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
        self._ways = QWidget()
        ways = QVBoxLayout(self._ways)
        for (name, text, tip), signal in zip(
            _WAYS, (self.demoRequested, self.connectRequested, self.openRequested), strict=True
        ):
            ways.addWidget(self._way(name, text, tip, signal))
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(self._title)
        layout.addWidget(self._hint)
        layout.addSpacing(16)
        layout.addWidget(self._ways, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self.show_source("")

    def show_source(self, label: str) -> None:
        """Say what to do next: with a source, find a field; without, open one."""
        self._ways.setVisible(not label)
        if label:
            self._title.setText("Nothing plotted yet")
            self._hint.setText(
                "Find a field in the topic list (Ctrl+F), then double-click it,\npress Enter, "
                "or drag it here. Double-click an event to lay it over the plots."
            )
        else:
            self._title.setText("Look at an engineering database")
            self._hint.setText("Three ways to begin:")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take fields and topics."""
        if is_droppable(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for a first plot of fields, or for event lines."""
        if fields := dropped_fields(event.mimeData()):
            self.fieldsDropped.emit(fields)
        elif topics := dropped_topics(event.mimeData()):
            self.topicsDropped.emit(topics)
        event.acceptProposedAction()

    def _way(self, name: str, text: str, tip: str, signal: SignalInstance) -> QWidget:
        way = QWidget()
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setMinimumHeight(40)
        button.clicked.connect(signal)
        note = QLabel(tip)
        note.setWordWrap(True)
        note.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        note.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        layout = QVBoxLayout(way)
        layout.addWidget(button)
        layout.addWidget(note)
        way.setFixedWidth(320)
        return way
