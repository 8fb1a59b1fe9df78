"""Which arrays are samples in time, and when each sample was taken."""

import numpy as np
import pytest

from efdviewer.domain.packed import packing_of, spacings_ns, unpacked_times
from efdviewer.domain.topics import FieldSchema, FieldType


def schemas(*parts: tuple[str, int], plain=("timestamp",)) -> list[FieldSchema]:
    names = [f"{stem}{place}" for stem, count in parts for place in range(count)]
    return [FieldSchema(name=name, type=FieldType.FLOAT, units="m/s2") for name in [*plain, *names]]


@pytest.mark.parametrize(
    ("topic", "fields", "arrays"),
    [
        ("lsst.sal.ATMCS.trajectory", schemas(("azimuth", 100), plain=("cRIO_timestamp",)), ["azimuth"]),
        (
            "lsst.sal.ESS.accelerometer",
            schemas(("accelerationX", 400), ("accelerationY", 400), plain=("timestamp", "interval")),
            ["accelerationX", "accelerationY"],
        ),
        ("lsst.sal.MTVMS.data", schemas(("accelerationX", 50)), ["accelerationX"]),
        # Spectra, actuators and channels are no samples in time.
        ("lsst.sal.MTVMS.psd", schemas(("accelerationPSDX", 200), plain=("timestamp", "interval")), None),
        ("lsst.sal.ESS.accelerometerPSD", schemas(("accelerationPSDX", 201)), None),
        ("lsst.sal.MTM1M3.forceActuatorData", schemas(("zForce", 156)), None),
        ("lsst.sal.ESS.temperature", schemas(("temperatureItem", 8), plain=("timestamp", "interval")), None),
        ("lsst.sal.ATMCS.trajectory", schemas(("azimuth", 100), plain=()), None),
    ],
)
def test_packed_topics_are_told_from_others(topic, fields, arrays):
    packing = packing_of(topic, fields)
    assert (sorted(packing.arrays) if packing else None) == arrays


def test_every_topic_of_the_real_tables_that_packs_samples_is_known(recordings):
    import csv
    import gzip

    with gzip.open(recordings / "sal" / "fields.csv.gz", "rt") as lines:
        topics: dict[str, list[FieldSchema]] = {}
        for row in csv.DictReader(lines):
            if row["kind"] == "telemetry":
                count = int(row["count"])
                names = [row["field"]] if count == 1 else [f"{row['field']}{place}" for place in range(count)]
                kind = FieldType.STRING if row["type"] == "string" else FieldType.FLOAT
                topics.setdefault(row["topic"], []).extend(
                    FieldSchema(name=name, type=kind) for name in names
                )
    packed = {topic.removeprefix("lsst.sal.") for topic, known in topics.items() if packing_of(topic, known)}
    assert {name for name in packed if not name.startswith("ATMCS.")} == {
        "ATPtg.mountPositions",
        "ESS.accelerometer",
        "ESS.earthquakeBroadBandHighGain",
        "ESS.earthquakeBroadBandLowGain",
        "ESS.earthquakeHighBroadBandHighGain",
        "ESS.earthquakeHighBroadBandLowGain",
        "MTVMS.data",
    }
    assert len(packed) == 15


def test_messages_fill_the_time_to_the_nearer_neighbour():
    second = 10**9
    first = np.array([0, 1, 2, 50, 100, 103, 104], np.int64) * second
    spacing = spacings_ns(first, 100) * 100 / second
    # A gap is not filled, and who stands alone holds a second.
    np.testing.assert_allclose(spacing, [1, 1, 1, 1, 3, 1, 1])
    moments = unpacked_times(first, spacings_ns(first, 100), 100).ravel()
    assert (np.diff(moments) > 0).all()


def test_a_single_message_holds_a_second():
    assert spacings_ns(np.array([7], np.int64), 50).tolist() == [2e7]
    assert spacings_ns(np.empty(0, np.int64), 50).tolist() == []
