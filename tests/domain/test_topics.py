"""Fields as text: what is written is what is read back, whatever the names and values hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.errors import BadInputError
from efdviewer.domain.topics import Equals, FieldRef, index_fields

TOPIC = "lsst.sal.ESS.temperature"
NAMES = st.text(alphabet=st.sampled_from('ab1.:,@;="\\ -\nü'), max_size=8) | st.text(max_size=8)
VALUES = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["true", "false", "0", "-1", "1.5", "1e3", ".5", "0x1", "nan", "inf", "1_000", ""])
    | NAMES
)
CONDITIONS = st.builds(lambda field, value: Equals(field=field, value=value), NAMES, VALUES)
REFS = st.builds(FieldRef, NAMES, NAMES, st.lists(CONDITIONS, max_size=3).map(tuple))


@given(REFS)
def test_that_a_field_survives_being_written_and_read(ref):
    assert FieldRef.parse(str(ref)) == ref


@pytest.mark.parametrize("other", [1.0, True, "1"])
def test_that_a_value_of_another_type_is_another_condition(other):
    one, another = (FieldRef(TOPIC, "x", (Equals(field="flag", value=value),)) for value in (1, other))
    assert one != another
    assert len({one, another, FieldRef(TOPIC, "x", (Equals(field="flag", value=1),))}) == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "salIndex=0"),
        (-1.5, "salIndex=-1.5"),
        (True, "salIndex=true"),
        ("R22", "salIndex=R22"),
        ("0", 'salIndex="0"'),
        ("false", 'salIndex="false"'),
        ("a=b", 'salIndex="a=b"'),
        ("a;b", 'salIndex="a;b"'),
        ("", 'salIndex=""'),
    ],
)
def test_that_conditions_are_written_as_people_type_them(value, text):
    ref = FieldRef(TOPIC, "temperatureItem0", (Equals(field="salIndex", value=value),))
    assert str(ref) == f"{TOPIC}:temperatureItem0;{text}"
    assert FieldRef.parse(str(ref)) == ref


def test_that_a_field_without_conditions_is_written_as_ever():
    assert str(FieldRef(TOPIC, "temperatureItem0")) == f"{TOPIC}:temperatureItem0"
    assert str(FieldRef("a;b", "c=d")) == '"a;b":c=d'


@pytest.mark.parametrize(
    "text", ["a", "a:b;", "a:b;c", "a:b;c=", "a:b;=1", "a:b;c=1=2", "a:b;c=1,d", "a:b:c"]
)
def test_that_what_is_no_field_is_refused(text):
    with pytest.raises(BadInputError, match="is not"):
        FieldRef.parse(text)


def test_that_titles_tell_devices_apart():
    where = (Equals(field="salIndex", value=0), Equals(field="sensorName", value="a\nb"))
    assert FieldRef(TOPIC, "x", where).title == "ESS.temperature.x · salIndex 0 · sensorName a b"
    assert FieldRef(TOPIC, "x").title == "ESS.temperature.x"


@pytest.mark.parametrize(
    ("topic", "fields", "tags", "found"),
    [
        (TOPIC, ["sensorName", "x", "salIndex"], [], ["salIndex", "sensorName"]),
        ("lsst.sal.MTHexapod.actuators", ["MTHexapodID", "x"], [], ["MTHexapodID"]),
        ("lsst.sal.MTHexapod.actuators", ["ESSID", "xID", "x"], [], []),
        ("focal_plane_Reb", ["temp"], ["Reb", "Raft"], ["Raft", "Reb"]),
        (TOPIC, ["salIndex"], ["salIndex"], ["salIndex"]),
    ],
)
def test_that_index_fields_are_known_by_name_and_tags_always(topic, fields, tags, found):
    assert index_fields(topic, fields, tags) == found


def test_that_a_field_is_split_by_device_index_0_included():
    assert [str(ref) for ref in FieldRef(TOPIC, "x").split("salIndex", [0, 1])] == [
        f"{TOPIC}:x;salIndex=0",
        f"{TOPIC}:x;salIndex=1",
    ]
