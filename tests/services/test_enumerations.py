"""Labels of values: those of SAL, and the same where none are known."""

import csv
import gzip
import json

import pytest

from efdviewer.domain.topics import FieldRef
from efdviewer.resource_files import resource
from efdviewer.services.enumerations import label_of

ENUMERATIONS = {
    # Where SAL's own table has the labels: component and name of the enumeration.
    "SummaryState": ("(generic)", "State"),
    "Acknowledgement": ("(generic)", "SalRetCode"),
    "Script.ScriptState": ("Script", "ScriptState"),
    "Watcher.AlarmSeverity": ("Watcher", "AlarmSeverity"),
    "MTMount.AxisMotionState": ("MTMount", "AxisMotionState"),
    "MTMount.PowerState": ("MTMount", "PowerState"),
    "MTMount.DeployableMotionState": ("MTMount", "DeployableMotionState"),
    "MTM1M3.DetailedStates": ("MTM1M3", "DetailedStates"),
    "Camera.ShutterDetailedState": ("ATCamera", "ShutterDetailedState"),
    "Camera.ImageReadinessDetailedState": ("ATCamera", "ImageReadinessDetailedState"),
    "Camera.RaftsDetailedState": ("ATCamera", "RaftsDetailedState"),
    "ATPtg.DetailedStates": ("ATPtg", "DetailedStates"),
}


@pytest.mark.parametrize(
    ("field", "value", "label"),
    [
        ("lsst.sal.ATCamera.logevent_summaryState:summaryState", 2, "ENABLED"),
        ("lsst.sal.MTMount.logevent_azimuthMotionState:state", 4, "TRACKING"),
        ("lsst.sal.MTMount.logevent_azimuthSystemState:powerState", 15, "UNKNOWN"),
        ("lsst.sal.ATCamera.ackcmd:ack", -302, "FAILED"),
        ("lsst.sal.Script.logevent_state:state", 8, "DONE"),
        ("lsst.sal.Other.logevent_state:state", 8, "8"),
        ("lsst.sal.ATCamera.logevent_summaryState:summaryState", 77, "77"),
        ("lsst.sal.X.logevent_y:isOpen", True, "true"),
        ("lsst.sal.X.logevent_y:mode", 2.0, "2"),
        ("lsst.sal.X.logevent_y:mode", "idle", "idle"),
    ],
)
def test_that_a_value_has_the_words_of_its_enumeration_or_itself(field, value, label):
    ref = FieldRef.parse(field)
    assert label_of(ref.topic, ref.field, value) == label


def test_that_every_field_names_an_enumeration_that_is_there():
    table = json.loads(resource("enumerations.json").read_text(encoding="utf-8"))
    assert set(table["fields"].values()) == set(table["labels"])


def test_that_the_labels_are_those_of_sal(recordings):
    told: dict[tuple[str, str], dict[str, set[str]]] = {}
    with gzip.open(recordings / "sal" / "enums.csv.gz", "rt") as lines:
        for row in csv.DictReader(lines):
            if row["scope"] == "python":
                known = told.setdefault((row["csc"], row["enum"]), {})
                known.setdefault(row["value"], set()).add(row["label"].removeprefix("CMD_"))
    table = json.loads(resource("enumerations.json").read_text(encoding="utf-8"))
    compared = 0
    for name, place in ENUMERATIONS.items():
        for value, label in table["labels"][name].items():
            assert label in told[place][value], (name, value)
            compared += 1
    assert compared > 50
