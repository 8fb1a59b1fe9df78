"""Each topic of the simulated night."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.sources.simulate_schedule import (
    FAULT_AT_S,
    READOUT_S,
    RECOVERED_AT_S,
    SPAN_S,
    Schedule,
    mount_positions,
)
from efdviewer.sources.simulate_tables import Stamper

CAMERA, MOUNT, ESS = "lsst.sal.ATCamera", "lsst.sal.MTMount", "lsst.sal.ESS"
CAMERA_PERIOD_S = 15.0
MOUNT_PERIOD_S = 0.05
PACKED_SAMPLES = 100
TRAJECTORY_AT_S = 30_000.0
TRACEBACK = """Traceback (most recent call last):
  File "/opt/camera/focal_plane.py", line 214, in read_out
    frame = await self.reb.fetch(timeout=READOUT_TIMEOUT)
  File "/opt/camera/reb.py", line 88, in fetch
    raise TimeoutError(f"REB {self.name}: no frame within {timeout} s")
TimeoutError: REB WREB: no frame within 10 s"""


def tables(
    schedule: Schedule, stamper: Stamper, random: np.random.Generator
) -> Iterator[tuple[str, pa.Table]]:
    """Give the topics one by one, with their rows."""
    yield from _camera_telemetry(schedule, stamper, random)
    yield from _exposures(schedule, stamper)
    yield from _mount(schedule, stamper, random)
    yield from _states(schedule, stamper)
    yield from _messages(schedule, stamper)
    yield from _environment(stamper, random)
    yield "lsst.sal.ATMCS.trajectory", _trajectory("lsst.sal.ATMCS.trajectory", stamper)


def _camera_telemetry(
    schedule: Schedule, stamper: Stamper, random: np.random.Generator
) -> Iterator[tuple[str, pa.Table]]:
    moments = np.arange(2.0, SPAN_S, CAMERA_PERIOD_S) + random.normal(
        0, 0.02, int(np.ceil((SPAN_S - 2) / 15))
    )
    # The power supply stays silent after the fault, until the camera is back.
    powered = moments[(moments < FAULT_AT_S + 30) | (moments > RECOVERED_AT_S - 200)]
    analog = 0.62 + random.normal(0, 0.002, len(powered))
    for exposure in schedule.exposures:
        first, closed, read = np.searchsorted(
            powered, [exposure.start_s, exposure.readout_s, exposure.readout_end_s]
        )
        analog[first:closed] += 0.018
        analog[closed:read] += 0.085
    drift = 0.01 * np.sin(2 * np.pi * powered / SPAN_S)
    columns = {"analog_I": analog + drift, "analog_V": 7.0 - 0.2 * (analog - 0.62)}
    for name, level, noise in (
        ("digital_I", 0.54, 0.001),
        ("digital_V", 5.05, 0.002),
        ("clkH_I", 0.13, 0.0008),
        ("clkH_V", 13.2, 0.004),
        ("od_I", 0.067, 0.0005),
        ("od_V", 36.4, 0.01),
    ):
        columns[name] = level + random.normal(0, noise, len(powered))
    yield f"{CAMERA}.wrebPower", stamper.table(f"{CAMERA}.wrebPower", powered, columns)
    cooling = -94.0 + 1.8 * np.exp(-moments / 5400) + 0.12 * np.sin(2 * np.pi * moments / 2700)
    warm = 14.0 - 4.5 * np.sin(np.pi * moments / SPAN_S) + 0.3 * np.sin(2 * np.pi * moments / 900)
    temperatures = {
        f"temp{number}": warm + 1.7 * number + random.normal(0, 0.03, len(moments)) for number in range(1, 7)
    }
    temperatures["ccdTemp0"] = cooling + random.normal(0, 0.01, len(moments))
    yield f"{CAMERA}.wreb", stamper.table(f"{CAMERA}.wreb", moments, temperatures)


def _exposures(schedule: Schedule, stamper: Stamper) -> Iterator[tuple[str, pa.Table]]:
    taken = schedule.exposures
    images = pa.array([exposure.image for exposure in taken])
    durations = np.array([exposure.duration_s for exposure in taken])
    starts = np.array([exposure.start_s for exposure in taken])
    own = {"imageName": images, "exposureTime": durations, "imageIndex": np.arange(1, len(taken) + 1)}
    for event, moments in (
        ("startIntegration", starts),
        ("endShutterOpen", starts + 0.42),
        ("endIntegration", starts + durations),
        ("endShutterClose", starts + durations + 0.31),
        ("startReadout", starts + durations + 0.35),
        ("endReadout", starts + durations + 0.35 + READOUT_S),
    ):
        topic = f"{CAMERA}.logevent_{event}"
        columns = own | {"timestampAcquisitionStart": stamper.tai_s(starts)}
        yield topic, stamper.table(topic, moments, columns)
    topic = f"{CAMERA}.command_takeImages"
    asked = {
        "expTime": durations,
        "numImages": np.ones(len(taken), np.int64),
        "shutter": np.array([exposure.kind != "BIAS" for exposure in taken]),
        "keyValueMap": pa.array([f"imageType: {exposure.kind}" for exposure in taken]),
    }
    yield topic, stamper.table(topic, starts - 0.6, asked)
    topic = f"{CAMERA}.ackcmd"
    acknowledged = {"ack": np.full(len(taken), 303), "result": pa.array(["Done"] * len(taken))}
    yield topic, stamper.table(topic, starts + durations + READOUT_S + 0.5, acknowledged)


def _mount(
    schedule: Schedule, stamper: Stamper, random: np.random.Generator
) -> Iterator[tuple[str, pa.Table]]:
    moments = np.arange(0.0, SPAN_S, MOUNT_PERIOD_S)
    positions = dict(zip(("azimuth", "elevation"), mount_positions(schedule, moments), strict=True))
    for name, demanded in positions.items():
        topic = f"{MOUNT}.{name}"
        velocity = np.gradient(demanded, MOUNT_PERIOD_S)
        columns = {
            "actualPosition": np.round(demanded + random.normal(0, 2e-5, len(moments)), 7),
            "demandPosition": np.round(demanded, 7),
            "actualVelocity": np.round(velocity, 5),
            "actualTorque": np.round(1400 + 900 * velocity, 0),
            "timestamp": stamper.tai_s(moments - 0.1),
        }
        yield topic, stamper.table(topic, moments, columns)
    slews = schedule.slews
    for name in positions:
        topic = f"{MOUNT}.logevent_{name}MotionState"
        changes = np.array([moment for slew in slews for moment in (slew.start_s, slew.end_s)])
        states = np.tile([2, 4], len(slews)).astype(np.int64)
        yield topic, stamper.table(topic, changes, {"state": states})
        topic = f"{MOUNT}.logevent_{name}InPosition"
        yield topic, stamper.table(topic, changes + 0.2, {"inPosition": np.tile([False, True], len(slews))})


def _states(schedule: Schedule, stamper: Stamper) -> Iterator[tuple[str, pa.Table]]:
    for csc, changes in schedule.states.items():
        topic = f"lsst.sal.{csc}.logevent_summaryState"
        moments = np.array([moment for moment, _ in changes])
        states = np.array([state for _, state in changes], np.int64)
        yield topic, stamper.table(topic, moments, {"summaryState": states})
        topic = f"lsst.sal.{csc}.logevent_heartbeat"
        yield topic, stamper.table(topic, np.arange(0.5, SPAN_S, 1.0), {})
        topic = f"lsst.sal.{csc}.logevent_errorCode"
        if csc == "ATCamera":
            report = {
                "errorCode": np.array([1402]),
                "errorReport": pa.array(["Readout timed out: WREB sent no frame"]),
                "traceback": pa.array([TRACEBACK]),
            }
            yield topic, stamper.table(topic, np.array([FAULT_AT_S - 0.2]), report)


def _messages(schedule: Schedule, stamper: Stamper) -> Iterator[tuple[str, pa.Table]]:
    rows: list[tuple[float, int, str, str, str]] = [
        (exposure.start_s - 0.5, 20, f"Taking {exposure.kind} {exposure.image}", "", "take_images")
        for exposure in schedule.exposures
    ]
    rows += [
        (exposure.readout_end_s + 0.1, 20, f"{exposure.image} written to storage", "", "store")
        for exposure in schedule.exposures[::3]
    ]
    rows += [
        (7200.0 + 2900 * number, 30, f"Vacuum gauge read {2.1 + 0.1 * number:.1f}e-07 Torr", "", "monitor")
        for number in range(20)
    ]
    rows.append((FAULT_AT_S - 10.2, 30, "WREB is slow to answer, waiting", "", "read_out"))
    rows.append((FAULT_AT_S - 0.1, 40, "Readout failed, going to FAULT", TRACEBACK, "read_out"))
    rows.append((RECOVERED_AT_S, 20, "Enabled again after power cycle of WREB", "", "do_enable"))
    rows.sort()
    topic = f"{CAMERA}.logevent_logMessage"
    columns = {
        "level": np.array([row[1] for row in rows], np.int64),
        "message": pa.array([row[2] for row in rows]),
        "traceback": pa.array([row[3] for row in rows]),
        "functionName": pa.array([row[4] for row in rows]),
        "name": pa.array(["ATCamera"] * len(rows)),
    }
    yield topic, stamper.table(topic, np.array([row[0] for row in rows]), columns)


def _environment(stamper: Stamper, random: np.random.Generator) -> Iterator[tuple[str, pa.Table]]:
    topic = f"{ESS}.temperature"
    moments = np.concatenate([np.arange(offset, SPAN_S, 3.0) for offset in (0.1, 1.1, 2.1)])
    device = np.concatenate(
        [np.full(len(np.arange(offset, SPAN_S, 3.0)), index) for index, offset in enumerate((0.1, 1.1, 2.1))]
    )
    outside = 11.0 - 5.0 * np.sin(np.pi * moments / SPAN_S) + 1.5 * device
    columns = {
        "salIndex": device.astype(np.int64),
        "sensorName": pa.array([f"ESS{index}-rack" for index in device]),
        "timestamp": stamper.tai_s(moments - 0.02),
    }
    for item in range(3):
        columns[f"temperatureItem{item}"] = np.round(
            outside + 0.4 * item + random.normal(0, 0.02, len(moments)), 3
        )
    yield topic, stamper.table(topic, moments, columns)
    yield f"{MOUNT}.cabinetVibration", _packed(f"{MOUNT}.cabinetVibration", stamper, random)


def _trajectory(topic: str, stamper: Stamper) -> pa.Table:
    """Give a hundred samples a second, packed by the second, of `trajectory_deg`; nothing says how far apart.

    Some minutes are missing, and one message stands alone.
    """
    seconds = np.concatenate([np.arange(0, 600), np.arange(780, 1080), [1200]]) + TRAJECTORY_AT_S
    offsets = np.arange(PACKED_SAMPLES) / PACKED_SAMPLES
    columns: dict[str, NDArray[np.float64]] = {"cRIO_timestamp": stamper.tai_s(seconds)}
    for name, angles in (
        ("elevation", trajectory_deg(seconds[:, None] + offsets)),
        ("azimuth", trajectory_deg(1.5 * (seconds[:, None] + offsets))),
    ):
        columns |= {f"{name}{index}": angles[:, index] for index in range(PACKED_SAMPLES)}
    return stamper.table(topic, seconds + 1.05, columns)


def trajectory_deg(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the angle at seconds from the begin of the night: a slow drift, and a swing of a second."""
    return np.asarray(40 + 0.004 * seconds + 0.02 * np.sin(2 * np.pi * seconds), np.float64)


def _packed(topic: str, stamper: Stamper, random: np.random.Generator) -> pa.Table:
    """Give arrays of 100 samples in each message, one message a minute, from `timestamp` on."""
    moments = np.arange(3.0, SPAN_S, 60.0)
    phase: NDArray[np.float64] = np.linspace(0, 20 * np.pi, PACKED_SAMPLES)
    noise = random.normal(0, 0.1, (len(moments), PACKED_SAMPLES))
    acceleration = np.round(0.3 * np.sin(phase)[None, :] + noise, 4)
    columns: dict[str, NDArray[np.float64]] = {
        "timestamp": stamper.tai_s(moments - 1.0),
        "interval": np.full(len(moments), 0.01),
    }
    columns |= {f"accelerationZ{index}": acceleration[:, index] for index in range(PACKED_SAMPLES)}
    return stamper.table(topic, moments, columns)
