import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from efdviewer.domain import edits
from efdviewer.domain.errors import EfdViewerError, SessionFormatError
from efdviewer.domain.session import LatencyPair, Layout, Session, ValueAxis
from efdviewer.domain.session_format import session_from_json, session_to_json
from efdviewer.domain.topics import Equals, FieldRef
from efdviewer.services.document import Document, load_session, save_session

FIELDS = [FieldRef("lsst.sal.ATCamera.wreb", f"temp{n}") for n in range(4)] + [
    FieldRef('odd "topic"', "a:b,c"),
    FieldRef("lsst.sal.ESS.temperature", "item0", (Equals(field="salIndex", value=0),)),
]


def some_edit(session: Session, choice: random.Random) -> Session:
    row = choice.randrange(len(session.rows)) if session.rows else 0
    acts = [
        lambda: edits.add_row(session, choice.sample(FIELDS, 2)),
        lambda: edits.set_time(session, f"now-{choice.randrange(1, 99)}h", "now"),
        lambda: edits.add_overlay(session, choice.choice(FIELDS).topic, "time"),
        lambda: edits.set_view(session, crosshair=choice.random() < 0.5, hidden_kinds=["events"]),
        lambda: edits.set_docks(session, choice.choice(["AAAA", "BBBB"])),
        lambda: edits.add_latency(session, LatencyPair(topic=choice.choice(FIELDS).topic)),
    ]
    if session.rows:
        acts += [
            lambda: edits.add_curves(session, row, [choice.choice(FIELDS)]),
            lambda: edits.set_value_axis(session, row, "left", ValueAxis(low=choice.random(), high=2.0)),
            lambda: edits.move_row(session, row, choice.randrange(len(session.rows))),
            lambda: edits.remove_row(session, row),
            lambda: edits.resize_rows(session, [choice.uniform(0.1, 3) for _ in session.rows]),
        ]
    return choice.choice(acts)()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_that_fifty_random_undos_and_redos_always_return_to_the_same_state(seed):
    choice = random.Random(seed)
    document = Document(Session())
    states = [document.session]
    for _ in range(25):
        changed = some_edit(document.session, choice)
        if changed != document.session:
            states.append(changed)
        document.apply("Edit", changed)
    position = len(states) - 1
    for _ in range(50):
        if choice.random() < 0.5:
            document.undo()
            position = max(0, position - 1)
        else:
            document.redo()
            position = min(len(states) - 1, position + 1)
        assert document.session == states[position]
    restored = session_from_json(session_to_json(states[-1]))
    assert restored == states[-1]


def test_that_the_ticks_of_one_gesture_are_one_step():
    document = Document(Session())
    for hours in (1, 2, 3):
        document.apply("Zoom", edits.set_time(document.session, f"now-{hours}h", "now"), gesture="wheel")
    document.undo()
    assert document.session == Session()
    assert document.redo_name == "Zoom"


def test_that_an_act_after_undo_forgets_what_was_undone():
    document = Document(Session())
    document.apply("Add plot", edits.add_row(document.session))
    document.undo()
    document.apply("Change time range", edits.set_time(document.session, "now-1h", "now"))
    assert document.redo_name is None
    assert document.undo_name == "Change time range"


def test_that_an_act_that_changes_nothing_leaves_no_step():
    document = Document(Session())
    document.apply("Change time range", edits.set_time(document.session, "now-20h", "now"))
    assert document.undo_name is None


def test_that_an_archive_beneath_the_file_is_kept_relative(tmp_path):
    archive = tmp_path / "night"
    archive.mkdir()
    (archive / "manifest.json").write_text("{}")
    path = tmp_path / "view.efdview"
    save_session(Session(source=str(archive)), path, layout=Layout())
    assert b'"source": "night"' in path.read_bytes()
    moved = tmp_path.parent / f"{tmp_path.name}-moved"
    tmp_path.rename(moved)
    assert load_session(moved / "view.efdview").source == str(moved / "night")


def test_that_the_layout_is_kept_and_only_its_docks_are_an_act(tmp_path):
    path = tmp_path / "view.efdview"
    layout = Layout(geometry="AAAA", docks="BBBB")
    save_session(Session(), path, layout=layout)
    assert load_session(path).layout == layout
    assert load_session(path) == Session(layout=Layout(docks="BBBB"))
    assert Session(layout=Layout(geometry="AAAA", size=(1, 2))) == Session()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "damaged"),
        (b'{"format": "efdviewer-session", "version": 2}', "version 2"),
        (b'{"format": "efdviewer-session"}', "version None"),
        (b'{"format": "other", "version": 1}', "not an efdviewer session"),
        (b'{"format": "efdviewer-session", "version": 1, "rows": 3}', "session.rows is not a list"),
        (b'{"format": "efdviewer-session", "version": 1, "rows": [{"curves": [{}]}]}', "lacks a part"),
        (b'{"format": "efdviewer-session", "version": 1, "new": 3}', "unknown part 'new'"),
        (b'{"format": "efdviewer-session", "version": 1, "timescale": "gps"}', "utc or tai"),
        (b'{"format": "efdviewer-session", "version": 1, "start": 3}', "session.start is 3"),
    ],
)
def test_that_a_damaged_or_newer_session_is_refused_in_one_line(tmp_path, text, words):
    path = tmp_path / "view.efdview"
    path.write_bytes(text)
    with pytest.raises(SessionFormatError) as caught:
        load_session(path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_that_a_session_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "view.efdview"
    save_session(Session(start="now-1h"), path, layout=Layout())

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(EfdViewerError, match="No space left"):
        save_session(Session(start="now-2h"), path, layout=Layout())
    assert load_session(path).start == "now-1h"
    assert [file.name for file in tmp_path.iterdir()] == ["view.efdview"]


def test_that_a_missing_session_is_named(tmp_path):
    with pytest.raises(SessionFormatError, match=r"gone\.efdview"):
        load_session(Path(tmp_path / "gone.efdview"))
