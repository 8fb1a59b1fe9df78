"""Filters are compared with the plainest way to say what they mean."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.search import SearchIndex

TOPICS = ["ATCamera.wreb", "ATCamera.wrebPower", "ATCamera.logevent_startReadout", "MTMount.azimuth"]
FIELDS = {0: ["temp1", "temp10"], 1: ["analog_I", "analog_V"], 3: ["actualPosition", "demandPosition"]}


@pytest.fixture
def index() -> SearchIndex:
    index = SearchIndex(TOPICS)
    for place, fields in FIELDS.items():
        index.learn(place, fields)
    return index


def found(index: SearchIndex, text: str) -> list[str]:
    return [TOPICS[place] for place in index.find(text).places]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", TOPICS),
        ("   ", TOPICS),
        ("*", TOPICS),
        ("WREB", TOPICS[:2]),
        ("power atcam", ["ATCamera.wrebPower"]),
        ("atcam power", ["ATCamera.wrebPower"]),
        ("power mount", []),
        ("at*read", ["ATCamera.logevent_startReadout"]),
        ("read*at", []),
        ("lsst.sal.ATCamera.wrebPower", ["ATCamera.wrebPower"]),
        ("lsst.sal.ATCamera.wrebPower:analog_I", ["ATCamera.wrebPower"]),
        ("analog", ["ATCamera.wrebPower"]),
        ("camera temp1", ["ATCamera.wreb"]),
        ("actual demand", []),
        ("act*pos mount", ["MTMount.azimuth"]),
        ("*e*e*a*", ["ATCamera.logevent_startReadout"]),
    ],
)
def test_that_all_words_have_to_match_in_any_order(index, text, expected):
    assert found(index, text) == expected


def test_that_words_missing_from_the_topic_are_told_for_its_fields(index):
    words = index.find("camera temp").places[0]
    (word,) = words
    assert word.among(["temp1", "salindex"]) == ["temp1"]
    assert index.find("wreb").places[0] == ()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("strtReadout", ["ATCamera.logevent_startReadout"]),
        ("wrbpower", ["ATCamera.wrebPower"]),
        ("camera wrebpwoer", ["ATCamera.wrebPower"]),
        ("azimth", ["MTMount.azimuth"]),
        ("actulposition", ["MTMount.azimuth"]),
        ("qqqqqq", []),
    ],
)
def test_that_a_slip_of_the_finger_finds_what_was_meant(index, typed, expected):
    assert found(index, typed) == expected
    assert index.find(typed).resembling


def test_that_what_is_there_is_preferred_to_what_resembles_it():
    index = SearchIndex(["A.azimuth", "A.azimut"])
    result = index.find("azimuth")
    assert list(result.places) == [0]
    assert not result.resembling


def test_that_fields_learned_later_are_found_although_the_word_was_typed_before():
    index = SearchIndex(["A.b"])
    assert not index.find("current").places
    index.learn(0, ["motorCurrent"])
    assert list(index.find("current").places) == [0]


names = st.text(alphabet="abAB.1", min_size=1, max_size=6)
words = st.text(alphabet="abB.1*", min_size=1, max_size=4)


@given(
    st.lists(st.tuples(names, st.lists(names, max_size=4)), min_size=1, max_size=6),
    st.lists(words, max_size=3),
)
def test_that_a_filter_equals_looking_at_every_name(topics, typed):
    index = SearchIndex(name for name, _ in topics)
    for place, (_, fields) in enumerate(topics):
        if fields:
            index.learn(place, fields)

    def holds(name: str, word: str) -> bool:
        return fnmatch.fnmatchcase(name.lower(), f"*{word.lower()}*")

    def matches(name: str, fields: list[str]) -> bool:
        missing = [word for word in typed if not holds(name, word)]
        return not missing or any(all(holds(field, word) for word in missing) for field in fields)

    expected = [place for place, topic in enumerate(topics) if matches(*topic)]
    result = index.find(" ".join(typed))
    if expected:
        assert list(result.places) == expected
        assert not result.resembling
    else:
        assert result.resembling
