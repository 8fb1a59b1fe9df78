"""The rows of the topic tree: built only where somebody looks."""

import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

from efdviewer.domain.derived import PACKED, DerivedTopic
from efdviewer.domain.expressions import write_name
from efdviewer.domain.packed import Packing
from efdviewer.domain.topics import FieldGroup, FieldRef, FieldSchema, TopicName

_TIP_WIDTH = 72


@dataclass(slots=True, eq=False)
class Node:
    """One row. `key` tells it from its siblings, and stays the same when the tree is built anew."""

    key: str
    text: str
    detail: str = ""
    tip: str = ""
    icon: str = ""
    topic: TopicName | None = None
    fields: tuple[FieldRef, ...] = ()
    make: "Callable[[], list[Node]] | None" = None
    children: "list[Node] | None" = None
    parent: "Node | None" = None
    row: int = 0
    ident: int = 0

    @property
    def is_unasked(self) -> bool:
        """Whether this is a topic whose fields were not asked for."""
        return self.topic is not None and self.make is None and self.children is None

    @property
    def has_children(self) -> bool:
        """Whether it can be opened, before its children are built."""
        return self.is_unasked or self.make is not None or bool(self.children)


class NodeTree:
    """Owns nodes under numbers, so that an index into a tree that is gone finds nothing."""

    _numbers = count(1)

    def __init__(self, top: Sequence[Node] = ()) -> None:
        self._nodes: dict[int, Node] = {}
        self.root = Node(key="", text="", children=[])
        self.adopt(self.root, top)

    def node(self, ident: int) -> Node:
        """Give a node by its number; the root, which has no rows of interest, where it is gone."""
        return self._nodes.get(ident, self.root)

    def children(self, node: Node) -> list[Node]:
        """Give a node's children, built now if need be."""
        if node.children is None and node.make is not None:
            self.adopt(node, node.make())
        return node.children or []

    def adopt(self, parent: Node, children: Sequence[Node]) -> None:
        """Put children at the end of a node's own."""
        if parent.children is None:
            parent.children = []
        for row, child in enumerate(children, len(parent.children)):
            child.parent, child.row, child.ident = parent, row, next(self._numbers)
            self._nodes[child.ident] = child
        parent.children.extend(children)

    def drop_first(self, parent: Node, number: int) -> None:
        """Take away a node's first children."""
        children = parent.children or []
        for child in children[:number]:
            del self._nodes[child.ident]
        parent.children = children[number:]
        for row, child in enumerate(parent.children):
            child.row = row

    def find(self, path: Iterable[str]) -> Node | None:
        """Follow keys from the root."""
        node = self.root
        for key in path:
            following = next((child for child in self.children(node) if child.key == key), None)
            if following is None:
                return None
            node = following
        return node


def path_of(node: Node) -> tuple[str, ...]:
    """Give the keys that lead from the root to a node."""
    keys = []
    while node.parent is not None:
        keys.append(node.key)
        node = node.parent
    return tuple(reversed(keys))


def csc_node(csc: str, number: int, make: Callable[[], list[Node]]) -> Node:
    """Make the row of a CSC with so many topics."""
    counted = f"{number:,} topic" + ("s" if number != 1 else "")
    return Node(key=csc, text=csc, detail=f"{number:,}", tip=f"{csc}: {counted}", icon="csc", make=make)


def topic_node(topic: TopicName, make: Callable[[], list[Node]] | None, description: str = "") -> Node:
    """Make the row of a topic; `make` is None while its fields are not known."""
    kind = topic.kind.value
    return Node(
        key=str(topic),
        text=topic.name,
        detail=kind,
        tip="\n".join([str(topic), kind, *textwrap.wrap(description, _TIP_WIDTH)]),
        icon=kind,
        topic=topic,
        make=make,
    )


def field_nodes(topic: str, groups: Iterable[FieldGroup], packing: Packing | None) -> list[Node]:
    """Make the rows of a topic's fields and arrays; an array of samples in time is one series."""
    return [_group_node(topic, group, packing) for group in groups]


def note_node(text: str, icon: str = "") -> Node:
    """Make a row that tells something in words, in place of fields."""
    return Node(key="", text=text, tip=text, icon=icon)


def _group_node(topic: str, group: FieldGroup, packing: Packing | None) -> Node:
    if not group.is_array:
        return _field_node(topic, group.members[0])
    detail = _detail(group.members[0])
    series = packing.series(group.members[0].name) if packing is not None else None
    if series is not None:
        return Node(
            key=group.label,
            text=group.label,
            detail=f"series, {group.members[0].units}".removesuffix(", "),
            tip=_tip(
                f"{topic}\n{group.label}, a series of {len(group.members)} samples in each message",
                group.members[0],
            ),
            icon="series",
            fields=(DerivedTopic(topic, PACKED).ref(write_name(series)),),
            make=partial(_member_nodes, topic, group),
        )
    return Node(
        key=group.label,
        text=group.label,
        detail=detail,
        tip=_tip(f"{topic}\n{group.label}, {len(group.members)} elements", group.members[0]),
        icon="array",
        fields=tuple(FieldRef(topic, member.name) for member in group.members),
        make=partial(_member_nodes, topic, group),
    )


def _member_nodes(topic: str, group: FieldGroup) -> list[Node]:
    return [_field_node(topic, schema) for schema in group.members]


def _field_node(topic: str, schema: FieldSchema) -> Node:
    detail = _detail(schema)
    return Node(
        key=schema.name,
        text=schema.name,
        detail=detail,
        tip=_tip(f"{topic}\n{schema.name}", schema),
        icon=schema.type.value,
        fields=(FieldRef(topic, schema.name),),
    )


def _detail(schema: FieldSchema) -> str:
    return f"{schema.type}, {schema.units}" if schema.units else str(schema.type)


def _tip(first: str, schema: FieldSchema) -> str:
    """Write what is known of a field, a long description in lines."""
    described = "\n".join(textwrap.wrap(schema.description, _TIP_WIDTH))
    return "\n".join(filter(None, [first, _detail(schema), described]))
