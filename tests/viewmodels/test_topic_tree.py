import asyncio
import json

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from efdviewer.app.window import make_application
from efdviewer.domain.errors import UnreachableError
from efdviewer.domain.topics import FieldRef, TopicKind
from efdviewer.services.catalog import Catalog
from efdviewer.services.tasks import TaskRunner
from efdviewer.viewmodels.topic_tree import FIELDS_MIME, MOST_FIELDS, TOPICS_MIME, Roles, TopicTreeModel
from tests.listed import ListedSource, floats, settled, small

CAMERA = "lsst.sal.ATCamera"
FORCES = "lsst.sal.MTM1M3.appliedForces"


@pytest.fixture
def source() -> ListedSource:
    return ListedSource(small())


@pytest.fixture
def model():
    make_application()
    reported = []
    runner = TaskRunner(report=reported.append)
    model = TopicTreeModel(runner)
    model.runner = runner
    # Fails the test at once where the model breaks the rules of Qt's item models.
    model.tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.tester.setUseFetchMore(False)
    yield model
    assert reported == [], "what a panel shows itself is not reported a second time"


async def filled(model: TopicTreeModel, source: ListedSource) -> TopicTreeModel:
    model.setCatalog(Catalog(source))
    await settled()
    return model


def texts(model: TopicTreeModel, *path: str) -> list[str]:
    parent = model.index_at(path) if path else QModelIndex()
    return [model.index(row, 0, parent).data() for row in range(model.rowCount(parent))]


async def opened(model: TopicTreeModel, csc: str, topic: str) -> QModelIndex:
    index = model.index_at((csc, topic))
    model.fetchMore(index)
    await settled()
    return index


async def test_that_topics_stand_below_their_csc_and_fields_below_their_topic(model, source):
    await filled(model, source)
    assert texts(model) == ["(no CSC)", "ATCamera", "MTM1M3"]
    expected = ["ackcmd", "command_takeImages", "logevent_startReadout", "wreb", "wrebPower"]
    assert texts(model, "ATCamera") == expected
    wreb = model.index_at(("ATCamera", f"{CAMERA}.wreb"))
    assert model.hasChildren(wreb)
    assert model.canFetchMore(wreb)
    assert source.asked == ["topics"]
    await opened(model, "ATCamera", f"{CAMERA}.wreb")
    assert texts(model, "ATCamera", f"{CAMERA}.wreb") == ["ccdTemp0", *(f"temp{n}" for n in range(1, 7))]
    assert source.asked == ["topics", f"{CAMERA}.wreb"]


async def test_that_an_array_is_one_row_with_its_elements_in_natural_order(model, source):
    await filled(model, source)
    await opened(model, "MTM1M3", FORCES)
    assert texts(model, "MTM1M3", FORCES) == ["force[30]", "fx"]
    array = model.index_at(("MTM1M3", FORCES, "force[30]"))
    assert texts(model, "MTM1M3", FORCES, "force[30]") == [f"force{n}" for n in range(30)]
    assert list(array.data(Roles.FIELDS)) == [FieldRef(FORCES, f"force{n}") for n in range(30)]
    assert array.siblingAtColumn(1).data() == "float, N"
    assert array.data(Roles.KIND) == "array"


async def test_that_kinds_are_told_in_words_and_can_be_switched_off(model, source):
    await filled(model, source)
    rows = [model.index_at(("ATCamera", f"{CAMERA}.{name}")) for name in ("ackcmd", "command_takeImages")]
    assert [row.siblingAtColumn(1).data() for row in rows] == ["acknowledgement", "command"]
    assert model.status == "7 of 7 topics"
    model.setKinds(frozenset({TopicKind.EVENT}))
    assert texts(model) == ["ATCamera"]
    assert texts(model, "ATCamera") == ["logevent_startReadout"]
    assert model.status == "1 of 7 topics"
    model.setFilterText("wreb")
    assert "2 of the others" in model.notice


async def test_that_a_filter_finds_known_fields_and_shows_only_them(model, source):
    await filled(model, source)
    model.setFilterText("analog_i")
    assert texts(model) == []
    assert "opened" in model.notice
    model.setFilterText("")
    await opened(model, "ATCamera", f"{CAMERA}.wrebPower")
    model.setFilterText("atcam analog_i")
    assert texts(model, "ATCamera", f"{CAMERA}.wrebPower") == ["analog_I"]
    assert model.first_match().data(Roles.FIELDS)[0] == FieldRef(f"{CAMERA}.wrebPower", "analog_I")
    assert model.first_topic().data() == "wrebPower"
    assert [model.path_of(index)[-1] for index in model.worth_opening()] == [
        "ATCamera",
        f"{CAMERA}.wrebPower",
    ]
    model.setFilterText("power")
    assert texts(model, "ATCamera", f"{CAMERA}.wrebPower") == ["analog_I", "analog_V"]
    assert model.first_match().data() == "wrebPower"


async def test_that_fields_another_panel_asked_for_are_found_too(model, source):
    catalog = Catalog(source)
    model.setCatalog(catalog)
    await settled()
    await catalog.fields(f"{CAMERA}.wrebPower")
    model.setFilterText("analog_i")
    assert texts(model, "ATCamera", f"{CAMERA}.wrebPower") == ["analog_I"]


async def test_that_what_only_resembles_the_filter_is_said_to(model, source):
    await filled(model, source)
    model.setFilterText("strtReadot")
    assert texts(model, "ATCamera") == ["logevent_startReadout"]
    assert model.status == "1 of 7 topics, by resemblance"


async def test_that_loading_and_failing_are_rows_in_words_and_asking_again_works(model, source):
    await filled(model, source)
    source.gate.clear()
    index = model.index_at(("ATCamera", f"{CAMERA}.wreb"))
    model.fetchMore(index)
    assert texts(model, "ATCamera", f"{CAMERA}.wreb") == ["Loading fields …"]
    source.failure = UnreachableError("The host is gone.", hint="Check the VPN.")
    source.gate.set()
    await settled()
    assert texts(model, "ATCamera", f"{CAMERA}.wreb") == [
        "The host is gone.",
        "Check the VPN. Press Return here to ask again.",
    ]
    assert not model.canFetchMore(index)
    source.failure = None
    model.ask_again(model.index(0, 0, index))
    await settled()
    assert len(texts(model, "ATCamera", f"{CAMERA}.wreb")) == 7


async def test_that_a_cancelled_request_does_not_go_on_loading_for_ever(model, source):
    await filled(model, source)
    source.gate.clear()
    index = model.index_at(("ATCamera", f"{CAMERA}.wreb"))
    model.fetchMore(index)
    await asyncio.sleep(0)
    assert source.asked[-1] == f"{CAMERA}.wreb"
    model.runner.cancel_all()
    await settled()
    assert texts(model, "ATCamera", f"{CAMERA}.wreb")[0] == "Cancelled."
    source.gate.set()
    model.ask_again(index)
    await settled()
    assert len(texts(model, "ATCamera", f"{CAMERA}.wreb")) == 7


async def test_that_an_empty_tree_says_why(model, source):
    assert model.notice == "No source is open."
    source.gate.clear()
    model.setCatalog(Catalog(source))
    assert model.notice == "Loading topics …"
    source.failure = UnreachableError("The host is gone.", hint="Check the VPN.")
    source.gate.set()
    await settled()
    assert model.notice == "The host is gone. Check the VPN."
    assert model.has_failed
    source.failure = None
    model.reload()
    await settled()
    assert len(texts(model)) == 3
    assert not model.has_failed
    await filled(model, ListedSource({}))
    assert model.notice == "This source holds no topics."
    model.setCatalog(None)
    assert model.notice == "No source is open."


async def test_that_a_late_reply_of_another_source_changes_nothing(model, source):
    await filled(model, source)
    source.gate.clear()
    model.fetchMore(model.index_at(("ATCamera", f"{CAMERA}.wreb")))
    other = ListedSource({f"{CAMERA}.wreb": floats("other")})
    model.setCatalog(Catalog(other))
    source.gate.set()
    await settled()
    await opened(model, "ATCamera", f"{CAMERA}.wreb")
    assert texts(model, "ATCamera", f"{CAMERA}.wreb") == ["other"]


async def test_that_many_fields_are_folded_off_the_event_loop_and_shown(model):
    many = floats(*(f"x{n}" for n in range(1500)), "y")
    await filled(model, ListedSource({FORCES: many}))
    await opened(model, "MTM1M3", FORCES)
    assert texts(model, "MTM1M3", FORCES) == ["x[1500]", "y"]
    model.setFilterText("y appl")
    assert texts(model, "MTM1M3", FORCES) == ["y"]


async def test_that_a_drag_carries_fields_topics_and_text(model, source):
    await filled(model, source)
    await opened(model, "ATCamera", f"{CAMERA}.wrebPower")
    field = model.index_at(("ATCamera", f"{CAMERA}.wrebPower", "analog_I"))
    event = model.index_at(("ATCamera", f"{CAMERA}.logevent_startReadout"))
    mime = model.mimeData([field, field.siblingAtColumn(1), event])
    assert json.loads(mime.data(FIELDS_MIME).data()) == [f"{CAMERA}.wrebPower:analog_I"]
    assert json.loads(mime.data(TOPICS_MIME).data()) == [f"{CAMERA}.logevent_startReadout"]
    assert mime.text().split("\n") == [f"{CAMERA}.wrebPower:analog_I", f"{CAMERA}.logevent_startReadout"]
    assert not model.flags(model.index_at(("ATCamera",))) & Qt.ItemFlag.ItemIsDragEnabled
    assert model.flags(field) & Qt.ItemFlag.ItemIsDragEnabled


async def test_that_a_large_array_is_cut_and_that_is_said(model, source):
    await filled(model, source)
    await opened(model, "MTM1M3", FORCES)
    mime = model.mimeData([model.index_at(("MTM1M3", FORCES, "force[30]"))])
    dragged = json.loads(mime.data(FIELDS_MIME).data())
    assert dragged == [f"{FORCES}:force{n}" for n in range(MOST_FIELDS)]
    assert "first 20 of 30" in model.status


async def test_that_an_index_into_a_tree_that_is_gone_finds_nothing(model, source):
    await filled(model, source)
    stale = model.index_at(("ATCamera", f"{CAMERA}.wreb"))
    model.setFilterText("power")
    assert stale.data(Roles.TOPIC) is None
    assert not model.parent(stale).isValid()


async def test_that_a_reload_that_fails_leaves_the_tree_and_says_so(model, source):
    await filled(model, source)
    before = texts(model)
    source.failure = UnreachableError("The host is gone.", hint="Check the VPN.")
    model.reload()
    assert texts(model) == before
    await settled()
    assert texts(model) == before
    assert "could not be listed again: The host is gone." in model.status
    source.failure = None
    model.reload()
    await settled()
    assert "could not" not in model.status
