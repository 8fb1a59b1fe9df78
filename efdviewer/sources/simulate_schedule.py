"""What happens in a simulated night: exposures, slews, states and messages, as moments."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SPAN_S = 20 * 3600.0
"""Length of the night, seconds."""
READOUT_S = 2.3
"""Time to read the detector out, seconds."""
FAULT_AT_S = 13.4 * 3600
"""When ATCamera goes to FAULT, seconds from the start."""
RECOVERED_AT_S = FAULT_AT_S + 1260.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """One image; moments in seconds from the start of the night."""

    number: int
    start_s: float
    duration_s: float
    image: str
    kind: str

    @property
    def integration_end_s(self) -> float:
        """When the shutter begins to close."""
        return self.start_s + self.duration_s

    @property
    def readout_s(self) -> float:
        """When the readout begins."""
        return self.integration_end_s + 0.35

    @property
    def readout_end_s(self) -> float:
        """When the readout ends."""
        return self.readout_s + READOUT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Slew:
    """A move of the mount between two targets."""

    start_s: float
    end_s: float
    azimuth_deg: float
    elevation_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """All that happens, in order."""

    exposures: tuple[Exposure, ...]
    slews: tuple[Slew, ...]
    states: dict[str, tuple[tuple[float, int], ...]] = field(default_factory=dict)


def plan_night(random: np.random.Generator, day_obs: int) -> Schedule:
    """Plan biases in the afternoon, flats at dusk and dawn, science in between with one fault."""
    exposures: list[Exposure] = []
    slews: list[Slew] = []
    moment = 3.2 * 3600
    for hours, kind, choices, pause in (
        (4.0, "BIAS", (0.0,), 35.0),
        (6.0, "FLAT", (1.0, 2.0, 5.0), 45.0),
        (18.2, "OBJECT", (15.0, 30.0, 30.0, 30.0), 14.0),
        (19.0, "FLAT", (1.0, 3.0), 45.0),
    ):
        moment = max(moment, hours * 3600 - {"BIAS": 0.8, "FLAT": 0.7, "OBJECT": 11.6}[kind] * 3600)
        while moment < hours * 3600:
            if kind == "OBJECT" and random.random() < 0.06:
                slew = _slew(random, moment)
                slews.append(slew)
                moment = slew.end_s + 4.0
            if FAULT_AT_S - 60 < moment < RECOVERED_AT_S:
                moment = RECOVERED_AT_S + 90.0
            number = len(exposures) + 1
            exposures.append(
                Exposure(
                    number=number,
                    start_s=moment,
                    duration_s=float(random.choice(choices)),
                    image=f"AT_O_{day_obs}_{number:06}",
                    kind=kind,
                )
            )
            moment = exposures[-1].readout_end_s + pause * float(random.uniform(0.6, 2.4))
    states = {
        "ATCamera": (
            (600.0, 5),
            (660.0, 1),
            (720.0, 2),
            (FAULT_AT_S, 3),
            (RECOVERED_AT_S - 90, 5),
            (RECOVERED_AT_S - 60, 1),
            (RECOVERED_AT_S, 2),
            (SPAN_S - 900, 1),
            (SPAN_S - 860, 5),
        ),
        "MTMount": ((900.0, 5), (930.0, 1), (990.0, 2), (SPAN_S - 700, 1), (SPAN_S - 660, 5)),
    }
    return Schedule(exposures=tuple(exposures), slews=tuple(slews), states=states)


def _slew(random: np.random.Generator, start_s: float) -> Slew:
    return Slew(
        start_s=start_s,
        end_s=start_s + float(random.uniform(8, 55)),
        azimuth_deg=float(random.uniform(-170, 170)),
        elevation_deg=float(random.uniform(35, 82)),
    )


def mount_positions(
    schedule: Schedule, moments_s: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give azimuth and elevation, (n,) float64 degrees: parked, slewing smoothly, tracking the sky."""
    azimuth = np.full(len(moments_s), -28.7)
    elevation = np.full(len(moments_s), 80.0)
    here = (-28.7, 80.0)
    ends = [slew.start_s for slew in schedule.slews[1:]] + [SPAN_S - 1800]
    for slew, until_s in zip(schedule.slews, ends, strict=True):
        first, arrived, last = np.searchsorted(moments_s, [slew.start_s, slew.end_s, until_s])
        part = (moments_s[first:arrived] - slew.start_s) / (slew.end_s - slew.start_s)
        smooth = part * part * (3 - 2 * part)
        azimuth[first:arrived] = here[0] + (slew.azimuth_deg - here[0]) * smooth
        elevation[first:arrived] = here[1] + (slew.elevation_deg - here[1]) * smooth
        tracked = moments_s[arrived:last] - slew.end_s
        azimuth[arrived:last] = slew.azimuth_deg + 0.0041 * tracked
        elevation[arrived:last] = slew.elevation_deg - 0.0019 * tracked
        if last > arrived:
            here = (float(azimuth[last - 1]), float(elevation[last - 1]))
            azimuth[last:], elevation[last:] = here
    return azimuth, elevation
