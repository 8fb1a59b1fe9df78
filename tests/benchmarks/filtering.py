"""A keystroke in the topic filter, with the topics and fields of a whole EFD."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTreeView, QVBoxLayout, QWidget

from efdviewer.app.window import make_application
from efdviewer.domain.topics import FieldSchema
from efdviewer.services.catalog import Catalog
from efdviewer.services.tasks import TaskRunner
from efdviewer.ui.topic_browser import TopicBrowser
from efdviewer.viewmodels.topic_tree import TopicTreeModel
from tests.benchmarks.table import Mark, Row
from tests.benchmarks.windows import run_on_loop
from tests.conftest import RECORDINGS
from tests.listed import ListedSource, floats, real, settled
from tests.windows import child

TOPICS, FIELDS = 3_093, 60_000
_WORDS = ("wrebpower", "analogi", "startreadot", "mount azim", "temprature sensr", "*force*1", "s x")
_ALLOWED_MS = 16.0
_ROUNDS = 3
_KINDS = ("", "logevent_", "logevent_", "command_")
_WHICH = (
    "actual",
    "analog",
    "azimuth",
    "camera",
    "dome",
    "mirror",
    "mount",
    "rotator",
    "sensor",
    "start",
    "wreb",
)
_WHAT = (
    "Angle",
    "Count",
    "Force",
    "I",
    "Name",
    "Position",
    "Power",
    "Readout",
    "Stamp",
    "Temp",
    "Velocity",
    "X",
)


def listing() -> Mapping[str, Sequence[FieldSchema]]:
    """Give the topics of a real EFD where its recording is at hand; else as many, of words such as it uses."""
    if RECORDINGS.is_dir():
        return real(RECORDINGS, FIELDS)
    rng = np.random.default_rng(5)

    def word() -> str:
        return f"{rng.choice(_WHICH)}{rng.choice(_WHAT)}"

    cscs = [
        f"{prefix}{rng.choice(_WHICH).title()}{number}" for number in range(34) for prefix in ("AT", "MT")
    ]
    fields: dict[str, Sequence[FieldSchema]] = {}
    for number in range(TOPICS):
        name = f"lsst.sal.{rng.choice(cscs)}.{rng.choice(_KINDS)}{word()}{number}"
        count = FIELDS * (number + 1) // TOPICS - FIELDS * number // TOPICS
        fields[name] = floats("private_sndStamp", *(f"{word()}{place}" for place in range(count - 1)))
    return fields


def keystrokes_ms(edit: QLineEdit, forget: Callable[[], None] = lambda: None) -> list[float]:
    """Type some words, a few times; gives the best time until the tree is painted anew after each key."""
    figures_ms: list[float] = []
    for words in _WORDS:
        rounds = []
        for _ in range(_ROUNDS):
            rounds.append([_key_ms(edit, key) for key in words])
            edit.clear()
            QApplication.processEvents()
            forget()
        figures_ms += [min(each) for each in zip(*rounds, strict=True)]
    return figures_ms


def _key_ms(edit: QLineEdit, key: str) -> float:
    begun_s = time.perf_counter()
    QTest.keyClick(edit, key)
    QApplication.processEvents()
    return (time.perf_counter() - begun_s) * 1e3


def _shown(widget: QWidget) -> None:
    widget.resize(300, 700)
    widget.show()
    widget.activateWindow()
    QTest.qWaitForWindowActive(widget)


async def ours_ms(fields: Mapping[str, Sequence[FieldSchema]]) -> list[float]:
    """Type into the topic browser."""
    catalog = Catalog(ListedSource(fields))
    model = TopicTreeModel(TaskRunner(report=print))
    browser = TopicBrowser(model)
    _shown(browser)
    model.setCatalog(catalog)
    await settled()
    for topic in fields:
        await catalog.fields(topic)
    some = next(iter(fields))

    def forget() -> None:
        # News of a topic make the index forget the words typed, which would flatter the next round.
        for observer in catalog.observers:
            observer(some, fields[some])

    figures_ms = keystrokes_ms(child(browser, QLineEdit, "topicFilter"), forget)
    browser.close()
    return figures_ms


def proxy_ms(fields: Mapping[str, Sequence[FieldSchema]]) -> list[float]:
    """Type into Qt's own filter, which looks at every row."""
    items, proxy = QStandardItemModel(), QSortFilterProxyModel()
    for topic, schemas in fields.items():
        item = QStandardItem(topic)
        item.appendRows([QStandardItem(schema.name) for schema in schemas])
        items.appendRow(item)
    proxy.setRecursiveFilteringEnabled(True)
    proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    proxy.setSourceModel(items)
    page, edit, tree = QWidget(), QLineEdit(), QTreeView()
    layout = QVBoxLayout(page)
    layout.addWidget(edit)
    layout.addWidget(tree)
    tree.setModel(proxy)
    edit.textChanged.connect(proxy.setFilterFixedString)
    _shown(page)
    figures_ms = keystrokes_ms(edit)
    page.close()
    return figures_ms


def rows() -> Iterator[Row]:
    """Yield the slowest of all keys."""
    make_application()
    fields = listing()
    assert sum(map(len, fields.values())) == FIELDS
    figures_ms, theirs_ms = run_on_loop(ours_ms(fields)), proxy_ms(fields)
    whose = "a real EFD's" if RECORDINGS.is_dir() else "made up"
    yield Row(
        name=f"keystroke in the topic filter, {TOPICS:,} topics and {FIELDS:,} fields",
        unit="ms",
        ours=max(figures_ms),
        rivals={"QSortFilterProxyModel": max(theirs_ms)},
        marks=[Mark.at_most(max(figures_ms), _ALLOWED_MS, "ms")],
        remark=f"slowest of {len(figures_ms)} keys until painted, each the best of {_ROUNDS}; median "
        f"{statistics.median(figures_ms):.1f} ms, of the rival {statistics.median(theirs_ms):.1f} ms; "
        f"names are {whose}",
        is_headline=True,
    )
