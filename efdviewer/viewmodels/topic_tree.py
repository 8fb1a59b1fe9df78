"""The tree of CSCs, topics and fields, and what of it matches a filter."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from efdviewer.domain.errors import EfdViewerError, explain
from efdviewer.domain.search import fuzzy, word_matcher, words_of
from efdviewer.domain.topics import FieldGroup, FieldRef, FieldSchema, TopicKind, TopicName, group_fields
from efdviewer.services.catalog import Catalog
from efdviewer.services.tasks import TaskRunner

FIELDS_MIME = "application/x-efdviewer-fields"
TOPICS_MIME = "application/x-efdviewer-topics"
_Index = QModelIndex | QPersistentModelIndex


class Roles(IntEnum):
    """What a row of the tree stands for."""

    TOPIC = Qt.ItemDataRole.UserRole
    """`TopicName` of a topic's row, else None."""
    FIELDS = Qt.ItemDataRole.UserRole + 1
    """tuple of `FieldRef` of a field's or array's row, else empty."""
    KIND = Qt.ItemDataRole.UserRole + 2
    """Name of the row's icon."""


@dataclass(slots=True, eq=False)
class _Node:
    text: str
    parent: "_Node | None" = None
    row: int = 0
    detail: str = ""
    tip: str = ""
    icon: str = ""
    topic: TopicName | None = None
    fields: tuple[FieldRef, ...] = ()
    children: "list[_Node] | None" = field(default_factory=list)
    """None while a topic's fields were not asked for."""

    def adopt(self, children: "Sequence[_Node]") -> None:
        for row, child in enumerate(children):
            child.parent, child.row = self, row
        self.children = list(children)


@dataclass(slots=True)
class _Entry:
    """A topic as the filter sees it: names casefolded once."""

    topic: TopicName
    name: str
    fields: list[str] | None = None


class TopicTreeModel(QAbstractItemModel):
    """Two columns: name, and kind or type with units. The visible tree is built from the matches."""

    statusChanged = Signal(str)
    matchesChanged = Signal(bool)
    """The tree was built anew; True if so few topics match that they are worth unfolding."""

    def __init__(self, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._catalog: Catalog | None = None
        self._entries: list[_Entry] = []
        self._by_topic: dict[str, _Entry] = {}
        self._failures: dict[str, str] = {}
        self._words: list[str] = []
        self._typed = ""
        self._kinds = frozenset(TopicKind)
        self._root = _Node("")
        self._status = "No source is open."

    @property
    def status(self) -> str:
        """How many topics are shown, or why there are none."""
        return self._status

    def setCatalog(self, catalog: Catalog | None) -> None:
        """Show another source's topics."""
        self._catalog = catalog
        self._entries, self._by_topic = [], {}
        self._failures.clear()
        self._rebuild()
        if catalog is None:
            self._say("No source is open.")
            return
        self._say("Loading topics …")

        async def load() -> None:
            topics = await catalog.topics()
            self._entries = [_Entry(topic, str(topic).casefold()) for topic in topics]
            self._by_topic = {str(entry.topic): entry for entry in self._entries}
            for entry in self._entries:
                self._learn(entry, catalog.known_fields(str(entry.topic)))
            self._rebuild()

        self._runner.submit("topics", load, name="List topics", on_error=self._fail)

    def setFilterText(self, text: str) -> None:
        """Show what matches: every word, in any order, in the names of topics or of known fields."""
        self._typed, self._words = text, words_of(text)
        self._rebuild()

    def setKinds(self, kinds: frozenset[TopicKind]) -> None:
        """Show topics of these kinds alone."""
        self._kinds = kinds
        self._rebuild()

    def index(self, row: int, column: int, parent: _Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """Qt: index of a child."""
        children = self._node(parent).children or []
        if 0 <= row < len(children) and 0 <= column < 2:
            return self.createIndex(row, column, children[row])
        return QModelIndex()

    def parent(self, index: _Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        """Qt: index of the parent."""
        above = self._node(index).parent
        if above is None or above is self._root:
            return QModelIndex()
        return self.createIndex(above.row, 0, above)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Qt: number of children."""
        return 0 if parent.column() > 0 else len(self._node(parent).children or [])

    def columnCount(self, _parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Qt: name and detail."""
        return 2

    def hasChildren(self, parent: _Index = QModelIndex()) -> bool:  # noqa: B008
        """Qt: topics have fields before these are known."""
        node = self._node(parent)
        return node.children is None or bool(node.children)

    def canFetchMore(self, parent: _Index) -> bool:
        """Qt: whether a topic's fields are still to be asked for."""
        return self._node(parent).children is None

    def fetchMore(self, parent: _Index) -> None:
        """Qt: ask for a topic's fields."""
        node, catalog = self._node(parent), self._catalog
        if node.topic is None or catalog is None or node.children is not None:
            return
        name = str(node.topic)
        self._replace_children(node, [_Node("Loading …", icon="wait")])

        async def load() -> None:
            fields = await catalog.fields(name)
            self._failures.pop(name, None)
            entry = self._by_topic.get(name)
            if entry is not None:
                self._learn(entry, fields)
            self._show_fields(name, fields)

        def fail(error: EfdViewerError) -> None:
            self._failures[name] = explain(error)
            current = self._find(name)
            if current is not None:
                self._replace_children(current, [_Node(explain(error), icon="warning", tip=explain(error))])

        self._runner.submit(("fields", name), load, name=f"Fields of {name}", on_error=fail)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt: text, tooltip, and the roles of `Roles`."""
        node = self._node(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return node.text if index.column() == 0 else node.detail
        parts: dict[int, Any] = {
            Qt.ItemDataRole.ToolTipRole: node.tip or node.text,
            Qt.ItemDataRole.AccessibleTextRole: f"{node.text} {node.detail}".strip(),
            Roles.TOPIC: node.topic,
            Roles.FIELDS: node.fields,
            Roles.KIND: node.icon,
        }
        return parts.get(role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Qt: titles of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("Topic", "Kind")[section]
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Qt: topics and fields can be dragged."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        node = self._node(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if node.topic or node.fields else flags

    def mimeTypes(self) -> list[str]:
        """Qt: what a drag carries."""
        return [FIELDS_MIME, TOPICS_MIME, "text/plain"]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        """Qt: fields, topics, and their names as text."""
        nodes = [self._node(index) for index in indexes if index.column() == 0]
        fields = [str(ref) for node in nodes for ref in node.fields]
        topics = [str(node.topic) for node in nodes if node.topic is not None]
        mime = QMimeData()
        if fields:
            mime.setData(FIELDS_MIME, json.dumps(fields).encode())
        if topics:
            mime.setData(TOPICS_MIME, json.dumps(topics).encode())
        mime.setText("\n".join([*fields, *topics]))
        return mime

    def first_match(self) -> QModelIndex:
        """Give the first field that matches, else the first topic, else nothing."""
        for csc in self._root.children or []:
            for topic in csc.children or []:
                for leaf in topic.children or []:
                    if leaf.fields and self._words and not self._matches_name(str(topic.topic).casefold()):
                        return self.createIndex(leaf.row, 0, leaf)
                return self.createIndex(topic.row, 0, topic)
        return QModelIndex()

    def _node(self, index: _Index) -> _Node:
        return index.internalPointer() if index.isValid() else self._root

    def _learn(self, entry: _Entry, fields: Sequence[FieldSchema] | None) -> None:
        if fields is not None:
            entry.fields = [schema.name.casefold() for schema in fields]

    def _matches_name(self, name: str) -> bool:
        return all(word_matcher(word)(name) for word in self._words)

    def _matches(self) -> list[_Entry]:
        shown = [entry for entry in self._entries if entry.topic.kind in self._kinds or self._is_ack(entry)]
        if not self._words:
            return shown
        matchers = [word_matcher(word) for word in self._words]
        found = []
        for entry in shown:
            missing = [matcher for matcher in matchers if not matcher(entry.name)]
            if not missing or (
                entry.fields and any(all(matcher(name) for matcher in missing) for name in entry.fields)
            ):
                found.append(entry)
        if found:
            return found
        return [shown[place] for place in sorted(fuzzy(self._typed, [entry.name for entry in shown]))]

    def _is_ack(self, entry: _Entry) -> bool:
        return entry.topic.kind is TopicKind.ACKNOWLEDGEMENT and TopicKind.COMMAND in self._kinds

    def _rebuild(self) -> None:
        found = self._matches()
        self.beginResetModel()
        cscs: dict[str, list[_Node]] = {}
        for entry in found:
            cscs.setdefault(entry.topic.csc, []).append(self._topic_node(entry))
        top = []
        for name, topics in sorted(cscs.items(), key=lambda item: item[0].casefold()):
            node = _Node(name, detail=f"{len(topics)}", tip=f"{name}: {len(topics)} topics", icon="csc")
            node.adopt(topics)
            top.append(node)
        self._root = _Node("")
        self._root.adopt(top)
        self.endResetModel()
        if self._catalog is not None:
            self._say(f"{len(found):,} of {len(self._entries):,} topics")
        self.matchesChanged.emit(bool(self._words) and len(found) <= 40)

    def _topic_node(self, entry: _Entry) -> _Node:
        topic = entry.topic
        node = _Node(
            topic.name,
            detail=topic.kind.value,
            tip=f"{topic}\n{topic.kind.value}",
            icon=topic.kind.value,
            topic=topic,
            children=None,
        )
        known = self._catalog.known_fields(str(topic)) if self._catalog else None
        if known is not None:
            node.adopt(self._field_nodes(str(topic), known, only=self._field_words(entry)))
        return node

    def _field_words(self, entry: _Entry) -> list[str]:
        """Give the words that the topic's own name does not hold: its fields have to."""
        return [word for word in self._words if not word_matcher(word)(entry.name)]

    def _field_nodes(
        self, topic: str, fields: Sequence[FieldSchema], *, only: Sequence[str] = ()
    ) -> list[_Node]:
        matchers = [word_matcher(word) for word in only]
        kept = [field for field in fields if all(matcher(field.name.casefold()) for matcher in matchers)]
        return [self._group_node(topic, group) for group in group_fields(kept or fields)]

    def _group_node(self, topic: str, group: FieldGroup) -> _Node:
        members = [_field_node(topic, schema) for schema in group.members]
        if not group.is_array:
            return members[0]
        node = _Node(
            group.label,
            detail=members[0].detail,
            tip=f"{topic}\n{group.label}, {members[0].detail}",
            icon="array",
            fields=tuple(ref for member in members for ref in member.fields),
        )
        node.adopt(members)
        return node

    def _find(self, topic: str) -> _Node | None:
        name = TopicName.parse(topic)
        for csc in self._root.children or []:
            if csc.text == name.csc:
                return next((node for node in csc.children or [] if node.topic == name), None)
        return None

    def _show_fields(self, topic: str, fields: Sequence[FieldSchema]) -> None:
        node = self._find(topic)
        if node is not None:
            entry = self._by_topic[topic]
            self._replace_children(node, self._field_nodes(topic, fields, only=self._field_words(entry)))

    def _replace_children(self, node: _Node, children: Sequence[_Node]) -> None:
        index = self.createIndex(node.row, 0, node)
        if node.children:
            self.beginRemoveRows(index, 0, len(node.children) - 1)
            node.children = []
            self.endRemoveRows()
        if children:
            self.beginInsertRows(index, 0, len(children) - 1)
            node.adopt(children)
            self.endInsertRows()
        else:
            node.children = []

    def _fail(self, error: EfdViewerError) -> None:
        self._say(explain(error))

    def _say(self, text: str) -> None:
        self._status = text
        self.statusChanged.emit(text)


def _field_node(topic: str, schema: FieldSchema) -> _Node:
    units = f", {schema.units}" if schema.units else ""
    detail = f"{schema.type}{units}"
    return _Node(
        schema.name,
        detail=detail,
        tip=f"{topic}\n{schema.name}\n{detail}",
        icon=schema.type.value,
        fields=(FieldRef(topic, schema.name),),
    )
