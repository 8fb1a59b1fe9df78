"""The topics of a source as a tree, what of it matches a filter, and fields fetched when asked for."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial

from PySide6.QtCore import QMimeData, QModelIndex, QObject, Signal

from efdviewer.domain.errors import EfdViewerError, LinkError, UnknownTopicError, explain
from efdviewer.domain.packed import packing_of
from efdviewer.domain.topics import FieldGroup, FieldRef, FieldSchema, TopicKind, TopicName, group_fields
from efdviewer.services.catalog import Catalog
from efdviewer.services.tasks import TaskRunner
from efdviewer.sources.workers import run_in_worker
from efdviewer.viewmodels.node_model import Index, NodeModel, Roles
from efdviewer.viewmodels.topic_drag import FIELDS_MIME, TOPICS_MIME, mime_data
from efdviewer.viewmodels.topic_filter import TopicFilter
from efdviewer.viewmodels.topic_list import MANY_FIELDS, TopicList
from efdviewer.viewmodels.topic_nodes import Node, csc_node, field_nodes, note_node, topic_node

__all__ = ["FIELDS_MIME", "MOST_FIELDS", "TOPICS_MIME", "Roles", "TopicTreeModel"]

MOST_FIELDS = 20
"""So many fields are plotted at once; an array can have hundreds, which no eye tells apart."""

_NO_SOURCE = "No source is open."
_ASK_AGAIN = "Press Return here to ask again."


class TopicTreeModel(NodeModel):
    """Built anew from what matches; rows come into being where the view looks."""

    statusChanged = Signal(str)

    def __init__(self, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._catalog: Catalog | None = None
        self._filter = TopicFilter()
        self._failed: set[str] = set()
        self._status = ""
        self._plight = _NO_SOURCE
        self._has_failed = False
        self._missed_renewal = False

    @property
    def status(self) -> str:
        """How many of the topics are shown; empty while they are not known."""
        return self._status

    @property
    def notice(self) -> str:
        """What to tell in place of an empty tree."""
        return self._plight or self._filter.notice

    @property
    def is_filtered(self) -> bool:
        """Whether a filter is typed."""
        return self._filter.is_typed

    @property
    def has_failed(self) -> bool:
        """Whether the topics could not be listed, or were not because somebody cancelled it."""
        return self._has_failed

    def setCatalog(self, catalog: Catalog | None) -> None:
        """Show another source's topics."""
        self._catalog = catalog
        self._missed_renewal = False
        self._filter.listed = TopicList()
        if catalog is None:
            self._runner.cancel("topics")
            self._has_failed = False
            self._suffer(_NO_SOURCE)
        else:
            catalog.observers.append(partial(self._learn, catalog))
            self._load(catalog)

    def setAbsence(self, words: str) -> None:
        """Tell why there is no source yet."""
        if self._catalog is None:
            self._suffer(words)

    def reload(self) -> None:
        """Ask the source again for what it has; the tree stays until the answer is another one."""
        if self._catalog is None:
            return
        self._catalog.reload()
        if self._filter.listed.topics:
            self._renew(self._catalog)
        else:
            self._load(self._catalog)

    def renew_missed(self) -> None:
        """List again what was to be while the source was out of reach."""
        if self._missed_renewal:
            self._missed_renewal = False
            self.reload()

    def renewNotes(self) -> None:
        """Show what has become known of topics and fields that are rows already."""
        for csc in self._tree.root.children or []:
            for node in csc.children or []:
                if node.topic is not None:
                    node.tip = self._topic_node(node.topic).tip
        for name in self._looked_into():
            self._show_fields(name)

    def setFilterText(self, text: str) -> None:
        """Show what matches: every word, in any order, in the names of topics or of known fields."""
        self._filter.text = text
        self._refresh()

    def setKinds(self, kinds: frozenset[TopicKind]) -> None:
        """Show topics of these kinds alone."""
        self._filter.kinds = kinds
        self._refresh()

    def canFetchMore(self, parent: Index) -> bool:
        """Qt: whether a topic's fields are still to be asked for."""
        return self.node_at(parent).is_unasked

    def fetchMore(self, parent: Index) -> None:
        """Qt: ask for a topic's fields."""
        node = self.node_at(parent)
        if node.topic is None or not node.is_unasked:
            return
        if self._filter.listed.is_ready(node.topic):
            self._show_fields(str(node.topic))
        else:
            self._ask(node)

    def ask_again(self, index: Index) -> None:
        """Ask once more for fields, where that failed: from the topic's row, or from the one that says so."""
        node = self.node_at(index)
        node = node if node.topic is not None or node.parent is None else node.parent
        if str(node.topic) in self._failed:
            self._ask(node)

    def mimeTypes(self) -> list[str]:
        """Qt: what a drag carries."""
        return [FIELDS_MIME, TOPICS_MIME, "text/plain"]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        """Qt: the fields, as many as `plottable` lets through, and the topics."""
        nodes = [self.node_at(index) for index in indexes if index.column() == 0]
        fields = self.plottable(ref for node in nodes for ref in node.fields)
        return mime_data(fields, (node.topic for node in nodes if node.topic is not None))

    def plottable(self, fields: Iterable[FieldRef]) -> list[FieldRef]:
        """Give each field once, `MOST_FIELDS` of them, and say so where others are left out."""
        each = list(dict.fromkeys(fields))
        if len(each) > MOST_FIELDS:
            self._say(
                f"Took the first {MOST_FIELDS} of {len(each):,} fields; open the array to choose others."
            )
        return each[:MOST_FIELDS]

    def first_topic(self) -> QModelIndex:
        """Give the first topic that matches."""
        for csc in self._tree.children(self._tree.root)[:1]:
            return self._index_of(self._tree.children(csc)[0])
        return QModelIndex()

    def first_match(self) -> QModelIndex:
        """Give the first field that matches where the first topic is found by its fields, else that topic."""
        topic = self.first_topic()
        return self.index(0, 0, topic) if self._filter.begins_with_field else topic

    def worth_opening(self) -> list[QModelIndex]:
        """Give the rows to open, parents first, so that the matches are seen, as long as these are few."""
        topics = self._filter.worth_opening()
        if topics is None:
            return []
        found = [self._tree.find((topic.csc, str(topic))) for topic in topics]
        rows = list(self._tree.children(self._tree.root))
        rows += [node for node in found if node is not None and not node.is_unasked]
        return [self._index_of(node) for node in rows]

    def _load(self, catalog: Catalog) -> None:
        self._has_failed = False
        self._suffer("Loading topics …")

        async def load() -> None:
            try:
                topics = await catalog.topics()
                listed = await run_in_worker(TopicList, topics)
            except asyncio.CancelledError:
                self._fail(catalog, "Listing the topics was cancelled.")
                raise
            self._take(catalog, listed)

        def fail(error: EfdViewerError) -> None:
            self._fail(catalog, explain(error))

        self._runner.submit("topics", load, name="List topics", on_error=fail)

    def _renew(self, catalog: Catalog) -> None:
        """List the topics again, and the fields of those that somebody looks into."""
        before = {name: self._filter.listed.fields_of(name) for name in self._looked_into()}

        async def load() -> None:
            listed = await run_in_worker(TopicList, await catalog.topics())
            has_changed = listed.topics != self._filter.listed.topics
            for name, known in before.items():
                with suppress(UnknownTopicError):
                    fields = await catalog.fields(name)
                    has_changed = has_changed or list(fields) != list(known or ())
                    listed.learn(name, fields)
                    if len(fields) > MANY_FIELDS:
                        listed.fold(name, await run_in_worker(group_fields, fields))
            if has_changed:
                listed.inherit(self._filter.listed)
                self._take(catalog, listed)
            else:
                self._say(self._filter.status)

        def fail(error: EfdViewerError) -> None:
            self._missed_renewal = isinstance(error, LinkError)
            self._say(f"{self._filter.status}; they could not be listed again: {error}")

        self._runner.submit("topics", load, name="List topics again", on_error=fail)

    def _looked_into(self) -> list[str]:
        """Name the topics whose fields are rows of the tree."""
        topics = [node for csc in self._tree.root.children or [] for node in csc.children or []]
        return [str(node.topic) for node in topics if node.topic is not None and node.children]

    def _take(self, catalog: Catalog, listed: TopicList) -> None:
        self._filter.listed = listed
        for topic in listed.topics:
            known = catalog.known_fields(str(topic))
            if known is not None:
                listed.learn(str(topic), known)
        self._plight = ""
        self._refresh()

    def _fail(self, catalog: Catalog, plight: str) -> None:
        if catalog is self._catalog:
            self._has_failed = True
            self._suffer(plight)

    def _suffer(self, plight: str) -> None:
        """Show no topics, and why."""
        self._plight = plight
        self._refresh()

    def _refresh(self) -> None:
        """Build the tree anew and say how much of all it shows."""
        self._failed.clear()
        self._filter.apply()
        self._reset_tree(
            [
                csc_node(csc, len(topics), partial(self._topic_nodes, topics))
                for csc, topics in self._filter.by_csc()
            ]
        )
        self._say("" if self._plight else self._filter.status)

    def _topic_nodes(self, topics: Sequence[TopicName]) -> list[Node]:
        return [self._topic_node(topic) for topic in topics]

    def _topic_node(self, topic: TopicName) -> Node:
        is_ready = self._filter.listed.is_ready(topic)
        described = self._catalog.describe(str(topic)) if self._catalog is not None else ""
        return topic_node(topic, partial(self._field_nodes, topic) if is_ready else None, described)

    def _field_nodes(self, topic: TopicName) -> list[Node]:
        packing = packing_of(str(topic), self._filter.listed.fields_of(str(topic)) or ())
        return field_nodes(str(topic), self._filter.groups(topic), packing)

    def _ask(self, node: Node) -> None:
        catalog, name = self._catalog, str(node.topic)
        if catalog is None:
            return
        self._failed.discard(name)
        self._replace_children(node, [note_node("Loading fields …", "wait")])

        async def load() -> None:
            try:
                fields = await catalog.fields(name)
                groups: list[FieldGroup] | None = None
                if len(fields) > MANY_FIELDS:
                    groups = await run_in_worker(group_fields, fields)
            except asyncio.CancelledError:
                self._fail_fields(catalog, name, "Cancelled.")
                raise
            if catalog is self._catalog:
                if groups is not None:
                    self._filter.listed.fold(name, groups)
                self._show_fields(name)

        def fail(error: EfdViewerError) -> None:
            self._fail_fields(catalog, name, str(error), error.hint)

        self._runner.submit(("fields", name), load, name=f"Fields of {name}", on_error=fail)

    def _learn(self, catalog: Catalog, topic: str, fields: Sequence[FieldSchema]) -> None:
        if catalog is self._catalog:
            self._filter.listed.learn(topic, fields)

    def _show_fields(self, name: str) -> None:
        node, topic = self._shown(name), self._filter.shown(name)
        if node is not None and topic is not None and self._filter.listed.is_ready(topic):
            self._replace_children(node, self._field_nodes(topic))

    def _fail_fields(self, catalog: Catalog, name: str, why: str, hint: str = "") -> None:
        node = self._shown(name) if catalog is self._catalog else None
        if node is not None:
            self._failed.add(name)
            notes = [note_node(why, "warning"), note_node(f"{hint} {_ASK_AGAIN}".strip())]
            self._replace_children(node, notes)

    def _shown(self, name: str) -> Node | None:
        """Give the row of a topic, if the filter shows it."""
        topic = self._filter.shown(name)
        return self._tree.find((topic.csc, name)) if topic is not None else None

    def _say(self, text: str) -> None:
        self._status = text
        self.statusChanged.emit(text)
