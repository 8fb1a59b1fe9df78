"""What Qt asks of a tree, answered from nodes."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from efdviewer.viewmodels.topic_nodes import Node, NodeTree, path_of

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
# Put together once: Qt asks for the flags of a row four times whenever it is drawn.
_STAYING = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_DRAGGED = _STAYING | Qt.ItemFlag.ItemIsDragEnabled


class Roles(IntEnum):
    """What a row of the tree stands for."""

    TOPIC = Qt.ItemDataRole.UserRole
    """`TopicName` of a topic's row, else None."""
    FIELDS = Qt.ItemDataRole.UserRole + 1
    """tuple of `FieldRef` of a field's or array's row, else empty."""
    KIND = Qt.ItemDataRole.UserRole + 2
    """Name of the row's icon."""


_PARTS: dict[int, Callable[[Node], Any]] = {
    Roles.TOPIC: lambda node: node.topic,
    Roles.FIELDS: lambda node: node.fields,
    Roles.KIND: lambda node: node.icon,
    Qt.ItemDataRole.ToolTipRole: lambda node: node.tip,
    Qt.ItemDataRole.AccessibleTextRole: lambda node: f"{node.text}, {node.detail}".rstrip(", "),
}


class NodeModel(QAbstractItemModel):
    """Two columns: name, and kind or type with units. An index holds a node's number."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tree = NodeTree()

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> QModelIndex:
        """Qt: index of a child."""
        children = self._tree.children(self.node_at(parent))
        if 0 <= row < len(children) and 0 <= column < 2:
            return self.createIndex(row, column, children[row].ident)
        return QModelIndex()

    def parent(self, index: Index = NOWHERE) -> QModelIndex:  # type: ignore[override]
        """Qt: index of the parent."""
        above = self.node_at(index).parent
        return QModelIndex() if above is None else self._index_of(above)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Qt: number of children."""
        return 0 if parent.column() > 0 else len(self._tree.children(self.node_at(parent)))

    def columnCount(self, _parent: Index = NOWHERE) -> int:
        """Qt: name and detail."""
        return 2

    def hasChildren(self, parent: Index = NOWHERE) -> bool:
        """Qt: topics have fields before these are known."""
        return self.node_at(parent).has_children

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt: text, tooltip, and the roles of `Roles`."""
        node = self.node_at(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return node.text if index.column() == 0 else node.detail
        part = _PARTS.get(role)
        return None if part is None else part(node)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Qt: titles of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("Topic", "Kind")[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Qt: topics and fields can be dragged."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        node = self.node_at(index)
        return _DRAGGED if node.topic or node.fields else _STAYING

    def node_at(self, index: Index) -> Node:
        """Give what a row stands for; the root for an invalid index."""
        # The number of an invalid index is 0, which no node has.
        return self._tree.node(index.internalId())

    def path_of(self, index: Index) -> tuple[str, ...]:
        """Name a row in a way that outlives the tree: its CSC, topic, array, field."""
        return path_of(self.node_at(index))

    def index_at(self, path: Sequence[str]) -> QModelIndex:
        """Find a row by what `path_of` gave; invalid where it is not in the tree, or not yet."""
        node = self._tree.find(path)
        return QModelIndex() if node is None else self._index_of(node)

    def _index_of(self, node: Node) -> QModelIndex:
        return QModelIndex() if node.parent is None else self.createIndex(node.row, 0, node.ident)

    def _reset_tree(self, top: Sequence[Node]) -> None:
        self.beginResetModel()
        self._tree = NodeTree(top)
        self.endResetModel()

    def _replace_children(self, node: Node, children: Sequence[Node]) -> None:
        """Put others in place of a node's children; what was current on the first stays on the first."""
        index, before = self._index_of(node), len(node.children or [])
        if children:
            self.beginInsertRows(index, before, before + len(children) - 1)
            self._tree.adopt(node, children)
            self.endInsertRows()
        if before:
            # Removed after the others have come, since Qt moves on to the next row, and else to the parent.
            self.beginRemoveRows(index, 0, before - 1)
            self._tree.drop_first(node, before)
            self.endRemoveRows()
