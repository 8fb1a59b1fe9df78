"""The choice of fields that are written at the lines of an overlay."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from efdviewer.domain.topics import TopicName, is_private
from efdviewer.viewmodels.events import EventsViewModel

_MOST = 60


class LabelMenu(QMenu):
    """The fields of one overlay's topic, any of which may be ticked; it stays open meanwhile."""

    def __init__(self, model: EventsViewModel, index: int, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.setObjectName(f"menuLabels{index}")
        self.setAccessibleName(f"Label {title.replace('&', '')} with")
        self._model = model
        self.index = index
        """Place of the overlay."""
        self.aboutToShow.connect(self.offer)

    def offer(self) -> None:
        """List the fields as they are known now, those that are chosen first."""
        self.clear()
        if not 0 <= self.index < len(self._model.rows()):
            return
        chosen = self._model.rows()[self.index].overlay.labels
        known = self._model.fields_of(self.index)
        own = sorted(schema.name for schema in known or () if not is_private(schema.name))
        names = list(dict.fromkeys([*chosen, *own]))
        for name in names[:_MOST]:
            action = self.addAction(name.replace("&", "&&"))
            action.setObjectName(f"actionLabel-{name}")
            action.setData(name)
            action.setCheckable(True)
            action.setChecked(name in chosen)
            action.toggled.connect(self._choose)
        if not names:
            none = "The topic has no fields of its own"
            self.addAction(none if known is not None else "Its fields are not known yet").setEnabled(False)
        elif len(names) > _MOST:
            more = f"{len(names) - _MOST:,} more; name them as labels in the session file"
            self.addAction(more).setEnabled(False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick, and stay open for the next."""
        action = self.actionAt(event.position().toPoint())
        if action is not None and action.isCheckable():
            action.toggle()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tick with Space, and stay open; Return ticks and closes."""
        action = self.activeAction()
        if event.key() == Qt.Key.Key_Space and action is not None and action.isCheckable():
            action.toggle()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        chosen = [action.data() for action in self.actions() if action.isCheckable() and action.isChecked()]
        self._model.edit(self.index, "Label events", labels=tuple(chosen))


class LabelMenus(QObject):
    """The menu of all overlays, each with its fields: "Label lines with"."""

    def __init__(self, model: EventsViewModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.menu = QMenu("&Label lines with", parent)
        self.menu.setObjectName("menuLabels")
        self._topics: list[str] | None = None
        model.overlaysChanged.connect(self._offer)
        self._offer()

    def _offer(self) -> None:
        rows = self._model.rows()
        topics = [row.overlay.topic for row in rows]
        if topics == self._topics:
            return
        self._topics = topics
        for action in self.menu.actions():
            below = action.menu()
            self.menu.removeAction(action)
            if isinstance(below, QMenu):
                below.deleteLater()
        for index, topic in enumerate(topics):
            title = TopicName.parse(topic).title.replace("&", "&&")
            self.menu.addMenu(LabelMenu(self._model, index, title, self.menu))
        self.menu.menuAction().setEnabled(bool(topics))
