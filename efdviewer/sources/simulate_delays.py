"""How long the messages of each topic of the simulated night take from sending to receiving."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """A log-normal delay with a tail: a share of the messages is late by an exponential time besides.

    `spread` is the standard deviation of the logarithm; `late_s` the mean lateness, within 20 ms and 3.7 s.
    """

    median_s: float = 0.0005
    spread: float = 0.45
    late_share: float = 1 / 300
    late_s: float = 0.8

    def draw(self, random: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Give delays, (count,) float64 seconds."""
        delays_s = random.lognormal(np.log(self.median_s), self.spread, count)
        late = random.random(count) < self.late_share
        delays_s[late] += random.exponential(self.late_s, int(late.sum())).clip(0.02, 3.7)
        return delays_s


_DELAYS: Mapping[str, Delay] = {
    "ATCamera.command_takeImages": Delay(median_s=0.0007, spread=0.3),
    "ATCamera.ackcmd": Delay(median_s=0.0007, spread=0.35),
    "ATCamera.logevent_startIntegration": Delay(median_s=0.00045),
    "ATCamera.logevent_endShutterOpen": Delay(median_s=0.0005, spread=0.35),
    "ATCamera.logevent_endIntegration": Delay(median_s=0.0005),
    "ATCamera.logevent_endShutterClose": Delay(median_s=0.00055, spread=0.35),
    "ATCamera.logevent_startReadout": Delay(median_s=0.0006, spread=0.5),
    "ATCamera.logevent_endReadout": Delay(median_s=0.0009, spread=0.6, late_share=1 / 120),
    "ATCamera.logevent_logMessage": Delay(median_s=0.002, spread=0.8, late_share=1 / 100, late_s=0.5),
    "ATCamera.wreb": Delay(median_s=0.0012, spread=0.5),
    "ATCamera.wrebPower": Delay(median_s=0.0011, spread=0.5),
    "MTMount.azimuth": Delay(median_s=0.0004, spread=0.3, late_share=1 / 3000, late_s=0.2),
    "MTMount.elevation": Delay(median_s=0.0004, spread=0.3, late_share=1 / 3000, late_s=0.2),
    "MTMount.cabinetVibration": Delay(median_s=0.003, spread=0.4),
    "ESS.temperature": Delay(median_s=0.006, spread=0.7, late_share=1 / 150, late_s=1.5),
}


def delay_of(topic: str) -> Delay:
    """Give the delay of a topic, `lsst.sal.CSC.name`; the same for all that have none of their own."""
    return _DELAYS.get(topic.removeprefix("lsst.sal."), Delay())
